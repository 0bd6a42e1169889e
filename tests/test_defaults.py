"""What a film shows whose scene names no views, and what an error advises: both can be drawn."""

import re
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim import Film, Scene, Slice, Training, datasets, models, views
from nnanim.dataset import Dataset
from nnanim.errors import SceneError
from nnanim.marks import Lines, Points
from nnanim.recording.record import untrained
from nnanim.recording.recording import Recording
from nnanim.rendering.filming import renderer_of
from nnanim.types import Floats
from nnanim.views import Arrows, Fit, OutputSpace, Parity
from nnanim.views.default import default_views
from tests.pictures import look
from tests.recordings import Given

N = 60


def inputs(width: int) -> Floats:
    """Return some samples."""
    return np.random.default_rng(width).normal(size=(N, width)).astype(np.float32)


def numbers(width: int, outputs: int) -> NDArray[np.floating]:
    """Return fractions that depend on the samples."""
    return np.sin(inputs(width) @ np.linspace(0.3, 2, width * outputs).reshape(width, outputs))


# Widths of the network and what it learns -> the views of its film.
KINDS: dict[str, tuple[tuple[int, ...], str, list[str]]] = {
    "curve": ((1, 4, 1), "regression", ["Fit"]),
    "curve of two outputs": ((1, 4, 2), "regression", ["Fit", "OutputSpace"]),
    "curve of three outputs": ((1, 4, 3), "regression", ["Fit"]),
    "surface": ((2, 4, 1), "regression", ["Surface", "HiddenSpace"]),
    "field": ((2, 4, 2), "regression", ["Arrows", "HiddenSpace"]),
    "three outputs over a plane": ((2, 4, 3), "regression", ["Parity", "HiddenSpace"]),
    "features": ((6, 4, 1), "regression", ["Parity", "HiddenSpace"]),
    "features to two outputs": ((6, 4, 2), "regression", ["Parity", "HiddenSpace"]),
    "linear regression": ((6, 1), "regression", ["Parity"]),
    "linear surface": ((2, 1), "regression", ["Surface"]),
    "two classes in the plane": ((2, 4, 1), "binary", ["InputSpace", "HiddenSpace"]),
    "three classes in the plane": ((2, 4, 3), "classes", ["InputSpace", "HiddenSpace"]),
    "classes of features": ((6, 4, 3), "classes", ["HiddenSpace", "Histogram"]),
    "classes on a line": ((1, 4, 3), "classes", ["HiddenSpace", "Histogram"]),
    "two classes of features": ((6, 1, 1), "binary", ["HiddenSpace", "Histogram"]),
    "logistic regression": ((6, 1), "binary", ["Histogram"]),
    "autoencoder": ((6, 4, 2, 4, 6), "none", ["HiddenSpace"]),
    "embedding": ((6, 4, 2), "none", ["HiddenSpace"]),
    "linear embedding": ((6, 2), "none", ["HiddenSpace"]),
}


@cache
def film_of(kind: str) -> Film:
    """Return the film of an untrained network that learns such a thing."""
    (width, *hidden, outputs), task, _ = KINDS[kind]
    x, labels = inputs(width), np.arange(N) % max(outputs, 2)
    data: Dataset
    loss = {"binary": "bce", "classes": "cross_entropy"}.get(task, "mse")
    if task == "regression":
        data = datasets.from_arrays(x, numbers(width, outputs), task="regression")
    elif outputs == width:
        data = datasets.from_arrays(x, labels=labels)
    elif task == "none":
        window = tuple((-3.0, 3.0) for _ in range(width))
        data = Given(x, numbers(width, outputs).astype(np.float32), "none", window)
    else:
        data = datasets.from_arrays(x, labels)
    end = "sigmoid" if task == "binary" else "identity"
    model = models.mlp(width, *hidden, outputs, output=end)
    training = Training(epochs=1, loss=loss, optimizer="sgd", lr=0.01)
    return Film(untrained(Scene(dataset=data, model=model, training=training)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(320, 180), (192, 108)])
def test_whatever_a_film_holds_it_has_views_that_can_be_drawn(
    kind: str, size: tuple[int, int]
) -> None:
    """None of them refuses itself; target and prediction are among what they show."""
    film = film_of(kind)

    rows = default_views(film)

    assert [type(view).__name__ for row in rows for view in row] == KINDS[kind][2]
    assert renderer_of(film, look(size)).frame(0.0).any()


@pytest.mark.parametrize(
    ("kind", "layer"),
    [("autoencoder", "hidden2"), ("embedding", "output"), ("linear embedding", "output")],
)
def test_where_nothing_is_predicted_the_narrowest_layer_is_looked_at(kind: str, layer: str) -> None:
    """The bottleneck of an autoencoder, the output of an embedding; what a scene names stays."""
    film = film_of(kind)
    scene = film.recording.scene

    assert film.layer.split(".")[0] == layer
    assert isinstance(scene, Scene)
    assert isinstance(film.recording, Recording)


NAMES = [name for name in views.__all__ if name != "Strip"]


@pytest.mark.parametrize(("kind", "name"), list(product(KINDS, NAMES)))
def test_an_error_advises_what_can_be_drawn(kind: str, name: str) -> None:
    """Each view draws a film, or says so in one line whose every proposal draws it."""
    film = film_of(kind)
    try:
        view = getattr(views, name)()
        assert len(view.panels(film)) == len(view.marks(film, 0.0))
    except SceneError as error:
        told = str(error)
    else:
        return

    assert "\n" not in told
    told, _, planed = told.partition(", or give the scene plane=")
    if planed:
        scene = film.recording.scene
        assert isinstance(scene, Scene)
        shown = Film(
            replace(film.recording, scene=replace(scene, plane=eval(planed, {"Slice": Slice})))
        )
        assert len(view.panels(shown)) == len(view.marks(shown, 0.0)) > 0
    _, _, advised = told.partition(": use ")
    for proposal in re.findall(r"\w+(?:\([^)]*\))?", advised):
        if proposal != "or":
            other = eval(f"views.{proposal if '(' in proposal else f'{proposal}()'}")
            assert len(other.panels(film)) == len(other.marks(film, 0.0)) > 0
    for layer in re.findall(r"layer='([^']*)'", told.partition("give ")[2]):
        assert getattr(views, name)(layer=layer).panels(film)


def test_a_view_that_cannot_show_six_features_names_those_that_can() -> None:
    """Not one that would refuse as well."""
    with pytest.raises(SceneError, match="6 inputs and the task classes") as error:
        views.InputSpace().panels(film_of("classes of features"))

    assert str(error.value).endswith(
        ": use HiddenSpace, Network or Histogram, or give the scene plane=Slice(0, 1)"
    )


def test_arrows_stand_where_the_samples_are() -> None:
    """One in a cell at most; targets and predictions to one scale."""
    film = film_of("field")

    true, predicted = Arrows(side=30).marks(film, 0.0)[0]

    assert isinstance(true, Lines)
    assert isinstance(predicted, Lines)
    data = film.data
    given = film.points("", 0.0)
    places = {tuple(place): k for k, place in enumerate(data.inputs.round(5).tolist())}
    longest = np.hypot(*data.targets.T).max()
    scale = 1.5 * np.ptp(film.window, axis=1).min() / 30 / longest
    assert len(true.paths) == len(predicted.paths) > 30
    for mark, vectors in ((true, data.targets), (predicted, given)):
        for path in mark.paths:
            k = places[tuple(path[0].astype(np.float32).round(5).tolist())]
            np.testing.assert_allclose(path[1] - path[0], scale * vectors[k], atol=1e-5)
            np.testing.assert_array_equal(path[1], path[3])


def test_parity_sets_the_prediction_over_the_target() -> None:
    """Each output has a colour, and the diagonal is where both are one."""
    film = film_of("three outputs over a plane")

    diagonal, *outputs = Parity().marks(film, 0.0)[0]

    assert isinstance(diagonal, Lines)
    np.testing.assert_array_equal(diagonal.paths[0][:, 0], diagonal.paths[0][:, 1])
    given = film.points("", 0.0)
    assert len({mark.color for mark in outputs}) == 3  # type: ignore[union-attr]
    for k, mark in enumerate(outputs):
        assert isinstance(mark, Points)
        np.testing.assert_allclose(mark.xy[:, 0], film.data.targets[:, k])
        np.testing.assert_allclose(mark.xy[:, 1], given[:, k], atol=1e-6)
    assert len(Parity().panels(film)[0].legend) == 3


def test_the_test_part_is_what_parity_shows_where_there_is_one() -> None:
    """As the score is of it."""
    x, y = inputs(5), numbers(5, 1)
    data = datasets.from_arrays(x, y, test=(x[:7] + 1, y[:7] + 2))
    model, training = models.mlp(5, 3, 1), Training(epochs=1, lr=0.1)
    film = Film(untrained(Scene(dataset=data, model=model, training=training)))

    _, mark = Parity().marks(film, 0.0)[0]

    assert isinstance(mark, Points)
    np.testing.assert_allclose(mark.xy[:, 0], y[:7, 0] + 2, atol=1e-6)
    assert Parity().panels(film)[0].subtitle == "test samples"


def test_the_output_space_shows_a_curve_over_one_input_and_points_over_more() -> None:
    """The curve runs over the input window; a line joins each point to its target."""
    film = film_of("curve of two outputs")
    wanted, curve = OutputSpace().marks(film, 0.0)[0]
    assert isinstance(wanted, Points)
    assert isinstance(curve, Lines)
    np.testing.assert_array_equal(wanted.xy, film.data.targets)
    ends = film.outputs("", film.window.T.astype(np.float32), 0.0)
    np.testing.assert_allclose(curve.paths[0][[0, -1]], ends, atol=1e-5)

    film = film_of("features to two outputs")
    joined, wanted, given = OutputSpace().marks(film, 0.0)[0]
    assert isinstance(joined, Lines)
    assert isinstance(given, Points)
    np.testing.assert_allclose(given.xy, film.points("", 0.0), atol=1e-6)
    np.testing.assert_array_equal(np.stack(joined.paths)[:, 0], film.data.targets)


def test_a_fit_of_several_outputs_has_a_curve_and_a_colour_for_each() -> None:
    """The network's own answers, beside the samples of the same colour."""
    film = film_of("curve of three outputs")

    marks = Fit().marks(film, 0.0)[0]

    curves = [mark for mark in marks if isinstance(mark, Lines)]
    samples = [mark for mark in marks if isinstance(mark, Points)]
    assert [c.color for c in curves] == [s.color for s in samples] == ["class0", "class1", "class2"]
    for k, (curve, points) in enumerate(zip(curves, samples, strict=True)):
        across = curve.paths[0][:, :1].astype(np.float32)
        np.testing.assert_allclose(
            curve.paths[0][:, 1], film.outputs("", across, 0.0)[:, k], atol=1e-5
        )
        np.testing.assert_array_equal(points.xy[:, 1], film.data.targets[:, k])
