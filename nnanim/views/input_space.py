"""The plane of inputs: where the network says which class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.color import Color
from nnanim.film.film import Film
from nnanim.film.spans import PANEL_MARGIN
from nnanim.marks import Lines, Mark
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import expect_can_show
from nnanim.views.grid_marks import grid_marks
from nnanim.views.shared_marks import (
    badge,
    input_points,
    legend,
    number_bar,
    one_unit,
    shown_inputs,
    tints,
)

_SIDE = 160  # cells of the tint
_GRIDDED = 0.4  # of the usual size: in smaller tiles the grid, which stands still, is left out


@dataclass(frozen=True)
class InputSpace(Titled):
    """The data where they are, the regions that the network predicts, and its boundary.

    `badge` says in the picture whether the boundary closes inside the window, for two classes.
    `color` is what colours the points, in place of the scene's.
    """

    points: bool = True
    grid: bool = True
    legend: bool | None = None  # None: where there are more than two classes
    badge: bool = False
    color: Color = None

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel over the input window; `SceneError` for other than two inputs."""
        expect_can_show("InputSpace", film, "classes over two inputs")
        if self.badge:
            film.closed_boundary(0.0)  # raises for what has no answer
        (x, y) = geometry.widen(film.window, PANEL_MARGIN)
        names = [str(name) for name in film.header.axis_names[:2]]
        labels = names if names != ["x", "y"] and len(names) == 2 else ["", ""]
        several = len(film.header.class_names) > 2 or not self._is_usual(film)
        named = several if self.legend is None else self.legend
        return [
            Panel(
                film.words("Input space"),
                (float(x[0]), float(x[1])),
                (float(y[0]), float(y[1])),
                subtitle=shown_inputs(film) or film.words("where the network decides"),
                equal=one_unit(film),
                x_label=labels[0],
                y_label=labels[1],
                x_scaling=film.scaling(0),
                y_scaling=film.scaling(1),
                legend=legend(film, self.color) if named else (),
                color_bar=number_bar(film, self.color) if self.points else None,
            )
        ]

    def _is_usual(self, film: Film) -> bool:
        """Return whether the points have the colours of their classes, or of what labels them."""
        shown, usual = film.coloring(self.color).classes, film.colors
        return shown is not None and usual is not None and np.array_equal(shown, usual)

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return tint, grid, points and boundary, back to front."""
        moment = film.moment(t)
        box = geometry.widen(film.window, PANEL_MARGIN)
        side = film.cells(_SIDE)
        scores = film.cell_scores(box, side, moment)
        extent = (float(box[0, 0]), float(box[0, 1]), float(box[1, 0]), float(box[1, 1]))
        marks: list[Mark] = tints(film, scores, side, extent)
        if self.grid and film.fineness >= _GRIDDED:
            marks += grid_marks(film, _straightened(film))
        if self.points:
            marks += _points(film, moment, self.color)
        marks.append(Lines(film.boundary(moment), "boundary", width=3.5))
        if self.badge:
            marks += badge(film, moment, self.panels(film)[0])
        return [marks]


def _points(film: Film, moment: float, color: Color) -> list[Mark]:
    """Return the data where they are; where nothing of them changes, they are made once."""
    coloring = film.coloring(color)
    if coloring.numbers is not None:
        return input_points(film, moment, color)
    key = "points", id(coloring), film.fineness  # the film keeps its colorings for good, too
    return film.once(key, lambda: input_points(film, moment, color))


def _straightened(film: Film) -> Sequence[Floats]:
    """Return the lines of the grid, straight ones by their ends alone."""
    lines = film.grid_lines
    return film.once(_straightened, lambda: [geometry.straightened(line) for line in lines])
