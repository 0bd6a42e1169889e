"""Two half circles that reach into each other."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task, Window, drawn, expect_names, expect_number, expect_points
from nnanim.types import Floats


@dataclass(frozen=True)
class Moons:
    """`n` points on two half circles: class 0 the upper, class 1 the lower, moved by (1, ½).

    Inputs (n, 2), targets (n, 1); the test part is drawn anew, a tenth as many. The set of
    scikit-learn's `make_moons`.
    """

    n: int = 2_000
    noise: float = 0.1  # standard deviation in x and in y
    seed: int | None = None  # None: the scene's

    name = "Moons"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("upper", "lower"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("moons", self)
        expect_points("moons", self.n, 4)
        expect_number("moons", "noise", self.noise)

    @property
    def window(self) -> Window:
        """A rectangle about the moons and their noise."""
        room = 0.05 + 4 * self.noise
        return ((-1 - room, 2 + room), (-0.5 - room, 1 + room))

    def arrays(self, seed: int) -> Arrays:
        """Return the moons, noise drawn from `seed` unless the data set pins its own."""
        pinned = seed if self.seed is None else self.seed
        return drawn(self._draw, self.n, self.n // 10, pinned)

    def curves(self, points: int) -> tuple[Floats, ...]:
        """Return the curve (points, 2) that each class lies on."""
        upper = _half_circle(points)
        return upper, [1.0, 0.5] - upper

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        lower = np.arange(n) % 2
        half_circle = _half_circle(n)
        points = np.where(lower[:, None], [1.0, 0.5] - half_circle, half_circle)
        points += rng.normal(0, self.noise, points.shape)
        return points, lower


def _half_circle(n: int) -> Floats:
    angle = np.linspace(0, np.pi, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
