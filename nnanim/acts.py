"""Acts: a film is a sum of them, each a stretch of it with a clock of its own.

    from nnanim import Timeline, acts

    Timeline(seconds=30, acts=[
        acts.Hold(1.5, caption="Nothing is learnt yet"),
        acts.Train(to=40, seconds=6, chapter="Rings"),
        acts.Hold(2, caption="Now the line falls"),
        acts.Train(),
        acts.Hold(3),
    ])

An act is any frozen value with `seconds`, `caption`, `chapter` and `shown(film, u)`. One that goes
on where the act before it ends also has `after(film, before)`, which returns it with that settled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Literal, Protocol, get_args

from nnanim.errors import SceneError, unknown
from nnanim.events import Event, event_in

__all__ = ["Act", "Hold", "Morph", "Shown", "Train"]

Pace = Literal["motion", "epochs", "steps", "log"]
PACES: tuple[str, ...] = get_args(Pace)


@dataclass(frozen=True)
class Shown:
    """What a film shows at a time: a `moment` of the training, in epochs.

    `depth` is how far through the layers a morph has gone, from 0 to the last; None outside of
    one. `kept` says that the state is the one that a segment of the training kept at that moment.
    """

    moment: float
    depth: float | None = None
    kept: bool = False


class Act(Protocol):
    """A stretch of film; `film` is a `nnanim.Film`."""

    @property
    def seconds(self) -> float | None:
        """How long it lasts; None: its share of what is left of the film, by how much moves."""

    @property
    def caption(self) -> str:
        """What is said meanwhile; "" for nothing."""

    @property
    def chapter(self) -> str:
        """The chapter that begins here; "" where the one before goes on."""

    def shown(self, film: Any, u: float) -> Shown:
        """Return what is shown when the share `u` of the act, from 0 to 1, is over."""


@dataclass(frozen=True)
class Hold:
    """The picture stands still for some seconds: at an epoch, else where the act before ended."""

    seconds: float = 2.0
    caption: str = ""
    chapter: str = ""
    at: float | Shown | None = None

    def __post_init__(self) -> None:
        _expect_epoch("Hold(at", self.at.moment if isinstance(self.at, Shown) else self.at)

    def after(self, film: Any, before: Shown) -> "Hold":
        """Return the same hold of what it follows, or of its epoch."""
        if self.at is None:
            return replace(self, at=_standing(film, before))
        at = self.at
        return replace(self, at=at if isinstance(at, Shown) else Shown(min(at, film.epochs)))

    def shown(self, film: Any, u: float) -> Shown:
        """Return what stands still."""
        del film, u
        return self.at if isinstance(self.at, Shown) else Shown(self.at or 0.0)


@dataclass(frozen=True)
class Train:
    """The training goes on to the epoch `to`, to an event, or to its end, at a pace.

    An event that does not happen is taken for the end. `pace` says how training time passes
    meanwhile: by how far the picture moves ("motion"), evenly in epochs or in optimiser steps, or
    evenly in log(1 + steps) ("log"). It begins at the epoch `start`, else where the act before
    ended.
    """

    to: float | Event | str | None = None
    seconds: float | None = None
    caption: str = ""
    chapter: str = ""
    pace: Pace = "motion"
    start: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.to, str):
            object.__setattr__(self, "to", event_in(self.to))
        if not isinstance(self.to, Event):
            _expect_epoch("Train(to", self.to)
        _expect_epoch("Train(start", self.start)
        if self.pace not in PACES:
            raise SceneError(unknown("pace", self.pace, PACES))

    def after(self, film: Any, before: Shown) -> "Train":
        """Return the same act with both its epochs settled."""
        last: float = film.epochs
        start = min(before.moment if self.start is None else self.start, last)
        to = film.comes_to(self.to) if isinstance(self.to, Event) else self.to
        to = last if to is None else min(float(to), last)
        return replace(self, start=start, to=max(start, to))

    def shown(self, film: Any, u: float) -> Shown:
        """Return the moment of the training that its pace has reached."""
        start, to = self.start or 0.0, self.to
        if to is None or isinstance(to, Event | str):
            to = film.epochs
        moment = film.clock.paced(self, start, to, u)
        # From the end of a segment the training goes on from the state that was kept there.
        return Shown(moment, kept=moment == start and start in film.clock.cuts)


@dataclass(frozen=True)
class Morph:
    """Space goes through the layers, one after another, while training stands.

    `layers` are the names of those that it passes, in order; left out, all hidden ones. All acts
    of a film pass the same. `seconds` left out are its share of what is left, about 1.25 for each
    thing that a layer does. It is seen in `views.Depth`, which stands on the last of the layers
    before it and behind.
    """

    layers: Sequence[str] | None = None
    seconds: float | None = None
    caption: str = ""
    chapter: str = ""
    at: Shown | None = None

    def __post_init__(self) -> None:
        given = self.layers
        if isinstance(given, list | tuple) and given and all(isinstance(n, str) for n in given):
            object.__setattr__(self, "layers", tuple(given))
        elif given is not None:
            raise SceneError(
                f'Morph(layers={given!r}): expected names of layers, as ["hidden1", "hidden2"]'
            )
        if not isinstance(self.at, Shown | None):
            raise SceneError(f"Morph(at={self.at!r}): expected acts.Shown(moment)")

    def after(self, film: Any, before: Shown) -> "Morph":
        """Return the same act at the moment of what it follows."""
        return self if self.at is not None else replace(self, at=_standing(film, before))

    def way(self, film: Any) -> float:
        """Return what share it has of the time that is left, where the whole training has 1."""
        return float(film.passing_seconds) / _TRAINING

    def shown(self, film: Any, u: float) -> Shown:
        """Return how deep it has come."""
        return replace(self.at or Shown(0.0), depth=film.depth_after(u))


_TRAINING = 8.0  # seconds that the whole training has beside a morph at its own speed


def _standing(film: Any, before: Shown) -> Shown:
    """Return what stands still behind what was shown: at a segment's end, its best state."""
    return replace(before, depth=None, kept=before.kept or before.moment in film.clock.cuts)


def _expect_epoch(what: str, came: object) -> None:
    if came is not None and not (
        isinstance(came, int | float) and isfinite(came) and came >= 0 and came is not True
    ):
        raise SceneError(f"{what}={came!r}): expected an epoch of 0 or more, as 40")


def __dir__() -> list[str]:
    return __all__
