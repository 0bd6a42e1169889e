"""Two concentric rings, the set that no network of width two can pull apart."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import (
    Arrays,
    Task,
    Window,
    drawn,
    expect_names,
    expect_number,
    expect_points,
    expect_range,
)
from nnanim.types import Floats


@dataclass(frozen=True)
class Rings:
    """`n` points evenly spread on two circles with Gaussian noise: class 0 inside, 1 outside.

    Inputs (n, 2), targets (n, 1); the test part is drawn anew, a tenth as many. After the notebook
    of Alex Marshall (2020) and Scott Rome's article that it follows: radii 0.5 and 1, 2 × 20,000.
    """

    n: int = 40_000
    radii: tuple[float, float] = (0.5, 1.0)  # inner, outer
    noise: float = 0.005  # standard deviation in x and in y
    half_window: float = 1.2  # the input window is a square of twice this
    seed: int | None = None  # None: the scene's

    name = "Rings"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("inner", "outer"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("rings", self)
        expect_points("rings", self.n, 4)
        expect_range("rings", "radii", self.radii, 0)
        expect_number("rings", "noise", self.noise)
        expect_number("rings", "half_window", self.half_window, 1e-6)

    @property
    def window(self) -> Window:
        """The square of the input plane that the film looks at."""
        return ((-self.half_window, self.half_window),) * 2

    def arrays(self, seed: int) -> Arrays:
        """Return the rings, noise drawn from `seed` unless the data set pins its own."""
        pinned = seed if self.seed is None else self.seed
        return drawn(self._draw, self.n, self.n // 10, pinned)

    def curves(self, points: int) -> tuple[Floats, ...]:
        """Return the curve (points, 2) that each class lies on."""
        turn = np.linspace(0, 2 * np.pi, points)
        circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        inner, outer = self.radii
        return inner * circle, outer * circle

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        outer = np.arange(n) % 2
        angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
        radius = np.where(outer, self.radii[1], self.radii[0])
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        points += rng.normal(0, self.noise, points.shape)
        return points, outer
