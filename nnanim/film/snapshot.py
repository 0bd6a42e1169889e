"""Snapshot: one state of a recording, and what a layer makes of data and grid in it."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from nnanim import geometry
from nnanim.film.boundary import Boundary
from nnanim.film.replay import Replay
from nnanim.types import Floats


@dataclass(frozen=True, eq=False, repr=False)
class Snapshot:
    """One state of a recording; what is derived from it is computed on asking."""

    index: int
    _replay: Replay
    _boundary: Boundary

    def __repr__(self) -> str:
        return f"Snapshot(epoch {self.epoch:g}, step {self.step}, loss {self.loss:.4g})"

    @property
    def step(self) -> int:
        """Optimiser steps done."""
        return int(self._replay.recording.steps[self.index])

    @property
    def epoch(self) -> float:
        """Training time in epochs."""
        return float(self._replay.recording.epochs[self.index])

    @property
    def loss(self) -> float:
        """Loss of the batch that led here."""
        return float(self._replay.recording.loss[self.index])

    @property
    def parameters(self) -> dict[str, NDArray[Any]]:
        """Parameters and buffers by their torch names."""
        return self._replay.recording.state(self.index)

    @property
    def moment(self) -> float:
        """When a film shows it: at its epoch, or just before where a segment ends on another."""
        return self._replay.moment_of(self.index)

    def points(self, layer: str) -> Floats:
        """Return the data (n, units), seen by that layer."""
        return self._replay.points(layer, self.moment)

    def grid(self, layer: str) -> list[Floats]:
        """Return the deformed grid lines (points, units), seen by that layer."""
        return self._replay.grid(layer, self.moment)

    def boundary(self, layer: str | None = None) -> list[Floats]:
        """Return the decision boundary in `layer`; left out, the line in the last hidden layer."""
        read_out = self._replay.network.read_out
        last = read_out.layer if read_out is not None else ""
        plane = self._boundary.hyperplane(self.moment)
        if last and layer in (None, last) and plane is not None and len(plane[0]) == 2:
            line = geometry.clip_line(*plane, self._boundary.spans.limits(last))
            return [] if line is None else [line]
        return self._boundary.lines(self.moment, layer or last or None)
