"""Walk: the moments of an act's frames, such that the picture moves evenly from one to the next.

A plan says when a moment is due: by the way of the picture, and a part of the time evenly in
epochs, so that a training that has come to rest still moves on. Along it each frame takes as long
a step as the plan has thereabouts, however the training shakes: to the moment nearest to that due
at which the picture is as far away as that. So no frame moves much further than the one before.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from math import ceil, inf, log
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.film.motion import Motion, lengths
from nnanim.film.tracked import Tracked
from nnanim.kernels.pictures import NO_RUNS
from nnanim.kernels.walks import (
    ASKED,
    DONE,
    LAST,
    OWN,
    REAL,
    SEEN,
    WHOLE,
    apart,
    asunder,
    chosen,
    walk,
)
from nnanim.types import Floats

EVENLY = 0.25  # share of the time that passes evenly in epochs
_EASE, _SLOWEST = 0.25, 0.12  # seconds from and to a hold, and the share of its speed there
_SMOOTH = 0.2  # seconds, to each side, over which the speed that is planned is the mean
_FASTER = 1.25  # times the speed of the frame before, at most, at 60 frames a second
_GENTLY = 1.2  # times the frames in which it could be as much slower as where two acts meet
_MORE = 100  # looks at least for which there is room on the way
_PLACES = 240  # that are looked at before the end, for the last steps
_SLOWER = np.linspace(-0.3, 0.1, 33)  # on the logarithm of the speed, from one of them to the next
_STILL = 1e-3  # of the usual speed: as slow as nothing
_FROM_REST = 0.02  # of the usual speed: as fast the picture may begin to move
_FEWEST = 4  # frames that are worth a walk


def planned(motion: Motion, steps: int) -> Floats:
    """Return the share of an act's time (n,) after which each moment of a motion is due."""
    moments, way = motion.moments, motion.way(steps)
    evenly = (moments - moments[0]) / max(moments[-1] - moments[0], 1e-300)
    if way[-1] > 0.0:
        evenly = EVENLY * evenly + (1 - EVENLY) * way / way[-1]
    return np.asarray(evenly)


def walks(acts: Sequence[tuple[Motion, int]], fps: float) -> "list[Walk]":
    """Return the walks of acts that follow one another, each a motion and its frames.

    The first comes from a rest and the last goes to one; where two meet, the faster has come to the
    speed of the slower.
    """
    met = acts if len(acts) > 1 else ()
    speeds = [_plan(motion, np.ones(frames), fps)[1] for motion, frames in met]
    edges = [[_SLOWEST, _SLOWEST] for _ in acts]
    for i, (one, other) in enumerate(pairwise(speeds)):
        edges[i][1], edges[i + 1][0] = _meeting(float(one[-1]), float(other[0]))
    found: list[Walk] = []
    for (motion, frames), edge in zip(acts, edges, strict=True):
        found.append(Walk(motion, _eased(frames, edge, fps), fps, found[-1] if found else None))
    return found


class Walk:
    """The moments of an act's frames, `ease` (frames,) of the usual speed fast each.

    They are found as far as they are asked for, each once, from any thread: a picture in the
    middle of a film need not wait for its end. `before` is the act that it follows without a rest.
    """

    def __init__(self, motion: Motion, ease: Floats, fps: float, before: "Walk | None") -> None:
        self.frames = len(ease)
        self._motion, self._ease, self._fps, self._before = motion, ease, fps, before
        self._landing = min(max(1, round(_EASE * fps)), self.frames // 2)
        self._walker: _Walker | None = None
        self._all: Floats | None = None
        self._lock = Lock()

    def moments(self, least: float = inf) -> Floats:
        """Return the moments of the frames from the first on, at least to the number `least`.

        They are (frames + 1,) where all are asked for, the last the end of the act.
        """
        with self._lock:
            if self._walker is None and self._all is None:
                self._begin()
            if self._walker is not None and least <= self.frames - self._landing:
                return self._walker.to(ceil(least))
            if self._walker is not None:
                walked = self._walker.to(self.frames - self._landing)
                self._all = np.array([*walked, *_landed(self._walker, self._landing)])
                self._walker = None
            assert self._all is not None
            return self._all

    def _begin(self) -> None:
        due, speeds = _plan(self._motion, self._ease, self._fps)
        if self.frames < _FEWEST or not speeds.any():
            self._all = due
            return
        last = 0.0 if self._before is None else self._before.last
        self._walker = _Walker(self._motion, due, speeds * self._ease, _faster(self._fps), last)

    @cached_property
    def last(self) -> float:
        """How far the last step leads."""
        return float(lengths(self._motion.look(self.moments()[-2:]))[0])


def _meeting(one: float, other: float) -> tuple[float, float]:
    """Return at which share of its speed each of two acts is where they meet."""
    slower = min(one, other)
    return (slower / one, slower / other) if slower > 0.0 else (_SLOWEST, _SLOWEST)


def _plan(motion: Motion, ease: Floats, fps: float) -> tuple[Floats, Floats]:
    """Return when frames (n + 1,) are due that are so fast (n,), and the speeds but for that."""
    time = np.concatenate([[0.0], np.cumsum(ease)])
    due = np.interp(time / time[-1], planned(motion, len(ease)), motion.moments)
    steps = motion.steps(due) / ease
    if not (steps > 0).any():
        return np.asarray(due), np.zeros(len(ease))
    usual = float(np.median(steps[steps > 0]))
    speeds = _smoothed(np.log(np.maximum(steps, _STILL * usual)), round(_SMOOTH * fps))
    return np.asarray(due), np.exp(speeds)


def _landed(walker: "_Walker", steps: int) -> list[float]:
    """Return the moments of the last steps to the end, of lengths that change the least."""
    times, points = walker.rest(_PLACES)
    if len(times) <= steps:  # it has come to the end before its time
        return [float(t) for t in np.linspace(times[0], times[-1], steps + 1)[1:]]
    far, last = asunder(np.ascontiguousarray(points.T)), np.log(walker.last)
    ways = []
    places = np.arange(0)
    for slower in _SLOWER:
        wanted = last + slower * np.arange(1, steps + 1)
        # What the places before would be off is no less than what is.
        most = float(((far[places[:-1], places[1:]] - wanted) ** 2).sum()) if len(places) else inf
        places = chosen(far, wanted, most * (1 + 1e-9))
        taken = [last, *far[places[:-1], places[1:]]]
        ways.append((float(np.abs(np.diff(taken)).max()), places[1:]))
    return [float(times[i]) for i in min(ways, key=lambda way: way[0])[1]]


class _Walker:
    """Goes along a motion, from frame to frame; what it sees on its way, it keeps.

    `due` (frames + 1,) are the moments that are planned, `speeds` (frames,) how far to go about
    each; none is more than `faster` times the one before: the first, than what came before, of the
    length `last`, if anything did.
    """

    def __init__(
        self, motion: Motion, due: Floats, speeds: Floats, faster: float, last: float
    ) -> None:
        self._motion, self._due, self._speeds, self._faster = motion, due, speeds, faster
        self._numbers = np.arange(len(due), dtype=float)
        runs = motion.look.runs if isinstance(motion.look, Tracked) else None
        self._runs = NO_RUNS if runs is None else runs
        self._slowest = _FROM_REST * float(np.median(speeds))
        self._moments = np.full(len(due), motion.moments[0])
        self._here = motion.at(motion.moments[:1])[0]
        self._guess, self._asked = self._here.copy(), np.empty(ASKED)
        self._whole, self._real = np.zeros(WHOLE, np.int64), np.zeros(REAL)
        self._whole[SEEN], self._whole[OWN] = len(motion.moments), len(motion.own)
        self._real[LAST] = last
        self._times, self._rows = (_roomy(each) for each in (motion.moments, motion.rows))
        self._own = _roomy(motion.own)

    def to(self, frame: int) -> Floats:
        """Return the moments of the frames from the first, at least to that of this number."""
        fresh = 0
        while fresh := self._walked(frame, fresh):
            self._make_room()
            self._see(self._motion.look(self._asked[:fresh]))
        return self._moments[: self._whole[DONE] + 1]

    def _walked(self, frame: int, fresh: int) -> int:
        """Go on to a frame as far as is known, and return how many moments must be looked at."""
        motion = self._motion
        asked: int = walk(
            *(frame, self._faster, self._slowest, motion.points, self._own, self._times),
            *(self._rows, self._due, self._speeds, self._numbers, motion.recorded, self._here),
            *(self._guess, self._moments, self._whole, self._real, self._asked, fresh),
            self._runs,
        )
        return asked

    def _see(self, pictures: Floats) -> None:
        """Put pictures (k, d) where what is seen next belongs."""
        self._own[self._whole[OWN] : self._whole[OWN] + len(pictures)] = pictures

    def _make_room(self) -> None:
        """Forget what lies behind, where there is no room for more."""
        if max(self._whole[OWN] - len(self._own), self._whole[SEEN] - len(self._times)) <= -ASKED:
            return
        ahead = self._times[: self._whole[SEEN]] > self._moments[self._whole[DONE]]
        times, rows = (each[: self._whole[SEEN]][ahead] for each in (self._times, self._rows))
        own = rows < 0
        kept = self._own[~rows[own]]
        rows[own] = ~np.arange(len(kept))
        self._times, self._rows, self._own = _roomy(times), _roomy(rows), _roomy(kept)
        self._whole[SEEN], self._whole[OWN] = len(times), len(kept)

    @property
    def last(self) -> float:
        """How far the last step has led."""
        return float(self._real[LAST])

    def rest(self, places: int) -> tuple[Floats, Floats]:
        """Return moments (n,) from here to the end, as far from each other as can be, and points.

        Half of them lie evenly along the way, half evenly in time.
        """
        self._make_room()
        self._see(self._here[None])
        now, seen = self._moments[self._whole[DONE]], self._times[: self._whole[SEEN]]
        start = int(np.searchsorted(seen, now, side="right"))
        times = np.array([now, *seen[start:]])
        rows = np.array([~self._whole[OWN], *self._rows[start : self._whole[SEEN]]])
        steps = apart(self._motion.points, self._own, rows[:-1], rows[1:], self._here[:0])
        way = np.cumsum([0.0, *steps])
        along = np.interp(np.linspace(0.0, way[-1], places // 2), way, times)
        moments = np.unique([*along, *np.linspace(times[0], times[-1], places // 2)])
        return moments, self._motion.look(moments).astype(np.float64)


def _roomy(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array with room for more rows."""
    more = np.empty((max(_MORE, len(array) // 2), *array.shape[1:]), array.dtype)
    return np.concatenate([array, more])


def _eased(frames: int, edges: Sequence[float], fps: float) -> Floats:
    """Return how fast each frame (frames,) is, of the speed between two `edges` and at them."""
    middles = np.arange(frames) + 0.5
    parts = []
    for edge, away in zip(edges, (middles, frames - middles), strict=True):
        wide = max(1, round(_EASE * fps), ceil(-_GENTLY * log(edge) / log(_faster(fps))))
        parts.append(edge ** (1.0 - np.minimum(away / wide, 1.0)))
    return np.minimum(*parts)


def _faster(fps: float) -> float:
    """Return how many times as fast as the frame before one is at most."""
    return float(_FASTER ** max(1.0, 60.0 / fps))


def _smoothed(values: Floats, wide: int) -> Floats:
    """Return the means of values (n,) about each, so `wide` to each side."""
    weights = np.hanning(2 * wide + 3)[1:-1]
    padded = np.pad(values, wide, mode="edge")
    return np.asarray(np.convolve(padded, weights / weights.sum(), mode="valid"))
