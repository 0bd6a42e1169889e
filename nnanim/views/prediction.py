"""The fitted value over the plane of inputs, in steps of colour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.film.coloring import NUMBERS
from nnanim.film.film import Film
from nnanim.film.spans import PANEL_MARGIN
from nnanim.marks import Image, Mark
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import ColorBar, Panel
from nnanim.views.advice import expect_can_show
from nnanim.views.edged import edged_boundary, edged_points
from nnanim.views.shared_marks import one_unit, output_names, shown_inputs, target_limits


@dataclass(frozen=True)
class Prediction(Titled):
    """Filled contours of the fitted value, `levels` of them on `side` × `side` points.

    The scale runs over what the targets do; data have the colour of theirs, and dark edges: where
    the fit is right, a point has the colour of what it lies on. The line is where the value is that
    of the middle of the scale.
    """

    levels: int = 12
    side: int = 160
    points: bool = True

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than one number of two inputs."""
        expect_can_show("Prediction", film, "regression of one output over two inputs")
        (x, y) = ((float(low), float(high)) for low, high in self._box(film))
        names = [*(str(name) for name in film.header.axis_names), "", ""][:2]
        return [
            Panel(
                film.words("Prediction"),
                x,
                y,
                subtitle=shown_inputs(film) or film.words("in {n} levels", n=self.levels),
                equal=one_unit(film),
                x_label=names[0],
                y_label=names[1],
                x_scaling=film.scaling(0),
                y_scaling=film.scaling(1),
                color_bar=ColorBar(NUMBERS, *target_limits(film, 0.0), output_names(film)[0]),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the levels, the line of the middle one and the data, back to front."""
        moment, box, side = film.moment(t), self._box(film), self.side
        low, high = target_limits(film, 0.0)
        inputs = geometry.cell_middles(box, side)
        values = film.predictions(inputs, moment).reshape(side, side).astype(np.float64)
        step = (high - low) / self.levels
        with np.errstate(invalid="ignore"):  # of a training that diverges
            stepped = low + step * (np.floor((values - low) / step) + 0.5)
        (x0, x1), (y0, y1) = box.tolist()
        inner = np.stack([inputs[0], inputs[-1]], axis=1)
        middle = geometry.contours(values, inner, (low + high) / 2)
        marks: list[Mark] = [
            Image(stepped, (x0, x1, y0, y1), NUMBERS, low, high),
            *edged_boundary(middle, 2.0),
        ]
        return [[*marks, *(edged_points(film, moment) if self.points else [])]]

    def _box(self, film: Film) -> Floats:
        return geometry.widen(film.window, PANEL_MARGIN)
