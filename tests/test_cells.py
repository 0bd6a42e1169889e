"""Cells of several scores, in the plane and in space, against brute force."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnanim.cells import (
    argmax_cells,
    argmax_changes,
    argmax_edges,
    argmax_walls,
    borders,
)
from nnanim.geometry import lattice
from nnanim.types import Floats

BOX = np.array([[-1.0, 2.0], [-3.0, 1.0]])
UNIT = np.array([[-1.0, 1.0]] * 2)
CUBE = np.array([[-1.0, 1.0], [-2.0, 1.0], [0.0, 3.0]])


# -- in the plane ----------------------------------------------------------------------------------


def area(polygon: Floats) -> float:
    """Return the area of a polygon (m, 2), positive where it runs anticlockwise."""
    x, y = polygon.reshape(-1, 2).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def inside(polygon: Floats, points: Floats, slack: float) -> Floats:
    """Return which points lie in a convex polygon (m, 2), or within `slack` of it."""
    if len(polygon) < 3:
        return np.zeros(len(points), bool)
    edges = np.roll(polygon, -1, axis=0) - polygon
    lengths = np.maximum(np.hypot(*edges.T), 1e-12)
    across = points[:, None] - polygon[None]
    cross = edges[:, 0] * across[..., 1] - edges[:, 1] * across[..., 0]
    return np.asarray((cross / lengths >= -slack).all(axis=1))


@st.composite
def readouts(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Draw weights (classes, 2) and biases (classes,) of which no two classes are the same."""
    classes = draw(st.integers(2, 7))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    weight, bias = rng.normal(size=(classes, 2)), rng.normal(size=classes)
    if draw(st.booleans()):  # level and upright borders
        weight = np.rint(weight)
        bias += np.arange(classes) / 97
    return weight, bias


@settings(deadline=None)
@given(readout=readouts())
def test_cells_fill_the_box(readout: tuple[Floats, Floats]) -> None:
    """Their areas add up to the box's, so there is neither gap nor overlap."""
    cells = argmax_cells(*readout, BOX)

    areas = [area(cell) for cell in cells]
    assert min(areas) >= -1e-12
    assert sum(areas) == pytest.approx(12.0, rel=1e-9)


@settings(deadline=None)
@given(readout=readouts())
def test_a_cell_is_where_its_class_wins(readout: tuple[Floats, Floats]) -> None:
    """Every sampled point lies in the cell of the class whose score is largest there."""
    weight, bias = readout
    points = np.random.default_rng(0).uniform(BOX[:, 0], BOX[:, 1], (500, 2))

    cells = argmax_cells(weight, bias, BOX)

    winner = (points @ weight.T + bias).argmax(axis=1)
    for k, cell in enumerate(cells):
        assert inside(cell, points[winner == k], 1e-9).all()
        assert not inside(cell, points[winner != k], -1e-9).any()


def test_a_class_that_wins_nowhere_has_an_empty_cell() -> None:
    """And the others fill the box without it."""
    cells = argmax_cells(np.array([[1.0, 0], [-1.0, 0], [0, 0]]), np.array([0, 0, -9]), UNIT)

    assert cells[2].shape == (0, 2)
    assert area(cells[0]) == area(cells[1]) == 2.0


def test_cells_agree_with_a_hundred_thousand_argmaxes() -> None:
    """Ten of them: the share of points that each class wins is its cell's share of the box."""
    weight, bias = read_out(10, 2)
    points = np.random.default_rng(1).uniform(BOX[:, 0], BOX[:, 1], (100_000, 2))

    cells = argmax_cells(weight, bias, BOX)

    winner = (points @ weight.T + bias).argmax(axis=1)
    for k, cell in enumerate(cells):
        np.testing.assert_array_equal(inside(cell, points, 1e-9), winner == k)
        assert (winner == k).mean() == pytest.approx(area(cell) / 12.0, abs=0.005)


@settings(deadline=None)
@given(readout=readouts())
def test_edges_are_those_of_the_cells(readout: tuple[Floats, Floats]) -> None:
    """As long as all edges of cells within the box, which two cells share each."""
    weight, bias = readout
    shared = 0.0
    for cell in argmax_cells(weight, bias, BOX):
        for start, end in zip(cell, np.roll(cell, -1, axis=0), strict=True):
            if (np.abs((start + end)[:, None] / 2 - BOX) > 1e-9).all():
                shared += float(np.hypot(*(end - start))) / 2

    edges = argmax_edges(weight, bias, BOX)

    assert sum(float(np.hypot(*np.diff(edge, axis=0)[0])) for edge in edges.values()) == (
        pytest.approx(shared, abs=1e-7)
    )
    for (i, j), edge in edges.items():
        scores = edge @ weight.T + bias
        np.testing.assert_allclose(scores[:, i], scores[:, j], atol=1e-8)
        assert (scores[:, i] >= scores.max(axis=1) - 1e-8).all()


@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(1, 8))
def test_on_a_line_the_winner_changes_where_said(seed: int, classes: int) -> None:
    """And nowhere else; scores of one slope are no trouble."""
    rng = np.random.default_rng(seed)
    weight, bias = rng.integers(-3, 4, classes).astype(float), rng.normal(size=classes)

    changes = argmax_changes(weight, bias)

    ends = np.concatenate([[-50.0], changes, [50.0]])
    middles = (ends[1:] + ends[:-1]) / 2
    winners = [int((weight * x + bias).argmax()) for x in middles]
    assert all(a != b for a, b in pairwise(winners))
    at = rng.uniform(-50, 50, 200)
    own = (at[:, None] * weight + bias).argmax(axis=1)
    np.testing.assert_array_equal(own, np.array(winners)[np.searchsorted(changes, at)])


# -- in space --------------------------------------------------------------------------------------


def read_out(classes: int, units: int) -> tuple[Floats, Floats]:
    """Return weights (classes, units) and biases of which many classes win somewhere."""
    rng = np.random.default_rng(2)
    return rng.normal(size=(classes, units)), 0.3 * rng.normal(size=classes)


def outline_area(polygon: Floats) -> Floats:
    """Return half the vector product (3,) around a flat polygon in space: its area, upright."""
    around = np.roll(polygon, -1, axis=0)
    return np.asarray(np.cross(polygon, around).sum(axis=0) / 2)


def test_cells_in_space_fill_the_box_and_agree_with_argmaxes() -> None:
    """Volumes by the divergence theorem, from walls and the box's faces: 100,000 points agree."""
    weight, bias = read_out(10, 3)
    middle = CUBE.mean(axis=1)
    volumes = np.zeros(10)
    for (i, j), wall in argmax_walls(weight, bias, CUBE).items():
        upright, towards = outline_area(wall), weight[i] - weight[j]
        share = abs(upright @ (wall[0] - middle)) / 3
        out = np.sign(-towards @ (wall[0] - middle))  # of cell i, seen from the box's middle
        volumes[i] += out * share
        volumes[j] -= out * share
    for axis in range(3):
        others = [k for k in range(3) if k != axis]
        for end in CUBE[axis]:
            flat = argmax_cells(weight[:, others], bias + weight[:, axis] * end, CUBE[others])
            for k, cell in enumerate(flat):
                volumes[k] += abs(area(cell) * (end - middle[axis])) / 3

    points = np.random.default_rng(3).uniform(CUBE[:, 0], CUBE[:, 1], (100_000, 3))
    won = np.bincount((points @ weight.T + bias).argmax(axis=1), minlength=10) / len(points)
    assert (won > 0).sum() > 6
    assert volumes.sum() == pytest.approx(18.0, rel=1e-9)
    np.testing.assert_allclose(volumes / 18.0, won, atol=0.006)


def test_a_wall_is_where_two_scores_are_equal_and_largest() -> None:
    """At each of its corners."""
    weight, bias = read_out(10, 3)

    walls = argmax_walls(weight, bias, CUBE)

    assert len(walls) > 10
    for (i, j), wall in walls.items():
        scores = wall @ weight.T + bias
        np.testing.assert_allclose(scores[:, i], scores[:, j], atol=1e-9)
        assert (scores[:, i] >= scores.max(axis=1) - 1e-9).all()
        assert (wall >= CUBE[:, 0] - 1e-9).all()
        assert (wall <= CUBE[:, 1] + 1e-9).all()


# -- of scores on a lattice ------------------------------------------------------------------------


def bent(points: Floats) -> Floats:
    """Return five scores that are not linear."""
    x, y = points.T
    return np.stack([np.sin(3 * x), y, x * y, 0.3 - x**2, np.cos(2 * y) - 0.7], axis=1)


def test_borders_lie_where_two_classes_are_on_top() -> None:
    """All of the way, to the second order of the lattice's step."""
    scores = bent(lattice(BOX, 161)).reshape(161, 161, 5)

    found = borders(scores, BOX)

    assert len({pair for pair, _ in found}) > 4
    for (i, j), line in found:
        at = bent(line)
        np.testing.assert_allclose(at[:, i], at[:, j], atol=2e-3)
        assert (at[:, i] >= at.max(axis=1) - 2e-3).all()


def test_every_change_of_the_winner_has_a_border_beside_it() -> None:
    """Between any two neighbours of the lattice, and of these two classes."""
    scores = bent(lattice(BOX, 161)).reshape(161, 161, 5)
    lines = borders(scores, BOX)
    winner = scores.argmax(axis=2)
    nodes = lattice(BOX, 161).reshape(161, 161, 2)
    step = 4.0 / 160
    for row, column in np.argwhere(winner[:, 1:] != winner[:, :-1]):
        two = tuple(sorted((winner[row, column], winner[row, column + 1])))
        middle = (nodes[row, column] + nodes[row, column + 1]) / 2
        own = np.concatenate([line for pair, line in lines if pair == two])
        assert np.hypot(*(own - middle).T).min() < 1.5 * step


def test_of_scores_that_are_no_numbers_there_are_no_borders() -> None:
    """Nor of one class that wins everywhere."""
    scores = np.zeros((5, 5, 3))
    scores[..., 1] = 1.0
    assert borders(scores, BOX) == []
    scores[2, 2, 0] = np.nan
    assert borders(scores, BOX) == []
