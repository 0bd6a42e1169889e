"""Files and folders appear whole or not at all; what killed programs leave can be told."""

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nnanim.errors import WriteError
from nnanim.place import check_place, hidden, replacing, sweep

KILLED = """
import os, sys
from pathlib import Path
from nnanim.place import hidden

with hidden(Path(sys.argv[1]), ".txt", folder=sys.argv[2] == "folder"):
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def killed(tmp_path: Path) -> Callable[[str], Path]:
    """Return what makes a file or folder that a killed program has left."""

    def left(kind: str) -> Path:
        before = set(tmp_path.iterdir())
        command = [sys.executable, "-c", KILLED, str(tmp_path), kind]
        assert subprocess.run(command, check=False).returncode == -9
        (made,) = set(tmp_path.iterdir()) - before
        return made

    return left


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("durable", [True, False])
def test_what_a_killed_program_left_goes_with_the_next_that_is_durable(
    kind: str, durable: bool, killed: Callable[[str], Path], tmp_path: Path
) -> None:
    """What lives is locked, and stays; whatever is not durable looks for nothing."""
    left = killed(kind)

    with hidden(tmp_path, folder=kind == "folder") as living:
        with replacing(tmp_path / "a.txt", durable=durable) as made:
            made.write_text("new")
        found = set(tmp_path.iterdir())

    assert found == {living, tmp_path / "a.txt"} | (set() if durable else {left})
    check_place(tmp_path / "b.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_what_only_looks_alike_stays(tmp_path: Path) -> None:
    """Names that are not ours are anybody's."""
    names = {".nnanim.notes.part", "nnanim.0123abcd.part", ".nnanim.0123abcd.txt", ".a.part"}
    for name in names:
        (tmp_path / name).touch()

    sweep(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == names


@pytest.mark.parametrize("folder", [False, True])
def test_a_disk_without_locks_is_written_to(
    folder: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies there may be under way, so it stays."""

    def none(*_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    left = tmp_path / ".nnanim.0123abcd.part.txt"
    left.touch()

    with replacing(tmp_path / "a", folder=folder) as made:
        (made / "frame_00001.png" if folder else made).write_text("new")

    assert set(tmp_path.iterdir()) == {left, tmp_path / "a"}


@pytest.mark.parametrize("durable", [True, False])
def test_what_is_durable_is_on_the_disk_before_it_has_its_name(
    durable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the name thereafter; else the system may take its time."""
    path = tmp_path / "a.txt"
    seen: list[tuple[bool, bool]] = []

    def synced(handle: int) -> None:
        seen.append((os.path.samestat(os.fstat(handle), tmp_path.stat()), path.exists()))

    monkeypatch.setattr(os, "fsync", synced)

    with replacing(path, durable=durable) as made:
        made.write_text("new")

    assert seen == ([(False, False), (True, True)] if durable else [])


@pytest.mark.parametrize("durable", [True, False])
def test_what_raises_leaves_the_old_file(durable: bool, tmp_path: Path) -> None:
    """A user's own trouble with a file is passed on as it came."""
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write() -> None:
        with replacing(path, durable=durable) as made:
            made.write_text("new")
            (tmp_path / "gone.csv").read_text()

    with pytest.raises(FileNotFoundError):
        write()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_goes_while_it_is_written_is_one_line(tmp_path: Path) -> None:
    """Whoever took it away."""
    path = tmp_path / "a.txt"

    def write() -> None:
        with replacing(path, durable=False) as made:
            made.unlink()

    with pytest.raises(WriteError, match=r"cannot write .*a\.txt: No such file"):
        write()

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_is_one_line(tmp_path: Path) -> None:
    """Before anything is trained."""
    with pytest.raises(WriteError, match="File name too long"):
        check_place(tmp_path / f"{'a' * 300}.mp4")
