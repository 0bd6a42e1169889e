"""Curves: what the classes of the data lie on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnanim.errors import SceneError
from nnanim.grids.grid import Grid, expect_count, faces_of, roles_of
from nnanim.grids.square import Square
from nnanim.types import Floats


@dataclass(frozen=True)
class Curves:
    """The curve that each class of the data lies on, in its colour, over another `grid`.

    The data set says it: `two_curves`, `spirals`, `moons`, `rings` and `circles` do, and any of
    your own with `curves(points)`, a line (points, inputs) for each class. Raises `SceneError` for
    others.
    """

    grid: Grid = field(default_factory=Square)
    points: int = 240  # of a curve

    def __post_init__(self) -> None:
        expect_count("Curves", "points", self.points, 8, "points=240")

    def over(self, dataset: Any) -> Grid:
        """Return the grid of the curves of a data set."""
        curves = getattr(dataset, "curves", None)
        if not callable(curves):
            name = "data without their recipe" if dataset is None else type(dataset).__name__
            raise SceneError(
                f"grids.Curves() of {name}, which says no curve that a class lies on: expected a "
                "data set with curves(points), as datasets.spirals, or grids.Square()"
            )
        return _Curved(self.grid, tuple(np.asarray(line, float) for line in curves(self.points)))

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return those of the grid below: the curves hang on the data, see `over`."""
        return self.grid.lines(window)

    def outline(self, window: Floats) -> Collection[int]:
        """Return that of the grid below."""
        return self.grid.outline(window)


@dataclass(frozen=True, eq=False)
class _Curved:
    """Curves (points, inputs), one a class, over another grid."""

    grid: Grid
    curves: tuple[Floats, ...]

    def lines(self, window: Floats) -> Sequence[Floats]:
        return [*self.grid.lines(window), *self.curves]

    def outline(self, window: Floats) -> Collection[int]:
        return self.grid.outline(window)

    def roles(self, window: Floats) -> Sequence[str]:
        return [*roles_of(self.grid, window), *(f"class{k}" for k in range(len(self.curves)))]

    def faces(self, window: Floats) -> Mapping[int, float | None]:
        return faces_of(self.grid, window)
