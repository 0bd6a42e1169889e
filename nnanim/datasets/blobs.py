"""Round clouds of points, one for each class."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task, Window, expect_names, expect_number, expect_points
from nnanim.errors import SceneError


@dataclass(frozen=True)
class Blobs:
    """`n` points about `classes` centres that stand evenly round a circle of radius 1.

    Inputs (n, 2), targets (n,): labels 0 … classes - 1, so a model needs that many outputs; the
    test part is drawn anew, a tenth as many. As scikit-learn's `make_blobs`, whose centres are
    drawn too, and may meet.
    """

    n: int = 1_500
    classes: int = 3
    noise: float = 0.25  # standard deviation in x and in y
    seed: int | None = None  # None: the scene's

    name = "Blobs"
    task: Task = "classes"
    class_names: tuple[str, ...] = field(default=(), kw_only=True)  # the labels, if left out
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        whole = isinstance(self.classes, int) and not isinstance(self.classes, bool)
        if not whole or self.classes < 2:
            raise SceneError(f"blobs(classes={self.classes!r}): expected a whole number from 2")
        if self.class_names == tuple(map(str, range(len(self.class_names)))):
            object.__setattr__(self, "class_names", tuple(map(str, range(self.classes))))
        expect_names("blobs", self, self.classes)
        expect_points("blobs", self.n, self.classes)
        expect_number("blobs", "noise", self.noise)

    @property
    def window(self) -> Window:
        """A square about the clouds."""
        half = 1.05 + 3.5 * self.noise
        return ((-half, half),) * 2

    def arrays(self, seed: int) -> Arrays:
        """Return the clouds, drawn from `seed` unless the data set pins its own."""
        rng = np.random.default_rng(seed if self.seed is None else self.seed)
        return Arrays(*self._draw(rng, self.n), *self._draw(rng, max(self.classes, self.n // 10)))

    def _draw(
        self, rng: np.random.Generator, n: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        label = np.arange(n) % self.classes
        angle = 2 * np.pi * label / self.classes + np.pi / 2  # the first stands on top
        points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        points += rng.normal(0, self.noise, points.shape)
        return points.astype(np.float32), label.astype(np.int64)
