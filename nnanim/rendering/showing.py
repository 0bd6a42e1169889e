"""Showing: a page, a film or the picture of its end, where one works: a notebook or a prompt."""

import shutil
import tempfile
import time
import weakref
from functools import partial
from pathlib import Path

from nnanim.errors import told
from nnanim.film.film import Film
from nnanim.recording.record import kept_recording, training_seconds
from nnanim.recording.recording import Recording
from nnanim.rendering import notebook
from nnanim.rendering.bars import messages_in, progress_bar, progress_in
from nnanim.rendering.filming import film_of, renderer_of, still_of
from nnanim.rendering.pages import PAGE, knobs_of, page_from
from nnanim.rendering.pictures import Still, png, shots_of
from nnanim.rendering.subject import Subject, declared_timeline, look_for, parts_of, retimed
from nnanim.rendering.video import Video
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene
from nnanim.scene.timeline import Timeline
from nnanim.sheet.look import Look
from nnanim.themes import Theme
from nnanim.threads import Progress
from nnanim.training.run import prepare
from nnanim.writers import FORMATS
from nnanim.writers.format import DEFAULTS, Format

_SECONDS, _RATE = 8.0, 30.0  # of a film that is shown, and of its frames
_PATIENCE = 2.0  # seconds that a training may take for the picture of its end
_STILL = (1280, 720)
_FILM = (640, 360)


def show(
    shown: Subject | Film,
    size: tuple[int, int] | None,
    seconds: float | None,
    theme: str | Theme | None,
    film: bool,
) -> Video:
    """Return the page or the film of a subject in a temporary file; see `Shows.show`.

    In a notebook it stands below the cell, in the place of the bars that told how far it was.
    """
    subject = shown.recording if isinstance(shown, Film) else shown
    declared = shown.timeline if isinstance(shown, Film) else declared_timeline(subject)
    if declared in (None, Timeline()):
        declared = Timeline(seconds=_SECONDS)
    kind = FORMATS["mp4"] if film else PAGE
    look = look_for(subject, size or (_FILM if film else kind.size), theme, False)
    timeline = retimed(declared, min(declared.fps, _RATE), seconds)
    if notebook.cell() is None:
        named = subject.header if isinstance(subject, Recording) else subject
        with progress_bar(named.name) as progress:
            return _made(kind, shown, timeline, look, progress)
    place = notebook.Place()
    with progress_in(place) as progress:
        video = _made(kind, shown, timeline, look, progress)
    place.show(video.bundle())
    return video


def bundle_of_end(subject: Scene | Comparison) -> dict[str, str]:
    """Return for a notebook the picture of a film's end, else in a few lines what it is.

    That is so where the training would take long, and where something is wrong, which they then
    tell.
    """
    lines = repr(subject)
    if notebook.shell() is not None and notebook.cell() is None:  # a terminal shows no pictures
        return {"text/plain": lines}
    place = notebook.Place()
    try:
        with messages_in(place):
            end = _end(subject)
    except Exception as error:  # nobody asked for a film: a traceback would be out of place
        return {"text/plain": f"{lines}\n  it cannot be shown: {told(error)}"}
    finally:
        place.clear()
    return {**({} if end is None else end._repr_mimebundle_()), "text/plain": lines}


def _end(subject: Scene | Comparison) -> Still | None:
    """Return the picture of a film's end; None where the training takes long."""
    try:
        if _seconds(subject) > _PATIENCE:
            return None
        film = film_of(subject, progress=_patience(2 * _PATIENCE))
    except _TooLongError:
        return None
    return still_of(film, film.timeline.seconds, _STILL, None)


class _TooLongError(Exception):
    """A training takes longer than its first steps foretold."""


def _seconds(subject: Scene | Comparison) -> float:
    """Return about how long what is still to be trained takes."""
    scenes = [part for part in parts_of(subject) if isinstance(part, Scene)]
    runs = [(scene, prepare(scene)) for scene in scenes]
    return sum(training_seconds(run) for scene, run in runs if kept_recording(scene, run) is None)


def _patience(seconds: float) -> Progress:
    """Return a progress that ends a training which goes on for so many seconds and is not over."""
    begin: list[float] = []

    def watch(stage: str, done: int, total: int) -> None:
        del stage
        begin.append(time.monotonic())
        if begin[-1] - begin[0] > seconds and done < total:
            raise _TooLongError

    return watch


def _made(
    kind: Format,
    shown: Subject | Film,
    timeline: Timeline,
    look: Look,
    progress: Progress | None,
) -> Video:
    """Return a film or its page in a folder that goes when nobody has it any more."""
    knobs = None
    if isinstance(shown, Film):
        film = shown.on(timeline)
    else:
        film, knobs = film_of(shown, timeline, look, progress=progress), knobs_of(shown)
    renderer, times = renderer_of(film, look), timeline.times
    folder = Path(tempfile.mkdtemp(prefix="nnanim-"))
    try:
        path = folder / f"film.{kind.name}"
        if kind is PAGE:
            path.write_bytes(page_from(film, look, times, knobs, progress=progress).content)
        else:
            kind.write(path, shots_of(renderer, times, progress), DEFAULTS)
        video = Video(
            path,
            look.size,
            len(times),
            timeline.fps,
            film.header.description or " ".join(film.header.title.split()),
            kind.name,
            kind.media,
            partial(png, renderer.frame(times[-1])),
            cell=notebook.cell(),
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(video, shutil.rmtree, folder, ignore_errors=True)
    return video
