"""A surface to draw marks on: what the raster and the vector back end share."""

from dataclasses import dataclass, replace
from math import isfinite
from typing import Protocol

import numpy as np

from nnanim.mark_checks import expect_readable
from nnanim.marks import Anchor, Mark, Text
from nnanim.types import Floats

_NEAR = 1e6  # pixels
# How much of its width a text lies to the left of its place.
SHIFTS: dict[Anchor, float] = {"left": 0.0, "center": 0.5, "right": 1.0}


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; `top` counts downwards."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row below."""
        return self.top + self.height


@dataclass(frozen=True)
class Placement:
    """Where a panel's coordinates lie on the sheet."""

    box: Box
    x: tuple[float, float]
    y: tuple[float, float]

    def pixels(self, xy: Floats) -> Floats:
        """Return points (n, 2) of the panel in pixels from the sheet's top left corner."""
        across = (xy[:, 0] - self.x[0]) / (self.x[1] - self.x[0])
        up = (xy[:, 1] - self.y[0]) / (self.y[1] - self.y[0])
        return np.stack(
            [self.box.left + across * self.box.width, self.box.bottom - up * self.box.height],
            axis=1,
        )

    def edges(self, extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Return where (x0, x1, y0, y1) of the panel lie in pixels of the sheet, as `pixels`."""
        (x, y), box = (self.x, self.y), self.box
        across = [(float(at) - x[0]) / (x[1] - x[0]) for at in extent[:2]]
        up = [(float(at) - y[0]) / (y[1] - y[0]) for at in extent[2:]]
        left, right = (box.left + share * box.width for share in across)
        bottom, top = (box.bottom - share * box.height for share in up)
        return left, right, bottom, top


def is_near(at: Floats | tuple[float, ...]) -> bool:
    """Return whether a place in pixels is anywhere near the sheet."""
    return bool((np.abs(at) < _NEAR).all())


def reached(start: float, end: float, first: int, last: int) -> tuple[int, int] | None:
    """Return the whole pixels [from, to) within [first, last) that an image reaches, if any."""
    if not (isfinite(start) and isfinite(end)):
        return None
    low, high = sorted(round(min(max(at, first), last)) for at in (start, end))
    return (low, high) if low < high else None


class Surface(Protocol):
    """What the sheet is drawn on."""

    def draw(self, mark: Mark, place: Placement) -> None:
        """Draw a mark in a panel, cut at the panel's edges."""

    def write(self, text: Text) -> None:
        """Write a text, its place and size in pixels of the sheet."""


class Board(Surface, Protocol):
    """A surface that furniture is drawn on, too."""

    def rectangle(self, box: Box, role: str, alpha: float = 1.0) -> None:
        """Fill a box."""

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width in pixels of a text."""


def in_pixels(text: Text, place: Placement, stroke: float) -> Text:
    """Return a text of a panel with place and size in pixels of the sheet."""
    expect_readable(text.text, text.size)
    (at,) = place.pixels(np.asarray(text.xy, float)[None])
    return replace(text, xy=at, size=text.size * stroke)
