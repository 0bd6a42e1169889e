"""The sheet of a map: the map, a pixel a training, between its axes and what its shades mean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log10

import numpy as np
from numpy.typing import NDArray

from nnanim.drawing.plate import plate
from nnanim.drawing.surface import Board, Box
from nnanim.drawing.ticks import axis_ticks
from nnanim.drawing.typesetter import shortened, width
from nnanim.marks import Text
from nnanim.scene.values import Axis
from nnanim.sheet.scale import Scale
from nnanim.sweeps.mapped import Map
from nnanim.sweeps.pixels import Named
from nnanim.sweeps.shades import Shades
from nnanim.sweeps.shown import Bar, Coloring, color_of
from nnanim.themes import Theme
from nnanim.types import Frame

_LEAST = 480  # pixels of a side, by which texts are not smaller
_FEW_DECADES = 1.5  # of a log axis, below which its ticks are round numbers
_BAR = 0.8  # how wide a bar is, in heights of a letter, as all below
_TICK_BELOW, _TICK_BESIDE = 1.35, 0.5
_BETWEEN = 2.2  # two bars

Marked = tuple[float, str]  # a share of an axis, and what is written there


@dataclass(frozen=True, eq=False)
class MapSheet:
    """A map's picture (height, width, 4), its axes, what its shades mean, and what is said."""

    picture: Frame
    x: Named
    y: Named
    shades: Shades
    legend: Sequence[Bar]
    title: str
    subtitle: str
    theme: Theme

    @cached_property
    def box(self) -> Box:
        """Where on the sheet the map lies, each training a pixel."""
        high, wide = self.picture.shape[:2]
        small, labels = self._scale.small, [label for _, label in self._up]
        left = max(map(self._wide, labels), default=0) + round(1.6 * small)
        return Box(round(left), round(5.4 * small), wide, high)

    @cached_property
    def size(self) -> tuple[int, int]:
        """How large the sheet is, (width, height)."""
        small, box = self._scale.small, self.box
        texts = [bar.name for bar in self.legend]
        ticks = [label for bar in self.legend for _, label in bar.ticks]
        words = max(
            max(map(self._wide, texts), default=0),
            max(map(self._wide, ticks), default=0) + (_BAR + _TICK_BESIDE) * small,
        )
        return round(box.right + words + 2 * small), round(box.bottom + 3.4 * small)

    def drawn(self) -> Frame:
        """Return the sheet (height, width, 4)."""
        sheet = plate(self.size, self.theme, self._scale.stroke, self.draw)
        parts = [
            (self.graded(bar, box), box) for bar, box in zip(self.legend, self.bars, strict=True)
        ]
        for picture, box in [(self.picture, self.box), *parts]:
            sheet[box.top : box.bottom, box.left : box.right] = picture
        return sheet

    def graded(self, bar: Bar, box: Box) -> NDArray[np.uint8]:
        """Return the colours (height, width, 4) of a bar in its box."""
        places = np.linspace(bar.first, bar.last, box.height).tolist()
        colors = np.array([color_of(self.shades, place) for place in places], np.uint8)
        return np.repeat(colors[:, None], box.width, axis=1)

    @cached_property
    def _scale(self) -> Scale:
        high, wide = self.picture.shape[:2]
        return Scale((max(wide, _LEAST), max(high, _LEAST)), self.theme.text)

    def _wide(self, text: str) -> int:
        return width(text, self.theme.font, self._scale.small)

    @cached_property
    def _up(self) -> list[Marked]:
        size = self._scale.small
        return ticks_of(self.y.axis, lambda _: 1.5 * size, self.picture.shape[0])

    @cached_property
    def _across(self) -> list[Marked]:
        size = self._scale.small
        return ticks_of(self.x.axis, lambda t: self._wide(t) + size, self.picture.shape[1])

    @cached_property
    def bars(self) -> list[Box]:
        """Where the bars of the legend stand, below one another, right of the map."""
        small, box = self._scale.small, self.box
        left, across = round(box.right + small), max(3, round(_BAR * small))
        graded = [bar for bar in self.legend if bar.ticks]
        flat = len(self.legend) - len(graded)
        names = sum(1.4 * small for bar in self.legend if bar.name)
        gaps = (len(self.legend) - 1) * (_BETWEEN - 1.4) * small
        room = box.height - names - gaps - flat * small
        found, top = [], float(box.top)
        for bar in self.legend:
            top += 1.4 * small if bar.name else 0.0
            high = room / len(graded) if bar.ticks else small
            found.append(Box(left, round(top), across, max(1, round(high))))
            top += high + (_BETWEEN - 1.4) * small
        return found

    def draw(self, board: Board) -> None:
        """Draw all but the map and its shades."""
        small, box, scale = self._scale.small, self.box, self._scale
        across, down = self.size
        board.rectangle(Box(0, 0, across, down), "ground")
        room = across - 2 * small
        self._write(board, (small, 1.9 * small), self.title, scale.panel_title, room)
        self._write(board, (small, 3.5 * small), self.subtitle, small, room, "quiet")
        above = box.top - 0.6 * small
        self._write(board, (box.left, above), f"{self.y.name} ↑", small, box.width)
        for share, label in self._up:
            y = box.bottom - 0.5 - share * (box.height - 1) + 0.36 * small
            at = box.left - _TICK_BESIDE * small, y
            board.write(Text(at, label, "quiet", small, "right"))
        for share, label in self._across:
            x = box.left + 0.5 + share * (box.width - 1)
            at = x, box.bottom + _TICK_BELOW * small
            board.write(Text(at, label, "quiet", small, "center"))
        end = box.right, box.bottom + 2.7 * small
        board.write(Text(end, f"{self.x.name} →", size=small, anchor="right"))
        for bar, place in zip(self.legend, self.bars, strict=True):
            self._name(board, bar, place)

    def _name(self, board: Board, bar: Bar, at: Box) -> None:
        """Write what a bar is of, and what its ends are."""
        small = self._scale.small
        if bar.name:
            board.write(Text((at.left, at.top - 0.4 * small), bar.name, size=small))
        for share, label in bar.ticks:
            y = at.top + share * at.height + 0.36 * small
            y = min(max(y, at.top + 0.72 * small), float(at.bottom))
            board.write(Text((at.right + _TICK_BESIDE * small, y), label, "quiet", small))

    def _write(
        self,
        board: Board,
        at: tuple[float, float],
        text: str,
        size: float,
        room: float,
        color: str = "ink",
    ) -> None:
        board.write(Text(at, shortened(text, self.theme.font, size, room), color, size))


def sheet_of(done: Map, coloring: Coloring, theme: Theme, title: str) -> MapSheet:
    """Return the sheet of a map in a theme."""
    pixels, numbers = done.plan.pixels, coloring.shown.numbers(done)
    shades = coloring.shades(numbers)
    subtitle = (
        f"{len(done.plan):,} trainings of {pixels.run.steps:,} steps, by {coloring.shown.sentence}"
    )
    return MapSheet(
        shades.picture(numbers),
        pixels.x,
        pixels.y,
        shades,
        coloring.legend(shades, numbers),
        title,
        subtitle,
        theme,
    )


def ticks_of(axis: Axis, room: Callable[[str], float], pixels: int) -> list[Marked]:
    """Return where an axis is marked, and how: as often as its labels have room, `room(label)`."""
    few = axis.kind == "lin" or log10(axis.high / axis.low) < _FEW_DECADES
    limits = (axis.low, axis.high) if few else (log10(axis.low), log10(axis.high))
    for ticks in axis_ticks(limits, True, not few):
        values = [value if few else 10**value for value in ticks.values]
        shares = [min(max(axis.share(value), 0.0), 1.0) for value in values]
        marked = list(zip(shares, ticks.labels, strict=True))
        if all(
            (b - a) * pixels >= (room(one) + room(other)) / 2
            for (a, one), (b, other) in pairwise(marked)
        ):
            return marked
    return []
