"""A FIFO, a device, a socket or a folder where a file is expected is refused, not waited for.

Each gets one line that says what it is, and stays as it is.
"""

import os
import resource
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nnanim import Recording, datasets
from nnanim.errors import NnanimError, SceneError, WriteError
from nnanim.place import check_place, kind_at, replacing, sweep
from nnanim.recording import cache as kept
from nnanim.scene.files import load

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]
Refused = Callable[..., str]

pytestmark = pytest.mark.timeout(60)  # whoever waits for a FIFO waits for good


@pytest.fixture
def special(tmp_path: Path) -> Iterator[Callable[[str, str], Path]]:
    """Make a special file of that kind and name in the test's folder."""
    sockets = []

    def make(kind: str, name: str) -> Path:
        path = tmp_path / name
        if kind == "a FIFO":
            os.mkfifo(path)
        elif kind == "a socket":
            sockets.append(socket.socket(socket.AF_UNIX))
            sockets[-1].bind(os.path.relpath(path))  # a long path is refused
        elif kind == "a device":
            path.symlink_to("/dev/zero")
        else:
            path.mkdir()
        return path

    yield make
    for opened in sockets:
        opened.close()


KINDS = ("a FIFO", "a socket", "a device", "a folder")
LOOK = ("-r", "64x64", "--seconds", "0.2")
# What is read: the name of the special file, the command, its exit code.
READ: dict[str, tuple[str, tuple[str, ...], int]] = {
    "a scene to render": ("a.py", ("render", "a.py", *LOOK), 2),
    "a scene to record": ("a.py", ("record", "a.py"), 2),
    "a scene to draw": ("a.py", ("still", "a.py"), 2),
    "scenes to compare": ("a.py", ("compare", "a.py", "tiny.py"), 2),
    "scenes to list": ("a.py", ("list", "a.py"), 2),
    "a recording to render": ("a.safetensors", ("render", "a.safetensors", *LOOK), 3),
    "a recording to tell of": ("a.safetensors", ("info", "a.safetensors"), 3),
    "a recording to export": ("a.safetensors", ("export", "a.safetensors"), 3),
    "a recording to go on with": ("a.safetensors", ("record", "tiny.py", "-o", "a.safetensors"), 5),
    "a film to tell of": ("a.mp4", ("info", "a.mp4"), 2),
    "a model": (
        "a.py", ("record", "--checkpoints", "*.safetensors", "--model", "a.py:make"), 2,
    ),
    "a checkpoint": (
        "a.safetensors",
        ("record", "--checkpoints", "*.safetensors", "--model", "tiny.py:make"), 3,
    ),
}  # fmt: skip


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("kind", KINDS[:3])
@pytest.mark.parametrize("what", READ)
def test_what_cannot_be_read_is_not_waited_for(
    what: str, kind: str, special: Callable[[str, str], Path], scene_file: SceneFile,
    nnanim: Nnanim, tmp_path: Path,
) -> None:  # fmt: skip
    """By any command; the line names it."""
    os.chdir(tmp_path)
    scene_file(before='make = models.mlp(2, 2, 1, output="sigmoid")')
    name, command, code = READ[what]
    (tmp_path / "renders").mkdir()
    (tmp_path / "0.safetensors").touch()
    path = special(kind, name)

    came, out, err = nnanim(*command)

    assert (came, out, err.count("\n")) == (code, "", 1), err
    assert name in err
    if "film" not in what:
        assert f"is {kind}" in err
    assert kind_at(path) == kind


WRITTEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "a film": ("a.gif", ("render", "tiny.py", *LOOK)),
    "a still": ("a.png", ("still", "tiny.py", "-r", "64x64")),
    "a sheet": ("a.png", ("sheet", "tiny.py", "--epochs", "0,1")),
    "a recording": ("a.safetensors", ("record", "tiny.py")),
    "an export": ("a.npz", ("export", "run.safetensors")),
}


@pytest.mark.parametrize("kind", KINDS[:3])
@pytest.mark.parametrize("what", WRITTEN)
def test_what_cannot_be_replaced_stays(
    what: str, kind: str, special: Callable[[str, str], Path], scene_file: SceneFile,
    refused: Refused, nnanim: Nnanim, tmp_path: Path,
) -> None:  # fmt: skip
    """As /dev/null, which would be a film for all from then on; the exit code is 5."""
    os.chdir(tmp_path)
    scene_file()
    if what == "an export":
        assert nnanim("record", "tiny.py", "-o", "run.safetensors")[0] == 0
    name, command = WRITTEN[what]
    path = special(kind, name)

    refused(*command, "-o", name, code=5, says=(f"{name} is {kind}", "name a file"))

    assert kind_at(path) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_of_that_name_is_left_alone(
    kind: str, special: Callable[[str, str], Path], refused: Refused, tmp_path: Path
) -> None:
    """`nnanim new` writes no scene over it."""
    os.chdir(tmp_path)
    path = special(kind, "a.py")

    refused("new", "a", code=2, says=("a.py exists already",))

    assert kind_at(path) == kind


def test_a_link_to_nothing_is_not_followed(refused: Refused, tmp_path: Path) -> None:
    """`nnanim new` makes no file elsewhere."""
    (tmp_path / "a.py").symlink_to("elsewhere.py")

    refused("new", "a", code=2, says=("a.py exists already",))

    assert not (tmp_path / "elsewhere.py").exists()


def test_a_new_scene_is_written_whole_or_not_at_all(nnanim: Nnanim, tmp_path: Path) -> None:
    """On a full disk, nothing is left."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        code, out, err = nnanim("new", "rings")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert (code, out, err.count("\n")) == (5, "", 1)
    assert err.startswith("nnanim: cannot write rings.py: ")
    assert list(tmp_path.iterdir()) == []
    assert nnanim("new", "rings") == (0, "rings.py\n", "")
    assert load(tmp_path / "rings.py").name == "rings"


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_scenes_leaves_out_what_is_no_file(
    kind: str, special: Callable[[str, str], Path], scene_file: SceneFile, nnanim: Nnanim,
    tmp_path: Path,
) -> None:  # fmt: skip
    """The scenes are listed all the same."""
    os.chdir(tmp_path)
    scene_file("b.py")
    special(kind, "a.py")

    assert nnanim("list", ".") == (0, "b  Two small rings.\n", "")


@pytest.mark.parametrize("kind", KINDS)
def test_from_python_it_is_refused_too(
    kind: str, special: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """A scene, a module that it imports, tables, a recording."""
    os.chdir(tmp_path)
    for name in ("a.py", "own.py", "a.csv", "a.npz", "a.safetensors"):
        special(kind, name)
    (tmp_path / "b.py").write_text("import own\nscene = 1\n")

    with pytest.raises(SceneError, match=f"a.py is {kind}"):
        load(tmp_path / "a.py")
    with pytest.raises(SceneError, match="No module named 'own'"):
        load(tmp_path / "b.py")
    for read in (
        lambda: datasets.from_csv("a.csv", target="y"),
        lambda: datasets.from_npz("a.npz"),
        lambda: Recording.load("a.safetensors"),
    ):
        with pytest.raises(NnanimError, match=r"a\.(csv|npz|safetensors)"):
            read()


# -- what has the names of hidden files ------------------------------------------------------------


@pytest.mark.parametrize("name", [".nnanim.x.part", ".nnanim.0123abcd.part.mp4"])
@pytest.mark.parametrize("kind", KINDS[:3])
def test_a_special_file_with_a_hidden_name_stays(
    name: str, kind: str, special: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """It is not what a killed program left: those are files and folders, and no links."""
    os.chdir(tmp_path)
    path = special(kind, name)

    check_place(tmp_path / "f.mp4")
    with replacing(tmp_path / "f.mp4") as made:
        made.write_text("film")
    sweep(tmp_path)

    assert kind_at(path) == kind


def test_a_link_with_a_hidden_name_is_not_followed(tmp_path: Path) -> None:
    """Neither it nor what it leads to is removed."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    (tmp_path / ".nnanim.0123abcd.part").symlink_to("mine")
    (tmp_path / ".nnanim.0123abce.part.txt").symlink_to("mine/notes.txt")

    sweep(tmp_path)

    assert len(list(tmp_path.glob(".nnanim.*"))) == 2
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


def test_the_cache_removes_its_own_files_only(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """What else lies in its folder, or is no file, stays and is not counted."""
    assert nnanim("still", scene_file(), "-r", "64x64", "-o", "a.png")[0] == 0
    mine = {
        kept.folder() / "my.safetensors": stat.S_IFREG,
        kept.folder() / f"{'a' * 64}.safetensors": stat.S_IFIFO,
        kept.folder() / f"{'b' * 64}.safetensors": stat.S_IFDIR,
        kept.folder() / f"{'c' * 64}.safetensors": stat.S_IFLNK,
    }
    for path, kind in mine.items():
        if kind == stat.S_IFREG:
            path.write_text("mine")
        elif kind == stat.S_IFIFO:
            os.mkfifo(path)
        elif kind == stat.S_IFDIR:
            path.mkdir()
        else:
            path.symlink_to("my.safetensors")

    told = nnanim("cache", "--json")[1]
    code, _, err = nnanim("cache", "--clear")

    assert '"recordings": 1,' in told
    assert code == 0
    assert "1 recordings removed" in err
    assert {path: stat.S_IFMT(path.lstat().st_mode) for path in kept.folder().iterdir()} == mine


def test_a_device_is_known(tmp_path: Path) -> None:
    """By what the system says of it, not by its name."""
    assert kind_at(Path("/dev/null")) == "a device"
    assert kind_at(tmp_path) == "a folder"
    assert kind_at(Path(__file__)) == "a file"
    assert kind_at(tmp_path / "gone") == kind_at(Path(__file__) / "gone") == ""
    with pytest.raises(WriteError, match="/dev/null is a device: name a file"):
        check_place(Path("/dev/null"))
