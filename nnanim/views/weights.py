"""The weight matrices as heat maps: how large each weight is, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.film.film import Film
from nnanim.marks import Mark, Polygons
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import ColorBar, Panel

_SCALE = "viridis"


@dataclass(frozen=True)
class Weights(Titled):
    """|W| of every Linear, one panel each, first layer left: inputs run across, outputs down.

    All share one colour scale from 0 to `high`; left out, that is the largest of the whole run.
    """

    high: float | None = None

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel for each Linear; `SceneError` where the network has none."""
        shapes = [w.shape[1:] for w in film.network.weights(film.recording.states)]
        most = max(rows for rows, _ in shapes)
        alike = len({columns for _, columns in shapes}) == 1
        bar = ColorBar(_SCALE, 0.0, self._high(film), label=film.words("|weight|"))
        return [
            Panel(
                film.words("W{n}", n=i),
                (0.0, float(columns)),
                (0.0, float(most)),
                subtitle=film.words("in →  out ↓"),
                x_ticks=False,
                y_ticks=False,
                color_bar=bar if i == len(shapes) else None,
                block=film.words("|weight|") if alike else "",
            )
            for i, (_, columns) in enumerate(shapes, start=1)
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return one heat map for each Linear, unit 1 of its outputs uppermost."""
        high = self._high(film)
        matrices = [np.abs(w) for w in film.network.weights(film.state(film.moment(t)))]
        most = max(len(matrix) for matrix in matrices)
        return [
            [Polygons(_cells(m.shape, most), values=m.ravel(), scale=_SCALE, high=high)]
            for m in matrices
        ]

    def _high(self, film: Film) -> float:
        if self.high is not None:
            return self.high
        # Weights between two snapshots lie between theirs.
        weights = film.network.weights(film.recording.states)
        return max(1e-6, *(float(np.abs(w).max()) for w in weights))


def _cells(shape: tuple[int, ...], most: int) -> Floats:
    """Return the squares (rows × columns, 4, 2) of a matrix amid a panel `most` rows high."""
    rows, columns = shape
    top = (most + rows) / 2
    row, column = np.divmod(np.arange(rows * columns), columns)
    lowest = np.stack([column, top - 1 - row], axis=1)
    return np.asarray(lowest[:, None] + [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
