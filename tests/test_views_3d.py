"""The views of three coordinates, asked for their marks."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim import Film, datasets, models, record
from nnanim.camera import Camera
from nnanim.drawing.painter import seen
from nnanim.errors import SceneError
from nnanim.geometry import cell_middles, lattice
from nnanim.marks import (
    Cells,
    HeightField,
    Lines,
    Mark,
    Plane,
    Points,
    Polygons,
    Text,
    coordinates,
)
from nnanim.recording.record import untrained
from nnanim.sheet.renderer import Renderer
from nnanim.sheet.sheet import Sheet
from nnanim.sheet.vector import vector_picture
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views import HiddenSpace, HiddenSpace3D, HiddenTriples, Surface, hidden_space_3d
from tests.pictures import look
from tests.recordings import FIT, RINGS, fit_film, rings_film, thirds_film, with_parameters

TIMES = (0.0, 1.3, 3.9)
END = 3.9


@cache
def filmed(*widths: int, activation: str = "sigmoid") -> Film:
    """Return the rings, seen by a network of these widths."""
    model = models.mlp(*widths, activation=activation, output="sigmoid")
    return Film(record(replace(RINGS, model=model, training=replace(RINGS.training, seed=3))))


def with_plane(normal: Sequence[float], offset: float) -> Film:
    """Return three units whose read-out decides at normal·h = offset."""
    recording = filmed(2, 3, 1).recording
    weight, bias = np.array([normal], np.float32), np.array([-offset], np.float32)
    return Film(with_parameters(recording, output__0__weight=weight, output__0__bias=bias))


def camera_at(view: HiddenSpace3D, film: Film, t: float) -> Camera:
    """Return the camera that looks at the unit cube."""
    azimuth = view.azimuth + view.orbit * (t / film.timeline.seconds - 0.5)
    return Camera(azimuth, view.elevation, view.perspective, ((0.0, 1.0),) * 3)


def only_marks(view: HiddenSpace3D | Surface, film: Film, t: float) -> list[Mark]:
    """Return the marks of a view's only panel, as its camera sees them."""
    (panel,), (marks,) = view.panels(film), view.marks(film, t)
    return list(seen(panel, marks, t / film.timeline.seconds))


@pytest.mark.parametrize("t", TIMES)
def test_every_point_stands_where_the_three_units_say(t: float) -> None:
    """Each with its class, seen by the camera of that time."""
    film, view = filmed(2, 3, 1), HiddenSpace3D(grid=False)

    marks = only_marks(view, film, t)

    hidden = film.points("hidden1", film.moment(t))
    flat = camera_at(view, film, t).project(hidden)
    expected = sorted(map(tuple, np.column_stack([flat, film.labels]).round(9).tolist()))
    found = [
        (*xy, float(mark.color[-1]))
        for mark in marks
        if isinstance(mark, Points) and isinstance(mark.color, str)
        for xy in mark.xy.round(9).tolist()
    ]
    assert sorted(found) == expected


@pytest.mark.parametrize("units", [(0, 1, 2), (2, 0, 1)])
def test_the_plane_is_where_the_read_out_decides(units: tuple[int, int, int]) -> None:
    """Cut at the unit cube, in whatever order the units are shown."""
    film, view = with_plane((2.0, -1.0, 0.5), 0.6), HiddenSpace3D(units=units)

    (plane,) = [m for m in only_marks(view, film, 1.0) if isinstance(m, Polygons)]

    camera = camera_at(view, film, 1.0)
    rng = np.random.default_rng(0)
    cube = rng.uniform(0, 1, (4000, 3))
    normal = np.array([2.0, -1.0, 0.5])
    on_plane = cube - ((cube @ normal - 0.6) / (normal @ normal))[:, None] * normal
    within = on_plane[((on_plane >= 0) & (on_plane <= 1)).all(axis=1)]
    seen = camera.project(within[:, list(units)])
    (outline,) = plane.paths
    edges, away = np.roll(outline, -1, axis=0) - outline, seen[:, None] - outline
    turns = edges[:, 0] * away[..., 1] - edges[:, 1] * away[..., 0]
    assert ((turns >= -1e-9).all(axis=1) | (turns <= 1e-9).all(axis=1)).all()
    assert 0.03 < plane.alpha < 0.4


def test_points_lie_before_or_behind_the_plane_as_their_scores_say() -> None:
    """One class of scores is drawn before it, the other after."""
    film, view = with_plane((1.0, 0.2, 0.1), 0.6), HiddenSpace3D(grid=False)

    marks = only_marks(view, film, 0.0)

    wall = next(i for i, mark in enumerate(marks) if isinstance(mark, Polygons))
    hidden = film.points("hidden1", 0.0)
    over = hidden @ np.array([1.0, 0.2, 0.1]) > 0.6
    # The camera stands far out along the first unit: what is above the level is before the plane.
    before = sum(len(mark.xy) for mark in marks[wall:] if isinstance(mark, Points))
    assert before == over.sum()
    assert 0 < before < len(hidden)


def test_a_plane_is_drawn_only_where_the_read_out_sees_these_units_alone() -> None:
    """Not of an earlier layer, nor for three of more units; the reached boundary still is."""
    for film, view in (
        (rings_film(), HiddenSpace3D("hidden1")),
        (filmed(2, 5, 1), HiddenSpace3D(units=(0, 2, 4))),
    ):
        marks = only_marks(view, film, 3.9)

        assert not any(isinstance(mark, Polygons) for mark in marks)
        drawn = [m for m in marks if isinstance(m, Lines) and m.color == "boundary"]
        assert bool(drawn) == bool(film.boundary(film.epochs))


def test_the_camera_turns_with_film_time_and_the_limits_stand() -> None:
    """Half of the orbit on each side of the azimuth; cube and names stay within the panel."""
    film, view = filmed(2, 3, 1), HiddenSpace3D()
    (panel,) = view.panels(film)

    assert len({only_marks(view, film, t)[0].paths[0].tobytes() for t in TIMES}) == 3  # type: ignore[union-attr]
    for t in np.linspace(0, 4, 9):
        for mark in only_marks(view, film, float(t)):
            if isinstance(mark, Text | Lines):
                at = np.array([mark.xy]) if isinstance(mark, Text) else np.concatenate(mark.paths)
                assert (at > (panel.x[0], panel.y[0])).all()
                assert (at < (panel.x[1], panel.y[1])).all()


def test_marks_stay_in_space() -> None:
    """What a view returns has three coordinates, each point's as the layer gives it."""
    film, view = with_plane((2.0, -1.0, 0.5), 0.6), HiddenSpace3D(units=(2, 0, 1))

    (marks,) = view.marks(film, 1.3)

    hidden = film.points("hidden1", film.moment(1.3))[:, [2, 0, 1]]
    classes = [mark.xy for mark in marks if isinstance(mark, Points)]
    for k, points in enumerate(classes):
        np.testing.assert_array_equal(points, hidden[film.labels == k])
    assert len(classes) == 2
    (plane,) = [mark for mark in marks if isinstance(mark, Plane)]
    np.testing.assert_allclose(plane.normal, [0.5, 2.0, -1.0])
    assert plane.offset == pytest.approx(0.6)
    assert {coordinates(mark) for mark in [*marks, *plane.marks]} - {None} == {3}
    assert [type(mark) for mark in plane.marks] == [Polygons, Lines, Lines]


def test_units_without_bounds_have_the_limits_of_the_whole_run() -> None:
    """The ends of the cube are the film's limits."""
    film = filmed(2, 3, 1, activation="relu")

    texts = [m.text for m in only_marks(HiddenSpace3D(), film, 0.0) if isinstance(m, Text)]

    low, high = film.limits("hidden1")[0]
    assert texts[:3] == [f"{low:.2g}".replace("-", "−"), f"{high:.2g}", "unit 1"]


# -- a view of one's own ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Extremes:
    """The two samples that the first of three units parts most, as a user would write it."""

    layer: str = "hidden1"

    def panels(self, film: Film) -> list[Panel]:
        """Return a panel whose camera turns by a quarter."""
        camera = Camera(box=film.limits(self.layer), names=("a", "b", "c"), orbit=90)  # type: ignore[arg-type]
        return [Panel("Extremes", *camera.limits, camera=camera)]

    def marks(self, film: Film, t: float) -> list[list[Mark]]:
        """Return a point for each, the lower in the first colour."""
        hidden = film.points(self.layer, film.moment(t))
        ends = hidden[[hidden[:, 0].argmin(), hidden[:, 0].argmax()]]
        return [[Points(ends, ("class0", "class1"), index=np.arange(2), size=24)]]


@pytest.mark.parametrize("t", TIMES)
def test_a_view_of_ones_own_is_seen_by_its_camera(t: float) -> None:
    """In pixels and in vectors, at the places that the camera of that time gives its marks."""
    film, view = filmed(2, 3, 1), Extremes()
    (panel,), ((points,),) = view.panels(film), view.marks(film, t)
    sheet = Sheet(film, [[view]], look((640, 360), "light", bare=True))
    ((place,),) = sheet.placements
    assert panel.camera is not None
    assert isinstance(points, Points)
    turned = Camera(30 + 90 * (t / film.timeline.seconds - 0.5), box=panel.camera.box)
    at = place.pixels(turned.project(points.xy))

    frame = Renderer(sheet, threads=1).frame(t)
    svg = vector_picture(sheet, t, "svg", {"title": "Extremes"}).decode()

    for (x, y), role in zip(at, ("class0", "class1"), strict=True):
        color = np.rint(255 * np.array(sheet.look.theme.rgba(role)))
        np.testing.assert_array_equal(frame[int(y), int(x)], color)
    placed = np.array(re.findall(r'<use [^>]*x="([^"]+)" y="([^"]+)"', svg), float)
    np.testing.assert_allclose(np.sort(placed, axis=0), np.sort(at, axis=0), atol=1e-3)
    assert all(f">{name}<" in svg for name in "abc")


# -- triples ---------------------------------------------------------------------------------------


def test_all_triples_of_five_units_are_ten_panels_of_one_size() -> None:
    """Each named by its units, each the same as that cube alone."""
    film, view = filmed(2, 5, 1), HiddenTriples()

    panels, marks = view.panels(film), view.marks(film, 1.3)

    assert [panel.title for panel in panels][:2] == [
        "1, 2, 3: not separable",
        "1, 2, 4: not separable",
    ]
    assert len(panels) == len(marks) == 10
    alone = HiddenSpace3D(units=(0, 2, 4), grid=False, names=False, boundary=False)
    for one, other in zip(marks[4], alone.marks(film, 1.3)[0], strict=True):
        assert type(one) is type(other)
        if isinstance(one, Points) and isinstance(other, Points):
            np.testing.assert_array_equal(one.xy, other.xy)


def test_a_triple_says_whether_a_plane_parts_the_classes_in_it() -> None:
    """Of a layer whose first units copy a sign that parts them, and the others nothing."""
    film = filmed(2, 5, 1)
    weight, bias = np.zeros((5, 2), np.float32), np.zeros(5, np.float32)
    silent = Film(with_parameters(film.recording, hidden1__0__weight=weight, hidden1__0__bias=bias))

    titles = [panel.title for panel in HiddenTriples().panels(silent)]
    assert {title.partition(": ")[2] for title in titles} == {"not separable"}


def test_whether_three_units_part_the_classes_is_found_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For a film, however often its panels are asked for: it takes the most of a picture's time."""
    film, asked = Film(filmed(2, 5, 1).recording), []

    def gap(*clouds: object) -> float:
        asked.append(clouds)
        return 1.0

    monkeypatch.setattr(hidden_space_3d, "gap", gap)

    first, second = (HiddenTriples().panels(film) for _ in range(2))

    assert first == second
    assert len(asked) == 10


@pytest.mark.parametrize("view", [HiddenSpace3D, HiddenTriples])
@pytest.mark.parametrize(
    ("widths", "says"),
    [
        ((2, 2, 1), "'hidden1' has 2: use HiddenSpace('hidden1')"),
        ((2, 4, 1, 1), "'hidden2' has 1: give layer='hidden1', or use HiddenSpace('hidden2')"),
    ],
)
def test_a_layer_of_fewer_than_three_units_is_refused(
    view: type[HiddenSpace3D | HiddenTriples], widths: tuple[int, ...], says: str
) -> None:
    """By the name of the view that was asked for; what the line proposes draws."""
    film = filmed(*widths)

    with pytest.raises(SceneError) as error:
        view().panels(film)

    assert str(error.value) == f"{view.__name__} shows three units of a layer, but {says}"
    for layer in re.findall("layer='(.*?)'", says):
        assert view(layer=layer).panels(film)
    (layer,) = re.findall(r"HiddenSpace\('(.*)'\)", says)
    assert len(HiddenSpace(layer).marks(film, 0.0)) == len(HiddenSpace(layer).panels(film)) == 1


def test_triples_propose_no_layer_that_is_too_wide_for_them() -> None:
    """Other than a cube, which shows three units of any."""
    film = filmed(2, 64, 2, 1)

    with pytest.raises(SceneError, match=r"has 2: use HiddenSpace\('hidden2'\)"):
        HiddenTriples().panels(film)
    with pytest.raises(SceneError, match=r"has 2: give layer='hidden1', or use HiddenSpace"):
        HiddenSpace3D().panels(film)


@pytest.mark.parametrize("units", [(0, 1, 4), (-1, 0, 1), (0, 1), (0, 1, 2, 3), (0, 1.5, 2), 3, ()])
def test_units_that_are_not_there_are_refused(units: Any) -> None:
    """By the view that was asked for them, with what was asked."""
    film = filmed(2, 4, 1)

    with pytest.raises(SceneError) as one:
        HiddenSpace3D(units=units).panels(film)
    with pytest.raises(SceneError) as many:
        HiddenTriples(triples=[(0, 1, 2), units]).panels(film)

    end = "'hidden1' has 4 units; expected three of them, counted from 0, as (0, 1, 2)"
    assert str(one.value) == f"HiddenSpace3D(units={units!r}): {end}"
    assert str(many.value) == f"{units!r} in HiddenTriples(triples=…): {end}"


def test_no_triples_are_all_of_them() -> None:
    """Within the same bound."""
    assert HiddenTriples(triples=[]).panels(filmed(2, 5, 1)) == HiddenTriples().panels(
        filmed(2, 5, 1)
    )
    with pytest.raises(SceneError, match="41,664 triples"):
        HiddenTriples(triples=[]).panels(filmed(2, 64, 1))


def test_more_triples_than_a_sheet_has_room_for_are_refused() -> None:
    """At once, with their number; what the line proposes draws."""
    wide = filmed(2, 64, 1)

    with pytest.raises(SceneError, match=r"41,664 triples; expected 84 at most: give (.*) or") as e:
        HiddenTriples().panels(wide)
    with pytest.raises(SceneError, match="85 triples"):
        HiddenTriples(triples=[(0, 1, 2)] * 85).panels(wide)

    (proposed,) = re.findall(r"triples=(\[.*\])", str(e.value))
    assert len(HiddenTriples(triples=ast.literal_eval(proposed)).panels(wide)) == 2
    # Of a regression, none of which is looked at for a plane that parts the classes.
    fit = replace(FIT, model=models.mlp(1, 9, 1))
    assert len(HiddenTriples().panels(Film(untrained(fit)))) == 84


# -- the surface -----------------------------------------------------------------------------------


def steep_film() -> Film:
    """Return a ridge: one class along a band of the plane, with steep sides."""
    recording = filmed(2, 2, 1).recording
    return Film(
        with_parameters(
            recording,
            hidden1__0__weight=np.array([[5.0, 3.0], [5.0, 3.0]], np.float32),
            hidden1__0__bias=np.array([1.5, -1.5], np.float32),
            output__0__weight=np.array([[10.0, -10.0]], np.float32),
            output__0__bias=np.array([-4.0], np.float32),
        )
    )


def inside(outline: Floats, at: Floats) -> NDArray[np.bool_]:
    """Return which places (n, 2) lie in a convex outline (m, 2)."""
    edges, away = np.roll(outline, -1, axis=0) - outline, at[:, None] - outline
    turns = edges[:, 0] * away[..., 1] - edges[:, 1] * away[..., 0]
    return np.asarray((turns >= 0).all(axis=1) | (turns <= 0).all(axis=1))


@pytest.mark.parametrize("azimuth", [-55.0, 2.0, 140.0])
def test_the_surface_shows_what_a_ray_meets_first(azimuth: float) -> None:
    """Rays sent against the heights themselves, step by step, on a ridge that hides its back."""
    film, view = steep_film(), Surface(orbit=0.0, azimuth=azimuth, points=False)
    camera = Camera(azimuth, view.elevation, view.perspective, (*film.window, (0.0, 1.0)))
    rng = np.random.default_rng(0)
    (low, high), half = film.window.T, (film.window[:, 1] - film.window[:, 0]) / 2

    def height(ground: Floats) -> Floats:
        assert film.decision is not None
        scores = film.scores(ground.astype(np.float32), 0.0)
        return film.decision.probability(scores)

    start = rng.uniform(low * 0.95, high * 0.95, (600, 2))
    surface = np.column_stack([start, height(start)])
    cube = np.column_stack([(start - (low + high) / 2) / half, 2 * surface[:, 2] - 1])
    steps = np.linspace(0.004, 0.3, 800)[:, None, None]
    path = cube + steps * (camera.eye - cube)
    ground = (path[..., :2] * half + (low + high) / 2).reshape(-1, 2)
    over = 2 * height(ground).reshape(path.shape[:2]) - 1
    within = (np.abs(path[..., :2]) <= 1).all(axis=2)
    lead = np.where(within, path[..., 2] - over, np.inf).min(axis=0)
    hidden, seen = lead < -0.03, lead > 0.01

    marks = [m for m in only_marks(view, film, 0.0) if isinstance(m, Polygons)]

    top = np.full(len(start), np.nan)
    at = camera.project(surface)
    for mark in marks:
        assert mark.values is not None
        for outline, value in zip(mark.paths, mark.values, strict=True):
            top[inside(outline, at)] = value
    close = np.abs(top - surface[:, 2]) < 0.3
    assert hidden.sum() > 40
    assert seen.sum() > 200
    assert close[seen].mean() > 0.98
    # What is seen instead of a hidden place of the flat ground is the ridge before it.
    flat = hidden & (surface[:, 2] < 0.05)
    if azimuth > 100:  # seen across the ridge
        assert flat.sum() > 20
        assert top[flat].mean() > surface[flat, 2].mean() + 0.1


def test_samples_lie_on_the_surface_at_their_predictions() -> None:
    """In their true classes' colours, those that it does not hide."""
    film, view = filmed(2, 3, 1), Surface()

    marks = only_marks(view, film, 2.0)

    azimuth = view.azimuth + view.orbit * (2.0 / film.timeline.seconds - 0.5)
    box = (*film.window, (0.0, 1.0))
    camera = Camera(azimuth, view.elevation, view.perspective, box)
    inputs = np.asarray(film.data.inputs)
    assert film.decision is not None
    heights = film.decision.probability(film.scores(inputs, film.moment(2.0)))
    flat = camera.project(np.column_stack([inputs, heights]))
    expected = sorted(map(tuple, np.column_stack([flat, film.labels]).round(6).tolist()))
    found = [
        row
        for mark in marks
        if isinstance(mark, Points) and mark.index is not None
        for row in map(tuple, np.column_stack([mark.xy, mark.index]).round(6).tolist())
    ]
    assert set(found) <= set(expected)
    assert len(found) > 0.7 * len(expected)  # the others are hidden


def test_a_surface_needs_two_inputs() -> None:
    """One has a curve."""
    with pytest.raises(SceneError, match="Surface shows a prediction over two inputs"):
        Surface().panels(fit_film())


def test_a_surface_of_three_classes_has_the_colour_of_the_one_that_wins() -> None:
    """As high as that is probable; a legend says which is which."""
    film = thirds_film()

    ((field, *_),) = Surface().marks(film, END)
    (panel,) = Surface().panels(film)

    assert isinstance(field, HeightField)
    assert film.decision is not None
    corners = lattice(film.window, len(field.heights))
    probability = film.decision.probability(film.scores(corners, film.moment(END)))
    np.testing.assert_allclose(field.heights.ravel(), probability.max(axis=1), rtol=1e-6)
    middles = cell_middles(film.window, len(field.heights) - 1)
    won = film.decision.classes(film.scores(middles, film.moment(END)))
    assert field.values is not None
    np.testing.assert_array_equal((3 * field.values.ravel()).astype(int), won)
    assert set(won) == {0, 1, 2}
    assert [name for name, *_ in panel.legend] == ["a", "b", "c"]


def cubed_film(classes: int) -> Film:
    """Return classes of two inputs, seen through three units."""
    training = replace(RINGS.training, loss="cross_entropy", epochs=2)
    scene = replace(
        RINGS,
        dataset=datasets.blobs(n=200, classes=classes),
        model=models.mlp(2, 3, classes),
        training=training,
    )
    return Film(record(scene))


def test_walls_stand_where_two_of_many_classes_are_equal() -> None:
    """In the cube, with what the input window reaches of them; other units have none."""
    film = cubed_film(6)

    (marks,) = HiddenSpace3D().marks(film, END)

    (cells,) = [mark for mark in marks if isinstance(mark, Cells)]
    (walls,) = [mark for mark in cells.marks if isinstance(mark, Polygons)]
    assert len(walls.paths) > 3
    reached = [m for m in cells.marks if isinstance(m, Lines)][-1]
    for place in (*walls.paths, *reached.paths):
        best = np.sort(cells.scores(place.astype(float)), axis=1)
        np.testing.assert_allclose(best[:, -1], best[:, -2], atol=1e-4)
    state = film.state(film.moment(END))
    np.testing.assert_array_equal(cells.weight, state["output.0.weight"].astype(float))
    assert not any(isinstance(m, Cells) for m in HiddenSpace3D("output").marks(film, END)[0])
