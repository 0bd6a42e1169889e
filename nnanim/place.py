"""Where a film goes: it takes its name when it is whole, or what was there stays.

A film grows in a hidden folder beside its place. The folder is locked while its maker lives, so
that whoever comes next can tell what a killed one left behind, and remove it.
"""

import ctypes
import errno
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from nnanim.errors import WriteError

if sys.platform != "win32":
    import fcntl

FRAME_NAME = "frame_%05d.png"  # of the pictures in a folder that is a film
_PREFIX, _SUFFIX = ".nnanim.", ".part"
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of Linux
_REFUSALS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
}


def check_place(path: Path, *, folder: bool = False) -> None:
    """Raise `WriteError` where no file, or no folder of PNG files, can be written at `path`.

    Takes away what killed renders left beside it.
    """
    with _workshop(path, folder):
        pass


def holds_frames(folder: Path) -> bool:
    """Return whether a folder is a film of pictures, or empty: then another may take its place."""
    return all(re.fullmatch(r"frame_[0-9]+\.png", entry.name) for entry in folder.iterdir())


@contextmanager
def replacing(path: Path, *, folder: bool = False) -> Iterator[Path]:
    """Give a place for a new file, or folder, that takes the name of `path` when all is well.

    What else lies in the parent of that place goes away with it. An exception, Ctrl-C or a TERM
    signal leaves what was at `path`. Raises `WriteError` where the disk refuses.
    """
    try:
        with _terminable(), _workshop(path, folder) as workshop:
            made = workshop / path.name
            if folder:
                made.mkdir()
            try:
                yield made
            except WriteError as error:
                raise WriteError(f"cannot write {path}: {error}") from error
            _publish(made, path)
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        raise WriteError(f"cannot write {path}: {error.strerror}") from error


@contextmanager
def _workshop(path: Path, folder: bool) -> Iterator[Path]:
    """Make a locked hidden folder beside `path`, and take it away."""
    _check_name(path, folder)
    _remove_left_behind(path.parent)
    try:
        workshop, lock = _locked_folder(path.parent)
    except OSError as error:
        raise WriteError(f"cannot write in the folder {path.parent}: {error.strerror}") from error
    try:
        yield workshop
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
        os.close(lock)


def _check_name(path: Path, folder: bool) -> None:
    if not path.parent.is_dir():
        raise WriteError(
            f"the folder {path.parent} does not exist: make it first, or choose another"
        )
    if path.is_dir() and not folder:
        raise WriteError(f"{path} is a folder: name a file in it")
    if folder and path.is_dir() and not holds_frames(path):
        raise WriteError(
            f"{path} is a folder that holds more than a film's frames: name a new folder"
        )
    if folder and path.is_file():
        raise WriteError(f"{path} is a file: name a folder for the frames")


def _locked_folder(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(_SUFFIX, _PREFIX, parent))
        lock = _lock(folder)
        if lock is not None:
            return folder, lock
        # Between the making and the lock another took it for left behind.


def _lock(folder: Path) -> int | None:
    """Return a handle that keeps the folder locked until it is closed; None if another does."""
    if sys.platform == "win32":  # folders cannot be locked there: what is left behind stays
        return os.open(os.devnull, os.O_RDONLY)
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    if not folder.exists():
        os.close(handle)
        return None
    return handle


def _remove_left_behind(parent: Path) -> None:
    """Remove the folders in `parent` whose makers were killed."""
    if sys.platform == "win32":
        return
    for folder in parent.glob(f"{_PREFIX}*{_SUFFIX}"):
        handle = _lock(folder)
        if handle is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def _publish(made: Path, path: Path) -> None:
    """Give what was made its name: bytes to the disk first, then the rename."""
    mask = os.umask(0)
    os.umask(mask)
    for part in [*sorted(made.rglob("*")), made]:
        part.chmod((0o777 if part.is_dir() else 0o666) & ~mask)
        _to_disk(part)
    if not path.is_dir():
        made.replace(path)
    elif not _exchanged(made, path):
        # For a moment there is neither; where the system can exchange them, there always is one.
        path.replace(made.with_name(f"{made.name}.old"))
        made.replace(path)
    _to_disk(path.parent)


def _exchanged(made: Path, path: Path) -> bool:
    """Let two folders exchange their names in one step, where the system can."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(rename(_HERE, os.fsencode(made), _HERE, os.fsencode(path), _EXCHANGE) == 0)


def _to_disk(path: Path) -> None:
    if sys.platform == "win32" and path.is_dir():  # folders cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let TERM and HUP end the work in order, as Ctrl-C does, where nobody else handles them."""

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        raise SystemExit(128 + number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(ValueError):
                signal.signal(number, handler)
