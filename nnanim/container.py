"""Container: a JSON header and named arrays in one safetensors file, safe to write and to open."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from nnanim.errors import RecordingError
from nnanim.partial import appearing

Tensors = dict[str, NDArray[Any]]

_KEY = "nnanim"  # the metadata's one entry: of several, safetensors keeps no order
_KINDS: dict[object, np.dtype[Any]] = {
    "F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"), "I32": np.dtype("<i4"), "I16": np.dtype("<i2"), "I8": np.dtype("i1"),
    "U8": np.dtype("u1"), "BOOL": np.dtype("?"),
}  # fmt: skip


def write(
    path: Path,
    tensors: Mapping[str, NDArray[Any]],
    header: Mapping[str, Any],
    *,
    durable: bool = True,
) -> None:
    """Write a file that appears under its name when it is whole.

    If `durable`, it survives a loss of power too, which costs some milliseconds.
    Raises `WriteError` where the disk or the folder refuses; what stood at `path` stays then.
    """
    metadata = {_KEY: json.dumps(header, ensure_ascii=False, allow_nan=False, sort_keys=True)}
    whole = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    with appearing(path, durable=durable) as temporary:
        temporary.write_bytes(save(whole, metadata))


def read(path: Path) -> tuple[dict[str, Any], Tensors]:
    """Return the header and the arrays of a file, these mapped into memory and read-only.

    The safetensors library checks that sizes and offsets are true before anything is looked at.
    Raises `RecordingError` for a file of another kind, and for one that is not whole.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
        mapped = np.memmap(path, np.uint8, "r")
        start = 8 + int.from_bytes(mapped[:8].tobytes(), "little")
        table = json.loads(mapped[8:start].tobytes())
        tensors = {
            name: _mapped(mapped, start, entry)
            for name, entry in table.items()
            if name != "__metadata__"
        }
    except FileNotFoundError:
        raise RecordingError(f"no recording {str(path)!r}: expected a .safetensors file") from None
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise RecordingError(f"{path} is not a recording, or not a whole one: {error}") from error
    if _KEY not in metadata:
        raise RecordingError(
            f"{path} holds tensors but is not a recording of nnanim; of checkpoints, "
            "`nnanim record --checkpoints` makes one"
        )
    return _header(path, metadata[_KEY]), tensors


def _mapped(mapped: NDArray[np.uint8], start: int, entry: Mapping[str, Any]) -> NDArray[Any]:
    if entry["dtype"] not in _KINDS:
        raise ValueError(f"arrays of {entry['dtype']} are not known")
    at = start + int(entry["data_offsets"][0])
    shape = tuple(map(int, entry["shape"]))
    return np.ndarray(shape, _KINDS[entry["dtype"]], mapped.data, at)


def _header(path: Path, text: str) -> dict[str, Any]:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not a number")

    try:
        header = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"the header of {path} is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise RecordingError(f"the header of {path} is not an object of JSON")
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

    def array(self, name: str, kind: str, ndim: int) -> NDArray[Any]:
        """Return an array of that kind ("f4", "i8" …) and number of dimensions."""
        self.that(name in self.tensors, f"it has no array {name!r}")
        array = self.finite(name)
        came = f"its array {name!r} is {array.dtype} of shape {array.shape}"
        self.that(array.dtype == np.dtype(kind) and array.ndim == ndim, came)
        return array

    def finite(self, name: str) -> NDArray[Any]:
        """Return an array without NaN and infinity."""
        array = self.tensors[name]
        floating = array.dtype.kind == "f"
        self.that(not floating or bool(np.isfinite(array).all()), f"{name!r} holds NaN or infinity")
        return array
