"""Renderer: film time → picture. Furniture is drawn once, marks for every frame.

A picture depends on the sheet and on t alone: the same t gives the same bytes, in any order and on
any number of threads.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nnanim.drawing.color_maps import color_map
from nnanim.drawing.fonts import tell_of_lacks
from nnanim.drawing.plate import plate
from nnanim.drawing.raster import Raster, Yuv420
from nnanim.drawing.typesetter import glyphs_of
from nnanim.errors import UsageError
from nnanim.network.torch_state import one_thread
from nnanim.sheet.sheet import Sheet
from nnanim.sheet.standing import looks
from nnanim.threads import AHEAD, cores, in_order
from nnanim.types import Frame

T = TypeVar("T")


class Renderer:
    """Draws the frames of a sheet, several at once on `threads` threads; None: one for each core.

    Frames are (height, width, 4) RGBA arrays, or the bytes of BT.709 yuv420p.
    """

    def __init__(self, sheet: Sheet, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise UsageError(f"threads={threads}: expected at least 1")
        self.sheet = sheet
        self.threads = threads or cores()
        self._local = threading.local()
        self._furniture = _furniture(sheet)

    def frame(self, t: float) -> Frame:
        """Return the picture at `t` seconds."""
        return self._drawn(t).pixels.copy()

    def frames(self, times: Sequence[float] | None = None) -> Iterator[Frame]:
        """Give the pictures at `times` in seconds, in order; left out, every frame of the film."""
        for frame, count in self._each(self.frame, times):
            yield frame
            for _ in range(count - 1):
                yield frame.copy()

    def yuv420(self, times: Sequence[float] | None = None) -> Iterator[NDArray[np.uint8]]:
        """Give what `frames` does as yuv420p (height · width · 3 / 2,); both sides must be even.

        Each is good until the next is asked for: then its memory is used again.
        """
        free: SimpleQueue[Yuv420] = SimpleQueue()
        for _ in range(AHEAD * self.threads + 1):
            free.put(Yuv420(self.sheet.look.size))

        def make(t: float) -> Yuv420:
            raster, yuv = self._drawn(t), free.get()
            raster.convert(yuv)
            return yuv

        for yuv, count in self._each(make, times):
            for _ in range(count):
                yield yuv.content
            free.put(yuv)

    def converted(
        self, make: Callable[[Frame], T], times: Sequence[float] | None = None
    ) -> Iterator[T]:
        """Give what `make` makes of each picture, on the threads that draw.

        It may be called by several at once, and may not keep the picture. What it made is given
        again for times that look alike.
        """
        for made, count in self._each(lambda t: make(self._drawn(t).pixels), times):
            for _ in range(count):
                yield made

    def _drawn(self, t: float) -> Raster:
        """Return this thread's picture, drawn at `t`; in a cross-fade, of two times."""
        if not hasattr(self._local, "raster"):
            look = self.sheet.look.theme, self.sheet.scale.stroke
            self._local.raster = Raster(self._furniture, *look, glyphs_of, color_map)
        raster: Raster = self._local.raster
        raster.clear()
        self._draw(raster, t)
        fade = self.sheet.film.clock.fade(t)
        if fade is not None:
            raster.fade(lambda: self._draw(raster, fade[0]), fade[1])
        tell_of_lacks()
        return raster

    def _draw(self, raster: Raster, t: float) -> None:
        self.sheet.draw_marks(raster, t)
        self.sheet.draw_figures(raster, t)

    def _each(
        self, make: Callable[[float], T], times: Sequence[float] | None
    ) -> Iterator[tuple[T, int]]:
        """Give what `make` makes of each of `times`, in order, and how many times it serves.

        Those that follow one another and look alike are made once.
        """
        counts: deque[int] = deque()

        def firsts() -> Iterator[float]:
            every = self.sheet.film.timeline.times if times is None else times
            for _, alike in groupby(every, looks(self.sheet)):
                first, *more = alike
                counts.append(1 + len(more))
                yield first

        for made in _in_order(make, firsts(), self.threads):
            yield made, counts.popleft()


def _furniture(sheet: Sheet) -> Frame:
    """Return what stands still, drawn by matplotlib."""
    return plate(sheet.look.size, sheet.look.theme, sheet.scale.stroke, sheet.draw_furniture)


def _in_order(make: Callable[[float], T], times: Iterator[float], threads: int) -> Iterator[T]:
    """Give what `make` makes of each of `times`, in order, made on `threads` threads."""
    with one_thread():
        # What all frames share is computed once, by the first.
        yield from map(make, islice(times, 1))
        yield from in_order(make, times, threads)
