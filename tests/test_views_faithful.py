"""What views draw when asked for a plain notebook's picture: dots, chains, a bare grid."""

import numpy as np
import pytest

from nnanim.marks import Image, Lines, Points
from nnanim.views import Fit, HiddenSpace
from tests.recordings import fit_film, rings_film


@pytest.mark.parametrize("dots", [1, 7, 5000])
def test_dots_lie_on_target_and_curve_above_the_same_test_samples(dots: int) -> None:
    """So many of each, at most all test samples."""
    film = fit_film()
    data = film.data

    (marks,) = Fit(points=False, dots=dots).marks(film, 2.0)

    target, curve = (mark for mark in marks if isinstance(mark, Points))
    assert len(target.xy) == len(curve.xy) == min(dots, len(data.test_inputs))
    pairs = {tuple(pair) for pair in np.concatenate([data.test_inputs, data.test_targets], 1)}
    assert {tuple(pair) for pair in target.xy} <= pairs
    outputs = film.outputs("", curve.xy[:, :1], film.moment(2.0))
    np.testing.assert_allclose(curve.xy[:, 1:], outputs, atol=1e-6)


def test_a_fit_without_dots_has_none() -> None:
    """The default."""
    (marks,) = Fit(points=False).marks(fit_film(), 2.0)

    assert not [mark for mark in marks if isinstance(mark, Points)]


def test_joined_points_are_lines_through_each_classs_points_in_order() -> None:
    """One line a class, under the points."""
    film = rings_film()
    images = film.points("hidden2", film.moment(2.0))

    (marks,) = HiddenSpace(joined=True).marks(film, 2.0)

    chains = [mark for mark in marks if isinstance(mark, Lines) and "class" in mark.color]
    for k, chain in enumerate(chains):
        (path,) = chain.paths
        assert chain.color == f"class{k}"
        np.testing.assert_array_equal(path, images[film.labels == k])
    assert len(chains) == 2


def test_a_grid_without_outline_is_all_alike_at_half_strength() -> None:
    """And nothing is tinted if that is not wanted."""
    film = rings_film()

    (marks,) = HiddenSpace(outline=False, tint=False).marks(film, 2.0)

    (grid,) = (mark for mark in marks if isinstance(mark, Lines) and mark.color == "grid")
    assert (len(grid.paths), grid.alpha) == (42, 0.5)
    assert not [mark for mark in marks if isinstance(mark, Image)]
