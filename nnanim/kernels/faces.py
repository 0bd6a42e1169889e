"""Faces: many polygons that make up surfaces, each of its own colour, drawn in one go.

Two faces that share an edge each cover a part of the pixels there, and drawn one over the other
they would let the ground through: a seam. Here they are laid from the front to the back, and the
parts that a pixel is covered by are added up until it is covered once; only then does a new layer
begin, behind the first (after the polygon antialiasing of early graphics hardware, which saturates
coverage; here for translucent faces too). What lies behind an opaque layer costs nothing.
"""

from math import ceil, floor

import numpy as np

from nnanim.kernels.blend import Array, Word, over
from nnanim.kernels.compilation import compiled
from nnanim.kernels.raster import area

LANES = 6  # of a pixel: red, green, blue, coverage and alpha of the open layer, alpha of the closed
_FAR = 1e7  # pixels: what is further away is moved here
_WHOLE = np.float32(0.999)  # of a pixel: a layer that covers so much is closed


@compiled
def _add(layers: Array, at: int, color: tuple[float, float, float, float], cover: float) -> None:
    """Lay a colour behind what the pixel at `at` already has, through a coverage."""
    red, green, blue, alpha = color
    while cover > 0 and layers[at + 5] < _WHOLE:
        part = min(cover, 1 - layers[at + 3])
        weight = (1 - layers[at + 5]) * alpha * part
        layers[at] += weight * red
        layers[at + 1] += weight * green
        layers[at + 2] += weight * blue
        layers[at + 3] += part
        layers[at + 4] += alpha * part
        cover -= part
        if layers[at + 3] >= _WHOLE:
            layers[at + 5] = 1 - (1 - layers[at + 5]) * (1 - min(layers[at + 4], np.float32(1)))
            layers[at + 3] = layers[at + 4] = 0


@compiled
def _resolve(pixels: Array, box: tuple[int, int, int, int], layers: Array) -> None:
    """Lay what the faces gave over the pixels of `box`, and empty `layers`."""
    left, top, right, bottom = box
    for y in range(top, bottom):
        for x in range(left, right):
            at = (y * pixels.shape[1] + x) * LANES
            alpha = 1 - (1 - layers[at + 5]) * (1 - layers[at + 4])
            if alpha > 0:
                color = Word(0xFF000000)
                for k in range(3):
                    level = int(min(layers[at + k] / alpha, 1.0) * 255 + 0.5)
                    color |= Word(level) << Word(8 * k)
                weight = Word(int(min(alpha, 1.0) * 256 + 0.5))
                pixels[y, x] = over(pixels[y, x], color, weight)
                for k in range(LANES):
                    layers[at + k] = 0


@compiled
def fill_faces(
    pixels: Array,
    clip: tuple[int, int, int, int],
    points: Array,
    starts: Array,
    place: tuple[float, float, float, float],
    colors: Array,
    layers: Array,
) -> None:
    """Fill closed outlines, each `points[starts[i]:starts[i + 1]]` (k, 2), from back to front.

    `place` is (scale, shift) of x and of y from the given coordinates to pixels; `colors` (n, 4)
    are red, green, blue and alpha in [0, 1], float32. `layers` (height · width · LANES,) of float32
    is scratch, all zero. A face with a corner that is not finite is left out.
    """
    x_scale, x_shift, y_scale, y_shift = place
    widest, highest = clip[2] - clip[0], clip[3] - clip[1]
    scratch = np.empty(highest * (widest + 2))
    room = (clip[2], clip[3], clip[0], clip[1])
    corners = np.empty((np.diff(starts).max() if len(starts) > 1 else 0, 2))
    for i in range(len(starts) - 2, -1, -1):
        first, last = starts[i], starts[i + 1]
        low_x, low_y, high_x, high_y, finite = _FAR, _FAR, -_FAR, -_FAR, last - first > 2
        for k in range(first, last):
            x, y = x_scale * points[k, 0] + x_shift, y_scale * points[k, 1] + y_shift
            finite = finite and np.isfinite(x) and np.isfinite(y)
            x, y = min(max(x, -_FAR), _FAR), min(max(y, -_FAR), _FAR)
            corners[k - first, 0], corners[k - first, 1] = x, y
            low_x, high_x = min(low_x, x), max(high_x, x)
            low_y, high_y = min(low_y, y), max(high_y, y)
        if not finite:
            continue
        left, top = max(clip[0], floor(low_x)), max(clip[1], floor(low_y))
        right, bottom = min(clip[2], ceil(high_x)), min(clip[3], ceil(high_y))
        if left >= right or top >= bottom:
            continue
        room = (
            min(room[0], left), min(room[1], top), max(room[2], right), max(room[3], bottom),
        )  # fmt: skip
        width = right - left
        cover = scratch[: (bottom - top) * (width + 2)].reshape(bottom - top, width + 2)
        area(corners[: last - first], left, top, cover)
        color = (colors[i, 0], colors[i, 1], colors[i, 2], colors[i, 3])
        for y in range(bottom - top):
            for x in range(width):
                if cover[y, x] > 0:
                    at = ((top + y) * pixels.shape[1] + left + x) * LANES
                    _add(layers, at, color, cover[y, x])
    _resolve(pixels, room, layers)
