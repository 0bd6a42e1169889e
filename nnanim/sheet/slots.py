"""Slots: what room panels ask for, for what marks them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from nnanim.drawing.ticks import Ticks, axis_ticks
from nnanim.drawing.typesetter import width
from nnanim.sheet.blocks import Block, Slot
from nnanim.sheet.grid import GridRow
from nnanim.sheet.heads import Entry, Head
from nnanim.sheet.scale import Scale
from nnanim.view import ColorBar, Panel

BAR_GAP, BAR_WIDTH, BAR_PAD = 0.7, 0.75, 0.4  # of a colour bar, in heights of a tick's letters
TICK_BELOW, TICK_BESIDE = 1.35, 0.45  # base line below a panel, gap to its left, likewise

_MOST_OF_A_BAR = 4  # ticks
_LEAST = 0.35  # of room around a panel without ticks, likewise


def aspect(panel: Panel) -> float | None:
    """Return width / height of a panel whose axes share one unit; None where it is free."""
    if not panel.equal:
        return None
    return (panel.x[1] - panel.x[0]) / (panel.y[1] - panel.y[0])


def slot_of(panel: Panel, scale: Scale, font: str) -> Slot:
    """Return the room that a panel asks for."""
    small = scale.small
    across = _widest(axis_ticks(panel.x, panel.x_ticks, panel.x_log, panel.x_scaling), scale, font)
    up = _widest(axis_ticks(panel.y, panel.y_ticks, panel.y_log, panel.y_scaling), scale, font)
    half = round(across / 2 + 0.2 * small) if across else 0
    before = max(round(up + 2 * TICK_BESIDE * small) if up else 0, half)
    below = round((1.65 if across else _LEAST) * small)
    return Slot(aspect(panel), before, below, half)


def blocks_of(panels: Sequence[Panel], scale: Scale, font: str) -> list[Block]:
    """Return the panels of a view in blocks: like ones together under their block's name."""
    return [
        _block(list(group), scale, font)
        for _, group in groupby(enumerate(panels), key=lambda pair: _likeness(*pair))
    ]


def grid_row(
    tiles: Sequence[Sequence[Panel]],
    scale: Scale,
    font: str,
    height: float = 1.0,
    below: Sequence[Panel] = (),
) -> GridRow:
    """Return the row of a grid in which each tile has its panels of a view.

    Where the next row, whose panels are `below`, has the same horizontal axis, that is marked there
    alone.
    """
    heads = [_grid_head(own, scale, font) for own in tiles]
    alike = len({(head.title, head.legend) for head in heads}) == 1
    if alike and len(set(heads)) > 1:
        heads = [replace(heads[0], aside="")]
    panels = max(tiles, key=len)
    unlike = (
        len(
            {tuple((p.x, p.y, p.x_scaling, p.y_scaling, p.color_bar) for p in own) for own in tiles}
        )
        > 1
    )
    slots = tuple(slot_of(panel, scale, font) for panel in panels)
    ticked = [_across(panel) for panel in panels] != [_across(panel) for panel in below] or unlike
    if not ticked:
        slots = tuple(replace(slot, below=round(_LEAST * scale.small)) for slot in slots)
    after = max(bar_room(own[-1].color_bar, scale, font) for own in tiles)
    # What differs from tile to tile under one block's name is written over each.
    titles = {own[0].title for own in tiles}
    named = panels[0].block and len(titles) > 1
    names = max(width(title, font, scale.small) for title in titles) if named else 0
    return GridRow(
        slots, tuple(heads[:1] if alike else heads), after, height, unlike, names, ticked
    )


def _across(panel: Panel) -> object:
    """Return what is marked of a panel's horizontal axis."""
    return panel.x, panel.x_ticks, panel.x_log, panel.x_scaling


def _grid_head(panels: Sequence[Panel], scale: Scale, font: str) -> Head:
    first, last = panels[0], panels[-1]
    title = first.block or ", ".join(panel.title for panel in panels)
    legend = next((panel.legend for panel in panels if panel.legend), ())
    return Head(title, entries(legend), aside(last, legend), scale, font)


def entries(legend: Sequence[tuple[str, ...]]) -> tuple[Entry, ...]:
    """Return the entries of a legend, each with the shape of its mark."""
    return tuple((label, role, shape[0] if shape else "square") for label, role, *shape in legend)


def aside(panel: Panel, legend: object) -> str:
    """Return what stands at the right of a head: what its colours are of, else its subtitle."""
    label = panel.color_bar.label if panel.color_bar is not None else ""
    return label or ("" if legend else panel.subtitle)


def bar_room(bar: ColorBar | None, scale: Scale, font: str) -> int:
    """Return the room to the right of a panel that its colour bar takes."""
    if bar is None:
        return 0
    return round(
        (BAR_GAP + BAR_WIDTH + BAR_PAD) * scale.small + _widest(bar_ticks(bar), scale, font)
    )


def bar_ticks(bar: ColorBar) -> list[Ticks]:
    """Return ways to mark a colour bar, by four ticks at most."""
    ways = axis_ticks((bar.low, bar.high), True, bar.log)
    return [ticks for ticks in ways if len(ticks.values) <= _MOST_OF_A_BAR]


def _likeness(i: int, panel: Panel) -> object:
    """Return what panels share that stand in one block; of one that stands alone, its number."""
    if not panel.block or aspect(panel) is None:
        return i
    scalings = panel.x_scaling, panel.y_scaling
    return panel.block, panel.x, panel.y, panel.x_ticks, panel.x_log, panel.y_log, scalings


def _block(group: Sequence[tuple[int, Panel]], scale: Scale, font: str) -> Block:
    panels = [panel for _, panel in group]
    first, last = panels[0], panels[-1]
    alone = len(panels) == 1
    head = Head(
        first.title if alone else first.block,
        entries(first.legend),
        aside(last, first.legend) if alone or last.color_bar else "",
        scale,
        font,
    )
    names = 0 if alone else max(width(panel.title, font, scale.small) for panel in panels)
    slots = tuple(slot_of(panel, scale, font) for panel in panels)
    return Block(slots, head, scale, bar_room(last.color_bar, scale, font), names)


def _widest(ways: Sequence[Ticks], scale: Scale, font: str) -> int:
    """Return the width of the widest label of an axis, whichever of its ticks are shown."""
    labels = {label for way in ways for label in way.labels}
    return max((width(label, font, scale.small) for label in labels), default=0)
