"""Furniture: what stands around a panel, its title, legend, ticks and colour bar.

Nothing runs into anything else: what is too wide shrinks, then is cut or left out, and ticks are
thinned out until their labels lie apart.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from nnanim.drawing.canvas import Canvas
from nnanim.drawing.surface import Box, Placement
from nnanim.drawing.ticks import Ticks, axis_ticks
from nnanim.marks import Image, Text
from nnanim.sheet.rows import Slot
from nnanim.sheet.scale import PANEL_TITLE, SMALL, TICK
from nnanim.themes import Theme
from nnanim.types import Limits
from nnanim.view import ColorBar, Panel
from nnanim.words import Words

_SMALLEST_TITLE = 0.75  # of its full size, before it is cut
_SMALLEST_LEGEND = 0.7
_SHORTEST_NAME = 5  # letters of a cut name in a legend
_BAR_GAP, _BAR_WIDTH, _BAR_PAD = 0.7, 0.75, 0.4  # of a colour bar, in heights of a tick's text
_MOST_OF_A_BAR = 4  # ticks
_LETTER = 0.64  # width of a digit, in heights of a tick's text


def slot_of(panel: Panel) -> Slot:
    """Return the room that a panel asks for."""
    before = 2.6  # half of each of two labels below, at the ends of neighbours
    if panel.y_ticks is not False:
        widest = max(map(len, _ticks_of_y(panel)[0].labels), default=0)
        before = max(3.6, _LETTER * widest + 1.2)
    return Slot(aspect(panel), before, _bar_room(panel.color_bar))


def aspect(panel: Panel) -> float | None:
    """Return width / height of a panel whose axes share one unit; None where it is free."""
    if not panel.equal:
        return None
    return (panel.x[1] - panel.x[0]) / (panel.y[1] - panel.y[0])


def draw_panel_furniture(
    canvas: Canvas,
    panel: Panel,
    place: Placement,
    text: float,
    theme: Theme,
    small: bool,
    words: Words,
) -> None:
    """Draw what stands around a panel, texts `text` times their full size.

    On a `small` sheet subtitles and labels of colour bars are left out.
    """
    box = place.box
    baseline = box.top - 0.6 * PANEL_TITLE * text
    right = box.right + _bar_room(panel.color_bar) * TICK * text
    pad = PANEL_TITLE * text
    # There is always more than this between a panel and the next.
    room = right - box.left + TICK * text
    title, size = fitted(canvas, panel.title, PANEL_TITLE * text, room)
    canvas.write(Text((box.left, baseline), title, size=size))
    used = canvas.text_width(title, size) + pad
    quiet = 0.9 * SMALL * text
    end: float = box.right
    if panel.color_bar is not None:
        _draw_color_bar(canvas, panel.color_bar, box, text, theme, words)
        label = panel.color_bar.label
        width = canvas.text_width(label, quiet)
        if label and not small and used + width <= right - box.left:
            canvas.write(Text((right, baseline), label, "quiet", quiet, "right"))
            end = min(end, right - width - pad)
    if panel.legend:
        _draw_legend(canvas, panel, end, baseline, end - box.left - used, text, theme)
    elif (
        panel.subtitle
        and not small
        and used + canvas.text_width(panel.subtitle, quiet) <= end - box.left
    ):
        canvas.write(Text((end, baseline), panel.subtitle, "quiet", quiet, "right"))
    _draw_ticks(canvas, panel, place, TICK * text, words)
    _draw_labels(canvas, panel, box, TICK * text)


def fitted(canvas: Canvas, text: str, size: float, room: float) -> tuple[str, float]:
    """Return a text and its size such that it fits: smaller, then cut."""
    width = canvas.text_width(text, size)
    if width <= room:
        return text, size
    size *= max(_SMALLEST_TITLE, room / width)
    letters = len(text)
    shown = text
    while letters > 0 and canvas.text_width(shown, size) > room:
        letters -= 1
        shown = text[:letters].rstrip() + "…"
    return (shown if letters else ""), size


def _spread(ways: Sequence[Ticks], apart: Callable[[Ticks], bool]) -> Ticks:
    """Return the fullest of the ways whose labels lie apart; none where even two do not."""
    return next((ticks for ticks in ways if apart(ticks)), Ticks((), ()))


def _draw_ticks(canvas: Canvas, panel: Panel, place: Placement, size: float, words: Words) -> None:
    box = place.box

    def columns(ticks: Ticks) -> list[float]:
        return [float(place.pixels(np.array([[v, panel.y[0]]]))[0, 0]) for v in ticks.values]

    def apart(ticks: Ticks) -> bool:
        halves = [canvas.text_width(label, size) / 2 + 0.3 * size for label in ticks.labels]
        at = sorted(zip(columns(ticks), halves, strict=True))
        return all(a + wa <= b - wb for (a, wa), (b, wb) in pairwise(at))

    shown = _spread(axis_ticks(panel.x, panel.x_ticks, panel.x_log, panel.x_scaling), apart)
    for x, label in zip(columns(shown), shown.labels, strict=True):
        at = x, box.bottom + 1.35 * size
        canvas.write(Text(at, words.number(label), "quiet", size, "center"))
    shown = _spread(_ticks_of_y(panel), _stacked(box, panel.y, size))
    for value, label in zip(shown.values, shown.labels, strict=True):
        y = float(place.pixels(np.array([[panel.x[0], value]]))[0, 1])
        at = box.left - 0.45 * size, y + 0.36 * size
        canvas.write(Text(at, words.number(label), "quiet", size, "right"))


def _ticks_of_y(panel: Panel) -> list[Ticks]:
    return axis_ticks(panel.y, panel.y_ticks, panel.y_log, panel.y_scaling)


def _stacked(box: Box, limits: Limits, size: float) -> Callable[[Ticks], bool]:
    """Return whether labels along an upright axis lie apart."""
    unit = box.height / ((limits[1] - limits[0]) or 1.0)

    def apart(ticks: Ticks) -> bool:
        values = sorted(ticks.values)
        return all((b - a) * unit >= 1.3 * size for a, b in pairwise(values))

    return apart


def _draw_labels(canvas: Canvas, panel: Panel, box: Box, size: float) -> None:
    """Draw the axes' labels in the panel's corners, where they take half of it at most."""
    pad = 0.6 * size
    if panel.x_label and canvas.text_width(panel.x_label, size) <= 0.5 * box.width:
        at = (box.right - pad, box.bottom - pad)
        canvas.write(Text(at, panel.x_label, "quiet", size, "right"))
    if panel.y_label and canvas.text_width(panel.y_label, size) <= 0.5 * box.width:
        at = (box.left + pad, box.top + pad + 0.8 * size)
        canvas.write(Text(at, panel.y_label, "quiet", size))


def _bar_ticks(bar: ColorBar) -> list[Ticks]:
    """Return ways to mark a colour bar, by two to four ticks."""
    ways = axis_ticks((bar.low, bar.high), True, bar.log)
    return [ticks for ticks in ways if len(ticks.values) <= _MOST_OF_A_BAR] or ways


def _bar_room(bar: ColorBar | None) -> float:
    """Return the room to the right of a panel that its colour bar takes, in heights of a tick."""
    if bar is None:
        return 0.0
    widest = max((len(label) for label in _bar_ticks(bar)[0].labels), default=0)
    return _BAR_GAP + _BAR_WIDTH + _BAR_PAD + _LETTER * widest


def _draw_color_bar(
    canvas: Canvas, bar: ColorBar, panel: Box, text: float, theme: Theme, words: Words
) -> None:
    size = TICK * text
    left, width = round(panel.right + _BAR_GAP * size), max(3, round(_BAR_WIDTH * size))
    box = Box(left, panel.top, width, panel.height)
    limits = bar.low, bar.high if bar.high > bar.low else bar.low + 1
    place = Placement(box, (0.0, 1.0), limits)
    canvas.rectangle(box, theme.rgba("panel", 0.0 if theme.transparent else 1.0))
    levels = np.linspace(*limits, 256)[:, None]
    canvas.draw(Image(levels, (0.0, 1.0, *limits), bar.scale, *limits), place)
    shown = _spread(_bar_ticks(bar), _stacked(box, limits, size))
    for value, label in zip(shown.values, shown.labels, strict=True):
        y = float(place.pixels(np.array([[0.0, value]]))[0, 1])
        # A label at an end stays beside the bar.
        y = min(max(y + 0.36 * size, box.top + 0.72 * size), float(box.bottom))
        at = box.right + _BAR_PAD * size, y
        canvas.write(Text(at, words.number(label), "quiet", size))


def _draw_legend(
    canvas: Canvas,
    panel: Panel,
    right: float,
    baseline: float,
    room: float,
    text: float,
    theme: Theme,
) -> None:
    """Draw a legend that ends at `right` and takes no more than `room`; none if it cannot."""
    labels, size = [label for label, _ in panel.legend], SMALL * text
    colors = [theme.rgba(role) for _, role in panel.legend]

    def width() -> float:
        return sum(canvas.text_width(label, size) + 1.7 * size for label in labels)

    size *= max(_SMALLEST_LEGEND, min(1.0, room / width()))
    letters = max(map(len, labels))
    while width() > room and letters > _SHORTEST_NAME:
        letters -= 1
        labels = [name if len(name) <= letters else name[: letters - 1] + "…" for name in labels]
    if width() > room:
        return
    x = right
    for label, color in zip(reversed(labels), reversed(colors), strict=True):
        x -= canvas.text_width(label, size)
        canvas.write(Text((x, baseline), label, "quiet", size))
        side = round(0.5 * size)
        x -= 1.6 * side
        swatch = Box(round(x), round(baseline - 0.62 * size), side, side)
        canvas.rectangle(swatch, color)
        x -= 0.9 * size
