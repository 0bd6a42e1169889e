"""Cache: finished recordings in the user's cache folder, found again by their training's key.

What goes wrong with it is never an error of a render: a recording that cannot be read is made
again, and one that cannot be kept is not kept.
"""

import logging
import re
import stat
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from nnanim.dataset import advise
from nnanim.errors import NnanimError
from nnanim.place import sweep
from nnanim.recording.recording import Recording

LIMIT = 2 * 2**30  # bytes; the recordings that were not used for longest go first

_OURS = re.compile(r"[0-9a-f]+\.safetensors|\.[0-9a-f]+\.safetensors\.[0-9a-f]{8}\.partial")

_log = logging.getLogger("nnanim")


def folder() -> Path:
    """Return where recordings are kept."""
    return user_cache_path("nnanim", appauthor=False) / "recordings"


def find(key: str) -> Recording | None:
    """Return the finished recording of the training with that key, None where there is none."""
    path = _file(key)
    try:
        if not path.is_file():
            return None
        recording = Recording.load(path)
    except (NnanimError, OSError) as error:
        advise(f"a kept recording is of no use and is made again: {error}")
        return None
    with suppress(OSError):
        path.touch()
    return recording if recording.header.key == key else None


def keep(recording: Recording) -> None:
    """Keep a finished recording, and drop old ones beyond the limit."""
    path = _file(recording.header.key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        recording.save(path)
        _prune()
    except (NnanimError, OSError) as error:
        _log.info("the recording is not kept for the next render: %s", error)


def contents() -> list[Path]:
    """Return the files of all kept recordings, the least recently used first.

    Among them are those that a killed program of an earlier nnanim left half-written.
    """
    found = []
    for path in folder().glob("*"):
        with suppress(OSError):  # another may remove it meanwhile
            status = path.lstat()
            if _OURS.fullmatch(path.name) and stat.S_ISREG(status.st_mode):
                found.append((status.st_mtime, path))
    return [path for _, path in sorted(found)]


def clear() -> int:
    """Remove all kept recordings, and what killed programs left; returns how many there were."""
    sweep(folder())
    found = contents()
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _prune() -> None:
    files = contents()
    sizes = [path.stat().st_size for path in files]
    excess = sum(sizes) - LIMIT
    for path, size in zip(files, sizes, strict=True):
        if excess <= 0:
            return
        path.unlink(missing_ok=True)
        excess -= size


def _file(key: str) -> Path:
    return folder() / f"{key}.safetensors"
