"""Two circles, one in the other, as scikit-learn makes them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task, Window, drawn, expect_names, expect_number, expect_points
from nnanim.errors import SceneError
from nnanim.types import Floats


@dataclass(frozen=True)
class Circles:
    """`n` points evenly spread on a circle of radius 1, class 0, and one of `factor`, class 1.

    Inputs (n, 2), targets (n, 1); the test part is drawn anew, a tenth as many. The set of
    scikit-learn's `make_circles`, whose labels run inwards; `rings` has other radii and labels.
    """

    n: int = 2_000
    factor: float = 0.5  # radius of the inner circle
    noise: float = 0.05  # standard deviation in x and in y
    seed: int | None = None  # None: the scene's

    name = "Circles"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("outer", "inner"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("circles", self)
        expect_points("circles", self.n, 4)
        expect_number("circles", "factor", self.factor)
        expect_number("circles", "noise", self.noise)
        if self.factor >= 1:
            raise SceneError(f"circles(factor={self.factor!r}): expected less than 1, the outer")

    @property
    def window(self) -> Window:
        """A square about the outer circle and its noise."""
        half = 1.0 + 4 * self.noise
        return ((-half, half),) * 2

    def arrays(self, seed: int) -> Arrays:
        """Return the circles, noise drawn from `seed` unless the data set pins its own."""
        pinned = seed if self.seed is None else self.seed
        return drawn(self._draw, self.n, self.n // 10, pinned)

    def curves(self, points: int) -> tuple[Floats, ...]:
        """Return the curve (points, 2) that each class lies on."""
        turn = np.linspace(0, 2 * np.pi, points)
        circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return circle, self.factor * circle

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        inner = np.arange(n) % 2
        angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
        radius = np.where(inner, self.factor, 1.0)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        points += rng.normal(0, self.noise, points.shape)
        return points, inner
