"""A hidden layer as a plane: how the network moves space until a straight line separates it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnanim import geometry
from nnanim.cells import argmax_changes, argmax_edges
from nnanim.color import Color
from nnanim.errors import SceneError
from nnanim.film.basis import Basis, basis_of, flat_scores
from nnanim.film.film import Film
from nnanim.marks import Lines, Mark
from nnanim.network.decision import read_out_parameters
from nnanim.network.network import LayerFacts
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.grid_marks import grid_marks
from nnanim.views.named_basis import Named, named_basis
from nnanim.views.shared_marks import (
    corner,
    data_points,
    joined_points,
    legend,
    number_bar,
    stillness,
    tints,
)

_SIDE = 128  # cells of the tint
_JITTER = 3.0  # half the height of a line's panel, in standard deviations of its jitter


@dataclass(frozen=True)
class HiddenSpace(Titled):
    """The data and the grid of input space as a hidden layer sees them, and the decision line.

    `layer` left out is the scene's. Of a wider layer, `units` picks the two that are shown, or
    `basis` says in which two directions it is: "pca", the principal ones of the whole run, which
    is the default; "boundary", across the decision line and along it; "tour", that go round. A
    layer of one unit is shown as a line, its points spread upwards for display only. `joined`
    points are joined by lines, class by class, in the order of the data. `color` is what colours
    the points, in place of the scene's.
    """

    layer: str | None = None
    units: tuple[int, int] | None = None
    points: bool = True
    grid: bool = True
    outline: bool = True  # whether the grid's outer lines are heavier than the others
    tint: bool = True
    joined: bool = False
    basis: Literal["pca", "boundary", "tour"] | None = None
    color: Color = None

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for a layer or a unit that the network has not."""
        layer, box = self._layer(film), self._box(film)
        named = named_basis(self._basis(film)) if layer.units > 1 else Named("", "", ("", ""))
        return [
            Panel(
                named.title or layer.title,
                (float(box[0, 0]), float(box[0, 1])),
                (float(box[1, 0]), float(box[1, 1])),
                subtitle=named.subtitle or _subtitle(film, layer.units),
                equal=layer.units > 1,
                x_label=named.axes[0],
                y_label=named.axes[1],
                y_ticks=layer.units > 1,
                # Over two inputs, the input space beside it says which colour is which class.
                legend=legend(film, self.color) if self._is_named(film) else (),
                color_bar=number_bar(film, self.color) if self.points else None,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return tint, grid, points and boundary, back to front."""
        moment, found = film.moment(t), self._layer(film)
        layer = found.name
        if found.units == 1:
            still = stillness(film, [film.points(layer, moment)], self._corner(film))
            return [[*self._line_marks(film, layer, moment), *still]]
        basis = self._basis(film)
        matrix = basis.matrix(t)
        flat = flat_scores(basis, moment, matrix)
        marks = self._regions(film, flat) if self.tint else []
        images = basis.of(film.points(layer, moment), matrix)
        seen = [images]
        if self.grid:
            curves = film.curves(layer, film.grid_lines, moment)
            curves = [basis.of(curve, matrix) for curve in curves]
            marks += grid_marks(film, curves, outline=self.outline)
            seen += curves
        if self.joined:
            marks += joined_points(film, images, color=self.color, moment=moment)
        if self.points:
            marks += data_points(film, images, color=self.color, moment=moment)
        lines = film.boundary(moment, layer) if film.network.runs else []
        reached = [basis.of(line, matrix) for line in lines]
        still = stillness(film, seen, self._corner(film))
        return [[*marks, *self._boundary(film, flat, reached), *still]]

    def _is_named(self, film: Film) -> bool:
        """Return whether no input space beside it says which colour is which class."""
        return len(film.window) != 2 or self.color is not None

    def _corner(self, film: Film) -> Floats:
        """Return where a note stands, in the upper left."""
        x, y = self._box(film).tolist()
        return corner(x, y)

    def _boundary(
        self, film: Film, flat: tuple[Floats, Floats] | None, reached: Sequence[Floats]
    ) -> list[Mark]:
        """Return the whole decision line where it is one, and the part that the window reaches."""
        if flat is None or film.decision is None:
            return [Lines(reached, "boundary", width=3.5)]
        (weight, bias), decision, box = flat, film.decision, self._box(film)
        if decision.binary:
            offset = float(decision.level - decision.direction @ bias)
            line = geometry.clip_line(decision.direction @ weight, offset, box)
            whole = [] if line is None else [line]
            reached = [_extent(part) for part in reached]
        else:
            whole = list(argmax_edges(weight, bias, box).values())
        return [Lines(whole, "boundary", width=2.6), Lines(reached, "boundary", width=5.0)]

    def _regions(self, film: Film, flat: tuple[Floats, Floats] | None) -> list[Mark]:
        """Return the tints of the predicted regions, where the read-out alone decides them."""
        if flat is None:
            return []
        box = self._box(film)
        side = film.cells(_SIDE)
        scores = geometry.cell_middles(box, side) @ flat[0].T + flat[1]
        extent = (float(box[0, 0]), float(box[0, 1]), float(box[1, 0]), float(box[1, 1]))
        return tints(film, scores, side, extent)

    def _line_marks(self, film: Film, layer: str, moment: float) -> list[Mark]:
        """Return the marks of a layer of one unit: points along a line, the threshold across it."""
        values = film.points(layer, moment)[:, 0]
        spread = np.random.default_rng(0).standard_normal(len(values)).clip(-2.8, 2.8)
        at = np.stack([values, spread], axis=1)
        marks = data_points(film, at, color=self.color, moment=moment)
        ticks = [np.array([[x, -_JITTER], [x, _JITTER]]) for x in self._turns(film, layer, moment)]
        return [*marks, Lines(ticks, "boundary", width=3.0)]

    def _turns(self, film: Film, layer: str, moment: float) -> Floats:
        """Return the outputs (m,) of a layer of one unit at which the decision changes."""
        plane = film.hyperplane(moment) if layer == self._last(film) else None
        if plane is not None and abs(plane[0][0]) > 0:
            return np.array([plane[1] / plane[0][0]])
        read_out = film.network.read_out
        if plane is None and layer == self._last(film) and film.decision is not None and read_out:
            weight, bias = read_out_parameters(read_out, film.replay.state(moment))
            return argmax_changes(weight[:, 0], bias)
        lines = film.boundary(moment, layer) if film.network.runs else []
        return np.array([line.mean() for line in lines])

    def _box(self, film: Film) -> Floats:
        layer = self._layer(film)
        if layer.units == 1:
            self._basis(film)  # raises for one that this layer has not
            return np.array([film.limits(layer.name)[0], [-_JITTER, _JITTER]])
        return self._basis(film).limits()

    def _basis(self, film: Film) -> Basis:
        layer, units = self._layer(film), self.units
        fits = units is None or (isinstance(units, tuple | list) and len(units) == 2)
        if not fits or any(unit not in range(layer.units) for unit in units or ()):
            raise SceneError(
                f"HiddenSpace(units={units!r}): {layer.name!r} has units 0 to {layer.units - 1}; "
                "expected two of them, as (0, 1)"
            )
        return basis_of("HiddenSpace", film, layer, 2, units, self.basis)

    def _last(self, film: Film) -> str:
        return film.network.read_out.layer if film.network.read_out else ""

    def _layer(self, film: Film) -> LayerFacts:
        return film.looked_at(self.layer, "HiddenSpace")


def _extent(line: Floats) -> Floats:
    """Return the two ends (2, 2) of what a curve on a straight line covers of it."""
    x, y = (line - line.mean(axis=0)).T
    direction = np.ptp(line, axis=0) * [1, np.sign(x @ y) or 1]
    along = line @ direction
    return line[[along.argmin(), along.argmax()]]


def _subtitle(film: Film, units: int) -> str:
    if units == 1:
        return film.words("one unit; the height means nothing")
    return film.words("what it does to the plane") if len(film.window) == 2 else ""
