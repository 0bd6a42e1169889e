"""Tiles: films side by side, on one clock and under limits that hold them all."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nnanim.film.clock import Clock
from nnanim.film.film import Film
from nnanim.film.lattice import lattice_of
from nnanim.film.replay import Replay, replay_of
from nnanim.film.spans import Spans
from nnanim.recording.description import header_of_comparison
from nnanim.recording.recording import Recording
from nnanim.scene.comparison import Comparison
from nnanim.scene.directions import Directions
from nnanim.scene.timeline import Timeline


def film_of_tiles(
    comparison: Comparison, recordings: Sequence[Recording], timeline: Timeline
) -> Film:
    """Return the film of a comparison, given the recording of each of its parts.

    Its `tiles` are their films; asked itself, it is that of the longest training.
    """
    replays = [replay_of(recording) for recording in _in_one_window(recordings)]
    names = _names(comparison, replays)
    lattice = lattice_of(comparison, names)
    fineness = 1.0 if lattice is None else lattice.fineness
    spans = [Spans(replay, replays, fineness=fineness) for replay in replays]
    clock = Clock(timeline, spans, comparison.settled_clock)
    tiles = [Film(each.replay.recording, clock=clock, spans=each) for each in spans]
    first = recordings[0].scene or Directions()
    return Film(
        _described(
            clock.longest.replay.recording,
            comparison,
            Directions(theme=comparison.theme or first.theme, words=first.words),
        ),
        clock=clock,
        spans=clock.longest,
        tiles=tiles,
        names=names,
        lattice=lattice,
    )


def _in_one_window(recordings: Sequence[Recording]) -> Sequence[Recording]:
    """Return recordings whose windows all hold every one, where all have inputs of one kind."""
    windows = [recording.header.window for recording in recordings]
    scalings = [recording.header.scaling for recording in recordings]
    alike = len({len(window) for window in windows}) == 1 and scalings.count(scalings[0]) == len(
        scalings
    )
    if not windows[0] or not alike:
        return recordings
    spans = np.array(windows, float)
    shared = np.stack([spans[..., 0].min(axis=0), spans[..., 1].max(axis=0)], axis=1).tolist()
    return [
        replace(recording, header=replace(recording.header, window=shared))
        for recording in recordings
    ]


def _names(comparison: Comparison, replays: Sequence[Replay]) -> tuple[str, ...]:
    """Return what stands under each tile: as given, else its name or its network's shape."""
    given = comparison.names
    own = [replay.recording.header.name for replay in replays]
    shapes = [replay.network.shape.widths for replay in replays]
    for names in (given, own, shapes):
        if len(set(names)) == len(replays) and all(names):
            return tuple(names)
    return tuple(given) or tuple(str(i) for i, _ in enumerate(replays, start=1))


def _described(recording: Recording, comparison: Comparison, directions: Directions) -> Recording:
    """Return a recording that says of itself what the comparison says."""
    header = header_of_comparison(recording.header, comparison)
    return replace(recording, header=header, scene=directions)
