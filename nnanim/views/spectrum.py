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
_LARGEST, _SMALLEST, _BETWEEN = "class2", "class3", "quiet"


@dataclass(frozen=True)
class Spectrum(Titled):
    """The singular values of every Linear's weight matrix over the layers, counted from 1.

    Values of one rank, the largest, the next …, are joined; the largest and the smallest of a layer
    have a colour each. With `log`, the axis is logarithmic and ends below at 1e-4, where smaller
    ones lie.
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
                legend=(
                    (film.words("largest"), _LARGEST, "disc"),
                    (film.words("smallest"), _SMALLEST, "disc"),
                ),
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
        roles = [_roles(len(row)) for row in rows]
        lines: dict[str, list[Floats]] = {_BETWEEN: [], _SMALLEST: [], _LARGEST: []}
        for (before, own), (after, next_own) in pairwise(zip(rows, roles, strict=True)):
            for left, right, *ends in zip(before, after, own, next_own, strict=False):
                role = ends[0] if ends[0] == ends[1] else _BETWEEN
                lines[role].append(np.stack([left, right]))
        index = np.array([list(lines).index(role) for own in roles for role in own])
        size = float(np.clip(60 / len(rows), 8.0, 13.0))
        points = Points(np.concatenate(rows), tuple(lines), index=index, size=size)
        joined = (Lines(paths, role, width=3.0) for role, paths in lines.items() if paths)
        return [[*joined, points]]

    def _shown(self, values: Floats) -> Floats:
        return np.log10(np.maximum(values, _FLOOR)) if self.log else values

    def _limits(self, high: float) -> tuple[float, float]:
        if self.log:
            return float(np.log10(_FLOOR / 1.3)), float(np.log10(1.3 * high))
        return -0.03 * high, 1.05 * high


def _roles(count: int) -> list[str]:
    """Return the colour role of each of a layer's values, from the largest on."""
    return [_LARGEST, *[_BETWEEN] * (count - 2), *[_SMALLEST] * (count > 1)]
