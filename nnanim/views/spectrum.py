"""The singular values of the weight matrices: where a network stretches, and where it squeezes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nnanim.film.film import Film
from nnanim.marks import Lines, Mark, Points
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel

_FLOOR = 1e-4  # what is smaller lies on the lower edge of a logarithmic panel


@dataclass(frozen=True)
class Spectrum(Titled):
    """The singular values of every Linear's weight matrix over the layers, counted from 1.

    Values of one rank, the largest, the next …, are joined. With `log`, the axis is logarithmic
    and ends below at 1e-4, where smaller ones lie.
    """

    log: bool = False

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` where the network has no Linear."""
        weights = film.network.weights(film.recording.states)
        count = len(weights)
        # Between two snapshots the largest is no larger than theirs: the norm is convex.
        high = max(float(np.linalg.svd(w, compute_uv=False).max()) for w in weights)
        high = max(high, 10 * _FLOOR)
        every = -(-count // 16)
        return [
            Panel(
                film.words("Singular values"),
                (0.5, count + 0.5),
                self._limits(high),
                subtitle=film.words("of the weight matrices, by layer"),
                equal=False,
                x_label=film.words("layer"),
                x_ticks=tuple(float(i) for i in range(1, count + 1, every)),
                y_log=self.log,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the lines that join the values of one rank, and the values as points."""
        weights = film.network.weights(film.state(film.moment(t)))
        spectra = [np.linalg.svd(w.astype(np.float64), compute_uv=False) for w in weights]
        rows = [
            np.stack([np.full(len(values), float(layer)), self._shown(values)], axis=1)
            for layer, values in enumerate(spectra, start=1)
        ]
        joined = [
            np.stack([left, right])
            for before, after in pairwise(rows)
            for left, right in zip(before, after, strict=False)
        ]
        size = float(np.clip(60 / len(rows), 8.0, 13.0))
        return [[Lines(joined, "quiet", width=2.0), Points(np.concatenate(rows), "ink", size=size)]]

    def _shown(self, values: Floats) -> Floats:
        return np.log10(np.maximum(values, _FLOOR)) if self.log else values

    def _limits(self, high: float) -> tuple[float, float]:
        if self.log:
            return float(np.log10(_FLOOR / 1.3)), float(np.log10(1.3 * high))
        return -0.03 * high, 1.05 * high
