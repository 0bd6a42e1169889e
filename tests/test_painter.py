"""Painter's order: what is nearer is drawn later, checked against rays sent through the picture."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim.camera import Camera
from nnanim.cells import argmax_walls
from nnanim.drawing.cube import cube
from nnanim.drawing.painter import flattened, seen
from nnanim.drawing.relief import faces_of
from nnanim.errors import SceneError
from nnanim.geometry import clip_plane
from nnanim.marks import Bars, Cells, HeightField, Image, Lines, Mark, Plane, Points, Polygons, Text
from nnanim.types import Floats
from nnanim.view import Panel

CAMERAS = [
    Camera(30, 20, 0.0),
    Camera(30, 20, 0.12),
    Camera(205, 35, 0.1),
    Camera(-75, -10, 0.2),
    Camera(90, 88, 0.05),
]
BOX = np.array([[-1.0, 1.0]] * 3)
WALL = -1  # what a ray through the plane meets
NOTHING = -2
RADIUS = 0.03  # of a point, in the picture
PLANES = [Plane(np.array([1.0, -0.5, 0.4]), 0.12), Plane(np.array([0.0, 0.2, -1.0]), -0.2)]


def inside(outline: Floats, at: Floats) -> NDArray[np.bool_]:
    """Return which places (n, 2) lie in a convex outline (m, 2)."""
    edges = np.roll(outline, -1, axis=0) - outline
    away = at[:, None] - outline
    turns = edges[:, 0] * away[..., 1] - edges[:, 1] * away[..., 0]
    return np.asarray((turns >= 0).all(axis=1) | (turns <= 0).all(axis=1))


def seen_on_top(marks: Sequence[Mark], at: Floats) -> NDArray[np.int64]:
    """Return what each place (n, 2) shows: a face's value, a point's index, or the wall."""
    top = np.full(len(at), NOTHING)
    for mark in marks:
        if isinstance(mark, Points):
            assert mark.index is not None
            for xy, number in zip(mark.xy, mark.index, strict=True):
                top[np.hypot(*(at - xy).T) < RADIUS] = number
        elif isinstance(mark, Polygons):
            values = [WALL] * len(mark.paths) if mark.values is None else mark.values
            for path, number in zip(mark.paths, values, strict=True):
                top[inside(path, at)] = number
    return top


class Rays:
    """What lies behind each place of a picture, found without sorting anything."""

    def __init__(self, camera: Camera, points: Floats, faces: Floats, wall: Plane | None) -> None:
        self.camera, self.wall = camera, wall
        span = np.random.default_rng(7).uniform(-1.3, 1.3, (3000, 2))
        self.at = span
        near, far = (self._lifted(depth) for depth in (0.9, 0.1))
        self.depths = np.full((len(span), len(points) + len(faces) + 1), -np.inf)
        flat = camera.project(points)
        for i, (xy, depth) in enumerate(zip(flat, camera.nearness(points), strict=True)):
            self.depths[np.hypot(*(span - xy).T) < RADIUS, i] = depth
        for i, face in enumerate(faces, start=len(points)):
            normal = np.cross(face[1] - face[0], face[2] - face[0])
            hit = self._meet(near, far, normal, float(normal @ face[0]))
            struck = inside(camera.project(face), span)
            self.depths[struck, i] = camera.nearness(hit)[struck]
        if wall is not None:
            hit = self._meet(near, far, wall.normal, wall.offset)
            within = (np.abs(hit) <= 1).all(axis=1)
            self.depths[within, -1] = camera.nearness(hit)[within]

    def _lifted(self, nearness: float) -> Floats:
        """Return the points (n, 3) at one depth that are seen at each place."""
        camera = self.camera
        towards = (nearness - 0.5) * 2 * np.sqrt(3)
        scale = 1 - camera.perspective * towards
        turn, tilt = np.radians([camera.azimuth, camera.elevation])
        right = np.array([-np.sin(turn), np.cos(turn), 0])
        out = np.array([np.cos(tilt) * np.cos(turn), np.cos(tilt) * np.sin(turn), np.sin(tilt)])
        up = np.cross(out, right)
        return np.asarray(scale * (self.at[:, :1] * right + self.at[:, 1:] * up) + towards * out)

    def _meet(self, near: Floats, far: Floats, normal: Floats, offset: float) -> Floats:
        """Return where each ray meets a plane (n, 3)."""
        start, along = near @ normal - offset, (far - near) @ normal
        return np.asarray(near - (start / along)[:, None] * (far - near))

    def nearest(self) -> NDArray[np.int64]:
        """Return the number of what each ray meets first."""
        first = self.depths.argmax(axis=1)
        first[first == self.depths.shape[1] - 1] = WALL
        first[np.isneginf(self.depths).all(axis=1)] = NOTHING
        return np.asarray(first)

    def depth(self, numbers: NDArray[np.int64]) -> Floats:
        """Return how near what is named is met."""
        return np.asarray(self.depths[np.arange(len(numbers)), numbers])


def cloud(points: int, faces: int, size: float, camera: Camera | None = None) -> tuple[Floats, ...]:
    """Return points (n, 3) and triangles (m, 3, 3) in the cube; upright to a camera if given."""
    rng = np.random.default_rng(3)
    spread = rng.normal(size=(faces, 3, 3))
    if camera is not None:
        out = camera.eye / np.linalg.norm(camera.eye)
        spread -= (spread @ out)[..., None] * out
    middles = rng.uniform(-0.9, 0.9, (faces, 1, 3))
    spread -= spread.mean(axis=1, keepdims=True)
    return rng.uniform(-0.9, 0.9, (points, 3)), middles + size * spread


def marks_of(points: Floats, faces: Floats) -> list[Mark]:
    """Return them as marks that say the number of each."""
    numbers = np.arange(len(points) + len(faces))
    roles = ["ink"] * len(points)
    return [
        Points(points, roles, index=numbers[: len(points)]),
        Polygons(list(faces), values=numbers[len(points) :].astype(float)),
    ]


def with_wall(plane: Plane) -> Plane:
    """Return the plane with its part of the cube drawn in it."""
    corners = clip_plane(plane.normal, plane.offset, BOX)
    assert corners is not None
    return Plane(plane.normal, plane.offset, [Polygons([corners], "ink")])


@pytest.mark.parametrize("camera", [Camera(30, 20, 0), Camera(205, 35, 0), Camera(-75, -10, 0)])
def test_points_and_upright_faces_hide_each_other_as_rays_say(camera: Camera) -> None:
    """Where each thing has one depth, and slabs are thin, no ray disagrees."""
    points, faces = cloud(150, 60, 0.2, camera)
    rays = Rays(camera, points, faces, None)

    marks = flattened(marks_of(points, faces), camera, slabs=4000)

    nearest = rays.nearest()
    assert len(np.unique(nearest)) > 120
    np.testing.assert_array_equal(seen_on_top(marks, rays.at), nearest)


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("slabs", [8, 64])
def test_what_is_shown_lies_no_deeper_than_a_slab_behind_what_is_nearest(
    camera: Camera, slabs: int
) -> None:
    """Nor deeper than the faces themselves reach."""
    points, faces = cloud(300, 80, 0.1)
    rays = Rays(camera, points, faces, None)

    marks = flattened(marks_of(points, faces), camera, slabs=slabs)

    shown, nearest = seen_on_top(marks, rays.at), rays.nearest()
    np.testing.assert_array_equal(shown == NOTHING, nearest == NOTHING)
    extent = max(float(np.ptp(camera.nearness(face))) for face in faces)
    met = nearest >= 0
    assert (rays.depth(nearest)[met] - rays.depth(shown)[met]).max() < 1 / slabs + extent
    assert (shown == nearest).mean() > 0.97


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("plane", PLANES)
def test_a_plane_hides_exactly_what_is_behind_it(camera: Camera, plane: Plane) -> None:
    """Though points and faces come in few slabs: what crosses the plane is cut there."""
    points, faces = cloud(300, 80, 0.15)
    # A point is drawn as a whole, on its side of the plane.
    away = np.abs(plane.side(points)) / np.linalg.norm(plane.normal)
    points = points[away > 2 * RADIUS]
    rays = Rays(camera, points, faces, plane)

    marks = flattened([*marks_of(points, faces), with_wall(plane)], camera, slabs=4)

    shown, nearest = seen_on_top(marks, rays.at), rays.nearest()
    assert (nearest == WALL).sum() > 20
    # A ray along the very edge of a face may say one or the other.
    agree = (shown == WALL) == (nearest == WALL)
    assert agree.mean() > 0.999


def six_cells() -> Cells:
    """Return six cells in the cube, with their walls."""
    rng = np.random.default_rng(8)
    weight, bias = rng.normal(size=(6, 3)), 0.2 * rng.normal(size=6)
    walls = list(argmax_walls(weight, bias, BOX).values())
    return Cells(weight, bias, [Polygons(walls, "ink")])


def met_first(camera: Camera, cells: Cells, points: Floats, at: Floats) -> NDArray[np.int64]:
    """Return what a ray through each place meets, a point's number or a wall, walked in steps."""
    rays = Rays(camera, points, np.empty((0, 3, 3)), None)
    rays.at = np.asarray(at, float)
    shown = np.full(len(at), NOTHING)
    flat, depth = camera.project(points), camera.nearness(points)
    near: Floats = np.full(len(at), -np.inf)
    seen = np.full(len(at), NOTHING)
    for i in np.argsort(depth):
        struck = np.hypot(*(at - flat[i]).T) < RADIUS
        near[struck], seen[struck] = depth[i], i
    before = np.full(len(at), -1)
    for nearness in np.linspace(1.0, 0.0, 1501):
        place = rays._lifted(float(nearness))
        own = np.where((np.abs(place) <= 1).all(axis=1), cells.scores(place).argmax(axis=1), -1)
        open_ = shown == NOTHING
        walled = open_ & (own != before) & (own >= 0) & (before >= 0)
        shown[walled] = WALL
        reached = (shown == NOTHING) & (seen >= 0) & (near >= nearness)
        shown[reached] = seen[reached]
        before = own
    return shown


@pytest.mark.parametrize("camera", CAMERAS[:4])
def test_cells_hide_exactly_what_is_behind_their_walls(camera: Camera) -> None:
    """Cell by cell, by rising score at the eye: ten thousand rays agree, but for a step's width."""
    cells = six_cells()
    points, _ = cloud(300, 1, 0.1)
    best = np.sort(cells.scores(points), axis=1)
    points = points[best[:, -1] - best[:, -2] > 0.25]  # a point is drawn as a whole, in its cell
    numbers = np.arange(len(points))
    at = np.random.default_rng(7).uniform(-1.3, 1.3, (10_000, 2))

    marks = flattened([Points(points, ["ink"] * len(points), index=numbers), cells], camera)

    shown, nearest = seen_on_top(marks, at), met_first(camera, cells, points, at)
    assert (nearest == WALL).sum() > 500
    assert (nearest >= 0).sum() > 100
    assert (shown == nearest).mean() > 0.995


@pytest.mark.parametrize("camera", CAMERAS)
def test_lines_and_faces_are_cut_at_every_wall(camera: Camera) -> None:
    """All is there once: in each cell what lies in it, cut where that ends."""
    cells = six_cells()
    rng = np.random.default_rng(1)
    ends = rng.uniform(-0.9, 0.9, (60, 2, 3))
    _, faces = cloud(1, 20, 0.4)

    marks = flattened([Lines(list(ends)), Polygons(list(faces), "class0"), cells], camera)

    length, area = 0.0, 0.0
    for mark in marks:
        if isinstance(mark, Lines):
            length += sum(float(np.hypot(*np.diff(path, axis=0).T).sum()) for path in mark.paths)
        if isinstance(mark, Polygons) and mark.color == "class0":
            area += sum(outlined(path) for path in mark.paths)
    flat = [camera.project(pair) for pair in ends]
    assert length == pytest.approx(sum(float(np.hypot(*(b - a))) for a, b in flat))
    assert area == pytest.approx(sum(outlined(camera.project(face)) for face in faces))
    pieces = sum(len(path) - 1 for mark in marks if isinstance(mark, Lines) for path in mark.paths)
    steps = ends[:, :1] + np.linspace(0, 1, 4001)[None, :, None] * (ends[:, 1:] - ends[:, :1])
    own = cells.scores(steps.reshape(-1, 3)).argmax(axis=1).reshape(60, -1)
    assert pieces >= 60 + (np.diff(own, axis=1) != 0).sum()


def outlined(outline: Floats) -> float:
    """Return the area of a convex outline (m, 2)."""
    x, y = outline.T
    return 0.5 * abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()))


@pytest.mark.parametrize("camera", CAMERAS)
def test_lines_are_cut_where_they_cross_the_plane(camera: Camera) -> None:
    """Each half is drawn on its side, and together they are the whole line."""
    rng = np.random.default_rng(1)
    ends = rng.uniform(-0.9, 0.9, (40, 2, 3))
    middle = PLANES[0].offset
    side = ends @ PLANES[0].normal - middle
    ends = ends[np.abs(side).min(axis=1) > 0.05]

    marks = flattened([Lines(list(ends)), with_wall(PLANES[0])], camera, slabs=3)

    wall = next(i for i, mark in enumerate(marks) if isinstance(mark, Polygons))
    eye_side = float(PLANES[0].side(camera.eye[None])[0]) > 0
    for half, beyond in ((marks[:wall], True), (marks[wall + 1 :], False)):
        found = [path for mark in half if isinstance(mark, Lines) for path in mark.paths]
        expected = []
        for start, end in ends:
            s, e = PLANES[0].side(np.stack([start, end]))
            kept = [x for x, d in ((start, s), (end, e)) if ((d > 0) == eye_side) != beyond]
            if s * e < 0:
                kept.append(start + s / (s - e) * (end - start))
            if len(kept) == 2:
                expected.append(camera.project(np.array(kept)))
        length = sum(float(np.hypot(*np.diff(path, axis=0).T).sum()) for path in found)
        assert length == pytest.approx(sum(float(np.hypot(*(b - a))) for a, b in expected))
        assert len(found) == len(expected)


def test_a_line_stays_in_one_piece_within_a_slab() -> None:
    """Its values stay with their points."""
    t = np.linspace(-0.9, 0.9, 200)
    path = np.stack([t, 0.3 * np.sin(3 * t), t**2], axis=1)

    marks = flattened([Lines([path], values=[t])], Camera(), slabs=6)

    paths = [piece for mark in marks if isinstance(mark, Lines) for piece in mark.paths]
    values = [v for mark in marks if isinstance(mark, Lines) for v in mark.values or ()]
    assert len(marks) <= 6
    assert len(paths) < 12
    assert sum(len(piece) - 1 for piece in paths) == 199
    for piece, at in zip(paths, values, strict=True):
        np.testing.assert_allclose(piece, Camera().project(path[np.searchsorted(t, at)]))


def test_many_points_become_few_marks() -> None:
    """As many as there are slabs, each with its points' classes, the nearer of them later."""
    rng = np.random.default_rng(0)
    points, index = rng.uniform(-1, 1, (20_000, 3)), rng.integers(0, 2, 20_000)
    camera = Camera()

    marks = flattened([Points(points, ("class0", "class1"), index=index)], camera, slabs=20)

    assert len(marks) <= 20
    found = np.concatenate([mark.xy for mark in marks if isinstance(mark, Points)])
    classes = np.concatenate(
        [m.index for m in marks if isinstance(m, Points) and m.index is not None]
    )
    order = np.lexsort(found.T)
    expected = camera.project(points)
    np.testing.assert_array_equal(found[order], expected[np.lexsort(expected.T)])
    np.testing.assert_array_equal(classes[order], index[np.lexsort(expected.T)])
    depth = camera.nearness(points)[np.lexsort(expected.T)][np.argsort(order)]
    assert np.diff(depth).min() > -1e-4


def test_points_keep_their_values_in_space() -> None:
    """Whatever order they are drawn in, and where some stand nowhere."""
    rng = np.random.default_rng(3)
    points, values = rng.uniform(-1, 1, (5_000, 3)), rng.uniform(0, 1, 5_000)
    points[::7] = np.nan
    kept = np.isfinite(points).all(axis=1)

    marks = flattened([Points(points, values=values, low=-1.0)], Camera(), slabs=20)

    drawn = [m for m in marks if isinstance(m, Points) and m.values is not None]
    found = np.concatenate([np.column_stack([m.xy, np.asarray(m.values)]) for m in drawn])
    expected = np.column_stack([Camera().project(points[kept]), values[kept]])
    np.testing.assert_array_equal(found[np.lexsort(found.T)], expected[np.lexsort(expected.T)])
    assert {m.low for m in drawn} == {-1.0}


def test_every_slab_has_many_points_unless_there_are_faces() -> None:
    """Many points are drawn faster at once; on both sides of a plane, though they crowd."""
    rng = np.random.default_rng(2)
    points = rng.normal(0.3, 0.1, (5000, 3))
    plane = Plane(np.array([1.0, 0.0, 0.0]), 0.35)

    marks = flattened([Points(points), plane], Camera(), slabs=32)

    sizes = [len(mark.xy) for mark in marks if isinstance(mark, Points)]
    assert sum(sizes) == 5000
    assert min(sizes) >= 500
    assert len(sizes) >= 8


def test_what_is_no_number_is_left_out_and_parts_its_line() -> None:
    """A training that diverges still has a picture."""
    bad = np.array([[0, 0, 0], [np.nan, 0, 0], [0.1, 0, 0], [0.2, 0, np.inf], [0.3, 0, 0]])
    faces = [bad[:3], np.eye(3)]
    drawn: list[Mark] = [
        Points(bad, ("ink",) * 5, index=np.arange(5)),
        Lines([bad, np.eye(3)]),
        Polygons(faces, values=np.array([4.0, 5.0])),
    ]

    marks = flattened([*drawn, PLANES[0]], Camera())

    found = [mark for mark in marks if isinstance(mark, Points)]
    assert sorted(int(i) for m in found if m.index is not None for i in m.index) == [0, 2, 4]
    assert {v for m in marks if isinstance(m, Polygons) for v in m.values} == {5.0}  # type: ignore[union-attr]
    paths = [path for mark in marks if isinstance(mark, Lines) for path in mark.paths]
    assert all(np.isfinite(path).all() for path in paths)
    assert paths


def test_texts_come_last_and_nothing_makes_nothing() -> None:
    """A text is never hidden."""
    text = Text(np.array([-0.9, -0.9, -0.9]), "far")
    drawn: list[Mark] = [text, Points(np.eye(3)), Lines([]), Polygons([])]

    marks = flattened(drawn, Camera())

    assert [type(mark) for mark in marks][-1] is Text
    assert {type(mark) for mark in marks} == {Text, Points}


@pytest.mark.parametrize(
    "camera", [Camera(25, 20, 0.1), Camera(160, 15, 0.0), Camera(250, 30, 0.2), Camera(75, 12, 0.1)]
)
def test_a_height_field_hides_exactly_what_is_behind_it(camera: Camera) -> None:
    """Ridges in cells that are longer than wide: of points on slopes that face the eye."""
    profile, side = np.array([-0.8, 0.6, -0.5, -0.8, 0.9, -0.8]), np.array([0.36, 0.8])
    ends = np.linspace(-0.9, 0.9, 6)
    rng = np.random.default_rng(5)
    cells = rng.integers(0, (5, 2), (800, 2)) + rng.uniform(0.05, 0.95, (800, 2))
    ground = cells * side - (0.9, 0.8)
    points = np.column_stack([ground, np.interp(ground[:, 0], ends, profile)])
    ways = camera.eye - points
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    slopes = np.diff(profile)[cells[:, 0].astype(int)] / 0.36
    path = points + np.linspace(0.01, 3, 3000)[:, None, None] * ways
    over = (np.abs(path[..., 0]) < 0.9) & (np.abs(path[..., 1]) < 0.8)
    height = path[..., 2] - np.interp(path[..., 0], ends, profile)
    least = np.where(over, height, np.inf).min(axis=0)
    facing = ways[:, 2] - slopes * ways[:, 0] > 0.05
    hidden, shown = facing & (least < -0.06), facing & (least > 0)

    field = HeightField(np.tile(profile, (3, 1)), (-0.9, 0.9, -0.8, 0.8))
    marks = flattened([field, Points(points, ["ink"] * 800, index=np.arange(800))], camera)

    drawn = [mark.index for mark in marks if isinstance(mark, Points) and mark.index is not None]
    last = [isinstance(mark, Points) for mark in marks].index(True)
    assert hidden.sum() > 20
    assert shown.sum() > 150
    assert all(isinstance(mark, Polygons) for mark in marks[:last])
    assert all(isinstance(mark, Points) for mark in marks[last:])
    # In the crease between two faces, a rounding puts a point on either.
    assert np.isin(np.flatnonzero(hidden), np.concatenate(drawn)).sum() <= 1
    assert np.isin(np.flatnonzero(shown), np.concatenate(drawn)).all()


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (9, 33), (56, 56), (120, 70)])
def test_each_step_over_a_height_field_is_drawn_before_the_next(rows: int, columns: int) -> None:
    """Of as many steps as lie between opposite corners, all faces first, then what is on them."""
    field = HeightField(np.zeros((rows + 1, columns + 1)), (-1, 1, -1, 1))
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    on_it = Points(np.stack([2 * x.ravel() - 1, 2 * y.ravel() - 1, 0 * x.ravel()], axis=1))

    marks = flattened([on_it, field], Camera(40))

    steps = rows + columns - 1
    assert [type(mark) for mark in marks] == [Polygons] * steps + [Points] * steps


def test_a_height_field_is_finer_where_it_is_steep() -> None:
    """No face spans more than a band of the colours, or as much as so many parts of a cell allow;
    together they are as large as the plane, but for a brim."""
    heights = np.zeros((4, 5))
    heights[:, 2:] = 0.2
    field = HeightField(heights, (-1, 1, -1, 1))

    faces = faces_of(field)
    flat = faces_of(HeightField(0 * heights, (-1, 1, -1, 1)))

    assert np.shape(flat.paths) == (12, 4, 3)
    assert len(faces.paths) > len(flat.paths)
    spans = np.ptp(np.asarray(faces.paths)[..., 2], axis=1)
    assert spans.max() < 1 / 20
    sides = np.ptp(np.asarray(faces.paths)[..., :2], axis=1)
    assert 4.0 < sides.prod(axis=1).sum() < 4.0 * 1.06**2 * 1.0001
    assert faces.values is not None
    np.testing.assert_allclose(faces.values, np.asarray(faces.paths)[..., 2].mean(axis=1))


def test_faces_of_given_values_keep_them() -> None:
    """Whatever the heights."""
    values = np.arange(6.0).reshape(2, 3)
    steep = np.random.default_rng(0).normal(size=(3, 4))

    faces = faces_of(HeightField(steep, (0, 3, 0, 2), high=5.0, values=values))

    assert faces.values is not None
    assert faces.values.tolist() == values.ravel().tolist()


SPACE, FLAT = Panel("space", (-2, 2), (-2, 2), camera=Camera()), Panel("flat", (-2, 2), (-2, 2))
PAIRS, TRIPLES = np.zeros((4, 2)), np.zeros((4, 3))
IN_SPACE: list[Mark] = [
    Points(TRIPLES),
    Lines([TRIPLES]),
    Polygons(np.zeros((2, 4, 3))),
    Text(np.zeros(3), "here"),
    Cells(np.eye(3), np.zeros(3)),
    PLANES[0],
    HeightField(np.zeros((2, 3)), (0, 1, 0, 1)),
]
IN_PLANE: list[Mark] = [
    Points(PAIRS),
    Lines([PAIRS]),
    Polygons([PAIRS]),
    Text(np.zeros(2), "here"),
    Image(np.eye(2), (0, 1, 0, 1)),
    Bars(np.zeros(2), np.ones(2)),
]
NOWHERE: list[Mark] = [Lines([]), Polygons([]), Polygons(np.zeros((0, 4, 2)))]


@pytest.mark.parametrize(
    ("panel", "mark", "expected"),
    [
        *((SPACE, mark, "of 2 coordinates in the panel 'space': expected 3") for mark in IN_PLANE),
        *((FLAT, mark, r"of 3 .* 'flat': expected 2, or Panel\(…, camera=") for mark in IN_SPACE),
        (SPACE, Plane(np.ones(3), 0.0, [Points(PAIRS)]), "Points of 2 coordinates"),
    ],
)
def test_marks_that_a_panel_has_no_place_for_are_refused(
    panel: Panel, mark: Mark, expected: str
) -> None:
    """Those of two coordinates in space, those of three without a camera; in one line."""
    with pytest.raises(SceneError, match=expected) as raised:
        seen(panel, [mark], 0.0)

    assert type(mark).__name__ in str(raised.value) or isinstance(mark, Plane)
    assert "\n" not in str(raised.value)


def test_every_mark_is_taken_where_it_belongs() -> None:
    """So is one that holds nothing, wherever."""
    assert list(seen(FLAT, [*IN_PLANE, *NOWHERE], 0.3)) == [*IN_PLANE, *NOWHERE]
    once = [mark for mark in IN_SPACE if not isinstance(mark, Cells)]
    assert [type(mark) for mark in seen(SPACE, [*once, *NOWHERE], 0.3)][-1] is Text


@pytest.mark.parametrize("mark", IN_SPACE[-3:], ids=["cells", "plane", "height field"])
def test_what_parts_a_panel_is_there_once(mark: Mark) -> None:
    """Of two planes or two height fields, neither would be drawn right."""
    with pytest.raises(SceneError, match=r"2 marks \w+ in the panel 'space': expected one"):
        seen(SPACE, [mark, mark], 0.0)


def test_a_panel_is_seen_from_where_the_camera_has_come_to() -> None:
    """Its cube first, then the marks, half of the orbit before the azimuth and half behind."""
    points = np.random.default_rng(0).uniform(-1, 1, (5, 3))
    camera = Camera(40.0, orbit=90.0)
    panel = Panel("space", *camera.limits, camera=camera)

    for share, azimuth in ((0.0, -5.0), (0.5, 40.0), (1.0, 85.0)):
        edges, *marks = seen(panel, [Points(points)], share)

        still = Camera(azimuth)
        assert isinstance(edges, Lines)
        np.testing.assert_array_equal(edges.paths, cube(still)[0].paths)  # type: ignore[union-attr]
        found = np.concatenate([mark.xy for mark in marks if isinstance(mark, Points)])
        expected = still.project(points)
        np.testing.assert_allclose(np.sort(found, axis=0), np.sort(expected, axis=0))


@pytest.mark.parametrize("normal", [(1, 0, 0), (1, 1, 1), (0.2, -1, 0.5), (0, 1, -1)])
@pytest.mark.parametrize("offset", [0.0, 0.3, -0.7])
def test_a_plane_in_a_box_is_the_convex_outline_of_its_points(
    normal: tuple[float, ...], offset: float
) -> None:
    """Every corner is on the plane and on the box's edges, and no point of the plane is outside."""
    box = np.array([[-1.0, 1.0], [-2.0, 1.0], [0.0, 2.0]])
    direction = np.array(normal, float)

    corners = clip_plane(direction, offset, box)

    assert corners is not None
    assert 3 <= len(corners) <= 6
    np.testing.assert_allclose(corners @ direction, offset, atol=1e-12)
    on_faces = np.isclose(corners[:, :, None], box[None]).any(axis=2).sum(axis=1)
    assert (on_faces >= 2).all()
    points = np.random.default_rng(0).uniform(box[:, 0], box[:, 1], (20_000, 3))
    points -= ((points @ direction - offset) / (direction @ direction))[:, None] * direction
    points = points[((points >= box[:, 0]) & (points <= box[:, 1])).all(axis=1)]
    frame = np.linalg.svd(direction[None])[2][1:].T
    assert inside(corners @ frame, points @ frame).all()


def test_a_plane_that_misses_the_box_has_no_outline() -> None:
    """Nor has one without a direction."""
    assert clip_plane(np.array([1.0, 0, 0]), 3.0, BOX) is None
    assert clip_plane(np.zeros(3), 0.0, BOX) is None
