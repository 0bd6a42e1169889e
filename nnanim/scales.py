"""Scales: what colours values, as stops of the theme's roles or a colour map by name."""

from dataclasses import dataclass
from math import inf

from nnanim import mark_checks as checks
from nnanim.errors import SceneError


@dataclass(frozen=True)
class Stop:
    """One stop of a colour scale: at `position` in [0, 1] this role, this opaque."""

    position: float
    color: str
    alpha: float = 1.0

    def __post_init__(self) -> None:
        checks.expect_number("Stop(position", self.position, 0.0, 1.0)
        checks.expect_number("Stop(alpha", self.alpha, 0.0, 1.0)


def expect_scale(what: str, scale: object, low: object, high: object) -> None:
    """Expect what colours values, a map by name or stops, and the values that stand at its ends."""
    stops = scale if isinstance(scale, tuple) else ()
    if not isinstance(scale, str) and not (stops and all(isinstance(stop, Stop) for stop in stops)):
        raise SceneError(
            f"{what}(scale={scale!r:.100}): expected a colour map by name, or a tuple of stops"
        )
    positions = [stop.position for stop in stops]
    if positions != sorted(positions):
        raise SceneError(f"{what}(scale) has stops at {positions}: expected them from 0 to 1")
    checks.expect_number(f"{what}(low", low, -inf, inf)
    checks.expect_number(f"{what}(high", high, -inf, inf)
