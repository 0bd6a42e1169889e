"""Notebook 004: a disk in a ring, and a sine that dies away."""

import itertools
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from docs.notebooks import SCENES
from nnanim import Film, datasets, geometry
from nnanim.film.spans import PANEL_MARGIN
from nnanim.film.switches import pre_activation
from nnanim.marks import Lines, Points, Polygons, Text
from nnanim.recording.record import untrained
from nnanim.scene.files import load
from nnanim.scene.scene import Scene
from nnanim.views.shared_marks import unit_role
from tests.notebooks.shows import Shown, shows

M = TypeVar("M", Lines, Points, Polygons, Text)


def kind(shown: Shown, panel: int, wanted: type[M], share: float = 1.0) -> list[M]:
    """Return the marks of one kind in a panel."""
    return [mark for mark in shown.at(panel, share) if isinstance(mark, wanted)]


def filmed_untrained(scene: Scene) -> Film:
    """Return a scene's film before any training."""
    return Film(untrained(scene))


def lines(shown: Shown, panel: int, color: str, share: float = 1.0) -> list[NDArray[np.floating]]:
    """Return all lines of a colour in a panel."""
    found = [mark for mark in kind(shown, panel, Lines, share) if mark.color == color]
    return [np.asarray(path) for mark in found for path in mark.paths]


def medians(shown: Shown, name: str) -> dict[str, float]:
    """Return the measured median of each case of a question."""
    return {case: found["median"] for case, found in shown.answer(name)["cases"].items()}


# -- classes ---------------------------------------------------------------------------------------


@shows("S4.1")
def a_thousand_points_of_each_class_in_a_disk_and_in_a_ring_around_it(shown: Shown) -> None:
    data = shown.film.data
    radius, label = np.hypot(*data.inputs.T), data.targets[:, 0]

    assert shown.scene.dataset == datasets.disk_and_ring(2_000, seed=100)
    assert (label == 0).sum() == (label == 1).sum() == 1000
    for k, low in ((0, 0.0), (1, 3.0)):
        # The radius is spread evenly over one unit, not the points over the area.
        counts, _ = np.histogram(radius[label == k], np.linspace(low, low + 1, 5))
        assert counts.sum() == 1000
        assert counts.min() > 200


@shows("S4.4")
def any_number_of_layers_and_nodes_and_either_activation(shown: Shown) -> None:
    for hidden, layers, activation, output in (
        (3, 1, "sigmoid", "sigmoid"),
        (4, 3, "relu", "sigmoid"),
        (7, 2, "tanh", "identity"),
    ):
        settings = {"hidden": hidden, "layers": layers, "activation": activation, "output": output}
        scene = load(shown.file, {name: str(value) for name, value in settings.items()})
        network = filmed_untrained(scene).network
        assert tuple(network.widths) == (2, *[hidden] * layers, 1)
        kinds = {network.layer(name).kind.lower() for name in network.hidden}
        assert kinds == {activation}
        assert network.read_out is not None
        assert network.read_out.link == output


@shows("S4.6")
def a_2_5_1_network_of_sigmoids_that_parts_the_classes(shown: Shown) -> None:
    film = shown.film

    assert tuple(film.network.widths) == (2, 5, 1)
    assert film.network.layer("hidden1").kind == "Sigmoid"
    assert film.score(film.epochs) == 1.0
    assert sum(bool(lines(shown, 0, unit_role(unit))) for unit in range(5)) == 5


@shows("S4.7")
def six_relu_units_that_part_the_classes(shown: Shown) -> None:
    film = shown.film

    assert tuple(film.network.widths) == (2, 6, 1)
    assert film.network.layer("hidden1").kind == "ReLU"
    assert film.loss(film.epochs) < 0.01


@shows("S4.10")
def adam_at_0_01_for_a_hundred_epochs_of_the_whole_batch(shown: Shown) -> None:
    training = shown.scene.training

    assert (training.optimizer, training.lr, training.loss) == ("adam", 0.01, "bce")
    assert (training.epochs, training.batch_size) == (100, None)
    assert tuple(shown.film.network.widths) == (2, 2, 1)


@shows("S4.11")
def adam_at_0_001_for_ten_thousand_epochs_of_the_whole_batch(shown: Shown) -> None:
    training = shown.scene.training

    assert (training.optimizer, training.lr, training.loss) == ("adam", 0.001, "bce")
    assert (training.epochs, training.batch_size) == (10_000, None)
    kept = {snapshot.epoch for snapshot in shown.film.snapshots}
    assert kept >= set(range(0, 10_001, 1000))


@shows("S4.14")
def the_classes_as_a_scatter_with_a_legend(shown: Shown) -> None:
    panel, (points,) = shown.panels[0], kind(shown, 0, Points)

    assert panel.legend == (("disk", "class0", "disc"), ("ring", "class1", "disc"))
    np.testing.assert_array_equal(points.xy, shown.film.data.inputs)
    np.testing.assert_array_equal(points.index, shown.film.labels)


@shows("S4.15")
def a_line_for_each_hidden_node_over_the_data(shown: Shown) -> None:
    state = shown.film.state(shown.film.epochs)
    weight, bias = state["hidden1.0.weight"], state["hidden1.0.bias"]

    assert weight.shape == (3, 2)
    assert len(kind(shown, 0, Points)[0].xy) == 2000
    for unit in range(3):
        line, *ticks = lines(shown, 0, unit_role(unit))
        size = np.hypot(*weight[unit])
        assert np.abs(line @ weight[unit] + bias[unit]).max() < 1e-3 * size
        assert np.hypot(*(line[1] - line[0])) > 4
        assert len(ticks) > 5
        assert all(tick[1] @ weight[unit] + bias[unit] > 0 for tick in ticks)


@shows("S4.24")
def three_lines_cut_the_plane_into_seven_regions_each_with_a_code(shown: Shown) -> None:
    film = shown.film
    number, *codes = [mark.text for mark in kind(shown, 0, Text)]

    box = geometry.widen(film.window, PANEL_MARGIN)
    given = film.outputs(
        pre_activation(film, "hidden1"), geometry.cell_middles(box, 500), film.epochs
    )
    seen = {"".join("01"[int(on)] for on in row) for row in np.unique(given > 0, axis=0)}
    assert number == "7 regions"
    assert len(codes) == 7
    assert set(codes) == seen
    inside = film.outputs(pre_activation(film, "hidden1"), film.data.inputs, film.epochs) > 0
    of_disk = {tuple(row) for row in inside[film.labels == 0]}
    assert len(of_disk) == 1
    assert not of_disk & {tuple(row) for row in inside[film.labels == 1]}


@shows("S4.5")
def networks_of_one_two_and_three_sigmoids(shown: Shown) -> None:
    assert [tuple(film.network.widths) for film in shown.films] == [(2, k, 1) for k in (1, 2, 3)]
    for film in shown.films:
        assert film.network.layer("hidden1").kind == "Sigmoid"
        assert film.network.read_out is not None
        assert film.network.read_out.link == "sigmoid"


@shows("S4.13")
def a_logistic_regression_on_logits_beside_a_network_of_three_units(shown: Shown) -> None:
    baseline, network = shown.films

    assert [tuple(film.network.widths) for film in shown.films] == [(2, 1), (2, 3, 1)]
    for film in shown.films:
        assert film.header.loss == "bce_with_logits"
        assert film.network.read_out is not None
        assert film.network.read_out.link == "identity"
    assert baseline.score(baseline.epochs) < 0.6
    assert network.score(network.epochs) == 1.0
    relative = load(SCENES / "sine_fit.py", {"loss": "relative_mse"})
    assert relative.training.loss == "relative_mse"
    median = medians(shown, "S4.13")
    assert median["logistic regression"] < 0.6
    assert median["three hidden units"] == 1.0


@shows("S4.23")
def the_loss_falls_at_three_nodes_when_lines_can_close_around_the_disk(shown: Shown) -> None:
    one, two, three = (film.loss(film.epochs) for film in shown.films)

    assert one > 2 * two
    assert two > 10 * three
    boundaries = [film.boundary(film.epochs) for film in shown.films]
    closed = [any(np.allclose(line[0], line[-1]) for line in lines) for lines in boundaries]
    assert closed == [False, False, True]
    median = medians(shown, "S4.23")
    assert median["hidden = 1"] > 2 * median["hidden = 2"]
    assert median["hidden = 2"] > 10 * median["hidden = 3"]


@shows("S4.25")
def with_relu_the_loss_is_near_zero_from_three_nodes_on(shown: Shown) -> None:
    assert [film.network.widths[1] for film in shown.films] == [1, 2, 3, 6]
    assert {film.network.layer("hidden1").kind for film in shown.films} == {"ReLU"}
    losses = [film.loss(film.epochs) for film in shown.films]
    assert min(losses[:2]) > 0.2
    assert max(losses[2:]) < 0.01
    median = medians(shown, "S4.25")
    assert median["2 units"] > 0.2
    assert max(median[f"{k} units"] for k in range(3, 9)) < 0.01


# -- regression ------------------------------------------------------------------------------------


def is_the_sine(shown: Shown, mirrored: bool) -> None:
    """Assert that the data are the 200 samples, as they are or turned round."""
    x, y = shown.film.data.inputs[:, 0].astype(float), shown.film.data.targets[:, 0]
    np.testing.assert_allclose(x, np.arange(-10, 10, 0.1), atol=1e-5)
    expected = np.sin(3 * x) * np.exp(-x / 8)
    np.testing.assert_allclose(y, expected[::-1] if mirrored else expected, atol=1e-4)


@shows("S4.2")
def two_hundred_samples_of_a_sine_that_dies_away(shown: Shown) -> None:
    is_the_sine(shown, mirrored=False)


@shows("S4.3")
def the_same_samples_turned_round(shown: Shown) -> None:
    is_the_sine(shown, mirrored=True)


@shows("S4.8")
def a_1_10_1_network_and_any_other_number_of_nodes(shown: Shown) -> None:
    network = shown.film.network

    assert tuple(network.widths) == (1, 10, 1)
    assert network.layer("hidden1").kind == "Sigmoid"
    assert network.read_out is not None
    assert network.read_out.link == "identity"
    for hidden in range(1, 11):
        scene = load(shown.file, {"hidden": str(hidden)})
        assert tuple(filmed_untrained(scene).network.widths) == (1, hidden, 1)


@shows("S4.12")
def adam_at_0_01_for_20000_epochs_or_14000_of_the_mirrored_set(shown: Shown) -> None:
    training = shown.scene.training
    mirrored = load(SCENES / "sine_mirrored.py").training

    assert (training.optimizer, training.lr, training.loss) == ("adam", 0.01, "mse")
    assert (training.epochs, training.batch_size) == (20_000, None)
    assert mirrored == replace(training, epochs=14_000, seed=mirrored.seed)


@shows("S4.19")
def the_data_as_a_curve_and_the_prediction(shown: Shown) -> None:
    film = shown.film
    (target,), (curve,) = lines(shown, 0, "class1"), lines(shown, 0, "class0")

    np.testing.assert_allclose(
        target[:, 1], np.sin(3 * target[:, 0]) * np.exp(-target[:, 0] / 8), atol=1e-3
    )
    np.testing.assert_allclose(film.outputs("", curve[:, :1], film.epochs), curve[:, 1:], atol=1e-4)
    middles = (curve[:-1] + curve[1:]) / 2
    chords = film.outputs("", middles[:, :1], film.epochs) - middles[:, 1:]
    assert np.abs(chords).max() < 0.005


def hard(shown: Shown, x: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return what the trained network gives at x with 1 for a unit above 0.5, and 0 for others."""
    state = shown.film.state(shown.film.epochs)
    hidden = shown.film.outputs("hidden1", x[:, None], shown.film.epochs)
    on = np.where(hidden > 0.5, 1.0, 0.0)
    return np.asarray(on @ state["output.0.weight"][0] + state["output.0.bias"][0])


def is_hard(shown: Shown) -> None:
    """Assert that the stairs are the trained network with its units replaced."""
    (steps,) = lines(shown, 0, "ink")
    corners = steps.reshape(-1, 2, 2)
    wide = corners[np.ptp(corners[:, :, 0], axis=1) > 1e-3]
    assert len(wide) > 5
    middles = wide[:, :, 0].mean(axis=1)
    np.testing.assert_allclose(wide[:, 0, 1], hard(shown, middles), atol=1e-3)
    np.testing.assert_array_equal(wide[:, 0, 1], wide[:, 1, 1])


@shows("S4.9", "S4.28")
def the_trained_network_with_its_units_replaced_by_a_hard_threshold(shown: Shown) -> None:
    assert tuple(shown.film.network.widths) == (1, 10, 1)
    is_hard(shown)


@shows("S4.20", "S4.21")
def data_prediction_and_hard_prediction_in_one_panel(shown: Shown) -> None:
    film = shown.film
    is_the_sine(shown, mirrored=shown.file.stem == "sine_mirrored")
    is_hard(shown)
    (target,), (curve,) = lines(shown, 0, "class1"), lines(shown, 0, "class0")
    np.testing.assert_allclose(target[:, 1:], film.data.targets, atol=1e-6)
    np.testing.assert_allclose(film.outputs("", curve[:, :1], film.epochs), curve[:, 1:], atol=1e-4)
    names = [("target", "class1"), ("network", "class0"), ("hard threshold", "ink")]
    assert shown.panels[0].legend == tuple((*pair, "line") for pair in names)


@shows("S4.22")
def a_tick_for_every_unit_at_its_threshold_and_what_it_adds(shown: Shown) -> None:
    film = shown.film
    state = film.state(film.epochs)
    weight, bias = state["hidden1.0.weight"][:, 0], state["hidden1.0.bias"]
    expected = {round(float(x), 2) for x in -bias / weight if -10 <= x <= 10}

    ticks = [path for unit in range(10) for path in lines(shown, 0, unit_role(unit))]
    assert {round(float(path[0, 0]), 2) for path in ticks} == expected
    assert len(expected) >= 6
    assert len(kind(shown, 1, Polygons)) == 10
    rows = [lines(shown, 1, unit_role(unit))[0] for unit in range(10)]
    given = film.outputs("", rows[0][[0, -1], :1], film.epochs)[:, 0]
    rises = sum(float(row[-1, 1] - row[0, 1]) for row in rows)
    hidden = film.outputs("hidden1", rows[0][[0, -1], :1], film.epochs)
    share = float(hidden[1, 0] - hidden[0, 0]) * float(state["output.0.weight"][0, 0])
    scale = (rows[0][-1, 1] - rows[0][0, 1]) / share
    np.testing.assert_allclose(rises / scale, given[1] - given[0], atol=0.05)


@shows("S4.27")
def one_to_ten_nodes_each_with_a_lower_loss_than_most_before(shown: Shown) -> None:
    assert [film.network.widths[1] for film in shown.films] == list(range(1, 11))
    losses = [film.loss(film.epochs) for film in shown.films]
    assert losses[-1] == min(losses)
    assert losses[0] == max(losses)
    assert sum(b < a for a, b in itertools.pairwise(losses)) >= 7
    median = medians(shown, "S4.27")
    falling = [median[f"hidden = {k}"] for k in range(1, 11)]
    assert falling == sorted(falling, reverse=True)


@shows("S4.29")
def the_end_with_the_high_waves_fits_unless_the_error_is_relative(shown: Shown) -> None:
    squared, mirrored, relative = shown.films
    assert relative.header.loss == "relative_mse"
    np.testing.assert_allclose(mirrored.data.targets, squared.data.targets[::-1], atol=1e-6)

    def shares(film: Film) -> tuple[float, float]:
        """Return the error's share of the size of the target, left and right of the middle."""
        error = np.abs(film.points("", film.epochs) - film.data.targets)[:, 0]
        size, half = np.abs(film.data.targets)[:, 0], len(error) // 2
        left, right = slice(None, half), slice(half, None)
        return float(error[left].sum() / size[left].sum()), float(
            error[right].sum() / size[right].sum()
        )

    (left, right), (left_turned, right_turned) = shares(squared), shares(mirrored)
    assert left < 0.5 * right
    assert right_turned < 0.5 * left_turned
    assert shares(relative)[1] < 0.8 * right
    median = medians(shown, "S4.29")
    assert median["as it is, left half"] > 0.9 > 0.5 > median["as it is, right half"]
    assert median["mirrored, right half"] > 0.9 > 0.5 > median["mirrored, left half"]
    assert median["relative error, right half"] > median["as it is, right half"] + 0.3
