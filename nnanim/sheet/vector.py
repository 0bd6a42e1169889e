"""Vector pictures: a sheet as SVG or PDF, its marks as paths and its text as text.

The sheet is drawn by the same calls as a film's frames, through matplotlib's vector back ends.
"""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure

from nnanim.drawing.canvas import Canvas
from nnanim.drawing.fonts import family_of, tell_of_lacks
from nnanim.sheet.look import Look
from nnanim.sheet.sheet import Sheet

_DOTS = 72  # an inch: a pixel of the sheet is a point


def vector_picture(sheet: Sheet, t: float, kind: str, provenance: Mapping[str, Any]) -> bytes:
    """Return the picture at `t` seconds as the bytes of an "svg" or "pdf" file.

    The same sheet and time give the same bytes.
    """

    def draw(canvas: Canvas) -> None:
        """Draw furniture, marks and figures in the order of a film's frame."""
        sheet.draw_furniture(canvas)
        sheet.draw_marks(canvas, t)
        sheet.draw_figures(canvas, t)

    return drawn_by(draw, sheet.look, kind, provenance)


def drawn_by(
    draw: Callable[[Canvas], None], look: Look, kind: str, provenance: Mapping[str, Any]
) -> bytes:
    """Return what `draw` puts on a canvas as the bytes of a "png", "svg" or "pdf" file.

    `provenance` names it by its "title".
    """
    width, height = look.size
    figure = Figure(figsize=(width / _DOTS, height / _DOTS), dpi=_DOTS, frameon=False)
    figure.add_artist(_Drawing(draw, look))
    title, note = str(provenance["title"]), json.dumps(provenance, sort_keys=True)
    told = {
        "svg": {"Title": title, "Description": note, "Date": None},
        "pdf": {"Title": title, "Subject": note, "CreationDate": None},
        "png": {"Title": title, "Description": note, "Software": None},
    }
    content = io.BytesIO()
    # Real text, and names of parts that do not change from run to run.
    with rc_context({"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "nnanim"}):
        figure.savefig(content, format=kind, metadata=told[kind])
    tell_of_lacks()
    made, family = content.getvalue(), family_of(look.theme.font)
    return _as_seen(made, family) if kind == "svg" else made


def _as_seen(svg: bytes, font: str) -> bytes:
    """Return the SVG with text as it was laid out: runs of spaces kept, fonts of equal widths."""
    family = f"font-family: '{font}'".encode()
    svg = svg.replace(family, family + b", Verdana, sans-serif")
    return svg.replace(b'<style type="text/css">', b'<style type="text/css">text{white-space:pre}')


class _Drawing(Artist):
    """A drawing on a canvas, as a part of a figure."""

    def __init__(self, draw: Callable[[Canvas], None], look: Look) -> None:
        super().__init__()
        self._draw = draw
        self._look = look

    def draw(self, renderer: RendererBase) -> None:
        """Draw it."""
        look = self._look
        self._draw(Canvas(renderer, look.size, look.theme, look.scale.stroke))
