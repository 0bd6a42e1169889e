"""Lines, curves and contours, against brute force."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnanim import geometry
from nnanim.types import Floats

BOX = np.array([[-1.0, 2.0], [-3.0, 1.0]])
UNIT = np.array([[-1.0, 1.0]] * 2)

numbers = st.floats(-10, 10).map(lambda value: 0.0 if abs(value) < 1e-6 else value)
normals = arrays(np.float64, 2, elements=numbers)


def sampled_sides(normal: Floats, offset: float, box: Floats) -> Floats:
    """Return on which side of a line (by signed distance) points all over a box lie."""
    return np.asarray((geometry.lattice(box, 200) @ normal - offset) / np.hypot(*normal))


# -- lines -----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(normal=normals, offset=numbers)
def test_a_clipped_line_is_the_line_within_the_box(normal: Floats, offset: float) -> None:
    """Its ends lie on the line and on the box's edge; None means that no point is on both sides."""
    assume(np.hypot(*normal) > 0)

    line = geometry.clip_line(normal, offset, BOX)

    sides = sampled_sides(normal, offset, BOX)
    if line is None:
        assert sides.min() > -1e-9 or sides.max() < 1e-9
        return
    np.testing.assert_allclose((line @ normal - offset) / np.hypot(*normal), 0, atol=1e-9)
    assert (line >= BOX[:, 0] - 1e-9).all()
    assert (line <= BOX[:, 1] + 1e-9).all()
    for end in line:
        assert np.abs(BOX - end[:, None]).min() < 1e-9


@settings(deadline=None)
@given(normal=normals, offset=numbers)
def test_a_clipped_line_is_as_long_as_it_can_be(normal: Floats, offset: float) -> None:
    """Points of the line beyond its ends lie outside the box."""
    assume(np.hypot(*normal) > 0)
    line = geometry.clip_line(normal, offset, BOX)
    assume(line is not None and np.hypot(*(line[1] - line[0])) > 1e-6)
    assert line is not None

    way = (line[1] - line[0]) / np.hypot(*(line[1] - line[0]))

    for beyond in (line[0] - 1e-6 * way, line[1] + 1e-6 * way):
        assert ((beyond < BOX[:, 0]) | (beyond > BOX[:, 1])).any()


@pytest.mark.parametrize(
    ("normal", "offset", "ends"),
    [
        ((2.0, 0.0), 1.0, [[0.5, -3.0], [0.5, 1.0]]),
        ((0.0, -4.0), 2.0, [[-1.0, -0.5], [2.0, -0.5]]),
        ((1.0, 1e-300), 0.0, [[0.0, -3.0], [0.0, 1.0]]),
        ((1e-9, 0.0), 1e-9, [[1.0, -3.0], [1.0, 1.0]]),
    ],
    ids=["upright", "level", "nearly upright", "small weights"],
)
def test_upright_and_level_lines_are_lines_like_others(
    normal: tuple[float, float], offset: float, ends: list[list[float]]
) -> None:
    """No weight is divided by, however small."""
    line = geometry.clip_line(np.array(normal), offset, BOX)

    assert line is not None
    np.testing.assert_allclose(sorted(line.round(9).tolist()), ends, atol=1e-12)


@pytest.mark.parametrize(
    ("normal", "offset"),
    [
        ((0.0, 0.0), 0.0),
        ((0.0, 0.0), 1.0),
        ((np.nan, 1.0), 0.0),
        ((np.inf, 1.0), 0.0),
        ((1.0, 0.0), 2.5),
        ((0.0, 1.0), -3.5),
        ((1.0, 1.0), 3.1),
        ((1e-320, 1e-320), 1.0),
    ],
)
def test_no_line_or_one_beside_the_box_is_none(normal: tuple[float, float], offset: float) -> None:
    """Zero or broken weights, and lines that miss the box."""
    assert geometry.clip_line(np.array(normal), offset, BOX) is None


# -- curves ----------------------------------------------------------------------------------------


def bent(points: Floats) -> Floats:
    """Return points (n, 1) of [0, 1] bent round to a circle."""
    angle = 2 * np.pi * points[:, 0]
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def coiled(points: Floats) -> Floats:
    """Return points (n, 1) as a curve in three dimensions that is straight in the first two."""
    return np.stack([points[:, 0], points[:, 0], np.sin(6 * points[:, 0])], axis=1)


def waved(points: Floats) -> Floats:
    """Return one value for each point (n, 1)."""
    return np.asarray(np.sin(9 * points))


def distance_to_chords(dense: Floats, line: Floats) -> float:
    """Return how far the furthest of `dense` points lies from a polyline."""
    starts, ways = line[:-1], np.diff(line, axis=0)
    lengths = np.maximum((ways**2).sum(axis=1), 1e-30)
    offsets = dense[:, None] - starts[None]
    along = np.clip((offsets * ways).sum(axis=2) / lengths, 0, 1)
    nearest = offsets - along[..., None] * ways
    return float(np.sqrt((nearest**2).sum(axis=2)).min(axis=1).max())


@pytest.mark.parametrize("curve", [bent, coiled])
@pytest.mark.parametrize("tolerance", [1e-2, 1e-3, 1e-4])
def test_a_refined_curve_is_within_tolerance(curve: geometry.Curve, tolerance: float) -> None:
    """No point of the true curve is further from a chord, in however many dimensions."""
    line = np.linspace(0, 1, 11)[:, None]

    (refined,) = geometry.refine(curve, [line], tolerance, rounds=8)

    dense = curve(np.linspace(0, 1, 1500)[:, None])
    assert distance_to_chords(dense, refined) <= tolerance
    assert len(refined) < 12 * np.sqrt(1 / tolerance)


def test_what_is_straight_gets_no_more_points() -> None:
    """A line that stays a line is left as it is."""
    line = np.linspace(0, 1, 5)[:, None]

    (refined,) = geometry.refine(lambda x: np.concatenate([x, 2 * x], axis=1), [line], 1e-9)

    np.testing.assert_allclose(refined, np.concatenate([line, 2 * line], axis=1))


def test_points_are_added_only_as_often_as_allowed() -> None:
    """Each round at most doubles the chords, however fine the tolerance."""
    line = np.linspace(0, 1, 5)[:, None]

    sizes = [len(geometry.refine(bent, [line], 1e-12, rounds)[0]) for rounds in (0, 1, 2, 3)]

    assert sizes == [5, 9, 17, 33]


@settings(deadline=None)
@given(
    ends=st.lists(st.tuples(numbers, numbers, st.integers(1, 6)), min_size=1, max_size=5),
    tolerance=st.floats(1e-4, 0.1),
)
def test_refined_lines_keep_their_points_order_and_company(
    ends: list[tuple[float, float, int]], tolerance: float
) -> None:
    """Each line still holds its own points in their order, with others only between them."""
    lines = [np.linspace(start, end, count)[:, None] for start, end, count in ends]
    key = [np.full_like(line, i) for i, line in enumerate(lines)]

    def keyed(points: Floats) -> Floats:
        return np.concatenate([points[:, :1], points[:, 1:], np.sin(9 * points[:, :1])], axis=1)

    sources = [np.concatenate(pair, axis=1) for pair in zip(lines, key, strict=True)]
    refined = geometry.refine(keyed, sources, tolerance)

    assert len(refined) == len(lines)
    for i, (line, images) in enumerate(zip(lines, refined, strict=True)):
        assert (images[:, 1] == i).all()
        direction = np.sign(line[-1, 0] - line[0, 0])
        assert (np.diff(images[:, 0]) * direction >= 0).all()
        assert set(line[:, 0]) <= set(images[:, 0])
        np.testing.assert_array_equal(images[[0, -1], 0], line[[0, -1], 0])


def test_a_curve_of_one_unit_is_refined_too() -> None:
    """A layer of one unit bends along a single axis."""
    line = np.linspace(0, 1, 11)[:, None]

    (refined,) = geometry.refine(waved, [line], 1e-2)

    assert refined.shape[1] == 1
    assert len(refined) > 11


# -- contours --------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_a_contour_is_where_the_field_changes_sign(level: float) -> None:
    """A circle comes back as one closed line of the right radius, x across and y up."""
    points = geometry.lattice(BOX, 120)
    field = (np.hypot(points[:, 0] - 0.5, points[:, 1] + 1) - 1).reshape(120, 120)

    (line,) = geometry.contours(field, BOX, level)

    radius = np.hypot(line[:, 0] - 0.5, line[:, 1] + 1)
    np.testing.assert_allclose(radius, 1 + level, atol=1e-3)
    np.testing.assert_array_equal(line[0], line[-1])


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_change_of_sign_has_a_contour_beside_it(seed: int) -> None:
    """Between neighbours of different sign runs a line, and each line runs between such."""
    side = 9
    field = np.random.default_rng(seed).normal(size=(side, side))
    step = (BOX[:, 1] - BOX[:, 0]) / (side - 1)

    lines = geometry.contours(field, BOX)

    found = np.concatenate(lines) if lines else np.zeros((0, 2))
    column = (found[:, 0] - BOX[0, 0]) / step[0]
    row = (found[:, 1] - BOX[1, 0]) / step[1]
    crossed = {
        (axis, int(np.floor(i + 1e-9)), int(np.floor(j + 1e-9)))
        for i, j in zip(row, column, strict=True)
        for axis in (0, 1)
        if abs((j, i)[axis] - round((j, i)[axis])) < 1e-9
    }
    upwards = np.argwhere(field[1:] * field[:-1] < 0)
    across = np.argwhere(field[:, 1:] * field[:, :-1] < 0)
    changes = {(0, int(i), int(j)) for i, j in upwards} | {(1, int(i), int(j)) for i, j in across}
    assert changes <= crossed
    assert len(crossed) == len(changes)


@pytest.mark.parametrize("value", [1.0, -1.0, 0.0, np.nan])
def test_a_field_of_one_value_has_no_contour(value: float) -> None:
    """Neither has one that is not a number."""
    assert geometry.contours(np.full((4, 4), value), UNIT) == []


# -- grids -----------------------------------------------------------------------------------------


def test_an_interval_is_evenly_spaced_and_holds_both_ends() -> None:
    """As one column of points."""
    points = geometry.interval(np.array([[-2.0, 2.0]]), 5)

    np.testing.assert_array_equal(points, [[-2.0], [-1.0], [0.0], [1.0], [2.0]])


LINE = np.stack([np.linspace(0.0, 0.3, 7) ** 2, 0.1 + 7 * np.linspace(0.0, 0.3, 7) ** 2], axis=1)


def test_a_straight_line_is_known_by_its_ends() -> None:
    """However its points are spread."""
    np.testing.assert_array_equal(geometry.straightened(LINE), LINE[[0, -1]])


@pytest.mark.parametrize(
    "line",
    [
        LINE + [[0.0, 1e-6 * (i == 3)] for i in range(7)],
        np.concatenate([LINE, LINE[:1]]),
        np.concatenate([LINE[3:], LINE[::-1][3:]]),
    ],
    ids=["bent", "closed", "back again"],
)
def test_another_line_keeps_its_points(line: Floats) -> None:
    """One that bends, one that closes, and one that goes beyond its end and back."""
    np.testing.assert_array_equal(geometry.straightened(line), line)


def test_a_lattice_holds_the_corners_and_runs_along_x() -> None:
    """Row by row from the lowest y."""
    points = geometry.lattice(BOX, 3)

    np.testing.assert_allclose(points[:3], np.array([[-1, -3], [0.5, -3], [2, -3]]))
    np.testing.assert_allclose(points[-1], [2, 1])


def test_cell_middles_are_half_a_cell_inside() -> None:
    """Each stands for a cell of the same size, and the cells fill the box."""
    middles = geometry.cell_middles(UNIT, 4)

    np.testing.assert_allclose(middles[:4, 0], [-0.75, -0.25, 0.25, 0.75])
    np.testing.assert_allclose(middles[::4, 1], [-0.75, -0.25, 0.25, 0.75])


@settings(deadline=None)
@given(share=st.floats(0, 1))
def test_a_widened_box_keeps_its_middle(share: float) -> None:
    """Each end moves by that share of the span."""
    wide = geometry.widen(BOX, share)

    np.testing.assert_allclose(wide.sum(axis=1), BOX.sum(axis=1), atol=1e-12)
    span, before = wide[:, 1] - wide[:, 0], BOX[:, 1] - BOX[:, 0]
    np.testing.assert_allclose(span, before * (1 + 2 * share))


def test_corners_run_anticlockwise() -> None:
    """So that areas are positive."""
    x, y = geometry.corners(BOX).T
    assert (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2 == 12.0
