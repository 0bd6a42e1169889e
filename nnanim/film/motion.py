"""Motion: how far the picture has moved along a run, measured before its film begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnanim.film.along import runs_singly
from nnanim.film.spans import Spans
from nnanim.film.spare import Spare
from nnanim.film.tracked import LEAST, Tracked
from nnanim.kernels.walks import apart, apart_between, strides
from nnanim.types import Floats

_ENOUGH = 150  # points of an image that move
_PROBES = 16  # moments at which it is seen how many move
_LOOKS = 8000  # at most, at all films together
_FIRST, _LARGE = 1200, 200  # of them: before it is known where more are needed; of large networks
_SINGLY = 1600  # where a network is run at one moment after another
_FINE = 0.5  # of the way of a frame: nearer to each other, looks need none between
_ROUNDS = 6  # of looking in between
_SAME = 1e-9  # of the run: nearer to each other, moments have none between

_spare = Spare()


@dataclass(frozen=True, eq=False)
class Motion:
    """The picture as points (n, d) at `moments` (n,), so that their distances are its motion.

    That is the rms over what the grid becomes, in units of its panels, each film in the picture of
    equal weight. Where a film cuts from one state to another, the picture does not move. The
    points are the `rows` (n,) of `points` (m, d), float32; of a part of a motion, ~0 and ~1 are the
    two of `ends` (2, d).
    """

    moments: Floats
    points: Floats
    look: Callable[[Floats], Floats]  # points (m, d) at other moments (m,)
    recorded: Floats  # the moments of snapshots; between two, the picture moves straight on
    rows: NDArray[np.int64]
    ends: Floats | None = None

    @classmethod
    def whole(
        cls, moments: Floats, points: Floats, look: Callable[[Floats], Floats], recorded: Floats
    ) -> "Motion":
        """Return the motion whose points (n, d) are those at `moments` (n,)."""
        return cls(moments, points, look, recorded, np.arange(len(moments)))

    @property
    def own(self) -> Floats:
        """The points (k, d), float64, that are no rows of `points`."""
        return np.empty((0, self.points.shape[1])) if self.ends is None else self.ends

    def at(self, moments: Floats) -> Floats:
        """Return the points (m, d) at moments (m,)."""
        before, after, share = self._about(moments)
        weight = share[:, None]
        return np.asarray((1 - weight) * self._in(before) + weight * self._in(after))

    def steps(self, moments: Floats) -> Floats:
        """Return how far it is (m - 1,) from each of moments (m,) to the next."""
        return apart_between(self.points, self.own, *self._about(moments))

    def between(self, start: float, stop: float) -> "Motion":
        """Return the motion from one moment to another."""
        inner = (self.moments > start) & (self.moments < stop)
        moments = np.array([start, *self.moments[inner], stop])
        rows = np.array([~0, *self.rows[inner], ~1])
        return replace(self, moments=moments, rows=rows, ends=self.at(np.array([start, stop])))

    def _in(self, rows: NDArray[np.int64]) -> Floats:
        """Return the points (m, d) in rows (m,)."""
        found, own = self.points[np.maximum(rows, 0)].astype(np.float64), rows < 0
        found[own] = self.own[~rows[own]]
        return found

    def _about(self, moments: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Return the rows before and after moments (m,), and which share of the way is over."""
        last = len(self.moments) - 1
        before = np.clip(np.searchsorted(self.moments, moments, side="right") - 1, 0, last)
        after = np.minimum(before + 1, last)
        span = np.maximum(self.moments[after] - self.moments[before], 1e-300)
        share = np.clip((moments - self.moments[before]) / span, 0.0, 1.0)
        return self.rows[before], self.rows[after], share

    @cached_property
    def _gaps(self) -> Floats:
        """How far it is (n - 1,) from each point to the next, in the type that all is added up."""
        kind = self.points[:0, 0] if self.ends is None else self.own[:0, 0]
        return apart(self.points, self.own, self.rows[:-1], self.rows[1:], kind)

    def way(self, steps: int) -> Floats:
        """Return the way (n,) to each moment, in strides of which about `steps` make the whole.

        What comes and goes within a stride is no way.
        """
        ends, whole = np.array([0, len(self.rows) - 1]), float(self._gaps.sum())
        way = np.array([0.0, whole])
        for _ in range(4):  # each time the strides are nearer to as many as they should be
            if way[-1] <= 0.0:
                return np.zeros(len(self.rows))
            stride = float(way[-1] / steps)
            ends, gaps = strides(self.points, self.own, self.rows, self._gaps, stride)
            way = np.concatenate([[0.0], np.cumsum(gaps)])
        return np.asarray(np.interp(self.moments, self.moments[ends], way))


def lengths(points: Floats) -> Floats:
    """Return how far it is (n - 1,) from each of points (n, d) to the next."""
    return np.asarray(np.sqrt((np.diff(points, axis=0) ** 2).sum(axis=1)))


def motion_of(spans: Sequence[Spans], stretch: Callable[[float], float], frames: int) -> Motion:
    """Return the motion of a picture, as finely as a film of so many `frames` has need of.

    `spans` are those of each film in it, `stretch(epochs)` how many epochs of the longest pass in
    one of a training that has so many.
    """
    replays = [each.replay for each in spans]
    longest = max(replays, key=lambda each: each.epochs)
    singly = any(map(runs_singly, replays))
    most = max(_LARGE, (_SINGLY if singly else _LOOKS) // len(spans))
    recorded = np.unique(
        np.concatenate([each.recording.epochs * stretch(each.epochs) for each in replays])
    )
    large = any(each.large for each in replays)
    if large or len(recorded) > _FIRST:
        moments = longest.sampled_moments(_LARGE if large else min(_FIRST, most // 2))
    else:
        moments = np.union1d(recorded, longest.sampled_moments(2))
    rows = _ENOUGH if large else _rows(spans, stretch, longest.epochs, frames)
    look = Tracked.of(spans, stretch, rows)
    if large:  # each look is dear: what lies between those is taken to move straight on
        motion = Motion.whole(moments, look(moments), look, recorded)
        return _without_cuts(replace(motion, look=motion.at))
    motion = _looked_into(moments, look, recorded, frames, most)
    return _without_cuts(replace(motion, look=motion.at) if singly else motion)


def _looked_into(
    moments: Floats, look: Tracked, recorded: Floats, frames: int, most: int
) -> Motion:
    """Return a motion that is looked into wherever the picture moves far between two looks."""
    points = _spare.floats(max(most, len(moments)), look.count)  # used as far as needed
    look.put(moments, points)
    rows = np.arange(len(moments))
    gaps = apart(points, points, rows[:-1], rows[1:], points[:0, 0])
    for _ in range(_ROUNDS):
        wide, new = _between(moments, gaps, recorded, frames, most - len(moments))
        if not len(wide):
            break
        more = np.arange(len(moments), len(moments) + len(wide))
        look.put(new, points[more[0] : more[-1] + 1])
        first = apart(points, points, rows[wide], more, gaps)
        gaps = np.insert(gaps, wide + 1, apart(points, points, more, rows[wide + 1], gaps))
        gaps[wide + np.arange(len(wide))] = first
        moments, rows = np.insert(moments, wide + 1, new), np.insert(rows, wide + 1, more)
    return Motion(moments, points, look, recorded, rows)


def _between(
    moments: Floats, gaps: Floats, recorded: Floats, frames: int, most: int
) -> tuple[NDArray[np.int64], Floats]:
    """Return after which moments, rising, more is to be seen, and when.

    At snapshots where there are any, else halfway.
    """
    distinct = np.diff(moments) > _SAME * moments[-1]
    wide = np.flatnonzero(distinct & (gaps > _FINE * float(gaps.sum()) / max(1, frames)))
    if len(wide) > most:
        wide = np.sort(wide[np.argsort(gaps[wide])[len(wide) - max(0, most) :]])
    first = np.searchsorted(recorded, moments[wide], side="right")
    stop = np.searchsorted(recorded, moments[wide + 1], side="left")
    middle = recorded[np.minimum((first + stop) // 2, len(recorded) - 1)]
    return wide, np.where(stop > first, middle, (moments[wide] + moments[wide + 1]) / 2)


def _rows(
    spans: Sequence[Spans], stretch: Callable[[float], float], epochs: float, frames: int
) -> int:
    """Return how many points of each image are tracked: more where few of them move at a time."""
    begins = np.linspace(0.0, epochs, _PROBES, endpoint=False)
    look = Tracked.of(spans, stretch, 10 * LEAST)
    points = look(np.concatenate([begins, begins + epochs / frames]))
    shares = []
    for now, after in zip(points[:_PROBES], points[_PROBES:], strict=True):
        squares = (after - now) ** 2
        if (total := float(squares.sum())) > 0.0:
            shares.append(total**2 / (len(squares) * float((squares**2).sum())))
    return round(_ENOUGH / float(np.median(shares))) if shares else LEAST


def _without_cuts(motion: Motion) -> Motion:
    """Return a motion that goes on where the film cuts to another state."""
    cut = motion.moments[1:] == np.nextafter(motion.moments[:-1], np.inf)
    if not cut.any():
        return motion
    cuts, seen = motion.moments[1:][cut], motion.points[motion.rows]
    jumps = np.cumsum(np.diff(seen, axis=0)[cut], axis=0)
    shifts = np.concatenate([np.zeros((1, seen.shape[1])), jumps]).astype(np.float32)

    def joined(moments: Floats, points: Floats) -> Floats:
        return np.asarray(points - shifts[np.searchsorted(cuts, moments, side="right")])

    def look(moments: Floats) -> Floats:
        return joined(moments, motion.look(moments))

    return Motion.whole(motion.moments, joined(motion.moments, seen), look, motion.recorded)
