"""The data sets are what their docstrings say, and the same from the same seed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnanim import datasets
from nnanim.dataset import Arrays, Dataset, checked_arrays

BOTH: list[Dataset] = [datasets.rings(n=40), datasets.polynomial(n=40, noise=0.1)]


def content(arrays: Arrays) -> list[bytes]:
    """Return the bytes of all four arrays."""
    parts = (arrays.inputs, arrays.targets, arrays.test_inputs, arrays.test_targets)
    return [part.tobytes() for part in parts]


# -- both ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", BOTH)
def test_the_same_seed_gives_the_same_bytes(dataset: Dataset) -> None:
    """And another seed gives others."""
    assert content(dataset.arrays(3)) == content(dataset.arrays(3))
    assert content(dataset.arrays(3))[0] != content(dataset.arrays(4))[0]


@pytest.mark.parametrize("kind", [datasets.rings, datasets.polynomial])
def test_a_pinned_seed_wins_over_the_scenes(
    kind: type[datasets.rings] | type[datasets.polynomial],
) -> None:
    """A data set with a seed of its own is the same in every scene."""
    pinned = kind(n=40, seed=7)

    assert content(pinned.arrays(1)) == content(pinned.arrays(2)) == content(kind(n=40).arrays(7))


@pytest.mark.parametrize("dataset", BOTH)
def test_arrays_are_what_a_training_takes(dataset: Dataset) -> None:
    """Rows of float32, the test part apart from the train part and not empty."""
    arrays = checked_arrays(dataset, 0)

    assert arrays.inputs.shape == (40, len(dataset.window))
    assert arrays.targets.shape == (40, 1)
    assert arrays.test_inputs.shape == (len(arrays.test_targets), len(dataset.window))
    assert len(arrays.test_inputs) > 0
    assert arrays.inputs.dtype == arrays.targets.dtype == np.float32
    assert not set(map(bytes, arrays.inputs)) & set(map(bytes, arrays.test_inputs))


@pytest.mark.parametrize("dataset", BOTH)
def test_drawing_leaves_numpys_own_random_numbers_alone(dataset: Dataset) -> None:
    """A data set has a generator of its own."""
    np.random.seed(0)
    expected = np.random.random()
    np.random.seed(0)

    dataset.arrays(1)

    assert np.random.random() == expected


# -- rings -----------------------------------------------------------------------------------------


def radii(points: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> list[float]:
    """Return the distance of each point from the middle."""
    return [float(r) for r in np.hypot(*points.astype(float).T)]


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(4, 500),
    inner=st.floats(0, 2),
    width=st.floats(0.1, 2),
    seed=st.integers(0, 1000),
)
def test_without_noise_rings_are_circles(n: int, inner: float, width: float, seed: int) -> None:
    """Class 0 on the inner, class 1 on the outer, as many of one as of the other."""
    arrays = datasets.rings(n=n, radii=(inner, inner + width), noise=0).arrays(seed)

    for points, targets in (
        (arrays.inputs, arrays.targets),
        (arrays.test_inputs, arrays.test_targets),
    ):
        expected = np.where(targets[:, 0] == 1, inner + width, inner)
        np.testing.assert_allclose(radii(points), expected, atol=1e-6)
        assert set(targets[:, 0]) == {0, 1}
        assert abs((targets == 1).sum() - (targets == 0).sum()) <= 1


def test_rings_are_the_notebooks_by_default() -> None:
    """Twice 20,000 points at radii 0.5 and 1, with noise of 0.005 in x and in y."""
    arrays = datasets.rings().arrays(0)

    assert arrays.inputs.shape == (40_000, 2)
    assert arrays.test_inputs.shape == (4_000, 2)
    outer = arrays.targets[:, 0] == 1
    assert outer.sum() == 20_000
    for ring, radius in ((outer, 1.0), (~outer, 0.5)):
        distances = np.array(radii(arrays.inputs[ring]))
        assert distances.mean() == pytest.approx(radius, abs=2e-4)
        assert distances.std() == pytest.approx(0.005, rel=0.03)


def test_rings_are_spread_all_round() -> None:
    """Each quarter of the turn holds a quarter of each class."""
    arrays = datasets.rings(n=4000, noise=0.01).arrays(0)

    quarter = (arrays.inputs[:, 0] > 0).astype(int) + 2 * (arrays.inputs[:, 1] > 0)

    counts = np.bincount(2 * quarter + arrays.targets[:, 0].astype(int))
    assert np.abs(counts - 500).max() < 20


def test_the_test_part_of_rings_has_noise_of_its_own() -> None:
    """The same rings, drawn anew."""
    dataset = datasets.rings(n=4000, noise=0.05)

    arrays = dataset.arrays(0)

    rest = np.array(radii(arrays.test_inputs)) - np.where(arrays.test_targets[:, 0] == 1, 1, 0.5)
    assert rest.std() == pytest.approx(0.05, rel=0.1)


# -- polynomial ------------------------------------------------------------------------------------


def test_the_polynomial_is_the_notebooks_by_default() -> None:
    """1 + x - 3x² + x⁴ over [-2, 2], from -2.51 to 7."""
    arrays = datasets.polynomial().arrays(0)
    x, y = arrays.test_inputs.astype(float), arrays.test_targets

    np.testing.assert_allclose(y, 1 + x - 3 * x**2 + x**4, atol=1e-5)
    assert y.min() == pytest.approx(-2.51, abs=0.01)
    assert y.max() == pytest.approx(7.0, abs=1e-5)
    assert (x.min(), x.max()) == (-2, 2)
    np.testing.assert_allclose(np.diff(x[:, 0]), 4 / 399, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    coefficients=st.lists(st.floats(-3, 3), min_size=1, max_size=6).map(tuple),
    low=st.floats(-3, 0),
    span=st.floats(0.5, 3),
)
def test_any_polynomial_is_the_sum_of_its_powers(
    coefficients: tuple[float, ...], low: float, span: float
) -> None:
    """Coefficients rise in power; samples lie within the interval."""
    dataset = datasets.polynomial(coefficients, n=30, interval=(low, low + span))

    arrays = dataset.arrays(0)

    for x, y in ((arrays.inputs, arrays.targets), (arrays.test_inputs, arrays.test_targets)):
        powers = [c * x.astype(float) ** k for k, c in enumerate(coefficients)]
        np.testing.assert_allclose(y, np.sum(powers, axis=0), atol=2e-2, rtol=1e-4)
        assert (x >= low - 1e-6).all()
        assert (x <= low + span + 1e-6).all()
    assert dataset.window == ((low, low + span),)


def test_noise_is_in_the_samples_and_not_in_the_test_part() -> None:
    """Of the asked standard deviation; x does not change with it."""
    calm = datasets.polynomial()
    noisy = replace(calm, noise=0.3)

    still, moved = calm.arrays(0), noisy.arrays(0)

    assert (moved.targets - still.targets).std() == pytest.approx(0.3, rel=0.05)
    np.testing.assert_array_equal(moved.inputs, still.inputs)
    np.testing.assert_array_equal(moved.test_targets, still.test_targets)
