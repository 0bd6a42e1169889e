"""What every unit of a layer gives over the whole plane of inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.marks import Image, Mark
from nnanim.network.network import LayerFacts
from nnanim.titled import Titled
from nnanim.view import ColorBar, Panel
from nnanim.views.advice import refusal
from nnanim.views.edged import edged_boundary
from nnanim.views.shared_marks import one_unit


@dataclass(frozen=True)
class Activations(Titled):
    """A heat map of each unit of `layer` over the input window, `side` × `side` cells.

    The first input runs to the right, the second up. All units share the colours of one bar, from
    the bounds of the activation, or of what the units give over the whole run. `layer` left out is
    the scene's; `units` counted from 0, left out, are all. With `boundary` the decision line is
    drawn over each map.
    """

    layer: str | None = None
    units: tuple[int, ...] | None = None
    side: int = 100
    boundary: bool = True
    scale: str = "viridis"

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return a panel for each unit; `SceneError` for other than two inputs."""
        layer = self._layer(film)
        (x, y) = ((float(low), float(high)) for low, high in film.window)
        units = self._units(film)
        bar = ColorBar(self.scale, *film.span(layer.name), film.words("output"))
        return [
            Panel(
                film.words("unit {n}", n=unit + 1),
                x,
                y,
                equal=one_unit(film),
                color_bar=bar if i == len(units) - 1 else None,
                block=layer.title,
                x_scaling=film.scaling(0),
                y_scaling=film.scaling(1),
            )
            for i, unit in enumerate(units)
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return each unit's map, and the decision line over it."""
        moment, layer = film.moment(t), self._layer(film).name
        field = film.field(layer, self.side, moment)
        (x0, x1), (y0, y1) = film.window.tolist()
        low, high = film.span(layer)
        line = film.boundary(moment) if self.boundary else []
        over = edged_boundary(line, 2.0) if line else []
        return [
            [Image(field[:, :, unit], (x0, x1, y0, y1), self.scale, low, high), *over]
            for unit in self._units(film)
        ]

    def _units(self, film: Film) -> Sequence[int]:
        layer = self._layer(film)
        units = range(layer.units) if self.units is None else self.units
        if not units or min(units) < 0 or max(units) >= layer.units:
            raise SceneError(
                f"Activations(units={self.units}): {layer.name!r} has units 0 to {layer.units - 1}"
            )
        return units

    def _layer(self, film: Film) -> LayerFacts:
        if len(film.window) != 2:
            raise refusal("Activations", film, "layers over two inputs")
        return film.looked_at(self.layer, "Activations")
