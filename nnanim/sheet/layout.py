"""Where things stand on the sheet, in pixels from its top left corner.

    ┌───────────────────────────────────────────────┐
    │ title                              epoch  128 │  header
    │ panel title   subtitle   panel title          │  heads
    │ ┌──────────┐             ┌──────────┐         │
    │ │  panel   │     …       │  panel   │         │  panels
    │ └──────────┘             └──────────┘         │
    │  -1   0   1               -1   0   1          │  ticks
    │ what is said at this time                     │  caption, if the film has any
    │ loss, log  ────●                              │  strip
    │ figures                                recipe │  footer
    └───────────────────────────────────────────────┘

A bare sheet has heads, panels and ticks only; one without a clock has a title, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nnanim.drawing.surface import Box
from nnanim.sheet.blocks import Stand
from nnanim.sheet.said import PITCH
from nnanim.sheet.scale import Scale
from nnanim.sheet.title import LEADING

Place = Callable[[Box, int], Sequence[Stand]]  # of the panels, in a box with a margin at its left

SIDE = 0.06  # margin, as a share of the width
_TOP, _FOOT = 0.028, 0.026  # margins, as shares of the height
_STRIP, _GAP = 0.054, 0.012  # of the height


@dataclass(frozen=True)
class Layout:
    """Boxes and base lines of everything on the sheet."""

    left: int
    right: int
    title: int  # base line of its first line
    stands: tuple[Stand, ...]  # of the panels
    caption: Box | None  # the place that is kept for what is said
    strip: Box | None
    strip_name: int  # base line
    hairline: int
    footer: int  # base line

    @property
    def panels(self) -> tuple[Box, ...]:
        """The boxes of the panels."""
        return tuple(stand.box for stand in self.stands)

    @property
    def smallest(self) -> int:
        """The shortest side of any panel."""
        return min(min(box.width, box.height) for box in self.panels)


def lay_out(
    scale: Scale,
    place: Place,
    *,
    bare: bool = False,
    clock: bool = True,
    titles: int = 1,
    captions: int = 0,
    strip_name: int = 0,
) -> Layout:
    """Return the layout of a sheet whose panels stand where `place` puts them.

    Its title has so many lines, and its captions; `strip_name` is the width of what names the
    strip. Without a `clock` there is no strip, and nothing below it.
    """
    width, height = scale.size
    side = round(SIDE * width)
    title = round(_TOP * height + scale.title)
    header = title + round((LEADING * (titles - 1) + 0.36) * scale.title)
    footer = round((1 - _FOOT) * height)
    hairline = round(footer - 1.4 * scale.figures)
    below, strip = round((1 - _TOP) * height), None
    if bare:
        header = round(_TOP * height)
    elif clock:
        # A hundredth wider at each end than what it spans, so that the playhead is never cut.
        start = side + strip_name
        pad = round(0.01 * (width - side - start))
        high = round(_STRIP * height)
        strip = Box(start - pad, hairline - high, width - side - start + 2 * pad, high)
        below = strip.top - round(_GAP * height)
    caption = None
    if captions and not bare and clock:
        high = round(captions * PITCH * scale.figures)
        caption = Box(side, below - high, width - 2 * side, high)
        below = caption.top - round(0.5 * _GAP * height)
    content = Box(side, header, width - 2 * side, max(1, below - header))
    margin = side - round(0.3 * scale.small)
    middle = 0 if strip is None else strip.top + strip.height // 2
    name = round(middle + 0.36 * scale.small)
    stands = tuple(place(content, margin))
    return Layout(side, width - side, title, stands, caption, strip, name, hairline, footer)
