"""Lattice: many tiles as small multiples, what tells them apart, and how fine they are."""

from dataclasses import dataclass
from math import prod, sqrt

from nnanim.scene.comparison import Comparison
from nnanim.types import Floats

_USUAL = 6.25  # tiles that are drawn as finely as a film alone


@dataclass(frozen=True, eq=False)
class Repeats:
    """The losses (epochs,) of each tile's trainings from several seeds, its own among them."""

    losses: tuple[tuple[Floats, ...], ...]


@dataclass(frozen=True)
class Lattice:
    """Where small tiles stand: a column and a row for each value of two settings.

    Each is a setting's name and its values as text. Without `rows`, tiles go on from one row to the
    next, each under its own value. Seeds that have no tile of their own are its `repeats`.
    """

    columns: tuple[str, tuple[str, ...]]
    rows: tuple[str, tuple[str, ...]] | None = None
    repeats: Repeats | None = None

    @property
    def fineness(self) -> float:
        """How finely a tile is drawn: the share of the usual cells along its side."""
        return min(1.0, sqrt(_USUAL / prod(map(len, self.values))))

    @property
    def values(self) -> list[tuple[str, ...]]:
        """The values of the columns, and of the rows where there are such."""
        return [self.columns[1], *([self.rows[1]] if self.rows else [])]


def lattice_of(comparison: Comparison, names: tuple[str, ...]) -> Lattice | None:
    """Return where the tiles of a comparison stand that shows small multiples; None of others."""
    if comparison.shown != "tiles":
        return None
    varied = [(name, tuple(values)) for name, values in comparison.varied.items()]
    losses = tuple(tuple(own) for own in comparison.repeats)
    repeats = Repeats(losses) if losses else None
    if prod(len(values) for _, values in varied) == len(names):
        if len(varied) == 1:
            return Lattice(varied[0], None, repeats)
        if len(varied) == 2:
            return Lattice(varied[1], varied[0], repeats)
    return Lattice(_shortened(names), None, repeats)


def _shortened(names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return "width, lr" and "3, 0.1" of names that are "width = 3, lr = 0.1" in all tiles."""
    parts = [[part.partition(" = ") for part in name.split(", ")] for name in names]
    keys = {tuple(key for key, equals, _ in own if equals) for own in parts}
    if len(keys) > 1 or any(not equals for own in parts for _, equals, _ in own):
        return "", names
    return ", ".join(keys.pop()), tuple(", ".join(value for _, _, value in own) for own in parts)
