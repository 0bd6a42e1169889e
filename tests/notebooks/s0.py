"""Notebook 000: jagged sides, and what units do over the entire plane."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nnanim import Comparison, Film, Scene, views
from nnanim.geometry import cell_middles
from nnanim.marks import Image, Lines, Mark, Points
from nnanim.scene.files import load
from tests.notebooks.shows import Shown, filmed, shows

DATA = {"S0.1": (10, 1.0), "S0.2": (10, 5.0), "S0.3": (10, 2.0), "S0.4": (2, 2.0), "S0.5": (5, 5.0)}


def scenes(shown: Shown) -> Sequence[Scene]:
    """Return the scenes of a comparison."""
    assert isinstance(shown.scene, Comparison)
    return shown.scene.to_train


def data(scene: Scene) -> tuple[int, float, int, float]:
    """Return teeth, margin, points and the share of them that a scene's sides keep."""
    sides = scene.dataset
    return sides.jags, sides.margin, sides.n, sides.sample_prob  # type: ignore[attr-defined]


def score(film: Film) -> float:
    """Return the accuracy at the film's end."""
    return film.score(film.epochs)


def bends(film: Film) -> float:
    """Return how far the boundary rises and falls, in units of the plane."""
    lines = [line for line in film.boundary(film.epochs) if np.ptp(line[:, 0]) > 10]
    return sum(float(np.abs(np.diff(line[:, 1])).sum()) for line in lines)


def image(marks: Sequence[Mark]) -> Image:
    """Return the field of a panel."""
    (found,) = [mark for mark in marks if isinstance(mark, Image)]
    return found


@shows("S0.1", "S0.2", "S0.3", "S0.4", "S0.5")
def five_thousand_points_thinned_to_a_tenth_of_each_pair_of_sides(shown: Shown) -> None:
    made = [data(scene) for scene in scenes(shown)]

    assert made == [(jags, margin, 5_000, 0.1) for jags, margin in DATA.values()]
    for scene, film, (_, margin) in zip(scenes(shown), shown.films, DATA.values(), strict=True):
        inputs, labels = film.data.inputs, film.labels
        assert 400 < len(inputs) < 600
        assert np.abs(inputs).max() <= 10
        gap = scene.dataset._zigzag(inputs[:, 0])  # type: ignore[attr-defined]
        beyond = (inputs[:, 1] - gap) * np.where(labels == 1, 1, -1)
        assert margin / 2 - 1e-3 <= beyond.min() < margin / 2 + 0.5


@shows("S0.6")
def three_draws_of_the_same_sides_of_which_one_ends_in_a_bad_boundary(shown: Shown) -> None:
    assert {data(scene) for scene in scenes(shown)} == {(10, 5.0, 5_000, 0.1)}
    good, also_good, bad = map(score, shown.films)

    assert min(good, also_good) >= 0.99
    assert bad < 0.97


@shows("S0.7", "S0.10")
def a_network_of_two_hidden_layers_trained_for_ten_epochs_on_any_device(shown: Shown) -> None:
    for scene, film in zip(scenes(shown), shown.films, strict=True):
        assert len(film.network.hidden) == 2
        assert film.epochs == scene.training.epochs == 10
        assert scene.training.device in ("cpu", "auto", None)


@shows("S0.8")
def two_hidden_layers_of_four_units(shown: Shown) -> None:
    assert shown.film.network.widths == (2, 4, 4, 1)


@shows("S0.9")
def two_hidden_layers_of_sixteen_units(shown: Shown) -> None:
    assert shown.film.network.widths == (2, 16, 16, 1)


@shows("S0.11")
def the_data_as_dots_coloured_by_class(shown: Shown) -> None:
    for film, marks in zip(shown.films, shown.marks(), strict=True):
        dots = [mark for mark in marks if isinstance(mark, Points)]
        assert sum(len(mark.xy) for mark in dots) == len(film.data.inputs)
        assert {role for mark in dots for role in mark.color} == {"class0", "class1"}


@shows("S0.12")
def the_boundary_of_each_run_between_the_sides(shown: Shown) -> None:
    assert [panel.title for panel in shown.panels].count("Input space") == 5
    for film, marks in zip(shown.films, shown.marks(), strict=True):
        (line,) = [m for m in marks if isinstance(m, Lines) and m.color == "boundary"]
        points = np.concatenate(list(line.paths))
        assert np.abs(film.scores(points, film.epochs)).max() < 0.2
        assert score(film) > 0.85


def heat_maps(shown: Shown, layer: str) -> list[NDArray[np.floating]]:
    """Return the maps of a layer's units, each checked against the network at every cell."""
    film = shown.film
    units = film.network.layer(layer).units
    first = 0 if layer == "hidden1" else next(
        i for i, panel in enumerate(shown.panels) if panel.block == "Hidden layer 2"
    )  # fmt: skip
    fields = []
    for unit in range(units):
        panel, found = shown.panels[first + unit], image(shown.at(first + unit))
        assert panel.title == f"unit {unit + 1}"
        assert found.extent == (-10, 10, -10, 10)
        assert found.scale == "viridis"
        side = len(found.field)
        given = film.outputs(layer, cell_middles(film.window, side), film.epochs)[:, unit]
        np.testing.assert_allclose(found.field, given.reshape(side, side), atol=1e-5)
        fields.append(found.field)
    assert shown.panels[first].block == film.network.layer(layer).title
    return fields


@shows("S0.13", "S0.23")
def a_row_of_heat_maps_in_viridis_one_for_each_unit_over_the_plane(shown: Shown) -> None:
    assert len(heat_maps(shown, "hidden1")) == 4


@shows("S0.14")
def both_layers_or_a_chosen_one_on_a_grid_of_any_side(shown: Shown) -> None:
    assert len(heat_maps(shown, "hidden1")) == len(heat_maps(shown, "hidden2")) == 4

    coarse = load(shown.file, {"side": "10"})
    view = coarse.rows[0][0]
    marks = view.marks(shown.film, shown.film.timeline.seconds)
    assert image(marks[0]).field.shape == (10, 10)
    assert len(views.Activations("hidden2", units=(1,)).panels(shown.film)) == 1


@shows("S0.15")
def sixteen_heat_maps_for_each_layer(shown: Shown) -> None:
    assert len(heat_maps(shown, "hidden1")) == len(heat_maps(shown, "hidden2")) == 16


def the_sum(shown: Shown) -> None:
    """See the heat map of the sum over both layers and all units."""
    film = shown.film
    at = [panel.title for panel in shown.panels].index("Sum of activations")
    found = image(shown.at(at))
    cells = cell_middles(film.window, len(found.field))
    total = sum(film.outputs(name, cells, film.epochs).sum(axis=1) for name in film.network.hidden)
    np.testing.assert_allclose(found.field.ravel(), total, atol=1e-4)


@shows("S0.16")
def the_sum_over_both_layers_and_all_units(shown: Shown) -> None:
    the_sum(shown)


@shows("S0.17")
def the_sum_over_two_layers_of_sixteen(shown: Shown) -> None:
    the_sum(shown.having(total=True))


@shows("S0.18")
def heat_maps_and_their_sum_for_a_run_with_a_bad_boundary(shown: Shown) -> None:
    assert len(heat_maps(shown, "hidden1")) == len(heat_maps(shown, "hidden2")) == 4
    the_sum(shown)
    assert score(shown.film) < 0.97


@shows("S0.19")
def a_denser_sample_gives_a_boundary_that_follows_more_of_the_teeth(shown: Shown) -> None:
    thin, _, dense = shown.films

    assert len(dense.data.inputs) > 30 * len(thin.data.inputs)
    assert bends(dense) > 1.5 * bends(thin)
    assert score(dense) > score(thin)


@shows("S0.20")
def sides_further_apart_are_easier_to_part(shown: Shown) -> None:
    assert [data(scene)[1] for scene in scenes(shown)] == [1.0, 5.0]
    near, far = map(score, shown.films)

    assert far > near + 0.05


@shows("S0.21")
def two_jags_are_followed_and_ten_are_not(shown: Shown) -> None:
    assert [data(scene)[0] for scene in scenes(shown)] == [2, 10]
    few, many = shown.films

    assert bends(few) > 2 * bends(many)
    assert score(few) > score(many)


@shows("S0.22")
def sixteen_units_bend_the_boundary_more_than_four(shown: Shown) -> None:
    four, sixteen = shown.films
    assert [film.network.widths for film in shown.films] == [(2, 4, 4, 1), (2, 16, 16, 1)]

    assert bends(sixteen) > 1.3 * bends(four)
    assert score(sixteen) > score(four)


@shows("S0.24")
def the_number_of_units_active_at_once_and_the_sum_of_activations(shown: Shown) -> None:
    the_sum(shown)
    film = shown.film
    at = [panel.title for panel in shown.panels].index("Active units")
    found = image(shown.at(at))
    cells = cell_middles(film.window, len(found.field))
    given = np.concatenate(
        [film.outputs(name, cells, film.epochs) for name in film.network.hidden], axis=1
    )
    np.testing.assert_array_equal(found.field.ravel(), (given > 0).sum(axis=1))
    assert (found.low, found.high) == (0, 8)


@shows("S0.25")
def the_activations_change_through_the_epochs(shown: Shown) -> None:
    the_sum(shown)
    shares = (0.0, 0.4, 1.0)
    runs = [[image(marks) for marks in shown.marks(share)] for share in shares]

    for before, after in pairwise(runs):
        for one, other in zip(before, after, strict=True):
            assert np.abs(one.field - other.field).max() > 0.1
            assert (one.low, one.high) == (other.low, other.high)


@shows("S0.26")
def the_same_for_a_bigger_network_and_for_a_bad_run_of_it(shown: Shown) -> None:
    the_sum(shown.having(total=True))
    bad = load(shown.file, {"draw": "2"})

    assert shown.film.network.widths == (2, 16, 16, 1)
    assert bad.training.seed == 2
    assert [type(view) for row in bad.rows for view in row] == [
        type(view) for row in load(shown.file).rows for view in row
    ]
    assert score(filmed(bad)[0]) < score(shown.film)
