"""Plane geometry of the pictures: lines and cells cut by a box, curves refined, contours."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, TypeVar

import numpy as np
from contourpy import SerialContourGenerator, ZInterp

from nnanim.types import Floats

S = TypeVar("S", float, Floats)

_AS_IT_WOULD: dict[str, Any] = {  # what contourpy's `contour_generator` asks for
    "corner_mask": True,
    "line_type": SerialContourGenerator.default_line_type,
    "fill_type": SerialContourGenerator.default_fill_type,
    "quad_as_tri": False,
    "z_interp": ZInterp.Linear,
}
Curve = Callable[[Floats], Floats]  # (n, d) input points -> (n, k) image points


def eased(share: S) -> S:
    """Return a share from 0 to 1 as one that begins and ends gently: 3s² − 2s³."""
    return share * share * (3 - 2 * share)


def clip_line(normal: Floats, offset: float, box: Floats) -> Floats | None:
    """Return the two ends (2, 2) of the line {h : normal·h = offset} inside `box` (2, 2), or None.

    `box` has one row (low, high) for each axis. The line runs from its foot point along its own
    direction and is cut by the slab of each axis, so no single weight is ever divided by.
    """
    length = float(np.hypot(*normal))
    if length == 0.0 or not np.isfinite(length):
        return None
    direction = np.array([-normal[1], normal[0]]) / length
    foot = np.asarray(normal, float) / length * (offset / length)
    start, end = -np.inf, np.inf
    for axis in range(2):
        low, high = box[axis]
        if abs(direction[axis]) < 1e-12:
            if not low <= foot[axis] <= high:
                return None
            continue
        near, far = sorted(
            ((low - foot[axis]) / direction[axis], (high - foot[axis]) / direction[axis])
        )
        start, end = max(start, near), min(end, far)
    if start >= end:
        return None
    return np.stack([foot + start * direction, foot + end * direction])


def clip_polygon(polygon: Floats, normal: Floats, offset: float) -> Floats:
    """Return where in a flat convex polygon (m, d) normal·h + offset >= 0 (Sutherland-Hodgman)."""
    side = polygon @ normal + offset
    kept: list[Floats] = []
    for i in range(len(polygon)):
        here, there = side[i - 1], side[i]
        if (here >= 0) != (there >= 0):
            kept.append(polygon[i - 1] + here / (here - there) * (polygon[i] - polygon[i - 1]))
        if there >= 0:
            kept.append(polygon[i])
    return np.array(kept).reshape(-1, polygon.shape[1])


def clip_plane(normal: Floats, offset: float, box: Floats) -> Floats | None:
    """Return the polygon (3 to 6, 3) of the plane {h : normal·h = offset} inside `box` (3, 2).

    None where it misses the box. Corners are in order, cut from the twelve edges of the box.
    """
    length = float(np.linalg.norm(normal))
    if length == 0.0 or not np.isfinite([length, offset]).all():
        return None
    unit, level = np.asarray(normal, float) / length, offset / length
    ends = np.array([[[i, j, 0], [i, j, 1]] for i in (0, 1) for j in (0, 1)])
    edges = np.concatenate([np.roll(ends, turn, axis=2) for turn in range(3)])  # (12, 2, 3)
    starts, stops = (box[:, 0] + edges[:, k] * (box[:, 1] - box[:, 0]) for k in range(2))
    before, after = starts @ unit - level, stops @ unit - level
    cut = (before >= 0) != (after >= 0)
    share = (before[cut] / (before[cut] - after[cut]))[:, None]
    points = starts[cut] + share * (stops[cut] - starts[cut])
    if len(points) < 3:
        return None
    along = np.linalg.svd(unit[None])[2][1:]  # two directions in the plane
    across = (points - points.mean(axis=0)) @ along.T
    return np.asarray(points[np.argsort(np.arctan2(across[:, 1], across[:, 0]))])


def corners(box: Floats) -> Floats:
    """Return the four corners (4, 2) of `box` (2, 2), anticlockwise from the lowest."""
    (x0, x1), (y0, y1) = box
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def arrangement(weight: Floats, bias: Floats, box: Floats) -> list[tuple[tuple[bool, ...], Floats]]:
    """Return the regions into which the lines weight[k]·x + bias[k] = 0 cut `box` (2, 2), exactly.

    Each is a convex polygon (m, 2) with its code: for every line, whether it lies on the positive
    side.
    """
    found: list[tuple[tuple[bool, ...], Floats]] = [((), corners(box))]
    for normal, offset in zip(weight, bias, strict=True):
        cut = []
        for code, polygon in found:
            side = polygon @ normal + offset
            for positive, sign in ((True, 1.0), (False, -1.0)):
                if (sign * side > 0).any():
                    part = clip_polygon(polygon, sign * normal, sign * offset)
                    cut.append(((*code, positive), part))
        found = cut or [((*code, False), polygon) for code, polygon in found]
    return found


def centroid(polygon: Floats) -> Floats:
    """Return the middle (2,) of a polygon's area, or of its corners where it has none."""
    x, y = (polygon - polygon[0]).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    if abs(cross.sum()) < 1e-300:
        return np.asarray(polygon.mean(axis=0))
    sums = np.array([((x + np.roll(x, -1)) * cross).sum(), ((y + np.roll(y, -1)) * cross).sum()])
    return np.asarray(polygon[0] + sums / (3 * cross.sum()))


def refine(
    curve: Curve, lines: Sequence[Floats], tolerance: float, rounds: int = 4
) -> list[Floats]:
    """Return the images under `curve` of `lines`, each (m, d), with points added where it bends.

    A chord is halved while the curve's point over its middle lies further than `tolerance` from
    it, at most `rounds` times. All lines are asked together, one call of `curve` a round.
    """
    sources = np.concatenate(lines).astype(np.float64)
    images = curve(sources)
    line = np.repeat(np.arange(len(lines)), [len(points) for points in lines])
    # What is added is put in its place at the end: `at` counts points, halves lie between two.
    found, at, owners = [images], [np.arange(len(line), dtype=np.float64)], [line]
    begins = np.flatnonzero(line[:-1] == line[1:])
    own, place, half = line[begins], begins.astype(np.float64), 0.5
    begin, end, first, last = (
        rows.take(which, axis=0) for rows in (sources, images) for which in (begins, begins + 1)
    )
    for _ in range(rounds):
        middles = (begin + end) / 2
        bends = curve(middles)
        with np.errstate(invalid="ignore"):  # an infinite chord, of a training that diverges
            away = np.add(first, last, dtype=np.float64)
            away /= 2
            away -= bends
            away *= away
            far = _row_sums(away) > tolerance**2
        if not far.any():
            break
        found.append(bends[far])
        at.append(place[far] + half)
        owners.append(own[far])
        begin, end = _halves(begin[far], middles[far], end[far])
        first, last = _halves(first[far], bends[far], last[far])
        place = np.stack([place[far], place[far] + half], axis=1).ravel()
        own, half = np.repeat(own[far], 2), half / 2
    order = np.argsort(np.concatenate(at), kind="stable")
    counts = np.bincount(np.concatenate(owners))
    every = np.concatenate(found)[order].astype(np.float64)
    return parted(every, counts[counts > 0].tolist())


def _row_sums(rows: Floats) -> Floats:
    """Return the sum (n,) of each of many short rows; of two, numpy adds columns far faster."""
    return np.asarray(rows[:, 0] + rows[:, 1] if rows.shape[1] == 2 else rows.sum(axis=1))


def _halves(begin: Floats, middle: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Return where the halves (2n, d) of n chords begin and end, in order."""
    begins, ends = np.stack([begin, middle], axis=1), np.stack([middle, end], axis=1)
    return begins.reshape(-1, begin.shape[1]), ends.reshape(-1, begin.shape[1])


def parted(rows: Floats, lengths: Iterable[int]) -> list[Floats]:
    """Return `rows` in parts of such `lengths`, one after the other."""
    return [rows[start:end] for start, end in pairwise(accumulate(lengths, initial=0))]


def contours(field: Floats, box: Floats, level: float = 0.0) -> list[Floats]:
    """Return the curves (m, 2) where `field` (rows, columns) crosses `level` inside `box`.

    `field[i, j]` is the value at the i-th of evenly spaced y and the j-th of evenly spaced x,
    the ends of the box included.
    """
    if not np.isfinite(field).all() or field.min() > level or field.max() < level:
        return []
    (left, right), (bottom, top) = box.tolist()
    # `contour_generator` would look for numbers that are none, and take longer for that.
    known: tuple[Any, ...] = (*_mesh(left, right, bottom, top, *field.shape), field, None)
    lines = SerialContourGenerator(*known, **_AS_IT_WOULD).lines(level)
    return [np.asarray(line) for line in lines if len(line) > 1]


@lru_cache(maxsize=16)
def _mesh(
    left: float, right: float, bottom: float, top: float, rows: int, columns: int
) -> tuple[Floats, Floats]:
    """Return the x and the y of a field's values (rows, columns)."""
    xs, ys = np.meshgrid(np.linspace(left, right, columns), np.linspace(bottom, top, rows))
    xs.setflags(write=False)
    ys.setflags(write=False)
    return xs, ys


def lattice(box: Floats, side: int) -> Floats:
    """Return side × side points (side², 2) over `box`, ends included, x running fastest.

    They are read-only: who asks again is given the same ones.
    """
    (left, right), (bottom, top) = box.tolist()
    return _lattice(left, right, bottom, top, side)


@lru_cache(maxsize=16)
def _lattice(left: float, right: float, bottom: float, top: float, side: int) -> Floats:
    xs, ys = np.linspace(left, right, side), np.linspace(bottom, top, side)
    points: Floats = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    points.setflags(write=False)
    return points


def cell_middles(box: Floats, side: int) -> Floats:
    """Return the middles (side², 2) of side × side cells of `box`, x running fastest."""
    half = (box[:, 1] - box[:, 0]) / (2 * side)
    inner = np.stack([box[:, 0] + half, box[:, 1] - half], axis=1)
    return lattice(inner, side)


def interval(box: Floats, points: int = 100) -> Floats:
    """Return `points` evenly spaced points (points, 1) of `box` (1, 2), ends included."""
    return np.linspace(box[0, 0], box[0, 1], points)[:, None]


def straightened(line: Floats) -> Floats:
    """Return the two ends of a line (m, d) that is straight to a billionth of it, else the line."""
    way = line[-1] - line[0]
    length = float(np.linalg.norm(way))
    if length == 0.0:
        return line
    steps = line - line[0]
    along = steps @ way / length
    off = np.abs(steps - along[:, None] * way / length)
    slack = 1e-9 * length
    ahead = bool(along.min() >= -slack and along.max() <= length + slack)
    return line[[0, -1]] if ahead and off.max() <= slack else line


def widen(box: Floats, share: float) -> Floats:
    """Return `box` (d, 2) with `share` of its span added at each end."""
    span = (box[:, 1] - box[:, 0])[:, None]
    return np.asarray(box + span * np.array([-share, share]))
