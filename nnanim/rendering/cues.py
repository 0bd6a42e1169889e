"""Cues: what is said in a film and where its chapters begin, in seconds of the file.

They are read off from the frames that a file holds, so a film cut by epochs or of another length
has them where they are in it.
"""

from collections.abc import Sequence
from itertools import accumulate, groupby
from typing import TypeVar

from nnanim.film.film import Film
from nnanim.sheet.sheet import Sheet
from nnanim.writers.tracks import Cue, Tracks

T = TypeVar("T")


def tracks_of(sheet: Sheet, times: Sequence[float]) -> Tracks:
    """Return captions and chapters of a file whose frames show the sheet's film at `times`."""
    film = sheet.film
    fps, silent = film.timeline.fps, sheet.look.captions == "none"
    said = ["" if silent else film.clock.act(t).act.caption for t in times]
    captions = [Cue(a / fps, b / fps, text) for a, b, text in _runs(said) if text]
    chapters = [Cue(a / fps, b / fps, title) for a, b, (_, title) in chapters_of(film, times)]
    return Tracks(tuple(captions), tuple(chapters), drawn=sheet.said is not None)


def chapters_of(film: Film, times: Sequence[float]) -> list[tuple[int, int, tuple[int, str]]]:
    """Return for each chapter its first frame, the one after its last, and its number and title.

    An act without one belongs to the chapter before, and what comes before all to the first. None
    where no act has one.
    """
    titles = [act.act.chapter for act in film.acts]
    named = [title for title in titles if title]
    if not named:
        return []
    begun = list(accumulate(int(title != "") for title in titles))  # how many, by each act
    found = [max(1, begun[film.clock.number(t)]) for t in times]
    return [(a, b, (number, named[number - 1])) for a, b, number in _runs(found)]


def _runs(values: Sequence[T]) -> list[tuple[int, int, T]]:
    """Return each stretch of equal values: where it begins, where it is over, the value."""
    found, at = [], 0
    for value, group in groupby(values):
        end = at + len(list(group))
        found.append((at, end, value))
        at = end
    return found
