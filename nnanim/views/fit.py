"""A curve that bends onto its target: regression of one input."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.film.film import Film
from nnanim.marks import Lines, Mark, Points
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import expect_can_show
from nnanim.views.shared_marks import output_names, output_roles, target_and_network, target_limits


@dataclass(frozen=True)
class Fit(Titled):
    """The target, the samples, and what the network makes of them.

    Several outputs have a curve and a colour each. With `dots`, target and curve are lines with so
    many dots, each pair at the x of a test sample.
    """

    points: bool = True
    most_points: int = 400  # of the samples, so many are shown
    dots: int = 0

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
        marks: list[Mark] = []
        if self.points:
            every = -(-len(film.data.inputs) // self.most_points)
            shown = _graphs(film.data.inputs[::every], film.data.targets[::every])
            marks += [
                Points(graph, role, size=4.0, alpha=0.5)
                for graph, (role, _) in zip(shown, pairs, strict=True)
            ]
        marks += self._dots(film, film.moment(t))
        if len(film.data.test_inputs):
            order = np.argsort(film.data.test_inputs[:, 0], kind="stable")
            targets = _graphs(film.data.test_inputs[order], film.data.test_targets[order])
            wide = 4.0 if len(pairs) == 1 else 1.5
            marks += [
                Lines([graph], role, width=wide)
                for graph, (role, _) in zip(targets, pairs, strict=True)
            ]
        curves = _curves(film, film.moment(t))
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
        outputs = film.outputs("", inputs[some], moment)
        pairs = list(zip(*_roles(film), strict=True))
        return [
            Points(graph, role, size=12.0)
            for y, roles in zip((targets[some], outputs), pairs, strict=True)
            for graph, role in zip(_graphs(inputs[some], y), roles, strict=True)
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
        return np.concatenate([x, film.outputs("", x, moment)], axis=1)

    across, tolerance = geometry.interval(film.window), float(np.ptp(film.data.targets)) / 4000
    (curve,) = geometry.refine(graph, [across], tolerance)
    return _graphs(curve[:, :1], curve[:, 1:])
