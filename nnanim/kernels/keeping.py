"""Keeping: what is compiled is kept on the disk, and used again where it is whole.

numba keeps it beside the source, or in the user's cache folder. Where neither can be written, as in
many containers, a folder of this user's among the temporary ones serves. A file that was cut short
or altered would be an error of its reader, or a crash of whoever calls what it holds: each ends
with a digest of itself, and where that does not fit, it is thrown away and made again.
"""

import logging
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from pickle import Unpickler
from typing import Any, BinaryIO

from numba import config
from numba.core import environment
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.runtime.nrt import rtsys

passing: set[Path] = set()  # the temporary folder, where it is in use
_folders: set[Path] = set()  # where kernels are kept

_log = logging.getLogger("nnanim")


def kept(function: Callable[..., Any]) -> "Kept | None":
    """Return where what is compiled of a function is kept; None where nothing can be."""
    try:
        return Kept(function)
    except RuntimeError:  # of all folders that numba tries, none can be written
        place = temporary()
        if place is None:
            return None
        passing.add(place)
        config.CACHE_DIR = str(place)  # type: ignore[attr-defined]  # numba fills it in
        return Kept(function)


def kernels_kept() -> tuple[Path | None, int]:
    """Return the folder of what is compiled, and how many kernels are there; None for nowhere."""
    place = kept(kept)
    if place is None:
        return None, 0
    folder = Path(place._cache_path)  # numba's
    return folder, len(list(folder.glob("*.whole.nbi")))


def first() -> bool:
    """Return whether this is the first that is compiled of these kernels, in whatever process."""
    for folder in _folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{sources()[:16]}.compiled").touch(exist_ok=False)
        except FileExistsError:
            return False
        except OSError:
            break
    return True


@cache
def sources() -> str:
    """Return a digest of everything in this folder that compiled code is made of."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@cache
def temporary() -> Path | None:
    """Return a temporary folder that only this user can write; None where there is none."""
    with suppress(OSError):
        if sys.platform == "win32":
            return Path(tempfile.mkdtemp(prefix="nnanim-"))
        place = Path(tempfile.gettempdir()) / f"nnanim-{os.getuid()}"
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o77:
            return place
        # Somebody else was there first: what is read from it would run as this user.
        return Path(tempfile.mkdtemp(prefix="nnanim-"))
    return None


class Kept(FunctionCache):
    """What is compiled of a function, on the disk; thrown away where any kernel's source changes.

    numba itself looks only at the file of that very function.
    """

    _told: set[str] = set()  # noqa: RUF012  # of all kernels: each is said once

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        place: Any = self._impl
        _folders.add(Path(self._cache_path))
        self._cache_file: _Digested = _Digested(
            self._cache_path, f"{place.filename_base}.whole", sources()
        )  # type: ignore[no-untyped-call]

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for a signature, None where there is nothing.

        numba prepares for compiling first, which takes half a second and imports SciPy where it is
        installed; what is compiled needs its memory alone.
        """
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super()._load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except Exception:  # whatever a damaged file makes of its reader
            self._tell("a compiled kernel was damaged and is made again")
            self._cache_file.forget()
            return None

    def _save_overload(self, sig: Any, data: Any) -> None:
        try:
            super()._save_overload(sig, data)  # type: ignore[no-untyped-call]
        except OSError as error:
            self._tell(f"compiled kernels cannot be kept: {error.strerror}")

    def _tell(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            _log.info(message)


class _Digested(IndexDataCacheFile):
    """Files that end with their digest, which numba's readers do not get to."""

    def forget(self) -> None:
        """Throw the index away: what it names is then made again."""
        with suppress(OSError):
            Path(self._index_path).unlink()

    def _load_index(self) -> Any:
        if Path(self._index_path).is_file():
            _content(Path(self._index_path))
        return super()._load_index()  # type: ignore[no-untyped-call]

    def _load_data(self, name: str) -> Any:
        return _Reader(BytesIO(_content(Path(self._data_path(name))))).load()  # type: ignore[no-untyped-call]

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[BinaryIO]:
        content = BytesIO()
        with super()._open_for_write(filepath) as file:
            yield content
            file.write(content.getvalue() + sha256(content.getvalue()).digest())


class _Reader(Unpickler):
    """Reads what was compiled without importing what of numba it was compiled from."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what goes by a name in a module."""
        ours = (module, name) == (environment.__name__, "_rebuild_env")
        return _environment if ours else super().find_class(module, name)


def _environment(module: str, constants: list[Any], name: str) -> Any:
    """Return what compiled code of a module reaches Python's objects by.

    Here these are constants alone: what it was compiled from is looked up when it is compiled.
    """
    found = environment.lookup_environment(name)  # type: ignore[no-untyped-call]
    if found is None:
        found = environment.Environment({"__name__": module})
        found.consts[:] = constants
        found.env_name = name
        environment.Environment._memo[name] = found
    return found


def _content(path: Path) -> bytes:
    """Return what a file holds before its digest; `ValueError` where that is of something else."""
    content = path.read_bytes()
    length = len(content) - sha256().digest_size
    if length < 0 or sha256(content[:length]).digest() != content[length:]:
        raise ValueError(f"{path} is damaged")
    return content[:length]
