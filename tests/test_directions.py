"""A training that is done is drawn as one likes: by other views, layer, theme, clock and words."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import (
    Comparison,
    Film,
    Recorder,
    Recording,
    Timeline,
    grids,
    record,
    render,
    views,
)
from nnanim.commands.directions import views_in
from nnanim.errors import RecordingError, SceneError, UsageError
from nnanim.marks import Mark
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.rendering.stills import contact, still
from nnanim.rendering.subject import directed
from nnanim.results import results
from nnanim.scene.directions import rows_of
from nnanim.sheet.look import Look
from nnanim.themes import light
from nnanim.view import Panel
from tests.recordings import FIT, RINGS

Nnanim = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]

SHORT = replace(RINGS, training=replace(RINGS.training, epochs=3))
SIZE = (160, 90)


@cache
def trained() -> Recording:
    """Return a recording of two hidden layers that names no views."""
    return record(SHORT)


@pytest.fixture
def own_loop(tmp_path: Path) -> Path:
    """The recording of a training loop of one's own, own.safetensors, its layers called 0, 1 …"""
    torch.manual_seed(0)
    x = torch.rand(60, 2) * 2 - 1
    y = (x.norm(dim=1) > 0.7).float()[:, None]
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
    path = tmp_path / "own.safetensors"
    with Recorder(path, model, data=(x, y), loss="bce_with_logits") as recorder:
        for epoch in range(3):
            recorder.snapshot(loss=0.7, epoch=epoch)
    return path


def titles(film: Film) -> list[str]:
    """Return the titles of the panels that a film shows."""
    sheet = renderer_of(film, Look(SIZE, light, False)).sheet
    return [panel.title for panels in sheet.panels for panel in panels]


def test_a_recording_is_drawn_by_other_views_layer_theme_clock_and_words() -> None:
    """What is given holds, what is left out stays, and the recording itself is as it was."""
    clock = Timeline(seconds=1.0, fps=5.0)
    drawn = trained().with_(
        views=[views.Network()], layer="hidden1", theme="light", title="Mine", timeline=clock
    )
    film = Film(drawn)

    assert film.layer == "hidden1"
    assert film.timeline == clock
    assert film.header.title == "Mine"
    assert film.header.description == trained().header.description
    assert titles(film) == titles(Film(record(replace(SHORT, views=[views.Network()]))))
    assert np.array_equal(film.frame(0.5, SIZE), film.frame(0.5, SIZE, "light"))
    assert Film(trained()).layer == "hidden2"


def test_directions_add_up() -> None:
    """A second call changes what it names alone, and no views are those of the task again."""
    first = trained().with_(views=[views.Network()], layer="hidden1")
    second = first.with_(theme="light", grid=grids.Square(count=3))

    assert titles(Film(second)) == titles(Film(first))
    assert Film(second).layer == "hidden1"
    assert len(Film(second).grid_lines) < len(Film(first).grid_lines)
    assert titles(Film(first.with_(views=[]))) == titles(Film(trained().with_(layer="hidden1")))


def test_how_it_is_drawn_is_no_part_of_a_recording(tmp_path: Path) -> None:
    """Equality, pickles and files leave views, clock and theme out."""
    drawn = trained().with_(views=[views.Network()], theme="light", timeline=Timeline(seconds=1))
    saved = Recording.load(drawn.save(tmp_path / "run.safetensors"))

    assert drawn == trained()
    assert pickle.loads(pickle.dumps(drawn)).scene is None
    assert saved == trained()
    assert saved.scene is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"layer": "hiden1"}, "did you mean 'hidden1'?"),
        ({"layer": 1}, "layer=1: expected a text"),
        ({"layer": ""}, "unknown layer ''"),
        ({"views": views.Network()}, "expected a list, as [views.HiddenSpace()]"),
        ({"views": [views.Network]}, "the class Network: expected a view, Network()"),
        ({"views": [views.Network(), [views.Loss()]]}, "mixes views and rows"),
        ({"views": ["Network()"]}, "views hold 'Network()'"),
        ({"theme": "lihgt"}, "did you mean 'light'?"),
        ({"timeline": 4}, "timeline=4: expected Timeline(seconds=12, …)"),
        ({"title": 4}, "title=4: expected a text"),
        ({"description": b"x"}, "description=b'x': expected a text"),
        ({"grid": grids.Square}, "expected a grid"),
    ],
)
def test_what_a_recording_cannot_be_drawn_by_is_refused_at_once(
    wrong: dict[str, Any], says: str
) -> None:
    """One line says what came and what was expected, before any film is made."""
    with pytest.raises(SceneError) as refusal:
        trained().with_(**wrong)

    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


class Own(nn.Module):
    """A network that is no stack of known layers."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.outer = nn.Linear(2, 3), nn.Linear(3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one logit."""
        return self.outer(torch.tanh(self.inner(x)))  # type: ignore[no-any-return]


def test_a_recording_without_its_network_takes_a_layer_until_the_film_knows_better(
    tmp_path: Path,
) -> None:
    """The film, which is given the network, refuses a layer that it has not."""
    x, y = torch.rand(20, 2), (torch.rand(20, 1) > 0.5).float()
    path = tmp_path / "run.safetensors"
    with Recorder(path, Own(), data=(x, y), loss="bce_with_logits") as recorder:
        recorder.snapshot(loss=1.0)
    recording = Recording.load(path)

    assert Film(recording.with_(layer="inner"), Own).layer == "inner"
    with pytest.raises(RecordingError, match="did you mean 'inner'"):
        Film(recording.with_(layer="iner"), Own)


@pytest.mark.parametrize("subject", ["recording", "scene"])
def test_render_still_and_contact_take_views_and_layer(subject: str, tmp_path: Path) -> None:
    """Of a recording and of a scene, they go before its own."""
    of: Any = trained() if subject == "recording" else SHORT
    asked: dict[str, Any] = {"views": [views.HiddenSpace(), views.Loss()], "layer": "hidden1"}
    drawn = of.with_(**asked) if isinstance(of, Recording) else replace(of, **asked)

    cases: list[tuple[str, Any, dict[str, Any]]] = [("asked", of, asked), ("drawn", drawn, {})]
    for name, made_of, given in cases:
        render(made_of, tmp_path / f"{name}.gif", seconds=0.2, size=(320, 180), **given)
        still(made_of, tmp_path / f"{name}.png", epoch=3, size=(320, 180), **given)
        contact(made_of, tmp_path / f"{name}.svg", [0, 3], size=(320, 180), **given)

    for kind in ("gif", "png", "svg"):
        made, expected = (tmp_path / f"{name}.{kind}" for name in ("asked", "drawn"))
        assert made.read_bytes() == expected.read_bytes()


def test_all_columns_of_a_comparison_take_views_and_layer() -> None:
    """Recordings as well as scenes."""
    drawn = directed(
        Comparison([trained(), SHORT], title="Both"), views=[views.Network()], layer="hidden1"
    )
    film = film_of(drawn)

    assert [tile.layer for tile in film.tiles] == ["hidden1", "hidden1"]
    scenes = [tile.recording.scene for tile in film.tiles]
    assert [tuple(map(tuple, scene.rows)) for scene in scenes if scene] == [
        ((views.Network(),),)
    ] * 2
    assert film.header.title == "Both"


@dataclass(frozen=True)
class Broken:
    """A view with a mistake in it."""

    def panels(self, film: Film) -> list[Panel]:
        """Return nothing, for it fails."""
        raise TypeError(f"no panel of {film.layer}")

    def marks(self, film: Film, t: float) -> list[list[Mark]]:
        """Return none."""
        del film, t
        return []


@pytest.mark.parametrize("subject", [trained, lambda: Comparison([trained(), trained()])])
def test_views_that_cannot_be_drawn_of_a_recording_are_one_line(
    subject: Callable[[], Any], tmp_path: Path
) -> None:
    """A view that fails is named, as in a scene, and no file is left."""
    for draw, name in ((render, "a.gif"), (still, "a.png")):
        with pytest.raises(SceneError, match=r"^the view Broken failed: TypeError: no panel of"):
            draw(subject(), tmp_path / name, views=[Broken()])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("draw", [render, still])
def test_what_no_film_can_be_made_of_is_refused(draw: Any, tmp_path: Path) -> None:
    """A path is no subject: it is loaded first."""
    with pytest.raises(UsageError, match="a Scene, a Comparison or a Recording, not of str"):
        draw("run.safetensors", tmp_path / "a.png")


def test_recordings_and_scenes_are_compared(request: pytest.FixtureRequest) -> None:
    """Recordings are not trained; names, clock and table are those of scenes."""
    longer = replace(trained(), header=replace(trained().header, name="other"))
    request.getfixturevalue("no_training")

    film = film_of(Comparison([trained().with_(title="a"), longer], names=["a", "b"]))

    assert list(film.names) == ["a", "b"]
    assert film.clock.face == "epochs"
    assert film.header.title == "2 networks compared"
    assert film.header.seed == 1
    assert [row["epochs"] for row in results(film)] == [3.0, 3.0]
    assert [row["score"] for row in results(film)] == [Film(trained()).score(3.0)] * 2


def test_a_recording_stands_beside_a_scene_as_its_own_scene_would() -> None:
    """Mixed with a scene that is trained, it shows what the two scenes show."""
    other = replace(SHORT, training=replace(SHORT.training, epochs=5))
    said: dict[str, Any] = {"views": [views.HiddenSpace()], "title": "Both"}
    mixed = film_of(Comparison([trained(), other], **said))
    scenes = film_of(Comparison([SHORT, other], **said))

    assert mixed.clock.face == scenes.clock.face == "share"
    assert np.array_equal(mixed.frame(6.0, (320, 180)), scenes.frame(6.0, (320, 180)))
    assert [tile.recording for tile in mixed.tiles] == [tile.recording for tile in scenes.tiles]


def test_columns_of_recordings_are_named_by_their_names() -> None:
    """Where no names are given and the names differ."""
    named = [
        replace(trained(), header=replace(trained().header, name=name)) for name in ("tanh", "relu")
    ]

    assert list(film_of(Comparison(named)).names) == ["tanh", "relu"]


def test_what_recordings_cannot_be_compared_by_is_refused() -> None:
    """Other tasks, a seed for what is trained, and what is neither scene nor recording."""
    with pytest.raises(SceneError, match="tasks binary and regression: expected one task"):
        Comparison([trained(), FIT])
    with pytest.raises(SceneError, match=r"seed=3, but .* is a recording, whose training is done"):
        Comparison([trained(), SHORT], seed=3)
    with pytest.raises(SceneError, match="Comparison holds Film: expected scenes and recordings"):
        Comparison([trained(), Film(trained())])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Network()", [views.Network()]),
        ("Network(), HiddenSpace3D('1')", [views.Network(), views.HiddenSpace3D("1")]),
        (" [ views.Network(), Loss(),] ", [views.Network(), views.Loss()]),
        ("[Network()], [Loss(), Network()]", [[views.Network()], [views.Loss(), views.Network()]]),
        ("InputSpace(badge=True)", [views.InputSpace(badge=True)]),
        ("[]", []),
    ],
)
def test_views_are_read_as_they_are_written(text: str, meant: list[Any]) -> None:
    """A list, a row of several, and rows in brackets, with plain values."""
    assert views_in(text) == meant


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "Netwrok()",
            "unknown view 'Netwrok'",
        ),
        ("Netwrok()", "did you mean 'Network'?"),
        ("Network", "Network is the name of a view: expected a call, as Network()"),
        ("Network(colour=1)", "unknown argument of Network 'colour'"),
        ("Network(*[])", "no plain values"),
        (f"Network({'1, ' * 30})", "Network: TypeError: "),
        ("Network(", "cannot be read as a list of views"),
        ("", "cannot be read as a list of views"),
        ("(" * 500, "cannot be read as a list of views"),
        ("Network(), [Loss()]", "mixes views and rows"),
        ("Row([Network()], height=-1)", "Row(height=-1): expected a number above 0"),
        ("Row(Network())", "expected a row of views, as Row([HiddenSpace()], height=2)"),
        ("Row([Network()], high=2)", "expected a row of views"),
        ("3", "3 is no view"),
        ("Network()()", "is no view"),
        ("lambda: 0", "is no view"),
        ("os.system('true')", "is no view"),
        ("__import__('os')", "unknown view '__import__'"),
        ("Network(**{'layer': 1})", "argument"),
        ("HiddenSpace(*['1'])", "no plain values"),
        ("HiddenSpace(open('made', 'w'))", "no plain values"),
        ("HiddenSpace(f'{1}')", "no plain values"),
        ("[Network() for _ in 'ab']", "is no view"),
    ],
)
def test_views_that_are_none_are_refused_and_nothing_is_run(
    text: str, says: str, run: Path, refused: Refused
) -> None:
    """One line says what is wrong, with the exit code of a command that cannot be."""
    refused("still", run, "--views", text, code=2, says=("--views", says))


def svg(nnanim: Nnanim, *arguments: object) -> str:
    """Return the still that a command line draws."""
    code, out, err = nnanim("still", *arguments, "-o", "a.svg", "-r", "960x540")
    assert code == 0, err
    return Path(out.strip()).read_text()


@pytest.mark.parametrize("kind", ["recording", "scene"])
def test_layer_and_views_are_said_on_the_command_line(
    kind: str, own_loop: Path, scene_file: Callable[..., Path], nnanim: Nnanim
) -> None:
    """For recordings as for scenes; the layer is that of every view that names none."""
    scene = scene_file(model="models.mlp(2, 3, 2, 1, output='sigmoid')")
    subject, layer = (own_loop, "1") if kind == "recording" else (scene, "hidden1")

    drawn = svg(nnanim, subject, "--layer", layer, "--views", "HiddenSpace(), Loss()")

    assert "Hidden layer 1" in drawn
    assert "Hidden layer 2" not in drawn
    assert "Input space" not in drawn


def test_films_and_contact_sheets_take_them_too(own_loop: Path, nnanim: Nnanim) -> None:
    """As in `render` of Python."""
    asked = ("--layer", "1", "--views", "Network(), HiddenSpace3D('1')", "-r", "320x180")
    film = nnanim("render", own_loop, "-o", "a.gif", "--seconds", 0.2, *asked)
    sheet = nnanim("sheet", own_loop, "-o", "a.png", "--epochs", "0,2", *asked)

    assert (film[0], film[1].strip()) == (0, "a.gif"), film[2]
    assert (sheet[0], sheet[1].strip()) == (0, "a.png"), sheet[2]


def test_an_unknown_layer_names_those_there_are(
    run: Path, scene_file: Callable[..., Path], refused: Refused
) -> None:
    """Of a recording and of a scene, as `export` says it."""
    for subject in (run, scene_file()):
        says = ("unknown layer 'hiden1'", "did you mean 'hidden1'?")
        refused("still", subject, "--layer", "hiden1", code=3, says=says)


LOOK = '''"""How we draw."""

from nnanim import Scene, Timeline, datasets, models, views

print("look is read")
scene = Scene(
    dataset=datasets.polynomial(n=20),
    model=models.mlp(1, 2, 1),
    views=[views.Network()],
    theme="light",
    title="In our way",
    timeline=Timeline(seconds=0.2, fps=10),
)
'''


@pytest.mark.parametrize("kind", ["recording", "scene"])
def test_a_scene_file_says_how_another_training_is_drawn(
    kind: str,
    tmp_path: Path,
    own_loop: Path,
    scene_file: Callable[..., Path],
    nnanim: Nnanim,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its views, clock, theme and words are taken; that its data are not is said in one line."""
    caplog.set_level("INFO", "nnanim")
    (tmp_path / "look.py").write_text(LOOK)
    subject = own_loop if kind == "recording" else scene_file()

    code, out, err = nnanim("still", subject, "--like", "look.py", "-o", "a.svg")
    drawn = Path("a.svg").read_text()
    film = nnanim("render", subject, "--like", "look.py", "-o", "a.mp4", "-r", "320x180", "--json")

    assert (code, out) == (0, "a.svg\n")
    assert "look is read" in err
    lines = caplog.messages
    assert sum("its data, model, layer and training are not" in line for line in lines) == 2
    assert "In our way" in drawn
    assert "How we draw." in drawn
    assert light.ground.lower() in drawn.lower()
    assert "Hidden layer" not in drawn
    assert '"frames": 2,' in film[1]


def test_what_is_said_beside_a_look_goes_before_it(
    tmp_path: Path, own_loop: Path, nnanim: Nnanim
) -> None:
    """Views, layer and theme of the command line; the rest stays the look's."""
    (tmp_path / "look.py").write_text(LOOK)
    asked = ("--like", "look.py", "--views", "HiddenSpace()", "--layer", "1", "--theme", "dark")
    drawn = svg(nnanim, own_loop, *asked)

    assert "Hidden layer 1" in drawn
    assert "In our way" in drawn
    assert light.ground.lower() not in drawn.lower()


@pytest.mark.parametrize(
    ("like", "code", "says"),
    [
        ("nowhere.py", 2, "scene file"),
        (".", 2, "expected a scene file, as look.py"),
        ("run.safetensors", 2, "expected a scene file, as look.py"),
        ("broken.py", 3, "broken.py:1"),
        ("both.py", 2, "--like both.py: expected a file of one scene"),
        ("needy.py", 2, "one scene, whose parameters all have defaults"),
    ],
)
def test_a_look_that_is_no_scene_file_is_refused(
    like: str, code: int, says: str, tmp_path: Path, run: Path, refused: Refused
) -> None:
    """One line says what was expected, and names the look, not the recording."""
    (tmp_path / "broken.py").write_text("scene = nothing\n")
    both = LOOK.replace("scene = Scene", "one = Scene") + "scene = Comparison([one, one])\n"
    both = both.replace("import Scene", "import Comparison, Scene").replace("print", "str")
    (tmp_path / "both.py").write_text(both)
    (tmp_path / "needy.py").write_text("def scene(width):\n    return None\n")

    line = refused("still", run, "--like", like, code=code, says=(says,))

    assert not line.startswith(f"nnanim: {run}")


def test_recordings_and_scenes_are_compared_on_the_command_line(
    tmp_path: Path, run: Path, own_loop: Path, scene_file: Callable[..., Path], nnanim: Nnanim
) -> None:
    """Their columns are named after the files; the table holds what each ended with."""
    code, out, err = nnanim(
        *("compare", run, own_loop, scene_file(), "--views", "InputSpace()"),
        *("-o", "a.gif", "-r", "640x360", "--seconds", 0.2, "--table", "t.csv"),
    )
    table = (tmp_path / "t.csv").read_text().splitlines()

    assert code == 0, err
    assert out.split() == ["a.gif", "t.csv"]
    assert [line.split(",")[0] for line in table[1:]] == ["run", "own", "tiny"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--seed", 3), "its training is done, leave --seed out"),
        (("--set", "width=2"), "its training is done, leave --set out"),
    ],
)
def test_what_trains_means_nothing_to_recordings_that_are_compared(
    more: tuple[object, ...], says: str, run: Path, own_loop: Path, refused: Refused
) -> None:
    """Nor does a comparison need fewer than two."""
    refused("compare", run, own_loop, *more, code=2, says=(says,))
    refused("compare", run, code=2, says=("at least two scenes or recordings",))


def test_rows_of_the_command_line_have_heights() -> None:
    """As in a scene file; a list is a row of height 1."""
    found = views_in("Row([Network(), Loss()], height=2), [Fit()]")

    assert rows_of(found) == (
        views.Row([views.Network(), views.Loss()], height=2),
        views.Row([views.Fit()]),
    )
