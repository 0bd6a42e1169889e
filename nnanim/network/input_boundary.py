"""Where over two inputs the decision of a network changes: contours, moved onto the boundary."""

import numpy as np
from numpy.typing import NDArray

from nnanim.cells import borders
from nnanim.geometry import contours, lattice, parted
from nnanim.network.decision import Decision
from nnanim.network.network import Network
from nnanim.types import Floats, State

_STEP = 0.1  # cells of that lattice over which a slope is taken
SIDE = 160  # points a side of the lattice on which input boundaries are looked for
_HALVINGS = 24  # of a cell: from there on inputs are not told apart


def input_boundary(
    network: Network, state: State, decision: Decision, box: Floats, side: int = SIDE
) -> list[Floats]:
    """Return the lines (m, 2) over `box` (2, 2) of input space where the decision changes.

    They are looked for on a lattice of `side` points a side.

    Two classes: the contour of the score, which bends less than that of the probability, on a
    lattice, each of its points then moved onto the boundary by one Newton step. More classes: the
    same of the difference of any two scores, where these are the largest.
    """
    scores = network.outputs(state, lattice(box, side), [network.scores])[network.scores]
    if decision.binary:
        field = decision.margin(scores).reshape(side, side)
        lines = contours(field, box)
        weights = [np.tile(decision.direction, (len(line), 1)) for line in lines]
    else:
        found = borders(scores.reshape(side, side, -1), box)
        lines = [line for _, line in found]
        unit = np.eye(scores.shape[1])
        weights = [np.tile(unit[i] - unit[j], (len(line), 1)) for (i, j), line in found]
    if not lines:
        return []
    known = network, state, decision.level, box
    moved = _stepped(*known, np.concatenate(lines), np.concatenate(weights), side)
    return parted(moved, map(len, lines))


def onto_boundary(
    network: Network, state: State, decision: Decision, box: Floats, points: Floats
) -> Floats:
    """Return points (n, 2) near the boundary, moved onto it by a Newton step.

    Of more than two classes, onto that between the two whose scores are largest there.
    """
    weights = _lead(network, state, decision, points)
    return _stepped(network, state, decision.level, box, points, weights)


def settled_on_boundary(
    network: Network, state: State, decision: Decision, box: Floats, points: Floats
) -> Floats:
    """Return points (n, 2) near the boundary, as close to it as inputs can be.

    Each is sought by halving along the slope, within a cell; one that finds no change of sides
    there stays where it is.
    """
    cell = float((box[:, 1] - box[:, 0]).max()) / SIDE
    weights = _lead(network, state, decision, points)
    _, slope = network.gradient(state, points, weights, _STEP * cell)
    way = slope * (cell / np.maximum(np.hypot(*slope.T), 1e-30))[:, None]

    def above(inputs: Floats) -> NDArray[np.bool_]:
        found = network.outputs(state, inputs, [network.scores], padded=False)
        scores = found[network.scores]
        return np.asarray((scores * weights).sum(axis=1, dtype=np.float64) > decision.level)

    low, high = points - way, points + way
    crossed = above(high) & ~above(low)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        over = above(middle)[:, None]
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return np.where(crossed[:, None], (low + high) / 2, points)


def _lead(network: Network, state: State, decision: Decision, points: Floats) -> Floats:
    """Return the weights (n, outputs) of the scores by which a point's class is decided.

    Of more than two classes, those of the two whose scores are largest there.
    """
    if decision.binary:
        return np.tile(decision.direction, (len(points), 1))
    scores = network.outputs(state, points, [network.scores])[network.scores]
    best = np.argsort(scores, axis=1, kind="stable")[:, -2:]
    unit = np.eye(scores.shape[1])
    return np.asarray(unit[best[:, 1]] - unit[best[:, 0]])


def _stepped(
    network: Network,
    state: State,
    level: float,
    box: Floats,
    points: Floats,
    weights: Floats,
    side: int = SIDE,
) -> Floats:
    """Return points moved by a Newton step to where their scores · weights (n, outputs) = level."""
    cell = float((box[:, 1] - box[:, 0]).max()) / side
    value, slope = network.gradient(state, points, weights, _STEP * cell)
    steepness = (slope**2).sum(axis=1)
    with np.errstate(over="ignore"):  # a step beyond all numbers is cut to a cell as well
        size = (value - level) / np.maximum(steepness, 1e-20)
    step = np.where(steepness > 1e-20, size, 0.0)[:, None] * slope
    length = np.hypot(*step.T)  # further than a cell, the tangent misleads
    return np.asarray(points - step * np.minimum(1.0, cell / np.maximum(length, 1e-30))[:, None])
