"""Capture: a surface that keeps what is drawn over the panels, in pixels of the sheet."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from nnanim.drawing.painter import flattened
from nnanim.drawing.surface import SHIFTS, Placement, in_pixels, is_near
from nnanim.drawing.typesetter import width
from nnanim.marks import Cells, Lines, Mark, Plane, Points, Polygons, Text
from nnanim.network.torch_state import one_thread
from nnanim.sheet.furniture import axis_labels
from nnanim.sheet.labels import draw_in_panel
from nnanim.sheet.sheet import Sheet
from nnanim.threads import Progress, cores, in_order
from nnanim.view import expect_drawable


class Capture:
    """Keeps marks and texts in the order in which they are drawn."""

    def __init__(self, font: str, stroke: float) -> None:
        self.marks: list[Mark] = []
        self._font = font
        self._stroke = stroke

    def draw(self, mark: Mark, place: Placement) -> None:
        """Keep a mark, its coordinates in pixels."""
        match mark:
            case Points():
                self.marks.append(replace(mark, xy=place.pixels(np.asarray(mark.xy, float))))
            case Lines() | Polygons():
                paths = [place.pixels(np.asarray(path, float)) for path in mark.paths]
                self.marks.append(replace(mark, paths=paths))
            case Text():
                self.write(in_pixels(mark, place, self._stroke))

    def write(self, text: Text) -> None:
        """Keep a text, from the left end of its base line."""
        if not is_near(text.xy):
            return
        wide = width(text.text, self._font, text.size, bold=text.bold)
        at = round(text.xy[0] - SHIFTS[text.anchor] * wide), round(text.xy[1])
        self.marks.append(replace(text, xy=at, anchor="left"))


Shot = tuple[list[list[Mark]], list[Mark]]  # the marks of each panel, and those over all


def shots_of(sheet: Sheet, times: Sequence[float], progress: Progress | None = None) -> list[Shot]:
    """Return what the sheet shows at each of `times` in seconds, made on all cores."""
    found = []
    with one_thread():
        first = captured(sheet, times[0])  # what all share is computed once
        rest = in_order(lambda t: captured(sheet, t), times[1:], cores())
        for i, shot in enumerate(chain([first], rest), start=1):
            found.append(shot)
            if progress is not None:
                progress("frames", i, len(times))
    return found


def captured(sheet: Sheet, t: float) -> Shot:
    """Return what the sheet shows at `t` seconds."""
    capture = Capture(sheet.font, sheet.scale.stroke)
    rows: list[list[Mark]] = []
    share = t / sheet.film.timeline.seconds
    for panel, place, marks in sheet.marks(t):
        expect_drawable(panel, marks)
        rows.append(_kept(marks))
        texts: list[Mark] = [mark for mark in marks if isinstance(mark, Text)]
        if texts and panel.camera is not None:
            texts = flattened(texts, panel.camera.at(share))
        if texts:
            taken = axis_labels(panel, place.box, sheet.scale, sheet.font)
            draw_in_panel(capture, texts, place, sheet.scale, sheet.font, taken)
    sheet.draw_figures(capture, t)
    return rows, capture.marks


def _kept(marks: Sequence[Mark]) -> list[Mark]:
    """Return what a page keeps of marks: all but texts, which lie over the panels."""
    return [
        replace(mark, marks=_kept(mark.marks)) if isinstance(mark, Plane | Cells) else mark
        for mark in marks
        if not isinstance(mark, Text)
    ]
