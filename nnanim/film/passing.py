"""Passing: what is seen of a film's grid, data and boundary on their way through the layers."""

from functools import cached_property

import numpy as np

from nnanim import geometry
from nnanim.film.film import Film
from nnanim.film.passage import Passage, Seen
from nnanim.film.stages import INPUT
from nnanim.film.zoom import Zoom, standing_zoom, thinned
from nnanim.types import Floats

_BEND = 4e-3  # of a unit's own scale: how far a chord of the grid may lie from the curve


class Passing:
    """What is drawn of a film at a moment, as each module on the way gives it."""

    def __init__(self, film: Film, passage: Passage, moment: float) -> None:
        self.film, self.passage, self.moment = film, passage, moment
        self.data = self._seen("data", film.data.inputs)
        self.lengths, self.grid = self._grid()
        self.edge = film.settled_boundary(moment)

    def _seen(self, what: str, inputs: Floats) -> Seen:
        names = self.passage.names()
        found = self.film.replay.shared(what, inputs, self.moment, names)
        seen: dict[str | None, Floats] = {INPUT: inputs.reshape(len(inputs), -1)}
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
            return np.concatenate([inputs, *(found[name] for name in names)], axis=1)

        def make() -> tuple[list[int], Seen]:
            lines = geometry.refine(all_of, film.grid_lines, _BEND)
            widths = [film.network.layer(name).units for name in names]
            parts = np.split(np.concatenate(lines), np.cumsum([film.network.inputs, *widths]), 1)
            return [len(line) for line in lines], dict(zip([INPUT, *names], parts, strict=False))

        return replay.remembered(("grid that passes", self.moment, film.passed), make)

    @cached_property
    def _boundary(self) -> Seen:
        return self._seen("boundary that passes", np.concatenate(self.edge))

    @cached_property
    def _thinned(self) -> list[Seen]:
        return [thinned(self.data), thinned(self.grid)]

    @property
    def zoom(self) -> Zoom:
        """How the picture zooms on the way at this moment."""
        replay, passage = self.film.replay, self.passage
        end = standing_zoom(replay, passage)
        key = "zoom", self.moment, passage.mirror, self.film.passed
        return replay.remembered(key, lambda: Zoom(passage, self._thinned, end))

    def box(self, depth: float) -> tuple[Floats, float]:
        """Return the middle (2,) of what is seen, and half of how far it goes to a side or up."""
        seen = np.concatenate([self.passage.pictured(depth, each) for each in self._thinned])
        low, high = seen.min(axis=0), seen.max(axis=0)
        return (low + high) / 2, float((high - low).max()) / 2

    def curves(self, depth: float, zoom: float) -> list[Floats]:
        """Return the lines (m, 2) of the grid at a depth."""
        seen = self.passage.pictured(depth, self.grid) * zoom
        return np.split(seen, np.cumsum(self.lengths[:-1]))

    def boundary_lines(self, depth: float, zoom: float) -> list[Floats]:
        """Return the lines (m, 2) of the boundary, carried along to a depth."""
        seen = self.passage.pictured(depth, self._boundary) * zoom
        return np.split(seen, np.cumsum([len(line) for line in self.edge[:-1]]))
