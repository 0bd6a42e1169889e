"""Requests: what of a sweep travels to whoever trains a block, and what comes back.

What travels is bytes: in a request the scene's code, the files beside it that this names, and the
settings of a block's variants; in an answer its rows and tensors. Neither holds code of ours or an
object to be unpickled. Whoever trains a request runs the scene's code.
"""

import ast
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import NnanimError, UsageError
from nnanim.network.torch_state import one_thread
from nnanim.recording.container import read, write
from nnanim.recording.fingerprint import versions
from nnanim.scene.files import SceneFile, ran
from nnanim.scene.reading import code_files, parsed
from nnanim.scene.settings import text_of
from nnanim.sweeps.block import Block, scene_in, trained_block
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.variants import told as as_told
from nnanim.tables import Row

FORMAT = 1

_LARGEST = 256 * 2**20  # bytes of a request, and of an answer
_MOST = 10_000  # variants of a block
_FILE = "file/"


def run_block(request: bytes) -> bytes:
    """Train the block that a request asks for, and return it as bytes.

    It runs the code that the request holds. Raises `NnanimError` for a request that is none, that
    is damaged, or of other versions than are here.
    """
    header, tensors = unpacked(request)
    if header.get("format") != FORMAT or not isinstance(header.get("variants"), list):
        raise UsageError("the request is none of a block of a sweep")
    here = versions()
    if header["versions"] != here:
        raise UsageError(f"the request is of {header['versions']}, but here is {here}")
    if len(header["variants"]) > _MOST:
        raise UsageError(f"the request has more than {_MOST:,} variants")
    files = {name.removeprefix(_FILE): tensors[name].tobytes() for name in sorted(tensors)}
    file, folder = _opened(str(header["scene"]), tuple(files.items()))
    if file.sha256 != header["code"]:
        raise UsageError("the request's code is not what it says")
    variants = [(int(i), dict(settings)) for i, settings in header["variants"]]
    with one_thread(), file.beside.importing():
        block = trained_block(
            int(header["block"]), variants, partial(scene_in, file), float(header["success"])
        )
    rows = [_placed(row, folder, str(header["folder"])) for row in block.rows]
    block = Block(block.number, rows, block.tensors)
    answer = {"key": header["key"], "block": block.number, "rows": rows, "digest": block.digest}
    return packed(block.tensors, answer)


class Request:
    """The requests of a plan, which share the scene's code and the files that this names."""

    def __init__(self, plan: Plan) -> None:
        if plan.file is None:
            raise UsageError(
                "only a scene file can be trained elsewhere, as its code travels: give its path "
                "in place of a scene or a function"
            )
        self._plan, self._file = plan, plan.file
        self._files = {
            f"{_FILE}{name}": np.frombuffer(content, np.uint8)
            for name, content in _files_of(plan.file).items()
        }

    def of(self, number: int) -> bytes:
        """Return the request of a block."""
        plan = self._plan
        variants = [
            [i, {name: text_of(as_told(value)) for name, value in plan.variants[i].items()}]
            for i in plan.numbers(number)
        ]
        header = {
            "format": FORMAT,
            "key": plan.key,
            "versions": versions(),
            "scene": self._file.name,
            "folder": str(self._file).removesuffix(self._file.name),
            "code": plan.code,
            "block": number,
            "variants": variants,
            "success": plan.success,
        }
        return packed(self._files, header)


def _files_of(file: Path) -> dict[str, bytes]:
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
    room = _LARGEST - sum(map(len, found.values()))
    for name in sorted(named):
        with suppress(OSError, ValueError):  # most texts are no names of files
            place = folder / name
            inside = place.resolve().is_relative_to(folder) and ".." not in Path(name).parts
            if name and inside and place.is_file():
                room -= place.stat().st_size
                if room < 0:
                    raise UsageError(f"{file} and what it names are more than {_LARGEST >> 20} MB")
                found[place.relative_to(folder).as_posix()] = place.read_bytes()
    return found


@lru_cache(maxsize=2)
def _opened(scene: str, files: tuple[tuple[str, bytes], ...]) -> tuple[SceneFile, str]:
    """Return a scene file that has travelled, run, and the folder in which it lies."""
    lasting = TemporaryDirectory(prefix="nnanim-")
    _folders.append(lasting)  # as long as this process
    folder = Path(lasting.name).resolve()
    for name, content in files:
        path = PurePosixPath(name)
        if path.is_absolute() or not path.parts or {"..", ""} & set(path.parts):
            raise UsageError(f"the request's file {name!r:.80} lies in no folder of it")
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    if Path(scene).name != scene:
        raise UsageError(f"the request's scene is {scene!r:.80}: expected the name of a file")
    return ran(folder / scene), f"{folder}/"


_folders: list["TemporaryDirectory[str]"] = []


def _placed(row: Row, folder: str, other: str) -> Row:
    """Return a row whose message speaks of a file as lying where it came from."""
    error = row["error"]
    return row if error is None else {**row, "error": error.replace(folder, other)}


def packed(tensors: Mapping[str, NDArray[Any]], header: Mapping[str, Any]) -> bytes:
    with TemporaryDirectory(prefix="nnanim-") as folder:
        path = Path(folder) / "block.safetensors"
        write(path, tensors, header, durable=False)
        return path.read_bytes()


def unpacked(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    if not isinstance(content, bytes) or len(content) > _LARGEST:
        raise UsageError(f"expected bytes, at most {_LARGEST >> 20} MB of them")
    with TemporaryDirectory(prefix="nnanim-") as folder:
        path = Path(folder) / "block.safetensors"
        path.write_bytes(content)
        try:
            header, tensors = read(path)
        except NnanimError as error:
            raise UsageError("what came is damaged, or no block") from error
        return header, {name: np.array(array) for name, array in tensors.items()}
