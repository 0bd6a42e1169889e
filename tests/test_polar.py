"""Polar paths: what a matrix does, bit by bit, without a collapse on the way."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from nnanim.film.polar import PolarPath, basis_between, best_swap, mirrors, turn_of
from nnanim.types import Floats

SHARES = np.linspace(0, 1, 41)


def random_matrices(count: int, largest: int, seed: int = 0) -> list[Floats]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=rng.integers(1, largest + 1, 2)) for _ in range(count)]


def turned(angle: float) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


DEGENERATE = {
    "half a turn": -np.eye(2),
    "double half a turn": -np.eye(4),
    "half a turn beside what stays": np.diag([-1.0, -1.0, 1.0]),
    "nothing done": np.eye(3),
    "nothing left": np.zeros((3, 3)),
    "a line left of a plane": np.ones((2, 2)),
    "a line left, in space": np.ones((3, 2)),
    "two equal quarter turns": np.kron(np.eye(2), turned(np.pi / 2)),
    "a negative unit": np.array([[-1.0]]),
    "almost half a turn": turned(np.pi - 1e-9),
    "hardly a turn": turned(1e-9),
    "numbers far apart": np.diag([1e6, 1e-6]),
}


def checked(matrix: Floats) -> PolarPath:
    """Return the path of a matrix after what is true of any was looked at."""
    path = PolarPath(matrix)
    rows, columns = matrix.shape
    size = max(1.0, float(np.abs(matrix).max()))
    assert_allclose(path.at(0.0), np.eye(path.dimensions), atol=1e-9)
    assert_allclose(path.at(1.0)[:rows, :columns], matrix)
    assert_allclose(path.at(1 - 1e-9)[:rows, :columns], matrix, atol=3e-6 * size)
    assert_allclose(np.linalg.det(path.rotation), 1.0, atol=1e-9)
    return path


def test_a_path_leads_from_nothing_to_its_matrix() -> None:
    """Of any shape, and its turn is one, no mirror."""
    for matrix in random_matrices(2000, 6):
        checked(matrix)


@pytest.mark.parametrize("matrix", DEGENERATE.values(), ids=DEGENERATE)
def test_a_degenerate_matrix_has_a_path_too(matrix: Floats) -> None:
    """One of half turns, which have no plane of their own, or of which little is left."""
    checked(matrix)


def test_the_plane_is_nowhere_flat_on_the_way_to_a_matrix_that_does_not_mirror() -> None:
    """The determinant keeps its sign, of 2,000; the straight way loses it for a third of these."""
    rng, shares, straight = np.random.default_rng(1), SHARES[::4, None, None], 0
    for k in range(2000):
        matrix = rng.normal(size=(2 + k % 4, 2 + k % 4))
        matrix[0] *= np.sign(np.linalg.det(matrix))
        path, eye = PolarPath(matrix), np.eye(len(matrix))
        assert np.linalg.det(np.stack([path.at(float(u)) for u in SHARES[::4]])).min() > 0
        straight += np.linalg.det((1 - shares) * eye + shares * matrix).min() <= 0
    assert straight > 0.2 * 2000


def test_a_mirror_folds_once_or_turns_over_through_another_dimension() -> None:
    """Along the axis of the least stretch."""
    for matrix in [m for m in random_matrices(300, 3) if mirrors(m)]:
        path = PolarPath(matrix)
        signs = np.sign([np.linalg.det(path.at(u)) for u in SHARES])
        assert path.folds
        assert (np.diff(signs[signs != 0]) != 0).sum() == 1
        over = PolarPath(matrix, len(matrix) + 1)
        assert not over.folds
        assert_allclose(over.at(1.0)[: len(matrix), : len(matrix)], matrix)
        assert np.linalg.matrix_rank(over.at(0.5)[:, : len(matrix)]) == len(matrix)


def test_swapping_two_rows_takes_the_mirror_away() -> None:
    """The two whose swap leaves least to turn."""
    for matrix in [m for m in random_matrices(300, 4) if mirrors(m) and len(m) > 1]:
        i, j = best_swap(matrix)
        swapped = matrix.copy()
        swapped[[i, j]] = matrix[[j, i]]
        assert not mirrors(swapped)
    assert best_swap(np.array([[0.1, 1.0], [1.0, 0.0]])) == (0, 1)


def test_angles_are_at_most_half_a_turn_and_pass_evenly() -> None:
    """So that no plane goes the long way round."""
    for matrix in random_matrices(200, 6):
        if matrix.shape[0] == matrix.shape[1]:
            turn = turn_of(PolarPath(matrix).rotation)
            assert np.abs(turn.angles).max() <= np.pi + 1e-12
            assert_allclose(turn.at(0.5) @ turn.at(0.5), turn.at(1.0), atol=1e-9)


def test_a_plane_travels_from_one_to_another_and_stays_a_plane() -> None:
    """With its picture: the axes come to be those of the second."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        d = int(rng.integers(3, 8))
        first, second = (np.linalg.qr(rng.normal(size=(d, 2)))[0] for _ in range(2))
        assert_allclose(basis_between(first, second, 0.0), first, atol=1e-7)
        assert_allclose(basis_between(first, second, 1.0), second, atol=1e-6)
        middle = basis_between(first, second, 0.5)
        assert_allclose(middle.T @ middle, np.eye(2), atol=1e-6)


def test_a_picture_that_is_mirrored_turns_over_through_space() -> None:
    """It has no way to be mirrored in its plane."""
    first = np.eye(3)[:, :2]
    second = first * [1.0, -1.0]
    assert_allclose(basis_between(first, second, 1.0), second, atol=1e-12)
    assert_allclose(np.abs(basis_between(first, second, 0.5)[2, 1]), 1.0)
