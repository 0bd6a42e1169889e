"""A sine that dies away from left to right."""

from dataclasses import dataclass, field

import numpy as np

from nnanim.dataset import Arrays, Task, Window, expect_names, expect_points, expect_range
from nnanim.types import Floats


@dataclass(frozen=True)
class DampedSine:
    """`n` even samples of sin(3x) · exp(-x/8), or of its mirror image, which grows instead.

    Inputs (n, 1), targets (n, 1); the test part is the curve itself, (1000, 1). Nothing is drawn
    from the seed. After a notebook on the basics of networks in PyTorch: x from -10 in steps of
    0.1, 200 samples, whose values it turns round to see which end a network fits.
    """

    n: int = 200
    interval: tuple[float, float] = (-10.0, 10.0)  # the end itself is not a sample
    mirrored: bool = False

    name = "A damped sine"
    task: Task = "regression"
    class_names = ()
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("damped_sine", self)
        expect_points("damped_sine", self.n, 2)
        expect_range("damped_sine", "interval", self.interval)

    @property
    def window(self) -> Window:
        """The interval of x."""
        return (self.interval,)

    def arrays(self, seed: int) -> Arrays:
        """Return the samples, the same for every `seed`."""
        del seed
        x = np.linspace(*self.interval, self.n, endpoint=False)
        curve = np.linspace(x[0], x[-1], 1000)
        parts = (x, self._value(x), curve, self._value(curve))
        inputs, targets, *test = (part[:, None].astype(np.float32) for part in parts)
        return Arrays(inputs, targets, test[0], test[1])

    def _value(self, x: Floats) -> Floats:
        """Return y over an even `x`; its mirror image takes the same values from the other end."""
        seen = x[::-1] if self.mirrored else x
        return np.asarray(np.sin(3 * seen) * np.exp(-seen / 8))
