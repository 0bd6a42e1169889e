"""Act checks: what is wrong with the acts of a film is said where they are declared."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

from nnanim.acts import Act, Hold, Morph, Shown, Train
from nnanim.errors import SceneError
from nnanim.events import Event

LONGEST = 3600.0  # seconds


def check_act(act: Any) -> None:
    """Raise `SceneError` for what is no act, and for one whose parts are not right."""
    lacks = [part for part in ("seconds", "caption", "chapter") if not hasattr(act, part)]
    lacks += [] if callable(getattr(act, "shown", None)) else ["shown(film, u)"]
    if isinstance(act, type) or lacks:
        lack = "" if isinstance(act, type) else f" has no {', '.join(lacks)}"
        raise SceneError(
            f"the act {act!r}{lack}: expected acts, as acts.Hold(2), or frozen values with "
            "seconds, caption, chapter and shown(film, u)"
        )
    name, seconds = type(act).__name__, act.seconds
    if seconds is None and isinstance(act, Hold):
        raise SceneError("Hold(seconds=None): only what moves has a share of the film, give 2.0")
    counted = isinstance(seconds, int | float) and seconds is not True
    if seconds is not None and not (counted and 0 < seconds <= LONGEST):
        raise SceneError(
            f"{name}(seconds={seconds!r}): expected a number above 0 and up to {LONGEST:g}"
        )
    for part in ("caption", "chapter"):
        if not isinstance(text := getattr(act, part), str):
            raise SceneError(f'{name}({part}={text!r}): expected a text, "" for none')
    try:
        hash(act)
    except TypeError:
        raise SceneError(
            f"the act {name} is no frozen value: declare it with @dataclass(frozen=True), of parts "
            "that cannot change"
        ) from None


def check_order(acts: Sequence[Act], last: float = inf) -> None:
    """Raise `SceneError` for an act that trains to an epoch which those before it have passed.

    One without an epoch trains to the `last`, if that is known.
    """
    reached: float | None = 0.0  # None: nobody knows where an act of the author's own leads to
    for i, act in enumerate(acts, start=1):
        if isinstance(act, Hold):
            reached = _moment(act.at, reached)
        elif isinstance(act, Train):
            start = reached if act.start is None else act.start
            to = _epoch(act.to, last)
            if start is not None and to is not None and to <= start:
                raise SceneError(
                    f"act {i} trains to {_named(to)}, but begins at {_named(start)}: expected acts "
                    "in the order of their epochs"
                )
            reached = to
        elif not isinstance(act, Morph):
            reached = None
    ways = dict.fromkeys(act.layers for act in acts if isinstance(act, Morph))
    if len(ways) > 1:
        told = [", ".join(way) if way else "all hidden layers" for way in ways]
        raise SceneError(
            f"the acts Morph go through {told[0]} and through {told[1]}: expected the same layers "
            "in all of a film"
        )


def check_reach(acts: Sequence[Act], last: float) -> None:
    """Raise `SceneError` for an act that goes beyond the `last` epoch of a training."""
    for number, epoch in beyond(acts, last):
        raise SceneError(
            f"act {number} goes to epoch {epoch:g}: expected an epoch of the training, from 0 to "
            f"{last:g}"
        )


def beyond(acts: Sequence[Act], last: float) -> Iterator[tuple[int, float]]:
    """Give each act that goes beyond the `last` epoch, by its number from 1, and to which."""
    for number, act in enumerate(acts, start=1):
        named = [act.start, _epoch(act.to)] if isinstance(act, Train) else []
        named += [_moment(act.at, None)] if isinstance(act, Hold) else []
        later = [epoch for epoch in named if epoch is not None and last < epoch < inf]
        if later:
            yield number, max(later)


def _moment(at: float | Shown | None, otherwise: float | None) -> float | None:
    return at.moment if isinstance(at, Shown) else otherwise if at is None else at


def _epoch(to: float | Event | str | None, last: float = inf) -> float | None:
    """Return to which epoch is trained, the last for the end; None where an event says it."""
    if isinstance(to, Event | str):
        return None
    return last if to is None else to


def _named(epoch: float) -> str:
    return "the end" if epoch == inf else f"epoch {epoch:g}"
