"""Requests: which films are asked for, checked before anything is trained."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from nnanim.errors import UsageError, unknown
from nnanim.film.film import Film
from nnanim.place import check_place
from nnanim.rendering.clips import check_clips
from nnanim.rendering.extras import beside, beside_page
from nnanim.rendering.pages import PAGE, Knobs, check_page, knobs_of
from nnanim.rendering.subject import (
    Subject,
    check_columns,
    last_epoch,
    look_for,
    retimed,
    timeline_for,
)
from nnanim.scene.timeline import Timeline
from nnanim.sheet.look import CAPTIONS, Look
from nnanim.themes import Theme
from nnanim.writers import FORMATS
from nnanim.writers.checks import check_format
from nnanim.writers.format import DEFAULTS, Encoding, Format

_SLACK = 1e-9  # of an epoch: the film's clock counts in floats


@dataclass(frozen=True)
class Cut:
    """The part of a film from one epoch to another; None is the film's own end."""

    start: float | None = None
    stop: float | None = None

    def check(self, last: float) -> None:
        """Raise `UsageError` for what is no part of a training that ends at epoch `last`."""
        start, stop = self.within(last)
        for name, epoch in (("from", start), ("to", stop)):
            if not 0 <= epoch <= last:
                raise UsageError(
                    f"--{name} {epoch:g}: expected an epoch of the training, from 0 to {last:g}"
                )
        if start > stop:
            raise UsageError(f"--from {start:g} --to {stop:g}: expected the earlier epoch first")

    def within(self, last: float) -> tuple[float, float]:
        """Return the epochs at which it begins and ends."""
        return (0.0 if self.start is None else self.start, last if self.stop is None else self.stop)


@dataclass(frozen=True)
class Request:
    """A film asked for: where, and what is not left to the scene or the format.

    `seconds` are those of the file: of the `cut`, where there is one. `captions` says where what
    the acts say goes: into the picture and its files, or there alone. `max_bytes` bounds the file;
    `extras` asks for a poster, alt text, snippets and captions beside it, `clips` for a film of
    each chapter. `data` says whether a page holds the samples.
    """

    path: Path
    format: str | None = None
    size: tuple[int, int] | None = None
    theme: str | Theme | None = None
    lecture: bool = False
    bare: bool = False
    captions: str = "picture"
    fps: float | None = None
    seconds: float | None = None
    cut: Cut = field(default_factory=Cut)
    encoding: Encoding = DEFAULTS
    max_bytes: int | None = None
    extras: bool = False
    clips: bool = False
    data: bool = True


@dataclass(frozen=True)
class Plan:
    """A request with nothing left open: all of it can be done."""

    request: Request
    path: Path  # as it was asked for
    place: Path  # the same, wherever a scene's code goes
    kind: Format
    look: Look
    timeline: Timeline
    count: int | None = None  # of frames in the cut, where its length is asked for
    knobs: Knobs | None = None  # of a page that shows one of several

    def look_of(self, size: tuple[int, int]) -> Look:
        """Return the look at another size, as a bound on the file may ask for."""
        return replace(self.look, size=size)

    def times(self, film: Film) -> list[float]:
        """Return the film times of the frames in order: the whole film, or the part asked for.

        A part of a length of its own is the same part, faster or slower. Raises `UsageError` where
        no frame lies in the cut.
        """
        low, high = self.request.cut.within(film.epochs)
        times = [t for t in self.timeline.times if low - _SLACK <= film.moment(t) <= high + _SLACK]
        if not times:
            raise UsageError(
                f"no frame of the film lies from epoch {low:g} to {high:g}: widen that, or make "
                "the film longer"
            )
        if self.request.cut.stop is not None and _is_begun(film, times):
            times.pop()
        if self.count is not None:
            times = np.linspace(times[0], times[-1], self.count).tolist()
        if self.request.encoding.loop == "pingpong":
            times += times[-2:0:-1]
        return times


def _is_begun(film: Film, times: Sequence[float]) -> bool:
    """Return whether the last of `times` begins an act, with what the one before stood still on."""
    if len(times) < 2:
        return False
    before, last = times[-2:]
    return film.clock.act(last).begin == last and film.moment(before) == film.moment(last)


def plan_films(subject: Subject, requests: Sequence[Request]) -> list[Plan]:
    """Return what is to be done for all requests.

    Raises `UsageError` or `WriteError` for what cannot be, and where two go to one place.
    """
    plans = [_plan(subject, request) for request in requests]
    places = [plan.path.resolve() for plan in plans]
    for plan, place in zip(plans, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(f"{plan.path} is asked for twice: give each film a name of its own")
    return plans


def _plan(subject: Subject, request: Request) -> Plan:
    kind = format_of(request.path, request.format)
    path = request.path
    if kind is PAGE:
        check_page({"fps": request.fps, "loop": request.encoding.loop, "clips": request.clips})
    else:
        check_columns(subject)
        if not request.data:
            raise UsageError(f"--no-data is for html, not for {kind.name}: leave it out")
    if kind.folder and path.suffix == f".{kind.name}":
        path = path.with_suffix("")
    size = request.size or kind.size
    if request.captions not in CAPTIONS:
        raise UsageError(unknown("place of captions", request.captions, CAPTIONS))
    look = look_for(subject, size, request.theme, request.bare, request.lecture)
    look = replace(look, captions=request.captions)
    part = request.cut != Cut()
    timeline = timeline_for(subject, kind, request.fps, None if part else request.seconds)
    count = None
    if part and request.seconds is not None:
        count = retimed(Timeline(), timeline.fps, request.seconds).frames
    check_format(kind, look.size, timeline.fps, look.theme, request.encoding, request.max_bytes)
    request.cut.check(last_epoch(subject))
    if request.clips:
        check_clips(path, timeline, request.encoding, request.max_bytes is not None)
    check_place(path, folder=kind.folder)
    extras = [*beside(path), *(beside_page(path) if kind is PAGE else [])]
    for extra in extras if request.extras else ():
        check_place(extra)
    knobs = knobs_of(subject)
    return Plan(request, path, path.absolute(), kind, look, timeline, count, knobs)


def format_of(path: Path, name: str | None) -> Format:
    """Return the format that a path and a name agree on."""
    known = {**FORMATS, PAGE.name: PAGE}
    suffix = path.suffix.lstrip(".").lower()
    if name is not None and name not in known:
        raise UsageError(unknown("format", name, known))
    if name is not None and suffix in known and suffix != name:
        raise UsageError(f"{path.name} asks for {suffix} but --format for {name}: leave one out")
    if name is None and suffix not in known:
        raise UsageError(unknown(f"format of {path.name!r}", path.suffix, [f".{f}" for f in known]))
    return known[name or suffix]
