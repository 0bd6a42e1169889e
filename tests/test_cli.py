"""The command line: results on stdout and nothing else, every option takes effect."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import imageio.v3 as iio
import pytest

from nnanim.commands.options import Bytes
from nnanim.rendering import films as rendering
from nnanim.rendering import stills
from nnanim.scene.files import load
from nnanim.themes import theme_from
from nnanim.writers.format import Encoding

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]

FILM = ("-r", "128x72", "--seconds", "0.2")
STILL = ("-r", "128x72")


# -- what is printed -----------------------------------------------------------------------------


def test_render_prints_the_path_and_nothing_else(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The default folder is made; where stderr is no terminal there is no progress bar."""
    result = nnanim("render", scene_file(), *FILM)

    assert result == (0, "renders/tiny.mp4\n", "")
    assert iio.imread("renders/tiny.mp4").shape == (12, 72, 128, 3)


def test_still_prints_the_path_and_nothing_else(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The picture has the size that was asked for."""
    result = nnanim("still", scene_file(), *STILL)

    assert result == (0, "renders/tiny.png\n", "")
    assert iio.imread("renders/tiny.png").shape == (72, 128, 3)


@pytest.mark.parametrize("command", ["render", "still"])
def test_what_a_scene_prints_goes_to_stderr(
    command: str, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """So `film=$(nnanim render …)` holds in any scene."""
    size = FILM if command == "render" else STILL

    code, out, err = nnanim(command, scene_file(before='print("I was here")'), *size)

    assert (code, err) == (0, "I was here\n")
    assert len(out.splitlines()) == 1


def test_json_tells_what_was_made(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """Path, size, frames and rate of the film."""
    _, out, _ = nnanim("render", scene_file(), *FILM, "--fps", "20", "--json")

    assert json.loads(out) == {
        "path": "renders/tiny.mp4",
        "width": 128,
        "height": 72,
        "frames": 4,
        "fps": 20,
    }


def test_json_of_a_still_is_its_path(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """A picture is all there is."""
    _, out, _ = nnanim("still", scene_file(), *STILL, "--json", "-o", "a.png")

    assert json.loads(out) == {"path": "a.png"}


def test_a_terminal_shows_progress(
    monkeypatch: pytest.MonkeyPatch, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """On stderr, the scene's name and both stages."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")

    code, out, err = nnanim("render", scene_file(), *FILM)

    assert (code, out) == (0, "renders/tiny.mp4\n")
    for word in ("tiny", "training", "frames"):
        assert word in err


def test_the_message_comes_after_the_bar(
    monkeypatch: pytest.MonkeyPatch, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """On a terminal the mistake is the last line."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")

    code, out, err = nnanim("render", scene_file(training="epochs=0"), *FILM)

    assert (code, out) == (3, "")
    assert "Training(epochs=0)" in err.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--help"], ["-h"], ["render", "--help"], ["--version"]),
        *(["list", "scenes"], ["examples"], ["new", "a"]),
    ],
)
def test_what_trains_nothing_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    """No torch, matplotlib or numba, so that it answers at once."""
    (tmp_path / "scenes").mkdir()
    (tmp_path / "scenes" / "b.py").write_text('"""B."""\n\nimport torch\n\nscene = torch\n')
    program = (
        "import sys\n"
        "from nnanim.cli import main\n"
        "main()\n"
        "sys.exit(' '.join({'torch', 'matplotlib', 'numba'} & set(sys.modules)) or 0)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr.removeprefix("nnanim: next: ")) in (
        (0, ""),
        (0, "nnanim render scenes/a.py\n"),
    )
    assert done.stdout


# -- options -------------------------------------------------------------------------------------


def film_of(nnanim: Nnanim, *arguments: object) -> dict[str, object]:
    """Return what --json tells of a film."""
    code, out, err = nnanim("render", *arguments, "--json")
    assert code == 0, err
    facts: dict[str, object] = json.loads(out)
    return facts


def test_quality_sets_size_and_rate(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """-q l is 854 × 480 at 15."""
    film = film_of(nnanim, scene_file(), "-q", "l", "--seconds", "0.2")

    assert (film["width"], film["height"], film["fps"], film["frames"]) == (854, 480, 15, 3)


def test_size_and_rate_go_before_quality(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """What is said more exactly counts."""
    film = film_of(nnanim, scene_file(), "-q", "k", *FILM, "--fps", "10")

    assert (film["width"], film["height"], film["fps"], film["frames"]) == (128, 72, 10, 2)


def test_quality_of_a_gif_keeps_to_the_rates_it_can_hold(
    scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """-q l asks for 15 frames a second, a GIF's nearest is 100/7."""
    film = film_of(nnanim, scene_file(), "-q", "l", *FILM, "--format", "gif")

    assert film["fps"] == pytest.approx(100 / 7)


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("--format", "gif"), "renders/tiny.gif"),
        (("-o", "film.gif"), "film.gif"),
        (("-o", "film", "--format", "gif"), "film"),
        (("-o", "there", "--format", "gif"), "there/tiny.gif"),
    ],
)
def test_the_format_follows_from_name_or_option(
    arguments: tuple[str, ...], path: str, scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """A GIF by either; -o may be a folder."""
    (tmp_path / "there").mkdir()

    film = film_of(nnanim, scene_file(), *FILM, *arguments)

    assert film["path"] == path
    assert (tmp_path / path).read_bytes().startswith(b"GIF89a")


def test_several_outputs_are_made_in_one_go(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """Each by its own name, one path a line."""
    result = nnanim("render", scene_file(), *FILM, "--fps", "10", "-o", "a.mp4", "-o", "b.gif")

    assert result == (0, "a.mp4\nb.gif\n", "")
    assert Path("a.mp4").is_file()
    assert Path("b.gif").read_bytes().startswith(b"GIF89a")


@pytest.mark.parametrize(
    ("arguments", "path", "again"),
    [
        (("--format", "png"), "renders/tiny", "renders/tiny"),
        (("-o", "frames.png"), "frames", "frames"),
        (("-o", "frames", "--format", "png"), "frames", "frames"),
        (("-o", "there", "--format", "png"), "there/tiny", "there/tiny"),
    ],
)
def test_a_film_of_pictures_is_a_folder(
    arguments: tuple[str, ...], path: str, again: str, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """Made anew in its own place, and never in that of other things."""
    Path("there").mkdir()
    Path("there/kept").touch()

    for expected in (path, again):
        film = film_of(nnanim, scene_file(), *FILM, "--fps", "10", *arguments)
        assert film["path"] == expected
        assert sorted(f.name for f in Path(expected).iterdir()) == [
            "frame_00001.png",
            "frame_00002.png",
        ]
    assert Path("there/kept").exists()


@pytest.mark.parametrize(
    ("options", "encoding"),
    [
        pytest.param(("--codec", "hevc"), Encoding(codec="hevc"), marks=pytest.mark.slow),
        pytest.param(("--chroma", "444"), Encoding(chroma="444"), marks=pytest.mark.slow),
        pytest.param(("--lossless",), Encoding(lossless=True), marks=pytest.mark.slow),
        (("--loop", "pingpong"), Encoding(loop="pingpong")),
        (("-q", "l", "--fps", "60"), Encoding(draft=True)),
    ],
)
def test_encoding_options_reach_the_film(
    options: tuple[str, ...], encoding: Encoding, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """The same bytes as from Python."""
    scene, size = load(scene_file()), (128, 72)

    nnanim("render", scene_file(), *FILM, *options, "-o", "cli.mp4")
    rendering.render(scene, "python.mp4", size=size, seconds=0.2, encoding=encoding)

    assert Path("cli.mp4").read_bytes() == Path("python.mp4").read_bytes()


@pytest.mark.parametrize(
    ("told", "count"),
    [("10MB", 10**7), ("500kB", 500_000), ("1.5 M", 1_500_000), ("2MiB", 2**21), ("800", 800)],
)
def test_a_size_of_a_file_is_read_as_people_write_it(told: str, count: int) -> None:
    """Thousands, or 1024 with an i."""
    assert Bytes().convert(told, None, None) == count


@pytest.mark.parametrize("told", ["0", "ten", "-3MB", "5TB", "MB"])
def test_another_size_of_a_file_is_refused(
    told: str, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """With an example."""
    code, _, err = nnanim("render", scene_file(), "--max-size", told)

    assert code == 2
    assert "expected a size, as 10MB" in err


def test_a_bound_reaches_the_film(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """It is kept, and refused where the format keeps none."""
    nnanim("render", scene_file(), *FILM, "-o", "whole.gif")
    bound = Path("whole.gif").stat().st_size - 1

    code, _, err = nnanim("render", scene_file(), *FILM, "-o", "a.gif", "--max-size", bound)

    assert (code, Path("a.gif").stat().st_size <= bound) == (0, True)
    code, _, err = nnanim("render", scene_file(), *FILM, "-o", "a.webm", "--max-size", "1MB")
    assert code == 2
    assert "--max-size is for mp4, gif and webp, not for webm" in err


def test_from_and_to_cut_the_film(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """By epochs; the length asked for is that of the part."""
    file = scene_file(more="timeline=Timeline(seconds=2, fps=20),")
    cut = (*STILL, "--from", "0.5", "--to", "1.5")
    part = film_of(nnanim, file, *cut)
    longer = film_of(nnanim, file, *cut, "--seconds", "3")

    assert 0 < int(str(part["frames"])) < 40
    assert longer["frames"] == 60


def test_the_scenes_timeline_counts_where_nothing_is_said(
    scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """Command line over scene over default."""
    file = scene_file(more="timeline=Timeline(seconds=0.3, fps=10),")

    declared = film_of(nnanim, file, *STILL)
    asked = film_of(nnanim, file, *FILM, "--fps", "5")

    assert (declared["frames"], asked["frames"]) == (3, 1)


@pytest.mark.parametrize("theme", ["light", "paper", "dark"])
def test_theme_colours_the_sheet(theme: str, scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The corner shows the theme's ground."""
    nnanim("still", scene_file(), *STILL, "--theme", theme, "-o", "a.png")

    ground = theme_from(theme).ground
    assert "#" + iio.imread("a.png")[0, 0].tobytes().hex().upper() == ground


def test_a_transparent_still_has_no_ground(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """A PNG can be transparent."""
    nnanim("still", scene_file(), *STILL, "--theme", "transparent", "-o", "a.png")

    assert iio.imread("a.png")[0, 0, 3] == 0


@pytest.mark.parametrize(
    "name", ["tiny.sheet.png", "a.svg", pytest.param("a.pdf", marks=pytest.mark.slow)]
)
def test_a_contact_sheet_of_several_epochs(
    name: str, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """As from Python; the default is a PNG in the default folder."""
    output = ("-o", name) if name.startswith("a") else ()
    path = Path(name) if output else Path("renders") / name

    result = nnanim("sheet", scene_file(), "--epochs", "0,1,2", *STILL, *output)

    assert result == (0, f"{path}\n", "")
    python = Path(f"python{path.suffix}")
    stills.contact(load(scene_file()), python, [0, 1, 2], size=(128, 72))
    assert path.read_bytes() == python.read_bytes()


@pytest.mark.parametrize("epochs", ["", "a", "1,,2", "0,9"])
def test_other_epochs_are_refused(epochs: str, scene_file: SceneFile, nnanim: Nnanim) -> None:
    """Numbers with commas between them, inside the training."""
    code, _, err = nnanim("sheet", scene_file(), "--epochs", epochs)

    assert code == 2
    assert "expected" in err


def test_seed_goes_before_the_scenes_own(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """--seed 1 is the picture of a scene whose seed is 1, and another than that of seed 0."""
    nnanim("still", scene_file(), *STILL, "--seed", "1", "-o", "asked.png")
    nnanim("still", scene_file(), *STILL, "-o", "zero.png")
    nnanim("still", scene_file(training="epochs=2, seed=1"), *STILL, "-o", "one.png")

    asked, zero, one = (iio.imread(f"{name}.png") for name in ("asked", "zero", "one"))
    assert (asked == one).all()
    assert (asked != zero).any()


def test_set_reaches_the_scene(tmp_path: Path, nnanim: Nnanim) -> None:
    """Values are Python where they can be, else text."""
    file = tmp_path / "wide.py"
    file.write_text(
        "from nnanim import Scene, Training, datasets, models\n\n\n"
        "def scene(width=2, name='tanh', kept=1):\n"
        "    print([width, name, kept])\n"
        "    model = models.mlp(2, width, 1, activation=name)\n"
        "    return Scene(dataset=datasets.rings(n=64), model=model, training=Training(epochs=1))\n"
    )

    code, _, err = nnanim("still", file, *STILL, "--set", "width=3", "--set", "name=relu")

    assert (code, err) == (0, "[3, 'relu', 1]\n")


def test_bare_leaves_the_panels_alone(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The same picture as in Python, and another than with title, strip and recipe."""
    file = scene_file()
    stills.still(load(file), file.parent / "python.png", size=(128, 72), bare=True)

    nnanim("still", file, *STILL, "--bare", "-o", "bare.png")
    nnanim("still", file, *STILL, "-o", "whole.png")

    bare, python, whole = (Path(f"{n}.png").read_bytes() for n in ("bare", "python", "whole"))
    assert bare == python
    assert bare != whole


def test_a_still_is_taken_when_it_is_asked_for(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """By a share of the film or by an epoch; left out, at the end."""
    moments = {"first": ("--at", "0"), "zero": ("--epoch", "0"), "last": ("--at", "1"), "end": ()}
    for name, when in moments.items():
        assert nnanim("still", scene_file(), *STILL, *when, "-o", f"{name}.png")[0] == 0

    first, zero, last, end = (Path(f"{name}.png").read_bytes() for name in moments)
    assert first == zero != last == end


@pytest.mark.parametrize("command", ["render", "still"])
def test_open_opens_the_result(
    command: str, monkeypatch: pytest.MonkeyPatch, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """By whatever the desktop opens such files with."""
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)

    _, out, _ = nnanim(command, scene_file(), *(FILM if command == "render" else STILL), "-p")

    assert opened == out.splitlines()


# -- folders -------------------------------------------------------------------------------------


def test_a_folder_of_scenes_is_rendered_one_by_one(
    scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """In the order of their names; files that are no scenes are left alone."""
    (tmp_path / "films").mkdir()
    (tmp_path / "out").mkdir()
    for name in ("b", "a", "_shared"):
        scene_file(f"films/{name}.py")
    (tmp_path / "films" / "other.py").write_text("x = 1\n")

    result = nnanim("render", "films", *FILM, "-o", "out")

    assert result == (0, "out/a.mp4\nout/b.mp4\n", "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.mp4", "b.mp4"]


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """A folder of scene files that end whatever runs them."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    for name, description in (("two", "Second\n\nscene."), ("one", "First scene.")):
        text = f'"""{description}"""\n\nscene = None\n\nraise SystemExit("this file was run")\n'
        (folder / f"{name}.py").write_text(text)
    return folder


@pytest.mark.usefixtures("scenes")
def test_list_reads_the_files_and_runs_none(nnanim: Nnanim) -> None:
    """Name and description of each, in columns."""
    assert nnanim("list", "scenes") == (0, "one  First scene.\ntwo  Second scene.\n", "")


def test_list_looks_into_the_current_folder(nnanim: Nnanim, scene_file: SceneFile) -> None:
    """Where none is named."""
    scene_file()

    assert nnanim("list") == (0, "tiny  Two small rings.\n", "")


def test_list_as_json(nnanim: Nnanim, scenes: Path) -> None:
    """Name, path and description of each."""
    _, out, _ = nnanim("list", scenes, "--json")

    assert json.loads(out) == [
        {"name": "one", "path": str(scenes / "one.py"), "description": "First scene."},
        {"name": "two", "path": str(scenes / "two.py"), "description": "Second scene."},
    ]


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_list_goes_on_past_a_broken_file(
    option: tuple[str, ...], nnanim: Nnanim, scenes: Path
) -> None:
    """The others are listed, the broken one is one line on stderr."""
    (scenes / "broken.py").write_text("scene = (\n")

    code, out, err = nnanim("list", "scenes", *option)

    assert (code, err) == (3, "nnanim: scenes/broken.py:1: '(' was never closed: scene = (\n")
    assert "First scene." in out
    assert "Second scene." in out


# -- new -----------------------------------------------------------------------------------------


def test_new_writes_a_scene_that_renders(
    nnanim: Nnanim, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The starter is a scene as it stands, here with one epoch; the next step is said."""
    assert nnanim("new", "mine") == (0, "mine.py\n", "")
    assert caplog.messages == ["next: nnanim render mine.py"]
    starter = tmp_path / "mine.py"
    assert "epochs=60" in starter.read_text()
    starter.write_text(starter.read_text().replace("epochs=60", "epochs=1"))

    assert nnanim("still", "mine.py", *STILL) == (0, "renders/mine.png\n", "")
    assert load(starter).description.startswith("Two rings")


def test_new_writes_into_the_folder_of_scenes(nnanim: Nnanim, tmp_path: Path) -> None:
    """Where there is one; NAME may end in .py."""
    (tmp_path / "scenes").mkdir()

    assert nnanim("new", "mine.py")[:2] == (0, "scenes/mine.py\n")
    assert (tmp_path / "scenes" / "mine.py").is_file()
