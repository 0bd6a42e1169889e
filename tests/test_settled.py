"""A boundary as exact as inputs can be: where along a line a score rises above its level."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim import Film
from nnanim.network.input_boundary import rises
from nnanim.types import Floats
from tests.recordings import rings_film, thirds_film

COUNT = 500
random = np.random.default_rng(0)
ZEROS, SLOPES = random.uniform(-0.99, 0.99, COUNT), np.exp(random.uniform(-2, 4, COUNT))

HEIGHTS: dict[str, Callable[[Floats, Floats], Floats]] = {  # of what lies beyond, and a slope
    "straight": lambda beyond, slope: slope * beyond,
    "saturated": lambda beyond, slope: np.tanh(slope * beyond),
    "in 32 bits": lambda beyond, slope: np.tanh(slope * beyond).astype(np.float32).astype(float),
    "flat at its zero": lambda beyond, _: beyond**3,
    "a step": lambda beyond, _: np.where(beyond > 0, 1.0, -1.0),
}


@pytest.mark.parametrize("name", HEIGHTS)
def test_a_rise_is_found_to_a_millionth(name: str) -> None:
    """Of whatever height, in half the looks that halving takes, but for one that is of no help."""
    looks = []

    def height(rows: NDArray[np.int64], at: Floats) -> Floats:
        looks.append(len(rows))
        return HEIGHTS[name](at - ZEROS[rows], SLOPES[rows])

    found = rises(height, COUNT)

    assert np.abs(found - ZEROS).max() <= 1e-6
    assert sum(looks) <= COUNT * (32 if name in ("a step", "flat at its zero") else 11)


def test_what_does_not_rise_is_left_in_the_middle() -> None:
    """What is above at both ends, below at both, falls, or is no number."""
    values = np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [np.nan, np.nan], [-1.0, 1.0]])

    def height(rows: NDArray[np.int64], at: Floats) -> Floats:
        return np.asarray(np.where(at > 0.25, values[rows, 1], values[rows, 0]))

    assert rises(height, 5)[:4].tolist() == [0.0] * 4
    assert rises(height, 5)[4] == pytest.approx(0.25, abs=1e-6)


@pytest.mark.parametrize("film_of", [rings_film, thirds_film])
def test_beside_a_settled_boundary_the_classes_differ(film_of: Callable[[], Film]) -> None:
    """A ten-thousandth of a cell to both sides of it, along the slope of the score."""
    film = film_of()
    moment = film.epochs
    lines = film.settled_boundary(moment)
    assert len(lines) > 0
    points = np.concatenate(lines)
    steps = np.concatenate([np.gradient(line, axis=0) for line in lines])
    across = np.stack([-steps[:, 1], steps[:, 0]], axis=1)
    across *= (1e-4 * np.ptp(film.window) / 160) / np.hypot(*across.T)[:, None]
    assert film.decision is not None
    sides = [film.decision.classes(film.scores(points + way, moment)) for way in (across, -across)]

    assert (sides[0] != sides[1]).mean() > 0.95
