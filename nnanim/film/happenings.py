"""Happenings: what happens in a training, and when; `nnanim.events` are looked for here.

They are looked for at moments over the whole run, and where one is found between two of these, by
halving. What comes and goes in between is not seen.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import evenly
from nnanim.errors import SceneError, unknown
from nnanim.events import Event, accuracy, closes, dies, opens, parts, plateau
from nnanim.film.betti import expect_ripser
from nnanim.film.boundary import Boundary
from nnanim.film.figures import Figures
from nnanim.film.measures import measures_of
from nnanim.film.separability import gap
from nnanim.film.survey import Survey
from nnanim.film.topology import topology_of
from nnanim.types import Floats

_log = logging.getLogger("nnanim")

_LOOKS = 120  # moments at which what takes long is looked for
_HALVINGS = 12
_LEVELS = (0.9, 0.95, 0.99)  # of accuracy, that every film is asked for
_SOME, _ROUNDS = 1_000, 2_000  # samples looked at first, and rounds: see `gap`
_REST, _FALL = 0.1, 0.01  # of the training, and of the loss's whole fall: see `plateau`
_MOST_UNITS = 64  # of a layer, that are listed


@dataclass(frozen=True)
class Happened:
    """An event and the first `moment` at which it happened, in epochs of the picture's clock."""

    event: Event
    moment: float

    def __str__(self) -> str:
        return f"{self.event}, in epoch {self.moment:.4g}"


@dataclass(frozen=True, eq=False)
class Happenings:
    """What happens in one training, whose boundary and figures are known."""

    boundary: Boundary
    figures: Figures

    def check(self, event: Event) -> None:
        """Raise `SceneError` for an event that cannot happen in this training."""
        if reason := self._reason(event):
            raise SceneError(f"the event {str(event)!r} cannot happen here: {reason}")

    def moment(self, event: Event) -> float | None:
        """Return the first moment at which an event happens, in epochs; None where it does not."""
        look = getattr(self, f"_{event.name}")
        key = ("event", event.name, event.given)
        return self.figures.replay.once(key, lambda: look(*event.given))  # type: ignore[no-any-return]

    def known(self) -> Iterator[Event]:
        """Give the events that may happen in this training, of `accuracy` at some levels."""
        network = self.figures.replay.network
        listed = [*(accuracy(level) for level in _LEVELS), closes(), opens(), plateau()]
        for name in network.hidden:
            listed.append(parts(name))
            units = network.layer(name).units
            listed += [dies(name, unit) for unit in range(min(units, _MOST_UNITS))]
        yield from (event for event in listed if not self._reason(event))

    def _reason(self, event: Event) -> str:
        """Return why an event cannot happen; "" where it can."""
        replay, decision = self.figures.replay, self.boundary.decision
        task, two = replay.recording.header.task, decision is not None and decision.binary
        if event.name == "accuracy":
            return "" if decision is not None else f"nothing is classified, the task is {task}"
        if event.name in ("closes", "opens"):
            flat = len(replay.window) == 2 and replay.network.runs
            classes = decision is not None
            return "" if classes and flat else "it is asked of classes over two inputs"
        if event.name in ("probe", "tears"):
            known = replay.network.layer(event.given[1]).name in replay.network.hidden
            if not known:
                return f"{event.given[1]!r} is no hidden layer"
            if decision is None:
                return f"nothing is classified, the task is {task}"
            return self._reason_of_tear(event.given[0]) if event.name == "tears" else ""
        if event.name == "parts":
            replay.network.layer(event.given[0])
            return "" if two else "it is asked of two classes"
        return self._reason_of_unit(*event.given) if event.name == "dies" else ""

    def _reason_of_unit(self, unit: int, name: str) -> str:
        layer = self.figures.replay.network.layer(name)
        if layer.kind != "ReLU":
            return f"{name!r} ends in {layer.kind}, and only a ReLU unit can be off for good"
        last = layer.units - 1
        return "" if unit <= last else f"{name!r} has the units 0 to {last}"

    def _reason_of_tear(self, name: str) -> str:
        expect_ripser()
        classes = self.figures.replay.recording.header.class_names
        return "" if name in classes else f"the classes are {', '.join(classes) or 'without names'}"

    # -- each event, by its name -----------------------------------------------------------------

    def _accuracy(self, level: float) -> float | None:
        there = self.figures.history.score >= level
        return self._reached(there, lambda m: self.figures.score(m) >= level)

    def _loss(self, level: float) -> float | None:
        there = self.figures.history.loss <= level
        return self._reached(there, lambda m: self.figures.loss(m) <= level)

    def _reached(self, there: NDArray[np.bool_], holds: Callable[[float], bool]) -> float | None:
        """Return where what holds at some moments of the history begins to hold."""
        moments = self.figures.history.moments
        return _turn(moments, int(there.argmax()), holds) if there.any() else None

    def _closes(self) -> float | None:
        return _first(self._moments, self.boundary.closed)

    def _opens(self) -> float | None:
        shut, moments = self.moment(closes()), self._moments
        if shut is None:
            return None
        after = np.array([shut, *moments[moments > shut]])
        return _first(after, lambda m: not self.boundary.closed(m))

    def _dies(self, unit: int, layer: str) -> float | None:
        on = self._on(layer)[:, unit]
        last = int(np.flatnonzero(on)[-1]) if on.any() else -1
        if last == len(on) - 1:
            return None
        replay = self.figures.replay

        def off(moment: float) -> bool:
            return not bool((replay.points(layer, moment)[:, unit] > 0).any())

        return _turn(self._moments, last + 1, off)

    def _plateau(self) -> float | None:
        history = self.figures.history
        return plateau_of(history.moments, history.loss)

    def _parts(self, layer: str) -> float | None:
        replay, decision = self.figures.replay, self.boundary.decision
        assert decision is not None
        labels = decision.labels(replay.data.targets)
        some = evenly(len(labels), _SOME)

        def apart(moment: float) -> bool:
            points = replay.points(layer, moment)
            # Clouds part if any few of their points do.
            return _part(points[some], labels[some]) and _part(points, labels)

        return _first(self._moments, apart)

    def _probe(self, level: float, layer: str) -> float | None:
        measures = measures_of(self.figures.replay, self.boundary.decision)
        values = measures.values["probe"][measures.layers.index(layer)]
        reached = np.flatnonzero(values >= level)
        return float(measures.epochs[reached[0]]) if len(reached) else None

    def _tears(self, name: str, layer: str) -> float | None:
        torn = topology_of(self.figures.replay, self.boundary.decision).torn(name, layer)
        return float(torn[0]) if len(torn) else None

    # -- what they look at -----------------------------------------------------------------------

    @property
    def _moments(self) -> Floats:
        return self.figures.replay.sampled_moments(_LOOKS)

    def _on(self, layer: str) -> NDArray[np.bool_]:
        """Return at which moments each unit is above 0 for any sample, (moments, units)."""
        replay = self.figures.replay

        def look() -> NDArray[np.bool_]:
            survey = Survey(replay, _LOOKS)
            return np.array([(seen[layer] > 0).any(axis=0) for seen in survey.of_data([layer])])

        return replay.once(("units on", layer), look)


def plateau_of(moments: Floats, loss: Floats) -> float | None:
    """Return when a loss (n,) at moments (n,) comes to rest; None where it does not."""
    lowest = np.minimum.accumulate(np.where(np.isfinite(loss), loss, np.inf))
    if not np.isfinite(lowest).all() or lowest[0] == lowest[-1]:
        return None
    ahead = moments + _REST * moments[-1]
    still = lowest - np.interp(ahead, moments, lowest) < _FALL * (lowest[0] - lowest[-1])
    found = np.flatnonzero(still & (ahead <= moments[-1]))
    return float(moments[found[0]]) if len(found) else None


class Tile(Protocol):
    """One of the films in a picture."""

    @property
    def happenings(self) -> Happenings:
        """What happens in it."""

    @property
    def stretch(self) -> float:
        """How many epochs of the picture's clock pass in one of its training."""


def check_event(event: Event, tiles: Sequence[Tile], names: Sequence[str]) -> None:
    """Raise `SceneError` for an event that can happen in none of the films that are meant."""
    meant = _meant(event, tiles, names)
    if not any(_may(event, tile) for tile in meant):
        meant[0].happenings.check(event)


def first_moment(event: Event, tiles: Sequence[Tile], names: Sequence[str]) -> float | None:
    """Return when an event happens first in one of the films that are meant; None for never."""
    found = []
    for tile in _meant(event, tiles, names):
        moment = tile.happenings.moment(event) if _may(event, tile) else None
        found += [] if moment is None else [moment * tile.stretch]
    return min(found, default=None)


def tell_missing(event: Event) -> None:
    """Say that an event does not happen; `SceneError` where it is required."""
    if event.required:
        raise SceneError(
            f"the event {str(event)!r} does not happen in the training, and is required: train "
            "otherwise, or leave required=True out"
        )
    _log.warning(
        "the event %r does not happen: a pause at it is left out, an act that trains to it goes on "
        "to the end",
        str(event),
    )


def happened(tiles: Sequence[Tile], names: Sequence[str]) -> tuple[Happened, ...]:
    """Return what has happened in all films of a picture, in the order of the moments."""
    found = []
    for tile, name in zip(tiles, names or [""] * len(tiles), strict=True):
        for event in tile.happenings.known():
            moment = tile.happenings.moment(event)
            if moment is not None:
                found.append(Happened(replace(event, of=name), moment * tile.stretch))
    return tuple(sorted(found, key=lambda each: each.moment))


def _meant(event: Event, tiles: Sequence[Tile], names: Sequence[str]) -> Sequence[Tile]:
    if not event.of:
        return tiles
    if event.of not in names:
        raise SceneError(
            unknown(f"column of the event {str(event)!r}:", event.of, names)
            if names
            else f"the event {str(event)!r} names a column, and this film has one: leave of= out"
        )
    return [tiles[list(names).index(event.of)]]


def _may(event: Event, tile: Tile) -> bool:
    try:
        tile.happenings.check(event)
    except SceneError:
        return False
    return True


def _part(points: Floats, labels: NDArray[np.int64]) -> bool:
    if not np.isfinite(points).all():
        return False
    one, other = points[labels == 0], points[labels == 1]
    return bool(len(one) and len(other) and gap(one, other, _ROUNDS) > 0)


def _first(moments: Floats, holds: Callable[[float], bool]) -> float | None:
    """Return where it begins to hold first; None where it holds at none of the moments."""
    at = next((i for i, moment in enumerate(moments) if holds(float(moment))), None)
    return None if at is None else _turn(moments, at, holds)


def _turn(moments: Floats, at: int, holds: Callable[[float], bool]) -> float:
    """Return where it begins to hold, between the moment before `at` and that one."""
    high = float(moments[at])
    if at == 0:
        return high
    low = float(moments[at - 1])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
