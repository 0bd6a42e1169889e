"""How probable the network finds its classes, over the plane of inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.cells import borders
from nnanim.film.film import Film
from nnanim.marks import CLASSES, Image, Lines, Mark, Stop
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import ColorBar, Panel
from nnanim.views.advice import expect_can_show
from nnanim.views.edged import edged_points
from nnanim.views.shared_marks import (
    badge,
    legend,
    second_class,
    shown_inputs,
    winners,
)


@dataclass(frozen=True)
class Probability(Titled):
    """Filled contours of the probability of class 1, `levels` of them on `side` × `side` points.

    From the colour of class 0 over the panel's ground, where the network is undecided, to that of
    class 1. Of more classes, the most probable one in its colour, the fuller the more probable it
    is than any class by chance. Data lie on it with dark edges. `margin`, in units of the inputs,
    is how far the panel reaches beyond the input window; `badge` says whether the boundary closes
    inside of it.
    """

    margin: float = 0.2
    levels: int = 50
    side: int = 200
    points: bool = True
    badge: bool = False

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than classes of two inputs."""
        expect_can_show("Probability", film, "that of classes over two inputs")
        if self.badge:
            film.closed_boundary(0.0)  # raises for what has no answer
        (x, y) = ((float(low), float(high)) for low, high in self._box(film))
        assert film.decision is not None
        bar = None
        if film.decision.binary:
            label = film.words("P({name})", name=second_class(film))
            bar = ColorBar(stepped(self.levels), 0.0, 1.0, label)
        elif film.network.outputs_width > CLASSES:
            bar = ColorBar(rising(self.levels, "quiet"), 0.0, 1.0, film.words("probability"))
        return [
            Panel(
                film.words("Probability"),
                x,
                y,
                subtitle=shown_inputs(film) or film.words("in {n} levels", n=self.levels),
                legend=() if film.decision.binary else legend(film),
                color_bar=bar,
                x_scaling=film.scaling(0),
                y_scaling=film.scaling(1),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the levels, the decision line and the data, back to front."""
        assert film.decision is not None
        box, side = self._box(film), self.side
        inputs = geometry.cell_middles(box, side)
        scores = film.scores(inputs, film.moment(t))
        inner = np.stack([inputs[0], inputs[-1]], axis=1)
        marks: list[Mark] = self._levels(film, film.decision.probability(scores))
        if film.decision.binary:
            lines = geometry.contours(film.decision.margin(scores).reshape(side, side), inner)
        else:
            lines = [line for _, line in borders(scores.reshape(side, side, -1), inner)]
        marks.append(Lines(lines, "boundary", width=3.0))
        if self.points:
            marks += edged_points(film, film.moment(t))
        if self.badge:
            marks += badge(film, film.moment(t), self.panels(film)[0])
        return [marks]

    def _levels(self, film: Film, probability: Floats) -> list[Mark]:
        """Return the filled contours, of each class that is the most probable anywhere."""
        side, (x, y) = self.side, self._box(film).tolist()
        extent = (x[0], x[1], y[0], y[1])
        if probability.ndim == 1:
            return [Image(probability.reshape(side, side), extent, stepped(self.levels))]
        if probability.shape[1] > CLASSES:
            best = probability.max(axis=1).reshape(side, side)
            return [Image(best, extent, rising(self.levels, "quiet"))]
        winner, sure = winners(probability)
        return [
            Image(
                np.where(winner == k, sure, 0.0).reshape(side, side),
                extent,
                rising(self.levels, f"class{k}"),
            )
            for k in np.unique(winner).tolist()
        ]

    def _box(self, film: Film) -> Floats:
        steps = np.array([[film.scaling(0)[1]], [film.scaling(1)[1]]])
        return np.asarray(film.window + self.margin * np.array([-1.0, 1.0]) / steps)


def stepped(levels: int) -> tuple[Stop, ...]:
    """Return a scale in even steps from class 0 over nothing to class 1."""
    stops = []
    for k in range(levels):
        sure = abs(2 * (k + 0.5) / levels - 1)
        role = "class0" if k < levels / 2 else "class1"
        stops += [Stop(k / levels, role, 0.9 * sure), Stop((k + 1) / levels, role, 0.9 * sure)]
    return tuple(stops)


def rising(levels: int, role: str) -> tuple[Stop, ...]:
    """Return a scale in even steps from nothing to `role`, so many as one of two classes has."""
    steps = max(1, levels // 2)
    ends = [(i / steps, (i + 1) / steps, 0.9 * (i + 0.5) / steps) for i in range(steps)]
    # What another class wins, 0, is nothing at all of this one.
    stops = [Stop(0.0, role, 0.0)]
    for low, high, alpha in ends:
        stops += [Stop(max(low, 1e-3), role, alpha), Stop(high, role, alpha)]
    return tuple(stops)
