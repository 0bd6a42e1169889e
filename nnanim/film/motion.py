"""Motion: how far the picture has moved along a run, measured before its film begins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from nnanim.dataset import evenly
from nnanim.film.along import Along
from nnanim.film.spans import Spans
from nnanim.kernels.walks import strides
from nnanim.types import Floats

_NUMBERS = 8000  # that are followed of all images at most
_LEAST, _ENOUGH = 100, 150  # points of an image, and as many of them that move
_PROBES = 16  # moments at which it is seen how many move
_LOOKS = 8000  # at most, at all films together
_FIRST, _LARGE = 1200, 200  # of them: before it is known where more are needed; of large networks
_FINE = 0.5  # of the way of a frame: nearer to each other, looks need none between
_ROUNDS = 6  # of looking in between
_BEYOND = 1.0  # panels: what is thrown further off a panel is not followed
_SAME = 1e-9  # of the run: nearer to each other, moments have none between


@dataclass(frozen=True, eq=False)
class Motion:
    """The picture as points (n, d) at `moments` (n,), so that their distances are its motion.

    That is the rms over what the grid becomes, in units of its panels, each film in the picture of
    equal weight. Where a film cuts from one state to another, the picture does not move.
    """

    moments: Floats
    points: Floats
    look: Callable[[Floats], Floats]  # points (m, d) at other moments (m,)
    recorded: Floats  # the moments of snapshots; between two, the picture moves straight on

    def at(self, moments: Floats) -> Floats:
        """Return the points (m, d) at moments (m,)."""
        last = len(self.moments) - 1
        before = np.clip(np.searchsorted(self.moments, moments, side="right") - 1, 0, last)
        after = np.minimum(before + 1, last)
        span = np.maximum(self.moments[after] - self.moments[before], 1e-300)
        share = np.clip((moments - self.moments[before]) / span, 0.0, 1.0)[:, None]
        return np.asarray((1 - share) * self.points[before] + share * self.points[after])

    def between(self, start: float, stop: float) -> "Motion":
        """Return the motion from one moment to another."""
        inner = (self.moments > start) & (self.moments < stop)
        moments = np.array([start, *self.moments[inner], stop])
        first, last = self.at(np.array([start, stop]))
        points = np.concatenate([[first], self.points[inner], [last]])
        return replace(self, moments=moments, points=points)

    def seen(self, moments: Floats) -> "Motion":
        """Return the same motion, with more moments (m,) looked at."""
        new = np.setdiff1d(moments, self.moments)
        if not len(new):
            return self
        order = np.argsort(both := np.concatenate([self.moments, new]))
        points = np.concatenate([self.points, self.look(new)])[order]
        return replace(self, moments=both[order], points=points)

    @cached_property
    def length(self) -> float:
        """How far it is along all points."""
        return float(lengths(self.points).sum())

    def way(self, steps: int) -> Floats:
        """Return the way (n,) to each moment, in strides of which about `steps` make the whole.

        What comes and goes within a stride is no way.
        """
        ends, way = np.array([0, len(self.points) - 1]), np.array([0.0, self.length])
        for _ in range(4):  # each time the strides are nearer to as many as they should be
            if way[-1] <= 0.0:
                return np.zeros(len(self.points))
            ends = strides(self.points, float(way[-1] / steps))
            way = np.concatenate([[0.0], np.cumsum(lengths(self.points[ends]))])
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
    most = max(_LARGE, _LOOKS // len(spans))
    recorded = np.unique(
        np.concatenate([each.recording.epochs * stretch(each.epochs) for each in replays])
    )
    large = any(each.large for each in replays)
    if large or len(recorded) > _FIRST:
        moments = longest.sampled_moments(_LARGE if large else min(_FIRST, most // 2))
    else:
        moments = np.union1d(recorded, longest.sampled_moments(2))
    rows = _ENOUGH if large else _rows(spans, stretch, longest.epochs, frames)
    look = _looker(spans, stretch, rows)
    motion = Motion(moments, look(moments), look, recorded)
    if large:  # each look is dear: what lies between those is taken to move straight on
        return _without_cuts(replace(motion, look=motion.at))
    for _ in range(_ROUNDS):
        between = _between(motion, frames, most - len(motion.moments))
        if not len(between):
            break
        motion = motion.seen(between)
    return _without_cuts(motion)


def _between(motion: Motion, frames: int, most: int) -> Floats:
    """Return moments at which more is to be seen: snapshots where there are any, else halfway."""
    moments, recorded, gaps = motion.moments, motion.recorded, lengths(motion.points)
    apart = np.diff(moments) > _SAME * moments[-1]
    wide = np.flatnonzero(apart & (gaps > _FINE * motion.length / max(1, frames)))
    if len(wide) > most:
        wide = wide[np.argsort(gaps[wide])[len(wide) - max(0, most) :]]
    first = np.searchsorted(recorded, moments[wide], side="right")
    stop = np.searchsorted(recorded, moments[wide + 1], side="left")
    middle = recorded[np.minimum((first + stop) // 2, len(recorded) - 1)]
    return np.where(stop > first, middle, (moments[wide] + moments[wide + 1]) / 2)


def _rows(
    spans: Sequence[Spans], stretch: Callable[[float], float], epochs: float, frames: int
) -> int:
    """Return how many points of each image are followed: more where few of them move at a time."""
    begins = np.linspace(0.0, epochs, _PROBES, endpoint=False)
    points = _looker(spans, stretch, 10 * _LEAST)(
        np.concatenate([begins, begins + epochs / frames])
    )
    shares = []
    for now, after in zip(points[:_PROBES], points[_PROBES:], strict=True):
        squares = (after - now) ** 2
        if (total := float(squares.sum())) > 0.0:
            shares.append(total**2 / (len(squares) * float((squares**2).sum())))
    return round(_ENOUGH / float(np.median(shares))) if shares else _LEAST


def _looker(
    spans: Sequence[Spans], stretch: Callable[[float], float], rows: int
) -> Callable[[Floats], Floats]:
    """Return what gives the picture (m, d) at moments (m,), such that distances are `Motion`'s."""
    films = [
        (each.replay, stretch(each.replay.epochs), _images(each, rows, len(spans)))
        for each in spans
    ]

    def look(moments: Floats) -> Floats:
        parts = []
        for replay, ratio, images in films:
            seen = images(np.minimum(moments / ratio, replay.epochs))
            np.copyto(seen, 0.0, where=np.isnan(seen))
            np.minimum(np.maximum(seen, -_BEYOND, out=seen), 1.0 + _BEYOND, out=seen)
            parts.append(seen / np.sqrt(seen.shape[1] * len(spans)))
        return np.concatenate(parts, axis=1).astype(np.float32)

    return look


def _images(spans: Spans, rows: int, films: int) -> Callable[[Floats], Floats]:
    """Return what gives what the layer that is looked at makes of the grid, in its panel, (m, d).

    In a regression that is the network's output, too.
    """
    replay = spans.replay
    boxes = {replay.layer: spans.limits(replay.layer)} if replay.layer else {}
    if replay.recording.header.task == "regression":
        targets = replay.data.targets
        boxes[""] = np.stack([targets.min(axis=0), targets.max(axis=0) + 1e-12], axis=1)
    elif not boxes:
        boxes[""] = np.array([[0.0, 1.0]])
    rows = max(_LEAST, min(rows, _NUMBERS // (films * sum(map(len, boxes.values())))))
    grid = replay.grid_points[evenly(len(replay.grid_points), rows)]
    data = evenly(len(replay.data.inputs), rows)

    def placed(found: Mapping[str, Floats]) -> Floats:
        parts = [(found[name] - box[:, 0]) / (box[:, 1] - box[:, 0]) for name, box in boxes.items()]
        return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)

    if replay.network.runs:
        along = Along(replay, list(boxes), grid)
        return lambda moments: np.concatenate([placed(found) for found in along(moments)])

    def images(moments: Floats) -> Floats:
        found = [
            {name: replay.points(name, moment)[data][None] for name in boxes}
            for moment in moments.tolist()
        ]
        return np.concatenate(list(map(placed, found)))

    return images


def _without_cuts(motion: Motion) -> Motion:
    """Return a motion that goes on where the film cuts to another state."""
    cut = motion.moments[1:] == np.nextafter(motion.moments[:-1], np.inf)
    if not cut.any():
        return motion
    cuts = motion.moments[1:][cut]
    jumps = np.cumsum(np.diff(motion.points, axis=0)[cut], axis=0)
    shifts = np.concatenate([np.zeros((1, motion.points.shape[1])), jumps]).astype(np.float32)

    def joined(moments: Floats, points: Floats) -> Floats:
        return np.asarray(points - shifts[np.searchsorted(cuts, moments, side="right")])

    def look(moments: Floats) -> Floats:
        return joined(moments, motion.look(moments))

    return replace(motion, points=joined(motion.moments, motion.points), look=look)
