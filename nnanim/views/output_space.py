"""The plane of two outputs: where the targets lie, and where the network comes to lie."""

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
from nnanim.views.shared_marks import output_names, target_and_network

_MOST = 400  # samples that are shown


@dataclass(frozen=True)
class OutputSpace(Titled):
    """Targets and predictions of a regression of two outputs, in the plane of these.

    Over one input, the network's answers are a curve, else a point for each sample that a line
    joins to its target.
    """

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than regression of two outputs."""
        expect_can_show("OutputSpace", film, "regression of two outputs")
        (x0, x1), (y0, y1) = _box(film).tolist()
        names = output_names(film)
        return [
            Panel(
                film.words("Output space"),
                (x0, x1),
                (y0, y1),
                x_label=names[0],
                y_label=names[1],
                legend=target_and_network(
                    film, "disc", "line" if len(film.window) == 1 else "disc"
                ),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the targets, then what the network gives in their place."""
        moment = film.moment(t)
        every = -(-len(film.data.inputs) // _MOST)
        inputs, targets = film.data.inputs[::every], film.data.targets[::every]
        wanted = Points(targets, "class1", size=7.0, alpha=0.8)
        if len(film.window) == 1:
            return [[wanted, Lines([_curve(film, moment)], "class0", width=5.0)]]
        given = film.predictions(inputs, moment)
        errors = [np.stack(pair) for pair in zip(targets, given, strict=True)]
        joined = Lines(errors, "quiet", width=1.5, alpha=0.7)
        return [[joined, wanted, Points(given, "class0", size=7.0, alpha=0.9)]]


def _curve(film: Film, moment: float) -> Floats:
    """Return where the input interval lies (m, 2), with points added where it bends."""
    tolerance = float(np.ptp(_box(film), axis=1).max()) / 8000
    (curve,) = geometry.refine(
        lambda x: film.predictions(x, moment), [geometry.interval(film.window)], tolerance
    )
    return curve


def _box(film: Film) -> Floats:
    """Return the limits (2, 2): those of the targets, with room, one span for both outputs."""
    low, high = film.data.targets.min(axis=0), film.data.targets.max(axis=0)
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-6)
    return np.stack([middle - 1.25 * half, middle + 1.25 * half], axis=1).astype(np.float64)
