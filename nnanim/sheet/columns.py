"""Columns: the views of several tiles, a column for each tile and a row for each view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.marks import Cells, HeightField, Image, Lines, Mark, Plane, Points, Polygons
from nnanim.row import Row, height_of
from nnanim.sheet.blocks import Stand
from nnanim.sheet.grid import GridRow, Stands
from nnanim.sheet.scale import Scale
from nnanim.sheet.slots import grid_row
from nnanim.types import Limits
from nnanim.view import ColorBar, Panel, Rows, View, marks_of, panels_of

_SHRINKING, _THINNING = 0.75, 0.35  # of points and of lines, in powers of how fine a tile is

M = TypeVar("M", bound=Mark)

Place = Callable[[Sequence[GridRow]], Stands]


@dataclass(frozen=True, eq=False)
class InTile:
    """A view of one tile: its panels have the limits that all tiles share."""

    view: View
    tile: Film
    own: Sequence[Panel]
    shown: Sequence[Panel]
    number: int

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return the panels, whatever film the sheet is of."""
        del film
        return self.shown

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the tile's marks, coloured by the scales that all share, finer in a small one."""
        del film
        rows = marks_of(self.view, self.tile, t, len(self.own))
        # One bar may stand for the panels before it, too.
        bars = [
            (own.color_bar, shown.color_bar)
            for own, shown in zip(self.own, self.shown, strict=True)
            if own.color_bar is not None and shown.color_bar is not None
        ]
        found = [[_recolored(mark, bars) for mark in marks] for marks in rows]
        fineness = self.tile.fineness
        return found if fineness == 1 else [_finer(marks, fineness) for marks in found]


def columns(tiles: Sequence[Film], views: Sequence[Rows]) -> Rows:
    """Return a row of the tiles' views for each view that they have.

    `views` are the rows of each tile, whose views stand one below another. Raises `SceneError`
    where one tile has more of them than another.
    """
    flat = [list(chain(*own)) for own in views]
    counts = {len(own) for own in flat}
    if len(counts) > 1:
        raise SceneError(
            f"the scenes have {' and '.join(map(str, sorted(counts)))} views: expected as many "
            "in each, as Comparison(…, views=[views.InputSpace()])"
        )
    heights = [height_of(row) for row in views[0] for _ in row]
    rows = []
    for height, own in zip(heights, zip(*flat, strict=True), strict=True):
        rows.append(Row(in_tiles(tiles, own), height=height))
    return rows


def in_tiles(tiles: Sequence[Film], views: Sequence[View]) -> list[InTile]:
    """Return a view of each tile, with limits that all share."""
    panels = [panels_of(view, tile) for view, tile in zip(views, tiles, strict=True)]
    shared = _shared(panels)
    return [
        InTile(*parts, number)
        for number, parts in enumerate(zip(views, tiles, panels, shared, strict=True))
    ]


def place_columns(
    rows: Rows, panels: Sequence[Sequence[Panel]], scale: Scale, font: str, place: Place
) -> list[Stand]:
    """Return where the panels of such rows stand, in their order, those of each view in theirs.

    Several panels of a view stand side by side or one below another, as makes them larger.
    """
    tiles = len(rows[0])
    shown = [panels[k * tiles : (k + 1) * tiles] for k, _ in enumerate(rows)]
    heights = list(map(height_of, rows))
    found = place(_grid_rows(shown, heights, scale, font))
    counts = [{len(own) for own in row} for row in shown]
    if all(len(count) == 1 for count in counts) and max(map(max, counts)) > 1:
        places = [(k, j) for k, row in enumerate(shown) for j, _ in enumerate(row[0])]
        apart = [[[own[j]] for own in shown[k]] for k, j in places]
        below = place(_grid_rows(apart, [heights[k] for k, _ in places], scale, font))
        if _smallest(below) > _smallest(found):
            found = {(i, *places[place]): stand for (i, place, _), stand in below.items()}
            found = {at: _barred(stand, found, at) for at, stand in found.items()}
    return [
        found[i, k, j]
        for k, row in enumerate(shown)
        for i, own in enumerate(row)
        for j, _ in enumerate(own)
    ]


def _barred(stand: Stand, stands: Stands, at: tuple[int, int, int]) -> Stand:
    """Return a stand whose colour bar goes along all panels of its view, which lie above it.

    A head between them ends where the panels do, before the bar.
    """
    i, k, j = at
    if j > 0:
        ends = [other.box.right for (_, *place), other in stands.items() if place == [k, j]]
        stand = replace(stand, room=min(stand.room, max(ends) - stand.box.left))
    if stand.bar is None:
        return stand
    top = stands[i, k, 0].box.top
    high = stand.box.bottom - top
    return replace(stand, bar=replace(stand.bar, top=top, height=high))


def _grid_rows(
    shown: Sequence[Sequence[Sequence[Panel]]], heights: Sequence[float], scale: Scale, font: str
) -> list[GridRow]:
    """Return the rows of a grid whose tiles have such panels in each."""
    below = [*(row[0] for row in shown[1:]), ()]
    return [
        grid_row(own, scale, font, height, under)
        for own, height, under in zip(shown, heights, below, strict=True)
    ]


def _smallest(stands: Stands) -> int:
    return min(min(stand.box.width, stand.box.height) for stand in stands.values())


def _shared(row: Sequence[list[Panel]]) -> list[list[Panel]]:
    """Return the panels of one view in all tiles with limits and colour bars that hold all."""
    scalings = {tuple((p.x_scaling, p.y_scaling) for p in panels) for panels in row}
    if len({len(panels) for panels in row}) > 1 or len(scalings) > 1:
        return list(row)
    alike = []
    for panels in zip(*row, strict=True):
        x, y = _union([p.x for p in panels]), _union([p.y for p in panels])
        bar = _shared_bar([p.color_bar for p in panels])
        alike.append([replace(p, x=x, y=y, color_bar=bar or p.color_bar) for p in panels])
    return [list(panels) for panels in zip(*alike, strict=True)]


def _shared_bar(bars: Sequence[ColorBar | None]) -> ColorBar | None:
    first = bars[0]
    if first is None or any(bar is None or bar.log != first.log for bar in bars):
        return None
    low, high = _union([(bar.low, bar.high) for bar in bars if bar is not None])
    return replace(first, low=low, high=high)


def _recolored(mark: Mark, bars: Sequence[tuple[ColorBar, ColorBar]]) -> Mark:
    """Return a mark that its tile colours by its own bar, coloured by the bar of all tiles."""
    if isinstance(mark, Plane | Cells):
        return replace(mark, marks=[_recolored(inside, bars) for inside in mark.marks])
    if isinstance(mark, Image | Lines | Polygons | HeightField):
        for own, shared in bars:
            if (mark.scale, mark.low, mark.high) == (own.scale, own.low, own.high):
                return replace(mark, low=shared.low, high=shared.high)
    return mark


def _finer(marks: Sequence[Mark], fineness: float) -> list[Mark]:
    """Return marks as they are in a small tile; points shrink with it, lines less."""
    found: list[Mark] = []
    for mark in marks:
        if isinstance(mark, Plane | Cells):
            found.append(replace(mark, marks=_finer(mark.marks, fineness)))
        elif isinstance(mark, Points):
            found.append(_but(mark, size=mark.size * fineness**_SHRINKING))
        elif isinstance(mark, Lines):
            found.append(_but(mark, width=mark.width * fineness**_THINNING))
        else:
            found.append(mark)
    return found


def _but(mark: M, **changes: float) -> M:
    """Return a mark with other sizes; all else was checked when it was made, as it was."""
    found = object.__new__(type(mark))
    vars(found).update(vars(mark), **changes)
    return found


def _union(limits: Sequence[Limits]) -> Limits:
    ends = list(chain(*limits))
    return min(ends), max(ends)
