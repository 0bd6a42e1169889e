"""Where a piecewise linear network folds the plane: the polygons on which it is linear."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnanim.camera import Camera
from nnanim.errors import SceneError, unknown
from nnanim.film.basis import Basis, basis_of
from nnanim.film.film import Film
from nnanim.film.folds import folds_of
from nnanim.marks import FIGURE_SPACE, Lines, Mark, Polygons
from nnanim.network.polygons import Folded
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import ColorBar, Panel
from nnanim.views.advice import refusal
from nnanim.views.edged import edged_boundary
from nnanim.views.named_basis import named_basis
from nnanim.views.shared_marks import data_points, input_points, legend

_COLORS = ("units", "slope")
_ROUND, _STEEP = "twilight", "viridis"  # scales: one that ends where it begins, and one that rises
_TURNS = 0.2, 0.8  # of a round: a unit's share, by which it goes on where the unit switches
_FILL = 0.75
_DIGITS = 4  # of their number, that have a place of their own
_MOMENTS = 24  # at which slopes are looked at


@dataclass(frozen=True)
class Folding(Titled):
    """The input plane cut into the polygons on which the network is linear, layer after layer.

    Exact, for ReLU, PReLU, Hardtanh and any other activation of straight pieces; then the same
    polygons as each of the `layers`, left out all hidden ones, has them: of two units in their
    plane, of more in space, along the principal directions of more than three. `color` says by
    what they are coloured: "units", which are on, so that polygons across a unit's line differ by
    that unit's own share of a round of colours; or "slope", how fast the scores change at most. The
    boundary lies in all of them. Their number stands below the strip.
    """

    layers: Sequence[str] | None = None
    color: Literal["units", "slope"] = "units"
    points: bool = False
    boundary: bool = True
    orbit: float = 60.0
    azimuth: float = 40.0
    elevation: float = 24.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.color not in _COLORS:
            raise SceneError(unknown("color of Folding", self.color, _COLORS))

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return that of the input plane, then one for each layer.

        Raises `SceneError` for other than two inputs, and for a network that is not linear on
        polygons.
        """
        if len(film.window) != 2:
            raise refusal("Folding", film, "a plane of two inputs")
        folds_of(film)
        (x, y) = film.window.tolist()
        bar = ColorBar(_STEEP, *self._span(film), film.words("Gradient"))
        plane = Panel(
            film.words("Input space"),
            tuple(x),
            tuple(y),
            subtitle=film.words("where the network folds it"),
            legend=legend(film) if self.points else (),
            color_bar=bar if self.color == "slope" else None,
            x_scaling=film.scaling(0),
            y_scaling=film.scaling(1),
        )
        return [plane, *(self._panel(film, basis) for basis in self._bases(film))]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return polygons, their edges, the data and the boundary in each panel."""
        moment, folds = film.moment(t), folds_of(film)
        folded, (ends, owners) = folds.at(moment), folds.boundary(moment)
        values = self._values(folded)
        plane = self._sheet(film, folded, folded.corners, values, ends)
        if self.points:
            plane[-1:-1] = input_points(film, moment)
        rows = [plane]
        for basis in self._bases(film):
            layer, matrix = basis.layer.name, basis.matrix(t)
            at = basis.of(folded.image(layer), matrix)
            reached = basis.of(
                folded.images(layer, ends, owners).reshape(-1, basis.layer.units), matrix
            )
            marks = self._sheet(film, folded, at, values, reached.reshape(-1, 2, basis.count))
            if self.points:
                marks[-1:-1] = data_points(film, basis.of(film.points(layer, moment), matrix))
            rows.append(marks)
        return rows

    def strip_figure(self, film: Film, t: float) -> str:
        """Return how many polygons there are, as it stands below the strip."""
        count = len(folds_of(film).at(film.moment(t)))
        return FIGURE_SPACE * (_DIGITS - len(str(count))) + film.words("{n} regions", n=count)

    def _sheet(
        self, film: Film, folded: Folded, at: Floats, values: Floats, boundary: Floats
    ) -> list[Mark]:
        """Return polygons with their corners at places (n, 2 or 3), and the boundary last."""
        scale = _STEEP if self.color == "slope" else _ROUND
        low, high = self._span(film)
        faces = folded.parted(at)
        edges = [np.concatenate([face, face[:1]]) for face in faces]
        return [
            Polygons(faces, alpha=_FILL, values=values, scale=scale, low=low, high=high),
            Lines(edges, "ground", width=1.2, alpha=0.8),
            *edged_boundary(list(boundary) if self.boundary else [], 4.0),
        ]

    def _values(self, folded: Folded) -> Floats:
        """Return what colours each polygon."""
        if self.color == "slope":
            return folded.slopes
        shares = np.random.default_rng(0).uniform(*_TURNS, folded.pieces.shape[1])
        return np.asarray((folded.pieces @ shares) % 1.0)

    def _panel(self, film: Film, basis: Basis) -> Panel:
        named, box = named_basis(basis), basis.limits().tolist()
        x, y, camera = tuple(box[0]), tuple(box[1]), None
        if basis.count == 3:
            camera = self._camera(film, basis)
            x, y = camera.limits
        return Panel(
            named.title or basis.layer.title,
            x,
            y,
            subtitle=named.subtitle or film.words("what it does to the plane"),
            camera=camera,
        )

    def _camera(self, film: Film, basis: Basis) -> Camera:
        low, high = basis.limits().T.tolist()
        names = [film.words("unit {n}", n=unit + 1) for unit in basis.units]
        box = tuple(zip(low, high, strict=True))
        return Camera(self.azimuth, self.elevation, 0.1, box, tuple(names), self.orbit)

    def _bases(self, film: Film) -> list[Basis]:
        """Return in which directions each layer is shown."""
        ends, found = folds_of(film).ends, []
        for name in film.network.hidden if self.layers is None else self.layers:
            layer = film.looked_at(name, "Folding")
            if self.layers is None and (layer.units < 2 or name not in ends):
                continue
            if layer.units < 2 or name not in ends:
                known = [each for each in ends if each and film.network.layer(each).units > 1]
                raise SceneError(
                    f"Folding(layers={self.layers!r}): {name!r} is no hidden layer of two units at "
                    f"least: expected some of {', '.join(known) or 'none in this model'}"
                )
            basis = basis_of("Folding", film, layer, min(layer.units, 3), None, None)
            found.append(basis)
        return found

    def _span(self, film: Film) -> tuple[float, float]:
        """Return the least and the largest slope that colours tell apart, over the whole film."""
        return (
            film.once("slopes of folds", lambda: _slopes(film))
            if self.color == "slope"
            else (0.0, 1.0)
        )


def _slopes(film: Film) -> tuple[float, float]:
    folds = folds_of(film)
    found = [folds.at(float(moment)).slopes for moment in film.sampled_moments(_MOMENTS)]
    every = np.concatenate(found)
    every = every[np.isfinite(every)]
    return 0.0, max(float(np.percentile(every, 98)) if len(every) else 0.0, 1e-6)
