"""The lines at which hidden units switch, and the regions that they cut out of the plane."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.film.spans import PANEL_MARGIN
from nnanim.film.switches import hyperplanes, pre_activation
from nnanim.marks import Lines, Mark, Text
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import advice, refusal
from nnanim.views.shared_marks import input_points, legend, tints, unit_role

_SIDE = 160  # points a side of the lattice on which curves and tints are looked for
_EVERY = 1 / 18  # of the panel's span: from one tick of a line's positive side to the next
_TICK = 1 / 55  # of the panel's span: a tick's length
_MOST_CODED = 6  # units; longer codes cannot be read
_SMALLEST = 1 / 250  # of the panel's area: a region that has room for its code


@dataclass(frozen=True)
class UnitLines(Titled):
    """The data with the line w·x + b = 0 of each hidden unit, ticks on the side where it is on.

    Where classes are learnt, also the predicted regions as tints, and their boundary. The lines of
    the first hidden layer cut the plane into regions, each with a code of its own: which units are
    on in it. `layer` may name a later one, whose units switch along curves.
    """

    layer: str | None = None
    points: bool = True
    codes: bool | None = None  # None: for up to 6 units
    boundary: bool = True

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel over the input window; `SceneError` for other than two inputs."""
        if len(film.window) != 2:
            raise refusal("UnitLines", film, "a plane of two inputs")
        layer = self._layer(film)
        (x, y) = geometry.widen(film.window, PANEL_MARGIN)
        return [
            Panel(
                film.words("Where units switch"),
                (float(x[0]), float(x[1])),
                (float(y[0]), float(y[1])),
                subtitle="" if film.decision is not None else film.layer_name(layer),
                legend=legend(film) if film.decision is not None else (),
                x_scaling=film.scaling(0),
                y_scaling=film.scaling(1),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return tints, points, the units' lines, boundary and regions' codes, back to front."""
        moment, layer = film.moment(t), self._layer(film)
        box = geometry.widen(film.window, PANEL_MARGIN)
        marks: list[Mark] = _tints(film, moment, box) if self.boundary else []
        if self.points:
            marks += input_points(film, moment)
        codes: list[Mark] = []
        if layer != film.network.hidden[0]:
            marks += _curves(film, layer, moment, box)
        else:
            weight, bias = hyperplanes(film, moment)
            for unit in range(len(weight)):
                marks += _line(unit, weight[unit], float(bias[unit]), box)
            codes = self._regions(film, weight, bias, box)
        if self.boundary:
            marks.append(Lines(film.boundary(moment), "boundary", width=4.5))
        return [[*marks, *codes]]

    def _regions(self, film: Film, weight: Floats, bias: Floats, box: Floats) -> list[Mark]:
        """Return the codes of the regions that have room for them, and how many there are."""
        regions = geometry.arrangement(weight, bias, box)
        span = box[:, 1] - box[:, 0]
        at = np.array([box[0, 0] + 0.025 * span[0], box[1, 1] - 0.045 * span[1]])
        marks: list[Mark] = [Text(at, film.words("{n} regions", n=len(regions)), plate=True)]
        if len(weight) <= _MOST_CODED if self.codes is None else self.codes:
            marks += [
                _code(code, geometry.centroid(polygon) - np.array([0.0, 0.011 * span[1]]))
                for code, polygon in regions
                if _area(polygon) > _SMALLEST * span.prod()
            ]
        return marks

    def _layer(self, film: Film) -> str:
        if not film.network.hidden:
            raise SceneError(f"UnitLines needs a hidden layer; this model has none{advice(film)}")
        name = self.layer or film.network.hidden[0]
        pre_activation(film, name)
        return name


def _tints(film: Film, moment: float, box: Floats) -> list[Mark]:
    """Return the predicted regions as tints over the box; none where no classes are learnt."""
    if film.decision is None:
        return []
    (x0, x1), (y0, y1) = box.tolist()
    scores = film.scores(geometry.cell_middles(box, _SIDE), moment)
    return tints(film, scores, _SIDE, (x0, x1, y0, y1))


def _line(unit: int, normal: Floats, bias: float, box: Floats) -> list[Mark]:
    """Return the line normal·x + bias = 0 in the box, and ticks towards where it is above zero."""
    line = geometry.clip_line(normal, -bias, box)
    if line is None:
        return []
    length = float(np.hypot(*normal))
    towards, along = normal / length, np.array([-normal[1], normal[0]]) / length
    span = float((box[:, 1] - box[:, 0]).max())
    # Counted from the line's foot point, so that they go with the line and not with its ends.
    foot = -bias / length * towards
    first, last = np.sort((line - foot) @ along) / (_EVERY * span)
    steps = np.arange(np.ceil(first), np.floor(last) + 1)[:, None]
    starts = foot + steps * _EVERY * span * along
    return _strokes(unit, [line], starts, starts + _TICK * span * towards)


def _curves(film: Film, layer: str, moment: float, box: Floats) -> list[Mark]:
    """Return the curves along which the units of a later layer switch, with their ticks."""
    span = float((box[:, 1] - box[:, 0]).max())
    name, marks = pre_activation(film, layer), []
    fields = film.outputs(name, geometry.lattice(box, _SIDE), moment)
    for unit in range(fields.shape[1]):
        curves = geometry.contours(fields[:, unit].reshape(_SIDE, _SIDE), box)
        feet = [_evenly(curve, _EVERY * span) for curve in curves]
        starts = np.concatenate([foot for foot, _ in feet] or [np.empty((0, 2))])
        across = np.concatenate([normal for _, normal in feet] or [np.empty((0, 2))])
        ends = starts + _TICK * span * across
        if len(starts):
            above = film.outputs(name, ends, moment)[:, unit] > 0
            ends = np.where(above[:, None], ends, 2 * starts - ends)
        marks += _strokes(unit, curves, starts, ends)
    return marks


def _strokes(unit: int, curves: Sequence[Floats], starts: Floats, ends: Floats) -> list[Mark]:
    ticks = [np.stack(pair) for pair in zip(starts, ends, strict=True)]
    role = unit_role(unit)
    return [Lines(curves, role, width=3.5), Lines(ticks, role, width=3.0)]


def _evenly(curve: Floats, step: float) -> tuple[Floats, Floats]:
    """Return points (k, 2) every `step` along a curve, and the unit normals there."""
    chords = np.diff(curve, axis=0)
    reached = np.concatenate([[0.0], np.hypot(*chords.T).cumsum()])
    at = np.arange(step / 2, reached[-1], step)
    piece = np.clip(np.searchsorted(reached, at) - 1, 0, len(chords) - 1)
    points = np.stack([np.interp(at, reached, curve[:, axis]) for axis in range(2)], axis=1)
    normals = np.stack([-chords[piece, 1], chords[piece, 0]], axis=1)
    return points, normals / np.maximum(np.hypot(*normals.T), 1e-300)[:, None]


def _code(code: tuple[bool, ...], at: Floats) -> Mark:
    """Return a code about `at`, a digit for each unit: 1 in its colour where it is on, else 0."""
    roles = [unit_role(unit) if on else "quiet" for unit, on in enumerate(code)]
    digits = "".join("1" if on else "0" for on in code)
    return Text(at, digits, anchor="center", bold=True, plate=True, colors=roles)


def _area(polygon: Floats) -> float:
    x, y = polygon.T
    return 0.5 * abs(float(np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y)))
