"""Fields over the plane of inputs: heat maps, counts, probabilities, singular values."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from nnanim import Film, Scene, Training, datasets, models
from nnanim.errors import SceneError
from nnanim.geometry import cell_middles
from nnanim.marks import Image, Lines, Mark, Points
from nnanim.recording.record import untrained
from nnanim.types import Floats
from nnanim.view import View
from nnanim.views import Activations, ActiveUnits, Jacobian, Prediction, Probability
from tests.recordings import RINGS, bent_film, fit_film, normed_film, rings_film, thirds_film

T = 2.0


def images(marks: Sequence[Mark]) -> list[Image]:
    """Return the images among the marks."""
    return [mark for mark in marks if isinstance(mark, Image)]


def differences(film: Film, layer: str, inputs: Floats) -> Floats:
    """Return the Jacobians (n, units, inputs) of a layer by differences across small steps."""
    moment, step = film.moment(T), 2e-3
    columns = [
        film.outputs(layer, inputs + e, moment) - film.outputs(layer, inputs - e, moment)
        for e in step * np.eye(2)
    ]
    return np.stack(columns, axis=2).astype(np.float64) / (2 * step)


def test_activations_have_a_panel_for_each_unit_and_one_colour_bar() -> None:
    """Over the input window, all in the bounds of the activation."""
    film = rings_film()
    panels = Activations("hidden1").panels(film)

    assert [panel.title for panel in panels] == ["unit 1", "unit 2", "unit 3"]
    assert {(panel.x, panel.y) for panel in panels} == {tuple(map(tuple, film.window.tolist()))}
    bars = [panel.color_bar for panel in panels]
    assert bars[:2] == [None, None]
    assert bars[2] is not None
    assert (bars[2].low, bars[2].high) == (-1.0, 1.0)
    assert len(Activations().panels(film)) == 2


def test_a_heat_maps_corners_are_the_networks_values_there() -> None:
    """The first input runs to the right, the second up: each corner by a pass of its own."""
    film = rings_film()
    (x0, x1), (y0, y1) = film.window
    half = (x1 - x0) / 200
    marks = Activations("hidden1", side=100).marks(film, T)

    for row, y in ((0, y0 + half), (-1, y1 - half)):
        for column, x in ((0, x0 + half), (-1, x1 - half)):
            given = film.outputs("hidden1", np.array([[x, y]]), film.moment(T))[0]
            for unit in range(3):
                (image,) = images(marks[unit])
                assert image.field[row, column] == pytest.approx(given[unit], abs=1e-6)
                assert image.extent == (x0, x1, y0, y1)


def test_activations_without_bounds_have_those_of_the_whole_run() -> None:
    """The same at every time; nothing but rare values lies beyond."""
    model = models.mlp(2, 4, 1, activation="relu", output="sigmoid")
    film = Film(untrained(replace(RINGS, model=model)))
    view = Activations()

    limits = {(im.low, im.high) for t in (0, 3) for m in view.marks(film, t) for im in images(m)}

    ((low, high),) = limits
    values = film.image(film.layer, 0.0)
    assert low == pytest.approx(0, abs=1e-6)
    assert high <= values.max()
    assert (values > high).mean() <= 0.006


def test_chosen_units_alone_are_shown() -> None:
    """In the order given; one that is not there is an error."""
    film = rings_film()
    marks = Activations("hidden1", units=(2, 0), boundary=False).marks(film, T)
    whole = Activations("hidden1", boundary=False).marks(film, T)

    np.testing.assert_array_equal(images(marks[0])[0].field, images(whole[2])[0].field)
    assert len(marks[0]) == 1
    with pytest.raises(SceneError, match="has units 0 to 2"):
        Activations("hidden1", units=(3,)).panels(film)


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity", "sigmoid"])
def test_active_units_are_counted_as_a_loop_does(activation: str) -> None:
    """Above 0, a sigmoid's above 1/2, in all hidden layers together."""
    model = models.mlp(2, 3, 4, 1, activation=activation, output="sigmoid")
    film = Film(untrained(replace(RINGS, model=model)))
    (marks,) = ActiveUnits(side=12).marks(film, T)

    (image,) = images(marks)
    for i, x in enumerate(cell_middles(film.window, 12)):
        count = 0
        for layer in ("hidden1", "hidden2"):
            for value in film.outputs(layer, x[None], film.moment(T))[0]:
                count += bool(value > (0.5 if activation == "sigmoid" else 0.0))
        assert image.field.ravel()[i] == count
    assert (image.low, image.high) == (0, 7)


def test_without_count_activations_are_summed() -> None:
    """Of the chosen layers, in limits of the whole run."""
    film = rings_film()
    view = ActiveUnits(("hidden1",), count=False, side=9)
    (image,) = images(view.marks(film, T)[0])

    given = film.outputs("hidden1", cell_middles(film.window, 9), film.moment(T))
    np.testing.assert_allclose(image.field.ravel(), given.sum(axis=1), atol=1e-5)
    assert image.low < image.high
    assert view.panels(film)[0].title == "Sum of activations"


def test_the_probability_is_the_networks_own_output() -> None:
    """On 200 × 200 points, a margin of 0.2 beyond the window, with a bar from 0 to 1."""
    film = rings_film()
    (panel,) = Probability().panels(film)
    (image,) = images(Probability().marks(film, T)[0])

    box = film.window + np.array([-0.2, 0.2])
    assert (panel.x, panel.y) == tuple(map(tuple, box.tolist()))
    assert image.field.shape == (200, 200)
    given = film.outputs("", cell_middles(box, 200), film.moment(T))[:, 0]
    np.testing.assert_allclose(image.field.ravel(), given, atol=1e-5)
    assert isinstance(image.scale, tuple)
    assert len({stop.position for stop in image.scale}) == 51
    assert panel.color_bar is not None
    assert (panel.color_bar.scale, panel.color_bar.low, panel.color_bar.high) == (image.scale, 0, 1)


def test_the_decision_line_parts_the_signs_of_the_logit() -> None:
    """A step to either side of it, the logit has either sign."""
    film = bent_film()
    (marks,) = Probability().marks(film, 0.0)
    (line,) = [mark for mark in marks if isinstance(mark, Lines)]
    points = np.concatenate([(path[1:] + path[:-1]) / 2 for path in line.paths])
    along = np.concatenate([path[1:] - path[:-1] for path in line.paths])
    along /= np.hypot(*along.T)[:, None]
    step = 0.01 * np.stack([-along[:, 1], along[:, 0]], axis=1)

    left, right = (film.scores(points + s, 0.0)[:, 0] for s in (step, -step))

    assert len(points) > 20
    assert (left * right < 0).mean() > 0.97


def test_data_lie_on_the_probability_with_dark_edges() -> None:
    """Each point on a larger one of the ground's colour."""
    (marks,) = Probability().marks(rings_film(), T)
    dots = [mark for mark in marks if isinstance(mark, Points)]

    edges, fills = dots[: len(dots) // 2], dots[len(dots) // 2 :]
    assert [(e.color, e.size > f.size) for e, f in zip(edges, fills, strict=True)] == [
        ("ground", True)
    ] * len(fills)
    assert sum(len(mark.xy) for mark in fills) == 200


@pytest.mark.parametrize("filmed", [rings_film, normed_film], ids=["tanh", "batch norm"])
def test_singular_values_are_those_of_finite_differences(filmed: object) -> None:
    """By numpy's SVD of differences of the layer's outputs in double steps."""
    film: Film = filmed()  # type: ignore[operator]
    layer = film.network.hidden[0]
    view = Jacobian(layer, side=7, window=1.5)
    smallest, largest = (images(marks)[0].field.ravel() for marks in view.marks(film, T))

    matrices = differences(film, layer, cell_middles(np.array([[-1.5, 1.5]] * 2), 7))
    values = np.linalg.svd(matrices, compute_uv=False)
    np.testing.assert_allclose(10**largest, values[:, 0], rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(10**smallest, values[:, -1], rtol=2e-2, atol=5e-4)


def test_the_gradient_is_that_of_the_networks_own_output() -> None:
    """A third panel, by finite differences."""
    film = rings_film()
    marks = Jacobian("hidden1", gradient=True, side=7).marks(film, T)
    norm = np.hypot(*differences(film, "", cell_middles(film.window, 7))[:, 0].T)

    assert len(marks) == len(Jacobian("hidden1", gradient=True).panels(film)) == 3
    np.testing.assert_allclose(10 ** images(marks[2])[0].field.ravel(), norm, rtol=1e-2, atol=2e-4)


def test_the_folded_side_of_two_units_is_shaded() -> None:
    """Where the determinant is negative; a layer of three units has none."""
    film = bent_film()
    matrices = differences(film, "hidden2", cell_middles(film.window, 40))
    determinants = np.linalg.det(matrices).reshape(40, 40)
    folded, sure = determinants < 0, np.abs(determinants) > 1e-5

    marks = Jacobian("hidden2", side=40).marks(film, T)

    assert 20 < folded[sure].sum() < sure.sum() - 20
    for panel in marks:
        (_, shade) = images(panel)
        np.testing.assert_array_equal((shade.field > 0)[sure], folded[sure])
        assert any(isinstance(mark, Lines) for mark in panel)
    assert len(images(Jacobian("hidden1").marks(film, T)[0])) == 1


def test_the_window_can_be_any_part_of_the_plane() -> None:
    """A number reaches as far to all sides; else an interval for each input."""
    film = rings_film()

    square = Jacobian(window=2.0).panels(film)[0]
    oblong = Jacobian(window=((-1, 1), (0, 3))).panels(film)[0]

    assert (square.x, square.y) == ((-2, 2), (-2, 2))
    assert (oblong.x, oblong.y) == ((-1, 1), (0, 3))


@pytest.mark.parametrize("view", [Activations(), ActiveUnits(), Probability(), Jacobian()])
def test_a_field_over_one_input_is_an_error(view: View) -> None:
    """It says what the scene has."""
    with pytest.raises(SceneError, match="two inputs"):
        view.panels(fit_film())


def test_three_classes_have_filled_contours_each_where_it_wins() -> None:
    """The fuller the more probable, with the line between them; a legend says which is which."""
    film, view = thirds_film(), Probability(side=90)
    (marks,), (panel,) = view.marks(film, T), view.panels(film)

    fields = np.stack([image.field for image in images(marks)])
    (line,) = [mark for mark in marks if isinstance(mark, Lines)]

    box = film.window + np.array([-0.2, 0.2])
    assert film.decision is not None
    scores = film.scores(cell_middles(box, 90), film.moment(T))
    probability = film.decision.probability(scores)
    assert ((fields > 0).sum(axis=0) <= 1).all()
    sure = ((3 * probability.max(axis=1) - 1) / 2).reshape(90, 90)
    np.testing.assert_allclose(fields.max(axis=0), sure, atol=1e-6)
    best = np.sort(film.scores(np.concatenate(line.paths), film.moment(T)), axis=1)
    assert (best[:, 2] - best[:, 1]).max() < 0.05
    assert len(panel.legend) == 3
    assert panel.color_bar is None


def hills_film() -> Film:
    """Return a regression of one number of two inputs."""
    x = np.random.default_rng(0).uniform(-1, 1, (300, 2))
    scene = Scene(
        dataset=datasets.from_arrays(x, np.sin(3 * x[:, 0]) * x[:, 1], task="regression"),
        model=models.mlp(2, 12, 1),
        training=Training(epochs=1),
    )
    return Film(untrained(scene))


def test_a_prediction_over_two_inputs_has_the_colours_of_its_targets() -> None:
    """In steps of the targets' span; each sample in the colour of its own, with a dark edge."""
    film, view = hills_film(), Prediction(levels=10, side=40)
    (panel,), (marks,) = view.panels(film), view.marks(film, T)
    (image,), (edge, data) = images(marks), [mark for mark in marks if isinstance(mark, Points)]
    targets = film.data.targets[:, 0]

    bar = panel.color_bar
    assert bar is not None
    assert (bar.low, bar.high) == (image.low, image.high) == (targets.min(), targets.max())
    (x0, x1), (y0, y1) = panel.x, panel.y
    row, column = 7, 31
    at = np.array([[x0 + (column + 0.5) / 40 * (x1 - x0), y0 + (row + 0.5) / 40 * (y1 - y0)]])
    given = film.outputs("", at, film.moment(T))[0, 0]
    assert abs(image.field[row, column] - given) <= (bar.high - bar.low) / 20 + 1e-6
    np.testing.assert_array_equal(data.values, targets)
    assert (data.low, data.high, data.scale) == (image.low, image.high, image.scale)
    assert (edge.color, edge.values) == ("ground", None)
    assert edge.size > data.size


@pytest.mark.parametrize("film", [fit_film, rings_film])
def test_a_prediction_is_of_one_number_of_two_inputs(film: Callable[[], Film]) -> None:
    """What else there is is refused, with views that can show it."""
    with pytest.raises(SceneError, match="Prediction shows regression of one output over two"):
        Prediction().panels(film())
