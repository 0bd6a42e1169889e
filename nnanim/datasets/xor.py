"""Exclusive or: opposite corners of a square belong together."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task, Window, drawn, expect_names, expect_number, expect_points
from nnanim.types import Floats


@dataclass(frozen=True)
class Xor:
    """`n` points about the corners (±½, ±½): class 1 where the signs of x and y differ there.

    Inputs (n, 2), targets (n, 1), a quarter about each corner, with Gaussian noise; the test part
    is drawn anew, a quarter as many. After a notebook on embedding restrictions: 2,000 points with
    noise 0.2, a fifth of them the test part.
    """

    n: int = 1_600
    noise: float = 0.2  # standard deviation in x and in y
    seed: int | None = None  # None: the scene's

    name = "XOR"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("same", "different"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("xor", self)
        expect_points("xor", self.n, 4)
        expect_number("xor", "noise", self.noise)

    @property
    def window(self) -> Window:
        """A square about the corners and their noise."""
        half = 0.6 + 3 * self.noise
        return ((-half, half),) * 2

    def arrays(self, seed: int) -> Arrays:
        """Return the points, noise drawn from `seed` unless the data set pins its own."""
        pinned = seed if self.seed is None else self.seed
        return drawn(self._draw, self.n, self.n // 4, pinned)

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        corner = np.arange(n) % 4
        bits = np.stack([corner // 2, corner % 2], axis=1)
        points = bits - 0.5 + rng.normal(0, self.noise, bits.shape)
        return points, bits[:, 0] ^ bits[:, 1]
