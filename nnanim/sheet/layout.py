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

from nnanim.drawing.surface import Box
from nnanim.sheet.rows import Blocks, Row, best_rows
from nnanim.sheet.scale import PANEL_TITLE, SMALL, TITLE, Scale


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
    panels, texts = best_rows(content, rows, text, blocks)
    if bare:
        return Layout(side, width - side, title, panels, texts, None, hairline, footer)
    # Room that the panels cannot use, on a square sheet say, goes to the strip first.
    spare = content.height - (max(box.bottom for box in panels) - min(box.top for box in panels))
    grown = min(0.16 * height, 0.6 * (spare - 3.6 * PANEL_TITLE * text))
    if grown > 0.02 * height:
        strip_height += round(grown)
        content = replace(content, height=content.height - round(grown))
        panels, texts = best_rows(content, rows, text, blocks)
    # A hundredth wider at each end than what it spans, so that the playhead is never cut.
    pad = round(0.01 * (width - 2 * side))
    strip = Box(side - pad, hairline - strip_height, width - 2 * (side - pad), strip_height)
    return Layout(side, width - side, title, panels, texts, strip, hairline, footer)
