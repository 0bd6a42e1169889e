"""Two spirals wound into each other."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task, Window, drawn, expect_names, expect_number, expect_points
from nnanim.types import Floats


@dataclass(frozen=True)
class Spirals:
    """`n` points along two Archimedean spirals of radius 1, the second half a turn from the first.

    Inputs (n, 2), targets (n, 1): class 0 and 1 in turn, even along the spirals; the test part is
    drawn anew, a tenth as many. After the slightly and the strongly entangled spirals of
    Christopher Olah's article (2014): more `turns`, more entangled. They are counted from the
    middle, where a tenth of each spiral is left out.
    """

    n: int = 2_000
    turns: float = 1.25
    noise: float = 0.02  # standard deviation in x and in y
    seed: int | None = None  # None: the scene's

    name = "Spirals"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("first", "second"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("spirals", self)
        expect_points("spirals", self.n, 4)
        expect_number("spirals", "turns", self.turns)
        expect_number("spirals", "noise", self.noise)

    @property
    def window(self) -> Window:
        """A square about the spirals and their noise."""
        half = 1.05 + 4 * self.noise
        return ((-half, half),) * 2

    def arrays(self, seed: int) -> Arrays:
        """Return the spirals, noise drawn from `seed` unless the data set pins its own."""
        pinned = seed if self.seed is None else self.seed
        return drawn(self._draw, self.n, self.n // 10, pinned)

    def curves(self, points: int) -> tuple[Floats, ...]:
        """Return the curve (points, 2) that each class lies on."""
        return self._arm(points, 0.0), self._arm(points, 1.0)

    def _arm(self, n: int, second: NDArray[Any] | float) -> Floats:
        # Even along the curve, whose length grows with the square of the radius.
        radius = np.sqrt(np.linspace(0.1**2, 1, n))
        angle = 2 * np.pi * self.turns * radius + np.pi * second
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        second = np.arange(n) % 2
        points = self._arm(n, second)
        points += rng.normal(0, self.noise, points.shape)
        return points, second
