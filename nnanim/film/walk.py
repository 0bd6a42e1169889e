"""Walk: the moments of an act's frames, such that the picture moves evenly from one to the next.

A plan says when a moment is due: by the way of the picture, and a part of the time evenly in
epochs, so that a training that has come to rest still moves on. Along it each frame takes as long
a step as the plan has thereabouts, however the training shakes: to the moment nearest to that due
at which the picture is as far away as that. So no frame moves much further than the one before.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import ceil, log

import numpy as np

from nnanim.film.motion import Motion, lengths
from nnanim.kernels.walks import chosen
from nnanim.types import Floats

EVENLY = 0.25  # share of the time that passes evenly in epochs
_EASE, _SLOWEST = 0.25, 0.12  # seconds from and to a hold, and the share of its speed there
_SMOOTH = 0.2  # seconds, to each side, over which the speed that is planned is the mean
_FASTER = 1.25  # times the speed of the frame before, at most, at 60 frames a second
_GENTLY = 1.2  # times the frames in which it could be as much slower as where two acts meet
_AHEAD = 4  # frames of the plan that one step passes at most
_PULL, _MOST_PULL = 0.03, 0.7  # on the logarithm of the speed, a frame behind; and at most
_PLACES = 240  # that are looked at before the end, for the last steps
_SLOWER = np.linspace(-0.3, 0.1, 33)  # on the logarithm of the speed, from one of them to the next
_STILL, _TINY = 1e-3, 1e-12  # of the usual speed, and of panels: as slow as nothing
_LEAST = 0.3  # frames of the plan that a step goes on, if it can
_FROM_REST = 0.02  # of the usual speed: as fast the picture may begin to move
_OFF = 0.15  # of a step: as near as that, the picture is where it seemed to be
_FEWEST, _TRIES = 4, 12  # frames that are worth a walk, and looks for the end of a step


def planned(motion: Motion, steps: int) -> Floats:
    """Return the share of an act's time (n,) after which each moment of a motion is due."""
    moments, way = motion.moments, motion.way(steps)
    evenly = (moments - moments[0]) / max(moments[-1] - moments[0], 1e-300)
    if way[-1] > 0.0:
        evenly = EVENLY * evenly + (1 - EVENLY) * way / way[-1]
    return np.asarray(evenly)


def walks(acts: Sequence[tuple[Motion, int]], fps: float) -> list[Floats]:
    """Return the moments (frames + 1,) of each act's frames, from the first to the end.

    The acts, each a motion and its frames, follow one another. The first comes from a rest and the
    last goes to one; where two meet, the faster has come to the speed of the slower.
    """
    met = acts if len(acts) > 1 else ()
    speeds = [_plan(motion, np.ones(frames), fps)[1] for motion, frames in met]
    edges = [[_SLOWEST, _SLOWEST] for _ in acts]
    for i, (one, other) in enumerate(pairwise(speeds)):
        edges[i][1], edges[i + 1][0] = _meeting(float(one[-1]), float(other[0]))
    found: list[Floats] = []
    last = 0.0  # how far the last step has led
    for (motion, frames), edge in zip(acts, edges, strict=True):
        found.append(_walk(motion, _eased(frames, edge, fps), fps, last))
        last = float(lengths(motion.look(found[-1][-2:]))[0])
    return found


def _meeting(one: float, other: float) -> tuple[float, float]:
    """Return at which share of its speed each of two acts is where they meet."""
    slower = min(one, other)
    return (slower / one, slower / other) if slower > 0.0 else (_SLOWEST, _SLOWEST)


def _walk(motion: Motion, ease: Floats, fps: float, last: float) -> Floats:
    """Return the moments of an act whose frames are so fast, after a step of the length `last`."""
    due, speeds = _plan(motion, ease, fps)
    frames = len(ease)
    if frames < _FEWEST or not speeds.any():
        return due
    walker = _Walker(motion, due, speeds * ease, _faster(fps), last)
    landing = min(max(1, round(_EASE * fps)), frames // 2)
    while len(walker.moments) <= frames - landing:
        walker.step()
    return np.array([*walker.moments, *_landed(walker, landing)])


def _plan(motion: Motion, ease: Floats, fps: float) -> tuple[Floats, Floats]:
    """Return when frames (n + 1,) are due that are so fast (n,), and the speeds but for that."""
    time = np.concatenate([[0.0], np.cumsum(ease)])
    due = np.interp(time / time[-1], planned(motion, len(ease)), motion.moments)
    steps = lengths(motion.at(due)) / ease
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
    squares = np.einsum("ij,ij->i", points, points)
    apart = squares[:, None] + squares - 2 * points @ points.T
    far = np.log(np.maximum(apart, _TINY**2)) / 2
    far[np.tril_indices(len(far))] = np.inf  # never back
    last = np.log(walker.lengths[-1])
    ways = []
    for slower in _SLOWER:
        places = chosen(far, last + slower * np.arange(1, steps + 1))
        taken = [last, *far[places[:-1], places[1:]]]
        ways.append((float(np.abs(np.diff(taken)).max()), places[1:]))
    return [float(times[i]) for i in min(ways, key=lambda way: way[0])[1]]


class _Walker:
    """Goes along a motion, from frame to frame; `lengths` are those of its steps.

    `due` (frames + 1,) are the moments that are planned, `speeds` (frames,) how far to go about
    each; none is more than `faster` times the one before: the first, than what came before, of the
    length `last`, if anything did. What it sees on its way, it keeps.
    """

    def __init__(
        self, motion: Motion, due: Floats, speeds: Floats, faster: float, last: float
    ) -> None:
        self._motion, self._due, self._speeds, self._faster = motion, due, speeds, faster
        self._slowest = _FROM_REST * float(np.median(speeds))
        self._seen, self._points = motion.moments.tolist(), list(motion.points)
        self._here = motion.points[0].astype(np.float64)
        self.moments = [float(motion.moments[0])]
        self.lengths = [last] if last else []

    def step(self) -> None:
        """Go to the moment of the next frame."""
        frame, frames = len(self.moments) - 1, np.arange(len(self._due))
        place = float(np.interp(self.moments[-1], self._due, frames))  # in the plan
        after = max(min(frame + 1.0, place + _AHEAD), place + _LEAST)
        furthest = max(after, place + 1.0) + _AHEAD - 1.0
        due, last_due = np.interp([after, furthest], frames, self._due)
        pull = min(max(_PULL * (frame - place), -_MOST_PULL), _MOST_PULL)
        length = self._speeds[min(int(after), len(self._speeds) - 1)] * np.exp(pull)
        if self.lengths:
            last = self.lengths[-1]
            length = max(length, last / self._faster)
            start = self._slowest if last < _STILL * self._slowest else last
            length = min(length, start * self._faster)
        for _ in range(_TRIES):
            moment, point = self._place(length, float(due), float(last_due))
            if self._stands(moment, point, length):
                break
        self._go(moment, self._point(moment))

    def rest(self, places: int) -> tuple[Floats, Floats]:
        """Return moments (n,) from here to the end, as far from each other as can be, and points.

        Half of them lie evenly along the way, half evenly in time.
        """
        start = bisect_right(self._seen, self.moments[-1])
        times = np.array([self.moments[-1], *self._seen[start:]])
        way = np.cumsum([0.0, *lengths(self._ahead(start, len(self._seen)))])
        along = np.interp(np.linspace(0.0, way[-1], places // 2), way, times)
        moments = np.unique([*along, *np.linspace(times[0], times[-1], places // 2)])
        return moments, self._motion.look(moments).astype(np.float64)

    def _place(self, length: float, due: float, furthest: float) -> tuple[float, Floats]:
        """Return where the picture seems to be so far away, nearest to `due`; there if nowhere."""
        start = bisect_right(self._seen, self.moments[-1])
        stop = bisect_left(self._seen, furthest) + 1
        times = np.array([self.moments[-1], *self._seen[start:stop]])
        away = self._ahead(start, stop) - self._here
        beyond = np.einsum("ij,ij->i", away, away) - length**2
        crossed = np.flatnonzero((beyond[:-1] < 0) != (beyond[1:] < 0))
        if not len(crossed):
            return due, self._point(due)
        i = crossed[np.argmin(np.abs(times[crossed] + times[crossed + 1] - 2 * due))]
        # |away + share · along| = length
        along = away[i + 1] - away[i]
        a, b, c = along @ along, 2 * (along @ away[i]), beyond[i]
        root = np.sqrt(max(b * b - 4 * a * c, 0.0))
        share = min(max((-b + (root if c < 0 else -root)) / (2 * a), 0.0), 1.0)
        moment = times[i] + share * (times[i + 1] - times[i])
        return float(moment), self._here + away[i] + share * along

    def _stands(self, moment: float, point: Floats, length: float) -> bool:
        """Return whether the picture is where it seemed to be; see more there if it is not."""
        away = self._point(moment) - point
        if away @ away <= (_OFF * length) ** 2:
            return True
        recorded = self._motion.recorded
        after = int(np.searchsorted(recorded, moment))
        for near in (moment, *recorded[max(0, after - 1) : after + 1].tolist()):
            if self._due[0] < near < self._due[-1]:
                self._point(near)
        return False

    def _point(self, moment: float) -> Floats:
        """Return the picture at a moment, seen there."""
        at = bisect_left(self._seen, moment)
        if at == len(self._seen) or self._seen[at] != moment:
            self._seen.insert(at, moment)
            self._points.insert(at, self._motion.look(np.array([moment]))[0])
        return np.asarray(self._points[at], np.float64)

    def _ahead(self, start: int, stop: int) -> Floats:
        """Return where it is and some of what was seen, (1 + stop - start, d)."""
        points = np.concatenate([self._here, *self._points[start:stop]])
        return points.reshape(-1, len(self._here))

    def _go(self, moment: float, point: Floats) -> None:
        away = point - self._here
        self.lengths.append(max(float(np.sqrt(away @ away)), _TINY))
        self.moments.append(moment)
        self._here = np.asarray(point, np.float64)


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
