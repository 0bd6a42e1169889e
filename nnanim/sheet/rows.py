"""Rows of panels: as large as the room, their shapes and their texts allow."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from nnanim.drawing.surface import Box
from nnanim.sheet.scale import PANEL_TITLE, TICK

_ROOMY = 320.0  # pixels at 1080 lines: a panel's side from which on its texts have their full size
_LEAST_TEXT = 0.6  # factor that texts of small panels do not fall below
_MANY = 4  # panels of a row
_WORTH, _WORTH_A_HOLE = 1.15, 1.35  # times the area that makes it worth to split a row


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
Placed = tuple[tuple[Box, ...], tuple[float, ...]]  # boxes, and the factors of their texts


@dataclass(frozen=True)
class Blocks:
    """Rows that are kept as they are, in blocks of `rows` each, one block below another.

    `bands` are the rooms above and below each row at 1080 lines. A row that is shorter than its
    like in the first block stands under that, panel under panel.
    """

    bands: Bands
    rows: int


def best_rows(
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
