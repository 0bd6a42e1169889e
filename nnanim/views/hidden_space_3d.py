"""Three units of a hidden layer as a turning cube: the plane that separates, nearer or further."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb, inf

import numpy as np

from nnanim import geometry
from nnanim.camera import Camera
from nnanim.cells import argmax_walls
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.film.separability import gap
from nnanim.marks import Cells, Lines, Mark, Plane, Polygons
from nnanim.network.decision import read_out_parameters
from nnanim.network.network import Layer
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.shared_marks import data_points, grid_strokes, legend, number_bar, stillness

_MOST_UNITS = 9
_MOST_TRIPLES = comb(_MOST_UNITS, 3)  # cubes that a sheet has room for


@dataclass(frozen=True)
class HiddenSpace3D(Titled):
    """The data and the grid of input space as three hidden units see them, in their cube.

    `layer` left out is the scene's; of a wider one, `units` picks three. The plane stands where the
    read-out decides, or walls between more than two classes, if it sees these three units and no
    others; the line in it is what the input window reaches of it. The camera turns by `orbit`
    degrees in a film, about `azimuth`.
    """

    layer: str | None = None
    units: tuple[int, int, int] = (0, 1, 2)
    orbit: float = 60.0
    azimuth: float = 40.0
    elevation: float = 20.0
    perspective: float = 0.1
    points: bool = True
    grid: bool = True
    names: bool = True  # of the units, beside the cube
    boundary: bool = True  # what of it the input window reaches

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for a layer or units that cannot be shown."""
        layer, camera = self._layer(film), self._camera(film)
        title = layer.title
        if layer.units > 3:
            title = film.words("{layer}, units {units}", layer=title, units=_numbers(self.units))
        return [
            Panel(
                title,
                *camera.limits,
                subtitle=film.words("three units, one axis each"),
                legend=legend(film) if len(film.window) != 2 else (),
                color_bar=number_bar(film) if self.points else None,
                camera=camera,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return grid, points and the boundary, in space."""
        moment, layer = film.moment(t), self._layer(film).name
        three, marks = list(self.units), list[Mark]()
        images = film.points(layer, moment)[:, three]
        seen = [images]
        if self.grid:
            curves = [curve[:, three] for curve in film.curves(layer, film.grid_lines, moment)]
            marks += grid_strokes(curves, film.grid_outline)
            seen += curves
        if self.points:
            marks += data_points(film, images)
        found = film.boundary(moment, layer) if self.boundary and film.network.runs else []
        reached = Lines([line[:, three] for line in found], "boundary", width=4.0)
        box = self._box(film)
        top = np.append(box[:2].mean(axis=1), box[2, 1])
        still = stillness(film, seen, top, "center")
        return [[*marks, self._parted(film, layer, moment, reached) or reached, *still]]

    def _parted(
        self, film: Film, layer: str, moment: float, reached: Lines
    ) -> Plane | Cells | None:
        """Return what the read-out parts, what of its walls lies in the cube, what is reached."""
        read_out = film.network.read_out
        if read_out is None or layer != read_out.layer or film.network.layer(layer).units != 3:
            return None
        three, box = list(self.units), self._box(film)
        found = film.hyperplane(moment)
        if found is None and film.decision is not None:
            weight, bias = read_out_parameters(read_out, film.replay.state(moment))
            walls = list(argmax_walls(weight[:, three], bias, box).values())
            return Cells(weight[:, three], bias, [*_walled(walls), reached])
        if found is None or not found[0].any():
            return None
        normal, offset = found[0][three], found[1]
        corners = geometry.clip_plane(normal, offset, box)
        return Plane(normal, offset, [*_walled([] if corners is None else [corners]), reached])

    def _camera(self, film: Film) -> Camera:
        low, high = self._box(film).T
        names = [film.words("unit {n}", n=unit + 1) for unit in self.units] if self.names else []
        box = tuple(zip(low.tolist(), high.tolist(), strict=True))
        return Camera(self.azimuth, self.elevation, self.perspective, box, tuple(names), self.orbit)

    def _box(self, film: Film) -> Floats:
        """Return the ends of each axis: what the activation bounds, else the film's limits."""
        layer = self._layer(film)
        _check_width("HiddenSpace3D", layer, film)
        _check_units(f"HiddenSpace3D(units={self.units!r})", self.units, layer)
        bounds = film.bounds(layer.name)
        return np.tile(bounds, (3, 1)) if bounds else film.limits(layer.name, self.units)

    def _layer(self, film: Film) -> Layer:
        return film.looked_at(self.layer, "HiddenSpace3D", 3)


@dataclass(frozen=True)
class HiddenTriples(Titled):
    """Every three units of a hidden layer in their cube, and whether they alone would do.

    `layer` left out is the scene's; `triples` left out are all, where these are no more than 84.
    The title of each says whether a plane parts the classes in these three units at the end of
    the training.
    """

    layer: str | None = None
    triples: Sequence[tuple[int, int, int]] | None = None  # counted from 0
    orbit: float = 60.0
    grid: bool = False

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return a panel for each triple; `SceneError` for units, or too many, to be shown."""
        found, layer = [], film.looked_at(self.layer, "HiddenTriples", 3)
        for space in self._spaces(film):
            (panel,) = space.panels(film)
            units, parted = _numbers(space.units), self._parted(film, space.units)
            title = f"{units}: {parted}" if parted else units
            block = film.words("{layer}, three units each", layer=layer.title)
            found.append(replace(panel, title=title, subtitle="", color_bar=None, block=block))
        return found

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the marks of each cube."""
        return [space.marks(film, t)[0] for space in self._spaces(film)]

    def _spaces(self, film: Film) -> list[HiddenSpace3D]:
        layer = film.looked_at(self.layer, "HiddenTriples", 3)
        _check_width("HiddenTriples", layer, film, _MOST_UNITS)
        count = len(self.triples) if self.triples else comb(layer.units, 3)
        if count > _MOST_TRIPLES:
            raise SceneError(
                f"HiddenTriples of {layer.name!r}, {layer.units} units: {count:,} triples; "
                f"expected {_MOST_TRIPLES} at most: give triples=[(0, 1, 2), (0, 1, 3)] or others"
            )
        triples = self.triples or list(combinations(range(layer.units), 3))
        for triple in triples:
            _check_units(f"{triple!r} in HiddenTriples(triples=…)", triple, layer)
        return [
            HiddenSpace3D(
                self.layer, triple, self.orbit, grid=self.grid, names=False, boundary=False
            )
            for triple in triples
        ]

    def _parted(self, film: Film, units: Sequence[int]) -> str:
        """Return whether the classes lie apart in these units; nothing for other than two."""
        if film.decision is None or not film.decision.binary:
            return ""
        layer = film.looked_at(self.layer, "HiddenTriples", 3).name
        hidden = film.points(layer, film.epochs)[:, list(units)]
        one, other = hidden[film.labels == 0], hidden[film.labels == 1]
        parted = film.once(("parted", layer, *units), lambda: gap(one, other) > 0)
        return film.words("separable") if parted else film.words("not separable")


def _walled(walls: Sequence[Floats]) -> list[Mark]:
    """Return what shows flat walls, convex polygons (m, 3)."""
    edges = [np.concatenate([wall, wall[:1]]) for wall in walls]
    shade = 0.13 if len(walls) < 2 else 0.08
    marks: list[Mark] = [Polygons(walls, "boundary", shade), Lines(edges, "boundary", 1.6, 0.7)]
    return marks if walls else []


def _check_width(view: str, layer: Layer, film: Film, most: float = inf) -> None:
    """Raise unless a layer has three units; proposes a hidden one of no more than `most`."""
    if layer.units >= 3:
        return
    fits = [name for name in film.network.hidden if 3 <= film.network.layer(name).units <= most]
    wider = f"give layer={fits[-1]!r}, or " if fits else ""
    raise SceneError(
        f"{view} shows three units of a layer, but {layer.name!r} has {layer.units}: {wider}use "
        f"HiddenSpace({layer.name!r})"
    )


def _check_units(what: str, units: object, layer: Layer) -> None:
    """Raise unless there are three of a layer's units."""
    fits = isinstance(units, tuple | list) and len(units) == 3
    if not fits or not all(unit in range(layer.units) for unit in units):  # type: ignore[attr-defined]
        raise SceneError(
            f"{what}: {layer.name!r} has {layer.units} units; expected three of them, counted from "
            "0, as (0, 1, 2)"
        )


def _numbers(units: Sequence[int]) -> str:
    """Return units as people count them: "1, 2, 3"."""
    return ", ".join(str(unit + 1) for unit in units)
