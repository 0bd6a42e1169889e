"""Grids: which lines of input space a film follows is a value of its scene, and of nothing else."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnanim import Comparison, Film, Scene, datasets, grids, models, record, themes, views
from nnanim.errors import SceneError
from nnanim.geometry import interval
from nnanim.grids.grid import roles_of
from nnanim.marks import Lines, Polygons
from nnanim.recording.fingerprint import key_of
from nnanim.recording.record import untrained
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.training.run import prepare
from nnanim.types import Floats
from nnanim.view import View
from nnanim.views.shared_marks import grid_strokes
from tests.pages import Page, made
from tests.pictures import look
from tests.recordings import FIT, RINGS

UNIT = np.array([[-1.0, 1.0]] * 2)


@dataclass(frozen=True)
class Polar:
    """Circles and rays about the window's middle, the outermost circle heavier."""

    circles: int = 5
    rays: int = 12

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return the circles from the smallest, then the rays."""
        middle, radius = window.mean(axis=1), np.ptp(window, axis=1).min() / 2
        turns = np.linspace(0.0, 2 * np.pi, 121)
        circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        sizes = radius * np.arange(1, self.circles + 1) / self.circles
        rays = circle[: -1 : 120 // self.rays]
        ways = interval(np.array([[0.0, radius]]))
        return [*(middle + r * circle for r in sizes), *(middle + ways * ray for ray in rays)]

    def outline(self, window: Floats) -> Collection[int]:
        """Return the outermost circle."""
        del window
        return [self.circles - 1]


POLAR = replace(RINGS, grid=Polar())


def strokes_of(view: View, film: Film) -> list[Lines]:
    """Return the grid that a view draws, untrained: the inner lines, then the heavier ones."""
    (marks,) = view.marks(film, 0.0)
    return [mark for mark in marks if isinstance(mark, Lines) and mark.color in ("grid", "grid2")]


def test_left_out_the_grid_is_42_lines_a_tenth_apart() -> None:
    """Twenty-one each way, of a hundred points, across first, both ends of the window included."""
    assert RINGS.grid == grids.Square()
    lines = RINGS.grid.lines(UNIT)

    assert len(lines) == 42
    assert {line.shape for line in lines} == {(100, 2)}
    at = np.linspace(-1, 1, 21)
    np.testing.assert_allclose([line[:, 1] for line in lines[:21]], np.tile(at[:, None], 100))
    np.testing.assert_allclose([line[:, 0] for line in lines[21:]], np.tile(at[:, None], 100))
    np.testing.assert_allclose(np.diff([line[0, 0] for line in lines[21:]]), 0.1)
    for line in lines:
        assert sorted(np.ptp(line, axis=0)) == [0.0, 2.0]


def test_one_input_has_one_line_and_more_than_two_have_none() -> None:
    """There is a grid where inputs are a line or a plane."""
    one, three = np.array([[-2.0, 2.0]]), np.zeros((3, 2))
    (line,) = grids.Square().lines(one)

    np.testing.assert_allclose(line, np.linspace(-2, 2, 100)[:, None])
    assert grids.Square().lines(three) == []
    assert not grids.Square().outline(one)
    assert not grids.Square().outline(three)


@pytest.mark.parametrize("count", [2, 3, 11])
def test_the_outline_of_a_square_is_the_windows_edge(count: int) -> None:
    """Whatever the number of lines; no other line lies there."""
    grid = grids.Square(count, points=7)
    lines = grid.lines(UNIT)

    edge = {i for i, line in enumerate(lines) if (np.abs(line) == 1).all(axis=0).any()}

    assert {len(line) for line in lines} == {7}
    assert len(lines) == 2 * count
    assert set(grid.outline(UNIT)) == edge
    assert len(edge) == 4


def test_a_film_follows_the_lines_of_its_scenes_grid() -> None:
    """Each as the layer sees it; its limits hold them, and its clock runs on."""
    film = Film(record(POLAR))
    lines = Polar().lines(film.window)

    assert len(film.grid_lines) == len(lines) == 17
    for line, given, image in zip(lines, film.grid_lines, film.grid("hidden2", 3.0), strict=True):
        np.testing.assert_array_equal(line, given)
        np.testing.assert_array_equal(image, film.outputs("hidden2", line, 3.0))
    assert film.moment(0.0) == 0.0 < film.moment(2.0) < film.moment(4.0) == 8.0


def test_the_input_space_draws_bent_lines_whole_and_straight_ones_by_their_ends() -> None:
    """Those of the outline heavier."""
    film = Film(untrained(POLAR))
    lines = film.grid_lines

    inner, outer = strokes_of(views.InputSpace(), film)

    assert [len(line) for line in inner.paths] == [121] * 4 + [2] * 12
    np.testing.assert_array_equal(outer.paths[0], lines[4])
    for ray, line in zip(inner.paths[4:], lines[5:], strict=True):
        np.testing.assert_array_equal(ray, line[[0, -1]])
    assert outer.width > inner.width
    assert len(outer.paths) == 1


@pytest.mark.parametrize(
    ("view", "layer"), [(views.HiddenSpace(), None), (views.HiddenSpace3D(), "hidden1")]
)
def test_a_hidden_space_draws_the_outline_of_the_grid_heavier(
    view: View, layer: str | None
) -> None:
    """And no line twice."""
    film = Film(untrained(replace(POLAR, layer=layer)))

    inner, outer = strokes_of(view, film)

    assert (len(inner.paths), len(outer.paths)) == (16, 1)


def test_strokes_without_a_grid_are_lines_of_two_ways() -> None:
    """As in a view of one's own that has only the lines."""
    lines = [np.array([[0.0, i], [1.0, i]]) for i in range(6)]

    inner, outer = (mark for mark in grid_strokes(lines) if isinstance(mark, Lines))

    assert [line[0, 1] for line in inner.paths] == [1, 4]
    assert [line[0, 1] for line in outer.paths] == [0, 2, 3, 5]


def test_no_training_hangs_on_the_grid() -> None:
    """Its key, its header and its numbers are those of any other picture of it."""
    plain, polar = untrained(RINGS), untrained(POLAR)

    assert key_of(POLAR, prepare(POLAR)) == key_of(RINGS, prepare(RINGS))
    assert plain.header == polar.header
    assert plain == polar


def test_each_tile_of_a_comparison_has_the_grid_of_its_scene() -> None:
    """As it has its views; the whole film draws."""
    film = film_of(Comparison([RINGS, POLAR]), cache=False)

    assert [len(tile.grid_lines) for tile in film.tiles] == [42, 17]
    assert renderer_of(film, look((320, 180))).frame(0.0).shape == (180, 320, 4)


@dataclass(frozen=True)
class Lineless:
    """A grid without lines."""

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return none."""
        del window
        return []

    def outline(self, window: Floats) -> Collection[int]:
        """Return none."""
        del window
        return ()


def test_one_input_may_have_no_grid_at_all() -> None:
    """Then a fit is drawn all the same."""
    film = film_of(replace(FIT, grid=Lineless()), cache=False)

    assert film.grid("hidden1", 0.0) == []
    assert renderer_of(film, look((320, 180))).frame(0.0).shape == (180, 320, 4)


def test_the_grid_that_the_page_of_views_shows_works() -> None:
    """Its circles and rays lie in the window, the outermost circle on its edge."""
    page = (Path(__file__).parents[1] / "docs" / "views.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    made: dict[str, Any] = {}
    exec(code, made)

    film = Film(untrained(replace(RINGS, grid=made["Polar"]())))

    inner, outer = strokes_of(views.InputSpace(), film)
    assert (len(inner.paths), len(outer.paths)) == (8 - 1 + 24, 1)
    half = np.ptp(film.window, axis=1).min() / 2
    away = np.abs(np.concatenate(film.grid_lines) - film.window.mean(axis=1)).max()
    assert away == pytest.approx(half)


@dataclass(frozen=True)
class Wrong:
    """A grid that gives what are no lines."""

    line: Any

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return the one line."""
        del window
        return [self.line]

    def outline(self, window: Floats) -> Collection[int]:
        """Return none."""
        del window
        return ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (UNIT[0], r"the grid Wrong gives a line of shape \(2,\): expected \(points, 2\)"),
        (UNIT[:1], r"the grid Wrong gives a line of shape \(1, 2\)"),
        (np.zeros((5, 3)), r"the grid Wrong gives a line of shape \(5, 3\)"),
        (np.full((5, 2), np.nan), "points that are no numbers"),
        ("none", "the grid Wrong failed: ValueError"),
    ],
)
def test_what_are_no_lines_is_refused_by_the_film(line: Any, message: str) -> None:
    """In a sentence that names the grid, before the training."""
    scene = replace(RINGS, grid=Wrong(line))

    with pytest.raises(SceneError, match=message):
        Film(untrained(scene))


@pytest.mark.parametrize("grid", [3, grids.Square, None, "square"])
def test_what_is_no_grid_is_refused_by_the_scene(grid: Any) -> None:
    """With what a grid is."""
    with pytest.raises(SceneError, match=r"^grid=.*: expected a grid, as grids.Square\(count=21\)"):
        Scene(dataset=RINGS.dataset, model=RINGS.model, grid=grid)


@pytest.mark.parametrize("made", [{"count": 1}, {"count": 2.5}, {"points": 1}])
def test_a_square_of_less_than_two_lines_is_refused(made: Any) -> None:
    """Two lines each way, of two points, are the fewest."""
    with pytest.raises(SceneError, match="expected a whole number of at least 2"):
        grids.Square(**made)


def test_a_polar_grid_is_circles_and_rays_about_the_middle() -> None:
    """They fill the window, whatever its sides, the outermost circle heavier."""
    window, grid = np.array([[-1.0, 3.0], [0.0, 1.0]]), grids.Polar(circles=3, rays=5)

    lines = [(line - [1.0, 0.5]) / [2.0, 0.5] for line in grid.lines(window)]

    assert len(lines) == 8
    for k, circle in enumerate(lines[:3]):
        np.testing.assert_allclose(np.hypot(*circle.T), (k + 1) / 3)
        np.testing.assert_allclose(circle[0], circle[-1], atol=1e-12)
    for k, ray in enumerate(lines[3:]):
        turn = 2 * np.pi * k / 5
        np.testing.assert_allclose(ray[-1], [np.cos(turn), np.sin(turn)], atol=1e-12)
        np.testing.assert_allclose(ray[0], 0.0, atol=1e-12)
    assert set(grid.outline(window)) == {2}


def test_a_triangular_grid_has_three_lines_at_every_corner() -> None:
    """Within the window; it meets itself at the same places in all three directions."""
    grid = grids.Triangular(count=6, points=2)
    lines = [(line + 1) / 2 for line in grid.lines(UNIT)]

    across = [line for line in lines if np.ptp(line[:, 1]) < 1e-12]
    rising = [line for line in lines if np.ptp(line[:, 1]) > 1e-12 and slope_of(line) > 0]
    falling = [line for line in lines if np.ptp(line[:, 1]) > 1e-12 and slope_of(line) < 0]
    assert len(across) == 7
    assert len(rising) == len(falling)
    assert all(((line >= -1e-9) & (line <= 1 + 1e-9)).all() for line in lines)
    corners = {corner(own, y) for own in rising for y in np.linspace(0, 1, 7)}
    assert {c for c in corners if c} == {
        c for own in falling for y in np.linspace(0, 1, 7) if (c := corner(own, y))
    }
    assert set(grid.outline(UNIT)) == {0, 6}


def slope_of(line: Floats) -> float:
    """Return how steep a line is."""
    across, up = line[1] - line[0]
    return float(up / across)


def corner(line: Floats, y: float) -> tuple[float, float] | None:
    """Return where a line is at a height, well within the window; None where it is not."""
    x = float(line[0, 0] + (y - line[0, 1]) / slope_of(line))
    return (round(x, 6) + 0.0, round(y, 6)) if 1e-6 < x < 1 - 1e-6 else None


@pytest.mark.parametrize("grid", [grids.Polar(), grids.Triangular(), grids.Checkerboard(7)])
def test_every_grid_serves_a_film_of_one_input_and_of_two(grid: grids.Grid) -> None:
    """Of one it is the interval."""
    film = Film(untrained(replace(FIT, grid=grid)))
    flat = Film(untrained(replace(RINGS, grid=grid)))

    assert [len(line) for line in film.grid_lines] == [100]
    assert len(flat.grid("hidden2", 0.0)) == len(flat.grid_lines) > 20
    assert not grid.outline(film.window)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (grids.Polar, {"rays": 0}),
        (grids.Triangular, {"count": 1.5}),
        (grids.Polar, {"rays": True}),
        (grids.Checkerboard, {"count": 1}),
        (grids.Checkerboard, {"count": 100_000}),
        (grids.Square, {"count": 1_001}),
        (grids.Square, {"points": 10_001}),
        (grids.Curves, {"points": 2}),
    ],
)
def test_counts_of_lines_are_whole_numbers(kind: Any, given: dict[str, Any]) -> None:
    """In one line that says which and how many."""
    with pytest.raises(SceneError, match="expected a whole number of at least"):
        kind(**given)


# -- tints -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grid", "first"), [(grids.Square(5), 5), (grids.Polar(3, 7), 3), (grids.Triangular(6), 7)]
)
def test_lines_that_cross_are_of_two_tints(grid: grids.Grid, first: int) -> None:
    """Those across and those up, circles and rays, level lines and slanted ones."""
    count = len(grid.lines(UNIT))

    assert list(roles_of(grid, UNIT)) == ["grid"] * first + ["grid2"] * (count - first)


@pytest.mark.parametrize("theme", [themes.dark, themes.light])
def test_the_two_tints_differ_and_are_both_quiet(theme: themes.Theme) -> None:
    """Enough to be told apart side by side, and each further from ink than from the panel."""
    tints = [np.array(theme.rgba(role)[:3]) for role in ("grid", "grid2")]

    assert np.abs(tints[0] - tints[1]).max() > 0.05
    for tint in tints:
        away = [np.abs(tint - theme.rgba(role)[:3]).mean() for role in ("panel", "ink")]
        assert away[0] < away[1]


def test_a_theme_with_another_grid_has_it_in_all_lines() -> None:
    """Unless it has a second tint, too."""
    assert themes.dark.replace(grid="#333333").grid2 == "#333333"
    assert themes.dark.replace(grid="#333333", grid2="#444444").grid2 == "#444444"
    assert themes.dark.replace(ink="#FFFFFF").grid2 == themes.dark.grid2


# -- textures --------------------------------------------------------------------------------------


def faces_in(view: View, film: Film) -> list[Polygons]:
    (marks,) = view.marks(film, 0.0)
    return [mark for mark in marks if isinstance(mark, Polygons)]


def test_a_checkerboard_is_every_other_square_and_its_edge() -> None:
    """No two of them have a side in common; all are closed and together are half the window."""
    grid = grids.Checkerboard(count=4)
    *squares, edge = grid.lines(UNIT)

    middles = np.array([(square[0] + square[len(square) // 2]) / 2 for square in squares])
    cells = np.rint((middles + 1) / 0.5 - 0.5).astype(int)
    assert len(squares) == len(grid.faces(UNIT)) == 8
    assert len({tuple(cell) for cell in cells}) == 8
    assert (cells.sum(axis=1) % 2 == 0).all()
    for square in squares:
        np.testing.assert_allclose(square[0], square[-1])
        np.testing.assert_allclose(np.ptp(square, axis=0), 0.5)
    np.testing.assert_allclose(edge.min(axis=0), -1)
    np.testing.assert_allclose(edge.max(axis=0), 1)
    assert list(grid.outline(UNIT)) == [8]


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """An image twice as wide as high, white above and black below, clear to the right."""
    pixels = np.zeros((20, 40, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:10, :, :3] = 255
    pixels[:, 30:] = 0
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return str(tmp_path / "photo.png")


def test_an_image_lies_in_the_middle_of_the_window_as_it_is(photo: str) -> None:
    """It keeps its shape, its top is up, and what of it is clear is black."""
    grid = grids.Texture(photo, count=8)
    *faces, edge = grid.lines(UNIT)
    bright = np.array(list(grid.faces(UNIT).values())).reshape(4, 8)

    np.testing.assert_allclose([edge.min(axis=0), edge.max(axis=0)], [[-1, -0.5], [1, 0.5]])
    np.testing.assert_allclose(bright[2:, :6], 1.0)
    np.testing.assert_allclose(bright[:2], 0.0)
    np.testing.assert_allclose(bright[:, 6:], 0.0)
    assert len(faces) == bright.size
    np.testing.assert_allclose(np.max(faces[-1], axis=0), [1, 0.5])


@pytest.mark.parametrize(
    "view", [views.InputSpace(), views.HiddenSpace(), views.HiddenSpace3D("hidden1"), views.Depth()]
)
def test_textures_are_drawn_wherever_the_grid_is(view: View, photo: str) -> None:
    """Each face filled, in grey by its brightness or in the tint of the grid."""
    board = Film(untrained(replace(RINGS, views=[view], grid=grids.Checkerboard(4))))
    film = Film(untrained(replace(RINGS, views=[view], grid=grids.Texture(photo, count=8))))

    (tinted, *_), (grey, *_) = faces_in(view, board), faces_in(view, film)

    assert (len(tinted.paths), tinted.color, tinted.values) == (8, "grid", None)
    assert grey.values is not None
    assert (len(grey.paths), set(grey.values)) == (32, {0.0, 1.0})


@pytest.mark.slow
def test_a_page_computes_the_faces_of_a_texture_itself() -> None:
    """They are lines of the grid, of which it keeps the numbers alone."""
    scene = replace(RINGS, views=[views.HiddenSpace()], grid=grids.Checkerboard(4))
    page = Page.of(made(Film(record(scene))).content).page

    (mark,) = (m for m in page["panels"][0]["marks"] if m["kind"] == "polygons")

    assert mark["paths"]["recipe"] == "lines"
    assert mark["paths"]["lines"] == list(range(8))


# -- curves ----------------------------------------------------------------------------------------

SETS: list[Any] = [
    datasets.two_curves(n=200),
    datasets.spirals(n=200),
    datasets.moons(n=200),
    datasets.rings(n=200),
    datasets.circles(n=200),
]


@pytest.mark.parametrize("dataset", SETS, ids=lambda given: given.name)
def test_a_class_lies_on_its_curve(dataset: Any) -> None:
    """Each of its points within five standard deviations, and the curve goes on beyond none."""
    data, noise = dataset.arrays(3), 5 * dataset.noise
    classes = data.targets[:, 0]

    for k, curve in enumerate(dataset.curves(2000)):
        own = data.inputs[classes == k]
        away = np.linalg.norm(own[:, None] - curve[None], axis=2)
        assert away.min(axis=1).max() <= noise
        assert away.min(axis=0).max() <= noise + 0.1


def test_the_curves_of_classes_lie_over_another_grid_in_their_colours() -> None:
    """As the layer sees them, heavier than the grid."""
    scene = replace(RINGS, dataset=SETS[1], grid=grids.Curves(grids.Square(3)))
    film = Film(untrained(scene))
    (marks,) = views.HiddenSpace().marks(film, 0.0)
    found = {m.color: m for m in marks if isinstance(m, Lines)}

    for k, curve in enumerate(SETS[1].curves(240)):
        (path,) = found[f"class{k}"].paths
        ends = film.outputs("hidden2", curve[[0, -1]], 0.0)
        np.testing.assert_allclose(path[[0, -1]], ends, atol=1e-6)
        assert found[f"class{k}"].width > found["grid"].width
    assert len(film.grid_lines) == 6 + 2


# -- how finely ------------------------------------------------------------------------------------

EVERY = [
    grids.Square(5),
    grids.Polar(3, 5),
    grids.Triangular(4),
    grids.Checkerboard(3),
    grids.Curves(grids.Square(2)),
]


@pytest.mark.parametrize("grid", EVERY, ids=lambda grid: type(grid).__name__)
def test_no_line_of_any_grid_is_further_than_half_a_pixel_from_the_curve(grid: grids.Grid) -> None:
    """Of a panel 1,000 pixels wide, whatever the layer does between the grid's own points."""
    model = models.mlp(2, 12, 2, 1, output="sigmoid")
    film = Film(untrained(replace(RINGS, dataset=SETS[1], model=model, grid=grid)))
    half = float(np.ptp(film.limits("hidden2"), axis=1).max()) / 2000

    curves = film.curves("hidden2", film.grid_lines, 0.0)
    for line, seen in list(zip(film.grid_lines, curves, strict=True))[::2]:
        steps = np.linspace(0, 1, 8)[:, None]
        dense = np.concatenate([a + steps * (b - a) for a, b in pairwise(line)])
        true = film.outputs("hidden2", dense, 0.0)
        starts, ways = seen[:-1], np.diff(seen, axis=0)
        off = true[:, None] - starts
        along = np.clip((off * ways).sum(2) / np.maximum((ways**2).sum(1), 1e-30), 0, 1)
        assert np.linalg.norm(off - along[..., None] * ways, axis=2).min(axis=1).max() <= half
