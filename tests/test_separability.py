"""Whether a plane comes between two clouds of points."""

import numpy as np
import pytest

from nnanim.film.separability import gap


@pytest.mark.parametrize("width", [0.01, 0.3, 2.0])
@pytest.mark.parametrize("dimensions", [2, 3, 5])
def test_the_gap_of_two_clouds_is_their_distance_across_the_plane(
    width: float, dimensions: int
) -> None:
    """Balls cut flat, turned at random: what is between their flat sides, and never more."""
    rng = np.random.default_rng(dimensions)
    points = rng.uniform(-1, 1, (2000, dimensions))
    upper = points[:, 0] > 0
    points[:, 0] += np.where(upper, width / 2, -width / 2)
    inner = np.abs(points[:, 1:]).max(axis=1) < 0.9
    points[inner & (rng.uniform(size=2000) < 0.3), 0] = 0
    points[points[:, 0] == 0, 0] = np.where(upper[points[:, 0] == 0], width / 2, -width / 2)
    turn = np.linalg.qr(rng.normal(size=(dimensions, dimensions)))[0]

    found = gap(points[upper] @ turn, points[~upper] @ turn)

    assert 0.97 * width < found <= width * (1 + 1e-9)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_clouds_that_reach_into_each_other_have_no_gap(dimensions: int) -> None:
    """A ball in a shell, and two clouds of which one point lies on the other's side."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(1000, dimensions))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    assert gap(points[:500] * 0.2, points[500:]) == 0
    one = rng.uniform(0.1, 1, (500, dimensions))

    assert gap(one, -one) > 0
    assert gap(np.concatenate([one, [[-0.5] * dimensions]]), -one) == 0


def test_what_is_no_number_has_no_gap() -> None:
    """A training that diverges parts nothing."""
    assert gap(np.full((3, 2), np.nan), np.eye(2)) == 0
