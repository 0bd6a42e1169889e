"""The raster kernel against Agg at four times the size, and against what a viewer would mind."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from nnanim.drawing.color_maps import color_map
from nnanim.drawing.raster import Raster
from nnanim.drawing.surface import Box, Placement
from nnanim.drawing.typesetter import glyphs_of
from nnanim.kernels import raster as kernel
from nnanim.kernels import strokes
from nnanim.marks import Anchor, Bars, Image, Lines, Mark, Points, Polygons, Shape, Stop, Text
from nnanim.themes import THEMES
from tests.examples import examples
from tests.pictures import (
    BOX,
    SIZE,
    Picture,
    by_agg,
    by_kernel,
    covered,
    empty,
    furniture,
    over_white,
    placement,
    psnr,
    worst,
)

SHAPES: tuple[Shape, ...] = ("disc", "square", "triangle", "cross")
REDUCED = settings(max_examples=examples(60), derandomize=True, deadline=None)

xs, ys = st.floats(-20, 220), st.floats(-20, 140)
vertices = st.tuples(xs, ys)


def points(xy: Sequence[tuple[float, float]], **more: object) -> Points:
    return Points(np.array(xy, float).reshape(-1, 2), "ink", **more)  # type: ignore[arg-type]


def many(xy: Sequence[tuple[float, float]], **more: object) -> Points:
    """Return points enough for the kernel to stamp them from a table: most are not there."""
    absent = [(np.nan, np.nan)] * 300
    return points([*xy, *absent], **more)


def triangle(corner: tuple[float, float], arms: Sequence[float]) -> Polygons:
    a, b, c, d = arms
    x, y = corner
    return Polygons([np.array([(x, y), (x + a, y + b), (x + c, y + d)])], "ink")


def bars(positions: Sequence[float], height: float, width: float) -> Bars:
    return Bars(np.array(positions), np.full(len(positions), 20 + height), width, 20.0, "ink")


sizes, arms = st.floats(0.5, 20), st.lists(st.floats(-12, 12), min_size=4, max_size=4)
shapes = st.sampled_from(SHAPES)
one_point = st.lists(vertices, min_size=1, max_size=1)
polylines = st.lists(vertices, min_size=2, max_size=5).map(lambda xy: [np.array(xy)])
marks = st.one_of(
    st.builds(points, one_point, size=sizes, shape=shapes, alpha=st.floats(0.1, 1)),
    st.builds(many, one_point, size=st.floats(0.5, 9), shape=shapes, alpha=st.floats(0.1, 1)),
    # Thinner than this, Agg itself is wrong at sharp turns; see the test of thin lines.
    st.builds(Lines, polylines, st.just("ink"), width=st.floats(1, 3), alpha=st.floats(0.1, 1)),
    st.builds(triangle, vertices, arms),
    st.builds(bars, st.lists(xs, max_size=4, unique_by=round), st.floats(-9, 9), st.floats(0, 2)),
)


@REDUCED
@given(marks)
def test_marks_are_drawn_as_agg_does_four_times_as_large(mark: Mark) -> None:
    """At least 40 dB over the whole picture, and no pixel further off than 40 of 255."""
    oracle = by_agg([mark])
    assume(covered(oracle) <= 0.05)

    picture = by_kernel([mark])

    assert psnr(picture, oracle) >= 40
    assert worst(picture, oracle) <= 40


@REDUCED
@given(marks)
def test_on_a_transparent_sheet_alpha_is_drawn_too(mark: Mark) -> None:
    """Colours are not mixed with the nothing below them; alpha is Agg's."""
    oracle = by_agg([mark], "transparent-light")
    assume(covered(oracle, "transparent-light") <= 0.05)

    picture = by_kernel([mark], "transparent-light")

    assert psnr(picture, oracle) >= 40
    assert np.abs(picture[..., 3].astype(int) - oracle[..., 3]).max() <= 40
    ink = np.rint(255 * np.array(THEMES["transparent-light"].rgba("ink")[:3]))
    assert (np.abs(picture[..., :3] - ink).max(axis=2)[picture[..., 3] > 0] <= 1).all()


def snapped(xy: NDArray[np.float64], size: float) -> Picture:
    """Return what matplotlib's own markers look like."""
    agg = RendererAgg(*SIZE, 72)  # type: ignore[no-untyped-call]
    pixels = np.asarray(agg.buffer_rgba())  # type: ignore[no-untyped-call]
    pixels[:] = furniture(THEMES["light"])
    gc = agg.new_gc()
    gc.set_linewidth(0)
    gc.set_snap(None)
    disc = Affine2D().scale(size / 2)
    agg.draw_markers(
        gc, Path.unit_circle(), disc, Path(xy), Affine2D(), THEMES["light"].rgba("ink")
    )
    return pixels


@pytest.mark.parametrize("size", [3.0, 4.2, 7.5])
def test_points_are_closer_to_the_truth_than_matplotlibs_markers(size: float) -> None:
    """A snapped marker is up to half a pixel off."""
    rng = np.random.default_rng(3)
    places = np.stack(np.meshgrid(np.arange(30, 170, 20), np.arange(30, 100, 20)), 2).reshape(-1, 2)
    xy = places + rng.uniform(-5, 5, places.shape)
    oracle = by_agg([Points(xy, "ink", size=size)])

    ours = psnr(by_kernel([Points(xy, "ink", size=size)]), oracle)

    assert ours > psnr(snapped(xy, size), oracle) + 20


@pytest.mark.parametrize("build", [points, many])
@pytest.mark.parametrize("direction", [(1.0, 0.0), (0.0, 1.0), (0.6, 0.8)])
def test_a_slow_point_moves_evenly(
    build: Callable[..., Points], direction: tuple[float, float]
) -> None:
    """Moved 0.1 pixels a frame, its centroid moves 0.1 ± 0.02 in every frame."""
    way = np.array([60.3, 50.7]) + 0.1 * np.arange(40)[:, None] * np.array(direction)
    centroids = []
    for xy in way:
        ink = 255 - over_white(by_kernel([build([tuple(xy)], size=4.2)]))[..., 0]
        ink -= ink[0, 0]
        rows, columns = np.indices(ink.shape)
        centroids.append((float((ink * columns).sum()), float((ink * rows).sum())) / ink.sum())

    steps = np.hypot(*np.diff(np.array(centroids), axis=0).T)

    assert np.abs(steps - 0.1).max() <= 0.02


@pytest.mark.parametrize("width", [0.4, 0.8, 3.0])
def test_a_line_covers_what_is_near_it(width: float) -> None:
    """Also at sharp turns and where it crosses itself, each pixel is within 20 of 255."""
    rng = np.random.default_rng(int(10 * width))
    path = np.cumsum(np.concatenate([[[90, 60]], rng.normal(0, 9, (14, 2))]), axis=0)
    ys, xs = (np.mgrid[: 16 * SIZE[1], : 16 * SIZE[0]] + 0.5) / 16
    distance = np.full(xs.shape, np.inf)
    for (ax, ay), (bx, by) in itertools.pairwise(path):
        dx, dy, ry = bx - ax, by - ay, SIZE[1] - ys - ay
        t = np.clip(((xs - ax) * dx + ry * dy) / (dx**2 + dy**2), 0, 1)
        distance = np.minimum(distance, np.hypot(xs - ax - t * dx, ry - t * dy))
    near = (distance <= width / 2).reshape(SIZE[1], 16, SIZE[0], 16).mean(axis=(1, 3))
    panel = np.zeros(near.shape)
    panel[BOX.top : BOX.bottom, BOX.left : BOX.right] = 1

    picture = over_white(by_kernel([Lines([path], "boundary", width=width)]))[..., 0]

    assert np.abs(picture - (255 - (255 - 0x11) * near * panel)).max() <= 20


def test_samples_judge_every_half_plane_well() -> None:
    """The share of samples on one side of an edge is the share of the pixel there."""
    fine = (np.arange(128) + 0.5) / 128 - 0.5
    dense = np.stack(np.meshgrid(fine, fine), axis=-1).reshape(-1, 2)
    distances = np.linspace(-0.7, 0.7, 57)
    for angle in np.linspace(0, np.pi, 45):
        normal = np.array([np.cos(angle), np.sin(angle)])
        found = (strokes.samples() @ normal <= distances[:, None]).mean(axis=1)
        true = (dense @ normal <= distances[:, None]).mean(axis=1)
        assert np.abs(found - true).max() < 0.05


def test_a_translucent_line_does_not_double_at_its_joins() -> None:
    """Where it turns and where it crosses itself it is as light as elsewhere."""
    star = np.array([(30, 60), (160, 62), (50, 25), (95, 100), (120, 20), (30, 61)], float)

    picture = over_white(by_kernel([Lines([star], "boundary", width=6, alpha=0.5)]))

    once = 0.5 * 0x11 + 0.5 * 255
    assert picture.min() == pytest.approx(once, abs=1)


def test_two_lines_of_one_mark_are_two_layers() -> None:
    """Each is blended over the ones before it."""
    across, up = np.array([(30.0, 60), (160, 60)]), np.array([(90.0, 20), (90, 100)])

    picture = over_white(by_kernel([Lines([across, up], "boundary", width=6, alpha=0.5)]))

    assert picture.min() == pytest.approx(0.75 * 0x11 + 0.25 * 255, abs=1)


def test_a_line_takes_the_colours_of_its_values() -> None:
    """From the first stop at one end to the last at the other, in between a mixture."""
    scale = (Stop(0.0, "class0"), Stop(1.0, "class1"))
    path = np.array([(40.0, 60), (100, 60), (140, 60)])
    line = Lines([path], width=5, values=[np.array([2.0, 3.0, 4.0])], scale=scale, low=2, high=4)

    row = by_kernel([line])[SIZE[1] - 60, :, :3].astype(float)

    first, last = (255 * np.array(THEMES["light"].rgba(c)[:3]) for c in ("class0", "class1"))
    for x, share in ((40, 0.0), (70, 0.25), (100, 0.5), (139, 1.0)):
        np.testing.assert_allclose(row[x], (1 - share) * first + share * last, atol=3)


def test_agg_gives_a_line_the_same_colours() -> None:
    """Vector pictures have a line's colours piece by piece."""
    path = np.stack([np.linspace(30, 170, 141), 60 + 20 * np.sin(np.arange(141) / 20)], axis=1)
    line = Lines([path], width=5, values=[np.linspace(0, 1, 141)])

    assert psnr(by_kernel([line]), by_agg([line])) > 35


ALL = (
    Image(np.linspace(0, 1, 60).reshape(6, 10), (10.0, 190.0, 0.0, 120.0)),
    Polygons([np.array([(-50.0, 20), (100, 300), (260, -40)])], "class1", alpha=0.5),
    Bars(np.array([10.0, 100, 195]), np.array([90.0, -30, 200]), 30.0),
    Polygons([np.array([(-50.0, 90), (10, 300), (260, 100)])], values=np.array([0.5])),
    Lines([np.array([(-900.0, -300), (900, 400), (13, 10)])], "class0", width=30),
    Lines([np.array([(-9.0, 60), (300, 60)])], width=9, values=[np.array([0.0, 1.0])]),
    Points(np.array([(13.0, 14), (183, 109), (100, 14), (12, 60)]), "ink", size=15),
    many([(13.0, 14), (183, 109), (100, 14), (12, 60)], size=9),
)


@pytest.mark.parametrize("theme", ["light", "transparent"])
def test_marks_are_cut_at_the_panels_edges(theme: str) -> None:
    """Nothing is drawn beyond, and what reaches over is cut by the pixel, not left out."""
    picture = by_kernel(ALL, theme)

    inside = picture[BOX.top : BOX.bottom, BOX.left : BOX.right].copy()
    ground = furniture(THEMES[theme])
    picture[BOX.top : BOX.bottom, BOX.left : BOX.right] = ground[0, 0]
    np.testing.assert_array_equal(picture, ground)
    for build in (points, many):
        corner = by_kernel([build([(13.0, 14.0)], size=8)], theme)
        cut = corner[BOX.bottom - 2 :, BOX.left : BOX.left + 2]
        assert (cut[:2] != ground[0, 0]).any(axis=2).all()
        assert not (inside == 0).all()


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e9, -1e30, 1e300, -1.7e308])
def test_a_coordinate_that_is_not_on_earth_does_no_harm(odd: float) -> None:
    """Neither a crash nor a hang, and the other marks are drawn as if it were not there."""
    far: list[Mark] = [
        points([(odd, 50), (50, odd)]),
        many([(odd, 50), (50, odd)]),
        Lines([np.array([(odd, 50.0), (50, odd), (odd, odd)])], width=2),
        Lines([np.array([(odd, 1.0), (2.0, odd)])], values=[np.array([odd, 0.0])]),
        Polygons([np.array([(odd, 500.0), (500, odd), (odd, odd)])]),
        Polygons([np.array([(odd, 500.0), (500, odd), (odd, odd)])], values=np.array([odd])),
        Image(np.ones((3, 3)), (odd, odd, 0.0, 50.0)),
        Image(np.full((3, 3), odd), (0.0, 1.0, 0.0, 1.0)),
        Bars(np.array([odd, 500.0]), np.array([1.0, odd])),
        Text(np.array([odd, 60.0]), "away"),
    ]
    with np.errstate(over="ignore", invalid="ignore"):
        by_kernel(far)
        picture = by_kernel([*far[:2], *ALL])

    np.testing.assert_array_equal(picture, by_kernel(ALL))
    with np.errstate(over="ignore", invalid="ignore"):
        np.testing.assert_array_equal(by_agg([*far[:-1], *ALL]), by_agg([*far[:1], *ALL]))
        by_agg(far)


@pytest.mark.parametrize("extent", [(10, 110, 20, 90), (110, 10, 90, 20), (-900, 990, -700, 1800)])
def test_both_draw_a_field_alike_wherever_it_reaches(
    extent: tuple[float, float, float, float],
) -> None:
    """Upright, turned over, and far beyond its panel, of which only what shows is made."""
    field = np.add.outer(np.sin(np.arange(40) / 6), np.arange(30) / 30)
    image = Image(field, extent, "viridis", -1.0, 2.0)

    assert psnr(by_kernel([image]), by_agg([image])) > 55


def test_a_line_is_parted_where_a_point_is_not_finite() -> None:
    """What is left of it is drawn as two lines."""
    whole = np.array([(30.0, 40), (60, 50), (np.nan, 1), (90, 40), (100, 90), (5, np.inf)])

    picture = by_kernel([Lines([whole, whole[:2]], width=4)])

    parts = [whole[:2], whole[3:5], whole[:2]]
    np.testing.assert_array_equal(picture, by_kernel([Lines(parts, width=4)]))


EMPTY = (
    Points(np.empty((0, 2))),
    points([(60, 60)], size=0),
    many([(60, 60)], size=0),
    points([(60, 60)], alpha=0),
    Lines([]),
    Lines([np.empty((0, 2))]),
    Lines([np.array([(60.0, 60)])]),
    Lines([np.array([(60.0, 60), (60, 60)])], width=0),
    Lines([np.array([(60.0, 60), (90, 60)])], width=0),
    Polygons([]),
    Polygons([], values=np.empty(0)),
    Polygons([np.array([(60.0, 60), (90, 60)])]),
    Polygons([np.array([(60.0, 60), (90, 60)])], values=np.ones(1)),
    Polygons([np.array([(60.0, 60), (90, 60), (70, 60)])]),
    Bars(np.empty(0), np.empty(0)),
    Image(np.empty((0, 0)), (0.0, 1.0, 0.0, 1.0)),
    Image(np.ones((2, 2)), (20.0, 20.0, 0.0, 90.0)),
    Text(np.array([60.0, 60]), ""),
)


@pytest.mark.parametrize("mark", EMPTY, ids=lambda mark: type(mark).__name__)
def test_what_is_nothing_draws_nothing(mark: Mark) -> None:
    """No marks, no size, no extent."""
    np.testing.assert_array_equal(by_kernel([mark]), furniture(THEMES["light"]))


def test_an_image_is_smooth_and_true() -> None:
    """A field that rises evenly gives even steps, its ends a half cell from the extent's."""
    field = np.tile(np.arange(8.0), (4, 1))
    image = Image(field, (20.0, 180.0, 20.0, 100.0), (Stop(0, "boundary"), Stop(1, "ground")), 0, 7)

    row = by_kernel([image])[60, :, 0].astype(float)

    cells = np.interp(np.arange(200) + 0.5, 30 + 20 * np.arange(8), np.arange(8))
    inner = slice(50, 150)  # where no edge is near
    np.testing.assert_allclose(row[inner], 0x11 + (255 - 0x11) * cells[inner] / 7, atol=2)
    assert (np.diff(row[21:180]) >= 0).all()


@pytest.mark.parametrize("cells", [7, 40, 300, 1111])
def test_an_image_of_any_resolution_is_drawn_as_agg_does(cells: int) -> None:
    """Also where many cells make a pixel: they are averaged, not picked."""
    rng = np.random.default_rng(cells)
    at = np.linspace(0, 6, cells)
    field = np.sin(at)[:, None] * np.cos(2 * at) + (0.5 * rng.normal(size=(cells, cells)))
    image = Image(field, (13.0, 183.0, 14.0, 109.0), low=-2, high=2)

    assert psnr(by_kernel([image]), by_agg([image], scale=1)) > 40


@pytest.mark.parametrize("cells", [3, 30, 250])
@pytest.mark.parametrize("turned", [False, True])
def test_cells_of_nothing_change_no_pixel(cells: int, turned: bool) -> None:
    """A field with holes, clear where it is 0, is drawn as over the ground's own colour there."""
    field = np.random.default_rng(cells).uniform(0, 255, (cells, cells)).astype(np.float32)
    held = np.zeros((cells, cells), bool)
    held[cells // 3, cells // 3 :] = held[cells // 2 : -1, 0] = held[-1, -1] = True
    field[~held] = 0.0
    ends = (9.0, 107.0) if turned else (107.0, 9.0)
    rows, columns = (
        kernel.resampling(cells, start, end, 9, 107) for start, end in (ends, ends[::-1])
    )
    ground, weights = np.uint32(0xFF204060), np.full(256, 200, np.uint32)
    colors = np.arange(256, dtype=np.uint32) * 0x00010203 | 0xFF000000
    colors[0] = ground

    drawn = []
    for first in (0, 256):
        weights[0] = first
        drawn.append(np.full((120, 120), ground))
        kernel.image(drawn[-1], 9, 9, field, rows, columns, colors, weights)

    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert 0 < (drawn[0] != ground).mean() < 0.9


@pytest.mark.parametrize("n", [12, 600])
@pytest.mark.parametrize("theme", ["light", "transparent"])
def test_points_are_coloured_by_their_values(n: int, theme: str) -> None:
    """Few or many, as Agg does: each of its scale's colour, the ends taking what lies beyond."""
    rng = np.random.default_rng(n)
    xy = np.stack([rng.uniform(30, 160, n), rng.uniform(30, 90, n)], axis=1)
    values = np.append(rng.uniform(-3, 4, n - 1), np.nan)
    scale = (Stop(0, "class0"), Stop(0.5, "grid"), Stop(1, "class1"))
    mark = Points(xy, size=5, alpha=0.8, values=values, scale=scale, low=-2, high=3)
    stops = np.array([0.0, 0.5, 1.0])
    theme_colors = np.array([THEMES[theme].rgba(stop.color) for stop in scale])

    picture = by_kernel([mark], theme)

    assert psnr(picture, by_agg([mark], theme)) > 36
    alone = Points(np.array([(100.5, 60.5)]), size=9, values=np.array([0.5]), scale="viridis")
    assert by_kernel([alone], theme)[59, 100, :3].tolist() == color_map("viridis")[128, :3].tolist()
    for value, share in ((-9.0, 0.0), (1.75, 0.75), (9.0, 1.0)):
        one = replace(mark, xy=np.array([(100.5, 60.5)]), values=np.array([value]), alpha=1.0)
        expected = [255 * np.interp(share, stops, theme_colors[:, k]) for k in range(3)]
        np.testing.assert_allclose(by_kernel([one], theme)[59, 100, :3], expected, atol=2)


@pytest.mark.parametrize("size", [1.0, 4.2, 9.0])
def test_eight_pixels_at_once_are_eight_pixels(size: float) -> None:
    """On an opaque sheet a vector blends the points; it gives what one pixel by one gives."""
    theme = THEMES["light"]
    rng = np.random.default_rng(1)
    xy = np.stack([rng.uniform(30, 160, 900), rng.uniform(30, 90, 900)], axis=1)
    mark = Points(xy, ("class0", "class1"), index=np.arange(900) % 2, size=size, alpha=0.7)
    slow = empty(theme)
    slow._opaque = False

    slow.draw(mark, placement())

    np.testing.assert_array_equal(by_kernel([mark]), slow.pixels)


def test_taking_back_leaves_no_trace() -> None:
    """What is drawn over a used sheet is what is drawn over a new one."""
    theme = THEMES["light"]
    used = empty(theme)
    for mark in ALL:
        used.draw(mark, placement())
    used.write(Text((3, 118), "under the edge 123"))
    used.clear()

    np.testing.assert_array_equal(used.pixels, furniture(theme))

    used.draw(ALL[3], placement())
    np.testing.assert_array_equal(used.pixels, by_kernel([ALL[3]]))


@pytest.mark.parametrize("anchor", ["left", "right"])
def test_digits_do_not_move_the_text_around_them(anchor: Anchor) -> None:
    """Every digit takes the same whole number of pixels, and so does a figure space."""
    theme = THEMES["light"]
    pictures = []
    for number in ("1111", "8804", "\u2007\u20077\u2007"):
        raster = empty(theme)
        raster.write(Text((90, 60), f"loss {number} and", size=18, anchor=anchor))
        pictures.append((raster.pixels != furniture(theme)).any(axis=(0, 2)))

    first, second, third = (np.flatnonzero(columns) for columns in pictures)

    assert first[0] == second[0] == third[0]
    assert first[-1] == second[-1] == third[-1]


SCALE = (Stop(0.0, "class0", 0.4), Stop(0.5, "class1"), Stop(1.0, "ink"))


def sheet_of_faces(side: int, alpha: float = 1.0) -> Polygons:
    """Return a bent sheet of side × side faces, all of one value."""
    at = np.linspace(0, 1, side + 1)
    u, v = np.meshgrid(at, at)
    xy = np.stack([31.3 + 120 * u + 13 * v, 22.7 + 60 * v + 9 * np.sin(5 * u)], axis=-1)
    corners = [xy[:-1, :-1], xy[:-1, 1:], xy[1:, 1:], xy[1:, :-1]]
    faces = np.stack(corners, axis=2).reshape(-1, 4, 2)
    return Polygons(faces, alpha=alpha, values=np.ones(len(faces)), scale=SCALE)


faces_of_values = st.lists(
    st.tuples(st.tuples(xs, ys), st.lists(st.floats(-25, 25), min_size=4, max_size=4)),
    min_size=1,
    max_size=3,
).map(
    lambda drawn: Polygons(
        [path for corner, arms in drawn for path in triangle(corner, arms).paths],
        values=np.linspace(0, 1, len(drawn)),
        scale=(Stop(0.0, "class0"), Stop(1.0, "class1")),
    )
)


@REDUCED
@given(faces_of_values)
def test_polygons_of_values_are_laid_back_to_front_as_agg_does(mark: Polygons) -> None:
    """Each in its value's colour, the last in front, except for the mixture at their edges."""
    oracle = by_agg([mark])
    assume(covered(oracle) <= 0.05)

    picture = by_kernel([mark])

    assert psnr(picture, oracle) >= 33  # Agg's are 0.35 of a pixel of the larger picture wider
    inside = (oracle == np.roll(oracle, 1, 0)) & (oracle == np.roll(oracle, -1, 0))
    inside &= (oracle == np.roll(oracle, 1, 1)) & (oracle == np.roll(oracle, -1, 1))
    assert np.abs(picture.astype(int) - oracle)[inside.all(axis=2)].max() <= 2


@pytest.mark.parametrize("theme", ["light", "transparent-light"])
@pytest.mark.parametrize("alpha", [1.0, 0.5])
def test_a_surface_of_many_faces_is_drawn_as_one_face(alpha: float, theme: str) -> None:
    """No seam where they adjoin, be they opaque or not: inside, all pixels are one colour."""
    for side in (1, 9, 31):
        part = by_kernel([sheet_of_faces(side, alpha)], theme)[45:75, 60:130].astype(int)

        assert (part[0, 0] != furniture(THEMES[theme])[0, 0]).any()
        assert np.abs(part - part[0, 0]).max() <= 1


def test_the_alpha_of_a_scales_stops_counts() -> None:
    """Together with that of the mark; behind a translucent face the next one is seen."""
    square = np.array([(40.0, 40), (120, 40), (120, 90), (40, 90)])
    back = Polygons([square], values=np.array([0.5]), scale=SCALE)
    front = Polygons([square], alpha=0.5, values=np.array([0.0]), scale=SCALE)
    both = Polygons([square, square], values=np.array([0.5, 0.0]), scale=SCALE)
    class0, class1 = (255 * np.array(THEMES["light"].rgba(c)[:3]) for c in ("class0", "class1"))

    pixels = [by_kernel([mark])[50, 80, :3].astype(float) for mark in (back, front, both)]

    for pixel, wanted in zip(
        pixels,
        (class1, 0.2 * class0 + 0.8 * 255, 0.4 * class0 + 0.6 * class1),
        strict=True,
    ):
        np.testing.assert_allclose(pixel, wanted, atol=2)


def test_faces_leave_nothing_for_the_next_frame() -> None:
    """The scratch that their layers are added up in is empty again."""
    theme = THEMES["light"]
    raster = empty(theme)
    raster.draw(sheet_of_faces(12, 0.5), placement())
    raster.clear()

    raster.draw(sheet_of_faces(5), placement())

    np.testing.assert_array_equal(raster.pixels, by_kernel([sheet_of_faces(5)]))


@pytest.mark.parametrize(
    "mark",
    [
        points([(x, y) for x in range(-40, 300, 7) for y in range(-90, 200, 9)], size=6.0),
        many([(x, y) for x in range(-40, 300, 7) for y in range(-90, 200, 9)], size=6.0),
        Lines([np.array([(-60.0, -200.0), (150.0, 60.0), (400.0, 10.0)])], "ink", width=5.0),
        Polygons([np.array([(-50.0, -80.0), (290.0, -60.0), (150.0, 190.0)])], "ink"),
        Image(np.arange(12.0).reshape(3, 4), (110.0, 280.0, -100.0, 160.0), "viridis", 0.0, 11.0),
    ],
    ids=["points", "stamps", "lines", "polygons", "image"],
)
def test_a_panel_that_reaches_beyond_the_sheet_is_cut_at_its_edges(mark: Mark) -> None:
    """There is no other memory that a kernel may write to; clearing takes all of it back."""
    theme, beyond = THEMES["light"], Box(110, -40, 150, 210)
    large = Raster(furniture(theme, (400, 300)), theme, 1.0, glyphs_of, color_map)
    limits = (110.0, 260.0), (-90.0, 160.0)
    small = empty(theme)

    small.draw(mark, Placement(beyond, *limits))
    large.draw(mark, Placement(Box(170, 30, 150, 210), *limits))

    assert (small.pixels != furniture(theme)).any()
    np.testing.assert_array_equal(small.pixels, large.pixels[70:190, 60:260])
    small.clear()
    np.testing.assert_array_equal(small.pixels, furniture(theme))
    small.draw(mark, Placement(Box(900, 900, 50, 50), *limits))
    np.testing.assert_array_equal(small.pixels, furniture(theme))
