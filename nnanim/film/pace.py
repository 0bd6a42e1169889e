"""Pace: how training time passes in a film, by how far the picture moves or evenly."""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from nnanim.acts import Pace
from nnanim.film.motion import Motion, motion_of
from nnanim.film.spans import Spans
from nnanim.film.walk import planned, walk
from nnanim.scene.timeline import Timeline
from nnanim.types import Floats

_MOMENTS = 200  # of a pace that knows nothing of the picture


class Paces:
    """Every pace through the trainings of a film, in epochs of the longest.

    `spans` are those of each film in the picture, `stretch(epochs)` how many epochs of the longest
    pass in one of a training that has so many.
    """

    def __init__(
        self, timeline: Timeline, spans: Sequence[Spans], stretch: Callable[[float], float]
    ) -> None:
        self._timeline, self._spans, self._stretch = timeline, tuple(spans), stretch
        self._tables: dict[Pace, tuple[Floats, Floats]] = {}
        self._walks: dict[tuple[float, float, int], Floats] = {}

    def moment(
        self, pace: Pace, start: float, stop: float, share: float, frames: int | None = None
    ) -> float:
        """Return the moment at which a `share` in [0, 1] of the way between two is over.

        At the pace of motion, `frames` are those in which it is gone, easily from and to a rest.
        """
        if not 0.0 < share < 1.0 or start == stop:
            return start if share <= 0.0 else stop
        if pace == "motion" and frames is not None:
            walked = self._walk(start, stop, frames)
            return float(np.interp(share * frames, np.arange(frames + 1), walked))
        progress, moments = self._table(pace)
        first, last = np.interp([start, stop], moments, progress)
        at = float(np.interp(first + share * (last - first), progress, moments))
        return min(max(at, start), stop)

    def way(self, pace: Pace, moments: Sequence[float]) -> float:
        """Return how far it is from one moment to the next, to the last; the whole run is 1."""
        progress, known = self._table(pace)
        return float(np.abs(np.diff(np.interp(moments, known, progress))).sum())

    def _walk(self, start: float, stop: float, frames: int) -> Floats:
        key = start, stop, frames
        if key not in self._walks:
            motion = self._motion.between(start, stop)
            self._walks[key] = walk(motion, frames, self._timeline.fps)
        return self._walks[key]

    @cached_property
    def _motion(self) -> Motion:
        return motion_of(self._spans, self._stretch, self._timeline.frames)

    def _table(self, pace: Pace) -> tuple[Floats, Floats]:
        """Return progress in [0, 1] and the moment there, both rising."""
        if pace not in self._tables:
            if pace == "motion":
                moments = self._motion.moments
                progress = planned(self._motion, self._timeline.frames)
            else:
                longest = max((each.replay for each in self._spans), key=lambda each: each.epochs)
                moments = longest.sampled_moments(_MOMENTS)
                progress = evenly(pace, moments, longest.recording.header.steps_per_epoch)
            self._tables[pace] = progress, moments
        return self._tables[pace]


def evenly(pace: Pace, moments: Floats, steps_per_epoch: int) -> Floats:
    """Return how much has passed at each moment (n,), from 0 to 1, whatever the picture does."""
    if moments[-1] == 0.0:
        return np.linspace(0.0, 1.0, len(moments))
    if pace == "log":
        done = np.log1p(moments * steps_per_epoch)
        return np.asarray(done / done[-1])
    return np.asarray(moments / moments[-1])  # steps are epochs times a constant
