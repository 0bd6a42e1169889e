"""A curve that bends onto its target: regression of one input."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nnanim import geometry
from nnanim.film.film import Film
from nnanim.marks import Lines, Mark, Points, Polygons
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import expect_can_show
from nnanim.views.shared_marks import (
    output_names,
    output_roles,
    target_and_network,
    target_limits,
    unit_role,
)

_GAP = 0.25  # how strongly the gap is filled
_FAINT = 0.45
_SMOOTH = 400  # points of a hidden unit's curve
_MOST_HIDDEN = 10  # units: as many as have colours of their own


@dataclass(frozen=True)
class Fit(Titled):
    """The target, the samples, and what the network makes of them.

    The gap between the target, as test samples give it, and the curve is softly filled. Several
    outputs have a curve and a colour each, and no such gap. With `dots`, target and curve are lines
    with so many dots, each pair at the x of a test sample. With `hidden`, what each unit of the
    last hidden layer gives lies faintly beneath, up to ten.
    """

    points: bool = True
    most_points: int = 400  # of the samples, so many are shown
    dots: int = 0
    hidden: bool = False

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than regression of one input."""
        expect_can_show("Fit", film, "regression over one input")
        outputs, roles = output_names(film), output_roles(film)
        several = len(outputs) > 1
        names = [*film.header.axis_names, "", ""]
        return [
            Panel(
                film.words("Fit"),
                (float(film.window[0, 0]), float(film.window[0, 1])),
                target_limits(film, 0.12),
                equal=False,
                x_label=names[0],
                subtitle=film.words("samples and network") if several else "",
                y_label="" if several else names[1],
                legend=tuple((*pair, "line") for pair in zip(outputs, roles, strict=True))
                if several
                else target_and_network(film),
                x_scaling=film.scaling(0),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return samples, target and the network's curve, back to front."""
        pairs = _roles(film)
        moment = film.moment(t)
        curves = _curves(film, moment)
        marks: list[Mark] = _hidden(film, moment) if self.hidden else []
        if len(pairs) == 1 and len(film.data.test_inputs):
            marks += _gap(film, curves[0])
        if self.points:
            every = -(-len(film.data.inputs) // self.most_points)
            shown = _graphs(film.data.inputs[::every], film.data.targets[::every])
            marks += [
                Points(graph, role, size=4.0, alpha=0.5)
                for graph, (role, _) in zip(shown, pairs, strict=True)
            ]
        marks += self._dots(film, moment)
        if len(film.data.test_inputs):
            order = np.argsort(film.data.test_inputs[:, 0], kind="stable")
            targets = _graphs(film.data.test_inputs[order], film.data.test_targets[order])
            wide = 4.0 if len(pairs) == 1 else 1.5
            marks += [
                Lines([graph], role, width=wide)
                for graph, (role, _) in zip(targets, pairs, strict=True)
            ]
        marks += [
            Lines([curve], role, width=5.0) for curve, (_, role) in zip(curves, pairs, strict=True)
        ]
        return [marks]

    def _dots(self, film: Film, moment: float) -> list[Mark]:
        """Return a dot on each target and one on each curve above some test samples."""
        inputs, targets = film.data.test_inputs, film.data.test_targets
        if not self.dots or not len(inputs):
            return []
        order = np.argsort(inputs[:, 0], kind="stable")
        some = order[np.linspace(0, len(order) - 1, min(self.dots, len(order))).round().astype(int)]
        outputs = film.predictions(inputs[some], moment)
        pairs = list(zip(*_roles(film), strict=True))
        return [
            Points(graph, role, size=12.0)
            for y, roles in zip((targets[some], outputs), pairs, strict=True)
            for graph, role in zip(_graphs(inputs[some], y), roles, strict=True)
        ]


def _gap(film: Film, curve: Floats) -> list[Mark]:
    """Return what lies between the target and the network's curve (m, 2), parted at crossings."""
    order = np.argsort(film.data.test_inputs[:, 0], kind="stable")
    (target,) = _graphs(film.data.test_inputs[order], film.data.test_targets[order])
    inside = (curve[:, 0] > target[0, 0]) & (curve[:, 0] < target[-1, 0])
    x = np.union1d(target[:, 0], curve[inside, 0]).astype(np.float64)
    low, high = (np.interp(x, graph[:, 0], graph[:, 1]) for graph in (target, curve))
    apart = high - low
    turns = np.flatnonzero(apart[:-1] * apart[1:] < 0)
    share = apart[turns] / (apart[turns] - apart[turns + 1])
    meets = x[turns] + share * (x[turns + 1] - x[turns])
    level = low[turns] + share * (low[turns + 1] - low[turns])
    x, low, high = (
        np.insert(values, turns + 1, new)
        for values, new in ((x, meets), (low, level), (high, level))
    )
    ends = [0, *(turns + 1 + np.arange(len(turns))).tolist(), len(x) - 1]
    parts = [
        np.concatenate([np.stack([x[i:j], side[i:j]], axis=1)[::way]
                        for side, way in ((low, 1), (high, -1))])
        for i, j in ((i, j + 1) for i, j in pairwise(ends))
        if j - i > 2
    ]  # fmt: skip
    return [Polygons(parts, "class0", alpha=_GAP)] if parts else []


def _hidden(film: Film, moment: float) -> list[Mark]:
    """Return what each unit of the last hidden layer gives; nothing of very many."""
    names = film.network.hidden
    if not names:
        return []
    x = geometry.interval(film.window, _SMOOTH)
    given = film.outputs(names[-1], x, moment)
    if given.shape[1] > _MOST_HIDDEN:
        return []
    return [
        Lines([graph], unit_role(unit), width=2.5, alpha=_FAINT)
        for unit, graph in enumerate(_graphs(x, given))
    ]


def _roles(film: Film) -> list[tuple[str, str]]:
    """Return the colour roles of each output's target and curve."""
    roles = output_roles(film)
    return [("class1", "class0")] if len(roles) == 1 else list(zip(roles, roles, strict=True))


def _graphs(inputs: Floats, outputs: Floats) -> list[Floats]:
    """Return for each output its graph (n, 2) over the inputs (n, 1)."""
    return [np.stack([inputs[:, 0], column], axis=1) for column in outputs.T]


def _curves(film: Film, moment: float) -> list[Floats]:
    """Return the network's curves (m, 2), with points added where one bends."""

    def graph(x: Floats) -> Floats:
        return np.concatenate([x, film.predictions(x, moment)], axis=1)

    across, tolerance = geometry.interval(film.window), float(np.ptp(film.data.targets)) / 4000
    (curve,) = geometry.refine(graph, [across], tolerance)
    return _graphs(curve[:, :1], curve[:, 1:])
