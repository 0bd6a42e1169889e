"""Three units of a hidden layer as a turning cube: the plane that separates, nearer or further."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb, inf
from typing import Literal

import numpy as np

from nnanim import geometry
from nnanim.camera import Camera
from nnanim.cells import argmax_walls
from nnanim.color import Color
from nnanim.errors import SceneError
from nnanim.film.basis import Basis, basis_of, flat_scores
from nnanim.film.film import Film
from nnanim.film.separability import gap
from nnanim.marks import Cells, Lines, Mark, Plane, Polygons
from nnanim.network.network import LayerFacts
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.grid_marks import grid_marks
from nnanim.views.named_basis import named_basis
from nnanim.views.shared_marks import data_points, legend, number_bar, stillness

_MOST_UNITS = 9
_MOST_TRIPLES = comb(_MOST_UNITS, 3)  # cubes that a sheet has room for


@dataclass(frozen=True)
class HiddenSpace3D(Titled):
    """The data and the grid of input space as three hidden units see them, in their cube.

    `layer` left out is the scene's; of a wider one, `units` picks three, or `basis` says in which
    three directions it is: "pca", the principal ones of the whole run, which is the default;
    "boundary", across the plane and along it; "tour", that go round. The plane stands where the
    read-out decides, or walls between more than two classes, if it sees these three directions and
    no others; the line in it is what the input window reaches of it. The camera turns by `orbit`
    degrees in a film, about `azimuth`.
    """

    layer: str | None = None
    units: tuple[int, int, int] | None = None
    orbit: float = 60.0
    azimuth: float = 40.0
    elevation: float = 20.0
    perspective: float = 0.1
    points: bool = True
    grid: bool = True
    names: bool = True  # of the units, beside the cube
    boundary: bool = True  # what of it the input window reaches
    basis: Literal["pca", "boundary", "tour"] | None = None
    color: Color = None  # of the points, in place of the scene's

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for a layer or units that cannot be shown."""
        named, camera = named_basis(self._basis(film)), self._camera(film)
        return [
            Panel(
                named.title or self._layer(film).title,
                *camera.limits,
                subtitle=named.subtitle or film.words("three units, one axis each"),
                legend=legend(film, self.color)
                if len(film.window) != 2 or self.color is not None
                else (),
                color_bar=number_bar(film, self.color) if self.points else None,
                camera=camera,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return grid, points and the boundary, in space."""
        moment, layer = film.moment(t), self._layer(film).name
        basis, marks = self._basis(film), list[Mark]()
        matrix = basis.matrix(t)
        images = basis.of(film.points(layer, moment), matrix)
        seen = [images]
        if self.grid:
            curves = film.curves(layer, film.grid_lines, moment)
            curves = [basis.of(curve, matrix) for curve in curves]
            marks += grid_marks(film, curves)
            seen += curves
        if self.points:
            marks += data_points(film, images, color=self.color, moment=moment)
        found = film.boundary(moment, layer) if self.boundary and film.network.runs else []
        reached = Lines([basis.of(line, matrix) for line in found], "boundary", width=4.0)
        box = self._box(film)
        top = np.append(box[:2].mean(axis=1), box[2, 1])
        still = stillness(film, seen, top, "center")
        flat = flat_scores(basis, moment, matrix)
        return [[*marks, self._parted(film, flat, reached) or reached, *still]]

    def _parted(
        self, film: Film, flat: tuple[Floats, Floats] | None, reached: Lines
    ) -> Plane | Cells | None:
        """Return what the read-out parts, what of its walls lies in the cube, what is reached."""
        if flat is None or film.decision is None:
            return None
        (weight, bias), decision, box = flat, film.decision, self._box(film)
        if not decision.binary:
            walls = list(argmax_walls(weight, bias, box).values())
            return Cells(weight, bias, [*_walled(walls), reached])
        normal, offset = (
            decision.direction @ weight,
            float(decision.level - decision.direction @ bias),
        )
        if not normal.any():
            return None
        corners = geometry.clip_plane(normal, offset, box)
        return Plane(normal, offset, [*_walled([] if corners is None else [corners]), reached])

    def _camera(self, film: Film) -> Camera:
        low, high = self._box(film).T
        basis = self._basis(film)
        names: Sequence[str] = ()
        if self.names and basis.kind == "units":
            names = [film.words("unit {n}", n=unit + 1) for unit in basis.units]
        elif self.names and all(axes := named_basis(basis).axes):
            names = axes
        box = tuple(zip(low.tolist(), high.tolist(), strict=True))
        return Camera(self.azimuth, self.elevation, self.perspective, box, tuple(names), self.orbit)

    def _box(self, film: Film) -> Floats:
        """Return the ends of each axis: what the activation bounds, else the film's limits."""
        basis = self._basis(film)
        bounds = film.bounds(basis.layer.name) if basis.kind == "units" else None
        return np.tile(bounds, (3, 1)) if bounds else basis.limits()

    def _basis(self, film: Film) -> Basis:
        layer = self._layer(film)
        _check_width("HiddenSpace3D", layer, film)
        if self.units is not None:
            _check_units(f"HiddenSpace3D(units={self.units!r})", self.units, layer)
        return basis_of("HiddenSpace3D", film, layer, 3, self.units, self.basis)

    def _layer(self, film: Film) -> LayerFacts:
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
            units, parted = _numbers(space.units or ()), self._parted(film, space.units or ())
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


def _check_width(view: str, layer: LayerFacts, film: Film, most: float = inf) -> None:
    """Raise unless a layer has three units; proposes a hidden one of no more than `most`."""
    if layer.units >= 3:
        return
    fits = [name for name in film.network.hidden if 3 <= film.network.layer(name).units <= most]
    wider = f"give layer={fits[-1]!r}, or " if fits else ""
    raise SceneError(
        f"{view} shows three units of a layer, but {layer.name!r} has {layer.units}: {wider}use "
        f"HiddenSpace({layer.name!r})"
    )


def _check_units(what: str, units: object, layer: LayerFacts) -> None:
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
