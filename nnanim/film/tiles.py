"""Tiles: films side by side, with one clock and limits that all share."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.film.pace import pace_table
from nnanim.recording.description import header_of_comparison
from nnanim.recording.recording import Recording
from nnanim.scene.comparison import Comparison
from nnanim.scene.timeline import Clock, Timeline
from nnanim.types import Floats


class Tile(Film):
    """A film beside others: any view shows it as it shows a film alone."""

    group: "_Group"

    def moment(self, t: float) -> float:
        """Return the training time in epochs that this tile shows at `t` seconds."""
        return min(self.group.moment(t) / self.stretch, self.epochs)

    def time_at(self, moment: float) -> float:
        """Return the film time in seconds at which that moment is shown."""
        return self.group.time_at(moment * self.stretch)

    def limits(self, layer: str) -> Floats:
        """Return (low, high) for each unit of `layer`, over all tiles that have such a unit.

        The layer looked at is compared with the other tiles' own; any other by its name.
        """
        own = super().limits(layer).copy()
        for tile in self.group.tiles:
            theirs = _alone(tile, tile.layer if layer == self.layer else layer)
            both = min(len(own), len(theirs))
            own[:both, 0] = np.minimum(own[:both, 0], theirs[:both, 0])
            own[:both, 1] = np.maximum(own[:both, 1], theirs[:both, 1])
        return own

    @property
    def clock(self) -> Clock:
        """Whether all tiles show the same epoch, or the same share of their trainings."""
        return self.group.clock

    @property
    def stretch(self) -> float:
        """How many epochs of the common clock pass in one of this training."""
        longest = self.group.longest.epochs
        return longest / self.epochs if self.clock == "share" and self.epochs else 1.0


class ComparisonFilm(Tile):
    """Several tiles as one film; asked itself, it is the longest of their trainings."""

    @property
    def tiles(self) -> "Sequence[Tile]":
        """The films side by side."""
        return self.group.tiles

    @cached_property
    def captions(self) -> Sequence[str]:
        """What stands under each tile: as given, else its name or its network's shape."""
        given, tiles = self.group.captions, self.group.tiles
        names = [tile.header.name for tile in tiles]
        shapes = [" → ".join(map(str, tile.network.widths)) for tile in tiles]
        for captions in (given, names, shapes):
            if len(set(captions)) == len(tiles) and all(captions):
                return tuple(captions)
        return tuple(given) or tuple(str(i) for i, _ in enumerate(tiles, start=1))


class _Group:
    """What tiles have in common."""

    def __init__(
        self, tiles: Sequence[Tile], captions: Sequence[str], clock: Clock, timeline: Timeline
    ) -> None:
        self.tiles = tuple(tiles)
        self.captions = captions
        self.clock = clock
        self.timeline = timeline
        self.longest = max(tiles, key=lambda tile: tile.epochs)

    def moment(self, t: float) -> float:
        """Return the common clock's time at `t` seconds, in epochs of the longest training."""
        progress, moments = self._pace
        return float(np.interp(self.timeline.progress(t), progress, moments))

    def time_at(self, moment: float) -> float:
        """Return the film time in seconds at which the common clock shows `moment`."""
        progress, moments = self._pace
        return self.timeline.time_at(float(np.interp(moment, moments, progress)))

    @cached_property
    def _pace(self) -> tuple[Floats, Floats]:
        return pace_table(
            self.timeline.pace,
            self.longest.sampled_moments(200),
            self.longest.header.steps_per_epoch,
            self._motion_image,
        )

    def _motion_image(self, moment: float) -> Floats:
        """Return what moves in all tiles, each of equal weight."""
        parts = []
        for tile in self.tiles:
            image = tile.motion_image(min(moment / tile.stretch, tile.epochs))
            # What a training that diverges throws off its panel would count for all the others.
            seen = np.clip(np.nan_to_num(image), -1.0, 2.0)
            parts.append(seen / np.sqrt(len(seen)))
        return np.concatenate(parts)


def film_of_tiles(
    comparison: Comparison, recordings: Sequence[Recording], timeline: Timeline
) -> ComparisonFilm:
    """Return the film of a comparison, given the recording of each of its scenes."""
    windows = [recording.header.window for recording in recordings]
    if len({len(window) for window in windows}) == 1:
        spans = np.array(windows, float)
        shared = np.stack([spans[..., 0].min(axis=0), spans[..., 1].max(axis=0)], axis=1).tolist()
        recordings = [
            replace(recording, header=replace(recording.header, window=shared))
            for recording in recordings
        ]
    tiles = [Tile(recording, timeline=timeline) for recording in recordings]
    group = _Group(tiles, comparison.captions, comparison.settled_clock, timeline)
    film = ComparisonFilm(_described(group.longest.recording, comparison), timeline=timeline)
    for tile in (*tiles, film):
        tile.group = group
    return film


def _described(recording: Recording, comparison: Comparison) -> Recording:
    """Return a recording that says of itself what the comparison says."""
    header = header_of_comparison(recording.header, comparison)
    scenes = comparison.scenes
    theme = comparison.theme or scenes[0].theme
    return replace(recording, header=header, scene=replace(scenes[0], theme=theme))


def _alone(tile: Tile, layer: str) -> Floats:
    """Return the tile's own limits of a layer, none where it has no such layer."""
    try:
        return Film.limits(tile, layer)
    except SceneError:
        return np.zeros((0, 2))
