"""Fields: which images are a network's answer over a window, so that a page computes them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nnanim import geometry
from nnanim.film.film import Film
from nnanim.marks import Image
from nnanim.network.decision import read_out_parameters
from nnanim.page.traced import INPUT, is_run
from nnanim.types import Floats

_EVERY = 4  # samples, of which one is compared: no act is so short that it is missed
_NEAR = 1e-5

Scores = Callable[[Film, Floats, float], Floats]  # film, the cells' middles, moment


class Fields:
    """Finds the recipes of images in films at `moments` (tiles, samples)."""

    def __init__(
        self, tiles: Sequence[Film], moments: Sequence[Sequence[float]], finest: int
    ) -> None:
        self._tiles = tiles
        self._moments = moments
        self.finest = finest
        self.is_felt = False  # whether any image is kept in fewer cells for it

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
                found = self._same(number, looks, scores)
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

    def _same(self, number: int, looks: Sequence[tuple[int, Image]], scores: Scores) -> int | None:
        """Return of which class the images are the field, with -1 for the one that two have."""
        tile = self._tiles[number]
        left: set[int] | None = None
        for k, image in looks:
            box, side = np.array(image.extent, float).reshape(2, 2), image.field.shape[0]
            cells = geometry.cell_middles(box, side)
            fields = tints_of(tile, scores(tile, cells, self._moments[number][k]))
            field = np.asarray(image.field).reshape(-1)
            same = {i for i, each in fields.items() if np.abs(each - field).max() <= _NEAR}
            left = same if left is None else left & same
            if not left:
                return None
        return min(left or {-1})

    def smaller(self, track: Sequence[Image | None], most: int) -> list[Floats | None]:
        """Return the field of each image of a track in the finest cells, at `most` so many."""
        cells = min(self.finest, most)
        for mark in track:
            self.is_felt |= mark is not None and cells < min(most, max(mark.field.shape))
        return [None if mark is None else smaller_field(mark, cells) for mark in track]


def tints_of(film: Film, scores: Floats) -> dict[int, Floats]:
    """Return the field (n,) of each class, or of both under -1, from scores (n, outputs)."""
    assert film.decision is not None
    probability = film.decision.probability(scores)
    if film.decision.binary:
        return {-1: probability}
    classes = probability.shape[1]
    sure = np.clip((probability * classes - 1) / (classes - 1), 0, 1)
    winner = probability.argmax(axis=1)
    return {k: np.where(winner == k, sure[:, k], 0.0) for k in range(classes)}


def smaller_field(image: Image, cells: int) -> Floats:
    """Return the field of an image in no more cells along a side."""
    low, high = sorted((image.low, image.high))
    field: Floats = np.clip(np.asarray(image.field, np.float64), low, high)
    for axis in (0, 1):
        if field.shape[axis] > cells:
            field = _meaned(field, axis, cells)
    return field


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
