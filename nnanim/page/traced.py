"""Traced: a film whose answers know what they are, so that a page can compute them itself.

Views are asked for their marks as ever. What a film gives them is an array that remembers its
origin, also of some of its rows or columns; whatever is computed from it is plain numbers again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.film.film import Film
from nnanim.film.passed import Passed
from nnanim.types import Floats

INPUT = "input"  # what stands for a layer where the network is not entered
_WIDEST = 32  # units of a layer whose turn a page can take apart while it plays


@dataclass(frozen=True, eq=False)
class Origin:
    """What an array is: "data", the line `number` of the grid ("lines") or of the "boundary".

    `layer` of the film of tile `tile` sees it so; of `count` lines in all. `columns` are the units
    that are left, `rows` the samples; None are all. `passed` is how it is seen on its way through
    the layers, where it is; then it is of no layer.
    """

    what: str
    tile: int
    layer: str
    number: int = 0
    count: int = 1
    columns: tuple[int, ...] | None = None
    rows: NDArray[np.int64] | None = None
    passed: Passed | None = None


class Given(np.ndarray[Any, Any]):
    """An array that a film has given, with its `origin`; None where it is no longer that."""

    origin: Origin | None = None

    def __array_finalize__(self, obj: object) -> None:
        """Forget the origin: only what is known to keep it does."""
        self.origin = None

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute with plain arrays."""
        out = options.get("out")
        if out is not None:
            options["out"] = tuple(_plain(each) for each in out)
        return getattr(ufunc, method)(*map(_plain, inputs), **options)

    def __getitem__(self, key: Any) -> Any:
        """Return a part; whole rows, or whole columns, keep their origin."""
        found = super().__getitem__(key)
        if self.origin is not None and isinstance(found, Given) and found.ndim == 2:
            found.origin = _part(self.origin, key, self.shape)
        return found


def origin_of(array: object) -> Origin | None:
    """Return what an array is, where a film has given it."""
    return array.origin if isinstance(array, Given) else None


class TracedFilm(Film):
    """A film whose answers remember what they are; made by `traced`."""

    tile: int
    of: Film  # the film that it is, whose clock does not hold on to it
    boundaries: dict[float, list[Floats]]  # that were asked for, in input space, by moment

    def points(self, layer: str, moment: float) -> Floats:
        """Return the training data as `layer` sees them."""
        found = super().points(layer, moment)
        return _given(found, Origin("data", self.tile, self.replay.checked(layer)))

    def grid(self, layer: str, moment: float) -> list[Floats]:
        """Return each line of the input grid as `layer` sees it."""
        whole = Origin("lines", self.tile, self.replay.checked(layer), count=len(self.grid_lines))
        lines = super().grid(layer, moment)
        return [_given(line, replace(whole, number=i)) for i, line in enumerate(lines)]

    def curves(self, layer: str, lines: Sequence[Floats], moment: float) -> list[Floats]:
        """Return the images of input `lines` in `layer`; those of the grid as coarse as it is.

        The page refines them itself.
        """
        numbers = {id(line): i for i, line in enumerate(self.grid_lines)}
        if not is_run(self) or not all(id(line) in numbers for line in lines):
            return super().curves(layer, lines, moment)
        grid = self.grid(layer, moment)
        return [grid[numbers[id(line)]] for line in lines]

    def boundary(self, moment: float, layer: str | None = None) -> list[Floats]:
        """Return the decision boundary as lines in `layer`, or in input space.

        In a layer of a network that the page runs, they are as coarse as in input space.
        """
        lines = super().boundary(moment)
        self.boundaries[moment] = lines
        if layer is None:
            found, name = lines, INPUT
        else:
            name = self.replay.checked(layer)
            found = self._pushed(lines, name, moment)
        whole = Origin("boundary", self.tile, name, count=len(found))
        return [_given(line, replace(whole, number=i)) for i, line in enumerate(found)]

    def settled_boundary(self, moment: float) -> list[Floats]:
        """Return the boundary over the input window as lines (m, 2), and know that it was asked."""
        self.boundaries[moment] = lines = super().settled_boundary(moment)
        return lines

    def noted(self, seen: Floats, passed: Passed) -> Floats:
        """Return what is seen of a sheet on its way, as something that a page can compute."""
        if not passes(self):
            return seen
        alike = replace(passed, number=0, count=1)
        place = passed.number, passed.count
        return _given(seen, Origin(passed.what, self.tile, INPUT, *place, passed=alike))

    def _pushed(self, lines: list[Floats], layer: str, moment: float) -> list[Floats]:
        if not is_run(self):
            return super().boundary(moment, layer)
        if not lines:
            return []
        images = self.replay.outputs(layer, np.concatenate(lines), moment)
        return np.split(images, np.cumsum([len(line) for line in lines[:-1]]))


def is_run(film: Film) -> bool:
    """Return whether a page runs a film's network itself: a known stack, of all its inputs."""
    network = film.network
    return network.stack is not None and network.runs and film.plane is None


def passes(film: Film) -> bool:
    """Return whether a page takes space through the layers of a film's network itself."""
    if not is_run(film):
        return False
    stages = [stage for own in film.stages for stage in own]
    widths = [film.network.layer(stage.after).units for stage in stages]
    return max(film.network.inputs, *widths) <= _WIDEST and stages[0].kind != "blend"


def traced(film: Film) -> Film:
    """Return the same film, and its tiles, with answers that remember what they are."""
    tiles = [_traced(tile, i) for i, tile in enumerate(film._tiles)]
    found = _traced(film, 0)
    found._tiles = tuple(tiles)
    return found


def _traced(film: Film, tile: int) -> TracedFilm:
    found = TracedFilm.__new__(TracedFilm)
    found.__dict__.update(film.__dict__)
    found.tile, found.boundaries, found.of = tile, {}, film
    return found


def _given(array: Floats, origin: Origin) -> Floats:
    found = array.view(Given)
    found.origin = origin
    return found


def _plain(value: object) -> object:
    return value.view(np.ndarray) if isinstance(value, Given) else value


def _part(origin: Origin, key: Any, shape: tuple[int, ...]) -> Origin | None:
    """Return the origin of the part of an array (n, units) that `key` picks; None if unknown."""
    rows, columns = key if isinstance(key, tuple) and len(key) == 2 else (key, slice(None))
    if rows is None or columns is None or (isinstance(key, tuple) and len(key) != 2):
        return None
    if not (isinstance(rows, slice) and rows == slice(None)):
        picked = np.arange(shape[0])[rows]
        if picked.ndim != 1 or origin.what != "data":
            return None
        known = origin.rows
        origin = replace(origin, rows=picked if known is None else known[picked])
    if isinstance(columns, slice) and columns == slice(None):
        return origin
    kept = columns if isinstance(columns, list) else np.arange(shape[1])[columns].tolist()
    before = range(shape[1]) if origin.columns is None else origin.columns
    return replace(origin, columns=tuple(before[i] for i in kept))
