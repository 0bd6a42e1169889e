"""Clock: film time and training time, of one film or of several side by side."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Any
from weakref import ref

import numpy as np

from nnanim.acts import Pace, Shown, Train
from nnanim.errors import UsageError
from nnanim.film.motion import lengths
from nnanim.film.pace import Leg, Paces, legs_of
from nnanim.film.placed import Placed, placed_acts
from nnanim.film.segments import borders_of
from nnanim.film.spans import Spans
from nnanim.film.steady import Windows, steadied, windows_of
from nnanim.geometry import eased
from nnanim.scene.timeline import ClockFace, Timeline

_HALVINGS = 60  # of the time between two frames, to the first time of a moment
_FADE = 0.6  # seconds of a cross-fade
_PACED = 24  # films, of more than which some alone say how far the picture moves
_NEAR = 1e-9  # of the training, from a moment
_ROUNDS = 2  # in which the windows of means come to last as long as they are to, within a tenth


class Clock:
    """What a film shows at a time, and when a moment is shown, in epochs of the longest training.

    `spans` are those of each film that it serves. On the `face` "epochs" all show the same epoch,
    and one whose training ends sooner waits; on "share" all show the same share of theirs. `film`
    is the one whose acts these are: a film sets it, for it has the clock before it is whole. One by
    itself is not held on to: when nobody looks at it any more, it is given up at once. `reckoned`
    are the acts and the windows of one that shows means, where they are known.
    """

    def __init__(
        self,
        timeline: Timeline,
        spans: Sequence[Spans],
        face: ClockFace = "epochs",
        reckoned: tuple[tuple[Placed, ...], Windows] | None = None,
    ) -> None:
        self.timeline = timeline
        self.face = face
        self.longest = max(spans, key=lambda each: each.replay.epochs)
        self._film: Callable[[], Any] = lambda: None
        self._spans = tuple(spans)
        self._given = reckoned
        self._means: dict[Spans, Spans] = {}
        self._legs: dict[Any, Leg] = {}
        self._last: tuple[float, Shown] | None = None

    @property
    def film(self) -> Any:
        """The film whose acts these are; None before there is one."""
        return self._film()

    @film.setter
    def film(self, film: Any) -> None:
        alone = film.tiles[0] is film
        self._film = ref(film) if alone else lambda: film

    def on(self, timeline: Timeline) -> "Clock":
        """Return the clock of the same films with another timeline."""
        return Clock(timeline, self._spans, self.face)

    @cached_property
    def cuts(self) -> tuple[float, ...]:
        """The moments, rising, at which a segment of any of the films ended on another state."""
        last = self.longest.replay.epochs
        found = [
            at * self.stretch(r.epochs) for r in (s.replay for s in self._spans) for at in r.cuts
        ]
        return tuple(sorted({last if last - at <= _NEAR * last else float(at) for at in found}))

    @cached_property
    def acts(self) -> tuple[Placed, ...]:
        """The acts of the film in order, each where it stands in it."""
        known = self._reckoned
        placed = placed_acts(self.film, self.timeline) if known is None else known[0]
        self._legs = legs_of(placed, self.timeline.fps)
        return placed

    def number(self, t: float) -> int:
        """Return which of the acts is that at `t` seconds, counted from 0."""
        return max(0, bisect_right(self.acts, t, key=lambda act: act.begin) - 1)

    def act(self, t: float) -> Placed:
        """Return the act at `t` seconds."""
        return self.acts[self.number(t)]

    def shown(self, t: float) -> Shown:
        """Return what is shown at `t` seconds.

        Of means that is what the acts say where one of them goes by how far the picture moves: then
        it moves evenly. Else each frame shows the mean about it, at the mean of the moments.
        """
        last = self._last
        if last is None or last[0] != t:  # each of many films asks for the same time
            shown = self.act(t).shown(self.film, t)
            windows = None if self._legs else self.windows
            moment = None if windows is None else windows.moment(t * self.timeline.fps)
            last = t, shown if moment is None else replace(shown, moment=moment)
            self._last = last
        return last[1]

    @property
    def windows(self) -> Windows | None:
        """Over what the film shows means; None where it shows each network by itself."""
        return None if self._reckoned is None else self._reckoned[1]

    def shown_of(self, spans: Spans) -> Spans:
        """Return the spans of what the film shows of one of its trainings, given its own."""
        if self.windows is None:
            return spans
        if spans not in self._means:
            own = spans.replay
            means = steadied(own, self.windows, self.stretch(own.epochs))
            self._means[spans] = replace(spans, replay=means, of=own)
        return self._means[spans]

    @cached_property
    def _reckoned(self) -> tuple[tuple[Placed, ...], Windows] | None:
        """The acts, and the windows of a film of means, else None.

        Windows are seconds of film, and how fast it goes is by what it shows through them. So a
        film that shows each network by itself is reckoned first; one of means over its windows has
        another pace, by which those come nearer to the seconds that they are to last, and so on.
        """
        timeline = self.timeline
        half = round(timeline.smooth * timeline.stretch * timeline.fps / 2)
        if self._given is not None or half < 1:
            return self._given
        film = self.film.on(replace(timeline, smooth=0.0))
        acts, windows = film.acts, film.clock.windows_at(half)
        for _ in range(_ROUNDS if film.clock._legs else 0):
            film = film.by(Clock(timeline, self._spans, self.face, (acts, windows)))
            windows = film.clock.windows_at(half)
        return acts, windows

    def windows_at(self, half: int) -> Windows:
        """Return the windows of a film whose frames show these moments, so `half` wide each."""
        fps = self.timeline.fps
        shown = [self.shown(t) for t in self.timeline.times]
        jumps = [round(act.end * fps) - 1 for act in self.acts if act.whole < act.end]
        return windows_of(shown, jumps, half, self._seams, self.longest.replay.epochs)

    @cached_property
    def _paces(self) -> Paces:
        """The paces through what the film shows."""
        some = [self.shown_of(each) for each in self._spans[:: -(-len(self._spans) // _PACED)]]
        stretch = partial(_stretch, self.face, self.longest.replay.epochs)
        return Paces(self.timeline, some, stretch)

    @property
    def _seams(self) -> list[float]:
        """The moments at which a segment of one of the trainings ends, or it itself."""
        found = list(self.cuts)
        for replay in (spans.replay for spans in self._spans):
            ends = [*borders_of(replay.recording.header, replay.epochs), replay.epochs]
            found += [end * self.stretch(replay.epochs) for end in ends]
        return sorted(set(found))

    def fade(self, t: float) -> tuple[float, float] | None:
        """Return from which time's picture the film fades at `t`, and what share is over.

        So it comes to a state that was kept, to a morph and back from it; None elsewhere.
        """
        number = self.number(t)
        seconds = self.fading(number)
        if seconds is None:
            return None
        share = (t - self.acts[number].begin + self.timeline.time(1)) / seconds
        return (self.acts[number - 1].whole, eased(share)) if share < 1 else None

    def fading(self, number: int) -> float | None:
        """Return in how many seconds an act fades in, from a frame before; None where none does."""
        if number not in self._fading:
            return None
        act = self.acts[number]
        return max(self.timeline.time(1), min(_FADE, 0.5 * (act.end - act.begin)))

    @cached_property
    def _fading(self) -> frozenset[int]:
        """The numbers of the acts that begin with what fades in."""
        found = []
        for number, (before, act) in enumerate(pairwise(self.acts), start=1):
            ended, begun = before.shown(self.film, before.whole), act.shown(self.film, act.begin)
            morphs = (ended.depth is None) != (begun.depth is None)
            found += [number] if morphs or (begun.kept and not ended.kept) else []
        return frozenset(found)

    def time_at(self, moment: float) -> float:
        """Return the first time in seconds at which `moment` is shown; `UsageError` for never."""
        early, before = 0.0, self.shown(0.0).moment
        for frame in range(self.timeline.frames):
            late = self.timeline.time(frame)
            now = self.shown(late).moment
            if min(before, now) <= moment <= max(before, now):
                t = self._first(moment, early, late)
                # Where one act ends and the next begins elsewhere, what lies between is not shown.
                if abs(self.shown(t).moment - moment) <= _NEAR * self.longest.replay.epochs:
                    return t
            early, before = late, now
        raise UsageError(f"epoch {moment:g} is not in the film: none of its acts shows it")

    def paced(self, act: Train, start: float, stop: float, share: float) -> float:
        """Return the moment at which a `share` in [0, 1] of an act's way between two is over.

        Before it is known how many frames an act has, it does not go easily from and to its rests.
        """
        return self._paces.moment(act.pace, start, stop, share, self._legs.get(act))

    def way(self, pace: Pace, moments: Sequence[float]) -> float:
        """Return how far it is from one moment to the next, to the last; the whole run is 1."""
        return self._paces.way(pace, moments)

    def restlessness(self, smooth: float = 0.0) -> float:
        """Return how far the picture moves from a frame to the next, in panels.

        In a tenth of the frames in which training goes on it moves further; of the mean of the
        pictures over `smooth` seconds.
        """
        moments = np.array([self.shown(t).moment for t in self.timeline.times])
        points = self._paces.motion.at(moments)
        half = round(smooth * self.timeline.fps / 2)
        if half:
            weights = np.ones(2 * half + 1) / (2 * half + 1)
            padded = np.pad(points, ((half, half), (0, 0)), mode="edge")
            points = np.stack([np.convolve(c, weights, "valid") for c in padded.T], axis=1)
        forward = np.diff(moments) > 0
        return float(np.percentile(lengths(points)[forward], 90)) if forward.any() else 0.0

    def stretch(self, epochs: float) -> float:
        """Return how many epochs pass here in one of a training that has `epochs`."""
        return _stretch(self.face, self.longest.replay.epochs, epochs)

    def _first(self, moment: float, early: float, late: float) -> float:
        """Return the first time from `early` to `late` at which the film comes to `moment`."""
        before = self.shown(early).moment
        if before == moment:
            return early
        rising = before < moment
        for _ in range(_HALVINGS):
            middle = (early + late) / 2
            now = self.shown(middle).moment
            if now >= moment if rising else now <= moment:
                late = middle
            else:
                early = middle
        return late


def _stretch(face: ClockFace, longest: float, epochs: float) -> float:
    return longest / epochs if face == "share" and epochs else 1.0
