"""Pace: how training time is spread over the film."""

from collections.abc import Callable

import numpy as np

from nnanim.scene.timeline import Pace
from nnanim.types import Floats

# Share of the clock that follows the motion; the rest runs evenly in epochs, so that a training
# that has come to rest still moves on.
_MOTION = 0.7


def pace_table(
    pace: Pace, moments: Floats, steps_per_epoch: int, picture: Callable[[float], Floats]
) -> tuple[Floats, Floats]:
    """Return (progress, moments): how much of the film has passed at each moment, from 0 to 1.

    `moments` (n,) rise from 0 to the last epoch; `picture(moment)` gives the numbers whose change
    is the motion, in units of their panel. "motion" equalises the rms of that change.
    """
    end = float(moments[-1])
    if end == 0.0:
        return np.array([0.0, 1.0]), np.array([0.0, 0.0])
    evenly = moments / end
    if pace == "log":
        progress = np.log1p(moments * steps_per_epoch) / np.log1p(end * steps_per_epoch)
    elif pace == "motion":
        progress = (1 - _MOTION) * evenly + _MOTION * _motion(moments, picture, evenly)
    else:  # steps are epochs times a constant, so both run evenly
        progress = evenly
    return progress, moments


def _motion(moments: Floats, picture: Callable[[float], Floats], still: Floats) -> Floats:
    """Return the distance (n,) that the picture has moved, as a share of the whole way."""
    way = [0.0]
    before = picture(float(moments[0]))
    for moment in moments[1:]:
        after = picture(float(moment))
        with np.errstate(over="ignore", invalid="ignore"):  # of a training that diverges
            moved = float(np.sqrt(np.mean((after - before) ** 2)))
        way.append(way[-1] + (moved if np.isfinite(moved) else 0.0))
        before = after
    return np.array(way) / way[-1] if way[-1] > 0 else still
