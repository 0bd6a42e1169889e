"""A fit of one input, and the thresholds at which the hidden units that make it switch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.film.switches import hyperplanes
from nnanim.marks import Lines, Mark, Points
from nnanim.network.activations import ACTIVATIONS
from nnanim.network.decision import read_out_parameters
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import expect_one_hidden_layer
from nnanim.views.shared_marks import target_and_network, target_limits, unit_role

# The activations of single units that go from one bound, off, to the other, on.
_STEPS = sorted(kind for kind, row in ACTIVATIONS.items() if row.name and row.bounded)
_MOMENTS = 24  # of the run, over which the stairs' reach is sought
_REACH = 1.2  # of the span of the targets: so far beyond them stairs are shown
_TICK = 0.055  # of the panel's height: a threshold's tick
_FLAG = 0.012  # of the panel's width: the end of a tick, on the side where the unit is on


@dataclass(frozen=True)
class Thresholds(Titled):
    """The network's curve over its target, and what it becomes with units that are on or off.

    A unit of the hidden layer switches at x = -b/w: a tick for each, which points to where it is
    on. The hard threshold takes the place of the trained activation; nothing is trained again.
    """

    hard: bool = True

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than regression through one hidden layer."""
        expect_one_hidden_layer("Thresholds", film)
        kind = film.network.layer(film.network.hidden[0]).kind
        if self.hard and kind not in _STEPS:
            raise SceneError(
                f"Thresholds replaces {' or '.join(_STEPS)} by a hard threshold; the hidden layer "
                f"ends with {kind}: use Thresholds(hard=False)"
            )
        hard = ((film.words("hard threshold"), "ink", "line"),) if self.hard else ()
        return [
            Panel(
                film.words("Where units switch"),
                (float(film.window[0, 0]), float(film.window[0, 1])),
                self._limits(film),
                equal=False,
                x_label=str([*film.header.axis_names, ""][0]),
                legend=(*target_and_network(film), *hard),
                x_scaling=film.scaling(0),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return target, hard prediction, prediction and thresholds, back to front."""
        moment = film.moment(t)
        (panel,) = self.panels(film)
        xy = np.concatenate([film.data.inputs, film.data.targets], axis=1)
        target = xy[np.argsort(xy[:, 0], kind="stable")]
        marks: list[Mark] = [
            Lines([target], "class1", width=3.5),
            Points(target if len(target) <= 400 else target[:0], "class1", size=6.0),
        ]
        if self.hard:
            marks.append(Lines([hard_prediction(film, moment)], "ink", width=3.0, alpha=0.8))

        def graph(x: Floats) -> Floats:
            return np.concatenate([x, film.predictions(x, moment)], axis=1)

        tolerance = (panel.y[1] - panel.y[0]) / 4000
        across = geometry.interval(film.window)
        marks.append(Lines(geometry.refine(graph, [across], tolerance), "class0", width=4.5))
        return [[*marks, *_ticks(film, panel, moment)]]

    def _limits(self, film: Film) -> tuple[float, float]:
        """Return limits that hold the targets and, within bounds, the stairs of the whole run."""
        low, high = target_limits(film, 0.15)
        if not self.hard:
            return low, high
        return film.once(("stairs", self), lambda: _with_stairs(film, low, high))


def _with_stairs(film: Film, low: float, high: float) -> tuple[float, float]:
    moments = [*film.sampled_moments(_MOMENTS), film.epochs]
    steps = np.concatenate([hard_prediction(film, float(moment))[:, 1] for moment in moments])
    steps = steps[np.isfinite(steps)]
    room = 0.05 * (high - low)
    reach = _REACH * (high - low)
    least, most = float(steps.min(initial=low)) - room, float(steps.max(initial=high)) + room
    return min(low, max(least, low - reach)), max(high, min(most, high + reach))


def hard_prediction(film: Film, moment: float) -> Floats:
    """Return the steps (m, 2) of the network whose hidden units are only ever off or on."""
    assert film.network.read_out is not None
    weight, bias = hyperplanes(film, moment)
    low, high = film.window[0]
    thresholds = -bias[weight[:, 0] != 0] / weight[weight[:, 0] != 0, 0]
    inner = np.sort(thresholds[(thresholds > low) & (thresholds < high)])
    ends = np.concatenate([[low], inner, [high]])
    activation = ACTIVATIONS[film.network.layer(film.network.read_out.layer).kind]
    middles = (ends[:-1] + ends[1:]) / 2
    hidden = np.where(middles[:, None] * weight[:, 0] + bias > 0, activation.high, activation.low)
    factors, constant = read_out_parameters(film.network.read_out, film.state(moment))
    heights = hidden @ factors[0] + constant[0]
    return np.stack([np.repeat(ends, 2)[1:-1], np.repeat(heights, 2)], axis=1)


def _ticks(film: Film, panel: Panel, moment: float) -> list[Mark]:
    """Return a tick for each unit, where it switches, with a flag on the side where it is on."""
    (x0, x1), (y0, y1) = panel.x, panel.y
    marks: list[Mark] = []
    weight, bias = hyperplanes(film, moment)
    for unit, (factor, constant) in enumerate(zip(weight[:, 0], bias, strict=True)):
        if factor == 0 or not x0 <= -constant / factor <= x1:
            continue
        x, top = -constant / factor, y0 + _TICK * (y1 - y0)
        flag = x + np.sign(factor) * _FLAG * (x1 - x0)
        marks.append(Lines([np.array([[x, y0], [x, y1]])], unit_role(unit), width=1.5, alpha=0.35))
        path = np.array([[x, y0], [x, top], [flag, top]])
        marks.append(Lines([path], unit_role(unit), width=4.5))
    return marks
