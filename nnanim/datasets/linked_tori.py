"""Two tori linked like the rings of a chain: apart in four dimensions only."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task, Window, drawn, expect_names, expect_points
from nnanim.errors import SceneError
from nnanim.types import Floats


@dataclass(frozen=True)
class LinkedTori:
    """`n` points, half on each of two linked tori, even over their surfaces.

    Inputs (n, 3), targets (n, 1); the test part is drawn anew, a tenth as many. Both tori have a
    radius of 1 and are twice `tube` thick: A, class 0, lies flat about (-½, 0, 0), B, class 1,
    stands upright about (½, 0, 0), so that each goes through the middle of the other, and their
    core circles are nowhere nearer than 1. After Christopher Olah's article (2014): no network
    whose layers are all of width three can pull them apart.
    """

    n: int = 4_000
    tube: float = 0.25
    seed: int | None = None  # None: the scene's

    name = "Linked tori"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("A", "B"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x", "y", "z"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("linked_tori", self)
        expect_points("linked_tori", self.n, 4)
        if not isinstance(self.tube, int | float) or not 0 <= self.tube < 0.5:
            raise SceneError(
                f"linked_tori(tube={self.tube!r}): expected a radius from 0 to below 0.5, "
                "where the tori would touch"
            )

    @property
    def window(self) -> Window:
        """A box about both tori."""
        half = 1.1 + self.tube
        return ((-half - 0.5, half + 0.5), (-half, half), (-half, half))

    def arrays(self, seed: int) -> Arrays:
        """Return the points, drawn from `seed` unless the data set pins its own."""
        pinned = seed if self.seed is None else self.seed
        return drawn(self._draw, self.n, self.n // 10, pinned)

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        upright = np.arange(n) % 2
        along, about = rng.uniform(0, 2 * np.pi, n), self._about(rng, n)
        reach, side = 1 + self.tube * np.cos(about), self.tube * np.sin(about)
        x, first, second = reach * np.cos(along), reach * np.sin(along), side
        flat = np.stack([x - 0.5, first, second], axis=1)
        standing = np.stack([x + 0.5, second, first], axis=1)
        points = np.where(upright[:, None], standing, flat)
        return points, upright

    def _about(self, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
        """Return angles about the tube, more on the outer side, where the surface is wider."""
        angle = np.empty(n)
        wrong = np.ones(n, bool)
        while wrong.any():
            angle[wrong] = rng.uniform(0, 2 * np.pi, wrong.sum())
            share = (1 + self.tube * np.cos(angle)) / (1 + self.tube)
            wrong[wrong] = rng.random(wrong.sum()) > share[wrong]
        return angle
