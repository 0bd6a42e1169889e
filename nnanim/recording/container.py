"""Container: a JSON header and named arrays in one safetensors file, safe to write and to open."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from nnanim.errors import RecordingError
from nnanim.place import kind_at, replacing
from nnanim.texts import json_in

Tensors = dict[str, NDArray[Any]]

# Of the file; a reader refuses newer ones. A file of 1 has no checksum; one of 1 or 2 has a state
# that was kept in the place of its last.
FORMAT = 3
_SUMMED = (2, 3)  # formats with a checksum

_KEY = "nnanim"  # the metadata's one entry: of several, safetensors keeps no order
_SUM = "sha256"  # the header's entry that is the checksum of all else
_KINDS: dict[object, np.dtype[Any]] = {  # in the order in which safetensors lays out a file
    "I64": np.dtype("<i8"), "F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "I32": np.dtype("<i4"),
    "F16": np.dtype("<f2"), "I16": np.dtype("<i2"), "I8": np.dtype("i1"), "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}  # fmt: skip
_PIECE = 2**22  # bytes that are copied at once, where they must be


@dataclass(frozen=True, eq=False)
class Joined:
    """An array that is never whole in memory: `parts` gives it piece by piece along its first axis.

    It is asked for them whenever the array is gone through.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    parts: Callable[[], Iterator[NDArray[Any]]]


def write(
    path: Path,
    tensors: Mapping[str, NDArray[Any] | Joined],
    header: Mapping[str, Any],
    *,
    durable: bool = True,
) -> None:
    """Write a file that appears under its name when it is whole, with a checksum of what it holds.

    If `durable`, it survives a loss of power too, which costs some milliseconds.
    Raises `WriteError` where the disk or the folder refuses; what stood at `path` stays then.
    """
    told = json.loads(_text(header))  # as a reader finds it: JSON makes texts of all names
    metadata = {_KEY: _text({**told, _SUM: _checksum(told, tensors)})}
    names, table = _laid_out(tensors, metadata)
    # Not "wb": to cut off what is empty takes as long as the rest.
    with replacing(path, durable=durable) as made, made.open("r+b") as file:
        file.write(table)
        for name in names:
            for piece in _pieces(tensors[name]):
                file.write(piece)


def _laid_out(
    tensors: Mapping[str, NDArray[Any] | Joined], metadata: Mapping[str, str]
) -> tuple[list[str], bytes]:
    """Return the arrays' names in the order of their bytes, and what the file has before these."""
    kinds = {kind: (rank, code) for rank, (code, kind) in enumerate(_KINDS.items())}
    of = {name: kinds[array.dtype.newbyteorder("<")] for name, array in tensors.items()}
    names = sorted(tensors, key=lambda name: (of[name][0], name))
    table: dict[str, Any] = {"__metadata__": metadata}
    at = 0
    for name in names:
        array = tensors[name]
        end = at + math.prod(array.shape) * array.dtype.itemsize
        table[name] = {
            "dtype": of[name][1],
            "shape": list(array.shape),
            "data_offsets": [at, end],
        }
        at = end
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return names, len(text).to_bytes(8, "little") + text


def _pieces(array: NDArray[Any] | Joined) -> Iterator[memoryview]:
    """Give the bytes of an array as a file has them, copied where they must be, a few at a time."""
    for part in array.parts() if isinstance(array, Joined) else (array,):
        rows = part.reshape(1) if part.ndim == 0 else part
        high = len(rows) if rows.flags.c_contiguous else max(1, _PIECE * len(rows) // rows.nbytes)
        for start in range(0, len(rows), high) if rows.size else ():
            piece = np.ascontiguousarray(rows[start : start + high], rows.dtype.newbyteorder("<"))
            yield piece.reshape(-1).view(np.uint8).data


def read(path: Path, *, checked: bool = True) -> tuple[dict[str, Any], Tensors]:
    """Return the header and the arrays of a file, these mapped into memory and read-only.

    The safetensors library checks that sizes and offsets are true before anything is looked at.
    Raises `RecordingError` for a file of another kind, for one that is not whole, and for one
    that is damaged: its checksum is that of something else. Files of format 1 have none. What was
    just written need not be `checked`, which goes through the whole of it.
    """
    with _of_a_whole_file(path):
        if kind_at(path) != "a file":
            raise RecordingError(
                f"{path} is {kind_at(path) or 'no file'}: expected a recording, .safetensors"
            )
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
    if _KEY not in metadata:
        raise RecordingError(
            f"{path} holds tensors but is not a recording of nnanim; of checkpoints, "
            "`nnanim record --checkpoints` makes one"
        )
    header = _header(path, metadata[_KEY])
    with _of_a_whole_file(path):
        mapped = np.memmap(path, np.uint8, "r")
        start, table = _table(mapped)
        tensors = {name: _mapped(mapped, start, entry) for name, entry in table.items()}
    noted = header.pop(_SUM, None)
    if not checked:
        return header, tensors
    if noted != _checksum(header, tensors) and (
        noted is not None or header.get("format") in _SUMMED
    ):
        raise RecordingError(
            f"{path} is damaged: its checksum is not that of what it holds; "
            "record it again, or use another copy"
        )
    return header, tensors


def places(path: Path, names: Sequence[str]) -> NDArray[np.int64]:
    """Return for arrays (names,) of a file that was just written where their bytes begin."""
    with _of_a_whole_file(path):
        start, table = _table(np.memmap(path, np.uint8, "r"))
        return np.array([start + table[name]["data_offsets"][0] for name in names], np.int64)


def array_at(path: Path, place: int, kind: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return a copy of the array whose bytes begin at a place of a file that was just written.

    To `read` the file for it takes fifty times as long where there are a hundred arrays.
    """
    with _of_a_whole_file(path):
        found = np.fromfile(path, kind.newbyteorder("<"), math.prod(shape), offset=place)
        return found.reshape(shape)


def _table(mapped: NDArray[np.uint8]) -> tuple[int, dict[str, Any]]:
    """Return where the arrays of a file begin, and what its table says of each."""
    start = 8 + int.from_bytes(mapped[:8].tobytes(), "little")
    table = json.loads(mapped[8:start].tobytes())
    del table["__metadata__"]
    return start, table


def _checksum(header: Mapping[str, Any], tensors: Mapping[str, NDArray[Any] | Joined]) -> str:
    """Return the SHA-256 of a header and arrays, 64 hexadecimal digits; half a ms a megabyte."""
    digest = hashlib.sha256(_text(header).encode())
    for name in sorted(tensors):
        array = tensors[name]
        kind = array.dtype.newbyteorder("<").str
        digest.update(f"{name} {kind} {array.shape} ".encode())
        for piece in _pieces(array):
            digest.update(piece)
    return digest.hexdigest()


def _text(header: Mapping[str, Any]) -> str:
    return json.dumps(header, ensure_ascii=False, allow_nan=False, sort_keys=True)


@contextmanager
def _of_a_whole_file(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror or error}") from error
    except (SafetensorError, ValueError, TypeError, KeyError, OverflowError) as error:
        why = str(error).removeprefix("Error while deserializing header: ")
        raise RecordingError(f"{path} is not a recording, or not a whole one: {why}") from error


def _mapped(mapped: NDArray[np.uint8], start: int, entry: Mapping[str, Any]) -> NDArray[Any]:
    if entry["dtype"] not in _KINDS:
        raise ValueError(f"arrays of {entry['dtype']} are not known")
    at = start + int(entry["data_offsets"][0])
    shape = tuple(map(int, entry["shape"]))
    return np.ndarray(shape, _KINDS[entry["dtype"]], mapped.data, at)


def _header(path: Path, text: str) -> dict[str, Any]:
    try:
        header = json_in(text)
    except ValueError as error:
        raise RecordingError(f"{path} is not a recording: its header is wrong: {error}") from error
    if not isinstance(header, dict):
        raise RecordingError(f"{path} is not a recording: its header is no object of JSON")
    return header


@dataclass(frozen=True)
class Checks:
    """What a file's arrays must be; `RecordingError` names the file and what is wrong with it."""

    path: Path
    tensors: Tensors

    def that(self, holds: bool, otherwise: str) -> None:
        """Raise unless `holds`."""
        if not holds:
            raise RecordingError(f"{self.path} is not a recording: {otherwise}")

    def array(self, name: str, kind: str, ndim: int, *, finite: bool = True) -> NDArray[Any]:
        """Return an array of that kind ("f4", "i8" …) and number of dimensions."""
        self.that(name in self.tensors, f"it has no array {name!r}")
        array = self.finite(name) if finite else self.tensors[name]
        came = f"its array {name!r} is {array.dtype} of shape {array.shape}"
        self.that(array.dtype == np.dtype(kind) and array.ndim == ndim, came)
        return array

    def rows(self, name: str) -> NDArray[np.float32]:
        """Return an array (n, …) of finite numbers."""
        return self.array(name, "f4", max(2, self.tensors.get(name, np.zeros(0)).ndim))

    def finite(self, name: str) -> NDArray[Any]:
        """Return an array without NaN and infinity."""
        array = self.tensors[name]
        floating = array.dtype.kind == "f"
        self.that(not floating or bool(np.isfinite(array).all()), f"{name!r} holds NaN or infinity")
        return array
