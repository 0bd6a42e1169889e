"""Ticks: where an axis is marked, and what its labels say."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor, log10

from matplotlib.ticker import MaxNLocator

from nnanim.types import Limits

_MOST_DECADES = 5
_MOST_ROUND = 6
_DIGITS = 6  # of a label, at least
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Ticks:
    """Where an axis is marked, and how."""

    values: tuple[float, ...]
    labels: tuple[str, ...]


def axis_ticks(
    limits: Limits,
    wanted: bool | tuple[float, ...],
    log: bool,
    scaling: tuple[float, float] = (0.0, 1.0),
) -> list[Ticks]:
    """Return ways to mark an axis, the fullest first.

    What a tick says is shift + step times where it is, of the `scaling` (shift, step); it is round.
    """
    if wanted is False:
        return [Ticks((), ())]
    shift, step = scaling
    limits = shift + step * limits[0], shift + step * limits[1]
    if not isinstance(wanted, bool):
        wanted = tuple(shift + step * value for value in wanted)
    slack = 1e-9 * (limits[1] - limits[0])

    def inside(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(v for v in values if limits[0] - slack <= v <= limits[1] + slack)

    if not isinstance(wanted, bool):
        values = inside(wanted)
        rows = [values[::step] for step in range(1, max(2, len(values)))]
    else:
        rows = [inside(row) for row in (_decades(limits) if log else _round_values(limits))]
    if len(rows[0]) > 2:
        rows.append((rows[0][0], rows[0][-1]))
    ways = [row for i, row in enumerate(rows) if not any(len(row) >= len(r) for r in rows[:i])]
    return [Ticks(tuple((v - shift) / step for v in row), _labels(row, log)) for row in ways]


def _labels(values: Sequence[float], log: bool) -> tuple[str, ...]:
    """Return what ticks say, in as many digits as it takes to tell them apart."""
    gap = min((abs(b - a) for a, b in pairwise(values)), default=0.0)
    largest = max(map(abs, values), default=0.0)
    digits = _DIGITS
    if gap > 0 and not log:
        digits = floor(log10(largest)) - floor(log10(gap) + 1e-9) + 1
    nothing = 1e-9 * gap or 1e-12  # what rounding leaves of 0
    marked = values if log else [0.0 if abs(v) < nothing else v for v in values]
    return tuple(tick_text(v, log, min(max(_DIGITS, digits), 15)) for v in marked)


@lru_cache(maxsize=256)  # each takes a millisecond, and films have them in common
def _round_values(limits: Limits) -> list[tuple[float, ...]]:
    """Return round values, three to six inside the limits, then fewer."""

    def values(most: int, steps: Sequence[int] = (1, 2, 5, 10)) -> tuple[float, ...]:
        locator = MaxNLocator(nbins=most, steps=steps)
        return tuple(float(value) for value in locator.tick_values(*limits))

    def fits(row: tuple[float, ...]) -> bool:
        slack = 1e-9 * (limits[1] - limits[0])
        inside = sum(limits[0] - slack <= value <= limits[1] + slack for value in row)
        return 3 <= inside <= _MOST_ROUND

    rows = [values(most) for most in range(_MOST_ROUND, 0, -1)]
    first = next((i for i in (2, 1, 0) if fits(rows[i])), None)
    # From 12 to 24, say, steps of 2 are too many and steps of 5 too few.
    return [values(4, (1, 4, 10)), *rows[1:]] if first is None else rows[first:]


def _decades(limits: Limits) -> list[tuple[float, ...]]:
    """Return logarithms of powers of ten inside the limits, then fewer; of 1, 2, 5 where few."""
    first, last = ceil(limits[0] - 1e-9), floor(limits[1] + 1e-9)
    whole = tuple(float(power) for power in range(first, last + 1))
    steps = range(max(1, ceil(len(whole) / _MOST_DECADES)), max(2, len(whole)))
    rows = [tuple(v for v in whole if v % step == 0) for step in steps]
    if len(whole) < 3:
        fine = [p + log10(d) for p in range(first - 1, last + 2) for d in (1, 2, 5)]
        fine = [v for v in fine if limits[0] <= v <= limits[1]]
        rows = [tuple(fine[:: max(1, ceil(len(fine) / _MOST_DECADES))]), *rows]
    return rows


def tick_text(value: float, log: bool = False, digits: int = _DIGITS) -> str:
    """Return a tick's label, with a minus sign as wide as a plus; of a logarithm, its power."""
    if not log:
        return f"{value:.{digits}g}".replace("-", "−")
    if -3 <= value <= 4:
        return f"{10**value:.6g}"
    power = floor(value + 1e-9)
    digit = round(10 ** (value - power))
    return f"{'' if digit == 1 else f'{digit}·'}10{str(power).translate(_SUPERSCRIPT)}"
