"""The prediction as a surface over the plane of inputs, the data on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.camera import Camera
from nnanim.film.coloring import NUMBERS
from nnanim.film.film import Film
from nnanim.marks import CLASSES, HeightField, Lines, Mark, Points, Stop
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import ColorBar, Panel
from nnanim.views.advice import expect_can_show
from nnanim.views.shared_marks import (
    class_roles,
    legend,
    second_class,
    shown_inputs,
    target_limits,
    winners,
)

_SIDE = 56  # faces along each axis
_EVERY = 7  # faces: from one line on the surface to the next
_SCALE = (Stop(0.0, "class0"), Stop(0.5, "grid"), Stop(1.0, "class1"))
_SURE = (Stop(0.0, "grid"), Stop(1.0, "quiet"))


@dataclass(frozen=True)
class Surface(Titled):
    """The prediction as a height over the two inputs, each sample at its own prediction.

    Heights are the probability of class 1, of more than two classes that of the most probable one,
    in its colour where colours and shapes tell so many apart; or the fitted value: then a sample
    has the colour of its target, and vanishes in the surface where the fit is right. Points that a
    surface hides are not seen. What the heights are is said beside the colour bar, else beside the
    upright axis.
    """

    orbit: float = 60.0
    azimuth: float = -55.0
    elevation: float = 28.0
    perspective: float = 0.1
    points: bool = True

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than two inputs and one prediction."""
        camera = self._camera(film)
        bar = None if _tinted(film) else ColorBar(*self._colors(film), self._name(film))
        return [
            Panel(
                film.words("Prediction"),
                *camera.limits,
                shown_inputs(film) or film.words("over the inputs"),
                legend=legend(film) if bar is None else (),
                color_bar=bar,
                camera=camera,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the surface and what lies on it: lines, the boundary and the samples."""
        moment = film.moment(t)
        corners = geometry.lattice(film.window, _SIDE + 1)
        grid = self._raised(film, corners, moment).reshape(_SIDE + 1, _SIDE + 1, 3)
        (x0, x1), (y0, y1) = film.window.tolist()
        lines = [*grid[::_EVERY], *grid.transpose(1, 0, 2)[::_EVERY]]
        level = [self._raised(film, line, moment) for line in self._boundary(film, moment)]
        marks: list[Mark] = [
            HeightField(
                grid[..., 2], (x0, x1, y0, y1), *self._colors(film), self._won(film, moment)
            ),
            Lines(lines, "ground", width=1.2, alpha=0.5),
            Lines(level, "boundary", width=4.0),
        ]
        return [[*marks, *(self._data(film, moment) if self.points else [])]]

    def _won(self, film: Film, moment: float) -> Floats | None:
        """Return for each face the class that wins in its middle, and how surely, as `_colors` say.

        None where the height itself says the colour.
        """
        if film.decision is None or not _tinted(film):
            return None
        middles = geometry.cell_middles(film.window, _SIDE)
        winner, sure = winners(film.decision.probability(film.scores(middles, moment)))
        return np.asarray((winner + 0.98 * sure + 0.01) / film.network.outputs_width).reshape(
            _SIDE, _SIDE
        )

    def _data(self, film: Film, moment: float) -> list[Mark]:
        """Return the samples at their predictions, each with a rim that parts it from the faces."""
        heights = self._raised(film, np.asarray(film.data.inputs), moment)[:, -1:]
        at = np.concatenate([film.places, heights], axis=1)
        size = float(np.clip(3.6 * (4000 / max(len(at), 1)) ** 0.25, 3.0, 11.0))
        rim = Points(at, "ground", size=size + 1.8)
        found = film.coloring()
        if found.numbers is not None:
            values, scale = found.numbers(moment), found.scale
            points = Points(
                at, size=size, values=values, scale=scale, low=found.low, high=found.high
            )
            return [rim, points]
        if found.classes is None:
            return [rim, Points(at, "ink", size=size)]
        return [rim, Points(at, class_roles(film), index=found.classes, size=size)]

    def _boundary(self, film: Film, moment: float) -> list[Floats]:
        """Return the decision line in the input plane, parted where it leaves the window."""
        low, high = film.window.T
        lines = film.boundary(moment)
        inside = [((line >= low) & (line <= high)).all(axis=1, keepdims=True) for line in lines]
        return [
            np.where(kept, line, np.nan)
            for line, kept in zip(lines, inside, strict=True)
            if kept.any()
        ]

    def _raised(self, film: Film, inputs: Floats, moment: float) -> Floats:
        """Return inputs (n, 2) with the prediction there as their third coordinate."""
        known = np.nan_to_num(inputs)
        if film.decision is None:
            heights = film.predictions(known, moment)[:, 0]
        else:
            heights = film.decision.probability(film.scores(known, moment))
        heights = heights.max(axis=1) if heights.ndim == 2 else heights
        return np.column_stack([inputs, np.clip(heights, *self._heights(film))])

    def _heights(self, film: Film) -> tuple[float, float]:
        """Return what the axis upwards runs from and to."""
        if film.decision is not None:
            return 0.0, 1.0
        low, high = target_limits(film, 0.0)
        return low - 0.1 * (high - low), high + 0.1 * (high - low)

    def _colors(self, film: Film) -> tuple[str | tuple[Stop, ...], float, float]:
        """Return the scale of the heights and the values at its ends."""
        if film.decision is None:
            return (NUMBERS, *target_limits(film, 0.0))
        if _tinted(film):
            return _classes(film.network.outputs_width), 0.0, 1.0
        return (_SCALE if film.decision.binary else _SURE), 0.0, 1.0

    def _name(self, film: Film) -> str:
        if film.decision is None:
            return film.words("prediction")
        if _several(film):
            return film.words("probability")
        return film.words("P({name})", name=second_class(film))

    def _camera(self, film: Film) -> Camera:
        shows = "a prediction over two inputs, of classes or of one number"
        expect_can_show("Surface", film, shows)
        (left, right), (bottom, top) = film.window.tolist()
        box = (left, right), (bottom, top), self._heights(film)
        inputs = [*film.header.axis_names, "", ""][:2]
        names = (*inputs, self._name(film) if _tinted(film) else "")
        return Camera(self.azimuth, self.elevation, self.perspective, box, names, self.orbit)


def _several(film: Film) -> bool:
    """Return whether there are more than two classes."""
    return film.decision is not None and not film.decision.binary


def _tinted(film: Film) -> bool:
    """Return whether faces have the colours of more than two classes."""
    return _several(film) and film.network.outputs_width <= CLASSES


def _classes(count: int) -> tuple[Stop, ...]:
    """Return a scale in which each class has its share, from undecided to sure."""
    ends = [((k / count, "grid"), ((k + 1) / count, f"class{k}")) for k in range(count)]
    return tuple(Stop(at, role) for pair in ends for at, role in pair)
