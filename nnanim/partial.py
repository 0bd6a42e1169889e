"""Files that appear whole under their name, or not at all."""

import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nnanim.errors import WriteError

_SUFFIX = ".partial"


@contextmanager
def appearing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give a path beside `path` to write to; what is written there takes the name at the end.

    Where the block raises, nothing is left of it, and what stood at `path` stays. If `durable`, the
    file survives a loss of power, which costs some milliseconds. Raises `WriteError` where the disk
    or the folder refuses.
    """
    check_place(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_SUFFIX}")
    try:
        yield temporary
        if durable:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise WriteError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Raise `WriteError` where no file can be at `path`: it is a folder, or in none."""
    if path.is_dir():
        raise WriteError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise WriteError(
            f"the folder {path.parent} does not exist: make it first, or choose another"
        )


def sweep(path: Path) -> None:
    """Remove the files that were to become `path` when their programs were killed."""
    for stray in path.parent.glob(f".{glob.escape(path.name)}.*{_SUFFIX}"):
        with suppress(OSError):
            stray.unlink()
