"""Pace: how training time passes in a film, by how far the picture moves or evenly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nnanim.acts import Act, Pace, Train
from nnanim.film.motion import Motion, motion_of
from nnanim.film.placed import Placed
from nnanim.film.spans import Spans
from nnanim.film.walk import Walk, planned, walks
from nnanim.scene.timeline import Timeline
from nnanim.types import Floats

_MOMENTS = 200  # of a pace that knows nothing of the picture


@dataclass(frozen=True)
class Leg:
    """One of the acts that train by motion `way` after way: start, stop and frames of each."""

    ways: tuple[tuple[float, float, int], ...]
    number: int


def legs_of(acts: Sequence[Placed], fps: float) -> dict[Act, Leg]:
    """Return of each act that trains by motion which it is of those without a rest between."""
    runs: list[dict[Act, tuple[float, float, int]]] = [{}]
    reached = None
    for each in acts:
        act: Any = each.act
        moves = isinstance(act, Train) and act.pace == "motion" and act.start != act.to
        if not moves or act.start != reached:
            runs.append({})
        if moves:
            runs[-1][act] = act.start, act.to, round((each.whole - each.begin) * fps)
        reached = act.to if moves else None
    return {act: Leg(tuple(run.values()), number) for run in runs for number, act in enumerate(run)}


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
        self._walks: dict[Any, list[Walk]] = {}

    def moment(
        self, pace: Pace, start: float, stop: float, share: float, leg: Leg | None = None
    ) -> float:
        """Return the moment at which a `share` in [0, 1] of the way between two is over.

        At the pace of motion, `leg` says in how many frames it is gone, and what is gone before and
        after.
        """
        if not 0.0 < share < 1.0 or start == stop:
            return start if share <= 0.0 else stop
        if leg is not None:
            walk = self._walked(leg)
            frame = share * walk.frames
            walked = walk.moments(frame)
            return float(np.interp(frame, np.arange(len(walked)), walked))
        progress, moments = self._table(pace)
        first, last = np.interp([start, stop], moments, progress)
        at = float(np.interp(first + share * (last - first), progress, moments))
        return min(max(at, start), stop)

    def way(self, pace: Pace, moments: Sequence[float]) -> float:
        """Return how far it is from one moment to the next, to the last; the whole run is 1."""
        progress, known = self._table(pace)
        return float(np.abs(np.diff(np.interp(moments, known, progress))).sum())

    def _walked(self, leg: Leg) -> Walk:
        if leg.ways not in self._walks:
            ways = [(self.motion.between(start, stop), n) for start, stop, n in leg.ways]
            self._walks[leg.ways] = walks(ways, self._timeline.fps)
        return self._walks[leg.ways][leg.number]

    @cached_property
    def motion(self) -> Motion:
        """How far the picture moves along the trainings."""
        return motion_of(self._spans, self._stretch, self._timeline.frames)

    def _table(self, pace: Pace) -> tuple[Floats, Floats]:
        """Return progress in [0, 1] and the moment there, both rising."""
        if pace not in self._tables:
            if pace == "motion":
                moments = self.motion.moments
                progress = planned(self.motion, self._timeline.frames)
            else:
                longest = max((each.replay for each in self._spans), key=lambda each: each.epochs)
                moments = longest.sampled_moments(_MOMENTS)
                progress = steady(pace, moments, longest.recording.header.steps_per_epoch)
            self._tables[pace] = progress, moments
        return self._tables[pace]


def steady(pace: Pace, moments: Floats, steps_per_epoch: int) -> Floats:
    """Return how much has passed at each moment (n,), from 0 to 1, whatever the picture does."""
    if moments[-1] == 0.0:
        return np.linspace(0.0, 1.0, len(moments))
    if pace == "log":
        done = np.log1p(moments * steps_per_epoch)
        return np.asarray(done / done[-1])
    return np.asarray(moments / moments[-1])  # steps are epochs times a constant
