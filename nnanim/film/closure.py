"""Closure: does the boundary between two classes close inside the window, or only nearly?

A lattice alone cannot tell: between its points a tunnel, through which the inner region reaches
the outer, may hide. So where the contour on the lattice closes, loops around it are walked in far
finer steps, and where the field rises along a loop, the rise is looked into finer still.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nnanim.geometry import contours, lattice
from nnanim.types import Floats

Field = Callable[[Floats], Floats]  # (n, 2) points -> (n,) values

_STEPS = 32  # to a cell of the lattice, along a loop; then to two of those steps, and so on
_ZOOMS = 3
_FURTHEST = 4  # cells from the contour to the last loop that is walked


def closes(field: Field, box: Floats, side: int = 160) -> bool:
    """Return whether a curve on which `field` is 0 closes inside `box` (2, 2).

    A closed curve of the contour on a lattice of side × side points counts where some loop of
    lattice edges, 1 to 4 cells outside of it, meets no point of the inner sign: not on the lattice,
    not on 32 points an edge, nor about any highest of these, looked into to a millionth of an edge.
    The limit of the answer: a tunnel hides whose own rise is nowhere wider than 1/32 of a cell,
    1/5,000 of the window at 160 points. A curve around less than 3 × 3 points does not count.
    """
    values = np.asarray(field(lattice(box, side)), np.float64).reshape(side, side)
    for line in contours(values, box):
        if not np.array_equal(line[0], line[-1]):
            continue
        inside = _enclosed(line, box, side)
        resolved = inside & ~_near(~inside)  # else it may be one glimpse of a long, thin tunnel
        if resolved.any() and _moated(field, values, inside, box):
            return True
    return False


def _moated(field: Field, values: Floats, inside: NDArray[np.bool_], box: Floats) -> bool:
    """Return whether some loop around the nodes `inside` has the outer sign everywhere."""
    sign = 1.0 if np.median(values[inside & _near(~inside)]) > 0 else -1.0
    reached = inside
    for _ in range(_FURTHEST):
        wider = _near(reached)
        moat, reached = wider & ~reached, wider
        if wider[[0, -1]].any() or wider[:, [0, -1]].any():
            return False  # beyond the window nothing is known
        if (sign * values[moat] < 0).all() and _stays_below(
            lambda points: sign * field(points), *_edges(moat, box)
        ):
            return True
    return False


def _stays_below(height: Field, starts: Floats, ends: Floats) -> bool:
    """Return whether `height` is below 0 all along the edges (n, 2) from `starts` to `ends`."""
    for _ in range(1 + _ZOOMS):
        shares = np.linspace(0.0, 1.0, _STEPS + 1)[None, :, None]
        points = starts[:, None] + shares * (ends - starts)[:, None]
        found = np.asarray(height(points.reshape(-1, 2)), np.float64).reshape(points.shape[:2])
        if not (found < 0).all():
            return False
        padded = np.pad(found, ((0, 0), (1, 1)), constant_values=-np.inf)
        edge, step = np.nonzero((found > padded[:, :-2]) & (found >= padded[:, 2:]))
        starts = points[edge, np.maximum(step - 1, 0)]
        ends = points[edge, np.minimum(step + 1, _STEPS)]
    return True


def _edges(nodes: NDArray[np.bool_], box: Floats) -> tuple[Floats, Floats]:
    """Return the starts and ends (n, 2) of the lattice edges between neighbours in `nodes`."""
    place = lattice(box, len(nodes)).reshape(*nodes.shape, 2)
    across, up = nodes[:, :-1] & nodes[:, 1:], nodes[:-1] & nodes[1:]
    starts = np.concatenate([place[:, :-1][across], place[:-1][up]])
    return starts, np.concatenate([place[:, 1:][across], place[1:][up]])


def _near(nodes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return `nodes` and their eight neighbours."""
    rows = nodes.copy()
    rows[1:] |= nodes[:-1]
    rows[:-1] |= nodes[1:]
    both = rows.copy()
    both[:, 1:] |= rows[:, :-1]
    both[:, :-1] |= rows[:, 1:]
    return both


def _enclosed(line: Floats, box: Floats, side: int) -> NDArray[np.bool_]:
    """Return which of the lattice's nodes (side, side) a closed line (m, 2) goes around."""
    ys = np.linspace(box[1, 0], box[1, 1], side)[:, None]
    xs = np.linspace(box[0, 0], box[0, 1], side)
    low, high = line[:-1], line[1:]
    row, part = np.nonzero((low[:, 1] <= ys) != (high[:, 1] <= ys))
    rise = (ys[row, 0] - low[part, 1]) / (high[part, 1] - low[part, 1])
    crossing = low[part, 0] + rise * (high[part, 0] - low[part, 0])
    passed = np.zeros((side, side + 1), np.int64)
    np.add.at(passed, (row, np.searchsorted(xs, crossing)), 1)
    return np.asarray(passed.cumsum(axis=1)[:, :side] % 2 == 1)
