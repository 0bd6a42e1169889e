"""Furniture: what stands around a panel, its title, legend, ticks and colour bar.

Nothing runs into anything else, and nothing is made smaller: what has no room is left out, and
ticks are thinned out until their labels lie apart.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from nnanim.drawing.surface import Board, Box, Placement
from nnanim.drawing.ticks import Ticks, axis_ticks
from nnanim.drawing.typesetter import width
from nnanim.marks import SHAPES, Image, Lines, Points, Text
from nnanim.sheet.blocks import Stand
from nnanim.sheet.heads import Entry, Head
from nnanim.sheet.scale import Scale
from nnanim.sheet.slots import (
    BAR_GAP,
    BAR_PAD,
    BAR_WIDTH,
    TICK_BELOW,
    TICK_BESIDE,
    bar_ticks,
)
from nnanim.themes import Theme
from nnanim.types import Limits
from nnanim.view import ColorBar, Panel
from nnanim.words import Words

_NAME_FOOT = 0.4  # of a panel's own title over it, in heights of its letters


def draw_panel_furniture(
    canvas: Board, panel: Panel, stand: Stand, scale: Scale, theme: Theme, words: Words
) -> None:
    """Draw what stands around a panel."""
    box, small = stand.box, scale.small
    place = Placement(box, panel.x, panel.y)
    if stand.head is not None:
        _draw_head(canvas, stand.head, stand)
    if stand.named:
        canvas.write(Text((box.left, box.top - _NAME_FOOT * small), panel.title, size=small))
    if stand.x_ticks:
        _draw_ticks_across(canvas, panel, place, small, words)
    if stand.y_ticks:
        _draw_ticks_up(canvas, panel, place, small, words)
    if stand.bar is not None and panel.color_bar is not None:
        _draw_color_bar(canvas, panel.color_bar, stand.bar, scale, theme, words)
    for text in axis_labels(panel, box, scale, theme.font):
        canvas.write(text)


def _draw_head(canvas: Board, head: Head, stand: Stand) -> None:
    """Draw title, legend, and what stands aside if it has room."""
    left, room = stand.box.left, stand.room
    foot = stand.head_foot - head.baseline
    titles, beside = head.titles(room), head.beside(room)
    lines = [list(head.legend)] if beside else head.legend_lines(room)
    base = foot - (0 if beside else len(lines)) * head.legend_pitch
    for i, line in enumerate(reversed(titles)):
        canvas.write(Text((left, base - i * head.pitch), line, size=head.scale.panel_title))
    across = sum(head.entry_width(label) for label, _, _ in head.legend)
    start = left + room - across + head.swatch()[2] if beside else left
    _draw_legend(canvas, head, lines, start, foot)
    small = head.scale.small
    wide = width(head.aside, head.font, small)
    free = room - head.used(titles) - (room if beside and head.legend else 0.0)
    if titles and head.aside and wide <= free:
        canvas.write(Text((left + room, base), head.aside, "quiet", small, "right"))


def _draw_legend(
    canvas: Board, head: Head, lines: Sequence[Sequence[Entry]], left: float, foot: float
) -> None:
    """Draw lines of a legend from `left` on, the last at `foot`, and how many entries have none."""
    small, x = head.scale.small, left
    swatch, after, before = head.swatch()
    for i, line in enumerate(lines):
        x, base = left, foot - (len(lines) - 1 - i) * head.legend_pitch
        for label, role, shape in line:
            _draw_swatch(canvas, head, (label, role, shape), Box(
                round(x), round(base - 0.36 * small - swatch / 2), round(swatch), round(swatch)
            ))  # fmt: skip
            x += swatch + after
            canvas.write(Text((x, base), label, "quiet", small))
            x += width(label, head.font, small) + before
    if lines and (more := head.more(sum(map(len, lines)))):
        canvas.write(Text((x, foot), more, "quiet", small))


def _draw_swatch(canvas: Board, head: Head, entry: Entry, box: Box) -> None:
    """Draw the mark of an entry, as it is in the panel."""
    _, role, shape = entry
    around = Box(box.left - box.width, box.top - box.height, 3 * box.width, 3 * box.height)
    place = Placement(around, (-1.5, 1.5), (-1.5, 1.5))
    if shape in SHAPES:
        size = {"disc": 0.9, "square": 0.8}.get(shape, 1.0) * box.width / head.scale.stroke
        canvas.draw(Points(np.zeros((1, 2)), role, size=size, shape=shape), place)
    else:
        canvas.draw(Lines([np.array([[-0.5, 0.0], [0.5, 0.0]])], role, width=5.0), place)


def _spread(ways: Sequence[Ticks], apart: Callable[[Ticks], bool]) -> Ticks:
    """Return the fullest of the ways whose labels lie apart; none where even two do not."""
    return next((ticks for ticks in ways if apart(ticks)), Ticks((), ()))


def _draw_ticks_across(
    canvas: Board, panel: Panel, place: Placement, size: float, words: Words
) -> None:
    def columns(ticks: Ticks) -> list[float]:
        return [float(place.pixels(np.array([[v, panel.y[0]]]))[0, 0]) for v in ticks.values]

    def apart(ticks: Ticks) -> bool:
        halves = [canvas.text_width(label, size) / 2 + 0.3 * size for label in ticks.labels]
        at = sorted(zip(columns(ticks), halves, strict=True))
        return all(a + wa <= b - wb for (a, wa), (b, wb) in pairwise(at))

    shown = _spread(axis_ticks(panel.x, panel.x_ticks, panel.x_log, panel.x_scaling), apart)
    for x, label in zip(columns(shown), shown.labels, strict=True):
        at = x, place.box.bottom + TICK_BELOW * size
        canvas.write(Text(at, words.number(label), "quiet", size, "center"))


def _draw_ticks_up(
    canvas: Board, panel: Panel, place: Placement, size: float, words: Words
) -> None:
    box = place.box
    shown = _spread(
        axis_ticks(panel.y, panel.y_ticks, panel.y_log, panel.y_scaling),
        _stacked(box, panel.y, size),
    )
    for value, label in zip(shown.values, shown.labels, strict=True):
        y = float(place.pixels(np.array([[panel.x[0], value]]))[0, 1])
        at = box.left - TICK_BESIDE * size, y + 0.36 * size
        canvas.write(Text(at, words.number(label), "quiet", size, "right"))


def _stacked(box: Box, limits: Limits, size: float) -> Callable[[Ticks], bool]:
    """Return whether labels along an upright axis lie apart."""
    unit = box.height / ((limits[1] - limits[0]) or 1.0)

    def apart(ticks: Ticks) -> bool:
        values = sorted(ticks.values)
        return all((b - a) * unit >= 1.3 * size for a, b in pairwise(values))

    return apart


def axis_labels(panel: Panel, box: Box, scale: Scale, font: str) -> Iterator[Text]:
    """Give the axes' labels in the panel's corners, where they take half of it at most."""
    size = scale.small
    pad = 0.6 * size
    for label, corner, anchor in (
        (panel.x_label, (box.right - pad, box.bottom - pad), "right"),
        (panel.y_label, (box.left + pad, box.top + pad + 0.8 * size), "left"),
    ):
        if label and width(label, font, size) <= 0.5 * box.width and box.height >= 5 * size:
            yield Text(corner, label, "quiet", size, anchor)  # type: ignore[arg-type]


def _draw_color_bar(
    canvas: Board, bar: ColorBar, beside: Box, scale: Scale, theme: Theme, words: Words
) -> None:
    """Draw a colour bar to the right of what it is of, as high as that."""
    size = scale.small
    left, across = round(beside.right + BAR_GAP * size), max(3, round(BAR_WIDTH * size))
    box = Box(left, beside.top, across, beside.height)
    limits = bar.low, bar.high if bar.high > bar.low else bar.low + 1
    place = Placement(box, (0.0, 1.0), limits)
    canvas.rectangle(box, "panel", 0.0 if theme.transparent else 1.0)
    levels = np.linspace(*limits, 256)[:, None]
    canvas.draw(Image(levels, (0.0, 1.0, *limits), bar.scale, *limits), place)
    shown = _spread(bar_ticks(bar), _stacked(box, limits, size))
    for value, label in zip(shown.values, shown.labels, strict=True):
        y = float(place.pixels(np.array([[0.0, value]]))[0, 1])
        # A label at an end stays beside the bar.
        y = min(max(y + 0.36 * size, box.top + 0.72 * size), float(box.bottom))
        at = box.right + BAR_PAD * size, y
        canvas.write(Text(at, words.number(label), "quiet", size))
