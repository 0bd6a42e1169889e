"""Thresholds and Contributions, on networks whose weights are set by hand."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from nnanim import Film, Scene, datasets, models
from nnanim.errors import SceneError
from nnanim.marks import Lines, Polygons
from nnanim.recording.record import untrained
from nnanim.types import Floats
from nnanim.view import View
from nnanim.views import Contributions, Fit, Thresholds
from nnanim.views.shared_marks import target_limits, unit_role
from tests.recordings import FIT, fit_film, rings_film, with_parameters

# Thresholds at 0.5, -1, 1.5 and one outside the window [-2, 2]; the second switches off.
WEIGHT = np.array([[4.0], [-3.0], [2.0], [1.0]])
BIAS = np.array([-2.0, -3.0, -3.0, 5.0])
FACTORS = np.array([[1.5, -0.5, 2.0, 0.25]])
CONSTANT = np.array([0.125])


@cache
def four_units(activation: str = "sigmoid") -> Film:
    """Return the polynomial under four units of these weights."""
    recording = untrained(replace(FIT, model=models.mlp(1, 4, 1, activation=activation)))
    return Film(
        with_parameters(
            recording,
            hidden1__0__weight=WEIGHT,
            hidden1__0__bias=BIAS,
            output__0__weight=FACTORS,
            output__0__bias=CONSTANT,
        )
    )


def lines(film: Film, view: View, color: str) -> list[Floats]:
    """Return all lines of a colour."""
    (marks,) = view.marks(film, 0.0)
    found = [mark for mark in marks if isinstance(mark, Lines) and mark.color == color]
    return [np.asarray(path) for mark in found for path in mark.paths]


@pytest.mark.parametrize(("activation", "off"), [("sigmoid", 0.0), ("tanh", -1.0)])
def test_a_threshold_network_is_a_step_function(activation: str, off: float) -> None:
    """It gives what a loop over units that are only ever off or on gives."""
    (steps,) = lines(four_units(activation), Thresholds(), "ink")

    for x in np.random.default_rng(0).uniform(-2, 2, 500):
        expected = CONSTANT[0]
        for unit in range(4):
            on = WEIGHT[unit, 0] * x + BIAS[unit] > 0
            expected += FACTORS[0, unit] * (1.0 if on else off)
        piece = np.flatnonzero((steps[:-1, 0] <= x) & (x < steps[1:, 0]))
        assert len(piece) == 1
        assert steps[piece[0], 1] == steps[piece[0] + 1, 1] == pytest.approx(expected, abs=1e-5)


def test_the_steps_are_upright_at_the_thresholds_inside_the_window() -> None:
    """At -1, 0.5 and 1.5; the fourth unit is on everywhere."""
    (steps,) = lines(four_units(), Thresholds(), "ink")

    upright = steps[:-1, 0][np.diff(steps[:, 0]) == 0]
    np.testing.assert_allclose(upright, [-1.0, 0.5, 1.5], atol=1e-6)
    assert steps[[0, -1], 0].tolist() == [-2.0, 2.0]


@pytest.mark.parametrize(("unit", "at", "way"), [(0, 0.5, 1), (1, -1.0, -1), (2, 1.5, 1)])
def test_a_units_tick_stands_at_its_threshold_and_points_to_where_it_is_on(
    unit: int, at: float, way: int
) -> None:
    """-b/w, whatever the sign of w."""
    whole, tick = lines(four_units(), Thresholds(), unit_role(unit))

    np.testing.assert_allclose(whole[:, 0], at, atol=1e-6)
    np.testing.assert_allclose(tick[:2, 0], at, atol=1e-6)
    assert np.sign(tick[2, 0] - tick[1, 0]) == way


def test_a_unit_that_switches_outside_the_window_has_no_tick() -> None:
    """Nor has one whose weight is zero a tick anywhere."""
    flat = with_parameters(four_units().recording, hidden1__0__weight=np.zeros((4, 1)))

    assert lines(four_units(), Thresholds(), unit_role(3)) == []
    assert lines(Film(flat), Thresholds(), unit_role(0)) == []
    (steps,) = lines(Film(flat), Thresholds(), "ink")
    assert len(steps) == 2


@pytest.mark.parametrize("view", [Thresholds(), Fit()])
def test_the_networks_curve_is_the_network_and_smooth(view: View) -> None:
    """No chord lies further from it than a thousandth of the panel's height."""
    film = four_units()

    (curve,) = lines(film, view, "class0")

    (panel,) = view.panels(film)
    np.testing.assert_allclose(film.outputs("", curve[:, :1], 0.0), curve[:, 1:], atol=1e-5)
    middles = (curve[:-1] + curve[1:]) / 2
    away = np.abs(film.outputs("", middles[:, :1], 0.0) - middles[:, 1:])
    assert away.max() < 1e-3 * (panel.y[1] - panel.y[0])


def test_the_contributions_add_up_to_the_networks_curve() -> None:
    """With where it begins; each row is on the scale that its line of nothing stands on."""
    film = four_units()
    (curve,) = lines(film, Thresholds(), "class0")
    grounds = lines(film, Contributions(), "hairline")
    rows = [lines(film, Contributions(), unit_role(unit))[0] for unit in range(4)]
    x = rows[0][:, 0]

    heights = np.array([row[:, 1] - row[0, 1] for row in rows])
    hidden = 1 / (1 + np.exp(-(x[:, None] * WEIGHT[:, 0] + BIAS)))
    shares = ((hidden - hidden[0]) * FACTORS[0]).T
    scale = np.abs(heights).max() / np.abs(shares).max()

    np.testing.assert_allclose(heights / scale, shares, atol=1e-5)
    total = curve[0, 1] + heights.sum(axis=0) / scale
    np.testing.assert_allclose(total, film.outputs("", x[:, None], 0.0)[:, 0], atol=1e-4)
    assert sorted(row[0, 1] for row in rows) == sorted(ground[0, 1] for ground in grounds)


def test_each_unit_has_a_row_of_its_own_in_the_order_of_the_thresholds() -> None:
    """At -5, -1, 0.5 and 1.5, the leftmost uppermost, its share filled."""
    film = four_units()
    (marks,) = Contributions().marks(film, 0.0)
    (panel,) = Contributions().panels(film)
    order = (3, 1, 0, 2)

    starts = [lines(film, Contributions(), unit_role(unit))[0][0, 1] for unit in order]
    bands = {mark.color: mark for mark in marks if isinstance(mark, Polygons)}

    assert np.diff(starts).tolist() == [-1, -1, -1]
    for unit in order:
        (edge,) = lines(film, Contributions(), unit_role(unit))
        (band,) = bands[unit_role(unit)].paths
        np.testing.assert_array_equal(band[: len(edge)], edge)
        assert band[len(edge) :, 1].tolist() == [edge[0, 1]] * 2
        assert panel.y[0] <= edge[:, 1].min() <= edge[:, 1].max() <= panel.y[1]


def test_the_panel_of_thresholds_holds_stairs_that_leave_the_targets() -> None:
    """Within bounds; without stairs it is that of the targets."""
    film = four_units()
    steep = with_parameters(film.recording, output__0__weight=20 * FACTORS)

    (panel,), (plain,) = Thresholds().panels(film), Thresholds(hard=False).panels(film)
    (stairs,) = lines(film, Thresholds(), "ink")
    (bounded,) = Thresholds().panels(Film(steep))

    assert plain.y == target_limits(film, 0.15)
    assert panel.y[0] < stairs[:, 1].min() < stairs[:, 1].max() < panel.y[1]
    span = plain.y[1] - plain.y[0]
    assert bounded.y[1] > plain.y[1]
    assert bounded.y[1] - bounded.y[0] <= 3.5 * span


def relu_film() -> Film:
    """Return units that have no hard form."""
    return four_units("relu")


def line_film() -> Film:
    """Return classes of one input."""
    model = models.mlp(1, 2, 1, output="sigmoid")
    return Film(untrained(Scene(dataset=datasets.line(n=100), model=model)))


@pytest.mark.parametrize(
    ("view", "film_of"),
    [
        (Thresholds(), rings_film),
        (Thresholds(), fit_film),  # two hidden layers
        (Thresholds(), relu_film),
        (Thresholds(), line_film),
        (Contributions(), rings_film),
        (Contributions(), fit_film),
    ],
)
def test_what_has_no_thresholds_is_refused(view: View, film_of: Callable[[], Film]) -> None:
    """By its panels, before anything is drawn."""
    with pytest.raises(SceneError):
        view.panels(film_of())


def test_a_relu_has_ticks_without_the_hard_form() -> None:
    """It switches at a threshold all the same."""
    view = Thresholds(hard=False)

    assert view.panels(relu_film())
    assert lines(relu_film(), view, "ink") == []
    assert len(lines(relu_film(), view, unit_role(0))) == 2
