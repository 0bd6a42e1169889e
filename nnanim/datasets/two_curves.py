"""Two parallel arches that no straight line can part."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task, Window, drawn, expect_names, expect_number, expect_points
from nnanim.types import Floats


@dataclass(frozen=True)
class TwoCurves:
    """`n` points on two arches y = ½ cos(πx) ± gap/2 over [-1, 1]: class 0 below, 1 above.

    Inputs (n, 2), targets (n, 1); the test part is drawn anew, a tenth as many. After the first
    data set of Christopher Olah's article (2014), which shows a picture and no formula. The top of
    the lower curve lies above the ends of the upper one: no line can part them, two hidden units
    can.
    """

    n: int = 1_000
    gap: float = 0.5  # from one curve up to the other
    noise: float = 0.02  # standard deviation in x and in y
    seed: int | None = None  # None: the scene's

    name = "Two curves"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("lower", "upper"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("two_curves", self)
        expect_points("two_curves", self.n, 4)
        expect_number("two_curves", "gap", self.gap)
        expect_number("two_curves", "noise", self.noise)

    @property
    def window(self) -> Window:
        """A square about the curves and their noise."""
        half = max(1.0, 0.5 + self.gap / 2) + 0.1 + 4 * self.noise
        return ((-half, half),) * 2

    def arrays(self, seed: int) -> Arrays:
        """Return the curves, noise drawn from `seed` unless the data set pins its own."""
        pinned = seed if self.seed is None else self.seed
        return drawn(self._draw, self.n, self.n // 10, pinned)

    def curves(self, points: int) -> tuple[Floats, ...]:
        """Return the curve (points, 2) that each class lies on."""
        x = np.linspace(-1, 1, points)
        return self._arch(x, 0.0), self._arch(x, 1.0)

    def _arch(self, x: Floats, upper: NDArray[Any] | float) -> Floats:
        y = 0.5 * np.cos(np.pi * x) + self.gap * (upper - 0.5)
        return np.stack([x, y], axis=1)

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        upper = np.arange(n) % 2
        points = self._arch(np.linspace(-1, 1, n), upper)
        points += rng.normal(0, self.noise, points.shape)
        return points, upper
