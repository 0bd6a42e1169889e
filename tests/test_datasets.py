"""The data sets are what their docstrings say, and the same from the same seed."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnanim import Film, Scene, Training, datasets, models, record
from nnanim.dataset import Arrays, Dataset
from nnanim.dataset_checks import checked_arrays
from nnanim.errors import SceneError
from nnanim.scene.files import load
from nnanim.types import Floats
from tests.examples import examples

ROOT = Path(__file__).parent.parent


DRAWN: dict[str, Dataset] = {
    "rings": datasets.rings(n=40),
    "circles": datasets.circles(n=40),
    "disk_and_ring": datasets.disk_and_ring(n=40),
    "disk_and_ring even": datasets.disk_and_ring(n=40, even=True),
    "xor": datasets.xor(n=40),
    "jagged": datasets.jagged(n=40, sample_prob=1),
    "line": datasets.line(n=80),
    "line with a gap": datasets.line(n=80, gap=True),
    "polynomial": datasets.polynomial(n=40, noise=0.1),
    "spirals": datasets.spirals(n=40),
    "moons": datasets.moons(n=40),
    "blobs": datasets.blobs(n=40, classes=4),
    "two_curves": datasets.two_curves(n=40),
    "linked_tori": datasets.linked_tori(n=40),
}
MADE = {**DRAWN, "damped_sine": datasets.damped_sine(n=40)}
OWN = {"from_arrays", "from_csv", "from_npz"}

drawn = pytest.mark.parametrize("dataset", DRAWN.values(), ids=DRAWN)
made = pytest.mark.parametrize("dataset", MADE.values(), ids=MADE)


def content(arrays: Arrays) -> list[bytes]:
    """Return the bytes of all four arrays."""
    parts = (arrays.inputs, arrays.targets, arrays.test_inputs, arrays.test_targets)
    return [part.tobytes() for part in parts]


# -- all -------------------------------------------------------------------------------------------


def test_every_data_set_is_looked_at_here() -> None:
    """Those that take own data have tests of their own."""
    assert {name.split()[0] for name in MADE} | OWN == set(datasets.__all__)


def test_every_data_set_is_in_the_page_and_in_its_picture() -> None:
    """The page gives each call with its own defaults; the picture shows all that are made."""
    page = (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)\((.*?)\)` \|", page, re.MULTILINE)
    calls = [
        eval(f"datasets.{name}({settings})", {"datasets": datasets}) for name, settings in rows
    ]
    shown = [view for row in load(ROOT / "docs" / "datasets.py").rows for view in row]

    assert calls == [getattr(datasets, name)() for name, _ in rows]
    assert {name for name, _ in rows} | OWN == set(datasets.__all__)
    assert all(f"datasets.{name}(" in page for name in OWN)
    assert {type(getattr(view, "dataset", None)) for view in shown} == set(map(type, calls))


@drawn
def test_the_same_seed_gives_the_same_bytes(dataset: Dataset) -> None:
    """And another seed gives others."""
    assert content(dataset.arrays(3)) == content(dataset.arrays(3))
    assert content(dataset.arrays(3))[0] != content(dataset.arrays(4))[0]


@drawn
def test_a_pinned_seed_wins_over_the_scenes(dataset: Dataset) -> None:
    """A data set with a seed of its own is the same in every scene."""
    pinned = replace(dataset, seed=7)  # type: ignore[type-var]

    assert content(pinned.arrays(1)) == content(pinned.arrays(2)) == content(dataset.arrays(7))


@made
def test_arrays_are_what_a_training_takes(dataset: Dataset) -> None:
    """As many rows as asked for, of float32, and a test part."""
    arrays = checked_arrays(dataset, 0)

    assert arrays.inputs.shape == (40, len(dataset.window))
    assert arrays.targets.shape == ((40,) if dataset.task == "classes" else (40, 1))
    assert arrays.test_inputs.shape == (len(arrays.test_targets), len(dataset.window))
    assert len(arrays.test_inputs) > 0
    assert arrays.inputs.dtype == np.float32
    assert content(checked_arrays(dataset, 0)) == content(dataset.arrays(0))


@drawn
def test_the_test_part_is_apart_from_the_train_part(dataset: Dataset) -> None:
    """No sample is in both."""
    arrays = dataset.arrays(0)

    assert not set(map(bytes, arrays.inputs)) & set(map(bytes, arrays.test_inputs))


@made
def test_names_are_as_many_as_what_they_name(dataset: Dataset) -> None:
    """Of axes, the inputs' and for regression the target's; of classes, those that there are."""
    targets = dataset.arrays(0).targets
    classes = 0 if dataset.task == "regression" else len(np.unique(targets))

    assert len(dataset.class_names) == classes
    assert len(dataset.axis_names) == len(dataset.window) + (dataset.task == "regression")
    assert all(len(name) < 12 for name in (*dataset.class_names, *dataset.axis_names))


@pytest.mark.parametrize("name", sorted(set(DRAWN) - {"polynomial", "line"}))
def test_classes_are_as_large_as_each_other(name: str) -> None:
    """Within one sample, in the train part and in the test part, but for a line, drawn at random.

    Any first part of the samples is balanced too, whatever takes only so many.
    """
    arrays = DRAWN[name].arrays(0)

    room = 12 if name == "line with a gap" else 1
    for targets in (arrays.targets, arrays.test_targets, arrays.targets[:20]):
        counts = np.bincount(targets.ravel().astype(int))
        assert np.ptp(counts) <= room


@pytest.mark.parametrize("name", sorted(set(MADE)))
def test_the_window_fits_the_data(name: str) -> None:
    """It holds all but a few in ten thousand samples, which fill most of it."""
    many = {"n": 10_000, **({} if name != "damped_sine" else {"n": 1000})}
    dataset: Dataset = replace(MADE[name], **many)  # type: ignore[type-var]
    arrays = dataset.arrays(0)

    low, high = np.array(dataset.window).T
    inside = ((arrays.inputs >= low) & (arrays.inputs <= high)).all(axis=1)
    span = np.percentile(arrays.inputs, 99.5, axis=0) - np.percentile(arrays.inputs, 0.5, axis=0)

    assert inside.mean() > 0.998
    assert (span > 0.6 * (high - low)).any()
    assert (span > 0.4 * (high - low)).all()


@made
def test_drawing_leaves_numpys_own_random_numbers_alone(dataset: Dataset) -> None:
    """A data set has a generator of its own."""
    np.random.seed(0)
    expected = np.random.random()
    np.random.seed(0)

    dataset.arrays(1)

    assert np.random.random() == expected


@made
def test_data_sets_with_equal_settings_are_equal(dataset: Dataset) -> None:
    """So a scene can be compared, and a data set be a key."""
    assert replace(dataset) == dataset  # type: ignore[type-var]
    assert hash(replace(dataset)) == hash(dataset)  # type: ignore[type-var]
    assert replace(dataset, n=41) != dataset  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("call", "settings", "says"),
    [
        *((name, {"n": n}, f"{name}(n={n!r}): expected at least")
          for name in sorted(set(datasets.__all__) - OWN) for n in (0, -1, 2.5, "many", True)),
        *((name, {"noise": noise}, f"{name}(noise={noise!r}): expected a number of 0 or more")
          for name in ("rings", "circles", "xor", "polynomial", "spirals", "moons", "blobs",
                       "two_curves") for noise in (-0.1, float("nan"), "some", None)),
        ("rings", {"radii": (1, 0.5)}, "rings(radii=(1, 0.5)): expected (low, high)"),
        ("rings", {"half_window": 0}, "rings(half_window=0): expected a number"),
        ("circles", {"factor": 1.0}, "circles(factor=1.0): expected less than 1"),
        ("circles", {"factor": -1.0}, "circles(factor=-1.0): expected a number of 0 or more"),
        ("disk_and_ring", {"disk": 3.5}, "the disk reaches into the ring"),
        ("disk_and_ring", {"disk": 0}, "disk_and_ring(disk=0): expected"),
        ("disk_and_ring", {"ring": (4, 3)}, "disk_and_ring(ring=(4, 3)): expected (low, high)"),
        ("disk_and_ring", {"ring": 4}, "disk_and_ring(ring=4): expected (low, high)"),
        ("jagged", {"jags": 0}, "jagged(jags=0): expected a whole number of 1 or more"),
        ("jagged", {"jags": 2.5}, "jagged(jags=2.5): expected a whole number of 1 or more"),
        ("jagged", {"margin": -1}, "jagged(margin=-1): expected a number of 0 or more"),
        ("jagged", {"margin": 11}, "the gap fills the domain of 20 by 20; expected at most 18"),
        ("jagged", {"sample_prob": 0}, "jagged(sample_prob=0): expected more than 0"),
        ("jagged", {"sample_prob": 1.5}, "jagged(sample_prob=1.5): expected more than 0"),
        ("polynomial", {"interval": (1, 1)}, "polynomial(interval=(1, 1)): expected (low, high)"),
        ("polynomial", {"coefficients": ()}, "polynomial(coefficients=()): expected at least one"),
        ("damped_sine", {"interval": (1, 0)}, "damped_sine(interval=(1, 0)): expected (low, high)"),
        ("spirals", {"turns": -1}, "spirals(turns=-1): expected a number of 0 or more"),
        ("blobs", {"classes": 1}, "blobs(classes=1): expected a whole number from 2"),
        ("two_curves", {"gap": -1}, "two_curves(gap=-1): expected a number of 0 or more"),
        ("linked_tori", {"tube": 0.5}, "linked_tori(tube=0.5): expected a radius"),
        ("linked_tori", {"tube": "thin"}, "linked_tori(tube='thin'): expected a radius"),
    ],
)  # fmt: skip
def test_settings_that_make_no_data_set_are_refused(
    call: str, settings: dict[str, object], says: str
) -> None:
    """At once, in one line that says what came and what was expected."""
    with pytest.raises(SceneError) as caught:
        getattr(datasets, call)(**settings)

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


# -- rings -----------------------------------------------------------------------------------------


def radii(points: Floats) -> Floats:
    """Return the distance (n,) of each point (n, 2) from the middle."""
    return np.asarray(np.hypot(points[:, 0].astype(float), points[:, 1].astype(float)))


def is_class(targets: NDArray[np.generic], label: int) -> NDArray[np.bool_]:
    """Return which samples (n,) are of a class."""
    return np.asarray(targets.ravel() == label)


def nearest(a: Floats, b: Floats) -> float:
    """Return the smallest distance between a point of one set and one of the other."""
    parts = np.array_split(a.astype(float), max(1, len(a) // 500))
    return min(float(np.linalg.norm(p[:, None] - b[None], axis=2).min()) for p in parts)


@settings(max_examples=examples(30), deadline=None)
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


@settings(max_examples=examples(50), deadline=None)
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


# -- circles, disk and ring ------------------------------------------------------------------------


def test_without_noise_circles_are_those_of_scikit_learn() -> None:
    """Class 0 has radius 1, class 1 within it has the factor's, each spread all round."""
    arrays = datasets.circles(n=1000, factor=0.3, noise=0).arrays(0)

    np.testing.assert_allclose(radii(arrays.inputs[is_class(arrays.targets, 0)]), 1, atol=1e-6)
    np.testing.assert_allclose(radii(arrays.inputs[is_class(arrays.targets, 1)]), 0.3, atol=1e-6)
    np.testing.assert_allclose(arrays.inputs.mean(axis=0), 0, atol=1e-6)


def test_the_disk_and_the_ring_are_the_notebooks_by_default() -> None:
    """1,000 of each; the radius even over (0, 1), and over (3, 4)."""
    arrays = datasets.disk_and_ring().arrays(0)

    assert arrays.inputs.shape == (2000, 2)
    for label, low in ((0, 0.0), (1, 3.0)):
        distance = radii(arrays.inputs[is_class(arrays.targets, label)]) - low
        assert len(distance) == 1000
        assert (distance >= -1e-6).all()
        assert (distance <= 1 + 1e-6).all()
        np.testing.assert_allclose(
            np.quantile(distance, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.06
        )


def test_an_even_disk_and_ring_have_as_many_points_on_equal_areas() -> None:
    """Half of the disk's area lies within 0.707 of its radius."""
    arrays = datasets.disk_and_ring(n=20_000, disk=1 / 3, ring=(2 / 3, 1), even=True).arrays(0)

    inner = radii(arrays.inputs[is_class(arrays.targets, 0)])
    outer = radii(arrays.inputs[is_class(arrays.targets, 1)])
    assert inner.max() <= 1 / 3 + 1e-6
    assert outer.min() >= 2 / 3 - 1e-6
    assert (inner < np.sqrt(0.5) / 3).mean() == pytest.approx(0.5, abs=0.015)
    assert (outer**2 < (4 / 9 + 1) / 2).mean() == pytest.approx(0.5, abs=0.015)


# -- xor -------------------------------------------------------------------------------------------


def test_the_class_of_a_corner_is_the_exclusive_or_of_its_bits() -> None:
    """All four corners come, a quarter each."""
    arrays = datasets.xor(n=400, noise=0).arrays(0)

    corners, counts = np.unique(
        np.concatenate([arrays.inputs, arrays.targets], axis=1), axis=0, return_counts=True
    )
    assert corners.tolist() == [[-0.5, -0.5, 0], [-0.5, 0.5, 1], [0.5, -0.5, 1], [0.5, 0.5, 0]]
    assert counts.tolist() == [100] * 4


def test_xor_is_the_notebooks_by_default() -> None:
    """2,000 points with noise 0.2, a fifth of them the test part."""
    arrays = datasets.xor().arrays(0)
    corners = datasets.xor(noise=0).arrays(0).inputs

    assert (len(arrays.inputs), len(arrays.test_inputs)) == (1600, 400)
    assert (arrays.inputs - corners).std() == pytest.approx(0.2, rel=0.05)


# -- jagged ----------------------------------------------------------------------------------------


def envelope(x: Floats, y: Floats, columns: int, lowest: bool) -> Floats:
    """Return the lowest or highest of the points in each of so many columns of [-10, 10]."""
    ends = np.linspace(-10, 10, columns + 1)[1:-1]
    parts = np.split(y[np.argsort(x)], np.searchsorted(np.sort(x), ends))
    return np.array([part.min() if lowest else part.max() for part in parts])


def teeth(edge: Floats) -> int:
    """Return how often an edge rises from its lowest third to its highest."""
    low, high = edge.min() + np.ptp(edge) / 3, edge.max() - np.ptp(edge) / 3
    count, risen = 0, False
    for value in edge:
        if not risen and value > high:
            count, risen = count + 1, True
        elif risen and value < low:
            risen = False
    return count


@settings(max_examples=examples(15), deadline=None, derandomize=True)
@given(
    jags=st.integers(1, 12),
    margin=st.floats(0, 6),
    height=st.floats(4, 10),
    seed=st.integers(0, 1000),
)
def test_the_sides_have_the_jags_and_the_margin_that_they_claim(
    jags: int, margin: float, height: float, seed: int
) -> None:
    """Seen in the samples alone: teeth are counted along each edge, the gap is measured upwards."""
    dataset = datasets.jagged(120_000, jags, margin, sample_prob=1, height=height)
    arrays = dataset.arrays(seed)
    x, y = arrays.inputs.astype(float).T
    above = is_class(arrays.targets, 1)

    upper = envelope(x[above], y[above], 24 * jags, lowest=True)
    lower = envelope(x[~above], y[~above], 24 * jags, lowest=False)
    assert teeth(upper) == teeth(lower) == jags
    assert np.ptp(upper) == pytest.approx(height, abs=0.8)
    assert np.ptp(lower) == pytest.approx(height, abs=0.8)

    order = np.argsort(x)
    x, y, above = x[order], y[order], above[order]
    steepest = height * jags / 10
    gaps = np.full(20, np.inf)
    for shift in range(1, 12):  # pairs of neighbours along x
        near = (x[shift:] - x[:-shift] < 0.003) & (above[shift:] != above[:-shift])
        apart = np.where(above[shift:], y[shift:] - y[:-shift], y[:-shift] - y[shift:])[near]
        part = np.clip(x[:-shift][near] + 10, 0, 19.99).astype(int)
        np.minimum.at(gaps, part, apart)
    assert gaps.min() >= margin - 0.003 * steepest - 1e-5
    assert gaps.max() <= margin + 1.0  # in each twentieth of the domain, not only somewhere
    assert np.median(gaps) <= margin + 0.4


def test_jagged_sides_are_even() -> None:
    """Equal areas of a side hold as many points; none lies outside the domain."""
    arrays = datasets.jagged(40_000, jags=4, margin=2, sample_prob=1).arrays(0)
    far = arrays.inputs[(arrays.inputs[:, 1] > 5) & is_class(arrays.targets, 1)]

    column, row = ((far[:, 0] + 10) / 5).astype(int), ((far[:, 1] - 5) / 2.5).astype(int)
    counts = np.bincount(4 * row + column, minlength=8)

    assert np.abs(arrays.inputs).max() <= 10
    assert np.abs(counts / counts.mean() - 1).max() < 0.1


def test_a_denser_jagged_sample_holds_the_thinner_one() -> None:
    """About as many of the points as the probability says are kept."""
    thin = datasets.jagged(sample_prob=0.1).arrays(5)
    dense = datasets.jagged(sample_prob=0.4).arrays(5)

    assert set(map(bytes, thin.inputs)) < set(map(bytes, dense.inputs))
    assert len(thin.inputs) == pytest.approx(500, abs=80)
    assert len(dense.inputs) == pytest.approx(2000, abs=150)
    assert content(thin)[2:] == content(dense)[2:]


# -- line ------------------------------------------------------------------------------------------


def whole_line(arrays: Arrays) -> tuple[Floats, NDArray[np.bool_]]:
    """Return both parts together, from left to right, and which are of class 1."""
    x = np.concatenate([arrays.inputs, arrays.test_inputs])[:, 0].astype(float)
    y = np.concatenate([arrays.targets, arrays.test_targets])[:, 0]
    return np.sort(x), y[np.argsort(x)] == 1


def test_the_line_is_the_notebooks_by_default() -> None:
    """1,800 even points, the middle third of class 1, split in halves."""
    arrays = datasets.line().arrays(0)
    x, inside = whole_line(arrays)

    assert len(arrays.inputs) == len(arrays.test_inputs) == 900
    np.testing.assert_allclose(x, np.linspace(-1, 1, 1800), atol=1e-6)
    np.testing.assert_array_equal(inside, (x > -1 / 3) & (x < 1 / 3))


def test_a_line_with_a_gap_is_that_of_the_article() -> None:
    """A = [-1/3, 1/3], B = [-1, -2/3] and [2/3, 1], even on each, nothing between."""
    x, inside = whole_line(datasets.line(gap=True).arrays(0))

    assert (len(x), inside.sum()) == (1800, 900)
    assert (x[inside].min(), x[inside].max()) == pytest.approx((-1 / 3, 1 / 3))
    left, right = x[~inside & (x < 0)], x[~inside & (x > 0)]
    assert (left.min(), left.max(), right.min(), right.max()) == pytest.approx(
        (-1, -2 / 3, 2 / 3, 1)
    )
    for part in (x[inside], left, right):
        assert np.ptp(np.diff(part)) < 1e-6


# -- damped sine -----------------------------------------------------------------------------------


def test_the_damped_sine_is_the_notebooks_by_default() -> None:
    """sin(3x) exp(-x/8) at x = -10, -9.9 … 9.9."""
    arrays = datasets.damped_sine().arrays(0)
    x = np.arange(-10, 10, 0.1)

    np.testing.assert_allclose(arrays.inputs[:, 0], x, atol=1e-5)
    np.testing.assert_allclose(arrays.targets[:, 0], np.sin(3 * x) * np.exp(-x / 8), atol=1e-5)
    curve = arrays.test_inputs.astype(float)
    np.testing.assert_allclose(
        arrays.test_targets, np.sin(3 * curve) * np.exp(-curve / 8), atol=1e-5
    )


def test_the_mirrored_sine_has_the_same_values_from_the_other_end() -> None:
    """The samples as the notebook turns them round, and the curve with them."""
    plain = datasets.damped_sine().arrays(0)
    mirrored = datasets.damped_sine(mirrored=True).arrays(0)

    np.testing.assert_array_equal(mirrored.inputs, plain.inputs)
    np.testing.assert_array_equal(mirrored.targets, plain.targets[::-1])
    curve = np.interp(plain.inputs[:, 0], mirrored.test_inputs[:, 0], mirrored.test_targets[:, 0])
    np.testing.assert_allclose(curve, mirrored.targets[:, 0], atol=2e-3)


# -- spirals, moons, blobs, two curves -------------------------------------------------------------


@pytest.mark.parametrize("turns", [0.5, 1.25, 2.0])
def test_spirals_turn_as_often_as_they_say(turns: float) -> None:
    """Each winds from a tenth of the radius outwards; the second is the first turned by a half."""
    arrays = datasets.spirals(n=2000, turns=turns, noise=0).arrays(0)
    first = arrays.inputs[is_class(arrays.targets, 0)].astype(float)
    second = arrays.inputs[is_class(arrays.targets, 1)].astype(float)

    for arm in (first, second):
        angle = np.unwrap(np.arctan2(arm[:, 1], arm[:, 0]))
        assert (angle[-1] - angle[0]) / (2 * np.pi) == pytest.approx(0.9 * turns, rel=0.01)
        assert radii(arm[-1:])[0] == pytest.approx(1, abs=1e-3)
    rest = np.linalg.norm(first[:, None] + second[None], axis=2).min(axis=1)
    assert rest.max() < 0.006 * max(1, turns)
    assert nearest(first, second) > 0.15


def test_points_are_even_along_a_spiral_but_for_its_middle() -> None:
    """Steps from point to point hardly differ."""
    arrays = datasets.spirals(n=2000, noise=0).arrays(0)
    arm = arrays.inputs[is_class(arrays.targets, 0)].astype(float)

    steps = np.linalg.norm(np.diff(arm[100:], axis=0), axis=1)

    assert steps.max() / steps.min() < 1.3


def test_moons_are_those_of_scikit_learn() -> None:
    """Half circles of radius 1: the upper about (0, 0), the lower about (1, ½)."""
    arrays = datasets.moons(n=1000, noise=0).arrays(0)
    upper = arrays.inputs[is_class(arrays.targets, 0)]
    lower = arrays.inputs[is_class(arrays.targets, 1)]

    np.testing.assert_allclose(radii(upper), 1, atol=1e-6)
    np.testing.assert_allclose(radii(lower - [1, 0.5]), 1, atol=1e-6)
    assert upper[:, 1].min() >= -1e-6
    assert lower[:, 1].max() <= 0.5 + 1e-6
    assert (upper[:, 0].min(), lower[:, 0].max()) == pytest.approx((-1, 2), abs=1e-3)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_blobs_are_round_clouds_about_as_many_centres(classes: int) -> None:
    """Labels count from 0; the middles lie on a circle of radius 1, evenly."""
    arrays = datasets.blobs(n=7000, classes=classes, noise=0.1).arrays(0)

    assert np.unique(arrays.targets).tolist() == list(range(classes))
    middles = []
    for k in range(classes):
        cloud = arrays.inputs[is_class(arrays.targets, k)].astype(float)
        middles.append(cloud.mean(axis=0))
        np.testing.assert_allclose(np.cov(cloud.T), 0.01 * np.eye(2), atol=2e-3)
    np.testing.assert_allclose(radii(np.array(middles)), 1, atol=0.02)
    sides = np.linalg.norm(np.array(middles) - np.roll(middles, 1, axis=0), axis=1)
    np.testing.assert_allclose(sides, 2 * np.sin(np.pi / classes), atol=0.03)


def test_no_line_can_part_the_two_curves() -> None:
    """A point of the lower curve lies above one between two of the upper, so any line fails."""
    arrays = datasets.two_curves(noise=0).arrays(0)
    lower = arrays.inputs[is_class(arrays.targets, 0)]
    upper = arrays.inputs[is_class(arrays.targets, 1)]

    left, right = upper[upper[:, 0].argmin()], upper[upper[:, 0].argmax()]
    top = lower[lower[:, 1].argmax()]
    chord = np.interp(top[0], [left[0], right[0]], [left[1], right[1]])
    middle = upper[np.abs(upper[:, 0] - top[0]).argmin()]

    assert chord < top[1] < middle[1]
    np.testing.assert_allclose(np.interp(lower[:, 0], *upper.T) - lower[:, 1], 0.5, atol=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("units", "low", "high"), [(1, 0.5, 0.9), (2, 0.99, 1.0)])
def test_two_hidden_units_part_the_two_curves(units: int, low: float, high: float) -> None:
    """One, which is a line, does not."""
    scene = Scene(
        dataset=datasets.two_curves(),
        model=models.mlp(2, units, 1, output="sigmoid"),
        training=Training(100, optimizer="adam", lr=0.02, loss="bce", snapshots="epochs"),
    )

    film = Film(record(scene))

    assert low <= film.score(film.epochs) <= high


# -- linked tori -----------------------------------------------------------------------------------


def cores(count: int) -> tuple[Floats, Floats]:
    """Return the circles (count, 3) in the middle of both tori, as the docstring says."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    zero, cos, sin = np.zeros(count), np.cos(angle), np.sin(angle)
    return np.stack([cos - 0.5, sin, zero], axis=1), np.stack([cos + 0.5, zero, sin], axis=1)


def linking_number(a: Floats, b: Floats) -> float:
    """Return Gauss's linking integral of two closed polygons (n, 3)."""
    step_a, step_b = np.roll(a, -1, axis=0) - a, np.roll(b, -1, axis=0) - b
    rest = (a + step_a / 2)[:, None] - (b + step_b / 2)[None]
    volume = (rest * np.cross(step_a[:, None], step_b[None])).sum(axis=2)
    return float((volume / np.linalg.norm(rest, axis=2) ** 3).sum() / (4 * np.pi))


def test_the_tori_are_linked() -> None:
    """Their core circles are, once; moved aside they would not be. The tori do not touch."""
    a, b = cores(400)
    arrays = datasets.linked_tori().arrays(0)
    points = [arrays.inputs[is_class(arrays.targets, k)] for k in (0, 1)]

    assert abs(linking_number(a, b)) == pytest.approx(1, abs=1e-3)
    assert linking_number(a, b + np.array([3.0, 0.0, 0.0])) == pytest.approx(0, abs=1e-3)
    assert nearest(a, b) == pytest.approx(1, abs=1e-3)
    assert nearest(*points) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("tube", [0.1, 0.25, 0.45])
def test_points_lie_on_the_tori_evenly(tube: float) -> None:
    """All at the tube's radius from the core; the outer half is the larger one by its share."""
    arrays = datasets.linked_tori(n=8000, tube=tube).arrays(0)

    for k, core in enumerate(cores(2000)):
        torus = arrays.inputs[is_class(arrays.targets, k)].astype(float)
        step = np.array_split(torus, 20)
        far = [np.linalg.norm(part[:, None] - core[None], axis=2).min(axis=1) for part in step]
        np.testing.assert_allclose(np.concatenate(far), tube, atol=1e-4)
        outer = np.linalg.norm(torus - [-0.5 + k, 0, 0], axis=1) ** 2 > 1 + tube**2
        assert outer.mean() == pytest.approx(0.5 + tube / np.pi, abs=0.025)
