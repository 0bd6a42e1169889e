"""Nameplates: what is below each of several tiles, its name and how well it does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nnanim.drawing.surface import Box, Placement, Surface
from nnanim.drawing.typesetter import width
from nnanim.film.film import Film
from nnanim.mark_checks import LONGEST
from nnanim.marks import Points, Text
from nnanim.sheet.blocks import Stand
from nnanim.sheet.scale import Scale
from nnanim.sheet.strip import score_text, tile_role, tile_shape
from nnanim.view import Panel

_SWATCH = 13.0  # as the playheads in the strip
_PITCH = 1.3  # of two lines, in heights of their letters
_BELOW = 1.2  # base line of the first, below the panel and its ticks


@dataclass(frozen=True)
class Wording:
    """How much of their nameplates all tiles show, and in how many lines.

    A label is shown whole, without the names of its parameters, or cut to so many letters.
    """

    lines: int
    scored: bool = True  # whether the score's name is shown
    named: bool = True  # whether parameters' names are
    letters: int = LONGEST

    def height(self, scale: Scale) -> int:
        """Return the room that it takes below a tile's last panel, in pixels."""
        return round((_BELOW + 0.35 + _PITCH * (self.lines - 1)) * scale.small)

    def label(self, label: str) -> str:
        """Return as much of a label as is shown."""
        if not self.named:
            label = ", ".join(part.rpartition(" = ")[2] for part in label.split(", "))
        return label if len(label) <= self.letters else label[: self.letters - 1] + "…"


# The fullest first: a second line is taken before anything goes.
WORDINGS = (
    Wording(1),
    Wording(2),
    Wording(2, scored=False),
    Wording(2, scored=False, named=False),
)


@dataclass(frozen=True, eq=False)
class Nameplate:
    """A name, the score so far, and the mark by which the strip knows this tile."""

    tile: Film
    label: str
    number: int
    wording: Wording
    scale: Scale
    left: int
    top: int

    def text(self, t: float) -> str:
        """Return the words at `t` seconds: "width = 2 · accuracy 53 %"."""
        return " · ".join(self._parts(t))

    def draw(self, surface: Surface, t: float) -> None:
        """Draw swatch and text."""
        small, swatch = self.scale.small, swatch_room(self.scale)
        base = round(self.top + _BELOW * small)
        box = Box(self.left, round(base - 0.8 * small), round(swatch), round(small))
        mark = Points(np.array([[0.35, 0.45]]), tile_role(self.number), size=_SWATCH,
                      shape=tile_shape(self.number))  # fmt: skip
        surface.draw(mark, Placement(box, (0.0, 1.0), (0.0, 1.0)))
        parts = self._parts(t)
        lines = [" · ".join(parts)] if self.wording.lines == 1 else parts
        for i, line in enumerate(lines):
            at = (box.right, base + round(i * _PITCH * small))
            surface.write(Text(at, line, size=small))

    def _parts(self, t: float) -> list[str]:
        label = self.wording.label(self.label)
        moment, diverged = self.tile.moment(t), self.tile.header.diverged_at
        if diverged is not None and moment >= self.tile.epochs:
            return [label, self.tile.words("diverged in epoch {n}", n=diverged)]
        if not self.tile.score_name:
            return [label]
        return [label, _score(self.tile, self.tile.score(moment), self.wording.scored)]


def feet_of(
    panels: Sequence[Sequence[Panel]], stands: Sequence[Stand], tiles: int, scale: Scale
) -> list[tuple[int, int]]:
    """Return the top left corner of the room for each tile's nameplate, in pixels.

    `panels` are those of each view, tile after tile; beyond them may be that of the strip, which
    has no stand.
    """
    each, feet = iter(stands), []
    places = [list(zip(own, each, strict=False)) for own in panels]
    for own in [place for place in places if place][-tiles:]:
        ticked = any(panel.x_ticks is not False for panel, _ in own)
        below = round((1.4 if ticked else 0.2) * scale.small)
        feet.append((own[0][1].box.left, max(at.box.bottom for _, at in own) + below))
    return feet


def swatch_room(scale: Scale) -> float:
    """Return the width of a nameplate's mark, with the gap after it."""
    return 1.5 * max(_SWATCH * scale.stroke, 0.5 * scale.small)


def across(film: Film, wording: Wording, scale: Scale, font: str) -> float:
    """Return how many pixels the widest nameplate takes at any time, with a gap after it."""
    widest = max(
        width(line, font, scale.small)
        for label, tile in zip(film.names, film.tiles, strict=True)
        for line in _lines(wording, label, _widest_score(tile, wording.scored))
    )
    return widest + swatch_room(scale) + 0.5 * scale.small


def cut_to(film: Film, room: float, scale: Scale, font: str) -> Wording:
    """Return the last of the wordings, its labels cut until they take no more than `room`."""
    last = WORDINGS[-1]
    letters = max(map(len, film.names))
    while letters > 1 and across(film, replace(last, letters=letters), scale, font) > room:
        letters -= 1
    return replace(last, letters=letters)


def _lines(wording: Wording, label: str, score: str) -> list[str]:
    parts = [part for part in (wording.label(label), score) if part]
    return [" · ".join(parts)] if wording.lines == 1 else parts


def _score(tile: Film, score: float, named: bool) -> str:
    text = score_text(tile, score).replace("-", "−")
    return f"{tile.words(tile.score_name)} {text}" if named else text


def _widest_score(tile: Film, named: bool) -> str:
    """Return the score of the run that takes most room."""
    if not tile.score_name:
        return ""
    return max((_score(tile, float(score), named) for score in tile.history.score), key=len)
