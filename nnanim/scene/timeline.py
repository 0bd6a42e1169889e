"""The timeline of a film: how long it lasts, and the acts that it is a sum of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from math import inf
from typing import Any, Literal, cast

from nnanim.acts import PACES, Act, Hold, Pace, Train
from nnanim.errors import SceneError, unknown
from nnanim.events import Event, event_in
from nnanim.scene.act_checks import LONGEST, check_act, check_order, check_reach

_SECONDS = 12.0  # of a film that says nothing
_SLACK = 1e-9  # of a second
_SHORT = ("pace", "hold_first", "hold_last", "pauses", "pause")

# Captions by epochs, events or their texts; of a mapping's keys mypy allows no other type.
Pauses = Mapping[Any, str] | Sequence[tuple[float | Event | str, str]]


@dataclass(frozen=True)
class Timeline:
    """How long a film lasts and how training time is spread over it.

    `acts` follow one another; those without seconds of their own share what is left of the film's
    `seconds`. In their place may stand the short form: seconds on the untrained and on the trained
    network (`hold_first`, `hold_last`), the captions of `pauses` by their epochs or events, `pause`
    seconds each, and the `pace` of the training between them; see `acts.Train`. Its holds shrink in
    proportion where they would take more than half the film.

    `seconds` left out are those of the acts, where all have their own, else 12. All acts are
    longer by the factor `stretch` than they say, and so is `smooth`: where a training is restless,
    the film shows the mean of the parameters over so many seconds about each time, and its clock
    says so. Where acts go by motion, that is the motion of what is shown, and the seconds are kept
    within about a tenth.
    """

    seconds: float = None  # type: ignore[assignment]  # settled when it is made
    fps: float = 60.0
    pace: Pace = "motion"
    hold_first: float = 0.8
    hold_last: float = 2.0
    acts: Sequence[Act] = ()
    pauses: Pauses = ()
    pause: float = 2.0
    stretch: float = 1.0
    smooth: float = 0.0

    def __post_init__(self) -> None:
        if self.pace not in PACES:
            raise SceneError(unknown("pace", self.pace, PACES))
        self._settle_acts()
        if self.seconds is None:
            object.__setattr__(self, "seconds", self._own_seconds())
        self._check_numbers()
        if self.smooth * self.stretch > self.seconds + _SLACK:
            raise SceneError(
                f"Timeline(smooth={self.smooth:g}): a mean over more than the film's "
                f"{self.seconds:g} seconds; expected a part of them, as 0.4"
            )
        if self.frames < 1:
            raise SceneError(
                f"Timeline(seconds={self.seconds:g}, fps={self.fps:g}) has no frame: "
                "make it longer or the frame rate higher"
            )
        self._check_room()

    @property
    def frames(self) -> int:
        """The number of frames: round(fps × seconds)."""
        return round(self.fps * self.seconds)

    def time(self, frame: int) -> float:
        """Return the film time in seconds of a frame, counted from 0."""
        return frame / self.fps

    @property
    def times(self) -> list[float]:
        """The film times in seconds of all frames."""
        return [self.time(frame) for frame in range(self.frames)]

    def lasting(self, seconds: float) -> "Timeline":
        """Return the same timeline of another length, all acts longer by one factor."""
        return replace(self, seconds=seconds, stretch=self.stretch * seconds / self.seconds)

    @property
    def events(self) -> tuple[Event, ...]:
        """The events at which it pauses, or to which it trains."""
        named = [*(when for when, _ in self._pauses), *(getattr(a, "to", None) for a in self.acts)]
        return tuple(dict.fromkeys(each for each in named if isinstance(each, Event)))

    def settled(self, find: Callable[[Event], float | None]) -> "Timeline":
        """Return the same timeline with pauses at the moments where their events are found.

        One that is not found is left out.
        """
        if not any(isinstance(when, Event) for when, _ in self._pauses):
            return self
        placed = []
        for when, caption in self._pauses:
            moment = find(when) if isinstance(when, Event) else when
            placed += [] if moment is None else [(moment, caption)]
        return replace(self, pauses=placed)

    def check(self, last: float) -> None:
        """Raise `SceneError` where an act goes beyond the `last` epoch, or trains from there."""
        check_reach(self.sequence, last)
        check_order(self.acts, last)

    @property
    def captions(self) -> tuple[str, ...]:
        """What its acts and pauses say, those at events too."""
        said = [*(act.caption for act in self.acts), *(caption for _, caption in self._pauses)]
        return tuple(dict.fromkeys(filter(None, said)))

    @property
    def sequence(self) -> tuple[Act, ...]:
        """The acts in order, those that the short form stands for as well."""
        return tuple(self.acts) or tuple(self._built())

    def ends(self, shares: Sequence[float]) -> list[int]:
        """Return the frame at which each act of the `sequence` ends and the next one begins.

        `shares` say in which proportion acts without seconds share what is left.
        """
        lengths = [act.seconds for act in self.sequence]
        fixed = [None if s is None else s * self.stretch for s in lengths]
        left = max(0.0, self.seconds - sum(s for s in fixed if s is not None))
        open_ = [share if s is None else 0.0 for s, share in zip(fixed, shares, strict=True)]
        if sum(open_) <= 0:
            open_ = [float(s is None) for s in fixed]
        whole = sum(open_) or 1.0
        spread = [left * o / whole if s is None else s for s, o in zip(fixed, open_, strict=True)]
        ends = [min(round(end * self.fps), self.frames) for end in accumulate(spread)]
        return [*ends[:-1], self.frames]

    def _built(self) -> Iterator[Act]:
        """Give the acts that the short form stands for."""
        holds = [self.hold_first, *(self.pause for _ in self.pauses), self.hold_last]
        total, room = sum(holds), 0.5 * self.seconds / self.stretch
        shrink = min(1.0, room / total) if total else 1.0
        if self.hold_first:
            yield Hold(self.hold_first * shrink)
        for epoch, caption in self._pauses:
            if isinstance(epoch, Event | str):  # nobody knows yet where it is
                continue
            if epoch > 0:
                yield Train(to=epoch, pace=self.pace)
            yield Hold(self.pause * shrink, caption)
        yield Train(pace=self.pace)
        if self.hold_last:
            yield Hold(self.hold_last * shrink)

    def _settle_acts(self) -> None:
        if not isinstance(self.acts, list | tuple):
            raise SceneError(f"Timeline(acts={self.acts!r}): expected a list, as [acts.Train()]")
        for act in self.acts:
            check_act(act)
        check_order(self.acts)
        object.__setattr__(self, "acts", tuple(self.acts))
        object.__setattr__(self, "pauses", _settled(self.pauses))
        short = [f.name for f in fields(self) if getattr(self, f.name) != f.default]
        both = [name for name in short if name in _SHORT and self.acts]
        if both:
            raise SceneError(
                f"Timeline(acts=[…], {both[0]}={getattr(self, both[0])!r}): the acts say it all; "
                f"leave {both[0]} out, or the acts"
            )

    @property
    def _pauses(self) -> tuple[tuple[float | Event, str], ...]:
        return cast("tuple[tuple[float | Event, str], ...]", self.pauses)  # they are settled

    def _own_seconds(self) -> float:
        lengths = [act.seconds for act in self.acts]
        fixed = [s for s in lengths if s is not None]
        return sum(fixed) if self.acts and len(fixed) == len(lengths) else _SECONDS

    def _check_numbers(self) -> None:
        for name, value, low, high in (
            ("seconds", self.seconds, 0.05, LONGEST),
            ("fps", self.fps, 1.0, 240.0),
            ("hold_first", self.hold_first, 0.0, LONGEST),
            ("hold_last", self.hold_last, 0.0, LONGEST),
            ("pause", self.pause, 0.05, LONGEST),
            ("stretch", self.stretch, 1e-9, 1e9),
            ("smooth", self.smooth, 0.0, LONGEST),
        ):
            if not isinstance(value, int | float) or not low <= value <= high:
                raise SceneError(
                    f"Timeline({name}={value!r}): expected a number from {low:g} to {high:g}"
                )

    def _check_room(self) -> None:
        """Refuse acts that do not fill the film, or more than that."""
        lengths = [act.seconds for act in self.acts]
        fixed = self.stretch * sum(s for s in lengths if s is not None)
        if self.acts and fixed > self.seconds + _SLACK:
            raise SceneError(
                f"Timeline(seconds={self.seconds:g}): its acts alone take {fixed:g}; make the film "
                "longer or them shorter"
            )
        if None in lengths and fixed > self.seconds - _SLACK:
            raise SceneError(
                f"Timeline(seconds={self.seconds:g}): its acts take {fixed:g}, which leaves "
                f"nothing for act {lengths.index(None) + 1}; make the film longer or them shorter"
            )
        if self.acts and None not in lengths and fixed < self.seconds - _SLACK:
            raise SceneError(
                f"Timeline(seconds={self.seconds:g}): its acts take only {fixed:g}; leave the "
                "film's seconds out, or those of an act that trains"
            )


def _settled(pauses: Pauses) -> tuple[tuple[float | Event, str], ...]:
    """Return pauses in the order of their epochs, those at events behind."""
    try:
        pairs = pauses.items() if isinstance(pauses, Mapping) else pauses
        given = [(event_in(w) if isinstance(w, str) else w, c) for w, c in pairs]
        events = [each for each in given if isinstance(each[0], Event)]
        epochs = [(w, c) for w, c in given if not isinstance(w, Event)]
        epochs.sort(key=lambda pause: pause[0])
        settled = (*epochs, *events)
        right = all(0 <= epoch < inf for epoch, _ in epochs)
        right &= all(isinstance(caption, str) for _, caption in settled)
    except (TypeError, ValueError):
        right = False
    if not right:
        raise SceneError(
            f"Timeline(pauses={pauses!r}): expected captions by their epochs or events, as "
            '{40: "Now the line falls"}'
        )
    return settled


ClockFace = Literal["epochs", "share"]  # what scenes side by side have in common at a time
