"""A scene may do strange things and have a strange name: a film in its place, or one line."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from nnanim import Comparison, Recorder, Recording, models, record, render
from nnanim.errors import RecordingError, SceneError, WriteError
from nnanim.recording import container
from nnanim.scene.files import load
from nnanim.writers.metadata import film_info

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]
Refused = Callable[..., str]

FILM = ("-r", "64x64", "--fps", "5", "--seconds", "0.4", "--no-cache")
AWAY = "import os; os.chdir('/')"
VIEW = """
@dataclass(frozen=True)
class Mine:
    def panels(self, film):
        return [Panel("Mine", (0, 1), (0, 1))]

    def marks(self, film, t):
        __import__("os").chdir("/")
        return [[]]
"""
ARRAYS = """
@dataclass(frozen=True)
class Far(type(datasets.rings(n=64))):
    def arrays(self, seed):
        __import__("os").chdir("/")
        return super().arrays(seed)
"""
ODD_SCENES: dict[str, dict[str, str]] = {
    "goes elsewhere": {"before": AWAY},
    "goes elsewhere in a function": {"before": f"def scene():\n    {AWAY}\n    return make()\n\n"},
    "goes elsewhere for its data": {"before": ARRAYS, "dataset": "Far(n=64)"},
    "goes elsewhere for its network": {
        "model": "lambda: (__import__('os').chdir('/'), models.mlp(2, 2, 1)())[1]",
        "training": "epochs=2, batch_size=32, loss='bce_with_logits'",
    },
    "goes elsewhere to draw": {"before": VIEW, "more": "views=[Mine()],"},
    "bounds how deep calls go": {
        "before": "import sys, inspect; sys.setrecursionlimit(len(inspect.stack()) + 30)"
    },
    "removes itself": {"before": "import os; os.remove(__file__)"},
    "clears the path of modules": {"before": "import sys; sys.path.clear()"},
    "wants numpy to raise": {"before": "np.seterr(all='raise')"},
}


@pytest.mark.parametrize("name", ODD_SCENES)
def test_a_scene_may_do_strange_things(
    name: str, scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """The film lies where it was asked for, from where the user is, and that is where he stays."""
    parts = dict(ODD_SCENES[name])
    (tmp_path / "s").mkdir()
    file = scene_file("s/odd.py", **parts)
    if "def scene" in parts.get("before", ""):
        file.write_text(
            file.read_text()
            .replace("\nscene = Scene(", "\n\nmade = Scene(")
            .replace("return make()", "return made")
        )
    path = list(sys.path)
    try:
        with np.errstate():
            code, out, err = nnanim("render", "s/odd.py", *FILM, "-o", "odd.gif")
    finally:
        sys.path[:] = path

    assert (code, out, err) == (0, "odd.gif\n", "")
    assert (tmp_path / "odd.gif").is_file()
    assert Path.cwd() == tmp_path


def test_a_rate_beyond_all_numbers_is_a_film_that_says_so(
    scene_file: SceneFile, nnanim: Nnanim, caplog: pytest.LogCaptureFixture
) -> None:
    """torch's own loss raises for what is no number; the kernel's guard must not."""
    file = scene_file(training="epochs=2, batch_size=32, loss='bce', optimizer='adam', lr=1e308")

    code, out, _ = nnanim("render", file, *FILM, "-o", "f.gif")

    assert (code, out) == (0, "f.gif\n")
    assert "the training diverged in epoch 1" in caplog.text


FOLDERS = ["-d", "a:b", "file:x", "c%d", "e f", "g[h]", "-", "ü\n\x1b[1m", "concat:a|b"]


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("suffix", ["mp4", "png"])
def test_a_folder_may_have_any_name(
    folder: str, suffix: str, scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """The encoder takes it for no option and no protocol, and a pattern for no pattern."""
    (tmp_path / folder).mkdir()
    scene_file()

    code, _, err = nnanim("render", "tiny.py", *FILM, "-o", f"{folder}/f.{suffix}")

    assert (code, err) == (0, "")
    (made,) = (tmp_path / folder).iterdir()
    assert film_info(made)["versions"]


@pytest.mark.skipif(sys.platform != "linux", reason="its disk takes no such names")
@pytest.mark.parametrize("suffix", ["gif", "mp4", "png", "webp"])
def test_a_name_may_be_none_of_the_locales(
    suffix: str, scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """Bytes that are no letters go through to the film's name, and spelled out into recordings."""
    scene_file().rename(tmp_path / "q\udcff.py")
    film = f"q\udcff.{suffix}" if suffix != "png" else "q\udcff"

    code, out, err = nnanim(
        "render", "q\udcff.py", *FILM, "-o", f"q\udcff.{suffix}", "--extras", "--json"
    )

    assert (code, err) == (0, "")
    assert json.loads(out)["path"] == film
    assert film_info(tmp_path / film)["title"].startswith("Rings")
    page = (tmp_path / f"{film}.html").read_text()
    assert ("q%FF." if suffix != "png" else "q%FF.poster.png") in page


@pytest.mark.skipif(sys.platform != "linux", reason="its disk takes no such names")
def test_a_recording_may_have_such_a_name_too(
    scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """It is written, told of, drawn and exported."""
    scene_file().rename(tmp_path / "q\udcff.py")
    there = "q\udcff.safetensors"

    for command in (
        ("record", "q\udcff.py", "-o", there, "--json"),
        ("info", there),
        ("still", there, "-o", "q\udcff.svg", "--json"),
        ("export", there, "-o", "q\udcff.npz", "--json"),
        ("list", ".", "--json"),
    ):
        code, _, err = nnanim(*command)
        assert (code, err) == (0, ""), command
    assert Recording.load(tmp_path / there).header.name == r"q\udcff"


LONG = "n" * 300


@pytest.mark.parametrize(
    "command",
    [
        ("render", "tiny.py", "-o", f"{LONG}.mp4"),
        ("render", "tiny.py", "-o", f"{'n' * 250}.mp4", "--extras"),
        ("render", "tiny.py", "-o", LONG, "--format", "png"),
        ("still", "tiny.py", "-o", f"{LONG}.png"),
        ("record", "tiny.py", "-o", f"{LONG}.safetensors"),
        ("record", "tiny.py", "-o", f"{'n' * 240}.safetensors"),
        ("compare", "tiny.py", "--set", "n=1,2", "--table", f"{LONG}.csv"),
        ("render", f"{LONG}.py"),
        ("info", f"{LONG}.mp4"),
        ("info", f"{LONG}.safetensors"),
        ("list", LONG),
        ("new", LONG),
    ],
    ids=lambda command: f"{command[0]} {len(command[-1])}",
)
@pytest.mark.usefixtures("no_training")
def test_a_name_that_is_too_long_is_one_line(
    command: tuple[str, ...], scene_file: SceneFile, refused: Refused
) -> None:
    """Before the training, and with the system's own words."""
    scene_file()

    refused(*command, code=5, says=("n" * 200, "File name too long"))


def test_a_name_may_be_as_long_as_the_disk_takes(
    scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """What grows beside it has a name of its own."""
    scene_file()
    name = f"{'n' * 251}.gif"

    assert nnanim("render", "tiny.py", *FILM, "-o", name) == (0, f"{name}\n", "")
    assert (tmp_path / name).is_file()


@pytest.mark.parametrize("place", [".", "./", "sub/.."])
def test_pictures_go_below_the_folder_one_is_in(
    place: str,
    scene_file: SceneFile,
    nnanim: Nnanim,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not replaced, empty as it is: whoever stands in it would stand in nothing."""
    scene_file()
    folder = tmp_path / "empty"
    folder.mkdir()
    if place == "sub/..":
        (folder / "sub").mkdir()
    monkeypatch.chdir(folder)

    code, _, err = nnanim("render", "../tiny.py", *FILM, "--format", "png", "-o", place)

    assert (code, err) == (0, "")
    assert Path.cwd() == folder
    assert sorted(path.name for path in Path("tiny").iterdir()) == [
        "frame_00001.png",
        "frame_00002.png",
    ]


def test_the_folder_one_is_in_is_refused_for_pictures(
    scene_file: SceneFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nnanim: Nnanim
) -> None:
    """By whatever name, and the one around it."""
    scene = load(scene_file())
    inner = tmp_path / "a" / "frame_00001.x"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)

    for place in (Path(), inner, inner.parent):
        with pytest.raises(WriteError, match="is the folder you are in, or around it"):
            render(scene, place, format="png", cache=False)
    code, _, err = nnanim(
        "render", "../../tiny.py", *FILM, "-o", "../frame_00001.x", "--format", "png"
    )
    assert (code, inner.is_dir()) == (5, True)
    assert "frame_00001.x is the folder you are in" in err


# -- words ---------------------------------------------------------------------------------------

MEGABYTE = "x" * 10**6


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"title": MEGABYTE}, "the title has 1,000,000 letters: expected at most 1,000"),
        (
            {"description": MEGABYTE},
            "the description has 1,000,000 letters: expected at most 4,000",
        ),
        ({"title": 5}, "title=5: expected a text"),
        ({"description": None}, "description=None: expected a text"),
    ],
)
def test_words_that_no_film_has_room_for_are_refused(
    words: dict[str, Any], says: str, scene_file: SceneFile, tmp_path: Path
) -> None:
    """Wherever they are given, before anything is trained."""
    scene = load(scene_file())
    recording = record(scene)
    net = models.mlp(2, 2, 1, output="sigmoid")()
    data = recording.data.inputs, recording.data.targets
    given: list[Callable[[], object]] = [
        lambda: replace(scene, **words),
        lambda: Comparison([scene, scene], **words),
        lambda: Recorder(tmp_path / "r.safetensors", net, data, loss="bce", **words),
    ]
    if None not in words.values():
        given.append(lambda: recording.with_(**words))

    for make in given:
        with pytest.raises(SceneError) as raised:
            make()
        assert str(raised.value) == says


def test_a_docstring_of_a_megabyte_is_refused(
    scene_file: SceneFile, refused: Refused, nnanim: Nnanim
) -> None:
    """It would be the description; the others of its folder are listed."""
    file = scene_file()
    file.write_text(file.read_text().replace("Two small rings.", MEGABYTE, 1))
    scene_file("other.py")
    says = ("tiny.py", "the description has 1,000,000 letters: expected at most 4,000")

    refused("render", file, code=3, says=says)
    code, out, err = nnanim("list", ".")

    assert (code, out) == (3, "other  Two small rings.\n")
    assert all(part in err for part in says)


def test_a_recording_with_such_a_title_is_none(scene_file: SceneFile, tmp_path: Path) -> None:
    """Whoever made it."""
    path = tmp_path / "r.safetensors"
    record(load(scene_file()), path)
    header, tensors = container.read(path)

    container.write(path, dict(tensors), {**header, "title": MEGABYTE})

    with pytest.raises(RecordingError, match="its header says title = 'xxx"):
        Recording.load(path)


def test_a_title_of_our_own_making_is_cut(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """That of a network of hundreds of layers, say, is no mistake of the user's."""
    data = "datasets.from_arrays(np.eye(2)[[0, 1] * 40], ['a', 'b'] * 40, name='n' * 2_000)"

    code, _, err = nnanim("still", scene_file(dataset=data), "-o", "f.png", "-r", "64x64")

    assert (code, err) == (0, "")
    assert film_info(Path("f.png"))["title"] == "n" * 999 + "…"


EVIL = 'A \\](http://evil.example/x.png) <b onload="x">`|*_$~\x00\x1b[1m\ud800\n</title>--> B'


def evil(scene_file: SceneFile) -> Path:
    """Return a scene that has words of a kind in all places."""
    data = (
        "datasets.from_arrays(np.eye(2)[[0, 1] * 40], ['{0}', 'b'] * 40, axis_names=['{0}', 'y'])"
    )
    words = ascii(EVIL)[1:-1]
    return scene_file(
        dataset=data.format(words),
        more=f"title='{words}', description='{words}', views=[views.InputSpace(legend=True)],",
    )


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and the names of its attributes."""
        self.found.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


@pytest.mark.parametrize("suffix", ["mp4", "gif", "webm", "mov", "webp", "apng", "png"])
def test_words_of_any_kind_are_escaped_where_they_stand(
    suffix: str, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """In the film, and in the HTML, Markdown and text beside it."""
    code, _, err = nnanim("render", evil(scene_file), *FILM, "-o", f"f.{suffix}", "--extras")
    assert (code, err) == (0, "")
    name = "f" if suffix == "png" else f"f.{suffix}"

    title = film_info(Path(name))["title"]
    html, markdown, alt = (Path(f"{name}.{kind}").read_text() for kind in ("html", "md", "txt"))
    page = Elements(html)

    assert title == EVIL.translate({0: 0xFFFD, 0x1B: 0xFFFD, 0xD800: 0xFFFD, 10: " "})
    assert title in alt
    assert alt.count("\n") == 1
    assert [tag for tag, _ in page.found] in (["video"], ["img"])
    assert not {"onload", "onerror"} & set(page.found[0][1])
    assert page.text.strip() == ""
    # Without what a backslash makes a letter, only our own brackets are left.
    plain = re.sub(r"\\[!-/:-@[-`{-~]", "", markdown)
    assert re.fullmatch(
        r"(\[!\[[^]\[<`*_|$~]*\]\([\w.%]+\)\]|!\[[^]\[<`*_|$~]*\])\([\w.%]+\)\n", plain
    )


def test_an_svg_holds_words_of_any_kind_as_words(
    scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """It is sound XML, without an element that we did not put there."""
    code, _, err = nnanim("still", evil(scene_file), "-o", "f.svg", "-r", "1280x720")
    assert (code, err) == (0, "")

    root = ElementTree.parse(tmp_path / "f.svg").getroot()
    kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
    texts = "".join(root.itertext())

    assert not kinds & {"b", "script", "a"}
    assert "<b onload=" in texts
    assert film_info(tmp_path / "f.svg")["title"].startswith("A ")
