"""Grids: which lines of input space a film follows through the layers.

A grid is any frozen value with two methods: `lines(window)` gives the lines, `outline(window)` says
which of them are drawn heavier. It is a matter of the picture: no training hangs on it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nnanim.errors import SceneError
from nnanim.geometry import clip_line, interval
from nnanim.types import Floats

__all__ = ["Grid", "Polar", "Square", "Triangular"]


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
        for name in ("count", "points"):
            _expect_count("Square", name, getattr(self, name), 2, "count=21")

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


@dataclass(frozen=True)
class Polar:
    """Circles and rays about the window's middle; the outermost circle is the outline.

    Of other than two inputs it is what `Square` is.
    """

    circles: int = 8
    rays: int = 24
    points: int = 240  # of a circle; a ray has half as many

    def __post_init__(self) -> None:
        for name, least in (("circles", 1), ("rays", 1), ("points", 8)):
            _expect_count("Polar", name, getattr(self, name), least, "circles=8")

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return the circles, from the smallest, then the rays, from the first input's axis."""
        if len(window) != 2:
            return Square().lines(window)
        middle, radius = window.mean(axis=1), np.ptp(window, axis=1) / 2
        circle, rays = radius * _around(self.points + 1), radius * _around(self.rays + 1)[:-1]
        ways = np.linspace(0.0, 1.0, self.points // 2)[:, None]
        sizes = np.arange(1, self.circles + 1) / self.circles
        return [*(middle + size * circle for size in sizes), *(middle + ways * ray for ray in rays)]

    def outline(self, window: Floats) -> Collection[int]:
        """Return the outermost circle."""
        return (self.circles - 1,) if len(window) == 2 else ()


@dataclass(frozen=True)
class Triangular:
    """Lines in three directions that part the window in triangles, `count` of them up and across.

    Of other than two inputs it is what `Square` is.
    """

    count: int = 16
    points: int = 100

    def __post_init__(self) -> None:
        for name in ("count", "points"):
            _expect_count("Triangular", name, getattr(self, name), 2, "count=16")

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return those across, from the lowest up, those that rise, then those that fall."""
        if len(window) != 2:
            return Square().lines(window)
        unit = np.array([[0.0, 1.0]] * 2)
        ends = [np.array([[0.0, y], [1.0, y]]) for y in np.linspace(0, 1, self.count + 1)]
        for steep in (2.0, -2.0):  # a side of a triangle goes half as far across as up
            feet = np.arange(-self.count, 2 * self.count + 1) / self.count
            cut = [clip_line(np.array([-steep, 1.0]), -steep * float(foot), unit) for foot in feet]
            ends += [line for line in cut if line is not None and np.ptp(line[:, 0]) > 1e-9]
        low, span = window[:, 0], window[:, 1] - window[:, 0]
        share = np.linspace(0.0, 1.0, self.points)[:, None]
        return [low + span * (line[0] + share * (line[1] - line[0])) for line in ends]

    def outline(self, window: Floats) -> Collection[int]:
        """Return the lowest and the highest line."""
        return (0, self.count) if len(window) == 2 else ()


def _around(count: int) -> Floats:
    """Return `count` points (count, 2) once round the unit circle, the last on the first."""
    turns = np.linspace(0.0, 2 * np.pi, count)
    return np.stack([np.cos(turns), np.sin(turns)], axis=1)


def _expect_count(kind: str, name: str, value: object, least: int, example: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise SceneError(
            f"{kind}({name}={value!r}): expected a whole number of at least {least}, as "
            f"grids.{kind}({example})"
        )


def ends_of_two_ways(count: int) -> frozenset[int]:
    """Return the first and the last of each half of `count` lines, none of fewer than four."""
    half = count // 2
    return frozenset({0, half - 1, half, count - 1} if half > 1 else ())


def __dir__() -> list[str]:
    return __all__
