"""Travel: what goes to whoever works elsewhere, and what comes back, as bytes.

A scene travels as its code, its modules and the files beside it that it names. Nothing that travels
holds code of ours, or an object to be unpickled. Whoever opens a scene runs its code.
"""

import ast
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import NnanimError, UsageError
from nnanim.recording.container import read, write
from nnanim.scene.files import SceneFile, ran
from nnanim.scene.reading import code_files, parsed

LARGEST = 256 * 2**20  # bytes of what travels at once

Tensors = dict[str, NDArray[Any]]

_OPENED = 2  # scenes that stay opened


def packed(tensors: Mapping[str, NDArray[Any]], header: Mapping[str, Any]) -> bytes:
    """Return arrays and a header as bytes, with a checksum."""
    with TemporaryDirectory(prefix="nnanim-") as folder:
        path = Path(folder) / "packed.safetensors"
        write(path, tensors, header, durable=False)
        return path.read_bytes()


def unpacked(content: bytes) -> tuple[dict[str, Any], Tensors]:
    """Return the header and the arrays of what came; `UsageError` where it is not whole."""
    if not isinstance(content, bytes) or len(content) > LARGEST:
        raise UsageError(f"expected bytes, at most {LARGEST >> 20} MB of them")
    with TemporaryDirectory(prefix="nnanim-") as folder:
        path = Path(folder) / "packed.safetensors"
        path.write_bytes(content)
        try:
            header, tensors = read(path)
        except NnanimError as error:
            raise UsageError("what came is damaged, or no block") from error
        return header, {name: np.array(array) for name, array in tensors.items()}


def packed_files(file: Path) -> bytes:
    """Return a scene file, its modules and the files beside it that they name, as bytes."""
    found = files_of(file)
    return packed({name: np.frombuffer(held, np.uint8) for name, held in found.items()}, {})


def files_of(file: Path) -> dict[str, bytes]:
    """Return a scene file, its own modules and the files beside it that they name, by their names.

    A file is named by a text in the code that is its path from the scene's folder.
    """
    folder = file.resolve().parent
    code = code_files(file.resolve(), set())
    named = {
        node.value
        for part in code
        for node in ast.walk(parsed(part, lenient=True))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    found = {part.relative_to(folder).as_posix(): part.read_bytes() for part in sorted(code)}
    room = LARGEST - sum(map(len, found.values()))
    for name in sorted(named):
        with suppress(OSError, ValueError):  # most texts are no names of files
            place = folder / name
            inside = place.resolve().is_relative_to(folder) and ".." not in Path(name).parts
            if name and inside and place.is_file():
                room -= place.stat().st_size
                if room < 0:
                    raise UsageError(f"{file} and what it names are more than {LARGEST >> 20} MB")
                found[place.relative_to(folder).as_posix()] = place.read_bytes()
    return found


@dataclass(frozen=True, eq=False)
class Opened:
    """A scene file that has travelled, run, in a `folder` of its own, told with its last "/"."""

    file: SceneFile
    folder: str


_opening = Lock()
_kept: dict[tuple[str, str], Opened] = {}
_folders: list["TemporaryDirectory[str]"] = []


def opened(scene: str, files: bytes) -> Opened:
    """Return the scene of a name among files that have travelled; `UsageError` for others."""
    key = scene, hashlib.sha256(files).hexdigest()
    with _opening:
        if key not in _kept:
            made = _made(scene, files)
            while len(_kept) >= _OPENED:
                del _kept[next(iter(_kept))]
            _kept[key] = made
        return _kept[key]


def _made(scene: str, files: bytes) -> Opened:
    _, tensors = unpacked(files)
    lasting = TemporaryDirectory(prefix="nnanim-")
    _folders.append(lasting)  # as long as this process
    folder = Path(lasting.name).resolve()
    for name, content in tensors.items():
        path = PurePosixPath(name)
        if path.is_absolute() or not path.parts or {"..", ""} & set(path.parts):
            raise UsageError(f"the request's file {name!r:.80} lies in no folder of it")
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.tobytes())
    if Path(scene).name != scene:
        raise UsageError(f"the request's scene is {scene!r:.80}: expected the name of a file")
    return Opened(ran(folder / scene), f"{folder}/")
