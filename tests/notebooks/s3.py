"""Notebook 003: what narrow networks cannot embed."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from torch import nn

from nnanim import record, views
from nnanim.film.film import Film
from nnanim.marks import Image, Lines, Mark, Points, Polygons, Text
from nnanim.network.jacobian import jacobian_of
from tests.notebooks.shows import Shown, shows

NETS = {
    "embedding_width_2": (15 * (2,), "Tanh"),
    "embedding_bottleneck": ((*13 * (2,), 1, 2), "Tanh"),
    "embedding_width_3": ((3, 3), "Tanh"),
    "embedding_relu": (15 * (2,), "ReLU"),
}


def badges(shown: Shown) -> list[str]:
    """Return what the badge says, at 25 times of the film."""
    found = []
    for share in np.linspace(0, 1, 25):
        found += [m.text for m in shown.at("Input space", share) if isinstance(m, Text)]
    return found


def tunnel(film: Film, moment: float) -> float:
    """Return how much of a circle amid the ring the network gives to the disk."""
    turn = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    circle = 0.75 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    assert film.decision is not None
    return float((film.decision.margin(film.scores(circle, moment)) < 0).mean())


@shows("S3.1")
def four_clouds_about_the_corners_of_a_square(shown: Shown) -> None:
    data = shown.film.data
    inputs = np.concatenate([data.inputs, data.test_inputs])
    labels = np.concatenate([data.targets, data.test_targets])[:, 0]
    corners = inputs > 0

    assert (len(inputs), len(data.test_inputs)) == (2000, 400)
    assert shown.film.header.batch_size == 128
    # Nearest to its corner lie nearly all of a cloud: half a side is 2.5 standard deviations.
    assert ((corners[:, 0] != corners[:, 1]) == (labels == 1)).mean() > 0.95
    off = np.abs(inputs) - 0.5
    assert abs(off.mean()) < 0.02
    assert abs(off.std() - 0.2) < 0.02


@shows("S3.2")
def an_inner_and_an_outer_circle(shown: Shown) -> None:
    radius = np.hypot(*shown.film.data.inputs.T)
    outside = shown.film.labels == 1

    assert radius[~outside].max() < radius[outside].min()
    assert outside.mean() == 0.5


@shows("S3.3")
def linear_batch_norm_and_activation_fifteen_times_then_a_sigmoid(shown: Shown) -> None:
    parts = [part for part in shown.scene.model().modules() if not list(part.children())]

    hidden = 15 * [nn.Linear, nn.BatchNorm1d, nn.Tanh]
    assert [type(part) for part in parts] == [*hidden, nn.Linear, nn.Sigmoid]


@shows("S3.4", "S3.5", "S3.6", "S3.7")
def a_network_of_these_widths_and_this_activation(shown: Shown) -> None:
    network, (widths, kind) = shown.film.network, NETS[shown.file.stem]

    assert tuple(network.widths) == (2, *widths, 1)
    assert {network.layer(name).kind for name in network.hidden} == {kind}


@shows("S3.8")
def adam_on_the_cross_entropy_the_best_state_kept(shown: Shown) -> None:
    film = shown.film
    said = {name: film.header.training[name] for name in ("optimizer", "lr", "loss", "epochs")}

    assert said == {"optimizer": "adam", "lr": 0.01, "loss": "bce", "epochs": 300}
    assert film.header.training["patience"] == 300
    assert film.header.training["batch_size"] == 128
    best = max(film.score(float(epoch)) for epoch in range(1, 300))
    assert film.score(film.epochs) == best
    assert film.header["kept"][-1]["score"] == best


@shows("S3.9")
def trained_anew_until_95_percent_with_a_log(shown: Shown) -> None:
    film = shown.film

    assert film.header.training["retry"] == {"until": 0.95, "attempts": 20}
    assert film.header.attempts[-1]["score"] >= 0.95
    assert all(attempt["score"] < 0.95 for attempt in film.header.attempts[:-1])


@shows("S3.10")
def nine_segments_of_ten_epochs_each_with_a_fresh_adam(shown: Shown) -> None:
    training = shown.film.header.training

    assert (training["epochs"], training["segments"]) == (90, 9)
    assert training["restart_optimizer"]
    kept = replace(shown.scene, training=replace(shown.scene.training, restart_optimizer=False))
    restarted, gone_on = shown.film.recording.batch_loss, record(kept).batch_loss
    first = len(restarted) // 9
    np.testing.assert_array_equal(restarted[:first], gone_on[:first])
    assert not np.array_equal(restarted[first : first + 40], gone_on[first : first + 40])


@shows("S3.11")
def the_training_data_in_two_colours_on_equal_axes(shown: Shown) -> None:
    (panel,) = (panel for panel in shown.panels if panel.title == "Input space")
    (points,) = (m for m in shown.at("Input space") if isinstance(m, Points))

    assert panel.equal
    assert len(panel.legend) == 2
    assert points.xy.tolist() == shown.film.data.inputs.tolist()
    assert points.index is not None
    assert points.index.tolist() == shown.film.labels.tolist()


@shows("S3.12")
def one_loss_curve_by_epoch_over_nine_segments(shown: Shown) -> None:
    borders, *curves = (m for m in shown.at("Loss") if isinstance(m, Lines))

    assert [path[0, 0] for path in borders.paths] == [10, 20, 30, 40, 50, 60, 70, 80]
    (path,) = next(curve.paths for curve in curves if curve.color == "class1")
    batches = shown.film.recording.batch_loss.reshape(90, -1)
    np.testing.assert_allclose(path[1:91, 1], batches.mean(axis=1))


@shows("S3.15")
def numpys_singular_values_of_sixteen_matrices_linear_and_logarithmic(shown: Shown) -> None:
    film = shown.film
    expected = [np.linalg.svd(w)[1] for w in film.network.weights(film.state(film.epochs))]

    assert [panel.y_log for panel in shown.panels] == [False, True]
    for panel, marks in zip(shown.panels, shown.marks(), strict=True):
        (points,) = (m for m in marks if isinstance(m, Points))
        heights = 10 ** points.xy[:, 1] if panel.y_log else points.xy[:, 1]
        np.testing.assert_allclose(heights, np.concatenate(expected), rtol=1e-4)
        assert sorted(set(points.xy[:, 0])) == list(range(1, 17))


@shows("S3.16")
def weights_from_minus_5_to_5_as_heat_maps(shown: Shown) -> None:
    film = shown.film
    for i, matrix in enumerate(film.network.weights(film.state(film.epochs)), start=1):
        (cells,) = (m for m in shown.at(f"W{i}") if isinstance(m, Polygons))
        assert cells.values is not None
        np.testing.assert_array_equal(cells.values, matrix.ravel())
        assert (cells.low, cells.high) == (-5.0, 5.0)
    assert [p.color_bar.high for p in shown.panels if p.color_bar is not None] == [5.0]


@shows("S3.19")
def tunnels_at_width_2_narrow_and_never_close(shown: Shown) -> None:
    film = shown.film

    widths = [tunnel(film, share * film.epochs) for share in (0.15, 0.35, 1.0)]

    assert set(badges(shown)) == {"closed boundary: no"}
    assert 0 < widths[2] < widths[1] < widths[0]
    assert shown.answer("S3.19")["ever"] == 0.0
    assert shown.answer("S3.19")["seeds"] >= 20
    assert film.score(film.epochs) > 0.98


@shows("S3.20")
def a_bottleneck_of_one_unit_never_closes(shown: Shown) -> None:
    film = shown.film

    assert set(badges(shown)) == {"closed boundary: no"}
    assert 0 < tunnel(film, film.epochs) < 0.05
    assert shown.answer("S3.20")["ever"] == 0.0
    assert shown.answer("S3.20")["seeds"] >= 20
    assert film.score(film.epochs) > 0.98


@shows("S3.21")
def width_3_closes_within_a_few_epochs(shown: Shown) -> None:
    said = badges(shown)

    first = said.index("closed boundary: yes")
    assert 0 < first < 8
    assert set(said[first:]) == {"closed boundary: yes"}
    answer = shown.answer("S3.21")
    assert answer["closed"] == 1.0
    assert answer["first"] <= 10
    assert answer["smallest"] < 0.01
    assert answer["seeds"] >= 20


@shows("S3.23")
def three_lines_stand_about_the_disk_and_the_second_layer_weighs_them_alike(shown: Shown) -> None:
    film = shown.film
    weight = np.abs(film.network.weights(film.state(film.epochs))[1])

    assert (weight.max(axis=1) / weight.min(axis=1)).min() < 1.2
    assert shown.answer("S3.23")["gap"] < 150
    assert shown.answer("S3.23")["ratio"] < 1.5
    roles = {m.color for m in shown.at("Where units switch") if isinstance(m, Lines)}
    assert {"class2", "class3", "class4", "boundary"} <= roles


@shows("S3.24")
def relu_has_straight_edges_and_a_tunnel_too(shown: Shown) -> None:
    film = shown.film
    training = film.header.training

    assert (training["epochs"], training["segments"]) == (450, 9)
    assert shown.answer("S3.24")["ever"] == 0.0
    assert shown.answer("S3.24")["seeds"] >= 20
    assert set(badges(shown)) == {"closed boundary: no"}
    assert film.score(film.epochs) > 0.98


@shows("S3.13")
def fifty_levels_of_probability_on_200_by_200_points_with_edged_data(shown: Shown) -> None:
    (panel, *_) = shown.panels
    film, marks = shown.film, shown.at("Probability")
    image = next(m for m in marks if isinstance(m, Image))
    edges, data = (m for m in marks if isinstance(m, Points))

    assert image.field.shape == (200, 200)
    assert not isinstance(image.scale, str)
    assert len({(stop.color, stop.position) for stop in image.scale[::2]}) == 50
    np.testing.assert_allclose(np.array([panel.x, panel.y]), film.window + np.array([-0.2, 0.2]))
    assert panel.color_bar is not None
    assert (panel.color_bar.low, panel.color_bar.high) == (0.0, 1.0)
    assert edges.size > data.size
    assert edges.color == "ground"


@shows("S3.17")
def singular_values_of_the_input_jacobian_over_the_square(shown: Shown) -> None:
    shown = shown.having(faithful=True)
    titles = [panel.title for panel in shown.panels]
    assert titles == 3 * ["Smallest singular value", "Largest singular value", "Gradient"]
    for panel in shown.panels:
        assert (panel.x, panel.y) == ((-1.0, 1.0), (-1.0, 1.0))
    corner = np.array([[-0.99, -0.99]])  # the middle of the lowest of 100 by 100 cells
    for film, low, high in zip(shown.films, shown.marks()[::3], shown.marks()[1::3], strict=True):
        matrix = jacobian_of(film.network, film.state(film.epochs), corner, film.layer).matrices[0]
        expected = np.linalg.svd(matrix.astype(float))[1]
        for (image, *_), value in ((low, expected[-1]), (high, expected[0])):
            assert isinstance(image, Image)
            assert image.field.shape == (100, 100)
            if value > 1e-4 * expected[0]:
                np.testing.assert_allclose(image.field[0, 0], np.log10(value), atol=1e-3)
    bars = [panel.color_bar for panel in shown.panels if panel.color_bar is not None]
    assert len(bars) >= 3
    assert all(bar.log for bar in bars)  # geometric levels
    wider = views.Jacobian(window=2.0).panels(shown.film)
    assert [(panel.x, panel.y) for panel in wider] == 2 * [((-2.0, 2.0), (-2.0, 2.0))]


def changed(before: Sequence[Mark], after: Sequence[Mark]) -> bool:
    """Return whether a panel's field, or where that has none its lines, differ."""
    for kind in (Image, Lines):
        pairs = [(m, n) for m, n in zip(before, after, strict=True) if isinstance(m, kind)]
        if pairs:
            break
    return any(
        np.abs(m.field - n.field).max() > 0.01
        if isinstance(m, Image) and isinstance(n, Image)
        else any(not np.array_equal(p, q) for p, q in zip(m.paths, n.paths, strict=True))  # type: ignore[union-attr]
        for m, n in pairs
    )


@shows("S3.18")
def contours_and_spectra_of_three_networks_through_the_training(shown: Shown) -> None:
    assert len(shown.films) == 3
    assert {panel.title for panel in shown.panels} == {"Probability", "Singular values"}
    moments = [shown.marks(share) for share in np.linspace(0.1, 0.8, 9)]
    for early, late in pairwise(moments):
        for before, after in zip(early, late, strict=True):
            assert changed(before, after)
    late = shown.marks(1.0)
    said = [m.text for marks in late for m in marks if isinstance(m, Text)]
    assert said == ["closed boundary: no", "closed boundary: no", "closed boundary: yes"]


@shows("S3.22")
def bottlenecks_and_spectra_against_accuracy(shown: Shown) -> None:
    answer = shown.answer("S3.22")

    assert answer["seeds"] >= 20
    assert abs(answer["plain"] - answer["bottleneck"]) < 0.05
    assert abs(answer["correlation"]) < 0.6
    assert "Singular values" in {panel.title for panel in shown.panels}
