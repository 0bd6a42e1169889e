"""Kept: the states that the segments of a training ended on, where it kept the best of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nnanim.types import Floats


@dataclass(frozen=True)
class Kept:
    """The state on which a segment that ended `at` an epoch ended, and from where the next went on.

    It is that of an earlier `epoch`, or the segment's own last; None where a file of an earlier
    nnanim has it in the place of the last, and does not say from where it came.
    """

    at: float
    epoch: float | None


def kept_of(told: Sequence[dict[str, Any]], epochs: Floats) -> tuple[Kept, ...]:
    """Return what a header's `kept` tells, given the `epochs` (snapshots,) of a recording.

    Raises `ValueError` where it is not of these.
    """
    if len(told) == 1 and "at" not in told[0]:
        return (Kept(float(epochs[-1]), None),)
    found: list[Kept] = []
    known = {float(epoch) for epoch in epochs}
    for entry in told:
        at, epoch = _number(entry.get("at")), _number(entry.get("epoch"))
        after = found[-1].at if found else 0.0
        if not {at, epoch} <= known or not after < epoch <= at:
            raise ValueError(f"no segment ends at epoch {at:g} on the state of epoch {epoch:g}")
        found.append(Kept(at, epoch))
    return tuple(found)


def _number(told: object) -> float:
    return float(told) if isinstance(told, int | float) else float("nan")
