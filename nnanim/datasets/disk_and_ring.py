"""A disk inside a ring, with room between them."""

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
from nnanim.errors import SceneError
from nnanim.types import Floats


@dataclass(frozen=True)
class DiskAndRing:
    """`n` points, half in a disk about the origin, class 0, half in a ring around it, class 1.

    Inputs (n, 2), targets (n, 1); the test part is drawn anew, a tenth as many. After a notebook on
    the basics of networks in PyTorch: 2 × 1,000, the radius even over (0, 1) and over (3, 4).
    `even=True` spreads the points evenly over the areas instead, as the two other sources of such
    sets do: `disk=1/3, ring=(2/3, 1)` is that of Christopher Olah's article (2014), and
    `disk=0.3, ring=(0.5, 1)` the `make_circles_uniform` of a notebook on embedding restrictions.
    """

    n: int = 2_000
    disk: float = 1.0  # radius
    ring: tuple[float, float] = (3.0, 4.0)  # radii, inner and outer
    even: bool = False
    seed: int | None = None  # None: the scene's

    name = "Disk and ring"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("disk", "ring"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("disk_and_ring", self)
        expect_points("disk_and_ring", self.n, 4)
        expect_number("disk_and_ring", "disk", self.disk, 1e-6)
        expect_range("disk_and_ring", "ring", self.ring, 0)
        if self.disk > self.ring[0]:
            raise SceneError(
                f"disk_and_ring(disk={self.disk!r}, ring={self.ring!r}): the disk reaches into the "
                "ring; expected disk <= the ring's inner radius"
            )

    @property
    def window(self) -> Window:
        """A square about the ring, a tenth wider."""
        half = 1.1 * self.ring[1]
        return ((-half, half),) * 2

    def arrays(self, seed: int) -> Arrays:
        """Return the points, drawn from `seed` unless the data set pins its own."""
        pinned = seed if self.seed is None else self.seed
        return drawn(self._draw, self.n, self.n // 10, pinned)

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        outside = np.arange(n) % 2
        angle = rng.uniform(0, 2 * np.pi, n)
        low, high = np.where(outside, self.ring[0], 0.0), np.where(outside, self.ring[1], self.disk)
        # A radius whose square is even spreads the points evenly over the area.
        power = 2 if self.even else 1
        radius = rng.uniform(low**power, high**power) ** (1 / power)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        return points, outside
