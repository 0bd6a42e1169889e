"""What colours points: one value of the scene, which a view may override."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import (
    Comparison,
    Film,
    Input,
    NnanimError,
    Scene,
    Slice,
    Training,
    Unit,
    datasets,
    models,
    record,
)  # fmt: skip
from nnanim import views as v
from nnanim.marks import Bars, HeightField, Image, Points, Stop
from nnanim.recording.record import untrained
from nnanim.rendering.filming import film_of
from nnanim.view import View
from tests.recordings import FIT, RINGS, thirds_scene

N = len(thirds_scene().dataset.arrays(0).inputs)
Nnanim = Callable[..., tuple[int, str, str]]


def film(scene: Scene, **declared: Any) -> Film:
    """Return a scene's film, drawn as `declared`."""
    return Film(record(replace(scene, **declared)))


def points(shown: Film, view: View, t: float) -> list[Any]:
    """Return the points that a view shows."""
    return [mark for mark in view.marks(shown, t)[0] if isinstance(mark, Points)]


@pytest.mark.usefixtures("shared_cache")
def test_losses_of_samples_colour_them_within_limits_of_the_whole_film() -> None:
    """Each moment has its own; the colour bar stands still."""
    shown = film(thirds_scene(), color="loss")
    view = v.HiddenSpace()
    end = shown.timeline.seconds

    (first,), (last,) = points(shown, view, 0.0), points(shown, view, end)
    (panel,) = view.panels(shown)

    np.testing.assert_array_equal(first.values, shown.losses(0.0))
    np.testing.assert_array_equal(last.values, shown.losses(shown.epochs))
    assert shown.losses(2.0).mean() == pytest.approx(shown.loss(2.0), rel=1e-4)
    assert (first.low, first.high) == (last.low, last.high)
    assert panel.color_bar is not None
    assert (panel.color_bar.low, panel.color_bar.high) == (first.low, first.high)
    assert panel.color_bar.label == "loss of each sample"
    assert panel.legend == ()


def test_films_side_by_side_have_one_scale_of_losses() -> None:
    """That of the one with the largest: a loss has one colour in all of them."""
    scene = replace(RINGS, training=replace(RINGS.training, epochs=1), color="loss")
    scenes = [scene, replace(scene, training=replace(scene.training, lr=0.5))]
    alone = [Film(record(one)).coloring().high for one in scenes]

    both = film_of(Comparison(scenes), cache=False)

    assert alone[0] != alone[1]
    assert [tile.coloring().high for tile in both.tiles] == [max(alone)] * 2


@pytest.mark.usefixtures("shared_cache")
def test_a_unit_an_input_and_the_angle_of_the_input_colour_points() -> None:
    """By their own numbers, the input's in the units of its axis."""
    shown = film(thirds_scene())
    names = shown.header.axis_names
    moment = shown.epochs
    t = shown.timeline.seconds

    (unit,) = points(shown, v.InputSpace(color=Unit("hidden1", 1)), t)
    (column,) = points(shown, v.InputSpace(color=Input(1)), t)
    (named,) = points(shown, v.InputSpace(color=Input(names[0])), t)
    (angle,) = points(shown, v.InputSpace(color="angle"), t)

    np.testing.assert_array_equal(unit.values, shown.points("hidden1", moment)[:, 1])
    np.testing.assert_allclose(column.values, shown.data.inputs[:, 1], rtol=1e-6)
    np.testing.assert_allclose(named.values, shown.data.inputs[:, 0], rtol=1e-6)
    x, y = (shown.places - shown.window.mean(axis=1)).T
    np.testing.assert_allclose(np.cos(np.radians(angle.values)), x / np.hypot(x, y), atol=1e-6)
    assert (angle.low, angle.high) == (0, 360)
    (panel,) = v.InputSpace(color=Unit("hidden1", 1)).panels(shown)
    assert panel.color_bar is not None
    assert panel.color_bar.label == "hidden layer 1, unit 2"


@pytest.mark.usefixtures("shared_cache")
def test_an_array_colours_points_as_numbers_or_as_names() -> None:
    """Numbers have a bar, names a legend; a view's own stands above the scene's."""
    numbers, names = np.linspace(3, 5, N), np.array(["a", "b"])[np.arange(N) % 2]
    shown = film(thirds_scene(), color=numbers)

    (own,) = points(shown, v.HiddenSpace(), 0.0)
    (panel,) = v.HiddenSpace(color=names).panels(shown)
    named = points(shown, v.HiddenSpace(color=names), 0.0)

    np.testing.assert_array_equal(own.values, numbers)
    assert (own.low, own.high) == (3, 5)
    assert [entry[0] for entry in panel.legend] == ["a", "b"]
    assert panel.color_bar is None
    assert sum(len(mark.xy) for mark in named) == N
    assert all(mark.values is None for mark in named)


@pytest.mark.usefixtures("shared_cache")
def test_residuals_colour_a_regression_by_their_sign() -> None:
    """Zero is in the middle of the colours, for the whole film."""
    shown = film(FIT, color="residual")
    view = v.HiddenSpace()
    (mark,) = points(shown, view, 0.0)

    given = shown.points("", 0.0)[:, 0] - shown.data.targets[:, 0]
    np.testing.assert_allclose(mark.values, given, rtol=1e-6)
    assert mark.low == -mark.high
    (panel,) = view.panels(shown)
    assert panel.color_bar is not None
    assert panel.color_bar.label == "prediction − target"


@pytest.mark.usefixtures("shared_cache")
def test_labels_and_classes_are_asked_for_by_name() -> None:
    """Where both are there, labels are the usual ones."""
    x, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    labels = np.array(["low", "mid", "top"])[np.arange(40) % 3]
    scene = Scene(
        dataset=datasets.from_arrays(x, y, labels=labels),
        model=models.mlp(2, 2, 1, output="sigmoid"),
        training=Training(epochs=1, loss="bce"),
    )
    shown = film(scene)

    assert [name for name, *_ in v.HiddenSpace(color="label").panels(shown)[0].legend] == [
        "low", "mid", "top",
    ]  # fmt: skip
    assert [name for name, *_ in v.HiddenSpace(color="class").panels(shown)[0].legend] == ["0", "1"]
    np.testing.assert_array_equal(shown.coloring().classes, shown.coloring("label").classes)


@pytest.mark.parametrize(
    ("scene", "color", "says"),
    [
        (RINGS, "clas", "unknown color 'clas'"),
        (RINGS, 3.0, "expected class | label | loss | residual | angle, Input"),
        (RINGS, [1.0, 2.0], "color= has 2 values: expected one for each of the"),
        (RINGS, "label", "the data have no labels"),
        (RINGS, "residual", "is of a regression of one output"),
        (RINGS, Input("z"), "unknown input 'z'"),
        (RINGS, Unit("hidden1", 9), "'hidden1' has units 0 to"),
        (RINGS, Unit("hiden"), "unknown layer 'hiden'"),
        (FIT, "class", "this scene has no classes"),
        (FIT, "angle", "is of two inputs; this scene has 1"),
    ],
)
@pytest.mark.usefixtures("shared_cache")
def test_a_colour_that_a_scene_has_not_is_refused(scene: Scene, color: Any, says: str) -> None:
    """In one line that says what there is."""
    with pytest.raises(NnanimError) as error:
        film(scene, color=color).coloring()
    assert says in str(error.value)


@pytest.mark.usefixtures("kernels_compiled")
def test_a_scene_file_says_what_colours_its_points(
    scene_file: Callable[..., Path], nnanim: Nnanim, refused: Callable[..., str]
) -> None:
    """In each view that shows points, in space too, and refused before the training."""
    file = scene_file(
        model="models.mlp(2, 3, 1, output='sigmoid')",
        more="color='loss', views=[views.InputSpace(), views.HiddenSpace3D(color='angle')]",
    )
    code, _, err = nnanim("still", file, "-r", "192x108", "-o", "still.png")
    assert code == 0, err

    other = scene_file("other.py", more="color='label'")
    refused("still", other, "-o", "no.png", code=3, says=('color="label"', "have no labels"))


@pytest.mark.usefixtures("shared_cache")
def test_the_plane_of_many_inputs_has_angles_and_all_inputs() -> None:
    """Those of the plane, and any column by its name."""
    x = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    scene = Scene(
        dataset=datasets.from_arrays(x, (x[:, 3] > 0).astype(int)),
        model=models.mlp(4, 2, 1, output="sigmoid"),
        training=Training(epochs=1, loss="bce"),
        plane=Slice(0, 1),
    )
    shown = film(scene)

    np.testing.assert_allclose(shown.coloring(Input(3)).numbers(0.0), x[:, 3], rtol=1e-6)  # type: ignore[misc]
    assert shown.coloring("angle").high == 360
    assert shown.frame(0.0, (160, 90)).any()


def many_classes(count: int) -> Scene:
    """Return a scene of so many classes, twenty samples of each."""
    return Scene(
        dataset=datasets.blobs(n=20 * count, classes=count),
        model=models.mlp(2, 4, 2, count),
        training=Training(epochs=1),
    )


def test_more_classes_than_can_be_told_apart_are_coloured_by_their_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Which is said, before the training; of 24 each has a colour and a shape of its own."""
    with caplog.at_level("WARNING", logger="nnanim"):
        few, shown = (Film(untrained(many_classes(count))) for count in (24, 25))
        (given,) = points(shown, v.HiddenSpace(), 0.0)
        (panel,) = v.HiddenSpace().panels(shown)

    looks = {
        (mark.color[i], mark.shape)
        for mark in points(few, v.HiddenSpace(), 0.0)
        for i in set(mark.index.tolist())
    }
    assert len({(int(color[5:]) % 12, shape) for color, shape in looks}) == 24
    np.testing.assert_array_equal(given.values, shown.labels)
    assert (given.low, given.high) == (0, 24)
    assert panel.color_bar is not None
    assert not [mark for mark in v.HiddenSpace().marks(shown, 0.0)[0] if isinstance(mark, Image)]
    assert "25 classes are more than colour and shape tell apart, 24" in caplog.text


@pytest.mark.parametrize("view", [v.Probability(), v.Surface()])
def test_a_field_of_more_classes_than_can_be_told_apart_says_how_probable_the_best_is(
    view: v.Probability | v.Surface,
) -> None:
    """No colour of a class stands for two of them: a bar says what the shades mean."""
    of_24, of_25 = (Film(untrained(many_classes(count))) for count in (24, 25))
    (few,), (many,) = view.panels(of_24), view.panels(of_25)

    (marks,) = view.marks(of_25, 0.0)
    (field,) = [mark for mark in marks if isinstance(mark, Image | HeightField)]
    shown = field.field if isinstance(field, Image) else field.heights
    roles = [stop.color for stop in field.scale if isinstance(stop, Stop)]

    assert few.color_bar is None
    assert many.color_bar is not None
    assert many.color_bar.label == "probability"
    assert 1 / 25 <= shown.min() < shown.max() < 1
    assert roles
    assert not [role for role in roles if role.startswith("class")]


def test_a_histogram_of_more_classes_than_can_be_told_apart_counts_them_together() -> None:
    """Bars of no class's colour hold all samples."""
    shown = Film(untrained(many_classes(25)))

    ((bars,),) = v.Histogram().marks(shown, 0.0)

    assert isinstance(bars, Bars)
    assert bars.color == "quiet"
    assert bars.heights.sum() == pytest.approx(1.0)


def test_a_histogram_has_all_classes_whatever_colours_the_points() -> None:
    """Ten of them, where points have the colours of their losses."""
    shown = Film(untrained(replace(many_classes(10), color="loss")))

    (bars,) = v.Histogram().marks(shown, 0.0)

    assert len([bar for bar in bars if isinstance(bar, Bars)]) == 10
