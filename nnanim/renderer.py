"""Renderer: film time → picture. Furniture is drawn once, marks for every frame.

A picture depends on the sheet and on t alone: the same t gives the same bytes, in any order and on
any thread.
"""

import threading
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from numpy.typing import NDArray

from nnanim.canvas import Canvas
from nnanim.film import Film
from nnanim.sheet import Sheet, default_views
from nnanim.theme import theme_named

Frame = NDArray[np.uint8]


class Renderer:
    """Draws the frames of a sheet as (height, width, 4) RGBA arrays."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._local = threading.local()
        agg, canvas = self._new_canvas()
        sheet.draw_furniture(canvas)
        self._furniture = np.array(_pixels(agg))

    def frame(self, t: float) -> Frame:
        """Return the picture at `t` seconds."""
        if not hasattr(self._local, "canvas"):
            self._local.agg, self._local.canvas = self._new_canvas()
        canvas: Canvas = self._local.canvas
        pixels = _pixels(self._local.agg)
        pixels[:] = self._furniture
        sheet = self.sheet
        for view, places in zip(sheet.views, sheet.placements, strict=True):
            for marks, place in zip(view.marks(sheet.film, t), places, strict=True):
                for mark in marks:
                    canvas.draw(mark, place)
        sheet.draw_figures(canvas, t)
        return pixels.copy()

    def frames(self, times: Sequence[float] | None = None) -> Iterator[Frame]:
        """Give the pictures at `times` in seconds, in order; left out, every frame of the film."""
        timeline = self.sheet.film.timeline
        if times is None:
            times = [timeline.time(i) for i in range(timeline.frames)]
        yield from (self.frame(t) for t in times)

    def _new_canvas(self) -> tuple[RendererAgg, Canvas]:
        width, height = self.sheet.size
        agg = RendererAgg(width, height, 72)  # type: ignore[no-untyped-call]  # 72 dots an inch: a point is a pixel
        return agg, Canvas(agg, self.sheet.size, self.sheet.theme, self.sheet.scale.stroke)


def _pixels(agg: RendererAgg) -> Frame:
    """Return the renderer's own pixels (height, width, 4), not a copy."""
    return np.asarray(agg.buffer_rgba())  # type: ignore[no-untyped-call]


def renderer_of(
    film: Film,
    *,
    size: tuple[int, int] = (1920, 1080),
    theme: str | None = None,
    bare: bool = False,
) -> Renderer:
    """Return a renderer of the film's scene, or of what suits its task where it has none."""
    scene = film.recording.scene
    rows = scene.rows if scene is not None and scene.rows else default_views(film)
    named = theme or (scene.theme if scene is not None else "dark")
    return Renderer(Sheet(film, rows, theme_named(named), size, bare))
