"""A curve that bends onto its target: regression of one input."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.marks import Lines, Mark, Points
from nnanim.types import Floats
from nnanim.view import Panel


@dataclass(frozen=True)
class Fit:
    """The target, the samples, and what the network makes of them.

    With `dots`, target and curve are lines with so many dots, each pair at the x of a test sample.
    """

    points: bool = True
    most_points: int = 400  # of the samples, so many are shown
    dots: int = 0

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than regression of one input."""
        if len(film.window) != 1 or film.task != "regression" or film.network.outputs_width != 1:
            raise SceneError(
                f"Fit shows regression of one output over one input; this scene has "
                f"{len(film.window)} inputs and the task {film.task}: use InputSpace or HiddenSpace"
            )
        low, high = float(film.data.targets.min()), float(film.data.targets.max())
        room = 0.12 * max(high - low, 1e-6)
        names = [*film.header.axis_names, "", ""]
        return [
            Panel(
                "Fit",
                (float(film.window[0, 0]), float(film.window[0, 1])),
                (low - room, high + room),
                equal=False,
                x_label=names[0],
                y_label=names[1],
                legend=(("target", "class1"), ("network", "class0")),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return samples, target and the network's curve, back to front."""
        marks: list[Mark] = []
        if self.points:
            xy = np.concatenate([film.data.inputs, film.data.targets], axis=1)
            shown = xy[:: -(-len(xy) // self.most_points)]
            marks.append(Points(shown, "class1", size=4.0, alpha=0.5))
        marks += self._dots(film, film.moment(t))
        target = np.concatenate([film.data.test_inputs, film.data.test_targets], axis=1)
        if len(target):
            target = target[np.argsort(target[:, 0], kind="stable")]
            marks.append(Lines([target], "class1", width=4.0))
        return [[*marks, Lines([_curve(film, film.moment(t))], "class0", width=5.0)]]

    def _dots(self, film: Film, moment: float) -> list[Mark]:
        """Return a dot on the target and one on the network's curve above some test samples."""
        inputs, targets = film.data.test_inputs, film.data.test_targets
        if not self.dots or not len(inputs):
            return []
        order = np.argsort(inputs[:, 0], kind="stable")
        some = order[np.linspace(0, len(order) - 1, min(self.dots, len(order))).round().astype(int)]
        outputs = film.outputs("", inputs[some], moment)
        return [
            Points(np.concatenate([inputs[some], y], axis=1), role, size=12.0)
            for y, role in ((targets[some], "class1"), (outputs, "class0"))
        ]


def _curve(film: Film, moment: float) -> Floats:
    """Return the network's curve (m, 2), with points added where it bends."""

    def graph(x: Floats) -> Floats:
        return np.concatenate([x, film.outputs("", x, moment)], axis=1)

    across, tolerance = geometry.interval(film.window), float(np.ptp(film.data.targets)) / 4000
    (curve,) = geometry.refine(graph, [across], tolerance)
    return curve
