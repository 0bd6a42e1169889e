"""Indexed pictures: frames as numbers of a palette's colours, packed as a GIF holds them."""

import math
import struct
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels import indexed, lzw
from nnanim.threads import cores, in_order
from nnanim.types import Frame
from nnanim.writers.format import Shots
from nnanim.writers.metadata import gif_blocks, gif_comment
from nnanim.writers.palette import Palette, film_palette

_SAMPLES = 12  # frames that the palette is chosen from
_FOR_EVER = b"!\xff\x0bNETSCAPE2.0" + gif_blocks(b"\1\0\0")
_STAYS, _GOES = 1 << 2, 2 << 2  # what becomes of a picture before the next: bits of its block

Picture = NDArray[np.uint8]  # (height, width): which colour of the palette each pixel is


def write_gif(path: Path, shots: Shots, colors: int, endless: bool) -> None:
    """Write a GIF of up to `colors` colours that is shown once, or `endless`ly."""
    palette = film_palette(shots.sample(_SAMPLES), shots.theme, colors, shots.named())
    indices = Indices(palette, shots.size)
    pictures: Iterator[Picture] = map(indices.of, shots.frames())
    if shots.converted is not None:
        pictures = shots.converted(indices.of)
    with path.open("wb") as file:
        file.write(header(shots.size, palette) + gif_comment(shots.provenance))
        file.write(_FOR_EVER if endless else b"")
        count = write_pictures(file, pictures, palette, round(100 / shots.fps))
        file.write(b";")
    if count != shots.count:
        raise ValueError(f"{count} frames written: expected {shots.count}")


class Indices:
    """Frames of `size` (width, height) as numbers of the nearest colours of a `palette` (n, 4).

    The last colour is empty, for pixels less than half covered, or opaque as all others.
    """

    def __init__(self, palette: Palette, size: tuple[int, int]) -> None:
        self._empty = _empty(palette)
        self._shape = (size[1], size[0], 4)
        opaque = palette[palette[:, 3] > 0, :3]
        self._colors = np.ascontiguousarray(opaque.T, np.int32)
        self._table = indexed.new_table()

    def of(self, frame: Frame) -> Picture:
        """Return which colour each pixel of a frame (height, width, 4) is."""
        if frame.shape != self._shape:
            raise ValueError(f"frame of shape {frame.shape}: expected {self._shape}")
        words = np.ascontiguousarray(frame).view("<u4").ravel()
        made = np.empty(len(words), np.uint8)
        indexed.to_indices(words, self._colors, self._empty, self._table, made)
        return made.reshape(self._shape[:2])


def write_pictures(
    file: BinaryIO,
    pictures: Iterable[Picture],
    palette: Palette,
    delay: int,
    threads: int | None = None,
) -> int:
    """Write `pictures`, each shown for `delay` hundredths of a second, and return how many.

    They are packed several at once on `threads` threads; None: one for each core.
    """
    make = partial(_block, empty=_empty(palette), bits=_bits(palette), delay=delay)
    return sum(
        file.write(block) > 0
        for block in in_order(make, _with_neighbours(pictures), threads or cores())
    )


class _Moment(NamedTuple):
    """A picture, the one before it and the one after it."""

    before: Picture | None
    picture: Picture
    after: Picture | None


def _with_neighbours(pictures: Iterable[Picture]) -> Iterator[_Moment]:
    before = None
    for picture, after in pairwise(chain(pictures, [None])):
        assert picture is not None
        yield _Moment(before, picture, after)
        before = picture


def _block(moment: _Moment, empty: int, bits: int, delay: int) -> bytes:
    """Return a picture as it stands in the file: the part that changes, packed.

    Nothing can be made empty by drawing over it. Where anything has to, all of the picture before
    goes away, and this one is drawn anew.
    """
    before, picture, after = moment
    goes = after is not None and lzw.vanishes(picture, after, empty)
    if before is None or lzw.vanishes(before, picture, empty):
        # Nothing is as it was; empty is what is not drawn.
        before = ~picture if empty < 0 else np.full_like(picture, empty)
    # What goes away has to be all that is there, and what is new lies within.
    under = np.full_like(picture, empty) if goes else before
    new = np.zeros(256, np.uint8)
    top, bottom, left, right = lzw.difference(under, picture, new)
    bottom, right = max(bottom, 1), max(right, 1)
    keep = empty
    if empty < 0 and moment.before is not None:
        # Any colour that is not drawn may stand for what stays; where all are drawn, there is none.
        unused = np.flatnonzero(new[: 1 << bits] == 0)
        keep = int(unused[0]) if len(unused) else -1
    part = (slice(top, bottom), slice(left, right))
    packed = np.empty(2 * (bottom - top) * (right - left) + 16, np.uint8)
    size = lzw.pack(
        np.ascontiguousarray(before[part]), np.ascontiguousarray(picture[part]), keep, bits, packed
    )
    flags = (_GOES if goes else _STAYS) | (keep >= 0)
    control = struct.pack("<BHB", flags, delay, max(keep, 0))
    place = struct.pack("<4HBB", left, top, right - left, bottom - top, 0, bits)
    return b"!\xf9" + gif_blocks(control) + b"," + place + gif_blocks(packed[:size].tobytes())


def header(size: tuple[int, int], palette: Palette) -> bytes:
    """Return how a GIF begins: its size, and its colours as far as the next power of two."""
    bits = _bits(palette)
    colors = np.zeros((1 << bits, 3), np.uint8)
    colors[: len(palette)] = palette[:, :3]
    # A global palette, eight bits a channel.
    flags = 0xF0 | (bits - 1)
    screen = struct.pack("<HHBBB", *size, flags, max(_empty(palette), 0), 0)
    return b"GIF89a" + screen + colors.tobytes()


def _bits(palette: Palette) -> int:
    return max(2, math.ceil(math.log2(len(palette))))


def _empty(palette: Palette) -> int:
    """Return which colour is empty, negative where none is."""
    return -1 if palette[-1, 3] else len(palette) - 1
