"""The views of three coordinates, asked for their marks."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim import Film, models, record
from nnanim.errors import SceneError
from nnanim.marks import Lines, Mark, Points, Polygons, Text
from nnanim.projection import Camera
from nnanim.views import HiddenSpace3D
from tests.recordings import RINGS, rings_film, with_parameters

Floats = NDArray[np.floating]

TIMES = (0.0, 1.3, 3.9)


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


def only_marks(view: HiddenSpace3D, film: Film, t: float) -> list[Mark]:
    """Return the marks of a view's only panel."""
    (marks,) = view.marks(film, t)
    return list(marks)


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


@pytest.mark.parametrize(
    ("view", "widths"),
    [
        (HiddenSpace3D(), (2, 2, 1)),
        (HiddenSpace3D(units=(0, 1, 5)), (2, 5, 1)),
        (HiddenSpace3D(units=(-1, 0, 1)), (2, 5, 1)),
        (HiddenSpace3D(), (2, 1)),
    ],
)
def test_units_that_are_not_there_are_refused(view: HiddenSpace3D, widths: tuple[int, ...]) -> None:
    """With what the layer has."""
    with pytest.raises(SceneError, match=r"units|unit|hidden layer"):
        view.panels(filmed(*widths))


def test_units_without_bounds_have_the_limits_of_the_whole_run() -> None:
    """The ends of the cube are the film's limits."""
    film = filmed(2, 3, 1, activation="relu")

    texts = [m.text for m in only_marks(HiddenSpace3D(), film, 0.0) if isinstance(m, Text)]

    low, high = film.limits("hidden1")[0]
    assert texts[:3] == [f"{low:.2g}".replace("-", "−"), f"{high:.2g}", "unit 1"]
