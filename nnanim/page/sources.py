"""Sources: what a mark holds over the samples of a film, as a page keeps it; see FORMAT.md."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from nnanim.film.film import Film
from nnanim.marks import Points
from nnanim.page.arrays import Arrays, Ref
from nnanim.page.changes import all_same, filled, frames_of, same
from nnanim.page.paths import is_closed, joined, needed
from nnanim.page.thinning import Rows, Thinning
from nnanim.page.traced import INPUT, Origin, is_run, origin_of
from nnanim.types import Floats

Source = dict[str, Any]

STEPS = 8000  # over a panel
_BEYOND = 3.5  # spans of a panel to each side of it that steps reach


@dataclass(frozen=True, eq=False)
class Measure:
    """From where, (d,), and in which steps, (d,), numbers are kept."""

    low: Floats
    step: Floats
    pixels: int = 1  # of a panel along its longer side

    @classmethod
    def of(cls, *limits: Sequence[float], pixels: int = 1) -> "Measure":
        """Return that of a panel, or a cube, between such limits."""
        ends = np.array(limits, float)
        span = ends[:, 1] - ends[:, 0]
        return cls(ends.min(axis=1) - _BEYOND * np.abs(span), np.abs(span) / STEPS, pixels)


class Sources:
    """Turns what marks hold at each of the samples into what a page keeps of it."""

    def __init__(
        self, arrays: Arrays, tiles: Sequence[Film], shared: bool, thinning: Thinning
    ) -> None:
        self.arrays = arrays
        self._tiles = tiles
        self._shared = shared  # whether the data are in the page
        self._thinning = thinning

    def may_show(self, track: Sequence[Any]) -> bool:
        """Return whether a track of marks is no points of data that are not to be in the page."""
        known = [mark for mark in track if mark is not None]
        if self._shared or not isinstance(known[0], Points):
            return True
        counts = {len(mark.xy) for mark in known}
        return not counts & set().union(*map(_counts, self._tiles))

    def value(self, values: Sequence[Any]) -> Any:
        """Return one for all samples; None stands for one that is not asked for."""
        known = [value for value in values if value is not None]
        if not known or all(value == known[0] for value in known):
            return known[0] if known else None
        whole = filled(values)
        if all(isinstance(value, int | float) for value in known):
            return {"sampled": self.arrays.spread(np.array(whole, float), 16, delta=True)}
        found = list(dict.fromkeys(map(_hashable, known)))
        numbers = {value: i for i, value in enumerate(found)}
        which = [numbers[_hashable(value)] for value in whole]
        return {"of": found, "which": self.arrays.whole(which, delta=True)}

    def held(self, tile: int) -> Rows | None:
        """Return which samples of a tile's data are in the page; None where none are to be."""
        return self._thinning.held[tile] if self._shared else None

    def drawn(self, values: Sequence[Any]) -> Rows | None:
        """Return which rows of points (n, d) the page draws; None for all."""
        if max(self._thinning.every) == 1:
            return None
        return self._thinning.drawn(_known(values), self._origin(values))

    def array(
        self,
        values: Sequence[Any],
        measure: Measure | None,
        bits: int = 16,
        rows: Rows | None = None,
    ) -> Source:
        """Return an array, or some `rows` of it, at each sample; None where there is none."""
        origin = self._origin(values)
        recipe = None if origin is None else self._recipe(origin, rows)
        if recipe is not None:
            return recipe
        if rows is not None:
            values = [None if value is None else np.asarray(value)[rows] for value in values]
        known = _known(values)
        keep = self._keeper(measure, bits)
        if all(same(known[0], value) for value in known[1:]):
            return {"constant": keep(known[0], delta=False)}
        frames, frame = frames_of(values, same)
        if all(each.shape == known[0].shape for each in frames):
            stacked = np.stack([np.asarray(each) for each in frames])
            ref = keep(stacked, delta=True)
            return {"sampled": ref, "frame": self.arrays.whole(frame, delta=True)}
        return self._ragged([[np.asarray(each)] for each in frames], frame, keep, measure)

    def paths(
        self, values: Sequence[Any], measure: Measure | None, *, whole: bool = False
    ) -> Source:
        """Return a list of arrays at each sample; None where there is none.

        Without `whole`, those whose number of points changes may leave out some they hardly need.
        """
        recipe = self._lines([value for value in values if value is not None])
        if recipe is not None:
            return recipe
        lists = [None if value is None else list(map(np.asarray, value)) for value in values]
        if all(map(is_closed, chain(*(each for each in lists if each is not None)))):
            opened = [None if each is None else [path[:-1] for path in each] for each in lists]
            return {**self._parted(opened, measure, whole), "closed": True}
        return self._parted(lists, measure, whole)

    def _parted(
        self, lists: Sequence[list[Floats] | None], measure: Measure | None, whole: bool
    ) -> Source:
        """Return lists of arrays that no recipe gives."""
        frames, frame = frames_of(lists, all_same)
        lengths = [list(map(len, each)) for each in frames]
        keep = self._keeper(measure, 16)
        if all(each == lengths[0] for each in lengths):
            rows = [joined(each, _axes(measure)) for each in frames]
            if len(rows) == 1:
                return {"constant": keep(rows[0], delta=False), "lengths": lengths[0]}
            ref = keep(np.stack(rows), delta=True)
            at = self.arrays.whole(frame, delta=True)
            return {"sampled": ref, "frame": at, "lengths": lengths[0]}
        if measure is not None and not whole:
            frames = [[needed(path, measure.step) for path in each] for each in frames]
        return self._ragged(frames, frame, keep, measure)

    def ragged(
        self, frames: Sequence[Sequence[Floats]], frame: Sequence[int], measure: Measure
    ) -> Source:
        """Return lists of arrays, `frame` of them at each sample."""
        return self._ragged(frames, frame, self._keeper(measure, 16), measure)

    def _ragged(
        self,
        frames: Sequence[Sequence[Floats]],
        frame: Sequence[int],
        keep: Callable[..., Ref],
        measure: Measure | None,
    ) -> Source:
        paths = [path for each in frames for path in each]
        return {
            "ragged": {
                "points": keep(joined(paths, _axes(measure)), delta=True),
                "paths": self._ends(list(map(len, paths))),
                "frames": self._ends(list(map(len, frames))),
            },
            "frame": self.arrays.whole(frame, delta=True),
        }

    def _ends(self, lengths: Sequence[int]) -> Ref:
        return self.arrays.whole(np.cumsum([0, *lengths]), delta=True)

    def _keeper(self, measure: Measure | None, bits: int) -> Callable[..., Ref]:
        def keep(values: Floats, *, delta: bool) -> Ref:
            if values.dtype.kind in "iub":
                return self.arrays.whole(values, delta=delta)
            if measure is None:
                return self.arrays.spread(values, bits, delta=delta)
            return self.arrays.steps(values, measure.low, measure.step, delta=delta)

        return keep

    def _origin(self, values: Sequence[Any]) -> Origin | None:
        """Return what of the data an array is at each sample, as a layer sees it; None if not."""
        origins = [origin_of(value) for value in values if value is not None]
        first = origins[0]
        if first is None:
            return self._inputs(_known(values))
        if first.what != "data" or not is_run(self._tiles[first.tile]):
            return None
        return first if all(_alike(first, origin) for origin in origins) else None

    def _inputs(self, known: Sequence[Floats]) -> Origin | None:
        """Return of which inputs an array is, all or those of one class; None for others."""
        xy = known[0]
        if xy.ndim != 2 or not all(same(xy, value) for value in known[1:]):
            return None
        for number, tile in enumerate(self._tiles):
            inputs = np.asarray(tile.data.inputs)
            if not is_run(tile) or inputs.ndim != 2 or inputs.shape[1] < xy.shape[1]:
                continue
            columns = tuple(range(xy.shape[1]))
            if same(inputs[:, : len(columns)], xy):
                return Origin("data", number, INPUT, columns=columns)
            for k in [] if tile.colors is None else np.unique(tile.colors)[:20]:
                rows = np.flatnonzero(tile.colors == k)
                if same(inputs[rows][:, : len(columns)], xy):
                    return Origin("data", number, INPUT, 0, 1, columns, rows)
        return None

    def _lines(self, values: Sequence[Any]) -> Source | None:
        """Return the recipe of lists of lines that a film gave; None for others."""
        origins = [[origin_of(path) for path in paths] for paths in values]
        first = next((each for row in origins for each in row), None)
        if first is None or not is_run(self._tiles[first.tile]):
            return None
        if first.passed is not None and not self._shared:  # how large they are hangs on the data
            return None
        return self._joined(origins) if first.what == "data" else _recipe_of_lines(origins, first)

    def _joined(self, origins: Sequence[Sequence[Origin | None]]) -> Source | None:
        """Return the recipe of lines through samples of the data; None for others."""
        first = [each for each in origins[0] if each is not None]
        if any(len(row) != len(first) or not all(map(_alike, first, row)) for row in origins):
            return None
        every = np.arange(len(self._tiles[first[0].tile].data.inputs))
        rows = [every if each.rows is None else each.rows for each in first]
        found = self._recipe(replace(first[0], rows=np.concatenate(rows)))
        return None if found is None else {**found, "lengths": list(map(len, rows))}

    def _recipe(self, origin: Origin, some: Rows | None = None) -> Source | None:
        """Return the recipe of `some` rows of data, or all; None where they are not in the page."""
        found, held = _told(origin), self._thinning.held[origin.tile]
        rows = np.arange(len(self._tiles[origin.tile].data.inputs))
        rows = rows if origin.rows is None else origin.rows
        rows = rows if some is None else rows[some]
        if not np.isin(rows, held).all():
            return None
        if not np.array_equal(rows, held):
            found["rows"] = self.arrays.whole(np.searchsorted(held, rows), delta=True)
        return found


def _known(values: Sequence[Any]) -> list[Floats]:
    return [np.asarray(value) for value in values if value is not None]


def _axes(measure: Measure | None) -> int:
    return 2 if measure is None else len(measure.low)


def _counts(tile: Film) -> set[int]:
    """Return how many samples the data have, and each of their classes."""
    data = {len(part) for part in (tile.data.inputs, tile.data.targets)}
    if tile.colors is None or tile.colors.dtype.kind == "f":
        return data
    return data | {int(count) for count in np.bincount(tile.colors) if count > 1}


def _recipe_of_lines(origins: Sequence[Sequence[Origin | None]], first: Origin) -> Source | None:
    """Return the recipe of lists of lines that a film gave; None for others."""
    for row in origins:
        numbers = [each.number for each in row if each is not None and _alike(first, each)]
        if len(numbers) < len(row):
            return None
        if first.what == "boundary" and row and numbers != list(range(_count(row))):
            return None
    if first.what != "lines":
        return _told(first)
    rows = [[each.number for each in row if each is not None] for row in origins]
    if any(row != rows[0] for row in rows):
        return None
    return {**_told(first), "lines": rows[0]}


def _count(row: Sequence[Origin | None]) -> int:
    return 0 if row[0] is None else row[0].count


def _told(origin: Origin) -> Source:
    found: Source = {"recipe": origin.what, "network": origin.tile, "layer": origin.layer}
    if origin.passed is not None:
        thumb = {} if origin.passed.thumb is None else {"thumb": origin.passed.thumb}
        found["passed"] = {"mirror": origin.passed.mirror, **thumb}
    return found if origin.columns is None else {**found, "columns": list(origin.columns)}


def _alike(one: Origin, other: Origin | None) -> bool:
    """Return whether two arrays are the same of the film, at whatever moments."""
    if other is None or (one.what, one.tile, one.layer, one.columns, one.passed) != (
        other.what, other.tile, other.layer, other.columns, other.passed
    ):  # fmt: skip
        return False
    if one.rows is None or other.rows is None:
        return one.rows is other.rows
    return np.array_equal(one.rows, other.rows)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
