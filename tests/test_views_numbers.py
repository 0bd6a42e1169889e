"""Data coloured by numbers: the target of a regression, or labels that are no classes."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from nnanim import Film, Scene, Training, datasets, models
from nnanim.dataset import Task
from nnanim.marks import HeightField, Lines, Mark, Points
from nnanim.recording.record import untrained
from nnanim.rendering.filming import renderer_of
from nnanim.types import Floats
from nnanim.view import ColorBar, View
from nnanim.views import HiddenSpace, HiddenSpace3D, HiddenTriples, Surface
from nnanim.views.shared_marks import joined_points
from tests.pictures import look

HEIGHTS = "height"


def points(n: int = 300) -> Floats:
    """Return points of a square."""
    return np.random.default_rng(4).uniform(-2, 2, (n, 2)).astype(np.float32)


@cache
def hills(width: int = 3, **more: Any) -> Film:
    """Return an untrained network over a landscape of two inputs."""
    x = points()
    y = 30 * np.sin(x[:, 0]) * np.cos(x[:, 1])
    data = datasets.from_arrays(x, y, axis_names=["east", "north", HEIGHTS], name="Hills", **more)
    return filmed(data, models.mlp(2, 4, width, 1, activation="relu"))


def filmed(data: Any, model: Any) -> Film:
    """Return the film of an untrained network."""
    training = Training(epochs=1, loss="mse", optimizer="adam", lr=0.01, seed=3)
    return Film(untrained(Scene(dataset=data, model=model, training=training)))


def only_points(marks: Sequence[Sequence[Mark]]) -> Points:
    """Return the points of a panel that have values."""
    (found,) = [m for m in marks[0] if isinstance(m, Points) and m.values is not None]
    return found


VIEWS: list[View] = [HiddenSpace(), HiddenSpace3D(), Surface()]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: type(view).__name__)
def test_a_regression_colours_each_sample_by_its_target(view: View) -> None:
    """On a scale from the least target to the largest, which a bar beside the panel tells."""
    film = hills()
    targets = film.data.targets[:, 0]

    mark, (panel,) = only_points(view.marks(film, 0.0)), view.panels(film)

    np.testing.assert_array_equal(mark.values, targets)
    assert (mark.low, mark.high) == (targets.min(), targets.max())
    bar = panel.color_bar
    assert isinstance(bar, ColorBar)
    assert (bar.scale, bar.low, bar.high) == (mark.scale, mark.low, mark.high)
    assert bar.label == ("prediction" if isinstance(view, Surface) else HEIGHTS)
    assert panel.legend == ()
    assert renderer_of(film, look((640, 360))).frame(0.0).any()


def test_a_surface_and_the_samples_on_it_share_their_colours() -> None:
    """So a sample whose prediction is right is as its ground is."""
    marks = Surface().marks(hills(), 0.0)

    (field,) = [mark for mark in marks[0] if isinstance(mark, HeightField)]
    mark = only_points(marks)
    assert (field.scale, field.low, field.high) == (mark.scale, mark.low, mark.high)


@pytest.mark.parametrize("classes", [False, True])
def test_labels_that_are_numbers_colour_instead_of_the_target(classes: bool) -> None:
    """Also where the targets are classes."""
    x, ages = points(), np.linspace(0.5, 9.25, 300)
    y = (x[:, 0] > 0).astype(int) if classes else np.sin(x[:, 0])
    end = "sigmoid" if classes else "identity"
    data = datasets.from_arrays(x, y, labels=ages)
    model = models.mlp(2, 2, 1, output=end)
    film = Film(untrained(Scene(dataset=data, model=model, training=Training(epochs=1, lr=0.1))))

    mark, (panel,) = only_points(HiddenSpace().marks(film, 0.0)), HiddenSpace().panels(film)

    np.testing.assert_allclose(np.asarray(mark.values), ages)
    assert panel.color_bar == ColorBar(mark.scale, 0.5, 9.25)


def test_points_joined_in_their_order_keep_their_colours() -> None:
    """One line through all, as there are no classes to join by."""
    film = hills()
    xy = film.points(film.layer, 0.0)[:, :2]

    (line,) = joined_points(film, xy)

    assert isinstance(line, Lines)
    assert line.values is not None
    np.testing.assert_array_equal(line.paths[0], xy)
    np.testing.assert_array_equal(line.values[0], film.data.targets[:, 0])


def test_without_its_points_a_panel_has_no_bar() -> None:
    """And of many cubes, none has one of its own."""
    assert HiddenSpace(points=False).panels(hills())[0].color_bar is None
    assert {panel.color_bar for panel in HiddenTriples().panels(hills(4))} == {None}


@pytest.mark.parametrize("level", [0.0, -7.5])
def test_a_target_that_never_changes_has_a_scale_all_the_same(level: float) -> None:
    """The view draws, and the bar has two ends."""
    film = filmed(
        datasets.from_arrays(points(), np.full(300, level), task="regression"),
        models.mlp(2, 3, 1),
    )

    for view in VIEWS:
        bar = view.panels(film)[0].color_bar
        assert bar is not None
        assert bar.low < level < bar.high
        assert view.marks(film, 0.0)


@pytest.mark.parametrize("names", [None, ["east", "north"]])
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_surface_over_data_of_ones_own_is_drawn(task: Task, names: list[str] | None) -> None:
    """Named or not: classes without names are numbered."""
    x = points()
    y = (x[:, 0] > 0).astype(float)[:, None] if task == "binary" else np.sin(x[:, 0])
    end = "sigmoid" if task == "binary" else "identity"
    data = datasets.from_arrays(x, y, axis_names=names, task=task)
    film = filmed(data, models.mlp(2, 3, 1, output=end))

    (panel,) = Surface().panels(film)

    assert panel.color_bar is not None
    # A class that has no name is told by its number.
    assert panel.color_bar.label in ("P(1)", "P(class 1)", "prediction")
    assert panel.camera is not None
    assert list(panel.camera.names[:2]) == list(film.header.axis_names[:2])
    assert Surface().marks(film, 0.0)
