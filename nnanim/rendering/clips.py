"""Clips: a film for each chapter of a film, written while the frames of the whole pass by."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread

from nnanim.errors import UsageError, WriteError
from nnanim.film.film import Film
from nnanim.place import kind_at
from nnanim.rendering.cues import chapters_of
from nnanim.scene.timeline import Timeline
from nnanim.types import Frame
from nnanim.writers.format import Encoding, Format, Shots

Frames = Callable[[], Iterator[Frame]]

_AHEAD = 8  # frames that may wait for a clip's writer
_LONGEST = 60  # letters of a chapter in a file's name
_TICK = 0.2  # seconds


@dataclass(frozen=True)
class Clip:
    """A chapter's film: where it goes, and which frames of the whole it has, from `first` on."""

    place: Path
    first: int
    stop: int


def check_clips(place: Path, timeline: Timeline, encoding: Encoding, bounded: bool) -> None:
    """Raise `UsageError` for a film that has no chapters, and for what clips cannot have."""
    if not any(act.chapter for act in timeline.sequence):
        raise UsageError(
            "--clips makes a film of each chapter, and this one has none: give acts chapters, as "
            'Timeline(acts=[acts.Train(to=40, chapter="Rings"), …])'
        )
    if bounded:
        raise UsageError("--max-size is for one file: leave it out, or --clips")
    if encoding.loop == "pingpong":
        raise UsageError("--loop pingpong goes back through all chapters: leave it out, or --clips")
    if kind_at(folder_of(place)) not in ("", "a folder"):
        raise WriteError(f"{folder_of(place)} is in the way of the clips' folder: move it")


def folder_of(place: Path) -> Path:
    """Return the folder beside a film in which its clips are."""
    return place.with_name(f"{place.stem}.clips")


def clips_of(film: Film, times: Sequence[float], place: Path, kind: Format) -> list[Clip]:
    """Return the clips of a film of such frames, "01-the-rings-come-apart.mp4" and so on."""
    found = []
    for first, stop, (number, title) in chapters_of(film, times):
        name = re.sub(r"\W+", "-", title.lower())[:_LONGEST].strip("-_") or "chapter"
        suffix = "" if kind.folder else f".{kind.name}"
        found.append(Clip(folder_of(place) / f"{number:02}-{name}{suffix}", first, stop))
    return found


def write_with_clips(
    kind: Format,
    place: Path,
    whole: Shots,
    encoding: Encoding,
    clips: Sequence[Clip],
    shots_of: Callable[[Clip], Shots],
) -> None:
    """Write a film and its clips, whose frames are drawn once for both; see `Format.write`.

    `shots_of` gives a clip's shots, which would draw them anew. Raises `WriteError`.
    """
    try:
        folder_of(place).mkdir(exist_ok=True)
    except OSError as error:
        raise WriteError(f"cannot make the folder {folder_of(place)}: {error.strerror}") from error
    under_way: list[_Writing] = []

    def write(clip: Clip, frames: Frames) -> None:
        shots = shots_of(clip)
        planes = None if whole.yuv420 is None else frames
        kind.write(
            clip.place, replace(shots, frames=frames, yuv420=planes, converted=None), encoding
        )

    def tapped(frames: Iterator[Frame]) -> Iterator[Frame]:
        todo = iter(clips)
        clip = next(todo, None)
        for i, frame in enumerate(frames):
            if clip is not None and i == clip.first:
                under_way.append(_Writing(clip, write))
            if under_way:
                under_way[0].give(frame)
            yield frame
            if clip is not None and i + 1 == clip.stop:
                under_way.pop().end()
                clip = next(todo, None)

    planes = whole.yuv420
    given = replace(
        whole,
        frames=lambda: tapped(whole.frames()),
        yuv420=None if planes is None else lambda: tapped(planes()),
        converted=None,
    )
    try:
        kind.write(place, given, encoding)
    finally:
        for writing in under_way:
            writing.give_up()


class _GivenUpError(Exception):
    """The whole film has failed, and its clip with it."""


class _Writing:
    """A clip under way: a thread of its own writes the frames that it is given."""

    def __init__(self, clip: Clip, write: Callable[[Clip, Frames], None]) -> None:
        self._frames: Queue[Frame | None] = Queue(_AHEAD)
        self._over = self._given_up = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, args=(clip, write), daemon=True)
        self._thread.start()

    def give(self, frame: Frame | None) -> None:
        """Hand over a frame, whose memory may be used again; raises what the writer has raised."""
        kept = None if frame is None else frame.copy()
        while not self._over:
            with suppress(Full):
                self._frames.put(kept, timeout=_TICK)
                return
        self._check()

    def end(self) -> None:
        """Wait until the clip is whole."""
        self.give(None)
        self._thread.join()
        self._check()

    def give_up(self) -> None:
        """Leave nothing of it."""
        self._given_up = True
        self._thread.join(timeout=10)

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(
        self, clip: Clip, write: Callable[[Clip, Callable[[], Iterator[Frame]]], None]
    ) -> None:
        try:
            write(clip, self._taken)
        except BaseException as error:
            self._error = error
        finally:
            self._over = True

    def _taken(self) -> Iterator[Frame]:
        while True:
            try:
                frame = self._frames.get(timeout=_TICK)
            except Empty:
                if self._given_up:
                    raise _GivenUpError from None
                continue
            if frame is None:
                return
            yield frame
