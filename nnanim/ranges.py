"""Ranges: what a number or a name may be, said where it is declared.

    from typing import Annotated
    from nnanim import Range

    def scene(
        width: Annotated[int, Range(1, 8)] = 3,
        lr: Annotated[float, Range(1e-4, 1, log=True)] = 0.01,
    ) -> Scene: …

A setting outside of its range is refused by `--set` and by sweeps, and a slider ends there.
"""

from dataclasses import dataclass
from math import isfinite

from nnanim.errors import SceneError

__all__ = ["Names", "Range"]


@dataclass(frozen=True)
class Range:
    """The numbers from `low` to `high`, both ends with them; `log` spaces a slider by factors.

    Raises `SceneError` unless low < high, both finite, and above 0 for `log`.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        ends = (self.low, self.high)
        fits = all(isinstance(e, int | float) and not isinstance(e, bool) for e in ends)
        if not fits or not all(map(isfinite, ends)) or not self.low < self.high:
            raise SceneError(f"{self!r}: expected two numbers, low < high, as Range(1, 8)")
        if self.log and self.low <= 0:
            raise SceneError(f"{self!r}: log needs numbers above 0, as Range(1e-4, 1, log=True)")

    def __contains__(self, number: float) -> bool:
        """Return whether a number is in it."""
        return self.low <= number <= self.high

    def __str__(self) -> str:
        return f"from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Names:
    """The names that a text may be."""

    known: tuple[str, ...]
