"""The diagram of a network, on a recording whose weights are set by hand."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from torch import nn

from nnanim import Film, models
from nnanim.errors import SceneError
from nnanim.marks import Image, Lines, Points, Text
from nnanim.recording.record import untrained
from nnanim.types import Floats
from nnanim.views import Network
from nnanim.views.shared_marks import unit_role
from tests.recordings import FIT, RINGS, Given, fit_film, normed_film, rings_film, with_parameters

WEIGHT = np.array([[1.0, -0.5], [0.0, 0.25], [-2.0, 2.0]])


@cache
def by_hand() -> Film:
    """Return two inputs, three units and one output, with these first weights."""
    recording = untrained(replace(RINGS, model=models.mlp(2, 3, 1, output="sigmoid")))
    return Film(with_parameters(recording, hidden1__0__weight=WEIGHT))


def edges(film: Film) -> list[tuple[Lines, Floats]]:
    """Return every edge with the mark that holds it."""
    (marks,) = Network().marks(film, 0.0)
    held = [mark for mark in marks if isinstance(mark, Lines) and mark.color.startswith("class")]
    return [(mark, path) for mark in held for path in mark.paths if len(path) == 2]


def test_an_edge_is_of_its_weights_sign_and_the_wider_the_larger_it_is() -> None:
    """And there is none where the weight is zero."""
    first = [(mark, path) for mark, path in edges(by_hand()) if path[0, 0] < 5]
    rows = sorted({round(float(path[1, 1]), 6) for _, path in first}, reverse=True)
    columns = sorted({round(float(path[0, 1]), 6) for _, path in first}, reverse=True)

    widths = {}
    for mark, path in first:
        i, j = rows.index(round(float(path[1, 1]), 6)), columns.index(round(float(path[0, 1]), 6))
        assert mark.color == ("class1" if WEIGHT[i, j] > 0 else "class0")
        widths[abs(WEIGHT[i, j])] = mark.width
    assert len(first) == 5
    assert [widths[w] for w in (0.25, 0.5, 1.0, 2.0)] == sorted(set(widths.values()))


@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1)])
def test_a_units_map_is_what_it_gives_over_the_window(corner: tuple[int, int]) -> None:
    """Right way round: a corner's cell is the unit at that corner."""
    film = rings_film()
    (marks,) = Network().marks(film, 2.0)
    maps = [mark for mark in marks if isinstance(mark, Image)]
    assert len(maps) == 2 + 3 + 2 + 1

    cells = maps[0].field.shape[0]
    (x0, x1), (y0, y1) = film.window
    half = (x1 - x0) / (2 * cells)
    at = np.array([[(x0 + half, x1 - half)[corner[1]], (y0 + half, y1 - half)[corner[0]]]])
    moment = film.moment(2.0)
    expected = [
        *at[0],
        *film.outputs("hidden1", at, moment)[0],
        *film.outputs("hidden2", at, moment)[0],
        *film.outputs("", at, moment)[0],
    ]
    np.testing.assert_allclose([found.field[corner] for found in maps], expected, atol=1e-5)


@pytest.mark.parametrize("film_of", [rings_film, fit_film, by_hand])
def test_every_unit_has_a_place_of_its_own_inside_the_panel(film_of: Callable[[], Film]) -> None:
    """No two frames meet."""
    film = film_of()
    (panel,) = Network().panels(film)
    (marks,) = Network().marks(film, 0.0)

    frames = [path for m in marks if isinstance(m, Lines) for path in m.paths if len(path) == 5]
    assert len(frames) == sum(film.network.widths)
    middles = np.array([frame[:4].mean(axis=0) for frame in frames])
    side = float(np.ptp(frames[0][:, 0]))
    apart = np.abs(middles[:, None] - middles[None]).max(axis=2) + 99 * np.eye(len(frames))
    assert apart.min() > side
    for axis, limits in enumerate((panel.x, panel.y)):
        assert limits[0] < min(frame[:, axis].min() for frame in frames)
        assert limits[1] > max(frame[:, axis].max() for frame in frames)


def test_sixteen_units_in_six_layers_find_room() -> None:
    """Each at least a third of a unit of the panel wide, that is 22 pixels on a whole sheet."""
    model = models.mlp(2, *[16] * 6, 1, output="sigmoid")
    film = Film(untrained(replace(RINGS, model=model)))
    (marks,) = Network().marks(film, 0.0)

    maps = [mark for mark in marks if isinstance(mark, Image)]

    assert len(maps) == 2 + 6 * 16 + 1
    assert min(mark.extent[1] - mark.extent[0] for mark in maps) > 1 / 3


def test_over_one_input_a_unit_shows_its_curve() -> None:
    """Higher where it gives more."""
    film = fit_film()
    (marks,) = Network().marks(film, 2.0)

    curves = [path for m in marks if isinstance(m, Lines) and m.color == "ink" for path in m.paths]

    given = film.outputs("hidden1", film.grid_lines[0], film.moment(2.0))
    assert len(curves) == 1 + 3 + 2 + 1
    for unit in range(3):
        correlation = np.corrcoef(curves[1 + unit][:, 1], given[:, unit])[0, 1]
        assert correlation > 0.9999


def test_over_three_inputs_units_are_dots() -> None:
    """There is no window to draw."""
    dataset = replace(RINGS.dataset, n=50)  # type: ignore[type-var]
    arrays = dataset.arrays(0)
    wide = np.concatenate([arrays.inputs, arrays.inputs[:, :1]], axis=1)
    data = Given(wide, arrays.targets, window=((-1.0, 1.0),) * 3, axis_names=("x", "y", "z"))
    scene = replace(RINGS, dataset=data, model=models.mlp(3, 2, 1, output="sigmoid"), views=None)
    (marks,) = Network().marks(Film(untrained(scene)), 0.0)

    assert sum(len(mark.xy) for mark in marks if isinstance(mark, Points)) == 3 + 2 + 1
    assert not [mark for mark in marks if isinstance(mark, Image)]


def test_the_layers_are_named() -> None:
    """From the input to the output."""
    (marks,) = Network().marks(rings_film(), 0.0)

    assert [mark.text for mark in marks if isinstance(mark, Text)] == [
        "input",
        "hidden 1",
        "hidden 2",
        "output",
    ]


def test_batch_normalisation_between_the_layers_is_no_hindrance() -> None:
    """The edges are the Linear layers' weights."""
    assert len(Network().panels(normed_film())) == 1
    assert len(edges(normed_film())) == 4 + 2


def test_a_model_that_is_no_chain_of_linear_layers_is_refused() -> None:
    """One layer that is called twice has one name only."""
    shared = nn.Linear(1, 1)
    scene = replace(FIT, model=lambda: nn.Sequential(shared, nn.Tanh(), shared))

    with pytest.raises(SceneError, match="chain of Linear"):
        Network().panels(Film(untrained(scene), scene.model))


def test_units_of_the_first_hidden_layer_are_framed_in_the_colours_of_their_lines() -> None:
    """All others in one that is no unit's."""
    film = rings_film()
    (marks,) = Network().marks(film, 0.0)
    frames = [
        (path[:4].mean(axis=0), mark.color)
        for mark in marks
        if isinstance(mark, Lines)
        for path in mark.paths
        if len(path) == 5
    ]
    first, *_ = sorted({x for (x, _), color in frames if color != "quiet"})

    colors = [color for _, color in sorted((-y, c) for (x, y), c in frames if x == first)]

    assert colors == [unit_role(unit) for unit in range(3)]
    assert {color for (x, _), color in frames if x != first} == {"quiet"}
