"""Bands: of the losses of many tiles, between what most of them lie, and the middle one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.film.film import Film
from nnanim.film.lattice import Lattice
from nnanim.marks import Lines, Mark, Points, Polygons
from nnanim.types import Floats

_OUTER = 10, 90  # percentiles at a band's edges
_MOST = 4  # bands: of more, one holds all
_SEED = "seed"


@dataclass(frozen=True, eq=False)
class Band:
    """How high the losses of some tiles stand at `moments` (n,): low, middle, high (3, n)."""

    moments: Floats
    heights: Floats

    def marks(self, moment: float, role: str) -> list[Mark]:
        """Return the band up to a moment of the picture's clock, and the middle with its head."""
        past = self.moments < moment
        at = np.append(self.moments[past], moment)
        low, middle, high = (np.interp(at, self.moments, each) for each in self.heights)
        outline = np.concatenate([np.stack([at, low], 1), np.stack([at, high], 1)[::-1]])
        line = np.stack([at, middle], axis=1)
        return [
            Polygons([outline], role, 0.25),
            Lines([line], role, width=3.0),
            Points(line[-1:], role, size=13.0),
        ]


def bands_of(film: Film, heights: Callable[[], Sequence[Floats]]) -> list[Band]:
    """Return the bands of a film's tiles, whose losses stand at `heights` over their histories.

    There is one for each value of a setting where the other is the seed and the values are few,
    else one of all tiles.
    """

    def make() -> list[Band]:
        moments = film.history.moments
        every = [
            np.interp(moments, tile.history.moments * tile.stretch, own)
            for tile, own in zip(film.tiles, heights(), strict=True)
        ]
        each = np.stack(every)
        low, high = _OUTER
        groups = groups_in(film.lattice)
        parts = [each] if groups is None else [each[which] for which in groups]
        return [Band(moments, np.percentile(own, [low, 50, high], axis=0)) for own in parts]

    return film.once((bands_of, film.names, film.lattice), make)


def groups_in(lattice: Lattice | None) -> list[list[int]] | None:
    """Return the tiles of each value of the setting beside the seed; None where all are one."""
    if lattice is None or lattice.rows is None:
        return None
    (across, columns), (up, rows) = lattice.columns, lattice.rows
    numbers = np.arange(len(columns) * len(rows)).reshape(len(rows), len(columns))
    if is_seed(across) and len(rows) <= _MOST:
        return list(map(list, numbers))
    if is_seed(up) and len(columns) <= _MOST:
        return list(map(list, numbers.T))
    return None


def is_seed(setting: str) -> bool:
    """Return whether a setting is a seed."""
    return setting.rpartition(".")[2] == _SEED
