"""Predicted against true: a parity plot, for regression of any number of inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.film.film import Film
from nnanim.marks import Lines, Mark, Points
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import expect_can_show
from nnanim.views.shared_marks import output_names, output_roles, target_limits

_MOST_POINTS = 4000  # of each output
_ROOM = 0.12  # of the targets' span, for predictions beyond it


@dataclass(frozen=True)
class Parity(Titled):
    """Each sample's prediction over its target; on the diagonal, the two are the same.

    The samples are those of the test part where there is one. Several outputs have a colour each.
    """

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than regression."""
        expect_can_show("Parity", film, "what a regression predicts")
        limits = target_limits(film, _ROOM)
        names = output_names(film)
        roles, tested = output_roles(film), len(film.data.test_inputs) > 0
        return [
            Panel(
                film.words("Predicted against true"),
                limits,
                limits,
                subtitle=film.words("test samples" if tested else "training samples"),
                x_label=film.words("target"),
                y_label=film.words("prediction"),
                legend=tuple((*pair, "disc") for pair in zip(names, roles, strict=True))
                if len(names) > 1
                else (),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the diagonal, and a point for each sample and output."""
        inputs, targets = _samples(film)
        given = film.predictions(inputs, film.moment(t))
        low, high = target_limits(film, _ROOM)
        diagonal = np.array([[low, low], [high, high]])
        size = float(np.clip(5.0 * (1000 / max(len(inputs), 1)) ** 0.25, 4.0, 11.0))
        marks: list[Mark] = [Lines([diagonal], "boundary", width=2.6)]
        marks += [
            Points(np.stack([targets[:, k], given[:, k]], axis=1), role, size=size, alpha=0.7)
            for k, role in enumerate(output_roles(film))
        ]
        return [marks]


def _samples(film: Film) -> tuple[Floats, Floats]:
    """Return inputs (n, …) and targets (n, outputs) of those shown, evenly taken from all."""
    data = film.data
    tested = len(data.test_inputs) > 0
    inputs, targets = (
        (data.test_inputs, data.test_targets) if tested else (data.inputs, data.targets)
    )
    every = -(-len(inputs) // _MOST_POINTS)
    return inputs[::every], targets[::every]
