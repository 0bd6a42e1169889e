"""Snapshot: one state of a recording, and what is derived from it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from nnanim import geometry
from nnanim.types import Floats

if TYPE_CHECKING:
    from nnanim.film import Film


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One state of a recording; what is derived from it is computed on asking."""

    film: "Film"
    index: int

    @property
    def step(self) -> int:
        """Optimiser steps done."""
        return int(self.film.recording.steps[self.index])

    @property
    def epoch(self) -> float:
        """Training time in epochs."""
        return float(self.film.recording.epochs[self.index])

    @property
    def loss(self) -> float:
        """Loss of the batch that led here."""
        return float(self.film.recording.loss[self.index])

    @property
    def parameters(self) -> dict[str, NDArray[Any]]:
        """Parameters and buffers by their torch names."""
        return self.film.recording.state(self.index)

    def points(self, layer: str) -> Floats:
        """Return the data (n, units), seen by that layer."""
        return self.film.points(layer, self.epoch)

    def grid(self, layer: str) -> list[Floats]:
        """Return the deformed grid lines (points, units), seen by that layer."""
        return self.film.grid(layer, self.epoch)

    def boundary(self, layer: str | None = None) -> list[Floats]:
        """Return the decision boundary in `layer`; left out, the line in the last hidden layer."""
        read_out = self.film.network.read_out
        last = read_out.layer if read_out is not None else ""
        plane = self.film.hyperplane(self.epoch)
        if last and layer in (None, last) and plane is not None and len(plane[0]) == 2:
            line = geometry.clip_line(*plane, self.film.limits(last))
            return [] if line is None else [line]
        return self.film.boundary(self.epoch, layer or last or None)
