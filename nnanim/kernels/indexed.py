"""Indexed colour: what a palette is chosen from, and pixels as numbers of its colours."""

import numpy as np

from nnanim.kernels.blend import Array, compiled

COLORS = 1 << 24

_WORD = np.uint32
_LOW, _COLOR, _HALF = _WORD(0xFF), _WORD(0xFFFFFF), _WORD(1 << 31)
_EIGHT, _SIXTEEN = _WORD(8), _WORD(16)


@compiled
def count_colors(pixels: Array, counts: Array, found: Array, known: int) -> int:
    """Add the pixels (n,) that are at least half opaque to `counts` (COLORS,) of 0xRRGGBB.

    Colours that are new are written to `found` from number `known` on; returns how many it holds.
    """
    at, run = _WORD(0), _WORD(0)
    last = pixels[0] & ~_HALF  # none that counts
    for word in pixels:
        if word == last:  # most pixels are as their neighbour
            run = _WORD(run + _WORD(1))
            continue
        if last >= _HALF:
            counts[at] += run
        last, run = word, _WORD(1)
        if word >= _HALF:
            red, green, blue = word & _LOW, (word >> _EIGHT) & _LOW, (word >> _SIXTEEN) & _LOW
            at = _WORD((red << _SIXTEEN) | (green << _EIGHT) | blue)
            if counts[at] == 0:
                found[known] = at
                known += 1
    if last >= _HALF:
        counts[at] += run
    return known


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


@compiled
def to_indices(pixels: Array, palette: Array, empty: int, table: Array, indices: Array) -> None:
    """Write which colour of `palette` (3, up to 256) is nearest to each of `pixels` (n,).

    Of colours as near as each other the first is taken. What is less than half opaque becomes
    `empty` where that is not negative. `table` (COLORS,), zeros at first, keeps what was found,
    plus one; threads may share it, for all would write the same.
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
                index = int(table[word & _COLOR]) - 1
                if index < 0:
                    index = nearest(word, palette)
                    table[word & _COLOR] = index + 1
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
