"""A place that cannot be written to, and Ctrl-C, are one line; nothing half made is left."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nnanim.commands import terminal as _terminal

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]
Refused = Callable[..., str]

FILM = ("-r", "128x72", "--seconds", "0.2")
STILL = ("-r", "128x72")


# -- disk and permission ---------------------------------------------------------------------------


DISK: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no such folder": (
        ("render", "tiny.py", "-o", "gone/tiny.mp4"),
        ("the folder gone does not exist", "make it first, or choose another"),
    ),
    "no such folder for a still": (
        ("still", "tiny.py", "-o", "gone/tiny.png"),
        ("the folder gone does not exist", "make it first, or choose another"),
    ),
    "under a file": (
        ("render", "tiny.py", "-o", "tiny.py/tiny.mp4"),
        ("the folder tiny.py does not exist", "make it first, or choose another"),
    ),
    "where nobody may write": (
        ("render", "tiny.py", "-o", "/proc/tiny.mp4"),
        ("cannot write in the folder /proc",),
    ),
    "a gif where nobody may write": (
        ("render", "tiny.py", "-o", "/proc/tiny.gif"),
        ("cannot write in the folder /proc",),
    ),
    "a still where nobody may write": (
        ("still", "tiny.py", "-o", "/proc/tiny.png"),
        ("cannot write in the folder /proc",),
    ),
    "a new scene where nobody may write": (
        ("new", "/proc/rings"),
        ("cannot write /proc/rings.py",),
    ),
    "a new scene in no folder": (
        ("new", "gone/rings"),
        ("the folder gone does not exist", "make it first, or choose another"),
    ),
}


@pytest.mark.usefixtures("no_training", "workplace")
@pytest.mark.parametrize("name", DISK)
def test_what_cannot_be_written_is_refused_before_the_training(name: str, refused: Refused) -> None:
    """The exit code is 5."""
    arguments, says = DISK[name]

    refused(*arguments, code=5, says=says)


@pytest.mark.usefixtures("no_training")
def test_a_folder_in_the_place_of_the_film_is_refused(
    tmp_path: Path, scene_file: SceneFile, refused: Refused
) -> None:
    """The default name may be taken by a folder."""
    (tmp_path / "renders" / "tiny.mp4").mkdir(parents=True)

    refused("render", scene_file(), code=5, says=("tiny.mp4 is a folder", "name a file in it"))


@pytest.mark.usefixtures("no_training")
def test_a_file_in_the_place_of_the_default_folder_is_refused(
    tmp_path: Path, scene_file: SceneFile, refused: Refused
) -> None:
    """`renders` cannot be made where it is a file."""
    (tmp_path / "renders").touch()

    refused(
        "render", scene_file(), code=5, says=("cannot make the folder renders", "say where by -o")
    )


def test_a_full_disk_is_one_line(
    monkeypatch: pytest.MonkeyPatch, scene_file: SceneFile, refused: Refused, tmp_path: Path
) -> None:
    """The system's own words, exit code 5, and no half film."""
    (tmp_path / "renders").mkdir()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    refused("still", scene_file(), *STILL, code=5, says=("No space left on device",))


ON_A_FULL_DISK = [
    ("render", "tiny.py", *FILM, "-o", "disk/f.mp4"),
    ("render", "tiny.py", *FILM, "-o", "disk/f.gif", "--extras"),
    ("render", "tiny.py", *FILM, "-o", "disk/f", "--format", "png"),
    ("still", "tiny.py", "-o", "disk/f.svg"),
    ("sheet", "tiny.py", "--epochs", "0,1", "-o", "disk/f.png"),
    ("record", "tiny.py", "-o", "disk/r.safetensors"),
    ("export", "run.safetensors", "-o", "disk/a.npz"),
    ("compare", "tiny.py", "run.safetensors", *FILM, "-o", "disk/f.mp4"),
    ("new", "disk/rings"),
]


@pytest.mark.parametrize("there", ["nothing", "files of no bytes"])
@pytest.mark.parametrize("command", ON_A_FULL_DISK, ids=lambda words: f"{words[0]} {words[-1]}")
def test_a_full_disk_is_named_with_the_bytes_that_are_free(
    command: tuple[str, ...],
    there: str,
    run: Path,
    refused: Refused,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether it takes nothing more, or new names without bytes."""
    del run
    disk = tmp_path / "disk"
    disk.mkdir()
    full = OSError(errno.ENOSPC, "No space left on device")
    new, make, synced = os.open, os.mkdir, os.fsync

    def opened(path: str, flags: int, *more: int, **by: int) -> int:
        if flags & os.O_CREAT and disk in Path(path).absolute().parents:
            raise OSError(errno.ENOSPC, full.strerror, str(path))
        return new(path, flags, *more, **by)

    def made(path: str, *more: int, **by: int) -> None:
        if disk in Path(path).absolute().parents:
            raise OSError(errno.ENOSPC, full.strerror, str(path))
        make(path, *more, **by)

    def on_the_disk(handle: int) -> None:
        if disk in Path(f"/proc/self/fd/{handle}").readlink().parents:
            raise full
        synced(handle)

    if there == "nothing":
        monkeypatch.setattr(os, "open", opened)
        monkeypatch.setattr(os, "mkdir", made)
    else:
        monkeypatch.setattr(os, "fsync", on_the_disk)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 1234))

    refused(
        *command, code=5, says=("disk", "No space left on device; 1,234 bytes are free there: make")
    )
    assert not any(disk.iterdir())


def test_a_full_disk_has_no_default_folder(
    monkeypatch: pytest.MonkeyPatch, scene_file: SceneFile, refused: Refused
) -> None:
    """It is told as that of a film is."""

    def full(path: str, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", path)

    scene_file()
    monkeypatch.setattr(os, "mkdir", full)

    refused(
        "render",
        "tiny.py",
        code=5,
        says=("the folder renders", "bytes are free", "say where by -o"),
    )


# -- Ctrl-C ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["training", "frames"])
@pytest.mark.parametrize("suffix", ["mp4", "gif"])
def test_ctrl_c_leaves_no_stray_file(
    stage: str,
    suffix: str,
    monkeypatch: pytest.MonkeyPatch,
    scene_file: SceneFile,
    nnanim: Nnanim,
    tmp_path: Path,
) -> None:
    """At any time it ends with 130 and one word, and an older film stays as it was."""
    film = tmp_path / f"tiny.{suffix}"
    film.write_text("the older film")

    @contextmanager
    def pressed(_: str) -> Iterator[Callable[[str, int, int], None]]:
        def progress(reached: str, _done: int, _total: int) -> None:
            if reached == stage:
                raise KeyboardInterrupt

        yield progress

    monkeypatch.setattr(_terminal, "progress_bar", pressed)
    file = scene_file()

    code, out, err = nnanim("render", file, "-o", film, *FILM)

    assert (code, out, err.strip()) == (130, "", "nnanim: interrupted")
    assert film.read_text() == "the older film"
    assert set(tmp_path.iterdir()) == {file, film}


def test_ctrl_c_while_the_scene_file_runs(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The scene is not blamed for what the user pressed."""
    code, out, err = nnanim("render", scene_file(before="raise KeyboardInterrupt"))

    assert (code, out, err.strip()) == (130, "", "nnanim: interrupted")
