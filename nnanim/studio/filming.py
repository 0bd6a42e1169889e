"""Filming: the contents of a page for a scene with its knobs as they are, soon and then whole."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nnanim import __version__
from nnanim.acts import Hold, Train
from nnanim.drawing.letters import Letters
from nnanim.engines.wire import Message
from nnanim.film.film import Film
from nnanim.page.capture import shots_of
from nnanim.page.contents import Contents, Told
from nnanim.page.samples import Samples
from nnanim.page.traced import traced
from nnanim.recording.header import Header
from nnanim.recording.record import record_run
from nnanim.rendering.filming import film_from, film_of, sheet_of
from nnanim.rendering.pages import PAGE
from nnanim.rendering.pictures import provenance
from nnanim.rendering.subject import Subject, look_for, timeline_for
from nnanim.scene.scene import Scene
from nnanim.sheet.look import Look
from nnanim.sheet.sheet import Sheet
from nnanim.studio.graphs import graph_told
from nnanim.studio.handles import handles_told
from nnanim.threads import Progress
from nnanim.training.run import prepare, starting_at
from nnanim.types import State

_FINEST = 48  # cells along a side of a field that is kept as it is
_SOME, _MOST = 40, 300  # samples of a film that grows or stands still, and of a whole one
_NEAR = 1e-4  # of a training: moments that are one
_FEW = 3  # samples of a film whose present picture is all that is waited for

Grown = Callable[[Film], None]


def filmed(
    subject: Subject,
    progress: Progress,
    grown: Grown | None = None,
    start: State | None = None,
) -> Film:
    """Return the film of a subject, trained here and now; of a comparison, as the cache holds it.

    `grown` is given the film of a long training as far as it has come. `start` is the state from
    which a scene is trained, in place of its own.
    """
    timeline = timeline_for(subject, PAGE, None, None)
    if not isinstance(subject, Scene):
        return film_of(subject, timeline, _look(subject), progress=progress)
    told = None if grown is None else lambda begun: grown(film_from(subject, [begun], timeline))
    run = prepare(subject)
    if start is not None:
        run = starting_at(run, start)
    recording = record_run(subject, run, progress=progress, grown=told)
    if start is not None:
        recording = replace(recording, header=marked(recording.header, "resumed"))
    return film_from(subject, [recording], timeline)


def marked(header: Header, word: str) -> Header:
    """Return a header whose title says what is no more as the scene declares it."""
    ours = {name: what for name, what in header.ours.items() if name != "title"}
    return replace(header, title=f"{header.title} ({word})", ours=ours)


class Contenting:
    """Makes the contents of a page from a film, of few samples or of all."""

    def __init__(self, film: Film, subject: Subject) -> None:
        self._look = _look(subject)
        self._sheet: Sheet = sheet_of(traced(film), self._look)
        self._told = Told(provenance(film.header), film.header.description)

    def at(self, t: float, moment: float, progress: Progress) -> Message:
        """Return contents that are exact at a time that shows a moment, `t` if that does."""
        film = self._sheet.film
        seconds = film.timeline.times[-1]
        t, moment = min(t, seconds), min(moment, film.epochs)
        if 0 < t < seconds and abs(film.moment(t) - moment) > _NEAR * film.epochs:
            t = min(film.time_at(moment), seconds)
        even = [seconds * k / (_FEW - 1) for k in range(_FEW)]
        times = tuple(sorted({*even, t}))
        return self._message(Samples(times, times), progress)

    def some(self, progress: Progress) -> Message:
        """Return contents of some samples, for a film that soon is another."""
        return self._spread(_SOME, progress)

    def whole(self, progress: Progress) -> Message:
        """Return contents as a page has them; fewer samples where the training stands still."""
        acts = self._sheet.film.timeline.acts
        still = bool(acts) and all(isinstance(act, Hold) for act in acts)
        return self._spread(_SOME if still else _MOST, progress)

    def _spread(self, most: int, progress: Progress) -> Message:
        timeline = self._sheet.film.timeline
        samples = Samples.of(self._sheet.film, timeline.times, timeline.fps, most)
        return self._message(samples, progress)

    def _message(self, samples: Samples, progress: Progress) -> Message:
        shots = shots_of(self._sheet, samples.film, progress)
        contents = Contents(
            self._look.theme,
            Letters(self._sheet.font),
            finest=_FINEST,
            between=lambda: progress("contents", 1, 1),
        )
        contents.add(self._sheet, samples, shots, self._told)
        told = contents.told([], __version__)
        graph = graph_told(self._sheet, contents.arrays)
        return Message(
            {
                "contents": told,
                "furniture": contents.furniture,
                "handles": handles_told(self._sheet),
                "graph": graph,
            },
            contents.arrays.plain,
        )


def unpaced(film: Film) -> Film:
    """Return the film at a pace of epochs, which asks nobody how far the picture moves."""
    timeline = film.timeline
    acts = [replace(a, pace="epochs") if isinstance(a, Train) else a for a in timeline.acts]
    return film.on(replace(timeline, acts=acts) if acts else replace(timeline, pace="epochs"))


def _look(subject: Subject) -> Look:
    return look_for(subject, PAGE.size, None, False)


def numbered(message: Message, **told: Any) -> Message:
    """Return a message that tells more."""
    return replace(message, told={**told, **message.told})
