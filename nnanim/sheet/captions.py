"""Captions: what stands below each of several tiles, and how well it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nnanim.drawing.surface import Box, Placement, Surface
from nnanim.drawing.typesetter import width
from nnanim.film.film import Film
from nnanim.marks import Points, Text
from nnanim.sheet.scale import SMALL, TICK
from nnanim.sheet.strip import score_text, tile_role, tile_shape

_SMALLEST = 0.7  # of its full size, before a caption is cut
_SWATCH = 13.0  # as the playheads in the strip


@dataclass(frozen=True, eq=False)
class Caption:
    """A label, the score so far, and the mark by which the strip knows this tile."""

    tile: Film
    number: int
    label: str
    named: bool  # whether there is room for the score's name
    size: float
    box: Box  # of the swatch

    def text(self, t: float) -> str:
        """Return the caption at `t` seconds: "width = 2 · accuracy 53 %"."""
        moment, diverged = self.tile.moment(t), self.tile.header.diverged_at
        if diverged is not None and moment >= self.tile.epochs:
            return self.tile.words("{label} · diverged in epoch {n}", label=self.label, n=diverged)
        if not self.tile.score_name:
            return self.label
        return f"{self.label} · {_score(self.tile, self.tile.score(moment), self.named)}"

    def draw(self, surface: Surface, t: float) -> None:
        """Draw swatch and text."""
        mark = Points(np.array([[0.35, 0.45]]), tile_role(self.number), size=_SWATCH,
                      shape=tile_shape(self.number))  # fmt: skip
        surface.draw(mark, Placement(self.box, (0.0, 1.0), (0.0, 1.0)))
        at = (self.box.right, self.box.top + 0.8 * self.size)
        surface.write(Text(at, self.text(t), size=self.size))


def captions_for(
    film: Film, boxes: Sequence[Box], font: str, text: float, stroke: float, ticked: bool
) -> list[Caption]:
    """Return the caption of each tile, all of one size; none reaches the next tile's.

    Where there is no room, the score's name goes, then size, then the parameter's name, then the
    ends of labels. With `ticked`, the panel's ticks stand between it and its caption.
    """
    if not boxes:
        return []
    full = SMALL * text
    swatch = 1.5 * max(_SWATCH * stroke, 0.5 * full)
    room = _pitch(boxes) - swatch - 0.6 * full
    scores = [_widest_score(tile) for tile in film.tiles]

    def widest(labels: Sequence[str], size: float, named: bool) -> float:
        texts = [
            f"{label} · {_score(tile, score, named)}"
            for label, tile, score in zip(labels, film.tiles, scores, strict=True)
        ]
        return max(width(text, font, size) for text in texts)

    labels = whole = list(film.captions)
    named = widest(labels, full, named=True) <= room
    if widest(labels, _SMALLEST * full, named) > room:
        labels = whole = [_values(text) for text in labels]
    size = full
    while size > _SMALLEST * full and widest(labels, size, named) > room:
        size *= 0.97
    letters = max(map(len, labels))
    while letters > 1 and widest(labels, size, named) > room:
        letters -= 1
        labels = [text if len(text) <= letters else text[: letters - 1] + "…" for text in whole]
    below = ((1.5 * TICK if ticked else 0.3 * TICK) + 1.15 * SMALL) * text
    return [
        Caption(
            tile,
            k,
            label,
            named,
            size,
            Box(box.left, round(box.bottom + below - 0.8 * size), round(swatch), round(size)),
        )
        for k, (tile, label, box) in enumerate(zip(film.tiles, labels, boxes, strict=True))
    ]


def _values(label: str) -> str:
    """Return a label without the names of its parameters: "3, tanh"."""
    return ", ".join(part.rpartition(" = ")[2] for part in label.split(", "))


def _pitch(boxes: Sequence[Box]) -> int:
    """Return how far a caption may reach: from one panel's left to the next one's."""
    return min(
        (right.left - left.left for left, right in pairwise(boxes) if right.top == left.top),
        default=boxes[0].width,
    )


def _score(tile: Film, score: float, named: bool) -> str:
    text = score_text(tile, score).replace("-", "−")
    return f"{tile.words(tile.score_name)} {text}" if named else text


def _widest_score(tile: Film) -> float:
    """Return the score of the run that takes most room."""
    scores = tile.history.score
    return float(max(scores, key=lambda score: len(score_text(tile, float(score)))))
