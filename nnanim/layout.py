"""Where things stand on the sheet, in pixels from its top left corner.

    ┌───────────────────────────────────────────────┐
    │ title                              epoch  128 │  header
    │ panel title   subtitle   panel title          │  bands
    │ ┌──────────┐             ┌──────────┐         │
    │ │  panel   │     …       │  panel   │         │  rows of panels
    │ └──────────┘             └──────────┘         │
    │  -1   0   1               -1   0   1          │  ticks
    │ loss so far ────●                             │  strip
    │ figures                                recipe │  footer
    └───────────────────────────────────────────────┘

A bare sheet has bands, panels and ticks only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Aspects = Sequence[float | None]  # width / height of each panel of a row; None: what room is left


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; `top` counts downwards."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row below."""
        return self.top + self.height


@dataclass(frozen=True)
class Scale:
    """How large text and strokes are on a sheet of `size` (width, height).

    In proportion to a sheet 1080 pixels high; below that text and strokes shrink more slowly, so
    that a small GIF can still be read.
    """

    size: tuple[int, int]

    @property
    def text(self) -> float:
        """Factor for text sizes."""
        return self._factor(0.62)

    @property
    def stroke(self) -> float:
        """Factor for widths of lines and sizes of points."""
        return self._factor(0.75)

    @property
    def small(self) -> bool:
        """Whether subtitles and the recipe line would be too small to read."""
        return self._ratio < 0.44

    @property
    def _ratio(self) -> float:
        return min(self.size[1], 0.8 * self.size[0]) / 1080

    def _factor(self, power: float) -> float:
        return self._ratio if self._ratio >= 1 else float(self._ratio**power)


@dataclass(frozen=True)
class Layout:
    """Boxes and base lines of everything on the sheet."""

    left: int
    right: int
    title: int  # base line
    panels: tuple[Box, ...]
    strip: Box | None
    hairline: int
    footer: int  # base line


TITLE, EPOCH, PANEL_TITLE, SMALL, TICK = 42.0, 36.0, 26.0, 20.0, 18.0  # text at 1080 lines, pixels


def lay_out(size: tuple[int, int], rows: Sequence[Aspects], bare: bool = False) -> Layout:
    """Return the layout of rows of panels; a row is split where that makes them larger."""
    width, height = size
    scale = Scale(size)
    text = scale.text
    side = round((0.06 if bare else 0.075) * width)
    title = round(0.034 * height + 1.05 * TITLE * text)
    header = round(0.03 * height) if bare else round(title + 0.8 * TITLE * text)
    footer = round(height - 0.028 * height)
    hairline = round(footer - 1.45 * SMALL * text)
    strip_height, gap = round(0.062 * height), round(0.018 * height)
    end = round(0.97 * height) if bare else hairline - strip_height - gap
    content = Box(side, header, width - 2 * side, end - header)
    panels = _best_rows(content, rows, text)
    if bare:
        return Layout(side, width - side, title, panels, None, hairline, footer)
    # Room that the panels cannot use, on a square sheet say, goes to the strip first.
    spare = content.height - (max(box.bottom for box in panels) - min(box.top for box in panels))
    grown = min(0.16 * height, 0.6 * (spare - 3.6 * PANEL_TITLE * text))
    if grown > 0.02 * height:
        strip_height += round(grown)
        content = Box(side, header, width - 2 * side, content.height - round(grown))
        panels = _best_rows(content, rows, text)
    # A hundredth wider at each end than what it spans, so that the playhead is never cut.
    pad = round(0.01 * (width - 2 * side))
    strip = Box(side - pad, hairline - strip_height, width - 2 * (side - pad), strip_height)
    return Layout(side, width - side, title, panels, strip, hairline, footer)


def _best_rows(content: Box, rows: Sequence[Aspects], text: float) -> tuple[Box, ...]:
    """Return the boxes of all panels, each row split in as many as makes them largest."""
    longest = max(len(row) for row in rows)
    best: tuple[Box, ...] = ()
    for parts in range(1, longest + 1):
        split = [piece for row in rows for piece in _split(row, parts)]
        boxes = _place(content, split, text)
        # A split must be worth it: the row as written is what the author meant.
        if not best or _area(boxes) > 1.15 * _area(best):
            best = boxes
    return best


def _split(row: Aspects, parts: int) -> list[Aspects]:
    ends = [round(i * len(row) / parts) for i in range(parts + 1)]
    return [row[a:b] for a, b in pairwise(ends) if b > a]


def _area(boxes: Sequence[Box]) -> int:
    return sum(max(0, box.width) * max(0, box.height) for box in boxes)


def _place(content: Box, rows: Sequence[Aspects], text: float) -> tuple[Box, ...]:
    slot = max(1, content.height // len(rows))
    # On a sheet too low for its rows, text gives way before the panels do.
    above = min(round(2.1 * PANEL_TITLE * text), slot // 3)
    below = min(round(1.7 * TICK * text), slot // 3)
    boxes: list[Box] = []
    for i, row in enumerate(rows):
        top = content.top + i * slot + above
        boxes += _place_row(Box(content.left, top, content.width, slot - above - below), row, text)
    return tuple(boxes)


def _place_row(area: Box, aspects: Aspects, text: float) -> list[Box]:
    """Return the boxes of one row: as high as fits, flush left and right, gaps shared evenly."""
    least_gap = min(round(3.6 * TICK * text), area.width // (2 * len(aspects)))
    room = area.width - least_gap * (len(aspects) - 1)
    fixed = sum(aspect for aspect in aspects if aspect is not None)
    free = sum(1 for aspect in aspects if aspect is None)
    height = max(1, min(area.height, int(room / (fixed + 0.9 * free))))
    rest = room - fixed * height
    wide = [a * height if a is not None else rest / free for a in aspects]
    # Only panels more than `room` times as wide as high make this less than 1.
    squeeze = min(1.0, room / max(1.0, fixed * height))
    widths = [max(1, round(squeeze * width)) for width in wide]
    spare = area.width - sum(widths)
    gap = min(spare / max(1, len(aspects) - 1), max(least_gap, 0.3 * area.width))
    left = area.left + (spare - gap * (len(aspects) - 1)) / 2
    top = area.top + (area.height - height) // 2
    boxes = []
    for width in widths:
        boxes.append(Box(round(left), top, width, height))
        left += width + gap
    return boxes
