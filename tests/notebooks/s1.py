"""Notebook 001: a line through two hidden units."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from docs.notebooks import SCENES
from nnanim import Comparison, datasets
from nnanim.marks import Lines, Points
from nnanim.rendering.pages import knobs_of
from nnanim.scene.files import declared, load
from tests.notebooks.shows import Shown, shows

M = TypeVar("M", Lines, Points)

THREE_PANELS = ["Input", "Hidden layer 1", "Output"]
ACTIVATIONS = {"line_tanh": "Tanh", "line_identity": "Linear", "line_relu": "ReLU"}


def whole(scene: str) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return all x and classes of a scene's data, of both parts, from left to right."""
    data = load(SCENES / f"{scene}.py").dataset.arrays(0)
    x = np.concatenate([data.inputs, data.test_inputs])[:, 0]
    y = np.concatenate([data.targets, data.test_targets])[:, 0]
    order = np.argsort(x)
    return x[order], y[order]


@shows("S1.1")
def a_line_of_1800_points_whose_middle_third_is_class_1_with_and_without_a_gap(
    shown: Shown,
) -> None:
    x, y = whole("line_tanh")
    np.testing.assert_allclose(x, np.linspace(-1, 1, 1800), atol=1e-6)
    np.testing.assert_array_equal(y == 1, np.abs(x) < 1 / 3)

    x, y = whole("line_gap")
    assert shown.file.stem == "line_gap"
    assert np.abs(x[y == 1]).max() <= 1 / 3 + 1e-6
    assert np.abs(x[y == 0]).min() >= 2 / 3 - 1e-6
    assert np.abs(x).max() == 1


@shows("S1.2")
def a_train_part_of_900_drawn_from_seed_2(shown: Shown) -> None:
    data = shown.film.data

    assert len(data.inputs) == len(data.test_inputs) == 900
    assert len(np.unique(whole("line_tanh")[0])) == 1800
    assert shown.scene.dataset == datasets.line(seed=2)
    other = load(SCENES / "line_tanh.py").dataset.arrays(77)
    np.testing.assert_array_equal(other.inputs, data.inputs)


@shows("S1.3", "S1.4", "S1.5")
def a_1_2_1_network_of_this_activation_with_a_logistic_output(shown: Shown) -> None:
    network = shown.film.network

    assert tuple(network.widths) == (1, 2, 1)
    assert network.layer("hidden1").kind == ACTIVATIONS[shown.file.stem]
    assert network.read_out is not None
    assert network.read_out.link == "sigmoid"
    assert [panel.title for panel in shown.panels] == THREE_PANELS


@shows("S1.6")
def sgd_at_0_02_from_seed_1_with_iterations_1_to_1401_in_steps_of_100(shown: Shown) -> None:
    training = shown.scene.training

    assert (training.optimizer, training.lr, training.seed) == ("sgd", 0.02, 1)
    assert (training.momentum, training.nesterov, training.batch_size) == (0.9, True, 200)
    kept = {snapshot.epoch for snapshot in shown.film.snapshots}
    assert kept >= set(range(1, 1402, 100))
    assert load(SCENES / "line_tanh.py", {"iterations": "400"}).training.epochs == 400


@shows("S1.7")
def the_data_spread_upwards_at_random_by_half_a_unit_coloured_by_class(shown: Shown) -> None:
    panel, (points,) = shown.panels[0], kind(shown, 0, Points)

    assert panel.y == (-3, 3)
    assert abs(points.xy[:, 1].std() - 0.5) < 0.03
    assert abs(points.xy[:, 1].mean()) < 0.05
    np.testing.assert_array_equal(points.index, shown.film.labels)
    np.testing.assert_array_equal(points.xy, kind(shown, 0, Points, 0.0)[0].xy)
    assert panel.legend == (("outside", "class0", "disc"), ("inside", "class1", "disc"))


@shows("S1.8")
def input_hidden_space_and_output_side_by_side(shown: Shown) -> None:
    assert [panel.title for panel in shown.panels] == THREE_PANELS
    assert shown.panels[2].x == (0, 1)
    assert len(shown.scene.rows) == 1

    film = shown.film
    (hidden,), (output,) = kind(shown, 1, Points), kind(shown, 2, Points)
    np.testing.assert_allclose(hidden.xy, film.points("hidden1", film.epochs), atol=1e-6)
    np.testing.assert_allclose(output.xy[:, 0], film.points("", film.epochs)[:, 0], atol=1e-6)
    boundary = [mark for mark in kind(shown, 1, Lines) if mark.color == "boundary"]
    assert sum(len(mark.paths) for mark in boundary) == 1


def kind(shown: Shown, panel: int, wanted: type[M], share: float = 1.0) -> list[M]:
    """Return the marks of one kind in a panel."""
    return [mark for mark in shown.at(panel, share) if isinstance(mark, wanted)]


@shows("S1.9")
def a_page_has_knobs_for_iterations_and_activation(shown: Shown) -> None:
    made = declared(SCENES / "line_control.py")
    assert isinstance(made, Comparison)
    knobs = knobs_of(made)
    assert knobs is not None
    assert dict(knobs.values) == {"activation": ["tanh", "identity", "relu"]}
    assert [film.network.layer("hidden1").kind for film in shown.films] == [
        "Tanh",
        "Linear",
        "ReLU",
    ]
    for film in shown.films:
        assert film.epochs == 1401  # all of which a page scrubs through


@shows("S1.10")
def tanh_and_relu_bend_the_line_until_a_cut_parts_it_and_identity_never_does(shown: Shown) -> None:
    kinds = [film.network.layer("hidden1").kind for film in shown.films]
    assert kinds == ["Tanh", "Linear", "ReLU"]
    for film, bent in zip(shown.films, (True, False, True), strict=True):
        hidden = film.points("hidden1", film.epochs).astype(float)
        singular = np.linalg.svd(hidden - hidden.mean(axis=0), compute_uv=False)
        assert (singular[1] > 0.05 * singular[0]) == bent  # else all lies on one straight line
        assert (film.score(film.epochs) > 0.99) == bent
        assert film.score(1) < 0.7  # only a long training gets there

    cases = shown.answer("S1.10")["cases"]
    share = {name: case["share"] for name, case in cases.items()}
    assert share["tanh, 1401 iterations"] > share["tanh, 101 iterations"] > 0
    assert share["relu, 1401 iterations"] > share["relu, 101 iterations"] > 0
    assert share["identity, 1401 iterations"] == share["identity, 101 iterations"] == 0
