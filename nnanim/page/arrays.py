"""Arrays: the numbers of a page in one buffer, made small for deflate; see FORMAT.md."""

import base64
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.types import Floats

Ref = dict[str, Any]

_MUCH = 4 * 2**20  # bytes, of which the highest level takes seconds to be a thirtieth smaller
_FEW, _LOOKED = 512, 2**16  # numbers: of fewer no way is tried; of more, it is on these alone
_FAST = 1  # the level at which ways are tried
_MISSING = {np.dtype("u1"): 255, np.dtype("u2"): 65535}  # what stands for what is no number


class Arrays:
    """A buffer that grows by arrays; the same array is kept once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._known: dict[tuple[bytes, str, tuple[int, ...]], int] = {}

    def floats(self, values: Any) -> Ref:
        """Keep numbers as they are, in 32 bits."""
        return self._kept(np.asarray(values, np.float32), delta=True)

    def whole(self, values: Any, *, delta: bool = False) -> Ref:
        """Keep whole numbers of 0 or more, in as few bits as hold them."""
        array = np.asarray(values)
        most = int(array.max()) if array.size else 0
        kind = np.uint8 if most < 1 << 8 else np.uint16 if most < 1 << 16 else np.uint32
        return self._kept(array.astype(kind), delta=delta and array.ndim > 0)

    def steps(self, values: Any, low: Any, step: Any, *, delta: bool = False) -> Ref:
        """Keep numbers from `low` on in whole `step`s; those that do not fit in 16 bits as floats.

        Both may be one for each of the last axis. What is no number stays none.
        """
        array = np.asarray(values, np.float64)
        with np.errstate(invalid="ignore"):
            found = np.rint((array - np.asarray(low)) / np.asarray(step))
        known = found[np.isfinite(found)]
        if known.size and (known.min() < 0 or known.max() > 65534):
            return self.floats(values)
        most = int(known.max()) if known.size else 0
        kind = np.dtype("u1") if most < 255 else np.dtype("u2")
        found[~np.isfinite(found)] = _MISSING[kind]
        ref = self._kept(found.astype(kind), delta=delta and array.ndim > 0)
        return {**ref, "low": np.asarray(low).tolist(), "step": np.asarray(step).tolist()}

    def spread(self, values: Any, bits: int, *, delta: bool = False) -> Ref:
        """Keep numbers in steps over their own span, `bits` (up to 16) of them."""
        array = np.asarray(values, np.float64)
        known = array[np.isfinite(array)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        step = (high - low) / ((1 << bits) - 2)
        return self.steps(array, low, step or 1.0, delta=delta)

    @property
    def packed(self) -> str:
        """The buffer, deflated, in base64."""
        return deflated(self.plain)

    @property
    def plain(self) -> bytes:
        """The buffer as it is."""
        return b"".join(self._parts)

    def _kept(self, array: NDArray[Any], *, delta: bool) -> Ref:
        shape, kind = array.shape, f"{array.dtype.kind}{array.dtype.itemsize}"
        way = _smallest(array) if delta and array.size else Way()
        planes = _planes(way.written(array))
        key = planes, kind, (*shape, *way.axes, -1 if way.columns else -2)
        if key not in self._known:
            self._known[key] = self._size
            padded = planes + bytes(-len(planes) % 4)
            self._parts.append(padded)
            self._size += len(padded)
        return {"at": self._known[key], "shape": list(shape), "type": kind, **way.told}


@dataclass(frozen=True)
class Way:
    """How an array of whole numbers is written: as differences along `axes`, one after the other.

    With `columns` the last axis comes first, and of what is below 0 the bits are turned round.
    Floats are taken for the whole numbers that their bits are.
    """

    axes: tuple[int, ...] = ()
    columns: bool = False

    def written(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return what is written of an array."""
        array = array.view(np.uint32) if array.dtype.kind == "f" else array
        for axis in self.axes:
            array = np.diff(array, axis=axis, prepend=np.zeros_like(array.take([0], axis)))
        if not self.columns:
            return array
        signed = array.view(f"i{array.dtype.itemsize}")
        folded = (signed << 1) ^ (signed >> (8 * array.dtype.itemsize - 1))
        return np.moveaxis(folded.view(array.dtype), -1, 0)

    def read(self, array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        """Return an array of this shape from what is written of it, all in one row."""
        if self.columns:
            half = array >> 1
            array = np.where(array & 1, ~half, half).reshape(shape[-1], *shape[:-1])
            array = np.moveaxis(array, 0, -1)
        array = array.reshape(shape)
        for axis in self.axes:
            array = np.cumsum(array, axis=axis, dtype=array.dtype)
        return array

    @property
    def told(self) -> Ref:
        """What a reference says of it."""
        delta = {"delta": list(self.axes)} if self.axes else {}
        return {**delta, "columns": True} if self.columns else delta


def _smallest(array: NDArray[Any]) -> Way:
    """Return the way in which an array deflates to the fewest bytes, as its middle tells."""
    floats = array.dtype.kind == "f"
    if array.size < _FEW:
        return Way() if floats else Way((0,))
    rows = max(1, _LOOKED * len(array) // array.size)
    some = array[(len(array) - rows) // 2 :][:rows] if rows < len(array) else array
    axes = [(0,), (0, 0), (1,), (0, 1)] if array.ndim > 2 else [(0,), (0, 0)]
    ways = [Way(each, columns) for columns in (False, True) for each in axes]
    if floats:
        ways = [Way(), Way((0,), columns=True)]
    return min(ways, key=lambda way: len(zlib.compress(_planes(way.written(some)), _FAST)))


def _planes(array: NDArray[Any]) -> bytes:
    """Return an array's bytes, the lowest of each number first, then the next of each."""
    array = np.ascontiguousarray(array)
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    size = little.dtype.itemsize
    return little.reshape(-1).view(np.uint8).reshape(-1, size).T.tobytes() if array.size else b""


def read(ref: Ref, buffer: bytes) -> Floats:
    """Return the array that a reference stands for, as the player reads it."""
    dtype = np.dtype(ref["type"])
    count = int(np.prod(ref["shape"]))
    bits = np.dtype(f"u{dtype.itemsize}")
    raw = np.frombuffer(buffer, np.uint8, count * dtype.itemsize, ref["at"])
    whole = raw.reshape(dtype.itemsize, count).T.copy().view(bits.newbyteorder("<"))
    way = Way(tuple(ref.get("delta", ())), ref.get("columns", False))
    array = way.read(whole.astype(bits).reshape(-1), tuple(ref["shape"]))
    if "step" not in ref:
        return np.asarray(np.ascontiguousarray(array).view(dtype), np.float64)
    found = np.asarray(ref["low"]) + np.asarray(ref["step"]) * array.astype(np.float64)
    return np.where(array == _MISSING[dtype], np.nan, found)


def deflated(plain: bytes) -> str:
    """Return bytes deflated, in base64."""
    return base64.b64encode(zlib.compress(plain, 9 if len(plain) <= _MUCH else 7)).decode()


def unpacked(packed: str) -> bytes:
    """Return the bytes that are deflated, in base64."""
    return zlib.decompress(base64.b64decode(packed))
