"""Values: how several values of a setting are written where no shell needs quotes.

    tanh,relu        one after another; those in brackets or quotes part nothing: (2,2),(2,3)
    1..8             whole numbers, both ends
    lin:0:1:11       from one number to another in even steps, both ends, how many
    log:1e-3:3:15    the same in even factors

A map's axis leaves the number out: log:1e-3:3.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nnanim.errors import UsageError

_PARTS = re.compile(r"""(?:\([^()]*\)|\[[^\[\]]*\]|"[^"]*"|'[^']*'|[^,])+""")
_WHOLE = re.compile(r"([+-]?[0-9]{1,18})\.\.([+-]?[0-9]{1,18})")
_SPACED = re.compile(r"(lin|log):([^:]*):([^:]*)(?::([^:]*))?")
_MOST = 1_000_000  # numbers of lin: and log:
_DIGITS = 6  # of such a number, so that what is shown is what is meant


@dataclass(frozen=True)
class Axis:
    """The numbers from `low` to `high`, evenly apart or by an even factor."""

    kind: Literal["lin", "log"]
    low: float
    high: float

    def at(self, share: float) -> float:
        """Return the number at a share of the way, from 0 to 1."""
        if share in (0, 1):
            return self.high if share else self.low
        if self.kind == "log":
            return math.exp(math.log(self.low) * (1 - share) + math.log(self.high) * share)
        return self.low * (1 - share) + self.high * share

    def share(self, value: float) -> float:
        """Return the share of the way at which a number between the ends stands."""
        if self.kind == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def values_in(text: str) -> Sequence[Any]:
    """Return the values that a text lists, as text, or as whole numbers where it counts.

    Raises `UsageError` for a list of numbers that has none, or too many to write down.
    """
    parts = [part.strip() for part in _PARTS.findall(text)] or [text]
    listed = [_listed(part) for part in parts]
    if len(listed) == 1:
        return listed[0]
    return [value for values in listed for value in values]


def axis_in(text: str) -> Axis:
    """Return the axis that a text says, as log:1e-2:1e4; `UsageError` for what is none."""
    found = _SPACED.fullmatch(text)
    if found is None or found[4] is not None:
        raise UsageError(f"{text!r}: expected an axis, as lin:0:1 or log:1e-2:1e4")
    return _axis(text, found)


def _listed(part: str) -> Sequence[Any]:
    whole = _WHOLE.fullmatch(part)
    if whole is not None:
        low, high = int(whole[1]), int(whole[2])
        if low > high:
            raise UsageError(f"{part}: expected the lower number first, as {high}..{low}")
        return range(low, high + 1)
    spaced = _SPACED.fullmatch(part)
    if spaced is None:
        return [part]
    axis, count = _axis(part, spaced), spaced[4]
    if count is None:
        raise UsageError(f"{part}: expected how many, as {part}:15")
    if not count.isascii() or not count.isdecimal() or not 2 <= int(count) <= _MOST:
        raise UsageError(f"{part}: expected how many, from 2 to {_MOST:,}, not {count!r:.40}")
    last = int(count) - 1
    numbers = [f"{axis.at(i / last):.{_DIGITS}g}" for i in range(1, last)]
    return [spaced[2], *numbers, spaced[3]]


def _axis(text: str, found: "re.Match[str]") -> Axis:
    kind: Literal["lin", "log"] = "log" if found[1] == "log" else "lin"
    try:
        low, high = float(found[2]), float(found[3])
    except ValueError:
        low, high = math.nan, math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise UsageError(f"{text}: expected two numbers, the lower one first, as {kind}:0.001:3:15")
    if kind == "log" and low <= 0:
        raise UsageError(f"{text}: log goes by factors, so expected numbers above 0; or use lin:")
    return Axis(kind, low, high)
