"""The weight matrices as heat maps: each weight with its sign, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.film.film import Film
from nnanim.marks import Mark, Polygons, Stop, Text
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import ColorBar, Panel
from nnanim.views.handles import Handle

_SCALE = (
    Stop(0.0, "class0"),
    Stop(0.5, "class0", 0.0),
    Stop(0.5, "class1", 0.0),
    Stop(1.0, "class1"),
)
_STRONG = 0.6  # of the largest: a cell so full of colour that the ground is what is read on it
_BASE = 0.05  # of a cell: from its middle to the foot of what is written there
_MOST_SAID = 64  # cells whose weights are written; more have no room


@dataclass(frozen=True)
class Weights(Titled):
    """W of every Linear, one panel each, first layer left: inputs run across, outputs down.

    All share one colour scale from -`high` to `high`; left out, that is the largest of the whole
    run. Of small matrices, each weight is written in its cell.
    """

    high: float | None = None

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel for each Linear; `SceneError` where the network has none."""
        shapes = [w.shape[1:] for w in film.network.weights(film.recording.states)]
        most = max(rows for rows, _ in shapes)
        alike = len({columns for _, columns in shapes}) == 1
        bar = ColorBar(_SCALE, -self._high(film), self._high(film), label=film.words("weight"))
        return [
            Panel(
                film.words("W{n}", n=i),
                (0.0, float(columns)),
                (0.0, float(most)),
                subtitle=film.words("in →  out ↓"),
                x_ticks=False,
                y_ticks=False,
                color_bar=bar if i == len(shapes) else None,
                block=film.words("weight") if alike else "",
            )
            for i, (_, columns) in enumerate(shapes, start=1)
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return one heat map for each Linear, unit 1 of its outputs uppermost, and its numbers."""
        matrices = film.network.weights(film.state(film.moment(t)))
        most = max(len(matrix) for matrix in matrices)
        return [self._map(film, matrix, most) for matrix in matrices]

    def handles(self, film: Film) -> Sequence[Sequence[Handle]]:
        """Return the cells of each panel."""
        shapes = [w.shape[1:] for w in film.network.weights(film.recording.states)]
        most = max(rows for rows, _ in shapes)
        return [
            [Handle(cell, name, *divmod(k, shape[1])) for k, cell in enumerate(_cells(shape, most))]
            for name, shape in zip(film.network.linears, shapes, strict=True)
        ]

    def _map(self, film: Film, matrix: Floats, most: int) -> list[Mark]:
        cells, high, weights = _cells(matrix.shape, most), self._high(film), matrix.ravel()
        field = Polygons(cells, values=weights, scale=_SCALE, low=-high, high=high)
        if len(weights) > _MOST_SAID:
            return [field]
        said = zip(cells.mean(axis=1) - [0.0, _BASE], weights.tolist(), strict=True)
        return [field, *(_number(film, at, weight, high) for at, weight in said)]

    def _high(self, film: Film) -> float:
        if self.high is not None:
            return self.high
        # Weights between two snapshots lie between theirs.
        weights = film.network.weights(film.recording.states)
        return max(1e-6, *(float(np.abs(w).max()) for w in weights))


def _number(film: Film, at: Floats, weight: float, high: float) -> Text:
    """Return a weight as text, in the colour that can be read on its cell."""
    text = film.words.number(f"{weight:.1f}".replace("-", "−"))
    role = "ground" if abs(weight) > _STRONG * high else "ink"
    return Text(at, text, role, anchor="center")


def _cells(shape: tuple[int, ...], most: int) -> Floats:
    """Return the squares (rows × columns, 4, 2) of a matrix amid a panel `most` rows high."""
    rows, columns = shape
    top = (most + rows) / 2
    row, column = np.divmod(np.arange(rows * columns), columns)
    lowest = np.stack([column, top - 1 - row], axis=1)
    return np.asarray(lowest[:, None] + [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
