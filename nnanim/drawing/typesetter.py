"""Typesetter: text as glyphs, drawn once by matplotlib.

Every digit has a cell of the same whole number of pixels, so that what stands around a number does
not move when it changes, and a changing number costs its digits alone.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from math import ceil

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

from nnanim.drawing.fonts import family_of, font_for
from nnanim.drawing.formulas import SETTING, runs_of
from nnanim.drawing.glyphs import Glyph
from nnanim.marks import FIGURE_SPACE
from nnanim.texts import drawable

_PIECE = re.compile(f"[0-9]|{FIGURE_SPACE}|[^0-9{FIGURE_SPACE}]+")


def glyphs_of(text: str, family: str, size: float, bold: bool) -> list[Glyph]:
    """Return a text's glyphs, digits each by itself, a formula whole."""
    family = family_of(family)
    return [_glyph(piece, family, size, bold, math) for piece, math in _pieces(text)]


def width(text: str, family: str, size: float, *, bold: bool = False) -> int:
    """Return how many pixels a text is wide; none of it is drawn."""
    family = family_of(family)
    return sum(_pen(piece, family, size, bold, math) for piece, math in _pieces(text))


def shortened(text: str, family: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return a text, its end cut off where it is wider than so many pixels."""
    shown, letters = text, len(text)
    while letters > 1 and width(shown, family, size, bold=bold) > room:
        letters -= 1
        shown = f"{text[:letters].rstrip()}…"
    return shown


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Give a text's pieces, each with whether it is a formula."""
    for run, math in runs_of(drawable(text)):
        yield from ((piece, math) for piece in ([run] if math else _PIECE.findall(run)))


@lru_cache(maxsize=4096)
def _pen(piece: str, family: str, size: float, bold: bool, math: bool) -> int:
    """Return how many pixels a piece moves the pen."""
    font, piece = font_for(family, size, bold, piece)
    with SETTING:
        if piece == FIGURE_SPACE or piece.isdigit():
            return _cell(font)
        return round(_advance(piece, font, math))


@lru_cache(maxsize=1024)
def _glyph(piece: str, family: str, size: float, bold: bool, math: bool) -> Glyph:
    advance = _pen(piece, family, size, bold, math)
    font, piece = font_for(family, size, bold, piece)
    if piece == FIGURE_SPACE:
        return Glyph(np.zeros((0, 0), np.uint8), 0, 0, advance)
    with SETTING:
        pad, above, below = ceil(size), ceil(1.5 * size), ceil(0.8 * size)
        if math:  # of any height
            above, below = above + ceil(2 * size), below + ceil(2 * size)
        agg = RendererAgg(advance + 2 * pad, above + below, 72)  # type: ignore[no-untyped-call]
        agg.draw_text(agg.new_gc(), pad, above, piece, font, 0.0, ismath=math)  # type: ignore[no-untyped-call]
        mask = np.asarray(agg.buffer_rgba())[..., 3]  # type: ignore[no-untyped-call]
    if not mask.any():
        return Glyph(np.zeros((0, 0), np.uint8), 0, 0, advance)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    cut = np.ascontiguousarray(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return Glyph(cut, int(columns[0]) - pad, int(rows[0]) - above, advance)


def _cell(font: FontProperties) -> int:
    """Return the width of the cell in which any digit stands."""
    return round(max(_advance(digit, font) for digit in "0123456789"))


def _advance(piece: str, font: FontProperties, math: bool = False) -> float:
    """Return how far a text moves the pen; its own width would leave out the spaces at its ends."""
    agg = RendererAgg(1, 1, 72)  # type: ignore[no-untyped-call]
    if math:
        return float(agg.get_text_width_height_descent(piece, font, ismath=True)[0])  # type: ignore[no-untyped-call]
    framed, frame = (
        agg.get_text_width_height_descent(each, font, ismath=False)[0]  # type: ignore[no-untyped-call]
        for each in (f"|{piece}|", "||")
    )
    return float(framed - frame)
