"""Made: the page of one sheet or of several to pick from, in as many bytes as it may have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nnanim import __version__
from nnanim.drawing.fonts import tell_of_lacks
from nnanim.drawing.letters import Letters
from nnanim.errors import UsageError
from nnanim.page.capture import shots_of
from nnanim.page.contents import Contents, Told
from nnanim.page.page import html
from nnanim.page.poster import poster_of
from nnanim.page.samples import Samples
from nnanim.sheet.sheet import Sheet
from nnanim.threads import Progress

MOST_BYTES = 8 * 10**6

# What is given up to be smaller: all but one of so many moments, cells along a field's side, all
# but one of so many samples of the data.
_RUNGS = ((1, 48, 1), (2, 48, 1), (2, 32, 1), (2, 32, 2), (4, 32, 4), (8, 24, 8), (8, 24, 32))


@dataclass(frozen=True, eq=False)
class Shown:
    """A sheet of a traced film, the film times of its frames, and what is told of it."""

    sheet: Sheet
    times: Sequence[float]
    fps: float
    told: Told


@dataclass(frozen=True)
class Made:
    """A page, and what was given up so that it is no larger; "" for nothing.

    `samples` are those in time that it was made of, `held` those of the data in it.
    """

    content: bytes
    samples: int
    given_up: str = ""
    held: int = 0


def page_of(
    shown: Sequence[Shown],
    *,
    data: bool = True,
    most: int | None = None,
    knobs: Sequence[Mapping[str, Any]] = (),
    progress: Progress | None = None,
) -> Made:
    """Return the page of sheets, of which `knobs` pick one.

    Without `data`, their films' data are not in it. It takes `most` bytes, left out MOST_BYTES;
    `UsageError` where that cannot be.
    """
    first = shown[0].sheet
    letters = Letters(first.font)
    samples = [Samples.of(each.sheet.film, each.times, each.fps) for each in shown]
    shots = [
        shots_of(each.sheet, own.film, progress) for each, own in zip(shown, samples, strict=True)
    ]
    tell_of_lacks()
    poster = poster_of(first, samples[0].film[-1], data=data)
    bound, content = MOST_BYTES if most is None else most, b""
    for every, finest, fewer_points in _RUNGS:
        contents = Contents(first.look.theme, letters, data, finest, fewer_points)
        count = 0
        for each, own, taken in zip(shown, samples, shots, strict=True):
            fewer, kept = own.thinned(each.sheet.film, every)
            count += len(kept)
            contents.add(each.sheet, fewer, [taken[k] for k in kept], each.told)
        told = contents.told(knobs, __version__)
        content = html(contents, told, first.film.words.language, poster)
        given_up = _given_up(every, contents)
        if len(content) <= bound:
            return Made(content, count, given_up, sum(contents.held.values()))
    raise UsageError(
        f"the page takes {_readable(len(content))} even with {given_up}: "
        f"{_readable(bound)} are too few; show less, or allow more by --max-size"
    )


def _given_up(every: int, contents: Contents) -> str:
    parts = [f"one of {every} moments"] if every > 1 else []
    if contents.thinned > 1:
        parts.append(f"one of {contents.thinned} points")
    if contents.is_coarse and contents.finest < _RUNGS[0][1]:
        parts.append(f"fields of {contents.finest} cells a side")
    return ", ".join(parts)


def _readable(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
