"""Grids: the same rows of panels for each of several tiles, in aligned columns.

Tiles go on in as many bands, one below another, as make the smallest panel largest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap

from nnanim.drawing.surface import Box
from nnanim.sheet.blocks import NAME, Slot, Stand
from nnanim.sheet.heads import Head
from nnanim.sheet.rows import shared
from nnanim.sheet.scale import Scale

_ROOMY = 8.5  # heights of small letters: a panel's side, below which inner ticks give way
_APART = 0.3  # of the width: the widest gap between two columns; many belong together
_MANY = 3
_MOST_AROUND = 0.67  # of the height: what stands around panels, before it gives way to them
_WORTH = 1.03  # times the smallest panel's side that makes another way worth it
_GAP = 0.6  # heights of small letters: between panels without ticks


@dataclass(frozen=True)
class GridRow:
    """The panels of one view of each tile, side by side, under one head, or each tile's own.

    `after` is the room that a colour bar takes beside the last tile, or beside each where they do
    not share limits, which is `unlike`. `names` is the width of what is written close over each
    panel, 0 where nothing is. Without `ticked`, the row below marks its horizontal axis.
    """

    slots: tuple[Slot, ...]
    heads: tuple[Head, ...]
    after: int = 0
    height: float = 1.0
    unlike: bool = False
    names: int = 0
    ticked: bool = True

    @property
    def shapes(self) -> float | None:
        """Width / height of its panels together; None where one is free."""
        aspects = [slot.aspect for slot in self.slots]
        return None if None in aspects else sum(aspect or 0.0 for aspect in aspects)

    @cached_property
    def before(self) -> int:
        """Room to the left of a tile's panels for what marks their upright axis."""
        return self.slots[0].before

    @cached_property
    def below(self) -> int:
        """Room for ticks below its panels."""
        return max(slot.below for slot in self.slots)

    @cached_property
    def half(self) -> int:
        """What sticks out at the ends of its panels."""
        return max(slot.half for slot in self.slots)


Stands = dict[tuple[int, int, int], Stand]  # of the panel of a tile, a row, and a place in it


def place_grid(
    content: Box,
    rows: Sequence[GridRow],
    tiles: int,
    scale: Scale,
    margin: int,
    under: int = 0,
    least: int = 0,
) -> Stands:
    """Return where the panels stand; `under` each tile is room for its nameplate.

    Columns are at least `least` pixels apart, if any number of bands makes them so.

    Marks of upright axes may stand in the `margin` to the left of the content.
    """
    best: _Grid | None = None
    for across in sorted({-(-tiles // bands) for bands in range(1, tiles + 1)}, reverse=True):
        for level in (0, 1):
            found = _Grid(content, rows, tiles, scale, margin, under, least, across, level)
            if found.smallest >= _ROOMY * scale.small:
                break
        if best is None or found.worth > (best.worth[0], _WORTH * best.worth[1]):
            best = found
    assert best is not None
    return dict(best.stands())


@dataclass(frozen=True)
class _Grid:
    """A grid of so many tiles `across`, at a level without inner ticks, 1, or with all, 0."""

    content: Box
    rows: Sequence[GridRow]
    tiles: int
    scale: Scale
    margin: int
    under: int
    least: int
    across: int
    level: int

    @cached_property
    def bands(self) -> int:
        """How many bands of tiles there are."""
        return -(-self.tiles // self.across)

    @cached_property
    def gap(self) -> int:
        """The least room between two columns."""
        halves = max(2 * row.half for row in self.rows) if self.level == 0 else 0
        own = max((row.before + row.after for row in self.rows if row.unlike), default=0)
        return round(_GAP * self.scale.small) + max(halves, own)

    @cached_property
    def start(self) -> int:
        """How far the first column stands from the content's left edge."""
        return max(0, max(row.before for row in self.rows) - self.margin)

    @cached_property
    def room(self) -> int:
        """The width of a column at most."""
        after = max(row.after for row in self.rows)
        rest = self.content.width - self.start - after - (self.across - 1) * self.gap
        return max(1, rest // self.across)

    @cached_property
    def heads(self) -> list[int]:
        """The room over each row in the first band, where its head is."""
        return [int(self.share * high) for high in self._heads]

    @cached_property
    def further(self) -> list[int]:
        """The room over each row in a further band."""
        return [int(self.share * high) for high in self._further]

    @cached_property
    def below(self) -> list[int]:
        """The room below each row; below the last, of nameplates too."""
        under = [row.below for row in self.rows]
        return [int(self.share * high) for high in [*under[:-1], under[-1] + self.under]]

    @cached_property
    def share(self) -> float:
        """How much of the room around panels a sheet has that is too low for all of it, else 1."""
        around = self.bands * (self.under + sum(row.below for row in self.rows))
        around += sum(self._heads) + (self.bands - 1) * sum(self._further)
        return min(1.0, _MOST_AROUND * self.content.height / max(1, around))

    @cached_property
    def _heads(self) -> list[int]:
        return [
            max(head.height(self.content.width if len(row.heads) == 1 else self.room)
                for head in row.heads) + self._name(row)
            for row in self.rows
        ]  # fmt: skip

    @cached_property
    def _further(self) -> list[int]:
        between = round(_GAP * self.scale.small)
        return [
            high if len(row.heads) > 1 else between + self._name(row)
            for row, high in zip(self.rows, self._heads, strict=True)
        ]

    @cached_property
    def heights(self) -> list[int]:
        """How high the panels of each row are, in every band."""
        around = self.bands * sum(self.below)
        around += sum(self.heads) + (self.bands - 1) * sum(self.further)
        free = max(self.bands * len(self.rows), self.content.height - around) // self.bands
        wanted = [self._wanted(row) for row in self.rows]
        total = sum(row.height for row in self.rows)
        even = [round(want * total / row.height / len(self.rows))
                for want, row in zip(wanted, self.rows, strict=True)]  # fmt: skip
        levelled = shared(free, even)
        return [
            max(1, min(want, int(level * row.height * len(self.rows) / total)))
            for want, level, row in zip(wanted, levelled, self.rows, strict=True)
        ]

    def _name(self, row: GridRow) -> int:
        """Return the height of what is written close over the panels of a row."""
        return round(NAME * self.scale.small) if row.names else 0

    def _wanted(self, row: GridRow) -> int:
        if row.shapes is None:
            return 1 << 20
        inner = (len(row.slots) - 1) * self.gap
        return max(1, int((self.room - inner) / row.shapes))

    def _widths(self, row: GridRow, height: int) -> list[int]:
        """Return the widths of a row's panels in one tile."""
        fixed = sum((slot.aspect or 0.0) * height for slot in row.slots)
        free = sum(1 for slot in row.slots if slot.aspect is None)
        inner = (len(row.slots) - 1) * self.gap
        rest = max(1.0, (self.room - inner - fixed) / max(1, free))
        return [
            max(1, round(rest if slot.aspect is None else slot.aspect * height))
            for slot in row.slots
        ]

    @cached_property
    def smallest(self) -> int:
        """The shortest side of any panel."""
        return min(
            min(height, *self._widths(row, height))
            for row, height in zip(self.rows, self.heights, strict=True)
        )

    @property
    def worth(self) -> tuple[bool, float]:
        """Whether the names have room over their panels, and how large those are."""
        fit = all(
            sum(self._widths(row, height)) >= row.names
            for row, height in zip(self.rows, self.heights, strict=True)
        )
        column, apart = self.pitch
        return fit and column + apart >= self.least, float(self.smallest)

    @cached_property
    def pitch(self) -> tuple[int, float]:
        """The width of a column, and how far it stands from the next."""
        column = max(
            sum(wide) + self.gap * (len(wide) - 1)
            for wide in starmap(self._widths, zip(self.rows, self.heights, strict=True))
        )
        after = max(row.after for row in self.rows)
        spare = self.content.width - self.start - after - self.across * column
        widest = _APART * self.content.width if self.across < _MANY else 0.5 * column
        widest = max(self.gap, widest, self.least - column)
        return column, min(spare / max(1, self.across - 1), widest)

    def stands(self) -> Iterator[tuple[tuple[int, int, int], Stand]]:
        """Give where each panel stands."""
        widths = [self._widths(row, h) for row, h in zip(self.rows, self.heights, strict=True)]
        (column, apart), after = self.pitch, max(row.after for row in self.rows)
        used = self.across * column + (self.across - 1) * apart
        left = (
            self.content.left
            + self.start
            + max(0.0, (self.content.width - self.start - after - used) / 2)
        )
        end = round(left + used)
        for band in range(self.bands):
            for k, (row, top) in enumerate(zip(self.rows, self._tops(band), strict=True)):
                for i in range(band * self.across, min(self.tiles, (band + 1) * self.across)):
                    at = round(left + (i % self.across) * (column + apart))
                    for j, wide in enumerate(widths[k]):
                        box = Box(at, top, wide, self.heights[k])
                        yield (i, k, j), self._stand(row, i, j, box, end)
                        at += wide + self.gap

    def _tops(self, band: int) -> list[int]:
        """Return where the panels of each row begin in a band."""
        heads = self.heads if band == 0 else self.further
        high = sum(self.heads) + (self.bands - 1) * sum(self.further)
        high += self.bands * (sum(self.heights) + sum(self.below))
        top = self.content.top + max(0, self.content.height - high) // 2
        for before in range(band):
            top += sum(self.heights) + sum(self.below)
            top += sum(self.heads if before == 0 else self.further)
        tops = []
        for head, height, below in zip(heads, self.heights, self.below, strict=True):
            tops.append(top + head)
            top += head + height + below
        return tops

    def _stand(self, row: GridRow, i: int, j: int, box: Box, end: int) -> Stand:
        """Return how the panel of tile `i` stands in its row, which reaches to `end`."""
        several = len(row.heads) > 1
        first = j == 0 and (several or i == 0)
        outer = i % self.across == 0 and j == 0
        last = i == min(self.tiles, (i // self.across + 1) * self.across) - 1
        lowest = i // self.across == self.bands - 1
        barred = row.after and j == len(row.slots) - 1 and (last or row.unlike)
        room = self.room if several else end + row.after - box.left
        if row.heads[0].height(room) > row.heads[0].height(self.content.width):
            room = self.content.left + self.content.width - box.left
        stand = Stand(
            box,
            row.heads[i if several else 0] if first else None,
            box.top - self._name(row),
            room if first else box.width,
            named=row.names > 0 and j == 0,
            x_ticks=row.ticked and (row.unlike or self.level == 0 or (outer and lowest)),
            y_ticks=row.unlike or (outer and (self.level == 0 or lowest)),
            bar=box if barred else None,
        )
        return stand if self.share == 1 else stand.bared()
