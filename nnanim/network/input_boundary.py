"""Where over two inputs the decision of a network changes: contours, moved onto the boundary."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from nnanim.cells import borders
from nnanim.geometry import contours, lattice, parted
from nnanim.network.decision import Decision
from nnanim.network.ensemble import Ensemble
from nnanim.network.network import Network
from nnanim.types import Floats, State

# Points (n, 2), weights (n, outputs) and a step -> scores · weights (n,) and their slopes (n, 2).
Gradient = Callable[[Floats, Floats, float], tuple[Floats, Floats]]

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
    lines, weights = _crossings(decision, scores, box, side)
    if not lines:
        return []
    known = partial(network.gradient, state), decision.level, box
    return parted(_stepped(*known, np.concatenate(lines), weights, side), map(len, lines))


def input_boundaries(
    ensemble: Ensemble,
    state: tuple[Floats, Floats],
    decisions: Sequence[Decision],
    box: Floats,
    side: int,
) -> list[list[Floats]]:
    """Return what `input_boundary` does of each network of an ensemble whose layers give scores.

    `state` is all that these are at, as `Ensemble.at` gives it.
    """
    scores = ensemble.outputs(state, lattice(box, side))
    pairs = zip(decisions, scores, strict=True)
    found = [_crossings(decision, own, box, side) for decision, own in pairs]
    each = [lines for lines, _ in found]
    every = list(chain(*each))
    if not every:
        return each
    weights = np.concatenate([own for _, own in found])
    counts = [sum(map(len, lines)) for lines in each]
    levels = np.repeat([decision.level for decision in decisions], counts)
    known = partial(ensemble.gradient, state, counts), levels, box
    moved = iter(parted(_stepped(*known, np.concatenate(every), weights, side), map(len, every)))
    return [list(islice(moved, len(lines))) for lines in each]


def _crossings(
    decision: Decision, scores: Floats, box: Floats, side: int
) -> tuple[list[Floats], Floats]:
    """Return the lines (m, 2) along which scores (side², outputs) on a lattice change sides.

    And the weights (n, outputs) of the scores that are equal there, for each of their points.
    """
    if decision.binary:
        lines = contours(decision.margin(scores).reshape(side, side), box)
        points = sum(map(len, lines))
        return lines, np.broadcast_to(decision.direction, (points, len(decision.direction)))
    found = borders(scores.reshape(side, side, -1), box)
    unit = np.eye(scores.shape[1])
    weights = [np.tile(unit[i] - unit[j], (len(line), 1)) for (i, j), line in found]
    return [line for _, line in found], np.concatenate(weights or [unit[:0]])


def onto_boundary(
    network: Network, state: State, decision: Decision, box: Floats, points: Floats
) -> Floats:
    """Return points (n, 2) near the boundary, moved onto it by a Newton step.

    Of more than two classes, onto that between the two whose scores are largest there.
    """
    weights = _lead(network, state, decision, points)
    return _stepped(partial(network.gradient, state), decision.level, box, points, weights)


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
    gradient: Gradient,
    level: float | Floats,
    box: Floats,
    points: Floats,
    weights: Floats,
    side: int = SIDE,
) -> Floats:
    """Return points moved by a Newton step to where their scores · weights (n, outputs) = level."""
    cell = float((box[:, 1] - box[:, 0]).max()) / side
    value, slope = gradient(points, weights, _STEP * cell)
    steepness = (slope**2).sum(axis=1)
    with np.errstate(over="ignore"):  # a step beyond all numbers is cut to a cell as well
        size = (value - level) / np.maximum(steepness, 1e-20)
    step = np.where(steepness > 1e-20, size, 0.0)[:, None] * slope
    length = np.hypot(*step.T)  # further than a cell, the tangent misleads
    return np.asarray(points - step * np.minimum(1.0, cell / np.maximum(length, 1e-30))[:, None])
