"""Fields: which images are a network's answer over a window, so that a page computes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim import geometry
from nnanim.film.film import Film
from nnanim.marks import Image
from nnanim.network.decision import read_out_parameters
from nnanim.page.changes import same
from nnanim.page.traced import INPUT, is_run
from nnanim.types import Floats

_EVERY = 4  # samples, of which one is compared: no act is so short that it is missed
_NEAR = 1e-5
_FINER = 2.0  # times the finest cells, where these would lose much
_LOOKS = 8  # samples at which it is seen what they lose
_LOSS = 5.5e-4  # mean square of it, of the span: 33 dB

Scores = Callable[[Film, Floats, float], Floats]  # film, the cells' middles, moment


@dataclass(frozen=True, eq=False)
class Tints:
    """The fields (n,) of all classes: how `sure` each cell is of its `winner`; of two, of one.

    That one is known under -1, and `winner` is None.
    """

    sure: Floats
    winner: NDArray[np.uint8] | None
    classes: range

    @classmethod
    def of(cls, film: Film, scores: Floats) -> "Tints":
        """Return them from scores (n, outputs) at the middles of cells."""
        assert film.decision is not None
        probability = film.decision.probability(scores)
        if film.decision.binary:
            return cls(probability, None, range(-1, 0))
        classes, winner = probability.shape[1], probability.argmax(axis=1)
        best = probability[np.arange(len(winner)), winner]
        sure = np.clip((best * classes - 1) / (classes - 1), 0, 1)
        return cls(sure, winner.astype(np.uint8), range(min(classes, 256)))

    def field(self, k: int) -> Floats:
        """Return the field (n,) of one of the classes."""
        return self.sure if self.winner is None else np.where(self.winner == k, self.sure, 0.0)


class Fields:
    """Finds the recipes of images in films at `moments` (tiles, samples)."""

    def __init__(
        self, tiles: Sequence[Film], moments: Sequence[Sequence[float]], finest: int
    ) -> None:
        self._tiles = tiles
        self._moments = moments
        self.finest = finest
        self.is_felt = False  # whether any image is kept in fewer cells for it
        self._tints: dict[tuple[Any, ...], Tints] = {}  # that images were compared with

    def recipe(self, track: Sequence[Image | None]) -> dict[str, Any] | None:
        """Return what computes a track of images, over one extent; None for others."""
        known = [(k, mark) for k, mark in enumerate(track) if mark is not None]
        _, first = known[0]
        extents = {tuple(mark.extent) for _, mark in known}
        if len(extents) > 1 or len({mark.field.shape for _, mark in known}) > 1:
            return None
        rows, columns = first.field.shape
        if rows != columns or rows < 16:
            return None
        looks = [*known[::_EVERY], known[-1]]
        for number, tile in enumerate(self._tiles):
            if tile.decision is None or not is_run(tile):
                continue
            for start, scores in _ways(tile):
                found = self._same(number, start, looks, scores)
                if found is not None:
                    return {
                        "recipe": "field",
                        "network": number,
                        "from": start,
                        "layer": tile.network.scores,
                        "class": found,
                        "extent": [float(end) for end in first.extent],
                        "side": [rows, columns],
                    }
        return None

    def _same(
        self, number: int, start: str, looks: Sequence[tuple[int, Image]], scores: Scores
    ) -> int | None:
        """Return of which class the images are the field, with -1 for the one that two have."""
        left: set[int] | None = None
        for k, image in looks:
            tints = self._tints_at(number, start, k, image, scores)
            field = np.asarray(image.field).reshape(-1)
            left = set(tints.classes) if left is None else left
            left = {i for i in left if np.abs(tints.field(i) - field).max() <= _NEAR}
            if not left:
                return None
        return min(left or {-1})

    def _tints_at(self, number: int, start: str, k: int, image: Image, scores: Scores) -> Tints:
        """Return what a network tints where an image is, the same for the images of all classes."""
        side = image.field.shape[0]
        known = number, start, k, tuple(image.extent), side
        if known not in self._tints:
            tile, box = self._tiles[number], np.array(image.extent, float).reshape(2, 2)
            cells = geometry.cell_middles(box, side)
            found = scores(tile, cells, self._moments[number][k])
            self._tints[known] = Tints.of(tile, found)
        return self._tints[known]

    def smaller(self, track: Sequence[Image | None], most: int) -> list[Floats | None]:
        """Return the field of each image of a track in the finest cells, at `most` so many.

        They are more where they would lose much; one that does not change is kept as it is.
        """
        known = [mark for mark in track if mark is not None]
        if all(same(known[0].field, mark.field) for mark in known):
            return [None if mark is None else _shown(mark) for mark in track]
        cells = self._cells(known, min(self.finest, most))
        self.is_felt |= any(cells < min(most, max(mark.field.shape)) for mark in known)
        return [None if mark is None else smaller_field(mark, cells) for mark in track]

    def _cells(self, known: Sequence[Image], least: int) -> int:
        """Return in how many cells along a side, at least, images lose little."""
        most = min(round(_FINER * self.finest), max(max(mark.field.shape) for mark in known))
        cells, looks = least, known[:: max(1, len(known) // _LOOKS)]
        while cells < most and any(_lost(mark, cells) > _LOSS for mark in looks):
            cells = min(most, round(1.2 * cells))
        return cells


def smaller_field(image: Image, cells: int) -> Floats:
    """Return the field of an image in no more cells along a side."""
    field = _shown(image)
    for axis in (0, 1):
        if field.shape[axis] > cells:
            field = _meaned(field, axis, cells)
    return field


def _shown(image: Image) -> Floats:
    """Return the field of an image as far as its scale goes."""
    low, high = sorted((image.low, image.high))
    return np.asarray(np.clip(np.asarray(image.field, np.float64), low, high))


def _lost(image: Image, cells: int) -> float:
    """Return how much of an image is lost in so many cells, drawn between their middles."""
    whole, field = _shown(image), smaller_field(image, cells)
    for axis, count in enumerate(whole.shape):
        at = np.clip((np.arange(count) + 0.5) * field.shape[axis] / count - 0.5, 0, None)
        before = np.minimum(at.astype(int), field.shape[axis] - 1)
        after = np.minimum(before + 1, field.shape[axis] - 1)
        share = (at - before).reshape((-1, 1) if axis == 0 else (1, -1))
        field = np.take(field, before, axis) * (1 - share) + np.take(field, after, axis) * share
    return float(np.nanmean((field - whole) ** 2)) / max((image.high - image.low) ** 2, 1e-300)


def _meaned(field: Floats, axis: int, cells: int) -> Floats:
    """Return a field whose cells along an axis are fewer, each the mean of what it covers."""
    count = field.shape[axis]
    ends = np.linspace(0, count, cells + 1)
    sums = np.insert(np.cumsum(field, axis=axis), 0, 0.0, axis=axis)
    low = np.floor(ends).astype(int).clip(0, count - 1)
    share = (ends - low).reshape((-1, 1) if axis == 0 else (1, -1))
    at = np.take(sums, low, axis) * (1 - share) + np.take(sums, low + 1, axis) * share
    return np.asarray(np.diff(at, axis=axis) * (cells / count))


def _ways(film: Film) -> list[tuple[str, Scores]]:
    """Return from which layers on a network's scores are drawn over a window."""
    ways: list[tuple[str, Scores]] = []
    if len(film.window) == 2:
        ways.append((INPUT, Film.scores))
    read_out = film.network.read_out
    seen = read_out.layer if read_out is not None else ""
    if seen and film.network.layer(seen).units == 2:
        ways.append((seen, _read_out))
    return ways


def _read_out(film: Film, cells: Floats, moment: float) -> Floats:
    read_out = film.network.read_out
    assert read_out is not None
    weight, bias = read_out_parameters(read_out, film.replay.state(moment))
    return np.asarray(cells @ weight.T + bias)
