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

A bare sheet has bands, panels and ticks only. Panels that many share a row with are small, and so
are their texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from nnanim.drawing.surface import Box


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
class Slot:
    """What room a panel asks for: its shape, and what stands to its left and right.

    `aspect` is width / height; None: what room is left. `before`, for what marks its upright axis,
    and `after`, for its colour bar, are in heights of a tick's text.
    """

    aspect: float | None
    before: float = 3.6
    after: float = 0.0


Row = Sequence[Slot]
Bands = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Blocks:
    """Rows that are kept as they are, in blocks of `rows` each, one block below another.

    `bands` are the rooms above and below each row at 1080 lines. A row that is shorter than its
    like in the first block stands under that, panel under panel.
    """

    bands: Bands
    rows: int


@dataclass(frozen=True)
class Layout:
    """Boxes and base lines of everything on the sheet."""

    left: int
    right: int
    title: int  # base line
    panels: tuple[Box, ...]
    texts: tuple[float, ...]  # of each panel, the factor for its text sizes
    strip: Box | None
    hairline: int
    footer: int  # base line


TITLE, EPOCH, PANEL_TITLE, SMALL, TICK = 42.0, 36.0, 26.0, 20.0, 18.0  # text at 1080 lines, pixels
_ROOMY = 320.0  # pixels at 1080 lines: a panel's side from which on its texts have their full size
_LEAST_TEXT = 0.6  # factor that texts of small panels do not fall below
_MANY = 4  # panels of a row
_WORTH, _WORTH_A_HOLE = 1.15, 1.35  # times the area that makes it worth to split a row


def lay_out(
    size: tuple[int, int], rows: Sequence[Row], bare: bool = False, blocks: Blocks | None = None
) -> Layout:
    """Return the layout of rows of panels; a row is split where that makes them larger."""
    width, height = size
    scale = Scale(size)
    text = scale.text
    side = round((0.06 if bare else 0.075) * width)
    title = round(0.034 * height + 1.05 * TITLE * text)
    header = round(0.03 * height) if bare else round(title + 0.8 * TITLE * text)
    footer = round(height - 0.028 * height)
    hairline = round(footer - 1.45 * SMALL * text)
    # Curves of several networks need more room than one.
    strip_height, gap = round((0.1 if blocks else 0.062) * height), round(0.018 * height)
    end = round(0.97 * height) if bare else hairline - strip_height - gap
    content = Box(side, header, width - 2 * side, end - header)
    panels, texts = _best_rows(content, rows, text, blocks)
    if bare:
        return Layout(side, width - side, title, panels, texts, None, hairline, footer)
    # Room that the panels cannot use, on a square sheet say, goes to the strip first.
    spare = content.height - (max(box.bottom for box in panels) - min(box.top for box in panels))
    grown = min(0.16 * height, 0.6 * (spare - 3.6 * PANEL_TITLE * text))
    if grown > 0.02 * height:
        strip_height += round(grown)
        content = replace(content, height=content.height - round(grown))
        panels, texts = _best_rows(content, rows, text, blocks)
    # A hundredth wider at each end than what it spans, so that the playhead is never cut.
    pad = round(0.01 * (width - 2 * side))
    strip = Box(side - pad, hairline - strip_height, width - 2 * (side - pad), strip_height)
    return Layout(side, width - side, title, panels, texts, strip, hairline, footer)


Placed = tuple[tuple[Box, ...], tuple[float, ...]]  # boxes, and the factors of their texts


def _best_rows(
    content: Box, rows: Sequence[Row], text: float, blocks: Blocks | None = None
) -> Placed:
    """Return the boxes of all panels, each row split in as many as makes them largest."""
    if blocks is not None:
        like = [rows[i % blocks.rows] for i in range(len(rows))]
        pieces = [
            _Piece([*row, *first[len(row) :]], len(row))
            for row, first in zip(rows, like, strict=True)
        ]
        return _place(content, pieces, text, blocks.bands)
    best: Placed = (), ()
    for parts in range(1, max(map(len, rows)) + 1):
        split = [piece for row in rows for piece in _split(row, parts)]
        found = _place(content, split, text)
        # A split must be worth it: the row as written is what the author meant.
        hole = any(piece.count < len(piece.slots) for piece in split)
        worth = _WORTH_A_HOLE if hole else _WORTH
        if not best[0] or _area(found[0]) > worth * _area(best[0]):
            best = found
    return best


@dataclass(frozen=True)
class _Piece:
    """A row of the sheet, of which the first `count` slots are taken."""

    slots: Row
    count: int


def _split(row: Row, parts: int) -> list[_Piece]:
    """Return a row in pieces; of panels of one shape, the last may lack some columns."""
    if parts > 1 and len({slot.aspect for slot in row}) == 1:
        columns = -(-len(row) // parts)
        inner = replace(
            row[0],
            before=max(slot.before for slot in row[1:] or row),
            after=max(slot.after for slot in row[:-1] or row),
        )
        like = [*[inner] * (columns - 1), replace(inner, after=max(inner.after, row[-1].after))]
        counts = [len(row[i : i + columns]) for i in range(0, len(row), columns)]
        return [_Piece(like, count) for count in counts]
    ends = [round(i * len(row) / parts) for i in range(parts + 1)]
    return [_Piece(row[a:b], b - a) for a, b in pairwise(ends) if b > a]


def _area(boxes: Sequence[Box]) -> float:
    """Return the area of all panels; of a flat one, what is far from its middle counts nothing."""
    return sum(max(0.0, min(box.width, 1.8 * box.height)) * max(0, box.height) for box in boxes)


def _place(
    content: Box, pieces: Sequence[_Piece], text: float, bands: Bands | None = None
) -> Placed:
    """Return the boxes of all rows: texts as large as suits the panels that they leave room for."""
    texts = [text] * len(pieces)
    for _ in range(2):
        rows = _place_rows(content, pieces, texts, bands)
        least = min(text, _LEAST_TEXT)
        sides = [min(min(box.width, box.height) for box in row) for row in rows]
        if bands is not None:  # of like panels, texts of one size
            sides = [min(sides)] * len(sides)
        texts = [min(text, max(least, side / _ROOMY)) for side in sides]
    rows = _place_rows(content, pieces, texts, bands)
    boxes = tuple(box for row in rows for box in row)
    return boxes, tuple(t for row, t in zip(rows, texts, strict=True) for _ in row)


def _place_rows(
    content: Box, pieces: Sequence[_Piece], texts: Sequence[float], bands: Bands | None
) -> list[list[Box]]:
    """Return the boxes of each row; height that one cannot use goes to those that can.

    With `bands`, all are as high.
    """
    slot = max(1, content.height // len(pieces))
    rooms = bands or [(2.1 * PANEL_TITLE, 1.7 * TICK)] * len(pieces)
    # On a sheet too low for its rows, text gives way before the panels do.
    above = [min(round(a * text), slot // 3) for (a, _), text in zip(rooms, texts, strict=True)]
    below = [min(round(b * text), slot // 3) for (_, b), text in zip(rooms, texts, strict=True)]
    wanted = [
        a + b + _height_for(piece, content.width, text)
        for a, b, piece, text in zip(above, below, pieces, texts, strict=True)
    ]
    heights = _shared(content.height, wanted)
    if bands is not None:
        free = (content.height - sum(above) - sum(below)) // len(pieces)
        heights = [a + b + max(1, free) for a, b in zip(above, below, strict=True)]
    rows, top = [], content.top
    for i, high in enumerate(heights):
        area = Box(content.left, top + above[i], content.width, max(1, high - above[i] - below[i]))
        rows.append(_place_row(area, pieces[i], texts[i]))
        top += high
    return rows


def _shared(height: int, wanted: Sequence[int]) -> list[int]:
    """Return heights of rows that add up to no more: as wanted where all fit, else levelled."""
    low = sorted(wanted)
    level, left = 0, height
    for i, want in enumerate(low):
        level = left // (len(low) - i)
        if want > level:
            break
        left -= want
    else:
        return [want + left // len(low) for want in wanted]
    return [min(want, level) for want in wanted]


def _height_for(piece: _Piece, width: int, text: float) -> int:
    """Return how high the panels of a row can be at most."""
    if any(slot.aspect is None for slot in piece.slots):
        return 1 << 30
    gaps, after = _gaps(piece, width, text)
    return max(1, int((width - sum(gaps) - after) / _aspects(piece)))


def _aspects(piece: _Piece) -> float:
    """Return the width of a row's panels of fixed shape, if they are 1 high."""
    return sum(slot.aspect or 0.0 for slot in piece.slots)


def _gaps(piece: _Piece, width: int, text: float) -> tuple[list[int], int]:
    """Return the least gaps between the panels of a row, and the room after the last."""
    slots = piece.slots
    wide = [a.after + b.before for a, b in pairwise(slots)]
    most = width // (2 * len(slots))
    gaps = [min(round(each * TICK * text), most) for each in wide]
    return gaps, min(round(slots[-1].after * TICK * text), most)


def _place_row(area: Box, piece: _Piece, text: float) -> list[Box]:
    """Return the boxes of one row: as high as fits, flush left and right, gaps shared evenly."""
    gaps, after = _gaps(piece, area.width, text)
    columns = len(piece.slots)
    aspects = [slot.aspect for slot in piece.slots]
    room = area.width - sum(gaps) - after
    fixed = _aspects(piece)
    free = sum(1 for aspect in aspects if aspect is None)
    height = max(1, min(area.height, int(room / (fixed + 0.9 * free))))
    rest = room - fixed * height
    wide = [a * height if a is not None else rest / free for a in aspects]
    # Only panels more than `room` times as wide as high make this less than 1.
    squeeze = min(1.0, room / max(1.0, fixed * height))
    widths = [max(1, round(squeeze * width)) for width in wide]
    spare = area.width - after - sum(widths) - sum(gaps)
    # Two stand apart as far as the sheet allows; many belong together.
    widest = 0.3 * area.width if columns < _MANY else 0.5 * max(widths)
    most = max(0.0, widest - min(gaps, default=0))
    added = min(spare / max(1, columns - 1), most)
    left = area.left + (spare - added * (columns - 1)) / 2
    top = area.top + (area.height - height) // 2
    boxes = []
    for width, gap in zip(widths, [*gaps, 0], strict=True):
        boxes.append(Box(round(left), top, width, height))
        left += width + gap + added
    return boxes[: piece.count]
