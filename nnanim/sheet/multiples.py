"""Multiples: many small tiles in a lattice, beside the values of the settings that differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from nnanim.drawing.surface import Board, Box
from nnanim.drawing.typesetter import shortened, width
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.film.lattice import Lattice
from nnanim.marks import Text
from nnanim.row import Row
from nnanim.sheet.bands import best_of, groups_in
from nnanim.sheet.blocks import Stand
from nnanim.sheet.columns import in_tiles
from nnanim.sheet.grid import GridRow
from nnanim.sheet.heads import Head
from nnanim.sheet.scale import Scale
from nnanim.sheet.slots import grid_row
from nnanim.sheet.strip import tile_role
from nnanim.view import Panel, Rows

_LINE = 1.5  # of values, in heights of their letters
_BESIDE = 0.6  # between values and tiles, likewise
_GAP, _LEAST_GAP = 0.07, 2  # between tiles, of their sides and in pixels
_FREE = 1.4  # width / height of tiles whose panels may have any
_APART = 1.3  # times as wide as a tile: how far apart columns stand at most


def multiples(tiles: Sequence[Film], views: Sequence[Rows]) -> Rows:
    """Return a row of the first view of each tile, whose `views` are given for each.

    Raises `SceneError` for a view of several panels.
    """
    row = in_tiles(tiles, [next(chain(*own)) for own in views])
    for part in row:
        if len(part.shown) != 1:
            raise SceneError(
                f"{type(part.view).__name__} has {len(part.shown)} panels: small multiples show a "
                "view of one, as views=[views.HiddenSpace()]"
            )
    # A tile is too small for what its axes are called.
    return [Row([replace(p, shown=[replace(p.shown[0], x_label="", y_label="")]) for p in row])]


@dataclass(frozen=True, eq=False)
class Multiples:
    """A lattice of `panels`, one a tile, on a sheet."""

    lattice: Lattice
    panels: Sequence[Panel]
    scale: Scale
    font: str

    def place(self, content: Box, margin: int) -> list[Stand]:
        """Return where the tiles stand, as large as may be, in the content and its left margin."""
        left = max(0, self._before - margin)
        head, after = self._head, self._row.after
        top = 0 if head is None else head.height(content.width - left)
        below = round(_LINE * self.scale.small) if self.lattice.rows else 0
        area = Box(content.left + left, content.top + top, content.width - left - after,
                   content.height - top - below)  # fmt: skip
        columns, rows = max(self._ways, key=lambda way: self._side(area, *way))
        boxes = self._boxes(area, columns, rows)[: len(self.panels)]
        end = boxes[columns - 1].right
        whole = Box(boxes[0].left, boxes[0].top, end - boxes[0].left,
                    boxes[-1].bottom - boxes[0].top)  # fmt: skip
        bar = whole if after else None
        stands = [
            Stand(box, None, box.top, box.width, False, False, False, bar if i == 0 else None)
            for i, box in enumerate(boxes)
        ]
        foot = boxes[0].top - self._over
        stands[0] = replace(stands[0], head=head, head_foot=foot, room=whole.width)
        return stands

    def draw(self, board: Board, stands: Sequence[Stand]) -> None:
        """Write the values beside, below or over the tiles, and what they are values of."""
        boxes = [stand.box for stand in stands]
        if self.lattice.rows is None:
            self._draw_over(board, boxes)
        else:
            self._draw_columns(board, boxes)
            self._draw_rows(board, boxes)
        self._draw_outlines(board, boxes)

    def _draw_over(self, board: Board, boxes: Sequence[Box]) -> None:
        small, (name, values) = self.scale.small, self.lattice.columns
        at = boxes[0].left - _BESIDE * small, boxes[0].top - 0.35 * small
        board.write(Text(at, name, "quiet", small, "right"))
        for k, (value, box) in enumerate(zip(values, boxes, strict=True)):
            text, base = shortened(value, self.font, small, box.width), box.top - 0.35 * small
            board.write(Text((box.left, base), text, self._color(name, k), small))

    def _draw_columns(self, board: Board, boxes: Sequence[Box]) -> None:
        small, (name, values) = self.scale.small, self.lattice.columns
        base, left = boxes[-1].bottom + 1.2 * small, boxes[0].left
        board.write(Text((left - _BESIDE * small, base), f"{name} →", "quiet", small, "right"))
        widest = max(board.text_width(value, small) for value in values) + 0.6 * small
        across = boxes[len(values) - 1].right - left
        for k, (value, box) in enumerate(zip(thinned(values, across, widest), boxes, strict=False)):
            at = box.left + box.width / 2, base
            board.write(Text(at, value, self._color(name, k), small, "center"))

    def _draw_rows(self, board: Board, boxes: Sequence[Box]) -> None:
        assert self.lattice.rows is not None
        small, (name, values) = self.scale.small, self.lattice.rows
        left = boxes[0].left - _BESIDE * small
        board.write(Text((left, boxes[0].top - 0.5 * small), f"{name} ↑", "quiet", small, "right"))
        first = boxes[:: len(self.lattice.columns[1])]
        high = first[-1].bottom - first[0].top
        shown = thinned(values, high, 1.2 * small)
        for k, (value, box) in enumerate(zip(shown, first, strict=True)):
            at = left, box.top + box.height / 2 + 0.36 * small
            board.write(Text(at, value, self._color(name, k), small, "right"))

    def _draw_outlines(self, board: Board, boxes: Sequence[Box]) -> None:
        """Draw a line around each tile whose seeds a band of the strip is over."""
        if self.lattice.repeats is None:
            return
        thick = max(1, round(0.15 * self.scale.small))
        for k, tiles in enumerate(groups_in(self.lattice)[1]):
            if len(tiles) > 1:
                for side in _around(boxes[best_of(self.lattice, tiles)], thick):
                    board.rectangle(side, tile_role(k))

    def _color(self, setting: str, k: int) -> str:
        """Return the colour of a value: that of its band in the strip, where it has one."""
        return tile_role(k) if setting and setting == groups_in(self.lattice)[0] else "ink"

    @property
    def _ways(self) -> list[tuple[int, int]]:
        """How many columns and rows there may be."""
        lattice, count = self.lattice, len(self.panels)
        if lattice.rows is not None:
            return [(len(lattice.columns[1]), len(lattice.rows[1]))]
        return [(-(-count // rows), rows) for rows in range(1, count + 1)]

    @cached_property
    def _row(self) -> GridRow:
        """What the tiles ask for."""
        return grid_row([[panel] for panel in self.panels], self.scale, self.font)

    @property
    def _head(self) -> Head | None:
        """What stands over all tiles: what they show, where it is the same."""
        heads = self._row.heads
        return heads[0] if len(heads) == 1 else None

    @property
    def _over(self) -> int:
        """The room over each tile for its value."""
        return 0 if self.lattice.rows else round(_LINE * self.scale.small)

    @property
    def _before(self) -> int:
        """The room to the left of the tiles, for values and names of settings."""
        small, (name, _) = self.scale.small, self.lattice.columns
        texts = [name]
        if self.lattice.rows is not None:
            texts = [f"{name} →", f"{self.lattice.rows[0]} ↑", *self.lattice.rows[1]]
        return round(max(width(text, self.font, small) for text in texts) + _BESIDE * small)

    def _tile(self, area: Box, columns: int, rows: int) -> tuple[int, int, int]:
        """Return width and height of each tile, and the gap between two."""
        shape = self._row.slots[0].aspect or _FREE
        wide, high = area.width / columns, area.height / rows - self._over
        gap = max(_LEAST_GAP, round(_GAP * min(wide, max(high, 1))))
        across = max(1.0, min(wide - gap, (high - gap) * shape))
        return max(1, int(across)), max(1, int(across / shape)), gap

    def _side(self, area: Box, columns: int, rows: int) -> int:
        return min(self._tile(area, columns, rows)[:2])

    def _boxes(self, area: Box, columns: int, rows: int) -> list[Box]:
        """Return the boxes of the tiles, row by row, in the middle of an area."""
        wide, high, gap = self._tile(area, columns, rows)
        spare = (area.width - wide) / max(1, columns - 1)
        pitch = max(wide + gap, min(spare, _APART * wide + gap))
        fall = high + gap + self._over
        left = area.left + max(0.0, (area.width - wide - (columns - 1) * pitch) / 2)
        top = area.top + max(0, area.height - rows * fall + gap) // 2 + self._over
        return [
            Box(round(left + column * pitch), top + row * fall, wide, high)
            for row in range(rows)
            for column in range(columns)
        ]


def _around(box: Box, thick: int) -> list[Box]:
    """Return the four sides of a line so thick around a box."""
    wide, high = box.width + 2 * thick, box.height
    left, right, top = box.left - thick, box.right, box.top
    return [
        Box(left, top - thick, wide, thick),
        Box(left, box.bottom, wide, thick),
        Box(left, top, thick, high),
        Box(right, top, thick, high),
    ]


def thinned(values: Sequence[str], room: float, each: float) -> list[str]:
    """Return values, all but every second, third … left empty where they have no room."""
    step = max(1, -(-int(each * len(values)) // max(1, int(room))))
    return [value if i % step == 0 else "" for i, value in enumerate(values)]
