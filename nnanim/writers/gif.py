"""GIF: one palette for the whole film, the theme's colours exact, no dither."""

import heapq
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import UsageError
from nnanim.kernels import indexed
from nnanim.theme import Theme
from nnanim.writers.ffmpeg import BITEXACT, Encoder
from nnanim.writers.format import Encoding, Format, Frame, Planes, Shots
from nnanim.writers.metadata import write_in_gif

# Delays are whole hundredths of a second, and browsers stretch one hundredth to ten.
_DELAYS = (2, 3, 4, 5, 6, 7, 8, 10, 20, 50, 100)
_COLORS = (256, 128, 64, 40)
_SAMPLES, _REFINEMENTS = 12, 2
_MOST_COLORS = 30_000  # from which a palette is chosen

Floats = NDArray[np.floating]


def _limits(size: tuple[int, int], fps: float, encoding: Encoding) -> None:
    del size, encoding
    if abs(fps - _nearest_rate(fps)) > 0.05:
        rates = ", ".join(f"{100 / delay:.4g}" for delay in _DELAYS)
        raise UsageError(
            f"a GIF cannot run at {fps:g} frames a second, its delays are whole hundredths: "
            f"use one of {rates}"
        )


def _nearest_rate(fps: float) -> float:
    return min((100 / delay for delay in _DELAYS), key=lambda rate: abs(rate - fps))


def _encode(path: Path, shots: Shots, encoding: Encoding) -> None:
    palette = film_palette(shots.sample(_SAMPLES), shots.theme, _COLORS[encoding.step])
    indices = Indices(palette)
    frames: Iterator[Planes] = map(indices.of, shots.frames())
    if shots.converted is not None:
        frames = shots.converted(indices.of)
    arguments = ["-loop", "-1" if encoding.loop == "once" else "0", *BITEXACT, "-f", "gif"]
    with Encoder(path, shots, arguments, pixels="pal8") as encoder:
        for frame in frames:
            encoder.write(frame)
    write_in_gif(path, shots.provenance)


class Indices:
    """Frames as numbers of the nearest colours of a `palette` (256, 4).

    The last colour is empty, for pixels less than half covered, or opaque as all others.
    """

    def __init__(self, palette: NDArray[np.uint8]) -> None:
        self._empty = -1 if palette[255, 3] else 255
        opaque = palette[palette[:, 3] > 0, :3]
        self._colors = np.ascontiguousarray(opaque.T, np.int32)
        self._palette = palette[:, [2, 1, 0, 3]].ravel()  # ffmpeg's words are blue first
        self._table = np.zeros(indexed.COLORS, np.uint16)

    def of(self, frame: Frame) -> Planes:
        """Return an index for each pixel, then the palette: the bytes (height · width + 1024,)."""
        words = np.ascontiguousarray(frame).view("<u4").ravel()
        made = np.empty(len(words) + 1024, np.uint8)
        indexed.to_indices(words, self._colors, self._empty, self._table, made[: len(words)])
        made[len(words) :] = self._palette
        return made


def film_palette(frames: list[Frame], theme: Theme, count: int = 256) -> NDArray[np.uint8]:
    """Return (256, 4), up to `count` colours: the theme's own first, the rest of `frames`."""
    exact = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in theme.opaque_colors]
    known = np.array(list(dict.fromkeys(exact)), float)
    colors, weights = _histogram(frames)
    nearest, distance = _nearest(colors, known)
    rest = distance > 0
    room = count - len(known) - int(theme.transparent)
    chosen = known
    if rest.any():
        chosen = np.concatenate([known, _split(colors[rest], weights[rest], room)])
    for _ in range(_REFINEMENTS):
        nearest, _ = _nearest(colors, chosen)
        mass = np.bincount(nearest, weights, len(chosen))
        moved = mass > 0
        moved[: len(known)] = False
        for channel in range(3):
            sums = np.bincount(nearest, weights * colors[:, channel], len(chosen))
            chosen[moved, channel] = sums[moved] / mass[moved]
    table = np.zeros((256, 4), np.uint8)
    table[:] = (*np.rint(chosen[0]).astype(np.uint8), 255)
    table[: len(chosen), :3] = np.rint(chosen)
    if theme.transparent:
        table[255] = 0
    return table


def _histogram(frames: list[Frame]) -> tuple[Floats, Floats]:
    """Return the colours (n, 3) of the opaque pixels and how many there are of each (n,).

    Where they are too many, those that differ in their last bits are one.
    """
    every, known = np.zeros(indexed.COLORS, np.uint32), np.empty(indexed.COLORS, np.uint32)
    kinds = 0
    for frame in frames:
        words = np.ascontiguousarray(frame).view("<u4").ravel()
        kinds = indexed.count_colors(words, every, known, kinds)
    found = np.sort(known[:kinds]) if kinds else np.zeros(1, np.uint32)
    counts = np.maximum(every[found], 1)
    colors = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    which, groups, bits = np.arange(len(found)), len(found), 0
    while groups > _MOST_COLORS:
        bits += 1
        coarse = colors >> bits
        keys = coarse[:, 0] << 16 | coarse[:, 1] << 8 | coarse[:, 2]
        kept, which = np.unique(keys, return_inverse=True)
        groups = len(kept)
    mass = np.bincount(which, counts)
    sums = [np.bincount(which, counts * colors[:, channel]) for channel in range(3)]
    return np.stack(sums, axis=1) / mass[:, None], mass.astype(float)


class _Group(NamedTuple):
    """Some of the colours: which, their mean (3,), longest axis (3,) and squared error."""

    which: NDArray[np.intp]
    mean: Floats
    axis: Floats
    error: float


def _split(colors: Floats, weights: Floats, count: int) -> Floats:
    """Return up to `count` colours: the group with most error is cut across its longest axis.

    Orchard and Bouman, Color quantization of images, IEEE Trans. Signal Processing 39 (1991).
    """
    serial = itertools.count()  # keeps the order of groups whose error is the same
    whole = _group(colors, weights, np.arange(len(colors)))
    heap = [(-whole.error, next(serial), whole)]
    while len(heap) < count and heap[0][0] < 0:
        _, _, group = heapq.heappop(heap)
        beyond = ((colors[group.which] - group.mean) * group.axis).sum(axis=1) > 0
        for part in (group.which[~beyond], group.which[beyond]):
            made = _group(colors, weights, part)
            heapq.heappush(heap, (-made.error, next(serial), made))
    return np.stack([group.mean for _, _, group in heap])


def _group(colors: Floats, weights: Floats, which: NDArray[np.intp]) -> _Group:
    mean, scatter = np.empty(3), np.empty((3, 3))
    indexed.moments(colors, weights, which, mean, scatter)
    variances, axes = np.linalg.eigh(scatter)
    error = float(np.maximum(variances, 0).sum()) if len(which) > 1 else 0.0
    return _Group(which, mean, axes[:, -1], error)


def _nearest(colors: Floats, chosen: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return which of `chosen` (k, 3) is nearest to each colour (n, 3), and the distance²."""
    found, distances = np.empty(len(colors), np.intp), np.empty(len(colors))
    indexed.nearest_of(colors, chosen, found, distances)
    return found, distances


FORMAT = Format(
    *("gif", (640, 360), 20.0, 8.0, _encode, _limits, _nearest_rate),
    encoder="gif",
    loops=True,
    qualities=tuple(f"{colors} colours" for colors in _COLORS),
)
