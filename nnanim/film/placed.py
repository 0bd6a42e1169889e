"""Placed acts: the acts of a film, each with the time that it takes in it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

import numpy as np

from nnanim.acts import Act, Shown
from nnanim.errors import SceneError, during
from nnanim.film.segments import held_between
from nnanim.scene.act_checks import beyond
from nnanim.scene.timeline import Timeline

_LOOKS = 33  # at an act of the author's own, for how far it goes

_log = logging.getLogger("nnanim")


@dataclass(frozen=True)
class Placed:
    """An act from its `begin` to its `end` in seconds of film; it is over at `whole`.

    Its first frame is at `begin`; that at `end` belongs to the next act. Where that goes on from
    what is shown then, this one is over by its first frame, else by its own last.
    """

    act: Act
    begin: float
    end: float
    whole: float

    def shown(self, film: Any, t: float) -> Shown:
        """Return what it shows at `t` seconds of the film."""
        if t >= self.whole:
            return shown_by(self.act, film, 1.0)
        share = (t - self.begin) / (self.whole - self.begin) if t > self.begin else 0.0
        return shown_by(self.act, film, share)


def placed_acts(film: Any, timeline: Timeline) -> tuple[Placed, ...]:
    """Return the acts of a film in order, without those that are shorter than a frame."""
    acts, before = [], Shown(0.0)
    timeline = timeline.settled(film.comes_to)
    if film.epochs > 0:  # of an untrained network nobody knows how far it comes
        film.recorded.once("told of an early end", lambda: _tell_early_end(film, timeline))
    for act in timeline.sequence:
        follows = getattr(act, "after", None)
        with during(f"the act {type(act).__name__}"):
            acts.append(act if follows is None else follows(film, before))
        before = shown_by(acts[-1], film, 1.0)
    ends = timeline.ends(_shares(film, acts))
    spans = [span for span in zip(acts, [0, *ends], ends, strict=False) if span[2] > span[1]]
    spans = held_between(film, spans, timeline.fps)
    placed = []
    for i, (act, first, stop) in enumerate(spans):
        goes_on = i + 1 < len(spans) and _meet(film, act, spans[i + 1][0])
        whole = timeline.time(stop if goes_on else stop - 1)
        placed.append(Placed(act, timeline.time(first), timeline.time(stop), whole))
    return tuple(placed)


def _tell_early_end(film: Any, timeline: Timeline) -> None:
    """Say in one line where acts go beyond the end of a training that ended before its time."""
    for number, epoch in islice(beyond(timeline.sequence, film.epochs), 1):
        _log.warning(
            "the training ended at epoch %g, before epoch %g, to which act %d of the film goes: "
            "from there on, its end is shown", film.epochs, epoch, number,
        )  # fmt: skip


def shown_by(act: Act, film: Any, u: float) -> Shown:
    """Return what an act shows; `SceneError` for what is no moment of a training."""
    name = type(act).__name__
    with during(f"the act {name}"):
        shown = act.shown(film, u)
    if not isinstance(shown, Shown) or not isfinite(shown.moment):
        raise SceneError(
            f"the act {name} shows {shown!r}: expected acts.Shown(moment), an epoch of the training"
        )
    return shown


def _meet(film: Any, act: Act, following: Act) -> bool:
    """Return whether an act begins with what the one before it ends with."""
    return shown_by(act, film, 1.0) == shown_by(following, film, 0.0)


def _shares(film: Any, acts: Sequence[Act]) -> list[float]:
    """Return how far each act without seconds goes, by its own pace or else by motion."""
    open_ = [act for act in acts if act.seconds is None]
    if len(open_) < 2:
        return [float(act.seconds is None) for act in acts]
    return [_way(film, act) if act.seconds is None else 0.0 for act in acts]


def _way(film: Any, act: Act) -> float:
    if (way := getattr(act, "way", None)) is not None:
        return float(way(film))
    moments = [shown_by(act, film, float(u)).moment for u in np.linspace(0, 1, _LOOKS)]
    return film.clock.way(getattr(act, "pace", "motion"), moments)  # type: ignore[no-any-return]
