"""One-dimensional data, spread upwards for the eye only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.film.spans import PANEL_MARGIN
from nnanim.marks import Lines, Mark
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import refusal
from nnanim.views.shared_marks import data_points, legend, second_class, tints

_SPREAD = 0.5  # standard deviation of the heights
_HEIGHT = 3.0  # of the panel, below and above
_CELLS = 160  # of the tint, along the line
_POINTS = 1001  # along the line, between which the decision may change


@dataclass(frozen=True)
class Line1D(Titled):
    """Classes on a line, as they come in, and the probability that comes out for each.

    `layer` left out is the input; "output" is the probability of class 1, or, of more than two
    classes, of the sample's own, whatever the network calls its last layer. Heights are drawn once
    at random and mean nothing; a line stands wherever the decision changes. For a hidden layer
    there is HiddenSpace.
    """

    layer: str | None = None

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than classes, of one input if that is it."""
        if self.layer not in (None, "output"):
            raise SceneError(
                f"Line1D(layer={self.layer!r}): expected None, the input, or 'output'; "
                f"use HiddenSpace(layer={self.layer!r})"
            )
        if film.decision is None:
            raise refusal("Line1D", film, "classes")
        if self.layer is None and len(film.window) != 1:
            raise refusal("Line1D", film, "one input", "Line1D(layer='output')")
        low, high = self._limits(film)
        return [
            Panel(
                film.words("Input") if self.layer is None else film.words("Output"),
                (low, high),
                (-_HEIGHT, _HEIGHT),
                subtitle=film.words("the height means nothing"),
                equal=False,
                x_label="" if self.layer is None else _of_whom(film),
                x_ticks=True if self.layer is None else (0.0, 0.5, 1.0),
                y_ticks=False,
                legend=legend(film) if self.layer is None or not film.decision.binary else (),
                x_scaling=film.scaling(0) if self.layer is None else (0.0, 1.0),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return tint, points and the lines where the decision changes, back to front."""
        moment = film.moment(t)
        assert film.decision is not None
        marks: list[Mark] = []
        if self.layer is None:
            values, changes = film.data.inputs[:, 0], _changes(film, moment)
            marks += _tint(film, moment)
        else:
            values = film.decision.probability(film.points(film.network.scores, moment))
            changes = np.array([0.5])
            if not film.decision.binary:  # one class may win with less than half
                values, changes = values[np.arange(len(values)), film.labels], np.empty(0)
        heights = np.random.default_rng(0).normal(0.0, _SPREAD, len(values))
        marks += data_points(film, np.stack([values, heights], axis=1), moment=moment)
        upright = [np.array([[x, -_HEIGHT], [x, _HEIGHT]]) for x in changes]
        return [[*marks, Lines(upright, "boundary", width=3.0)]]

    def _limits(self, film: Film) -> tuple[float, float]:
        if self.layer == "output":
            return 0.0, 1.0
        ((low, high),) = geometry.widen(film.window, PANEL_MARGIN)
        return float(low), float(high)


def _tint(film: Film, moment: float) -> list[Mark]:
    """Return the classes that are decided along the line, as tints."""
    ((low, high),) = geometry.widen(film.window, PANEL_MARGIN)
    half = (high - low) / (2 * _CELLS)
    middles = np.linspace(low + half, high - half, _CELLS)[:, None]
    rows = np.tile(film.scores(middles, moment), (_CELLS, 1))
    return tints(film, rows, _CELLS, (float(low), float(high), -_HEIGHT, _HEIGHT))


def _changes(film: Film, moment: float) -> Floats:
    """Return the inputs (k,) at which the decision changes, rising."""
    assert film.decision is not None
    ((low, high),) = geometry.widen(film.window, PANEL_MARGIN)
    x = np.linspace(low, high, _POINTS)
    scores = film.scores(x[:, None], moment).astype(np.float64)
    won = film.decision.classes(scores)
    here = np.flatnonzero(won[:-1] != won[1:])
    if film.decision.binary:
        margin = film.decision.margin(scores)
        before, after = margin[here], margin[here + 1]
    else:
        lead = scores[:, won[here]] - scores[:, won[here + 1]]
        before, after = lead[here, np.arange(len(here))], lead[here + 1, np.arange(len(here))]
    return np.asarray(x[here] + before / (before - after) * (x[here + 1] - x[here]))


def _of_whom(film: Film) -> str:
    """Return what the probability that comes out is of."""
    assert film.decision is not None
    if not film.decision.binary:
        return film.words("probability of their own class")
    return film.words("probability of {name}", name=second_class(film))
