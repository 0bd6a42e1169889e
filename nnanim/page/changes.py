"""Changes: what of the values at each sample is another than before."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def frames_of(
    values: Sequence[Any], alike: Callable[[Any, Any], bool]
) -> tuple[list[Any], list[int]]:
    """Return what differs from the sample before, and which of that each sample has."""
    frames: list[Any] = []
    frame: list[int] = []
    for value in filled(values):
        if not frames or not alike(frames[-1], value):
            frames.append(value)
        frame.append(len(frames) - 1)
    return frames, frame


def filled(values: Sequence[Any]) -> list[Any]:
    """Return values with those that there are not taken from the one before, or the first."""
    last = next(value for value in values if value is not None)
    found = []
    for value in values:
        last = last if value is None else value
        found.append(last)
    return found


def same(one: Any, other: Any) -> bool:
    """Return whether two arrays are equal."""
    if one is other:
        return True
    a, b = np.asarray(one), np.asarray(other)
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def all_same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Return whether two lists of arrays are equal."""
    return len(one) == len(other) and all(map(same, one, other))
