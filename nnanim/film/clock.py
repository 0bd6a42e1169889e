"""Clock: film time and training time, of one film or of several side by side."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from nnanim.acts import Pace, Shown
from nnanim.errors import UsageError
from nnanim.film.pace import Paces
from nnanim.film.placed import Placed, placed_acts
from nnanim.film.spans import Spans
from nnanim.scene.timeline import ClockFace, Timeline

_HALVINGS = 60  # of the time between two frames, to the first time of a moment
_NEAR = 1e-9  # of the training, from a moment


class Clock:
    """What a film shows at a time, and when a moment is shown, in epochs of the longest training.

    `spans` are those of each film that it serves. On the `face` "epochs" all show the same epoch,
    and one whose training ends sooner waits; on "share" all show the same share of theirs. `film`
    is the one whose acts these are: a film sets it, for it has the clock before it is whole.
    """

    def __init__(
        self, timeline: Timeline, spans: Sequence[Spans], face: ClockFace = "epochs"
    ) -> None:
        self.timeline = timeline
        self.face = face
        self.longest = max(spans, key=lambda each: each.replay.epochs)
        self.film: Any = None
        self._spans = tuple(spans)
        self._paces = Paces(spans, self.stretch)

    def on(self, timeline: Timeline) -> "Clock":
        """Return the clock of the same films with another timeline."""
        return Clock(timeline, self._spans, self.face)

    @cached_property
    def acts(self) -> tuple[Placed, ...]:
        """The acts of the film in order, each where it stands in it."""
        return placed_acts(self.film, self.timeline)

    def act(self, t: float) -> Placed:
        """Return the act at `t` seconds."""
        return self.acts[max(0, bisect_right(self.acts, t, key=lambda act: act.begin) - 1)]

    def shown(self, t: float) -> Shown:
        """Return what is shown at `t` seconds."""
        return self.act(t).shown(self.film, t)

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

    def paced(self, pace: Pace, start: float, stop: float, share: float) -> float:
        """Return the moment at which a `share` in [0, 1] of the way between two is over."""
        return self._paces.moment(pace, start, stop, share)

    def way(self, pace: Pace, moments: Sequence[float]) -> float:
        """Return how far it is from one moment to the next, to the last; the whole run is 1."""
        return self._paces.way(pace, moments)

    def stretch(self, epochs: float) -> float:
        """Return how many epochs pass here in one of a training that has `epochs`."""
        return self.longest.replay.epochs / epochs if self.face == "share" and epochs else 1.0

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
