"""Polar: circles and rays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.grids.grid import expect_count, tinted
from nnanim.grids.square import Square
from nnanim.types import Floats


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
            expect_count("Polar", name, getattr(self, name), least, "circles=8")

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

    def roles(self, window: Floats) -> Sequence[str]:
        """Return one tint for circles and one for rays."""
        return [*tinted(self.circles), *tinted(self.rays, 2)] if len(window) == 2 else ["grid"]


def _around(count: int) -> Floats:
    """Return `count` points (count, 2) once round the unit circle, the last on the first."""
    turns = np.linspace(0.0, 2 * np.pi, count)
    return np.stack([np.cos(turns), np.sin(turns)], axis=1)
