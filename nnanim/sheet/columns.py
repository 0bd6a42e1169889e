"""Columns: the views of several tiles, a column for each tile and a row for each view."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.marks import HeightField, Image, Lines, Mark, Plane, Polygons
from nnanim.sheet.furniture import slot_of
from nnanim.sheet.layout import Layout, lay_out
from nnanim.sheet.look import Look
from nnanim.sheet.rows import Blocks
from nnanim.sheet.scale import PANEL_TITLE, SMALL, TICK
from nnanim.types import Limits
from nnanim.view import ColorBar, Panel, View, marks_of, panels_of

_BAND, _TICKS, _CAPTION, _LEAST = 2.1 * PANEL_TITLE, 1.7 * TICK, 1.7 * SMALL, 0.8 * TICK


@dataclass(frozen=True, eq=False)
class InTile:
    """A view of one tile: its panels have the limits that all tiles share."""

    view: View
    tile: Film
    own: Sequence[Panel]
    shown: Sequence[Panel]
    number: int
    captioned: bool  # whether the tile's caption stands below

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return the panels, whatever film the sheet is of."""
        del film
        return self.shown

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the tile's marks, coloured by the scales that all share."""
        del film
        rows = marks_of(self.view, self.tile, t, len(self.own))
        # One bar may stand for the panels before it, too.
        bars = [
            (own.color_bar, shown.color_bar)
            for own, shown in zip(self.own, self.shown, strict=True)
            if own.color_bar is not None and shown.color_bar is not None
        ]
        return [[_recolored(mark, bars) for mark in marks] for marks in rows]


def columns(
    tiles: Sequence[Film], views: Sequence[Sequence[View]], look: Look
) -> list[list[InTile]]:
    """Return rows of the tiles' views, in as many blocks as make the panels largest.

    `views` are those of each tile from top to bottom. Raises `SceneError` where one tile has more
    of them than another.
    """
    counts = {len(own) for own in views}
    if len(counts) > 1:
        raise SceneError(
            f"the scenes have {' and '.join(map(str, sorted(counts)))} views: expected as many "
            "in each, as Comparison(…, views=[views.InputSpace()])"
        )
    panels = [[panels_of(v, tile) for v in own] for tile, own in zip(tiles, views, strict=True)]
    shared = [_shared(list(row)) for row in zip(*panels, strict=True)]
    best: list[list[InTile]] = []
    largest = 0
    count = len(tiles)
    for across in sorted({-(-count // blocks) for blocks in range(1, count + 1)}, reverse=True):
        rows = _rows(tiles, views, panels, shared, across)
        boxes = lay_out_columns(rows, look).panels
        area = min(box.width * box.height for box in boxes)
        if area > 1.1 * largest:
            best, largest = rows, area
    return best


def lay_out_columns(rows: Sequence[Sequence[InTile]], look: Look) -> Layout:
    """Return the layout of such rows: room for titles, ticks and captions only where they are."""
    bands, slots = [], []
    for row in rows:
        panels = [panel for view in row for panel in view.shown]
        above = _BAND if any(panel.title or panel.legend for panel in panels) else _LEAST
        below = _TICKS if any(panel.x_ticks is not False for panel in panels) else _LEAST
        captioned = any(view.captioned for view in row)
        bands.append((above, below + (_CAPTION if captioned else 0.0)))
        slots.append([slot_of(panel) for panel in panels])
    block = next(i for i, row in enumerate(rows, start=1) if row[0].captioned)
    return lay_out(look.size, slots, look.bare, Blocks(bands, block))


def _rows(
    tiles: Sequence[Film],
    views: Sequence[Sequence[View]],
    panels: Sequence[Sequence[Sequence[Panel]]],
    shared: Sequence[Sequence[Sequence[Panel]]],
    across: int,
) -> list[list[InTile]]:
    rows = []
    last = len(shared) - 1
    for start in range(0, len(tiles), across):
        block = range(start, min(start + across, len(tiles)))
        for k, row in enumerate(shared):
            rows.append(
                [
                    InTile(
                        views[i][k],
                        tiles[i],
                        panels[i][k],
                        _quiet(row, i, first=i == start, above=start == 0, below=k == last,
                               end=i == min(across, len(tiles)) - 1),
                        i,
                        k == last,
                    )
                    for i in block
                ]
            )  # fmt: skip
    return rows


def _shared(row: list[list[Panel]]) -> list[list[Panel]]:
    """Return the panels of one view in all tiles with limits and colour bars that hold all."""
    scalings = {tuple((p.x_scaling, p.y_scaling) for p in panels) for panels in row}
    if len({len(panels) for panels in row}) > 1 or len(scalings) > 1:
        return row
    alike = []
    for panels in zip(*row, strict=True):
        x, y = _union([p.x for p in panels]), _union([p.y for p in panels])
        bar = _shared_bar([p.color_bar for p in panels])
        alike.append([replace(p, x=x, y=y, color_bar=bar or p.color_bar) for p in panels])
    return [list(panels) for panels in zip(*alike, strict=True)]


def _quiet(
    row: Sequence[Sequence[Panel]], i: int, first: bool, above: bool, below: bool, end: bool
) -> list[Panel]:
    """Return the panels of tile `i` without what the tiles around it say already."""
    titles = {tuple(panel.title for panel in panels) for panels in row}
    legends = {tuple(panel.legend for panel in panels) for panels in row}
    limits = {tuple((p.x, p.y, p.x_scaling, p.y_scaling) for p in panels) for panels in row}
    return [
        replace(
            panel,
            title=panel.title if len(titles) > 1 or (above and first) else "",
            subtitle="",
            legend=panel.legend if len(legends) > 1 or (above and end) else (),
            x_ticks=panel.x_ticks if below or len(limits) > 1 else False,
            y_ticks=panel.y_ticks if first or len(limits) > 1 else False,
            x_label=panel.x_label if below else "",
            y_label=panel.y_label if first else "",
        )
        for panel in row[i]
    ]


def _shared_bar(bars: Sequence[ColorBar | None]) -> ColorBar | None:
    first = bars[0]
    if first is None or any(bar is None or bar.log != first.log for bar in bars):
        return None
    low, high = _union([(bar.low, bar.high) for bar in bars if bar is not None])
    return replace(first, low=low, high=high)


def _recolored(mark: Mark, bars: Sequence[tuple[ColorBar, ColorBar]]) -> Mark:
    """Return a mark that its tile colours by its own bar, coloured by the bar of all tiles."""
    if isinstance(mark, Plane):
        return replace(mark, marks=[_recolored(inside, bars) for inside in mark.marks])
    if isinstance(mark, Image | Lines | Polygons | HeightField):
        for own, shared in bars:
            if (mark.scale, mark.low, mark.high) == (own.scale, own.low, own.high):
                return replace(mark, low=shared.low, high=shared.high)
    return mark


def _union(limits: Sequence[Limits]) -> Limits:
    ends = list(chain(*limits))
    return min(ends), max(ends)
