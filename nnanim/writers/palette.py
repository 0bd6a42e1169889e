"""Palettes: the colours of a whole film, the theme's own among them."""

import heapq
import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels import indexed
from nnanim.themes import Theme
from nnanim.types import Floats, Frame

_REFINEMENTS = 2
_MOST_COLORS = 30_000  # from which a palette is chosen


Palette = NDArray[np.uint8]  # (n, 4), up to 256 colours


def film_palette(
    frames: list[Frame], theme: Theme, count: int = 256, named: Sequence[str] = ()
) -> Palette:
    """Return (n, 4), up to `count` colours: the theme's and those `named`, the rest of `frames`.

    Of very many colours, half of `count` are those. The last is empty where the theme is
    transparent.
    """
    wanted = [*theme.opaque_colors, *map(theme.color, named)]
    exact = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in wanted]
    known = np.array(list(dict.fromkeys(exact)), float)[: count // 2]
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
    table = np.full((len(chosen) + int(theme.transparent), 4), 255, np.uint8)
    table[: len(chosen), :3] = np.rint(chosen)
    table[len(chosen) :] = 0
    return table


def count(frames: list[Frame]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the colours 0xRRGGBB (n,) of the opaque pixels, sorted, and how many are of each."""
    colors = np.full(indexed.SLOTS, indexed.FREE, np.uint32)
    counts, known = np.zeros(len(colors), np.uint32), 0
    for frame in frames:
        words, start = np.ascontiguousarray(frame).view("<u4").ravel(), 0
        while start < len(words):
            start, known = indexed.count_colors(words, start, colors, counts, known)
            if 2 * known >= len(colors):
                slots = np.full(4 * len(colors), indexed.FREE, np.uint32)
                moved = np.zeros(len(slots), np.uint32)
                indexed.move_counts(colors, counts, slots, moved)
                colors, counts = slots, moved
    held = np.flatnonzero(colors != indexed.FREE)
    held = held[np.argsort(colors[held])]
    return colors[held], counts[held]


def _histogram(frames: list[Frame]) -> tuple[Floats, Floats]:
    """Return the colours (n, 3) of the opaque pixels and how many there are of each (n,).

    Where they are too many, those that differ in their last bits are one.
    """
    found, counts = count(frames)
    if len(found) == 0:
        found, counts = np.zeros(1, np.uint32), np.ones(1, np.uint32)
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
