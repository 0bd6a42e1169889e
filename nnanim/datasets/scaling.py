"""Scaling: over what the inputs of own data run, and in which steps they are taken."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Scalings, Window
from nnanim.errors import SceneError

_ROOM = 0.05  # share of the data's span that the input window has beyond it, at each end


def standardizing(given: NDArray[Any]) -> Scalings:
    """Return mean and standard deviation of each input; of a constant, 1 for the latter."""
    wide = given.reshape(len(given), -1).astype(np.float64)
    # Constant but for the rounding of 64 bits is constant.
    varies = np.ptp(wide, axis=0) > 1e-13 * np.abs(wide).max(axis=0)
    steps = np.where(varies, wide.std(axis=0), 1.0)
    return tuple(zip(wide.mean(axis=0).tolist(), steps.tolist(), strict=True))


def in_steps(given: NDArray[Any], scaling: Scalings | None) -> NDArray[np.float32]:
    """Return a copy in 32 bits, in standard deviations from the mean where there is a scaling."""
    if scaling is None:
        return np.array(given, np.float32)
    shift, step = np.array(scaling).T.reshape(2, *given.shape[1:])
    return np.asarray((given - shift) / step, np.float32)


def spanned(inputs: NDArray[np.float32], held: NDArray[np.float32]) -> Window:
    """Return the span of each input with room at both ends; a constant gets room all the same.

    Ends are rounded to a hundredth of the span, so that they can be read.
    """
    both = [part for part in (inputs, held) if len(part)]
    ends = []
    for lowest, highest in zip(
        np.min([part.min(axis=0) for part in both], axis=0),
        np.max([part.max(axis=0) for part in both], axis=0),
        strict=True,
    ):
        low, high = float(lowest), float(highest)
        room = _ROOM * (high - low) or 0.5 * max(1.0, abs(high))
        digits = 2 - math.floor(math.log10(high - low + 2 * room))
        low, high = round(low - room, digits), round(high + room, digits)
        ends.append((low, high))
    return tuple(ends)


def as_window(window: object, scaling: Scalings | None) -> Window:
    """Return a window as given in the data's units, in those of the inputs."""
    try:
        ends = [(float(low), float(high)) for low, high in window]  # type: ignore[attr-defined]
    except (TypeError, ValueError, OverflowError) as error:
        raise SceneError(
            f"window={window!r:.60}: expected (low, high) for each input, as ((-1, 1), (-1, 1))"
        ) from error
    if scaling is None or len(ends) != len(scaling):
        return tuple(ends)
    return tuple(
        ((low - shift) / step, (high - shift) / step)
        for (low, high), (shift, step) in zip(ends, scaling, strict=True)
    )
