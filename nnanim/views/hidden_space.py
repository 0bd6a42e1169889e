"""A hidden layer as a plane: how the network moves space until a straight line separates it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.cells import argmax_changes, argmax_edges
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.marks import Lines, Mark
from nnanim.network.decision import read_out_parameters
from nnanim.network.network import Layer
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.shared_marks import (
    corner,
    data_points,
    grid_strokes,
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

    `layer` left out is the scene's. Of a wider layer, `units` picks the two that are shown; a
    layer of one unit is shown as a line, its points spread upwards for display only. `joined`
    points are joined by lines, class by class, in the order of the data.
    """

    layer: str | None = None
    units: tuple[int, int] = (0, 1)
    points: bool = True
    grid: bool = True
    outline: bool = True  # whether the grid's outer lines are heavier than the others
    tint: bool = True
    joined: bool = False

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for a layer or a unit that the network has not."""
        layer = self._layer(film)
        box = self._box(film)
        title = layer.title
        if layer.units > 2:
            pair = film.words.listed([str(unit + 1) for unit in self.units])
            title = film.words("{layer}, units {units}", layer=title, units=pair)
        return [
            Panel(
                title,
                (float(box[0, 0]), float(box[0, 1])),
                (float(box[1, 0]), float(box[1, 1])),
                subtitle=_subtitle(film, layer.units),
                equal=layer.units > 1,
                y_ticks=layer.units > 1,
                # Over two inputs, the input space beside it says which colour is which class.
                legend=legend(film) if len(film.window) != 2 else (),
                color_bar=number_bar(film) if self.points else None,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return tint, grid, points and boundary, back to front."""
        moment, found = film.moment(t), self._layer(film)
        layer = found.name
        if found.units == 1:
            still = stillness(film, [film.points(layer, moment)], self._corner(film))
            return [[*self._line_marks(film, layer, moment), *still]]
        pair = list(self.units)
        marks = self._regions(film, layer, moment) if self.tint else []
        images = film.points(layer, moment)[:, pair]
        seen = [images]
        if self.grid:
            curves = [curve[:, pair] for curve in film.curves(layer, film.grid_lines, moment)]
            heavier = film.grid_outline if self.outline else False
            marks += grid_strokes(curves, heavier)
            seen += curves
        if self.joined:
            marks += joined_points(film, images)
        if self.points:
            marks += data_points(film, images)
        still = stillness(film, seen, self._corner(film))
        return [[*marks, *self._boundary(film, layer, moment), *still]]

    def _corner(self, film: Film) -> Floats:
        """Return where a note stands, in the upper left."""
        x, y = self._box(film).tolist()
        return corner(x, y)

    def _boundary(self, film: Film, layer: str, moment: float) -> list[Mark]:
        """Return the whole decision line where it is one, and the part that the window reaches."""
        pair = list(self.units)
        lines = film.boundary(moment, layer) if film.network.runs else []
        reached = [line[:, pair] for line in lines]
        plane = self._plane(film, layer, moment)
        if plane is None and self._read_out_is_flat(film, layer) and film.decision is not None:
            edges = self._cell_edges(film, moment)
            return [Lines(edges, "boundary", width=2.6), Lines(reached, "boundary", width=5.0)]
        if plane is None:
            return [Lines(reached, "boundary", width=3.5)]
        line = geometry.clip_line(*plane, self._box(film))
        whole = [] if line is None else [line]
        return [
            Lines(whole, "boundary", width=2.6),
            Lines([_extent(part) for part in reached], "boundary", width=5.0),
        ]

    def _cell_edges(self, film: Film, moment: float) -> list[Floats]:
        """Return the edges (2, 2) between the cells of more than two classes, exactly."""
        read_out, box = film.network.read_out, self._box(film)
        if read_out is None:
            return []
        weight, bias = read_out_parameters(read_out, film.replay.state(moment))
        return list(argmax_edges(weight[:, list(self.units)], bias, box).values())

    def _regions(self, film: Film, layer: str, moment: float) -> list[Mark]:
        """Return the tints of the predicted regions, where the read-out alone decides them."""
        read_out = film.network.read_out
        if film.decision is None or not self._read_out_is_flat(film, layer) or read_out is None:
            return []
        box = self._box(film)
        weight, bias = read_out_parameters(read_out, film.replay.state(moment))
        scores = geometry.cell_middles(box, _SIDE) @ weight[:, list(self.units)].T + bias
        extent = (float(box[0, 0]), float(box[0, 1]), float(box[1, 0]), float(box[1, 1]))
        return tints(film, scores, _SIDE, extent)

    def _line_marks(self, film: Film, layer: str, moment: float) -> list[Mark]:
        """Return the marks of a layer of one unit: points along a line, the threshold across it."""
        values = film.points(layer, moment)[:, 0]
        spread = np.random.default_rng(0).standard_normal(len(values)).clip(-2.8, 2.8)
        marks = data_points(film, np.stack([values, spread], axis=1))
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
            return np.array([film.limits(layer.name)[0], [-_JITTER, _JITTER]])
        if max(self.units) >= layer.units or min(self.units) < 0:
            raise SceneError(
                f"HiddenSpace(units={self.units}): {layer.name!r} has units 0 to {layer.units - 1}"
            )
        return film.limits(layer.name, self.units)

    def _plane(self, film: Film, layer: str, moment: float) -> tuple[Floats, float] | None:
        plane = film.hyperplane(moment) if self._read_out_is_flat(film, layer) else None
        return None if plane is None else (plane[0][list(self.units)], plane[1])

    def _read_out_is_flat(self, film: Film, layer: str) -> bool:
        """Whether the read-out sees this plane and nothing else."""
        whole = film.network.layer(layer).units == 2 and sorted(self.units) == [0, 1]
        return whole and layer == self._last(film)

    def _last(self, film: Film) -> str:
        return film.network.read_out.layer if film.network.read_out else ""

    def _layer(self, film: Film) -> Layer:
        return film.looked_at(self.layer, "HiddenSpace")


def _extent(line: Floats) -> Floats:
    """Return the two ends (2, 2) of what a curve on a straight line covers of it."""
    direction = np.ptp(line, axis=0) * [1, np.sign(np.cov(line.T)[0, 1]) or 1]
    along = line @ direction
    return line[[along.argmin(), along.argmax()]]


def _subtitle(film: Film, units: int) -> str:
    if units == 1:
        return film.words("one unit; the height means nothing")
    return film.words("what it does to the plane") if len(film.window) == 2 else ""
