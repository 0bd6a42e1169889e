"""Checkerboard: squares, every other filled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.grids.grid import expect_count, faces_over
from nnanim.grids.square import Square
from nnanim.types import Floats

_FINEST = 128  # squares along a side
_CHORDS = 4  # of a side of a square; a film adds more where they bend


@dataclass(frozen=True)
class Checkerboard:
    """A board of `count` squares up and across, every other filled, and its edge.

    Of other than two inputs it is what `Square` is.
    """

    count: int = 16

    def __post_init__(self) -> None:
        expect_count("Checkerboard", "count", self.count, 2, "count=16", _FINEST)

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return the squares that are filled, row by row from the lowest, then the edge."""
        if len(window) != 2:
            return Square().lines(window)
        rows, columns = np.divmod(np.arange(self.count**2), self.count)
        dark = (rows + columns) % 2 == 0
        faces = faces_over(window, self.count, self.count, _CHORDS)[dark]
        return [*faces, faces_over(window, 1, 1, 100)[0]]

    def outline(self, window: Floats) -> Collection[int]:
        """Return the edge."""
        return (len(self.faces(window)),) if len(window) == 2 else ()

    def faces(self, window: Floats) -> Mapping[int, float | None]:
        """Return the squares, in the tint of the grid."""
        return dict.fromkeys(range((self.count**2 + 1) // 2)) if len(window) == 2 else {}
