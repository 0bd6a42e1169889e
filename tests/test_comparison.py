"""Several scenes in one film: shared limits, one clock, each tile as if it were alone."""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Comparison, Film, Scene, models, render, views
from nnanim.camera import Camera
from nnanim.commands.subjects import compared
from nnanim.drawing.typesetter import shortened, width
from nnanim.errors import SceneError, UsageError
from nnanim.marks import HeightField, Lines, Mark, Plane, Points
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.rendering.results import results
from nnanim.rendering.stills import contact, still
from nnanim.sheet.blocks import Stand
from nnanim.sheet.columns import InTile, columns
from nnanim.sheet.layout import Layout
from nnanim.sheet.renderer import Renderer
from nnanim.sheet.sheet import Sheet
from nnanim.sheet.strip import Strip
from nnanim.tables import write_table
from nnanim.view import ColorBar, Panel, View
from tests.pictures import look
from tests.recordings import FIT, RINGS, rings_film

SIZE = (640, 360)
SPACES: list[View] = [views.InputSpace(), views.HiddenSpace()]


def of_width(width: int, activation: str = "tanh") -> Scene:
    """Return rings through a first layer of that width."""
    model = models.mlp(2, width, 2, 1, activation=activation, output="sigmoid")
    return replace(RINGS, model=model)


def over(widths: Sequence[int], **more: Any) -> Comparison:
    """Return the comparison of those widths."""
    return Comparison.over(of_width, {"width": widths}, timeline=RINGS.timeline, **more)


@cache
def relu_film() -> Film:
    """Return three widths of unbounded units, whose own limits differ."""
    scenes = [of_width(width, "relu") for width in (2, 3, 5)]
    return film_of(Comparison(scenes, timeline=RINGS.timeline), cache=False)


@cache
def alike(count: int) -> Film:
    """Return so many times the same network, side by side."""
    parts, names = [rings_film().recording] * count, [f"width = {k}" for k in range(count)]
    return film_of(Comparison(parts, names=names, views=[views.HiddenSpace()]))


def tiles_of(sheet: Sheet) -> list[InTile]:
    """Return the views of all tiles."""
    return [view for row in sheet.rows for view in row if isinstance(view, InTile)]


@pytest.mark.parametrize("size", [(640, 360), (500, 900)])
@pytest.mark.parametrize("t", [0.0, 1.3, 3.9])
def test_a_tile_is_its_panel_rendered_alone(size: tuple[int, int], t: float) -> None:
    """Pixel by pixel, given the same place, limits and clock."""
    sheet = renderer_of(relu_film(), look(size=size)).sheet
    whole = Renderer(sheet).frame(t)

    for view, (place,) in zip(tiles_of(sheet), sheet.placements[:-1], strict=True):
        box = place.box
        alone = Sheet(view.tile, [[view.view]], look(size, bare=True))
        stand = Stand(box, None, box.top, box.width, False, False, False, None)
        layout = Layout(0, 0, 0, (stand,), None, None, 0, 0, 0)
        shown = list(view.shown)
        alone.__dict__.update(layout=layout, panels=[shown])
        picture = Renderer(alone).frame(t)

        inside = np.s_[box.top : box.bottom, box.left : box.right]
        np.testing.assert_array_equal(whole[inside], picture[inside])


def test_limits_are_those_that_hold_every_tile() -> None:
    """Of the layer looked at, over all tiles; so do the panels'."""
    film = relu_film()
    own = np.array([Film(tile.recording).limits("hidden2") for tile in film.tiles])

    for tile in film.tiles:
        np.testing.assert_array_equal(tile.limits("hidden2")[:, 0], own[..., 0].min(axis=0))
        np.testing.assert_array_equal(tile.limits("hidden2")[:, 1], own[..., 1].max(axis=0))
    assert len({own.tobytes() for own in own}) == 3
    sheet = renderer_of(film, look(size=SIZE)).sheet
    for k in (0, 1):
        limits = {(v.shown[0].x, v.shown[0].y) for v in tiles_of(sheet) if v.view == SPACES[k]}
        assert len(limits) == 1


@dataclass(frozen=True)
class Corners:
    """A panel for each unit of the layer, with limits and legend as its author has them at hand."""

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return a panel for each unit."""
        legend: Any = [["corner", "class0"]]
        rows: Any = film.limits("hidden1")
        return [Panel(f"unit {i}", row, row, legend=legend) for i, row in enumerate(rows)]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return nothing."""
        del t
        return [[] for _ in film.limits("hidden1")]


def test_limits_may_be_arrays_where_tiles_have_different_panels() -> None:
    """As film.limits gives them."""
    scenes = [replace(of_width(width), views=[Corners()]) for width in (2, 3)]

    sheet = renderer_of(film_of(Comparison(scenes)), look(SIZE)).sheet

    assert [len(view.shown) for view in tiles_of(sheet)] == [2, 3]


def test_a_comparison_and_its_tiles_are_films_as_any_other() -> None:
    """Of one class: they share a clock and limits, where a film alone has its own."""
    film = relu_film()
    alone = Film(film.tiles[0].recording)

    assert {type(film), *map(type, film.tiles)} == {Film}
    assert alone.tiles == (alone,)
    assert film.time_at(4.0) == film.tiles[0].time_at(4.0) != alone.time_at(4.0)
    assert not np.array_equal(film.limits("hidden2"), alone.limits("hidden2"))


def test_an_epoch_beyond_the_longest_training_is_refused() -> None:
    """As in a film alone, by a comparison and by each tile for its own training."""
    short = replace(of_width(2), training=replace(RINGS.training, epochs=4))
    film = film_of(Comparison([short, RINGS], clock="epochs", timeline=RINGS.timeline))

    with pytest.raises(UsageError, match="epoch 9 is not in the film: it runs from 0 to 8"):
        film.time_at(9)
    with pytest.raises(UsageError, match="epoch 5 is not in the film: it runs from 0 to 4"):
        film.tiles[0].time_at(5)


def test_all_tiles_show_the_same_epoch() -> None:
    """At any time of the film; the longest training sets the end."""
    short = replace(of_width(2), training=replace(RINGS.training, epochs=4))
    film = film_of(Comparison([short, RINGS], clock="epochs", timeline=RINGS.timeline))

    for t in np.linspace(0, 4, 9):
        first, second = (tile.moment(float(t)) for tile in film.tiles)
        assert second == film.moment(float(t))
        assert first == min(second, 4.0)
    assert film.time_at(4.0) == film.tiles[0].time_at(4.0) == film.tiles[1].time_at(4.0)


def test_trainings_of_different_lengths_share_what_part_is_over() -> None:
    """Unless another clock is asked for; the picture then tells the share."""
    short = replace(of_width(2), training=replace(RINGS.training, epochs=4))
    film = film_of(Comparison([short, RINGS], timeline=RINGS.timeline))

    assert film.clock.face == "share"
    for t in np.linspace(0, 4, 9):
        first, second = (tile.moment(float(t)) for tile in film.tiles)
        assert first / 4 == pytest.approx(second / 8)
        assert film.tiles[0].time_at(first) == pytest.approx(film.tiles[1].time_at(second))


def test_the_strip_has_the_loss_of_every_tile() -> None:
    """On one scale, in a colour and shape of its own, each up to the playhead."""
    film = relu_film()

    (marks,) = Strip().marks(film, film.timeline.seconds)

    curves = [mark for mark in marks if isinstance(mark, Lines)]
    heads = [mark for mark in marks if isinstance(mark, Points)]
    assert len(curves) == len(heads) == len({curve.color for curve in curves}) == 3
    losses = np.concatenate([tile.history.loss for tile in film.tiles])
    heights = np.concatenate([curve.paths[0][:, 1] for curve in curves])
    lowest, highest = losses.argmin(), losses.argmax()
    assert heights[lowest] == heights.min()
    assert heights[highest] == heights.max()
    assert [head.xy[0, 0] for head in heads] == [8.0] * 3


def test_names_tell_parameter_and_score() -> None:
    """The last as the figures would tell it of the tile alone."""
    film = film_of(over([2, 3]))
    sheet = renderer_of(film, look(size=(1280, 720))).sheet

    texts = [nameplate.text(4.0) for nameplate in sheet.nameplates]

    scores = [int(100 * tile.score(8.0) + 1e-9) for tile in film.tiles]
    assert texts == [f"width = {w} · accuracy {s} %" for w, s in zip((2, 3), scores, strict=True)]


def test_the_figures_tell_whose_loss_is_the_lowest() -> None:
    """At every moment; what has no room beside the recipe is cut at its end."""
    film = relu_film()
    losses = {
        moment: [tile.loss(moment) for tile in film.tiles] for moment in np.linspace(0, 8, 30)
    }
    names = [film.names[int(np.argmin(each))] for each in losses.values()]
    assert len(set(names)) > 1, "the case is chosen so that one overtakes the other"

    for moment, name in zip(losses, names, strict=True):
        text = Strip().figures(film, float(moment))
        assert text.startswith("lowest loss ")
        assert text.endswith(f" · {name}")

    font = "DejaVu Sans"
    text = Strip().figures(film, 8.0)
    assert shortened(text, font, 20.0, 1000.0) == text
    cut = shortened(text, font, 20.0, 200.0)
    assert cut[-1] == "…"
    assert text.startswith(cut[:-1])
    assert 150 < width(cut, font, 20.0) <= 200


@pytest.mark.parametrize("count", [2, 3, 4, 6, 10])
@pytest.mark.parametrize("size", [(1920, 1080), (640, 360), (400, 700)])
def test_tiles_stand_side_by_side_in_rows(count: int, size: tuple[int, int]) -> None:
    """Of equal size, none over another, nameplates between them and not beyond the sheet."""
    sheet = renderer_of(alike(count), look(size=size)).sheet

    boxes = sheet.layout.panels

    assert len(boxes) == count
    assert len({(box.width, box.height) for box in boxes}) == 1
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            assert other.right <= box.left or other.bottom <= box.top
    assert len({nameplate.wording for nameplate in sheet.nameplates}) == 1
    assert all(nameplate.text(0.0).startswith(("w", str(k))) for k, nameplate in
               enumerate(sheet.nameplates))  # fmt: skip


def test_what_all_tiles_say_is_said_once() -> None:
    """One title a row, one legend."""
    scenes = [replace(FIT, model=models.mlp(1, width, 1)) for width in (1, 2, 3)]
    sheet = renderer_of(film_of(Comparison(scenes)), look(size=SIZE)).sheet

    heads = [stand.head for stand in sheet.layout.stands]

    assert [head is not None for head in heads] == [True, False, False]
    assert heads[0] is not None
    assert (heads[0].title, len(heads[0].legend)) == ("Fit", 2)


@dataclass(frozen=True)
class Hills:
    """A view in space whose bar goes as high as its tile's second layer is wide."""

    def panels(self, film: Film) -> list[Panel]:
        """Return one panel, seen by a camera."""
        bar = ColorBar("viridis", 0.0, float(film.network.widths[1]))
        return [Panel("Hills", (-2, 2), (-2, 2), color_bar=bar, camera=Camera())]

    def marks(self, film: Film, t: float) -> list[list[Mark]]:
        """Return a height field, and a line in a plane."""
        scale: dict[str, Any] = {"low": 0.0, "high": float(film.network.widths[1])}
        line = Lines([np.eye(3)], values=[np.arange(3.0)], **scale)
        field = HeightField(np.eye(3), (-1, 1, -1, 1), **scale)
        return [[field, Plane(np.ones(3), t, [line])]]


def test_tiles_in_space_share_their_colours() -> None:
    """Those of a height field, and of what lies in a plane."""
    film = relu_film()

    rows = columns(film.tiles, [[[Hills()]]] * 3)

    for view in (view for row in rows for view in row):
        ((field, plane),) = view.marks(film, 1.0)
        assert isinstance(field, HeightField)
        assert isinstance(plane, Plane)
        (line,) = plane.marks
        assert isinstance(line, Lines)
        assert (field.low, field.high) == (line.low, line.high) == (0.0, 5.0)


@pytest.mark.parametrize("name", ["film.mp4", "film.gif", "film.webp"])
def test_a_comparison_renders_as_a_scene_does(name: str, tmp_path: Path) -> None:
    """Its film has the frames of its timeline."""
    video = render(over([2, 3]), tmp_path / name, size=(320, 180), fps=10, seconds=0.4)

    assert video.frames == 4
    assert video.path.stat().st_size > 0


@pytest.mark.parametrize("name", ["a.png", "a.svg", "a.pdf"])
def test_stills_and_contact_sheets_are_made_of_a_comparison(name: str, tmp_path: Path) -> None:
    """In pixels and vectors."""
    assert still(over([2, 3]), tmp_path / name, size=SIZE).stat().st_size > 0
    assert contact(over([2, 3]), tmp_path / name, [0, 8], size=SIZE).stat().st_size > 0


def test_the_table_holds_what_each_training_ended_with(tmp_path: Path) -> None:
    """As CSV and as JSON, the loss and score of each film alone."""
    film = film_of(over([2, 3]))
    rows = results(film)

    write_table(rows, tmp_path / "a.csv")
    write_table(rows, tmp_path / "a.json")

    for row, tile in zip(rows, film.tiles, strict=True):
        alone = Film(tile.recording)
        assert (row["loss"], row["score"]) == (alone.loss(8.0), alone.score(8.0))
    with (tmp_path / "a.csv").open(newline="") as file:
        told = list(csv.DictReader(file))
    assert [float(row["loss"]) for row in told] == [row["loss"] for row in rows]
    assert json.loads((tmp_path / "a.json").read_text()) == rows


@pytest.mark.parametrize(
    ("scenes", "message"),
    [
        ([RINGS], "Comparison of 1 scene: expected 2 to 24"),
        ([RINGS, FIT], "tasks binary and regression: expected one task"),
        ([RINGS, 3], "Comparison holds int"),
        (RINGS, "expected a list of scenes"),
    ],
)
def test_what_cannot_be_compared_is_refused(scenes: Any, message: str) -> None:
    """When it is declared."""
    with pytest.raises(SceneError, match=message):
        Comparison(scenes)


def test_other_mistakes_are_told_before_training() -> None:
    """Names that are too few, unknown clocks, views that do not match, a wrong table."""
    with pytest.raises(SceneError, match="2 scenes but 1 of the names"):
        Comparison([RINGS, RINGS], names=["one"])
    with pytest.raises(SceneError, match="names='ab': expected a list of texts"):
        Comparison([RINGS, RINGS], names="ab")
    with pytest.raises(SceneError, match="unknown clock 'days'"):
        Comparison([RINGS, RINGS], clock="days")  # type: ignore[arg-type]
    uneven = [replace(RINGS, views=SPACES[:1]), replace(RINGS, views=SPACES)]
    with pytest.raises(SceneError, match="1 and 2 views: expected as many"):
        film_of(Comparison(uneven))
    with pytest.raises(UsageError, match=r"a table is a \.csv, \.json or \.parquet"):
        write_table([{}], Path("a.txt"))


SCENE_FILE = '''"""Rings."""

from nnanim import Scene, datasets, models


def scene(width=2, activation="tanh"):
    model = models.mlp(2, width, 2, 1, activation=activation, output="sigmoid")
    return Scene(dataset=datasets.rings(n=100), model=model)
'''


@pytest.fixture
def scene_file(tmp_path: Path) -> Path:
    """Return a scene with parameters."""
    file = tmp_path / "ringed.py"
    file.write_text(SCENE_FILE)
    return file


def test_several_parameters_give_every_combination(scene_file: Path) -> None:
    """In order, the last changing fastest, named by what varies."""
    made = compared([scene_file], {"width": ["1", "2"], "activation": ["tanh", "relu"]}, seed=5)

    assert made.names == (
        "width = 1, activation = tanh",
        "width = 1, activation = relu",
        "width = 2, activation = tanh",
        "width = 2, activation = relu",
    )
    assert {scene.training.seed for scene in made.to_train} == {5}
    assert made.description == "Rings."
    kept = compared([scene_file], {"width": ["1", "2"], "activation": ["relu"]})
    assert kept.names == ("width = 1", "width = 2")


def test_a_file_may_hold_a_comparison(scene_file: Path) -> None:
    """Its scenes are told apart by the cache."""
    text = 'scene = Comparison.over(one, {"width": [1, 2]}, theme="light")\n'
    code = SCENE_FILE.replace("def scene", "def one").replace(
        "import Scene", "import Comparison, Scene"
    )
    scene_file.write_text(f"{code}\n\n{text}")

    made = compared([scene_file], {})

    assert made.name == "ringed"
    assert made.theme == "light"
    assert len({scene.source for scene in made.to_train}) == 2


def test_too_few_scenes_and_unknown_parameters_are_refused(scene_file: Path) -> None:
    """As a mistake of the command."""
    with pytest.raises(UsageError, match="at least two scenes"):
        compared([scene_file], {"width": ["1"]})
    with pytest.raises(UsageError, match="unknown parameter 'wide'"):
        compared([scene_file], {"wide": ["1", "2"]})


def test_the_command_writes_film_and_table(
    scene_file: Path, nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """Told as JSON with the results; with a table alone, no film is made."""
    small = ("-r", "160x90", "--fps", "5", "--seconds", "0.4", "--json")

    code, out, _ = nnanim("compare", scene_file, "--set", "width=1,2", *small, "-o", "a.gif")
    told = json.loads(out)
    assert (code, told["path"], told["frames"], len(told["results"])) == (0, "a.gif", 2, 2)

    code, out, _ = nnanim("compare", scene_file, "--set", "width=1,2", "--table", "a.csv")
    assert (code, out) == (0, "a.csv\n")
    assert sorted(path.suffix for path in Path().iterdir()) == [".csv", ".gif", ".py"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--set", "width=1"), 2),
        (("--set", "wide=1,2"), 2),
        (("--set", "width=1..999999999"), 2),
        (("--set", "width=8..1"), 2),
        (("--set", "width=1,2", "--table", "a.txt"), 2),
        (("--set", "width=1,no"), 3),
    ],
)
def test_a_mistake_is_one_line_and_its_code(
    arguments: tuple[str, ...],
    code: int,
    scene_file: Path,
    nnanim: Callable[..., tuple[int, str, str]],
) -> None:
    """2 for the command, 3 for the scene; nothing is trained or written."""
    came, out, told = nnanim("compare", scene_file, *arguments)

    assert (came, out) == (code, "")
    assert told.count("\n") == 1
    assert told.startswith("nnanim: ")
    assert [path.name for path in Path().iterdir() if path.suffix != ".py"] in ([], ["renders"])


def test_a_head_between_panels_with_one_colour_bar_ends_before_the_bar() -> None:
    """What a view's lower panels say aside is not written over the bar that goes along all."""
    seen = views.Jacobian("output", gradient=True, smallest=False)
    scenes = [
        replace(RINGS, views=[seen], training=replace(RINGS.training, seed=n)) for n in (1, 2, 3)
    ]
    sheet = renderer_of(film_of(Comparison(scenes)), look((1280, 720))).sheet

    stands = sheet.layout.stands
    (bar,) = [stand.bar for stand in stands if stand.bar is not None]
    crossed = [
        stand
        for stand in stands
        if stand.head is not None and bar.top < stand.head_foot <= bar.bottom
    ]

    assert crossed
    for stand in crossed:
        assert stand.box.left + stand.room <= bar.right
