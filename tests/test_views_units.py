"""Views of where units switch, on recordings whose weights are set by hand and against a grid."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from nnanim import Film, Scene, datasets, geometry, models
from nnanim.errors import SceneError
from nnanim.film.spans import PANEL_MARGIN
from nnanim.film.switches import hyperplanes, pre_activation
from nnanim.marks import Lines, Text
from nnanim.recording.record import untrained
from nnanim.types import Floats
from nnanim.views import UnitLines
from nnanim.views.shared_marks import unit_role
from tests.recordings import RINGS, fit_film, normed_film, rings_film, with_parameters

# Three lines about the origin: 7 regions, the triangle in the middle among them; the second is
# upright, which a slope of -w1/w2 could not say.
WEIGHT = np.array([[0.0, 2.0], [3.0, 0.0], [-1.0, -1.0]])
BIAS = np.array([0.6, 0.9, 0.5])


@cache
def three_lines(activation: str = "sigmoid") -> Film:
    """Return the rings under a layer of these weights."""
    model = models.mlp(2, 3, 1, activation=activation, output="sigmoid")
    recording = untrained(replace(RINGS, model=model))
    return Film(with_parameters(recording, hidden1__0__weight=WEIGHT, hidden1__0__bias=BIAS))


def deep(seed: int) -> Film:
    """Return an untrained network of two hidden layers with large weights."""
    model = models.mlp(2, 5, 3, 1, output="sigmoid", scale=3.0)
    training = replace(RINGS.training, seed=seed)
    return Film(untrained(replace(RINGS, model=model, training=training)))


def drawn(film: Film, view: UnitLines, unit: int, width: float) -> list[Floats]:
    """Return a unit's lines of that width."""
    (marks,) = view.marks(film, 0.0)
    found = [mark for mark in marks if isinstance(mark, Lines) and mark.color == unit_role(unit)]
    return [path for mark in found if mark.width == width for path in mark.paths]


def texts(film: Film, view: UnitLines) -> list[str]:
    """Return what is written in the panel, in its order."""
    (marks,) = view.marks(film, 0.0)
    return [mark.text for mark in marks if isinstance(mark, Text)]


def codes_on_a_grid(film: Film, layer: str, side: int = 700) -> set[tuple[bool, ...]]:
    """Return every on/off code that the layer has on a fine grid over the panel."""
    box = geometry.widen(film.window, PANEL_MARGIN)
    given = film.outputs(pre_activation(film, layer), geometry.cell_middles(box, side), 0.0)
    return {tuple(map(bool, row)) for row in np.unique(given > 0, axis=0)}


@pytest.mark.parametrize("unit", range(3))
def test_a_units_line_is_where_its_weights_say_and_ends_at_the_panel(unit: int) -> None:
    """Also one that stands upright."""
    film = three_lines()

    (line,) = drawn(film, UnitLines(), unit, 3.5)

    box = geometry.widen(film.window, PANEL_MARGIN)
    assert np.abs(line @ WEIGHT[unit] + BIAS[unit]).max() < 1e-5
    for end in line:
        assert np.abs(end[:, None] - box).min() < 1e-9


@pytest.mark.parametrize("unit", range(3))
def test_ticks_stand_on_the_line_and_point_to_where_the_unit_is_on(unit: int) -> None:
    """At right angles to it."""
    film = three_lines()

    ticks = drawn(film, UnitLines(), unit, 3.0)

    assert len(ticks) > 5
    for start, end in ticks:
        assert abs(start @ WEIGHT[unit] + BIAS[unit]) < 1e-5
        assert end @ WEIGHT[unit] + BIAS[unit] > 0
        assert abs((end - start) @ [-WEIGHT[unit, 1], WEIGHT[unit, 0]]) < 1e-5


def test_three_lines_cut_the_plane_into_seven_regions_each_with_its_code() -> None:
    """Every code but one: nowhere are all three units off."""
    film = three_lines()

    number, *digits = texts(film, UnitLines())

    codes = {tuple(digit == "1" for digit in code) for code in digits}
    assert number == "7 regions"
    assert len(digits) == 7
    assert codes == codes_on_a_grid(film, "hidden1")
    assert (False, False, False) not in codes


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "softplus"])
def test_units_switch_at_zero_whatever_the_activation(activation: str) -> None:
    """The lines are those of what the activation is given."""
    weight, bias = hyperplanes(three_lines(activation), 0.0)

    np.testing.assert_allclose(weight, WEIGHT, atol=1e-5)
    np.testing.assert_allclose(bias, BIAS, atol=1e-5)


def test_batch_normalisation_moves_the_lines() -> None:
    """What the activation is given is normed, as the network has it."""
    film = normed_film()
    points = np.random.default_rng(1).uniform(-1, 1, (50, 2)).astype(np.float32)

    weight, bias = hyperplanes(film, 2.0)

    given = film.outputs("body.1", points, 2.0)
    np.testing.assert_allclose(points @ weight.T + bias, given, atol=1e-4)


@pytest.mark.parametrize(
    "units", [1, 2, *(pytest.param(units, marks=pytest.mark.slow) for units in (4, 7))]
)
@pytest.mark.parametrize("seed", range(3))
def test_the_regions_are_those_of_a_fine_grid(units: int, seed: int) -> None:
    """As many codes, each where the grid has it; their areas fill the box."""
    rng = np.random.default_rng([units, seed])
    weight, bias = rng.normal(size=(units, 2)), rng.normal(scale=0.4, size=units)
    box = np.array([[-1.0, 1.0], [-1.5, 1.0]])

    regions = geometry.arrangement(weight, bias, box)

    middles = geometry.cell_middles(box, 1500)
    seen = {tuple(map(bool, row)) for row in np.unique(middles @ weight.T + bias > 0, axis=0)}
    large = {code for code, polygon in regions if area(polygon) > 1e-4}
    assert large <= seen <= {code for code, _ in regions}
    assert len(regions) == len({code for code, _ in regions})
    assert sum(area(polygon) for _, polygon in regions) == pytest.approx(5.0)
    for code, polygon in regions:
        assert tuple(weight @ geometry.centroid(polygon) + bias > 0) == code


def test_a_line_outside_the_box_cuts_nothing() -> None:
    """All of the box has one code."""
    ((code, polygon),) = geometry.arrangement(
        np.array([[1.0, 0.0]]), np.array([-9.0]), np.array([[-1.0, 1.0], [-1.0, 1.0]])
    )

    assert code == (False,)
    assert area(polygon) == pytest.approx(4.0)


@pytest.mark.parametrize("seed", range(3))
def test_a_later_layers_curves_are_where_its_units_switch(seed: int) -> None:
    """Their ticks point to where the unit is on."""
    film, view = deep(seed), UnitLines("hidden2")
    name = pre_activation(film, "hidden2")

    for unit in range(3):
        for curve in drawn(film, view, unit, 3.5):
            assert np.abs(film.outputs(name, curve, 0.0)[:, unit]).max() < 0.02
        for tick in drawn(film, view, unit, 3.0):
            assert film.outputs(name, tick[1:], 0.0)[0, unit] > 0


def test_lines_move_smoothly_when_a_weight_passes_zero() -> None:
    """A slope would jump from one infinity to the other."""
    box = np.array([[-1.0, 1.0], [-1.0, 1.0]])
    ends = []
    for small in (-1e-4, 0.0, 1e-4):
        line = geometry.clip_line(np.array([1.0, small]), 0.3, box)
        assert line is not None
        ends.append(line)

    assert np.abs(np.diff(ends, axis=0)).max() < 1e-3


def test_many_units_have_no_codes_unless_asked_for() -> None:
    """Nine digits in a region cannot be read."""
    scene = replace(RINGS, model=models.mlp(2, 9, 1, output="sigmoid"))
    film = Film(untrained(scene))

    assert len(texts(film, UnitLines())) == 1
    assert len(texts(film, UnitLines(codes=True))) > 9
    assert len(texts(three_lines(), UnitLines(codes=False))) == 1


@pytest.mark.parametrize(
    ("view", "film_of"),
    [
        (UnitLines(), fit_film),
        (UnitLines("output"), rings_film),
        (UnitLines("nothing"), rings_film),
    ],
)
def test_what_has_no_lines_is_refused(view: UnitLines, film_of: Callable[[], Film]) -> None:
    """One input, the output layer, a layer that is not there."""
    with pytest.raises(SceneError):
        view.panels(film_of())


def test_a_model_without_hidden_layers_is_refused() -> None:
    """It has no units that switch."""
    scene = Scene(dataset=datasets.rings(n=50), model=models.mlp(2, 1, output="sigmoid"))

    with pytest.raises(SceneError, match="hidden layer"):
        UnitLines().panels(Film(untrained(scene)))


def area(polygon: Floats) -> float:
    """Return a polygon's area."""
    x, y = polygon.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y)) / 2)
