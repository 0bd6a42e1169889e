"""Thinning: which samples of the data stand for all of them, where a page is to be smaller."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.film.film import Film
from nnanim.marks import Cells, Lines, Mark, Plane
from nnanim.page.traced import Origin, origin_of

Rows = NDArray[np.int64]

_FEWEST = 500  # samples that are left
_GOLDEN = (5**0.5 - 1) / 2


class Thinning:
    """One of `every` samples of each class of the data of tiles, but no fewer than 500 in all.

    Where a line runs through the samples, as any of the `shown` marks does, all of them are left.
    """

    def __init__(
        self, tiles: Sequence[Film], every: int = 1, shown: Iterable[Sequence[Mark]] = ()
    ) -> None:
        whole = set(_joined(mark for marks in shown for mark in marks)) if every > 1 else set()
        self._tiles = tiles
        fewer = (1 if i in whole else _fewer(tile, every) for i, tile in enumerate(tiles))
        self.every = list(fewer)  # of each tile: of how many samples one is left
        self.held = [_kept(*each) for each in zip(tiles, self.every, strict=True)]  # rising rows

    def drawn(self, known: Sequence[Any], origin: Origin | None) -> Rows | None:
        """Return which rows of points are left, the same at all samples; None for all."""
        counts = {len(xy) for xy in known}
        if len(counts) > 1:
            return None
        count = counts.pop()
        numbers = range(len(self._tiles)) if origin is None else [origin.tile]
        for number in numbers:
            if self.every[number] > 1:
                rows = None if origin is None else origin.rows
                for own in _parts(self._tiles[number]) if rows is None else [rows]:
                    if len(own) == count:
                        return np.flatnonzero(np.isin(own, self.held[number]))
        return None


def _fewer(tile: Film, every: int) -> int:
    return max(1, min(every, len(tile.data.inputs) // _FEWEST))


def _kept(tile: Film, every: int) -> Rows:
    """Return one of `every` rows of each class."""
    whole, *classes = _parts(tile)
    parts = [rows[evenly(len(rows), every)] for rows in classes or [whole]]
    return np.sort(np.concatenate(parts))


def evenly(count: int, every: int) -> Rows:
    """Return one of `every` numbers below `count`, each from another place among so many."""
    starts = np.arange(0, count, every)
    jumps = np.floor(np.arange(len(starts)) * _GOLDEN % 1 * every).astype(np.int64)
    return np.asarray(np.minimum(starts + jumps, count - 1))


def _parts(tile: Film) -> list[Rows]:
    """Return all rows of the data, then those of each class."""
    whole = np.arange(len(tile.data.inputs))
    if tile.colors is None or tile.colors.dtype.kind == "f":
        return [whole]
    names, classes = np.unique(tile.colors, return_inverse=True)
    return [whole, *(np.flatnonzero(classes == k) for k in range(len(names)))]


def _joined(marks: Iterable[Mark]) -> Iterator[int]:
    """Return the tiles of whose samples lines are made."""
    for mark in marks:
        if isinstance(mark, Plane | Cells):
            yield from _joined(mark.marks)
        elif isinstance(mark, Lines) and mark.paths:
            origin = origin_of(mark.paths[0])
            if origin is not None and origin.what == "data":
                yield origin.tile
