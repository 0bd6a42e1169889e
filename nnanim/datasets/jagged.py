"""Two sides that face each other along a jagged gap."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task, Window, expect_names, expect_number, expect_points
from nnanim.errors import SceneError
from nnanim.types import Floats

_HALF = 10.0  # the domain is a square of twice this
_THINNEST = 1.0  # of a side that is left between its jags and the end of the domain


@dataclass(frozen=True)
class Jagged:
    """Points below a jagged gap, class 0, and above it, class 1, even over either side.

    Inputs (about n · sample_prob, 2), targets (…, 1) over [-10, 10]²; the test part is drawn anew,
    a tenth of `n`. Both sides end in the same zigzag of `jags` teeth, and `margin` is how far the
    upper side stands above the lower one, at every x; across a steep edge they are nearer. Of `n`
    points each is kept with probability `sample_prob`, so that with the same seed a denser sample
    holds the thinner one. After a notebook that asks how a network's boundary changes with the
    jags, the margin and the density; it does not show its generator, so the height of the teeth,
    such that they still interlock at its largest margin of 5, is chosen here.
    """

    n: int = 5_000
    jags: int = 5
    margin: float = 2.0
    sample_prob: float = 0.1
    height: float = 8.0  # of a tooth
    seed: int | None = None  # None: the scene's

    name = "Jagged sides"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("below", "above"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)
    window: Window = ((-_HALF, _HALF),) * 2

    def __post_init__(self) -> None:
        expect_names("jagged", self)
        expect_points("jagged", self.n, 4)
        if not isinstance(self.jags, int) or isinstance(self.jags, bool) or self.jags < 1:
            raise SceneError(f"jagged(jags={self.jags!r}): expected a whole number of 1 or more")
        expect_number("jagged", "margin", self.margin)
        expect_number("jagged", "height", self.height)
        expect_number("jagged", "sample_prob", self.sample_prob)
        if not 0 < self.sample_prob <= 1:
            raise SceneError(
                f"jagged(sample_prob={self.sample_prob!r}): expected more than 0 and at most 1"
            )
        if (self.margin + self.height) / 2 > _HALF - _THINNEST:
            raise SceneError(
                f"jagged(margin={self.margin!r}, height={self.height!r}): the gap fills the domain "
                f"of {2 * _HALF:g} by {2 * _HALF:g}; expected at most {2 * (_HALF - _THINNEST):g} "
                "in all"
            )

    def arrays(self, seed: int) -> Arrays:
        """Return the points, drawn from `seed` unless the data set pins its own."""
        rng = np.random.default_rng(seed if self.seed is None else self.seed)
        points, above = self._draw(rng, self.n)
        kept = rng.random(self.n) < self.sample_prob
        return Arrays(points[kept], above[kept], *self._draw(rng, max(4, self.n // 10)))

    def _draw(
        self, rng: np.random.Generator, n: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        above = np.arange(n) % 2
        points = np.empty((n, 2))
        wrong = np.ones(n, bool)
        while wrong.any():
            points[wrong] = rng.uniform(-_HALF, _HALF, (wrong.sum(), 2))
            beyond = points[:, 1] - self._zigzag(points[:, 0])
            wrong = np.where(above, beyond, -beyond) < self.margin / 2
        return points.astype(np.float32), above[:, None].astype(np.float32)

    def _zigzag(self, x: Floats) -> Floats:
        """Return the middle of the gap: `jags` teeth, from valley to valley."""
        phase = (x + _HALF) / (2 * _HALF) * self.jags % 1
        return np.asarray(self.height * (0.5 - np.abs(2 * phase - 1)))
