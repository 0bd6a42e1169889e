"""A boundary as exact as inputs can be."""

from collections.abc import Callable

import numpy as np
import pytest

from nnanim import Film
from tests.recordings import rings_film, thirds_film


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
