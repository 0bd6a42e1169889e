"""Segments: where one ends on its best state, the film holds that before the training goes on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from nnanim.acts import Act, Hold, Shown, Train
from nnanim.recording.header import Header

_HOLD = 1.2  # seconds that each kept state is held
_MOST = 0.4  # of an act of training, for all that are held on its way

Span = tuple[Act, int, int]  # an act, its first frame, and the one after its last


def borders_of(header: Header, epochs: float) -> list[float]:
    """Return the epochs at which a segment after the first begins, of a training of so many."""
    length = int(header.training.get("epochs", 0)) // int(header.training.get("segments", 1))
    return [float(x) for x in range(length, int(np.ceil(epochs)), length)] if length else []


def held_between(film: Any, spans: Sequence[Span], fps: float) -> list[Span]:
    """Return acts with a hold wherever training passes the end of a segment that kept a state.

    They take their time from the act that trains. One that follows it holds that state itself.
    """
    found: list[Span] = []
    for i, span in enumerate(spans):
        following = spans[i + 1][0] if i + 1 < len(spans) else None
        found += _parted(film, span, following, fps) if isinstance(span[0], Train) else [span]
    return [(_captioned(film, act), first, stop) for act, first, stop in found]


def _parted(film: Any, span: Span, following: Act | None, fps: float) -> Iterator[Span]:
    """Give an act of training as the parts between the states that are held, and these."""
    act, first, stop = span
    assert isinstance(act, Train)
    start, to = act.start or 0.0, float(act.to)  # type: ignore[arg-type]  # both are settled
    held = [cut for cut in film.clock.cuts if start < cut <= to]
    if held[-1:] == [to] and isinstance(following, Hold) and following.shown(film, 0.0).kept:
        held.pop()
    each = min(round(_HOLD * fps), int(_MOST * (stop - first) / len(held))) if held else 0
    if not each:
        yield span
        return
    ends = [*held, *([to] if held[-1] < to else [])]
    ways = [film.clock.way(act.pace, part) for part in pairwise([start, *ends])]
    room = stop - first - each * len(held)
    shares = np.array([0.0, *accumulate(ways)]) / (sum(ways) or 1.0)
    begun, at = start, first
    for share, before, end in zip(shares[1:], shares, ends, strict=False):
        frames = round(room * share) - round(room * before)
        chapter = act.chapter if at == first else ""
        yield replace(act, start=begun, to=end, chapter=chapter), at, at + frames
        at += frames
        if end in held:
            kept = Hold(each / fps, act.caption, at=Shown(end, kept=True))
            yield kept, at, at + each
            at += each
        begun = end


def _captioned(film: Any, act: Act) -> Act:
    """Return a hold of a kept state with a caption that says so, where it has none of its own."""
    if not isinstance(act, Hold) or act.caption or not isinstance(act.at, Shown) or not act.at.kept:
        return act
    moment, words = act.at.moment, film.words
    ends = [tile.recorded.cut_at(moment / tile.stretch) for tile in film.tiles]
    kept = {i: film.tiles[i].kept(end).epoch for i, end in enumerate(ends) if end is not None}
    if len(set(kept.values())) > 1:
        return replace(act, caption=words("kept: the best epoch of each"))
    (i, epoch), *_ = kept.items()
    of = "" if len(kept) == len(film.tiles) else f"{film.names[i]} · "  # the others train on
    return replace(act, caption=f"{of}{words('kept: epoch {n}', n=f'{epoch:g}')}")
