"""Fields of a page: in how many cells what no recipe gives is kept."""

import numpy as np

from nnanim.marks import Image
from nnanim.page.fields import Fields
from nnanim.types import Floats

SIDE, FINEST = 100, 40


def kept(*fields: Floats) -> list[tuple[int, ...]]:
    """Return how many rows and columns are kept of fields, one at each sample."""
    track = [Image(field, (0, 1, 0, 1), "viridis", 0.0, 1.0) for field in fields]
    smaller = Fields([], [], FINEST).smaller(track, SIDE)
    return [field.shape for field in smaller if field is not None]


def slope(at: float) -> Floats:
    """Return a field that rises evenly."""
    return np.tile(np.linspace(at, 1, SIDE), (SIDE, 1))


def test_a_smooth_field_is_kept_in_the_usual_cells() -> None:
    """More would show nothing more."""
    assert kept(slope(0.0), slope(0.5)) == [(FINEST, FINEST)] * 2


def test_a_field_with_a_narrow_ridge_is_kept_in_more_cells() -> None:
    """At each sample, if at one of them it has one; but in no more than twice the usual."""
    ridges = slope(0.0)
    ridges[:, ::4] = 1.0
    assert kept(slope(0.5), ridges) == [(2 * FINEST, 2 * FINEST)] * 2


def test_a_field_that_does_not_change_is_kept_as_it_is() -> None:
    """It is in the page once."""
    columns = np.random.default_rng(0).random((3, SIDE))
    assert kept(columns, columns, columns.copy()) == [(3, SIDE)] * 3
