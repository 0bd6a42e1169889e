"""Bands: between which quartiles the losses of several trainings lie, and their median."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.film.film import Film
from nnanim.film.lattice import Lattice
from nnanim.marks import Lines, Mark, Points, Polygons
from nnanim.types import Floats

_QUARTILES = 25, 50, 75
_MOST = 4  # values that have a band each: of more, one holds all
_SEED = "seed"

Curve = tuple[Floats, Floats]  # losses (n,) at moments (n,) of the picture's clock


@dataclass(frozen=True, eq=False)
class Banded:
    """Trainings that one band holds, by the `curves` of their losses.

    They are those of the `group`-th value of a setting; of no group, they are all that there are.
    Where they are one `tile`'s among several of its group, from several seeds, that is outlined.
    """

    curves: Sequence[Curve]
    group: int | None = None
    tile: int | None = None


@dataclass(frozen=True, eq=False)
class Band:
    """How high the losses of a group stand at `moments` (n,): low, middle, high (3, n)."""

    moments: Floats
    heights: Floats
    group: int | None

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


def bands_of(film: Film, heights: Callable[[Sequence[Floats]], Sequence[Floats]]) -> list[Band]:
    """Return the bands of a film's small multiples, whose losses stand at `heights` of them all."""

    def make() -> list[Band]:
        moments, banded = film.history.moments, banded_in(film)
        curves = [curve for each in banded for curve in each.curves]
        scaled = iter(heights([losses for _, losses in curves]))
        bands = []
        for each in banded:
            own = [np.interp(moments, at, next(scaled)) for at, _ in each.curves]
            bands.append(Band(moments, np.percentile(own, _QUARTILES, axis=0), each.group))
        return bands

    return film.once((bands_of, film.names, film.lattice), make)


def banded_in(film: Film) -> list[Banded]:
    """Return which trainings of a film's small multiples have a band.

    There is one for each value of a setting that has few, over seeds: where these are the other
    axis, over its tiles; where seeds have no tiles of their own, over those of its tile that ends
    best. Where no setting has few, one is over all, and over the seeds of the best tile another.
    """
    lattice = film.lattice
    assert lattice is not None
    name, groups = groups_in(lattice)
    if lattice.repeats is None:
        curves = [(t.history.moments * t.stretch, t.history.loss) for t in film.tiles]
        parts = [Banded([curves[i] for i in tiles], k) for k, tiles in enumerate(groups)]
        return parts if name else [Banded(curves)]
    repeats = [
        [((np.arange(len(loss)) + 0.5) * tile.stretch, loss) for loss in losses if len(loss)]
        for tile, losses in zip(film.tiles, lattice.repeats.losses, strict=True)
    ]
    found = [] if name else [Banded([curve for own in repeats for curve in own])]
    for k, tiles in enumerate(groups):
        best = best_of(lattice, tiles)
        found.append(Banded(repeats[best], k, best if len(tiles) > 1 else None))
    return [each for each in found if each.curves]


def said_of(film: Film) -> list[str]:
    """Return what the bands of small multiples are, the most telling first, the shortest last.

    As "median and quartiles over 8 seeds"; where each is of one tile among several, first with
    that: "best (outlined): …".
    """
    banded, words = banded_in(film), film.words
    grouped = [each for each in banded if each.group is not None]
    if not grouped:
        return [words("median and quartiles of {n} trainings", n=len(banded[0].curves))]
    counts = sorted({len(each.curves) for each in grouped})
    count = counts[0] if len(counts) == 1 else f"{counts[0]}–{counts[-1]}"
    said = words("median and quartiles over {n} seeds", n=count)
    if grouped[0].tile is None:
        return [said]
    return [words("best (outlined): {name}", name=said), said]


def groups_in(lattice: Lattice) -> tuple[str, list[list[int]]]:
    """Return the setting whose values have a band each, and their tiles; "" and all in one group.

    Beside a seed it is the other setting, where seeds have no tiles the rows' or the columns'.
    """
    (across, columns), (up, rows) = lattice.columns, lattice.rows or ("", ("",))
    numbers = np.arange(len(columns) * len(rows)).reshape(len(rows), len(columns))
    for name, along, other in ((up, numbers, across), (across, numbers.T, up)):
        over_seeds = is_seed(other) if lattice.repeats is None else bool(name)
        if over_seeds and name and len(along) <= _MOST:
            return name, list(map(list, along))
    return "", [list(range(numbers.size))]


def best_of(lattice: Lattice, tiles: Sequence[int]) -> int:
    """Return which of some tiles ends best: with the lowest median of its seeds' losses."""
    assert lattice.repeats is not None
    losses = lattice.repeats.losses

    def end(tile: int) -> float:
        last = np.array([own[-1] for own in losses[tile] if len(own)])
        return float(np.median(np.where(np.isfinite(last), last, np.inf))) if len(last) else np.inf

    return min(tiles, key=end)


def is_seed(setting: str) -> bool:
    """Return whether a setting is a seed."""
    return setting.rpartition(".")[2] == _SEED
