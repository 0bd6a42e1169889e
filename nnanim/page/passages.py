"""Passages: what a page needs to take space through a network's layers; see FORMAT.md."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnanim.film.film import Film
from nnanim.film.passage import Passage
from nnanim.film.passing import passing_of
from nnanim.film.stages import INPUT as GIVEN
from nnanim.film.stages import Stage
from nnanim.film.zoom import standing_zoom
from nnanim.network.activations import ACTIVATIONS
from nnanim.page.arrays import Arrays
from nnanim.page.traced import INPUT
from nnanim.page.tracks import shown
from nnanim.types import Floats

_LOOKS = 6  # moments over the film, and all at which it morphs, at which lines may bend
_SAME = 1e-9  # of a line's length: points so near are one


def passage_of(film: Film, times: Sequence[float], arrays: Arrays) -> dict[str, Any]:
    """Return the way through a film's layers, and how deep it has come at `times` in seconds."""
    passage = Passage(film.replay, film.stages, film.epochs)
    words = film.words
    return {
        "stages": [[_told(stage) for stage in own] for own in film.stages],
        "planes": [passage.standing(k).tolist() for k in range(-1, len(film.stages))],
        "zoom": standing_zoom(film.replay, passage),
        "outline": sorted(film.followed.outline),
        "grid": _grid(film, times, arrays),
        "depths": arrays.floats([film.depth(t) for t in times]),
        "stands": _ranges([film.shown(t).depth is None for t in times]),
        "words": {
            "view": words("view ×{factor}", factor="{factor}"),
            "decimal": words("."),
            "swapped": words("units {a} and {b} swapped", a="{a}", b="{b}"),
        },
    }


def _grid(film: Film, times: Sequence[float], arrays: Arrays) -> dict[str, Any]:
    """Return the points of the grid's lines, with more where they bend at any of some moments."""
    every = [film.shown(t) for t in times]
    moments = {each.moment for each in every if each.depth is not None}
    moments |= {each.moment for each in every[:: max(1, len(every) // _LOOKS)]}
    passings = [passing_of(film, moment) for moment in sorted(moments)]
    parts = [np.split(p.grid[GIVEN], np.cumsum(p.lengths[:-1])) for p in passings if p.lengths]
    lines = [_united(several) for several in zip(*parts, strict=True)]
    points = np.concatenate(lines) if lines else np.zeros((0, film.network.inputs))
    return {"points": arrays.floats(points), "lengths": list(map(len, lines))}


def _united(lines: Sequence[Floats]) -> Floats:
    """Return the points (m, inputs) that any of several courses along one line has, in order."""
    alongs = [np.hypot.reduce(np.diff(line, axis=0), axis=1).cumsum() for line in lines]
    along = np.concatenate([np.concatenate([[0.0], each]) for each in alongs])
    points = np.concatenate(lines)
    order = np.argsort(along, kind="stable")
    apart = np.diff(along[order], prepend=-1.0) > _SAME * max(along.max(), 1e-300)
    return np.asarray(points[order][apart])


def _told(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": stage.kind,
        "before": INPUT if stage.before is None else stage.before,
        "after": stage.after,
        "rows": list(stage.rows),
    }
    row = ACTIVATIONS.get(stage.function)
    if row is not None and row.bounded:
        found["box"] = [row.low, row.high]
    return found


def _ranges(flags: Sequence[bool]) -> list[list[int]]:
    """Return from where to where flags are set."""
    ranges = shown([flag or None for flag in flags]) if any(flags) else []
    return [[0, len(flags) - 1]] if ranges is None else ranges
