"""Indexed colour: what a palette is chosen from, and pixels as numbers of its colours."""

import numpy as np

from nnanim.kernels.blend import Array
from nnanim.kernels.compilation import compiled

_WORD = np.uint32
_LOW, _COLOR, _HALF = _WORD(0xFF), _WORD(0xFFFFFF), _WORD(1 << 31)
_EIGHT, _SIXTEEN = _WORD(8), _WORD(16)

# A table of all colours is far larger than a processor's cache, and a film's colours lie all over
# it, so the numbers found last are kept in few slots, by Knuth's multiplicative hashing.
SLOTS, FREE = 1 << 16, 0xFFFFFFFF
_FACTOR = _WORD(2654435769)


@compiled
def _slot(color: np.uint32) -> np.uint32:
    return _WORD(_WORD(color * _FACTOR) >> _SIXTEEN)


@compiled
def count_colors(
    pixels: Array, start: int, colors: Array, counts: Array, known: int
) -> tuple[int, int]:
    """Count the pixels (n,) from number `start` on that are at least half opaque.

    `colors`, 0xRRGGBB or `FREE`, and their `counts` are slots, a power of two of them. Returns
    where it stopped, at the end or where half of the slots are taken, and how many are.
    """
    at, run, most = 0, _WORD(0), len(colors) // 2
    last = pixels[start] & ~_HALF  # none that counts
    for i in range(start, len(pixels)):
        word = pixels[i]
        if word == last:  # most pixels are as their neighbour
            run = _WORD(run + _WORD(1))
            continue
        if last >= _HALF:
            counts[at] += run
        if known >= most:
            return i, known
        last, run = word, _WORD(1)
        if word >= _HALF:
            red, green, blue = word & _LOW, (word >> _EIGHT) & _LOW, (word >> _SIXTEEN) & _LOW
            color = _WORD((red << _SIXTEEN) | (green << _EIGHT) | blue)
            at = _place(color, colors)
            known += colors[at] == FREE
            colors[at] = color
    if last >= _HALF:
        counts[at] += run
    return len(pixels), known


@compiled
def move_counts(colors: Array, counts: Array, more: Array, counts_there: Array) -> None:
    """Move what `count_colors` has counted to other slots."""
    for i in range(len(colors)):
        if colors[i] != FREE:
            at = _place(colors[i], more)
            more[at], counts_there[at] = colors[i], counts[i]


@compiled
def _place(color: np.uint32, colors: Array) -> int:
    """Return the slot that holds a colour, or would."""
    mask = len(colors) - 1
    at = int(np.int64(_WORD(color * _FACTOR) >> _EIGHT)) & mask
    while colors[at] != FREE and colors[at] != color:
        at = (at + 1) & mask
    return at


@compiled
def nearest_of(colors: Array, chosen: Array, which: Array, distances: Array) -> None:
    """Write which of `chosen` (k, 3) is nearest to each of `colors` (n, 3), and the distance²."""
    for i in range(len(colors)):
        red, green, blue = colors[i, 0], colors[i, 1], colors[i, 2]
        least, first = np.inf, 0
        for k in range(len(chosen)):
            x, y, z = red - chosen[k, 0], green - chosen[k, 1], blue - chosen[k, 2]
            far = x * x + y * y + z * z
            if far < least:
                least, first = far, k
        which[i], distances[i] = first, least


@compiled
def moments(colors: Array, weights: Array, group: Array, mean: Array, scatter: Array) -> None:
    """Write the `mean` (3,) of a group of colours (n, 3), and their `scatter` (3, 3) about it."""
    total = 0.0
    mean[:] = 0.0
    scatter[:] = 0.0
    for i in group:
        total += weights[i]
        for k in range(3):
            mean[k] += weights[i] * colors[i, k]
    mean /= total
    for i in group:
        x, y, z = colors[i, 0] - mean[0], colors[i, 1] - mean[1], colors[i, 2] - mean[2]
        wx, wy, wz = weights[i] * x, weights[i] * y, weights[i] * z
        scatter[0, 0] += wx * x
        scatter[1, 0] += wy * x
        scatter[2, 0] += wz * x
        scatter[1, 1] += wy * y
        scatter[2, 1] += wz * y
        scatter[2, 2] += wz * z


def new_table() -> Array:
    """Return a table (SLOTS,) for `to_indices` that holds nothing yet."""
    table = np.zeros(SLOTS, np.uint32)
    table[0] = 1 << 8  # black belongs here and its number is not known; this colour never does
    return table


@compiled
def to_indices(pixels: Array, palette: Array, empty: int, table: Array, indices: Array) -> None:
    """Write which colour of `palette` (3, up to 256) is nearest to each of `pixels` (n,).

    Of colours as near as each other the first is taken. What is less than half opaque becomes
    `empty` where that is not negative. `table`, of `new_table`, keeps what was found last; threads
    may share it, for a colour and its number are one word.
    """
    last = ~pixels[0]
    index = 0
    for i in range(len(pixels)):
        word = pixels[i]
        if word != last:  # most pixels are as their neighbour
            last = word
            if empty >= 0 and word < _HALF:
                index = empty
            else:
                color = _WORD(word & _COLOR)
                slot = _slot(color)
                held = table[slot]
                index = int(held & _LOW)
                if held >> _EIGHT != color:
                    index = nearest(word, palette)
                    table[slot] = (color << _EIGHT) | index
        indices[i] = index


@compiled
def nearest(word: np.uint32, palette: Array) -> int:
    """Return the first of the nearest colours of `palette` (3, n) by Euclid's distance."""
    red, green, blue = palette[0], palette[1], palette[2]
    here = word & _LOW, (word >> _EIGHT) & _LOW, (word >> _SIXTEEN) & _LOW
    r, g, b = np.int32(here[0]), np.int32(here[1]), np.int32(here[2])
    least = np.int32(0x7FFFFFFF)
    for k in range(palette.shape[1]):
        x, y, z = np.int32(red[k] - r), np.int32(green[k] - g), np.int32(blue[k] - b)
        # Distance and number in one, so that the least of them is the first of the nearest.
        far = np.int32(np.int32(x * x) + np.int32(y * y) + np.int32(z * z))
        least = min(least, np.int32(np.int32(far << np.int32(8)) | np.int32(k)))
    return int(least & 0xFF)
