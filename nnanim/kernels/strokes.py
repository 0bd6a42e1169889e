"""Strokes: polylines with round joins and caps, each drawn as one area.

A pixel keeps 64 samples as the bits of one word, and a segment sets the bits of the samples that
it covers: what is covered twice, at a join or where a line crosses itself, is covered once. The
samples have 64 different x and 64 different y, so that a line that moves slowly does so in 64
steps a pixel. Which of them lie to one side of an edge is read from a table, by the edge's
direction and its distance from the pixel's middle (after the masks of Carpenter's A-buffer, 1984).
"""

from functools import cache
from math import atan2, ceil, floor, hypot, pi
from typing import Any

import numpy as np
from numba.extending import intrinsic

from nnanim.kernels.blend import Array, compiled, over

SAMPLES = 64
# Row of the sample in each column of 64, by annealing: no half-plane is misjudged by more than
# 0.04 of the pixel, by 0.011 on average.
_ROWS = (
    46, 18, 6, 57, 32, 41, 24, 10, 60, 50, 1, 30, 39, 16, 23, 45,
    9, 63, 51, 5, 29, 36, 54, 22, 15, 40, 48, 58, 4, 13, 34, 27,
    20, 43, 52, 2, 59, 11, 21, 35, 28, 47, 61, 7, 17, 38, 56, 44,
    25, 0, 12, 55, 33, 19, 53, 42, 3, 26, 31, 62, 8, 49, 37, 14,
)  # fmt: skip
_DIRECTIONS = 256
_DISTANCES = 128
_REACH = 0.7072  # further from its middle than this, an edge does not cut a pixel
_FAR = 1e7  # pixels: what is further away is moved here
_LEAST = 0.01  # pixels: points closer than this are one
_FLAT_TURN = 0.9  # cosine of the turn below which a join is rounded, not mitred

_NONE, _ALL = np.uint64(0), np.uint64(2**64 - 1)


@cache
def samples() -> Array:
    """Return where the samples of a pixel lie (64, 2), from its middle."""
    return (np.stack([np.arange(SAMPLES), _ROWS], axis=1) + 0.5) / SAMPLES - 0.5


@cache
def half_planes() -> Array:
    """Return the samples s with normal · s <= distance, by direction of the normal and distance."""
    angle = 2 * np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS
    normals = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    distance = ((np.arange(_DISTANCES) + 0.5) / _DISTANCES * 2 - 1) * _REACH
    inside = (normals @ samples().T)[:, None, :] <= distance[:, None]
    found = np.full((_DIRECTIONS, _DISTANCES + 2), _ALL)
    found[:, 0] = _NONE
    found[:, 1:-1] = np.packbits(inside, axis=2, bitorder="little").view("<u8")[..., 0]
    return found


def _counted(_typing: Any, word: Any) -> Any:
    """Give numba's recipe for how many bits of a word are set."""

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), code


_count: Any = intrinsic(_counted)


@compiled
def _place(distance: float) -> int:
    """Return where in a row of the table an edge stands, `distance` from the pixel's middle."""
    place = (distance + _REACH) * (_DISTANCES / (2 * _REACH)) + 1
    return int(min(max(place, 0.0), _DISTANCES + 1.0))


@compiled
def _cut(a: float, b: float, low: float, high: float, first: float, last: float):  # type: ignore[no-untyped-def]
    """Return the part of [first, last] where a + b · t is in [low, high]; empty if last < first."""
    if b == 0.0:
        return (first, last) if low <= a <= high else (1.0, 0.0)
    t0, t1 = (low - a) / b, (high - a) / b
    return max(first, min(t0, t1)), min(last, max(t0, t1))


@compiled
def _set(
    bits: Array, touched: Array, count: int, shades: Array, at: int, found: np.uint64, shade: float
) -> int:
    """Set the samples `found` of the pixel `at`, note it when it is new, return how many are."""
    if found == _NONE:
        return count
    before = bits[at]
    if before == _NONE:
        touched[count] = at
        count += 1
    bits[at] = before | found
    if len(shades):
        shades[at] = int(min(max(shade, 0.0), 255.0) + 0.5)
    return count


@compiled
def _segment(
    bits: Array,
    touched: Array,
    count: int,
    shades: Array,
    width: int,
    clip: tuple[int, int, int, int],
    table: Array,
    ends: tuple[float, float, float, float, float, float],
    half: float,
    longer: tuple[float, float],
) -> int:
    """Set the samples within `half` of a segment, made longer at its two ends."""
    left, top, right, bottom = clip
    xa, ya, xb, yb, va, vb = ends
    length = hypot(xb - xa, yb - ya)
    ux, uy = (xb - xa) / length, (yb - ya) / length
    nx, ny = -uy, ux
    quarter, circle = _DIRECTIONS // 4, _DIRECTIONS - 1
    normal = floor(atan2(ny, nx) * (_DIRECTIONS / (2 * pi)) + 0.5) & circle
    onward, inner = table[(normal + 3 * quarter) & circle], table[normal]
    back, outer = table[(normal + quarter) & circle], table[(normal + 2 * quarter) & circle]
    start, end, slope = -longer[0], length + longer[1], (vb - va) / length
    low, high, reach = start - _REACH, end + _REACH, half + _REACH
    # Divisions once a segment; a direction along an axis is treated as next to it.
    per_n = 1 / nx if abs(nx) > 1e-12 else 1e12
    per_u = 1 / ux if abs(ux) > 1e-12 else 1e12
    rise = reach * abs(ux) + (max(longer[0], longer[1]) + _REACH) * abs(uy)
    first_row = max(top, ceil(min(ya, yb) - rise - 0.5))
    last_row = min(bottom - 1, floor(max(ya, yb) + rise - 0.5))
    for y in range(first_row, last_row + 1):
        ry = y + 0.5 - ya
        n0, n1 = (-reach - ry * ny) * per_n, (reach - ry * ny) * per_n
        u0, u1 = (low - ry * uy) * per_u, (high - ry * uy) * per_u
        x0 = max(min(n0, n1), min(u0, u1), left - xa - 0.5)
        x1 = min(max(n0, n1), max(u0, u1), right - xa - 0.5)
        for x in range(max(left, ceil(x0 + xa - 0.5)), min(right, int(x1 + xa + 0.5))):
            rx = x + 0.5 - xa
            across, along = rx * nx + ry * ny, rx * ux + ry * uy
            found = (
                inner[_place(half - across)]
                & outer[_place(half + across)]
                & back[_place(along - start)]
                & onward[_place(end - along)]
            )
            at = y * width + x
            before = bits[at]
            bits[at] = before | found
            touched[count] = at
            count += (before == _NONE) & (found != _NONE)
            if len(shades) and found != _NONE:
                shades[at] = int(min(max(va + slope * along, 0.0), 255.0) + 0.5)
    return count


@compiled
def _disc(
    bits: Array,
    touched: Array,
    count: int,
    shades: Array,
    width: int,
    clip: tuple[int, int, int, int],
    spread: Array,
    middle: tuple[float, float, float],
    radius: float,
) -> int:
    """Set the samples within `radius` of a point."""
    left, top, right, bottom = clip
    cx, cy, shade = middle
    for y in range(max(top, floor(cy - radius)), min(bottom, ceil(cy + radius))):
        for x in range(max(left, floor(cx - radius)), min(right, ceil(cx + radius))):
            rx, ry = x + 0.5 - cx, y + 0.5 - cy
            found = _NONE
            if hypot(rx, ry) + _REACH <= radius:
                found = _ALL
            else:
                for k in range(SAMPLES):
                    inside = (rx + spread[k, 0]) ** 2 + (ry + spread[k, 1]) ** 2 <= radius * radius
                    found |= np.uint64(inside) << np.uint64(k)
            count = _set(bits, touched, count, shades, y * width + x, found, shade)
    return count


@compiled
def _lay(
    pixels: Array,
    bits: Array,
    touched: Array,
    count: int,
    shades: Array,
    colors: Array,
    weights: Array,
) -> None:
    """Lay the colour over the touched pixels, and clear their samples."""
    flat = pixels.reshape(pixels.size)
    for i in range(count):
        at = touched[i]
        shade = shades[at] if len(shades) else 0
        weight = (np.uint32(_count(bits[at])) * weights[shade] + np.uint32(32)) >> np.uint32(6)
        flat[at] = over(flat[at], colors[shade], weight)
        bits[at] = _NONE


@compiled
def _mitre(ax: float, ay: float, bx: float, by: float, half: float) -> float:
    """Return how much longer segments along a and b meet in a mitre; -1 if they turn sharply."""
    along, across, lengths = ax * bx + ay * by, ax * by - ay * bx, hypot(ax, ay) * hypot(bx, by)
    return -1.0 if along < _FLAT_TURN * lengths else half * abs(across) / (lengths + along)


@compiled
def _visible(  # type: ignore[no-untyped-def]
    ends: tuple[float, float, float, float, float, float],
    clip: tuple[int, int, int, int],
    half: float,
):
    """Return the part of a segment that can show (Liang-Barsky); both ends alike if none can."""
    xa, ya, xb, yb, va, vb = ends
    dx, dy, dv = xb - xa, yb - ya, vb - va
    room = 1.5 * half + 2
    first, last = _cut(xa, dx, clip[0] - room, clip[2] + room, 0.0, 1.0)
    first, last = _cut(ya, dy, clip[1] - room, clip[3] + room, first, last)
    if first >= last:
        return xa, ya, xa, ya, va, va
    return (
        *(xa + first * dx, ya + first * dy, xa + last * dx, ya + last * dy),
        *(va + first * dv, va + last * dv),
    )


@compiled
def _kept(points: Array, values: Array, place: tuple[float, float, float, float]) -> Array:
    """Return (x, y, value) of the points in pixels, those on top of the last one left out."""
    found = np.empty((len(points), 3))
    n = 0
    for i in range(len(points)):
        x = min(max(place[0] * points[i, 0] + place[1], -_FAR), _FAR)
        y = min(max(place[2] * points[i, 1] + place[3], -_FAR), _FAR)
        if n == 0 or not hypot(x - found[n - 1, 0], y - found[n - 1, 1]) < _LEAST:
            found[n] = x, y, values[i] if len(values) else 0.0
            n += 1
    return found[:n]


@compiled
def _polyline(
    bits: Array,
    touched: Array,
    shades: Array,
    width: int,
    clip: tuple[int, int, int, int],
    line: Array,
    half: float,
    tables: tuple[Array, Array],
) -> int:
    """Set the samples of a line (n, 3) and return how many pixels it touches."""
    table, spread = tables
    count = 0
    longer = -1.0
    for i in range(len(line) - 1):
        xa, ya, va = line[i]
        xb, yb, vb = line[i + 1]
        if longer < 0:
            middle = (xa, ya, va)
            count = _disc(bits, touched, count, shades, width, clip, spread, middle, half)
        before = max(longer, 0.0)
        longer = -1.0
        if i + 2 < len(line):
            longer = _mitre(xb - xa, yb - ya, line[i + 2, 0] - xb, line[i + 2, 1] - yb, half)
        ends = _visible((xa, ya, xb, yb, va, vb), clip, half)
        if ends[0] != ends[2] or ends[1] != ends[3]:
            count = _segment(
                *(bits, touched, count, shades, width, clip, table),
                *(ends, half, (before, max(longer, 0.0))),
            )
    if len(line) > 1:
        end = line[len(line) - 1]
        middle = (end[0], end[1], end[2])
        count = _disc(bits, touched, count, shades, width, clip, spread, middle, half)
    return count


@compiled
def stroke(
    pixels: Array,
    clip: tuple[int, int, int, int],
    points: Array,
    starts: Array,
    place: tuple[float, float, float, float],
    half: float,
    colors: Array,
    weights: Array,
    values: Array,
    scratch: tuple[Array, Array, Array],
    tables: tuple[Array, Array],
) -> None:
    """Draw polylines `half` wide to each side, one after the other.

    Line i is `points[starts[i]:starts[i + 1]]` (m, 2), finite, mapped to pixels by `place`, the
    (scale, shift) of x and of y. It has the one colour of `colors`, or where there are `values` in
    [0, 255], one a point, the colours that these pick, each with its weight in [0, 256]. `scratch`
    is (bits, touched, shades), an entry a pixel, one more of touched, bits all zero; `tables` are
    `half_planes` and `samples`.
    """
    bits, touched, shades = scratch
    if len(values) == 0:
        shades = shades[:0]
    for i in range(len(starts) - 1):
        first, last = starts[i], starts[i + 1]
        line = _kept(points[first:last], values[first:last], place)
        width = pixels.shape[1]
        count = _polyline(bits, touched, shades, width, clip, line, half, tables)
        _lay(pixels, bits, touched, count, shades, colors, weights)
