"""The network as a diagram: what every unit sees, and how strongly each is heard by the next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.layer import Layer
from nnanim.marks import Image, Lines, Mark, Points, Polygons, Stop, Text
from nnanim.network.activations import ACTIVATIONS
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.handles import Handle
from nnanim.views.shared_marks import unit_role

_WIDTH, _HEIGHT = 16.0, 9.0  # of the panel, in its own units
_FOOT = 0.9  # below the units, for the names of the layers
_LARGEST = 1.7  # a unit's side
_CELLS = 28  # of a unit's heat map, each way
_STEPS = 24  # widths of edges that are told apart
_THINNEST, _WIDEST = 0.8, 9.0  # edge, in pixels; of smaller units the widest is in proportion
_SQUARE = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
_MOST_NAMED = 9  # columns; more names would run into each other

_SIGNED = (
    Stop(0.0, "class0", 0.95),
    Stop(0.5, "class0", 0.0),
    Stop(0.5, "class1", 0.0),
    Stop(1.0, "class1", 0.95),
)
_RISING = (Stop(0.0, "ink", 0.0), Stop(1.0, "ink", 0.9))


@dataclass(frozen=True)
class Network(Titled):
    """The layers from left to right, in every unit what it gives over the input window.

    Units of the first hidden layer are framed in the colours that their lines have in `UnitLines`.
    An edge is as wide as its weight is large, of its layer's largest in the whole run, and of the
    second class's colour where the weight is positive, of the first's where it is negative. Over
    one input a unit shows its curve; over more than two it is a dot.
    """

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than a chain of Linear layers."""
        film.network.expect_running()
        linears, hidden = _linears(film), film.network.hidden
        if len(linears) != len(hidden) + 1 or any(Layer.of(name).picks for name in hidden):
            raise SceneError(
                "Network draws a chain of Linear layers, each fed by the one before; this model "
                f"has {len(linears)} of them and the hidden layers {', '.join(hidden) or 'none'}: "
                "leave the view out"
            )
        return [
            Panel(
                film.words("Network"),
                (0.0, _WIDTH),
                (0.0, _HEIGHT),
                x_ticks=False,
                y_ticks=False,
                legend=(
                    (film.words("negative weight"), "class0", "line"),
                    (film.words("positive"), "class1", "line"),
                ),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return edges, units and the names of the layers, back to front."""
        moment = film.moment(t)
        columns, side = _places(film)
        marks: list[Mark] = []
        for i, name in enumerate(_linears(film)):
            marks += _edges(film, name, moment, columns[i], columns[i + 1], side)
        for i, (column, maps) in enumerate(zip(columns, _maps(film, moment), strict=True)):
            marks += _units(film, column, maps, side)
            if maps is not None:
                first = i == 1 and bool(film.network.hidden)
                marks += _frames(column, side, colored=first)
        if len(columns) <= _MOST_NAMED:
            hidden = [film.words("hidden {n}", n=i) for i in range(1, len(columns) - 1)]
            names = [film.words("input"), *hidden, film.words("output")]
            for column, text in zip(columns, names, strict=True):
                at = np.array([column[0, 0], 0.32])
                marks.append(Text(at, text, "quiet", size=24.0, anchor="center"))
        return [marks]

    def handles(self, film: Film) -> Sequence[Sequence[Handle]]:
        """Return the units of hidden layers, and the edges between all units."""
        columns, side = _places(film)
        found = [
            Handle(middle + side * _SQUARE, name, unit)
            for name, column in zip(film.network.hidden, columns[1:-1], strict=True)
            for unit, middle in enumerate(column)
        ]
        for i, name in enumerate(_linears(film)):
            before, after = columns[i : i + 2]
            found += [
                Handle(_edge(before[source], middle, side), name, unit, source)
                for unit, middle in enumerate(after)
                for source in range(len(before))
            ]
        return [found]


def _linears(film: Film) -> list[str]:
    """Return the names of the Linear modules in the order of their calls."""
    state = film.recording.states
    return [
        layer.name
        for layer in film.network.layers
        if layer.kind == "Linear" and f"{layer.name}.weight" in state
    ]


def _places(film: Film) -> tuple[list[Floats], float]:
    """Return the middles (units, 2) of the units of each column, and a unit's side."""
    widths, high = film.network.widths, _HEIGHT - _FOOT
    pitch = min(1.25 * _LARGEST, high / max(widths))
    side = min(0.84 * pitch, 0.5 * _WIDTH / len(widths), _LARGEST)
    xs = _WIDTH * (np.arange(len(widths)) + 0.5) / len(widths)
    columns = []
    for x, units in zip(xs, widths, strict=True):
        ys = _FOOT + high / 2 + pitch * ((units - 1) / 2 - np.arange(units))
        columns.append(np.stack([np.full(units, x), ys], axis=1))
    return columns, side


def _edges(
    film: Film, linear: str, moment: float, before: Floats, after: Floats, side: float
) -> list[Mark]:
    """Return the edges of one Linear, those of about one width in one mark, the widest last."""
    weight = np.asarray(film.state(moment)[f"{linear}.weight"], np.float64)
    largest = float(np.abs(film.recording.states[f"{linear}.weight"]).max()) or 1.0
    share = np.abs(weight) / largest
    step = np.minimum((share * _STEPS).astype(int), _STEPS - 1)
    marks: list[Mark] = []
    for level in range(_STEPS):
        for role, chosen in (("class0", weight < 0), ("class1", weight > 0)):
            pairs = np.argwhere(chosen & (step == level))
            if not len(pairs):
                continue
            paths = [_edge(before[j], after[i], side) for i, j in pairs]
            strong = (level + 0.5) / _STEPS
            width = _THINNEST + (_WIDEST * side / _LARGEST) * strong
            marks.append(Lines(paths, role, width=width, alpha=0.25 + 0.65 * strong))
    return marks


def _edge(source: Floats, unit: Floats, side: float) -> Floats:
    """Return the ends (2, 2) of the edge between the middles of two units."""
    half = np.array([side / 2, 0.0])
    return np.stack([source + half, unit - half])


Maps = tuple[Floats, Floats, bool]  # values (points, units), limits (units, 2), whether signed


def _maps(film: Film, moment: float) -> list[Maps | None]:
    """Return for each column what its units give over the input window; None for many inputs."""
    hidden = film.network.hidden
    if len(film.window) > 2:
        return [None] * (len(hidden) + 2)
    if len(film.window) == 2:
        inputs = geometry.cell_middles(film.window, _CELLS)
    else:
        inputs = geometry.interval(film.window)
    names = frozenset({*hidden, film.network.scores})
    found = film.replay.shared("diagram", inputs, moment, names)
    maps: list[Maps | None] = [(inputs, film.window, True)]
    for name in hidden:
        known = ACTIVATIONS.get(film.network.layer(name).kind)
        signed = known is None or known.low < 0
        limits = film.limits(name)
        if signed:
            reach = np.abs(limits).max(axis=1)
            limits = np.stack([-reach, reach], axis=1)
        maps.append((found[name], limits, signed))
    scores = found[film.network.scores]
    if film.decision is None:
        return [*maps, (scores, film.limits(film.network.scores), True)]
    given = film.decision.probability(scores).reshape(len(inputs), -1)
    return [*maps, (given, np.tile([0.0, 1.0], (given.shape[1], 1)), True)]


def _units(film: Film, column: Floats, maps: Maps | None, side: float) -> list[Mark]:
    """Return the units of one column, each with its map, or its curve."""
    if maps is None:
        return [Points(column, "ink", size=18.0)]
    values, limits, signed = maps
    marks: list[Mark] = [Polygons([middle + _SQUARE * side for middle in column], "ground")]
    for unit, (x, y) in enumerate(column):
        field, (low, high) = values[:, min(unit, values.shape[1] - 1)], limits[unit % len(limits)]
        if len(film.window) == 2:
            extent = (x - side / 2, x + side / 2, y - side / 2, y + side / 2)
            scale = _SIGNED if signed else _RISING
            cells = field.reshape(_CELLS, _CELLS)
            marks.append(Image(cells, extent, scale, float(low), float(high)))
        else:
            across = np.linspace(-0.5, 0.5, len(field))
            up = np.clip((field - low) / (high - low), 0.0, 1.0) - 0.5
            curve = np.stack([x + 0.9 * side * across, y + 0.9 * side * up], axis=1)
            marks.append(Lines([curve], "ink", width=2.4))
    return marks


def _frames(column: Floats, side: float, *, colored: bool) -> list[Mark]:
    """Return the frames of one column's units, each in its unit's colour if `colored`."""
    frames = [middle + side * _SQUARE[[0, 1, 2, 3, 0]] for middle in column]
    if not colored:
        return [Lines(frames, "quiet", width=1.6)]
    return [Lines([frame], unit_role(unit), width=4.0) for unit, frame in enumerate(frames)]
