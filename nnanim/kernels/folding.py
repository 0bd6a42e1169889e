"""Folding: the polygons of the plane on which a piecewise linear network is linear, cut exactly.

The plane's window begins as one polygon, with the affine map that the network is on it. Stage after
stage, unit after unit, breakpoint after breakpoint, each polygon is cut where the unit is given its
breakpoint, which on the polygon is a straight line; of what a stage's units do on each part, the
map on to the next stage is made (after the exact regions of ReLU networks: Serra and others 2018,
Humayun and others 2023). Both parts of a cut are given the same two new corners, so that they leave
no gap. What lies on a line but for rounding is not cut there.
"""

import numpy as np

from nnanim.kernels.blend import Array
from nnanim.kernels.compilation import compiled

_ROUNDING = 1e-12  # of the terms of a sum: so far from 0 it may be and still be 0


@compiled
def _grown(rows: Array, count: int) -> Array:
    """Return rows with room for so many, twice as many as there were where these are too few."""
    if count <= len(rows):
        return rows
    wider = np.zeros((max(count, 2 * len(rows)), rows.shape[1]), rows.dtype)
    for i in range(len(rows)):
        for k in range(rows.shape[1]):
            wider[i, k] = rows[i, k]
    return wider


@compiled
def _given(weights: Array, biases: Array, at: tuple[int, int], maps: Array, units: int) -> Array:
    """Return the maps (n, units, 6) of what a stage's units are given on each polygon.

    Three numbers by which x, y and 1 are multiplied, and the sums of the sizes of their terms. The
    stage's weights and biases begin `at` these places.
    """
    n, before = maps.shape[0], maps.shape[1]
    given = np.zeros((n, units, 6))
    for i in range(n):
        for unit in range(units):
            bias = biases[at[1] + unit]
            given[i, unit, 2], given[i, unit, 5] = bias, abs(bias)
            for k in range(before):
                for c in range(3):
                    term = weights[at[0] + unit * before + k] * maps[i, k, c]
                    given[i, unit, c] += term
                    given[i, unit, 3 + c] += abs(term)
    return given


@compiled
def _above(pool: Array, k: int, given: Array, i: int, unit: int, level: float) -> float:
    """Return how far above a level a unit is at a corner, 0 where rounding alone says so."""
    x, y = pool[k, 0], pool[k, 1]
    value = given[i, unit, 0] * x + given[i, unit, 1] * y + given[i, unit, 2] - level
    slack = given[i, unit, 3] * abs(x) + given[i, unit, 4] * abs(y) + given[i, unit, 5] + abs(level)
    return 0.0 if abs(value) <= _ROUNDING * slack else value


@compiled
def _part(pool: Array, ends: tuple[int, int], sign: float, at: int) -> int:
    """Write the corners of the part where sign · side >= 0 behind `at`; return where that ends.

    The pool's third column is the side.
    """
    first, last = ends
    for k in range(first, last):
        following = k + 1 if k + 1 < last else first
        here, there = pool[k, 2], pool[following, 2]
        if sign * here >= 0:
            pool[at, 0], pool[at, 1] = pool[k, 0], pool[k, 1]
            at += 1
        if here * there < 0:
            share = here / (here - there)
            for c in range(2):
                pool[at, c] = pool[k, c] + share * (pool[following, c] - pool[k, c])
            at += 1
    return at


@compiled
def fold(
    window: Array, lift: Array, widths: Array, weights: Array, biases: Array, bends: Array,
    pieces: Array,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """Return the polygons of a window, its corners (4, 2), on which a network is linear.

    `lift` (1, inputs, 3) takes x, y and 1 of the plane to the inputs. Of each of the `widths` but
    the first, a stage has a part of `weights` and `biases`, then bends what these give: of unit i
    of all stages, the rows of `pieces` (n, 3) from `bends[i]` to `bends[i + 1]` are where each
    piece begins, its slope and its shift.

    Gives all corners (n, 2), where each polygon begins in them and the last ends (polygons + 1,),
    which piece each unit is on (polygons, units of all stages), and the maps of all stages,
    (polygons, units of all stages, 3), by which x, y and 1 are multiplied.
    """
    total = 0
    for stage in range(1, len(widths)):
        total += widths[stage]
    pool, used, count = np.zeros((1024, 3)), 4, 1
    for k in range(4):
        pool[k, 0], pool[k, 1] = window[k, 0], window[k, 1]
    # Of each polygon its first corner, the one after its last, its parent, and its units' pieces.
    rows = np.zeros((256, 3 + total), np.int64)
    rows[0, 1] = 4
    maps, every = lift, np.zeros((1, total, 3))
    at_weight, at_unit = 0, 0
    for stage in range(len(widths) - 1):
        units = widths[stage + 1]
        given = _given(weights, biases, (at_weight, at_unit), maps, units)
        for i in range(count):
            rows[i, 2] = i
        for unit in range(units):
            own = 3 + at_unit + unit
            bend = bends[at_unit + unit]
            for piece in range(1, bends[at_unit + unit + 1] - bend):
                level = pieces[bend + piece, 0]
                for i in range(count):
                    first, last = rows[i, 0], rows[i, 1]
                    high, low, sum_ = False, False, 0.0
                    for k in range(first, last):
                        side = _above(pool, k, given, rows[i, 2], unit, level)
                        pool[k, 2] = side
                        high, low, sum_ = high or side > 0, low or side < 0, sum_ + side
                    if high and low:
                        pool = _grown(pool, used + 2 * (last - first) + 4)
                        rows = _grown(rows, count + 1)
                        for k in range(3 + total):
                            rows[count, k] = rows[i, k]
                        end = _part(pool, (first, last), -1.0, used)
                        rows[i, 0], rows[i, 1] = used, end
                        used = _part(pool, (first, last), 1.0, end)
                        rows[count, 0], rows[count, 1] = end, used
                        rows[count, own] = piece
                        count += 1
                    elif sum_ > 0:
                        rows[i, own] = piece
        maps, wider = np.zeros((count, units, 3)), np.zeros((count, total, 3))
        for i in range(count):
            for k in range(at_unit):
                for c in range(3):
                    wider[i, k, c] = every[rows[i, 2], k, c]
            for unit in range(units):
                piece = bends[at_unit + unit] + rows[i, 3 + at_unit + unit]
                for c in range(3):
                    maps[i, unit, c] = pieces[piece, 1] * given[rows[i, 2], unit, c]
                maps[i, unit, 2] += pieces[piece, 2]
                for c in range(3):
                    wider[i, at_unit + unit, c] = maps[i, unit, c]
        every = wider
        at_weight, at_unit = at_weight + units * widths[stage], at_unit + units
    corners, starts, at = np.zeros((used, 2)), np.zeros(count + 1, np.int64), 0
    for i in range(count):
        for k in range(rows[i, 0], rows[i, 1]):
            corners[at, 0], corners[at, 1] = pool[k, 0], pool[k, 1]
            at += 1
        starts[i + 1] = at
    return corners[:at], starts, rows[:count, 3:], every


@compiled
def carried(corners: Array, starts: Array, maps: Array) -> Array:
    """Return where each polygon's own map (units, 3) takes its corners (n, 2): (n, units)."""
    units = maps.shape[1]
    found = np.empty((len(corners), units))
    for i in range(len(starts) - 1):
        for k in range(starts[i], starts[i + 1]):
            for unit in range(units):
                a, b, c = maps[i, unit, 0], maps[i, unit, 1], maps[i, unit, 2]
                found[k, unit] = a * corners[k, 0] + b * corners[k, 1] + c
    return found


@compiled
def crossings(corners: Array, starts: Array, scores: Array, maps: Array) -> Array:
    """Return where in each polygon one of several scores takes over from another.

    `scores` (n, classes) are those at the corners, `maps` (polygons, classes, 3) lead to them from
    x, y and 1. Each row (m, 5) has the two ends of a piece of the border between two classes, where
    no third is larger, exact as scores are linear on a polygon; and the polygon in which it lies.
    """
    found, count, classes = np.zeros((256, 5)), 0, scores.shape[1]
    for i in range(len(starts) - 1):
        for a in range(classes):
            for b in range(a + 1, classes):
                found, hits = _grown(found, count + 1), 0
                for k in range(starts[i], starts[i + 1]):
                    following = k + 1 if k + 1 < starts[i + 1] else starts[i]
                    here = scores[k, a] - scores[k, b]
                    there = scores[following, a] - scores[following, b]
                    if (here > 0) != (there > 0) and hits < 2:
                        share = here / (here - there)
                        for c in range(2):
                            way = corners[following, c] - corners[k, c]
                            found[count, 2 * hits + c] = corners[k, c] + share * way
                        hits += 1
                if hits == 2 and _on_top(found, count, maps, i, a, b):
                    found[count, 4] = i
                    count += 1
    return found[:count]


@compiled
def _on_top(found: Array, at: int, maps: Array, i: int, a: int, b: int) -> bool:
    """Shorten a piece of a border to where no third score is larger; whether any of it is left."""
    low, high = 0.0, 1.0
    for third in range(maps.shape[1]):
        if third in (a, b):
            continue
        x, y = found[at, 0], found[at, 1]
        begin = end = maps[i, a, 2] - maps[i, third, 2]
        begin += (maps[i, a, 0] - maps[i, third, 0]) * x + (maps[i, a, 1] - maps[i, third, 1]) * y
        x, y = found[at, 2], found[at, 3]
        end += (maps[i, a, 0] - maps[i, third, 0]) * x + (maps[i, a, 1] - maps[i, third, 1]) * y
        if begin < 0 and end < 0:
            return False
        if begin < 0:
            low = max(low, begin / (begin - end))
        elif end < 0:
            high = min(high, begin / (begin - end))
    for c in range(2):
        start, way = found[at, c], found[at, 2 + c] - found[at, c]
        found[at, c], found[at, 2 + c] = start + low * way, start + high * way
    return low < high
