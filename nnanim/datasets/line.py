"""An interval of the line, and what lies on both sides of it."""

from dataclasses import dataclass, field

import numpy as np

from nnanim.dataset import Arrays, Task, Window, expect_names, expect_points


@dataclass(frozen=True)
class Line:
    """`n` points spread evenly over [-1, 1]: class 1 between -1/3 and 1/3, class 0 outside.

    Inputs (n / 2, 1), targets (n / 2, 1): the test part is the other half, which half is drawn from
    the seed. With `gap=True` nothing lies between 1/3 and 2/3 on either side, and the classes are
    as large as each other. After Christopher Olah's article (2014), which has the gap, and a
    notebook on it, which has 1,800 points and no gap.
    """

    n: int = 1_800
    gap: bool = False
    seed: int | None = None  # None: the scene's

    name = "A line"
    task: Task = "binary"
    class_names: tuple[str, ...] = field(default=("outside", "inside"), kw_only=True)
    axis_names: tuple[str, ...] = field(default=("x",), kw_only=True)
    window: Window = ((-1.1, 1.1),)

    def __post_init__(self) -> None:
        expect_names("line", self)
        expect_points("line", self.n, 16)

    def arrays(self, seed: int) -> Arrays:
        """Return the points, halved by `seed` unless the data set pins its own."""
        rng = np.random.default_rng(seed if self.seed is None else self.seed)
        if self.gap:
            side = self.n // 4
            right = np.linspace(2 / 3, 1, side)
            x = np.concatenate([-right[::-1], np.linspace(-1 / 3, 1 / 3, self.n - 2 * side), right])
            inside = np.abs(x) < 1 / 2
        else:
            x = np.linspace(-1, 1, self.n)
            inside = np.abs(x) < 1 / 3
        inputs, targets = x[:, None].astype(np.float32), inside[:, None].astype(np.float32)
        order = rng.permutation(self.n)
        train, test = np.sort(order[: -(self.n // 2)]), np.sort(order[-(self.n // 2) :])
        return Arrays(inputs[train], targets[train], inputs[test], targets[test])
