"""Passing: what is seen of a film's grid, data and boundary on their way through the layers."""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from nnanim import geometry
from nnanim.film.film import Film
from nnanim.film.passage import Mirror, Passage, Seen
from nnanim.film.passed import Passed, Thumb
from nnanim.film.stages import INPUT
from nnanim.film.zoom import Zoom, standing_zoom, thinned
from nnanim.types import Floats

T = TypeVar("T")

_LEAST = 1e-9  # half of how far a layer's picture goes, at least
_BEND = 4e-3  # of a unit's own scale: how far a chord of the grid may lie from the curve


def passing_of(
    film: Film, moment: float, mirror: Mirror = "swap", *, stands: bool = False
) -> "Passing":
    """Return what passes through the layers at a moment; most often the same as a frame before.

    What `stands` is not mirrored: as with "fold", no units are swapped.
    """
    key = "passing", type(film), moment, mirror, stands, film.passed
    return film.replay.remembered(key, lambda: Passing(film, moment, mirror, stands=stands))


class Passing:
    """What is drawn of a film at a moment, as each module on the way gives it."""

    def __init__(self, film: Film, moment: float, mirror: Mirror, *, stands: bool) -> None:
        self.film, self.moment, self.mirror = film, moment, mirror
        self._kept: dict[Hashable, Any] = {}
        self.passage = Passage(film.replay, film.stages, moment, "fold" if stands else mirror)
        self.data = self._seen("data", film.data.inputs)
        self.lengths, self.grid = self._grid()
        self.edge = film.settled_boundary(moment)

    def _seen(self, what: str, inputs: Floats) -> Seen:
        names = self.passage.names()
        found = self.film.replay.shared(what, inputs, self.moment, names)
        given = self.film.network.lifted(inputs)
        seen: dict[str | None, Floats] = {INPUT: given.reshape(len(given), -1)}
        seen.update(found)
        return seen

    def _grid(self) -> tuple[list[int], Seen]:
        """Return how many points each line of the grid has, and the grid; none: some of the data.

        Points are added where a line bends on its way.
        """
        film, replay = self.film, self.film.replay
        if not film.grid_lines:
            return [], self._seen("grid", replay.grid_points)
        names = sorted(self.passage.names())

        def all_of(inputs: Floats) -> Floats:
            found = replay.network.outputs(replay.state(self.moment), inputs, names)
            given = replay.network.lifted(inputs)
            return np.concatenate([given, *(found[name] for name in names)], axis=1)

        lines = geometry.refine(all_of, film.grid_lines, _BEND)
        widths = [film.network.layer(name).units for name in names]
        parts = np.split(np.concatenate(lines), np.cumsum([film.network.inputs, *widths]), 1)
        return [len(line) for line in lines], dict(zip([INPUT, *names], parts, strict=False))

    @cached_property
    def _boundary(self) -> Seen:
        return self._seen("boundary that passes", np.concatenate(self.edge))

    @cached_property
    def _thinned(self) -> list[Seen]:
        return [thinned(self.data), thinned(self._seen("grid", self.film.replay.grid_points))]

    @cached_property
    def zoom(self) -> Zoom:
        """How the picture zooms on the way at this moment."""
        return Zoom(self.passage, self._thinned, standing_zoom(self.film.replay, self.passage))

    @cached_property
    def boxes(self) -> list[tuple[Floats, float]]:
        """Of the input and of each layer, its middle (2,) and half of how far it goes, as seen."""
        return [self._box(float(depth)) for depth in range(len(self.film.stages) + 1)]

    def _box(self, depth: float) -> tuple[Floats, float]:
        seen = np.concatenate([self.passage.pictured(depth, each) for each in self._thinned])
        low, high = seen.min(axis=0), seen.max(axis=0)
        return (low + high) / 2, float((high - low).max()) / 2

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` gives, kept as long as this: for what stands while space passes."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]  # type: ignore[no-any-return]

    def points(self, depth: float, zoom: float, thumb: Thumb | None = None) -> Floats:
        """Return where the data (n, 2) are seen at a depth."""
        (points,) = self._noted("data", depth, self.data, zoom, thumb, [])
        return points

    def curves(self, depth: float, zoom: float, thumb: Thumb | None = None) -> list[Floats]:
        """Return the lines (m, 2) of the grid at a depth."""
        ends = np.cumsum(self.lengths[:-1])
        return self._noted("lines", depth, self.grid, zoom, thumb, ends)

    def boundary_lines(self, depth: float, zoom: float, thumb: Thumb | None = None) -> list[Floats]:
        """Return the lines (m, 2) of the boundary, carried along to a depth."""
        if not self.edge:
            return []
        ends = np.cumsum([len(line) for line in self.edge[:-1]])
        return self._noted("boundary", depth, self._boundary, zoom, thumb, ends)

    def beside(self, lines: Sequence[Floats], what: str) -> list[Floats]:
        """Return lines (m, 2) that are drawn beside the sheet, known for what they are."""
        return [self.film.noted(line, Passed(what, self.mirror)) for line in lines]

    def _noted(
        self, what: str, depth: float, sheet: Seen, zoom: float, thumb: Thumb | None, ends: Any
    ) -> list[Floats]:
        """Return what is seen of a sheet at a depth, taken apart at `ends`; small as a thumb."""
        seen, middle = self.passage.pictured(depth, sheet), np.zeros(2)
        if thumb is not None:
            seen_middle, half = self.boxes[thumb[0]]
            zoom = thumb[1] / max(half, _LEAST)
            middle = np.array(thumb[2]) - seen_middle * zoom
        parts = np.split(seen * zoom + middle, ends)
        return [
            self.film.noted(part, Passed(what, self.mirror, i, len(parts), thumb))
            for i, part in enumerate(parts)
        ]
