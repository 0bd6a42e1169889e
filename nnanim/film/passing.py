"""Passing: what is seen of a film's grid, data and boundary on their way through the layers."""

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from nnanim import geometry
from nnanim.film.film import Film
from nnanim.film.passage import Mirror, Passage, Seen
from nnanim.film.stages import INPUT
from nnanim.film.zoom import Zoom, standing_zoom, thinned
from nnanim.types import Floats

T = TypeVar("T")

_BEND = 4e-3  # of a unit's own scale: how far a chord of the grid may lie from the curve


def passing_of(film: Film, moment: float, mirror: Mirror = "swap") -> "Passing":
    """Return what passes through the layers at a moment; most often the same as a frame before."""
    key = "passing", moment, mirror, film.passed
    return film.replay.remembered(key, lambda: Passing(film, moment, mirror))


class Passing:
    """What is drawn of a film at a moment, as each module on the way gives it."""

    def __init__(self, film: Film, moment: float, mirror: Mirror) -> None:
        self.film, self.moment = film, moment
        self._kept: dict[Hashable, Any] = {}
        self.passage = Passage(film.replay, film.stages, moment, mirror)
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
        return [thinned(self.data), thinned(self.grid)]

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

    def curves(self, depth: float, zoom: float) -> list[Floats]:
        """Return the lines (m, 2) of the grid at a depth."""
        seen = self.passage.pictured(depth, self.grid) * zoom
        return np.split(seen, np.cumsum(self.lengths[:-1]))

    def boundary_lines(self, depth: float, zoom: float) -> list[Floats]:
        """Return the lines (m, 2) of the boundary, carried along to a depth."""
        seen = self.passage.pictured(depth, self._boundary) * zoom
        return np.split(seen, np.cumsum([len(line) for line in self.edge[:-1]]))
