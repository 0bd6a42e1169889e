"""Triangular: lines in three directions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.geometry import clip_line
from nnanim.grids.grid import expect_count, tinted
from nnanim.grids.square import Square
from nnanim.types import Floats


@dataclass(frozen=True)
class Triangular:
    """Lines in three directions that part the window in triangles, `count` of them up and across.

    Of other than two inputs it is what `Square` is.
    """

    count: int = 16
    points: int = 100

    def __post_init__(self) -> None:
        for name in ("count", "points"):
            expect_count("Triangular", name, getattr(self, name), 2, "count=16")

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

    def roles(self, window: Floats) -> Sequence[str]:
        """Return one tint for those across and one for those that rise or fall."""
        slanted = len(self.lines(window)) - self.count - 1
        return [*tinted(self.count + 1), *tinted(slanted, 2)] if len(window) == 2 else ["grid"]
