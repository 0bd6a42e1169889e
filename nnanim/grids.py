"""Grids: which lines of input space a film follows through the layers.

A grid is any frozen value with two methods: `lines(window)` gives the lines, `outline(window)` says
which of them are drawn heavier. It is a matter of the picture: no training hangs on it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nnanim.errors import SceneError
from nnanim.geometry import interval
from nnanim.types import Floats

__all__ = ["Grid", "Square"]


class Grid(Protocol):
    """What a scene's `grid` has; see `Square`."""

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return lines (points, inputs) over `window`, a row (low, high) for each input."""

    def outline(self, window: Floats) -> Collection[int]:
        """Return which of these lines, counted from 0, are heavier than the others."""


@dataclass(frozen=True)
class Square:
    """`count` lines along each of two inputs, of `points` points; the outer ones are the outline.

    Of one input it is the interval, one line; more than two have no grid.
    """

    count: int = 21
    points: int = 100

    def __post_init__(self) -> None:
        for name, value in (("count", self.count), ("points", self.points)):
            if not isinstance(value, int) or value < 2:
                raise SceneError(
                    f"Square({name}={value!r}): expected a whole number of at least 2, as "
                    "grids.Square(count=21)"
                )

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return those across, from the lowest up, then those up, from the leftmost."""
        if len(window) == 1:
            return [interval(window, self.points)]
        if len(window) != 2:
            return []
        (left, right), (low, high) = window
        xs, ys = np.linspace(left, right, self.points), np.linspace(low, high, self.points)
        across = [
            np.stack([xs, np.full(self.points, y)], axis=1)
            for y in np.linspace(low, high, self.count)
        ]
        up = [
            np.stack([np.full(self.points, x), ys], axis=1)
            for x in np.linspace(left, right, self.count)
        ]
        return [*across, *up]

    def outline(self, window: Floats) -> Collection[int]:
        """Return the first and the last of each way."""
        return ends_of_two_ways(2 * self.count) if len(window) == 2 else ()


def ends_of_two_ways(count: int) -> frozenset[int]:
    """Return the first and the last of each half of `count` lines, none of fewer than four."""
    half = count // 2
    return frozenset({0, half - 1, half, count - 1} if half > 1 else ())


def __dir__() -> list[str]:
    return __all__
