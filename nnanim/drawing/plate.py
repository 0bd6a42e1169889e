"""Plate: what stands still in a film, drawn by matplotlib once, and not again for the next like it.

Films that follow one another, as a knob is turned or a scene is tried and trained, most often
differ in the last thing that is written: the recipe.
"""

import pickle
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg

from nnanim.drawing.canvas import Canvas
from nnanim.drawing.surface import Board, Box, Placement
from nnanim.marks import Mark, Text
from nnanim.themes import Theme
from nnanim.types import Frame

Steps = list[tuple[str, tuple[Any, ...]]]  # methods of a board, and what each is given

_LOCK = Lock()
_last: list[tuple[bytes, Frame]] = []  # all steps but the last of the plate before, and its pixels


def plate(
    size: tuple[int, int], theme: Theme, stroke: float, furniture: Callable[[Board], None]
) -> Frame:
    """Return the picture (height, width, 4) of what `furniture` draws on a board of `size`."""
    agg = RendererAgg(*size, 72)  # type: ignore[no-untyped-call]  # 72 dots an inch: a point is a pixel
    canvas, pixels = Canvas(agg, size, theme, stroke), np.asarray(agg.buffer_rgba())  # type: ignore[no-untyped-call]
    noted = _Noted(canvas)
    furniture(noted)
    before, last = noted.steps[:-1], noted.steps[-1:]
    key = _key(size, theme, stroke, before)
    with _LOCK:
        known = next((frame for steps, frame in _last if steps == key), None)
    if known is None:
        _draw(canvas, before)
        if key is not None:
            with _LOCK:
                _last[:] = [(key, pixels.copy())]
    else:
        pixels[:] = known
    _draw(canvas, last)
    return pixels.copy()


def _draw(canvas: Canvas, steps: Steps) -> None:
    for name, given in steps:
        getattr(canvas, name)(*given)


def _key(*parts: Any) -> bytes | None:
    """Return what tells a plate from others; None for parts that have no bytes."""
    try:
        return pickle.dumps(parts)
    except Exception:  # whatever a colour scale of the scene's own is made of
        return None


class _Noted:
    """A board that notes what is to be drawn on a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self.steps: Steps = []
        self.text_width = canvas.text_width

    def draw(self, mark: Mark, place: Placement) -> None:
        self.steps.append(("draw", (mark, place)))

    def rectangle(self, box: Box, role: str, alpha: float = 1.0) -> None:
        self.steps.append(("rectangle", (box, role, alpha)))

    def write(self, text: Text) -> None:
        self.steps.append(("write", (text,)))
