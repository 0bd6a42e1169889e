"""A user's data file, opened; what is wrong with it is said of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from nnanim.errors import SceneError
from nnanim.texts import printable

_SHOWN, _LONGEST = 40, 60  # names in an error, and letters of each


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file to read its bytes; `SceneError` says where it was looked for, or why not."""
    try:
        place = Path(path).absolute()
        is_file, is_there = place.is_file(), place.exists()
    except (OSError, TypeError, ValueError) as error:
        raise SceneError(f"{path!r:.200} is no path of a file: {error}") from error
    if is_there and not is_file:  # a pipe would be waited for, a device never ends
        kind = "a folder" if place.is_dir() else "a pipe or a device"
        raise SceneError(f"no file {str(path)!r}: {place} is {kind}; give a file that can be read")
    if not is_file:
        raise SceneError(
            f"no file {str(path)!r}: looked for {place}; a relative path starts at the working "
            "directory"
        )
    try:
        with place.open("rb") as file:
            yield file
    except OSError as error:
        raise SceneError(f"{str(path)!r} cannot be read: {error}") from error


@contextmanager
def about(path: str | Path) -> Iterator[None]:
    """Name the file in a `SceneError` that is raised inside."""
    try:
        yield
    except SceneError as error:
        raise SceneError(f"{path}: {error}") from error


def shown(names: Iterable[str]) -> list[str]:
    """Return the names that a file brings as an error has room for them: the first, shortened."""
    return [printable(name)[:_LONGEST] for name in islice(names, _SHOWN)]
