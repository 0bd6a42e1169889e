"""Strokes: polylines with round joins and caps, each drawn as one area.

A pixel keeps 64 samples as the bits of one word, and a segment sets the bits of the samples that
it covers: what is covered twice, at a join or where a line crosses itself, is covered once. The
samples have 64 different x and 64 different y, so that a line that moves slowly does so in 64
steps a pixel. Which of them lie to one side of an edge is read from a table, by the edge's
direction and its distance from the pixel's middle (after the masks of Carpenter's A-buffer, 1984).
"""

from functools import cache
from math import ceil, floor, pi, sqrt
from typing import Any

import numpy as np
from numba.extending import intrinsic

from nnanim.kernels.blend import Array, over
from nnanim.kernels.compilation import compiled

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
_PER_DISTANCE = _DISTANCES / (2 * _REACH)
_FAR = 1e7  # pixels: what is further away is moved here
_LEAST = 0.01  # pixels: points closer than this are one
_SHORT = 8.0  # pixels: a segment that is nearly all ends
_BEND = 1 / 64  # pixels: how far a line may run beside its points
_FLAT_TURN = 0.9  # cosine of the turn below which a join is rounded, not mitred

_At = np.uint64  # of an index that cannot count from the end, so that nothing is checked for it
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
    return found.ravel()


def _counted(_typing: Any, word: Any) -> Any:
    """Give numba's recipe for how many bits of a word are set."""

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), code


_count: Any = intrinsic(_counted)


@compiled
def _direction(x: float, y: float) -> int:
    """Return the nearest of the table's directions, within a sixth of the step between two.

    In an octant the angle is nearly π/4 · r + 0.273 · r · (1 - r), r the smaller over the larger.
    """
    small, large = min(abs(x), abs(y)), max(abs(x), abs(y))
    r = small / large
    angle = (pi / 4 + 0.273 * (1 - r)) * r
    if abs(y) > abs(x):
        angle = pi / 2 - angle
    if x < 0:
        angle = pi - angle
    return floor((angle if y >= 0 else -angle) * (_DIRECTIONS / (2 * pi)) + 0.5)


@compiled
def _segment(area: Any, count: _At, table: Array, ends: Any, half: float, longer: Any) -> _At:
    """Set the samples within `half` of a segment (x, y, x, y, value, value), made `longer`.

    It goes along the axis that the segment is nearer to, and takes the same number of pixels at
    each step, so that a processor can foresee what comes.
    """
    bits, touched, shades, width = area[0], area[1], area[2], area[3]
    left, top, right, bottom = area[4]
    xa, ya, xb, yb, va, vb = ends
    length = sqrt((xb - xa) ** 2 + (yb - ya) ** 2)
    ux, uy = (xb - xa) / length, (yb - ya) / length
    nx, ny = -uy, ux
    quarter, circle = _DIRECTIONS // 4, _DIRECTIONS - 1
    normal = (_direction(ux, uy) + quarter) & circle
    row = _DISTANCES + 2
    inner, outer = _At(normal * row), _At(((normal + 2 * quarter) & circle) * row)
    onward, back = (
        _At(((normal + 3 * quarter) & circle) * row),
        _At(((normal + quarter) & circle) * row),
    )
    start, end, slope = -longer[0], length + longer[1], (vb - va) / length
    reach = half + 0.5 * (abs(ux) + abs(uy))  # what a pixel's corner adds
    steep = abs(uy) >= abs(ux)
    if steep:
        ma, mb, la, um, ul = ya, yb, xa, uy, ux
        low_m, high_m, low_l, high_l = top, bottom, left, right
        step_m, step_l, pixel_m, pixel_l = right - left, 1, width, 1
    else:
        ma, mb, la, um, ul = xa, xb, ya, ux, uy
        low_m, high_m, low_l, high_l = left, right, top, bottom
        step_m, step_l, pixel_m, pixel_l = 1, right - left, 1, width
    wide, lean = reach / abs(um), ul / um
    across_count = floor(2 * wide) + 1
    beyond = max(longer[0], longer[1]) * abs(um) + half * abs(ul) + 0.5
    first_m = max(low_m, ceil(min(ma, mb) - beyond - 0.5))
    last_m = min(high_m - 1, floor(max(ma, mb) + beyond - 0.5))
    # Distances as places in the table: the first and the last are for none and all.
    none, last = 0.0, _DISTANCES + 1.0
    begin, per = _REACH * _PER_DISTANCE + 1, _PER_DISTANCE
    across_step, along_step = (nx if steep else ny) * per, ul * per
    both = 2 * (half * per + begin)
    ahead = (end - start) * per + 2 * begin
    shaded, short = len(shades) > 0, length < _SHORT
    laid_from, laid_to = area[5]
    laid = laid_to - laid_from
    for step in range(first_m, last_m + 1 - laid):
        m = step if step < laid_from else step + laid
        rm = m + 0.5 - ma
        first = ceil(la + rm * lean - wide - 0.5)
        behind = min(first + across_count, high_l)
        first = max(first, low_l)
        rl = first + 0.5 - la
        rx, ry = (rl, rm) if steep else (rm, rl)
        outside = begin + (half + rx * nx + ry * ny) * per
        along = begin + (rx * ux + ry * uy - start) * per
        at = _At((m - low_m) * step_m + (first - low_l) * step_l)
        pixel = m * pixel_m + first * pixel_l
        for _ in range(first, behind):
            found = table[outer + _At(int(min(max(outside, none), last)))]
            found &= table[inner + _At(int(min(max(both - outside, none), last)))]
            if short or along < last or ahead - along < last:
                found &= table[back + _At(int(min(max(along, none), last)))]
                found &= table[onward + _At(int(min(max(ahead - along, none), last)))]
            before = bits[at]
            bits[at] = before | found
            touched[count, 0], touched[count, 1] = at, pixel
            count += _At((before == _NONE) & (found != _NONE))
            if shaded and found != _NONE:
                shade = va + slope * ((along - begin) / per + start)
                shades[at] = int(min(max(shade, 0.0), 255.0) + 0.5)
            outside += across_step
            along += along_step
            at += _At(step_l)
            pixel += pixel_l
    return count


@compiled
def _disc(area: Any, count: _At, spread: Array, middle: Any, radius: float) -> _At:
    """Set the samples within `radius` of a point (x, y, value)."""
    bits, touched, shades, width = area[0], area[1], area[2], area[3]
    left, top, right, bottom = area[4]
    cx, cy, shade = middle[0], middle[1], middle[2]
    for y in range(max(top, floor(cy - radius)), min(bottom, ceil(cy + radius))):
        for x in range(max(left, floor(cx - radius)), min(right, ceil(cx + radius))):
            rx, ry = x + 0.5 - cx, y + 0.5 - cy
            found = _ALL
            if sqrt(rx * rx + ry * ry) + _REACH > radius:
                found = _NONE
                for k in range(SAMPLES):
                    inside = (rx + spread[k, 0]) ** 2 + (ry + spread[k, 1]) ** 2 <= radius * radius
                    found |= np.uint64(inside) << np.uint64(k)
            at = _At((y - top) * (right - left) + x - left)
            before = bits[at]
            bits[at] = before | found
            touched[count, 0], touched[count, 1] = at, y * width + x
            count += _At((before == _NONE) & (found != _NONE))
            if len(shades) and found != _NONE:
                shades[at] = int(min(max(shade, 0.0), 255.0) + 0.5)
    return count


@compiled
def _lay(pixels: Array, area: Any, count: _At, colors: Array, weights: Array) -> None:
    """Lay the colour over the touched pixels, and clear their samples."""
    bits, touched, shades = area[0], area[1], area[2]
    flat = pixels.reshape(pixels.size)
    for i in range(count):
        at, pixel = _At(touched[i, 0]), _At(touched[i, 1])
        shade = shades[at] if len(shades) else 0
        weight = (np.uint32(_count(bits[at])) * weights[shade] + np.uint32(32)) >> np.uint32(6)
        flat[pixel] = over(flat[pixel], colors[shade], np.uint32(weight))
        bits[at] = _NONE


@compiled
def _lay_along(
    pixels: Array, box: Any, line: Array, half: float, table: Array, color: Any, weight: Any
) -> tuple[int, int]:
    """Lay the colour along an upright or level segment but near its ends; say from where to where.

    There each step along it covers the same samples, those that `_segment` would find at each.
    Along one that leans, nothing is laid, from 0 to 0.
    """
    xa, ya, xb, yb = line[0, 0], line[0, 1], line[1, 0], line[1, 1]
    xa, ya, xb, yb, _, _ = _visible((xa, ya, xb, yb, 0.0, 0.0), box, half)
    left, top, right, bottom = box
    if xa == xb:
        ma, mb, la, low_m, high_m, low_l, high_l = ya, yb, xa, top, bottom, left, right
        pixel_m, pixel_l, across = pixels.shape[1], 1, -1.0 if yb > ya else 1.0
    elif ya == yb:
        ma, mb, la, low_m, high_m, low_l, high_l = xa, xb, ya, left, right, top, bottom
        pixel_m, pixel_l, across = 1, pixels.shape[1], 1.0 if xb > xa else -1.0
    else:
        return 0, 0
    begin_m = max(low_m, ceil(min(ma, mb) + half + 2))
    end_m = min(high_m, floor(max(ma, mb) - half - 2))
    if begin_m >= end_m:
        return 0, 0
    row = _DISTANCES + 2
    ux, uy = (0.0, -across) if xa == xb else (across, 0.0)
    normal = (_direction(ux, uy) + _DIRECTIONS // 4) & (_DIRECTIONS - 1)
    opposite = (normal + _DIRECTIONS // 2) & (_DIRECTIONS - 1)
    none, last = 0.0, _DISTANCES + 1.0
    begin, per = _REACH * _PER_DISTANCE + 1, _PER_DISTANCE
    both, wide = 2 * (half * per + begin), half + 0.5
    first = ceil(la - wide - 0.5)
    behind = min(first + floor(2 * wide) + 1, high_l)
    first = max(first, low_l)
    outside = begin + (half + (first + 0.5 - la) * across) * per
    flat = pixels.reshape(pixels.size)
    for beside in range(first, behind):
        found = table[normal * row + int(min(max(outside, none), last))]
        found &= table[opposite * row + int(min(max(both - outside, none), last))]
        outside += across * per
        if found != _NONE:
            share = np.uint32((np.uint32(_count(found)) * weight + np.uint32(32)) >> np.uint32(6))
            pixel = _At(begin_m * pixel_m + beside * pixel_l)
            for _ in range(begin_m, end_m):
                flat[pixel] = over(flat[pixel], color, share)
                pixel += _At(pixel_m)
    return begin_m, end_m


@compiled
def _mitre(ax: float, ay: float, bx: float, by: float, half: float) -> float:
    """Return how much longer segments along a and b meet in a mitre; -1 if they turn sharply."""
    along, across = ax * bx + ay * by, ax * by - ay * bx
    lengths = sqrt((ax * ax + ay * ay) * (bx * bx + by * by))
    return -1.0 if along < _FLAT_TURN * lengths else half * abs(across) / (lengths + along)


@compiled
def _visible(ends: Any, clip: Any, half: float) -> Any:
    """Return the part of a segment that can show (Liang-Barsky); both ends alike if none can."""
    xa, ya, xb, yb, va, vb = ends
    room = 1.5 * half + 2
    if (
        min(xa, xb) >= clip[0] - room
        and max(xa, xb) <= clip[2] + room
        and min(ya, yb) >= clip[1] - room
        and max(ya, yb) <= clip[3] + room
    ):
        return ends
    dx, dy, dv = xb - xa, yb - ya, vb - va
    first, last = 0.0, 1.0
    for a, d, low, high in (
        (xa, dx, clip[0] - room, clip[2] + room),
        (ya, dy, clip[1] - room, clip[3] + room),
    ):
        if d != 0.0:
            t0, t1 = (low - a) / d, (high - a) / d
            first, last = max(first, min(t0, t1)), min(last, max(t0, t1))
        elif not low <= a <= high:
            last = -1.0
    if first >= last:
        return xa, ya, xa, ya, va, va
    return (
        *(xa + first * dx, ya + first * dy, xa + last * dx, ya + last * dy),
        *(va + first * dv, va + last * dv),
    )


@compiled
def _mapped(points: Array, values: Array, place: tuple[float, float, float, float]) -> Array:
    """Return (x, y, value) of the points in pixels, those on top of the last one left out."""
    found = np.empty((len(points), 3))
    n = 0
    for i in range(len(points)):
        x = min(max(place[0] * points[i, 0] + place[1], -_FAR), _FAR)
        y = min(max(place[2] * points[i, 1] + place[3], -_FAR), _FAR)
        if n == 0 or max(abs(x - found[n - 1, 0]), abs(y - found[n - 1, 1])) > _LEAST:
            found[n, 0], found[n, 1], found[n, 2] = x, y, values[i] if len(values) else 0.0
            n += 1
    return found[:n]


@compiled
def _straightened(line: Array) -> Array:
    """Return a line without the points that are within `_BEND` of the chord over them.

    From each point kept, the chord may turn as far as all points that it passes allow.
    """
    found = np.empty_like(line)
    n, base, i = 0, 0, 1
    while i < len(line):
        found[n] = line[base]
        n += 1
        xa, ya = line[base, 0], line[base, 1]
        ux, uy = line[i, 0] - xa, line[i, 1] - ya
        length = sqrt(ux * ux + uy * uy)
        ux, uy = ux / length, uy / length
        low, high, reached = -np.inf, np.inf, 0.0
        while i < len(line):
            dx, dy = line[i, 0] - xa, line[i, 1] - ya
            along, across = dx * ux + dy * uy, dy * ux - dx * uy
            if along <= reached or across < low * along or across > high * along:
                break
            share = 1 / along
            low, high = max(low, (across - _BEND) * share), min(high, (across + _BEND) * share)
            reached = along
            i += 1
        base = i - 1
    if len(line):
        found[n] = line[-1]
        n += 1
    return found[:n]


@compiled
def _polyline(area: Any, line: Array, half: float, tables: tuple[Array, Array]) -> _At:
    """Set the samples of a line (n, 3) and return how many pixels it touches."""
    table, spread = tables
    count = _At(0)
    longer = -1.0
    for i in range(len(line) - 1):
        xa, ya, va = line[i, 0], line[i, 1], line[i, 2]
        xb, yb, vb = line[i + 1, 0], line[i + 1, 1], line[i + 1, 2]
        if longer < 0:
            count = _disc(area, count, spread, line[i], half)
        before = max(longer, 0.0)
        longer = -1.0
        if i + 2 < len(line):
            longer = _mitre(xb - xa, yb - ya, line[i + 2, 0] - xb, line[i + 2, 1] - yb, half)
        ends = _visible((xa, ya, xb, yb, va, vb), area[4], half)
        if ends[0] != ends[2] or ends[1] != ends[3]:
            count = _segment(area, count, table, ends, half, (before, max(longer, 0.0)))
    if len(line) > 1:
        count = _disc(area, count, spread, line[len(line) - 1], half)
    return count


@compiled
def _box(line: Array, clip: tuple[int, int, int, int], room: float) -> tuple[int, int, int, int]:
    """Return the part of `clip` that a line (n, 3) with `room` around it can reach."""
    low_x, low_y, high_x, high_y = _FAR, _FAR, -_FAR, -_FAR
    for i in range(len(line)):
        low_x, high_x = min(low_x, line[i, 0]), max(high_x, line[i, 0])
        low_y, high_y = min(low_y, line[i, 1]), max(high_y, line[i, 1])
    left, right = max(low_x - room, clip[0]), min(high_x + room, clip[2])
    top, bottom = max(low_y - room, clip[1]), min(high_y + room, clip[3])
    if left >= right or top >= bottom:
        return clip[0], clip[1], clip[0], clip[1]
    return floor(left), floor(top), ceil(right), ceil(bottom)


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
    is (bits, touched, shades), an entry a pixel, one more of touched (n, 2), bits all zero;
    `tables` are `half_planes` and `samples`.
    """
    bits, touched, shades = scratch
    if len(values) == 0:
        shades = shades[:0]
    for i in range(len(starts) - 1):
        first, last = starts[i], starts[i + 1]
        line = _mapped(points[first:last], values[first:last], place)
        if len(values) == 0:
            line = _straightened(line)
        # The samples of a line lie side by side, so that they stay in the processor's cache.
        box, laid = _box(line, clip, 2 * half + 2), (0, 0)
        if len(values) == 0 and len(line) == 2:
            laid = _lay_along(pixels, box, line, half, tables[0], colors[0], weights[0])
        area = bits, touched, shades, pixels.shape[1], box, laid
        _lay(pixels, area, _polyline(area, line, half, tables), colors, weights)
