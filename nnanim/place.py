"""Files and folders that appear whole under their name, or not at all.

Each grows under a hidden name beside its place, locked while its maker lives, so that whoever comes
next can tell what a killed one left behind, and remove it.
"""

import ctypes
import errno
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from math import inf
from pathlib import Path

from nnanim.errors import WriteError
from nnanim.signals import put_off, terminable

if sys.platform != "win32":
    import fcntl

FRAME_NAME = "frame_%05d"  # of the pictures in a folder that is a film, before its suffix
_HIDDEN = f".nnanim.{'[0-9a-f]' * 8}.part*"
_KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of Linux
_LITTLE = 2**20  # bytes: with fewer free, the disk is full
_FULL = {errno.ENOSPC, errno.EDQUOT}
_REFUSALS = {
    *_FULL,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.ENAMETOOLONG,
}


@contextmanager
def staying() -> Iterator[None]:
    """Come back to the folder that the program is in, wherever a scene's code has gone.

    Paths that are relative name files there, of ours and of the user's.
    """
    try:
        here = Path.cwd()
    except OSError:  # it was removed
        yield
        return
    try:
        yield
    finally:
        os.chdir(here)


def check_place(path: Path, *, folder: bool = False) -> None:
    """Raise `WriteError` where no file, or no folder of pictures, can be written at `path`.

    Takes away what killed programs left beside it.
    """
    with _refused(path):
        _check_name(path, folder)
    with _refused(path, f"in the folder {path.parent}"):
        sweep(path.parent)
        with hidden(path.parent, folder=folder):
            pass


def kind_at(path: Path) -> str:
    """Return what there is, as "a file" or "a FIFO", whose reader would wait; "" for nothing."""
    if not path.exists():
        return ""
    return _KINDS.get(stat.S_IFMT(path.stat().st_mode), "of an unknown kind")


def holds_frames(folder: Path) -> bool:
    """Return whether a folder is a film of pictures, or empty: then another may take its place."""
    return all(re.fullmatch(r"frame_[0-9]+\.[a-z]+", entry.name) for entry in folder.iterdir())


@contextmanager
def replacing(path: Path, *, folder: bool = False, durable: bool = True) -> Iterator[Path]:
    """Give an empty file, or folder, to be filled; it takes the name of `path` when all is well.

    An exception, Ctrl-C or a TERM signal leaves what was at `path`. If `durable`, the new one
    survives a loss of power, and what killed programs left beside it goes; that costs some
    milliseconds. Raises `WriteError` where the disk or the folder refuses.
    """
    with terminable(), _refused(path):
        _check_name(path, folder)
        place = path.absolute()
        if durable:
            sweep(place.parent)
        with hidden(place.parent, path.suffix, folder=folder) as made:
            try:
                yield made
            except WriteError as error:
                raise WriteError(f"cannot write {path}: {error}{_room(place, _LITTLE)}") from error
            _publish(made, place, durable)


@contextmanager
def hidden(parent: Path, suffix: str = "", *, folder: bool = False) -> Iterator[Path]:
    """Give an empty file or folder in `parent` that is locked while it is used, then removed.

    It is to be filled as it is: another file in its place would not be locked.
    """
    with ExitStack() as afterwards:
        with put_off():
            made, lock = _made(parent, suffix, folder)
            if lock is not None:
                afterwards.callback(os.close, lock)
            afterwards.callback(_remove, made)
        yield made


def sweep(parent: Path) -> None:
    """Remove what killed programs have left in `parent`; where nothing can be locked, it stays."""
    for left in parent.glob(_HIDDEN):
        if left.is_symlink() or kind_at(left) not in ("a file", "a folder"):
            continue  # not ours, which are no links
        with suppress(OSError):
            lock = _lock(left)
            _remove(left)
            os.close(lock)


@contextmanager
def _refused(path: Path, what: str = "") -> Iterator[None]:
    """Turn a refusal of the disk, or one to make what is hidden, into a `WriteError`."""
    try:
        yield
    except OSError as error:
        ours = isinstance(error.filename, str) and Path(error.filename).match(_HIDDEN)
        if error.errno not in _REFUSALS and not ours:
            raise
        raise WriteError(f"cannot write {what or path}: {disk_says(error, path)}") from error


def make_folder(folder: Path) -> None:
    """Make a folder, and those that it is in; raise `WriteError` where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        says = disk_says(error, folder)
        raise WriteError(f"cannot make the folder {folder}: {says}; say where by -o") from error


def disk_says(error: OSError, path: Path) -> str:
    """Return the system's words, and how many bytes are free at `path` where there are too few."""
    return f"{error.strerror}{_room(path) if error.errno in _FULL else ''}"


def _room(path: Path, little: float = inf) -> str:
    """Return how many bytes are free at `path`, where there are fewer than a few."""
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError:
        return ""
    if free >= little:
        return ""
    return f"; {free:,} bytes are free there: make room, or choose another folder"


def _check_name(path: Path, folder: bool) -> None:
    if not path.parent.is_dir():
        raise WriteError(
            f"the folder {path.parent} does not exist: make it first, or choose another"
        )
    kind = kind_at(path)
    if kind not in ("", "a file", "a folder"):
        raise WriteError(f"{path} is {kind}: name a {'folder' if folder else 'file'}")
    if kind == "a folder" and not folder:
        raise WriteError(f"{path} is a folder: name a file in it")
    if folder and kind == "a folder" and not holds_frames(path):
        raise WriteError(
            f"{path} is a folder that holds more than a film's frames: name a new folder"
        )
    if folder and kind and _around_us(path):
        raise WriteError(f"{path} is the folder you are in, or around it: name one for the frames")
    if folder and kind == "a file":
        raise WriteError(f"{path} is a file: name a folder for the frames")


def _around_us(folder: Path) -> bool:
    """Return whether the program is in that folder, or below it: it cannot be replaced then."""
    try:
        return Path.cwd().is_relative_to(folder.resolve())
    except OSError:
        return False


def _made(parent: Path, suffix: str, folder: bool) -> tuple[Path, int | None]:
    """Make a hidden file or folder; returns it with the handle that keeps it locked."""
    while True:
        made = parent / f".nnanim.{secrets.token_hex(4)}.part{suffix}"
        made.mkdir() if folder else made.touch(exist_ok=False)
        try:
            return made, _lock(made)
        except (BlockingIOError, FileNotFoundError):
            pass  # between the making and the lock another took it for left behind
        except OSError:
            return made, None


def _lock(path: Path) -> int:
    """Return a handle that keeps what is at `path` locked until it is closed.

    Raises `BlockingIOError` where another keeps it, `FileNotFoundError` where it has gone, and some
    other `OSError` where nothing can be locked: on Windows, on some disks of networks.
    """
    if sys.platform == "win32":
        raise OSError(errno.ENOTSUP, "files cannot be locked and moved", str(path))
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.stat()
    except OSError:
        os.close(handle)
        raise
    return handle


def _publish(made: Path, path: Path, durable: bool) -> None:
    """Give what was made its name: bytes to the disk first, then the rename."""
    if durable:
        for part in [*sorted(made.rglob("*")), made]:
            _to_disk(part)
    if not path.is_dir():
        made.replace(path)
    elif not _exchanged(made, path):
        # For a moment there is neither; where the system can exchange them, there always is one.
        old = made.with_name(f"{made.name}.old")
        path.replace(old)
        made.replace(path)
        _remove(old)
    if durable:
        _to_disk(path.parent)


def _exchanged(made: Path, path: Path) -> bool:
    """Let two folders exchange their names in one step, where the system can."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(rename(_HERE, os.fsencode(made), _HERE, os.fsencode(path), _EXCHANGE) == 0)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    if sys.platform == "win32" and path.is_dir():  # folders cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
