"""How far a layer stretches and squeezes the inputs about each point, and where it folds them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.film.film import Film
from nnanim.marks import Image, Mark, Stop
from nnanim.network.jacobian import jacobians_of
from nnanim.network.network import LayerFacts
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import ColorBar, Panel
from nnanim.views.advice import refusal
from nnanim.views.edged import edged_boundary

_DECADES = 4.0  # below the largest: what is smaller has the colour of the lowest
_LOST = 1e-5  # a determinant so far below the square of the largest singular value
_FOLDED = (Stop(0.0, "ground", 0.0), Stop(0.5, "ground", 0.0), Stop(0.5, "ground", 0.4),
           Stop(1.0, "ground", 0.4))  # fmt: skip


@dataclass(frozen=True)
class Jacobian(Titled):
    """The smallest and the largest singular value of a layer's Jacobian, over the inputs.

    Without `smallest`, the largest alone.

    How far the layer shrinks and stretches a small circle of inputs, on `side` × `side` points and
    a logarithmic scale. Where a layer of two units lies on its back (its determinant is negative)
    the map is darker, and the fold is a line. With `gradient`, a further panel has the length of
    the gradient of the network's own output. `window` is the part of the input plane: all of the
    scene's, a number w for [-w, w]², or (low, high) of each input. `layer` left out is the scene's.
    """

    layer: str | None = None
    gradient: bool = False
    smallest: bool = True
    window: float | tuple[tuple[float, float], tuple[float, float]] | None = None
    side: int = 100
    scale: str = "viridis"

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return a panel for each; `SceneError` for other than two inputs."""
        if len(film.window) != 2:
            raise refusal("Jacobian", film, "a layer over two inputs")
        (x, y) = ((float(low), float(high)) for low, high in self._box(film))
        words = film.words
        of_layer = words("of {layer}", layer=film.layer_name(self._layer(film).name))
        texts = [(words("Smallest singular value"), of_layer)] if self.smallest else []
        texts.append((words("Largest singular value"), of_layer))
        texts += [(words("Gradient"), words("of the output"))] if self.gradient else []
        low, high = self._span(film)
        bar = ColorBar(self.scale, low, high, log=True)
        last = len(texts) - 1
        return [
            Panel(
                title,
                x,
                y,
                subtitle=subtitle,
                y_ticks=i == 0,
                color_bar=bar if i == last else None,
                x_scaling=film.scaling(0),
                y_scaling=film.scaling(1),
            )
            for i, (title, subtitle) in enumerate(texts)
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the fields as images, the folded side darker."""
        moment, box = film.moment(t), self._box(film)
        (x0, x1), (y0, y1) = box.tolist()
        fields, turned = self._fields(film, moment)
        low, high = self._span(film)
        fold, singular = self._fold(turned, box), 1 + self.smallest
        shown: list[list[Mark]] = []
        for i, field in enumerate(fields):
            over = fold if i < singular else []
            shown.append([Image(field, (x0, x1, y0, y1), self.scale, low, high), *over])
        return shown

    def _fold(self, turned: Floats | None, box: Floats) -> list[Mark]:
        """Return what marks the side on which the determinants (side, side) are negative."""
        if turned is None or turned.min() >= 0:
            return []
        (x0, x1), (y0, y1) = box.tolist()
        cells = geometry.cell_middles(box, self.side)
        lines = geometry.contours(turned, np.stack([cells[0], cells[-1]], axis=1))
        shade = Image((turned < 0).astype(np.float32), (x0, x1, y0, y1), _FOLDED)
        return [shade, *edged_boundary(lines, 2.0)]

    def _fields(self, film: Film, moment: float) -> tuple[list[Floats], Floats | None]:
        """Return logarithms of what the panels show, and the determinants where there are any."""
        inputs = geometry.cell_middles(self._box(film), self.side)
        network, state, layer = film.network, film.state(moment), self._layer(film)
        names = [layer.name, *([""] if self.gradient else [])]
        found, *output = jacobians_of(network, state, inputs, names)
        values = found.singular_values
        rows = [values[:, -1], values[:, 0]] if self.smallest else [values[:, 0]]
        rows += [np.sqrt((each.gradient_norms**2).sum(axis=1)) for each in output]
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = [np.log10(row).reshape(self.side, self.side) for row in rows]
        turned = found.determinants if layer.units == 2 else None
        if turned is not None:
            # Of a matrix that all but lost its rank, rounding alone says the sign.
            turned = np.where(np.abs(turned) < _LOST * values[:, 0] ** 2, abs(turned), turned)
        return logs, None if turned is None else turned.reshape(self.side, self.side)

    def _span(self, film: Film) -> tuple[float, float]:
        """Return the logarithms at the ends of the scale, the same over the whole film."""
        return film.once(("jacobian", self), lambda: self._reached(film))

    def _reached(self, film: Film) -> tuple[float, float]:
        fields = [
            field
            for moment in film.sampled_moments(24)
            for field in self._fields(film, float(moment))[0]
        ]
        values = np.concatenate([field[np.isfinite(field)] for field in fields])
        if not len(values):
            return -_DECADES, 0.0
        low, high = np.percentile(values, [1.0, 99.8])
        low, high = np.floor(4 * low) / 4, np.ceil(4 * high) / 4
        return float(max(low, high - _DECADES)), float(high)

    def _box(self, film: Film) -> Floats:
        if self.window is None:
            return film.window
        window = self.window
        if isinstance(window, int | float):
            window = ((-window, window), (-window, window))
        shift, step = np.array([film.scaling(0), film.scaling(1)]).T[..., None]
        return np.asarray((np.array(window, float) - shift) / step)

    def _layer(self, film: Film) -> LayerFacts:
        return film.looked_at(self.layer, "Jacobian")
