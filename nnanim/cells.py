"""Cells: where each of several scores is the largest, in the plane and in space.

Of scores that are linear, weight[k]·h + bias[k], the cells are convex and exact. Of scores known on
a lattice alone, the borders are contours.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from nnanim.geometry import clip_line, clip_plane, clip_polygon, contours, corners, parted
from nnanim.types import Floats

Pair = tuple[int, int]  # two classes, the lower first


def argmax_cells(weight: Floats, bias: Floats, box: Floats) -> list[Floats]:
    """Return for each class k the convex cell of `box` where weight[k]·h + bias[k] is largest.

    The cells are exact and fill the box; one may be empty, (0, 2).
    """
    cells = []
    for k in range(len(weight)):
        cell = corners(box)
        for j in range(len(weight)):
            if j != k and len(cell):
                cell = clip_polygon(cell, weight[k] - weight[j], float(bias[k] - bias[j]))
        cells.append(cell)
    return cells


def argmax_changes(weight: Floats, bias: Floats) -> Floats:
    """Return the numbers h (m,), rising, at which the largest of weight[k]·h + bias[k] changes."""
    changes = []
    for k in range(len(weight)):
        rise, lack = weight[k] - weight, bias - bias[k]  # class k wins where rise · h >= lack
        low = max(lack[rise > 0] / rise[rise > 0], default=-np.inf)
        high = min(lack[rise < 0] / rise[rise < 0], default=np.inf)
        if np.isfinite(low) and low < high and (lack[rise == 0] <= 0).all():
            changes.append(float(low))
    return np.unique(changes)


def argmax_edges(weight: Floats, bias: Floats, box: Floats) -> dict[Pair, Floats]:
    """Return the edges (2, 2) between the cells of `box` (2, 2), by the two that meet there."""
    edges = {}
    for i, j in combinations(range(len(weight)), 2):
        line = clip_line(weight[i] - weight[j], float(bias[j] - bias[i]), box)
        if line is None:
            continue
        others = [k for k in range(len(weight)) if k not in (i, j)]
        lead = line @ (weight[i] - weight[others]).T + (bias[i] - bias[others])  # (2, others)
        start, end = lead
        with np.errstate(divide="ignore", invalid="ignore"):
            at = start / (start - end)
        low = max(at[(start < 0) & (end >= 0)], default=0.0)
        high = min(at[(start >= 0) & (end < 0)], default=1.0)
        if low < high and not ((start < 0) & (end < 0)).any():
            edges[i, j] = line[0] + np.array([[low], [high]]) * (line[1] - line[0])
    return edges


def argmax_walls(weight: Floats, bias: Floats, box: Floats) -> dict[Pair, Floats]:
    """Return the walls between the cells of `box` (3, 2), convex polygons (m, 3), by the two.

    Exact: each lies where its two scores are equal and no other is larger.
    """
    walls = {}
    for i, j in combinations(range(len(weight)), 2):
        wall = clip_plane(weight[i] - weight[j], float(bias[j] - bias[i]), box)
        for k in range(len(weight)):
            if wall is not None and len(wall) and k not in (i, j):
                wall = clip_polygon(wall, weight[i] - weight[k], float(bias[i] - bias[k]))
        if wall is not None and len(wall) > 2:
            walls[i, j] = wall
    return walls


def borders(scores: Floats, box: Floats) -> list[tuple[Pair, Floats]]:
    """Return the lines (m, 2) over `box` at which one class takes over from another, with the two.

    `scores` (rows, columns, classes) stand on a lattice over the box, its ends included. Each line
    is where the two scores are equal, cut where a third one is larger: the difference of the best
    and the next never changes its sign, so it has no contour.
    """
    if not np.isfinite(scores).all():
        return []
    scores = np.asarray(scores, np.float64)
    found = []
    for (i, j), (rows, columns) in _neighbours(scores.argmax(axis=2)).items():
        part = scores[rows, columns]
        inner = _inner(box, scores.shape[:2], rows, columns)
        lines = contours(part[..., i] - part[..., j], inner)
        found += [((i, j), kept) for kept in _on_top(lines, part, i, j, inner)]
    return found


def _neighbours(winner: NDArray[np.int64]) -> dict[Pair, tuple[slice, slice]]:
    """Return which classes win at corners of one cell of a lattice, and where such cells are."""
    count = int(winner.max()) + 1
    around = np.stack([winner[:-1, :-1], winner[:-1, 1:], winner[1:, :-1], winner[1:, 1:]])
    pairs = [
        np.minimum(one, other) * count + np.maximum(one, other)
        for one, other in combinations(around, 2)
    ]
    found: dict[Pair, tuple[slice, slice]] = {}
    mixed = np.argwhere((around != around[0]).any(axis=0))
    codes = np.stack([pair[mixed[:, 0], mixed[:, 1]] for pair in pairs], axis=1)
    for code in np.unique(codes).tolist():
        i, j = divmod(code, count)
        if i == j:
            continue
        cells = mixed[(codes == code).any(axis=1)]
        (top, left), (bottom, right) = cells.min(axis=0), cells.max(axis=0)
        rows, columns = slice(max(top - 1, 0), bottom + 3), slice(max(left - 1, 0), right + 3)
        found[i, j] = rows, columns
    return found


def _inner(box: Floats, shape: tuple[int, ...], rows: slice, columns: slice) -> Floats:
    """Return what part of `box` some rows and columns of a lattice over it cover."""
    spans = []
    for axis, (part, count) in enumerate(((columns, shape[1]), (rows, shape[0]))):
        at = np.linspace(box[axis, 0], box[axis, 1], count)[part]
        spans.append((at[0], at[-1]))
    return np.array(spans)


def _on_top(
    lines: Sequence[Floats], scores: Floats, i: int, j: int, box: Floats
) -> Iterator[Floats]:
    """Give the parts of lines along which the scores i and j are the largest."""
    others = np.delete(np.arange(scores.shape[2]), [i, j])
    if not len(others) or not lines:
        yield from lines
        return
    at = _between(scores, np.concatenate(lines), box)
    leads = (at[:, i] + at[:, j]) / 2 - at[:, others].max(axis=1)
    for line, lead in zip(lines, parted(leads, map(len, lines)), strict=True):
        above = lead >= 0
        if above.all():
            yield line
        elif above.any():
            yield from _above(line, lead)


def _above(line: Floats, lead: Floats) -> Iterator[Floats]:
    """Give the parts of a line along which its `lead` (n,) is not below 0."""
    turns = np.flatnonzero((lead[:-1] >= 0) != (lead[1:] >= 0))
    share = (lead[turns] / (lead[turns] - lead[turns + 1]))[:, None]
    ends = line[turns] + share * (line[turns + 1] - line[turns])
    line, lead = np.insert(line, turns + 1, ends, axis=0), np.insert(lead, turns + 1, 0.0)
    above = np.concatenate([[False], lead >= 0, [False]])
    first, last = np.flatnonzero(above[1:] & ~above[:-1]), np.flatnonzero(~above[1:] & above[:-1])
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        if end - begin > 1:
            yield line[begin:end]


def _between(field: Floats, points: Floats, box: Floats) -> Floats:
    """Return the values (n, k) of a lattice's field at points, linear between its nodes."""
    counts = np.array(field.shape[1::-1]) - 1
    at = np.clip((points - box[:, 0]) / (box[:, 1] - box[:, 0]) * counts, 0, counts)
    column, row = np.minimum(at.astype(int), counts - 1).T
    across, up = (at - np.stack([column, row], axis=1)).T[:, :, None]
    below = (1 - across) * field[row, column] + across * field[row, column + 1]
    above = (1 - across) * field[row + 1, column] + across * field[row + 1, column + 1]
    return np.asarray((1 - up) * below + up * above)
