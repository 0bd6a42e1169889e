"""Square: lines along each of two inputs, as many each way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.geometry import interval
from nnanim.grids.grid import ends_of_two_ways, expect_count, tinted
from nnanim.types import Floats


@dataclass(frozen=True)
class Square:
    """`count` lines along each of two inputs, of `points` points; the outer ones are the outline.

    Of one input it is the interval, one line; more than two have no grid.
    """

    count: int = 21
    points: int = 100

    def __post_init__(self) -> None:
        for name in ("count", "points"):
            expect_count("Square", name, getattr(self, name), 2, "count=21")

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return those across, from the lowest up, then those up, from the leftmost."""
        if len(window) == 1:
            return [interval(window, self.points)]
        if len(window) != 2:
            return []
        (left, right), (low, high) = window
        across, up = np.empty((2, self.count, self.points, 2))
        across[..., 0] = np.linspace(left, right, self.points)
        across[..., 1] = np.linspace(low, high, self.count)[:, None]
        up[..., 0] = np.linspace(left, right, self.count)[:, None]
        up[..., 1] = np.linspace(low, high, self.points)
        return [*across, *up]

    def outline(self, window: Floats) -> Collection[int]:
        """Return the first and the last of each way."""
        return ends_of_two_ways(2 * self.count) if len(window) == 2 else ()

    def roles(self, window: Floats) -> Sequence[str]:
        """Return one tint for those across and one for those up."""
        return [*tinted(self.count), *tinted(self.count, 2)] if len(window) == 2 else ["grid"]
