"""Where in the plane of inputs how many units are at work."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.marks import Image, Mark
from nnanim.titled import Titled
from nnanim.view import ColorBar, Panel
from nnanim.views.advice import advice, refusal
from nnanim.views.shared_marks import one_unit


@dataclass(frozen=True)
class ActiveUnits(Titled):
    """How many units of `layers` are active at each point of the input window.

    A unit is active where it gives more than 0 (ReLU, tanh, identity and all others), or more than
    1/2 where its activation runs from 0 to 1 (sigmoid, softmax). With `count` false it is the sum
    of what the units give. `layers` left out are all hidden layers.
    """

    layers: tuple[str, ...] | None = None
    count: bool = True
    side: int = 200
    scale: str = "magma"

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than two inputs, or without hidden layers."""
        if len(film.window) != 2:
            raise refusal("ActiveUnits", film, "how many units are active over two inputs")
        layers = self._layers(film)
        units = sum(film.network.layer(name).units for name in layers)
        (x, y) = ((float(low), float(high)) for low, high in film.window)
        words, several = film.words, len(layers) > 1
        where = words("{n} layers", n=len(layers)) if several else film.layer_name(layers[0])
        return [
            Panel(
                words("Active units") if self.count else words("Sum of activations"),
                x,
                y,
                subtitle=words("of {n} in {where}", n=units, where=where),
                equal=one_unit(film),
                color_bar=ColorBar(
                    self.scale, *self._span(film), words("units") if self.count else words("sum")
                ),
                x_scaling=film.scaling(0),
                y_scaling=film.scaling(1),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the number of active units, or the sum of all, as a heat map."""
        moment = film.moment(t)
        total = np.zeros((self.side, self.side), np.float32)
        for name in self._layers(film):
            given = film.field(name, self.side, moment)
            total += (given > _threshold(film, name) if self.count else given).sum(axis=2)
        (x0, x1), (y0, y1) = film.window.tolist()
        return [[Image(total, (x0, x1, y0, y1), self.scale, *self._span(film))]]

    def _span(self, film: Film) -> tuple[float, float]:
        """Return the least and the most that there can be; of a sum, what the run reaches."""
        if self.count:
            units = sum(film.network.layer(name).units for name in self._layers(film))
            return 0.0, float(units)
        return film.once(("sum of activations", self._layers(film)), lambda: self._reached(film))

    def _reached(self, film: Film) -> tuple[float, float]:
        sums = [
            sum(film.image(name, moment).sum(axis=1) for name in self._layers(film))
            for moment in film.sampled_moments(32)
        ]
        values = np.concatenate([s[np.isfinite(s)] for s in sums if isinstance(s, np.ndarray)])
        low, high = np.percentile(values, [0.5, 99.5]) if len(values) else (0.0, 1.0)
        return float(low), float(max(high, low + 1e-6))

    def _layers(self, film: Film) -> tuple[str, ...]:
        names = film.network.hidden if self.layers is None else self.layers
        if not names:
            raise SceneError(f"ActiveUnits needs a hidden layer; this model has none{advice(film)}")
        return tuple(film.network.layer(name).name for name in names)


def _threshold(film: Film, layer: str) -> float:
    return 0.5 if film.bounds(layer) == (0.0, 1.0) else 0.0
