"""A polynomial to be learnt from samples of it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import (
    Arrays,
    Task,
    Window,
    expect_names,
    expect_number,
    expect_points,
    expect_range,
)
from nnanim.errors import SceneError


@dataclass(frozen=True)
class Polynomial:
    """`n` samples of a polynomial, x uniform over the window; the test part is evenly spaced.

    Inputs (n, 1), targets (n, 1); test part (400, 1). `coefficients` rise in power: the default is
    1 + x - 3x² + x⁴ of Alex Marshall's notebook (2020), whose values run from -2.51 to 7.
    """

    coefficients: tuple[float, ...] = (1.0, 1.0, -3.0, 0.0, 1.0)
    n: int = 4_000
    interval: tuple[float, float] = (-2.0, 2.0)
    noise: float = 0.0  # standard deviation in y, of the train part only
    seed: int | None = None  # None: the scene's

    name = "A polynomial"
    task: Task = "regression"
    class_names = ()
    axis_names: tuple[str, ...] = field(default=("x", "y"), kw_only=True)

    def __post_init__(self) -> None:
        expect_names("polynomial", self)
        expect_points("polynomial", self.n, 1)
        expect_range("polynomial", "interval", self.interval)
        expect_number("polynomial", "noise", self.noise)
        if not self.coefficients:
            raise SceneError("polynomial(coefficients=()): expected at least one coefficient")

    @property
    def window(self) -> Window:
        """The interval of x."""
        return (self.interval,)

    def arrays(self, seed: int) -> Arrays:
        """Return the samples, x drawn from `seed` unless the data set pins its own."""
        rng = np.random.default_rng(seed if self.seed is None else self.seed)
        x = rng.uniform(*self.interval, (self.n, 1))
        y = self._value(x) + rng.normal(0, self.noise, x.shape)
        test = np.linspace(*self.interval, 400)[:, None]
        return Arrays(
            x.astype(np.float32),
            y.astype(np.float32),
            test.astype(np.float32),
            self._value(test).astype(np.float32),
        )

    def _value(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.polynomial.polynomial.polyval(x, self.coefficients))
