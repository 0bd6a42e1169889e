"""Kinds: what a page keeps of a track of marks, by their kind; see FORMAT.md."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nnanim.css import css_rgba
from nnanim.drawing.letters import Letters
from nnanim.marks import (
    Bars,
    Cells,
    HeightField,
    Image,
    Lines,
    Mark,
    Plane,
    Points,
    Polygons,
    Stop,
    Text,
)
from nnanim.page.fields import Fields
from nnanim.page.sources import Measure, Sources
from nnanim.page.thinning import Rows
from nnanim.page.tracks import Track, shown, tracks
from nnanim.themes import is_role

Kept = dict[str, Any]

_LEAST, _CELL = 12, 6  # cells of a field along a side, and pixels of one
_BITS = 6  # of what a field has in a cell: a step is 46 dB from none
_PIXELS = Measure(np.full(2, -8192.0), np.ones(2))  # of texts, which stand on whole ones


class Kinds:
    """Keeps marks: their arrays in `sources`, the scales that colour them in `scales`.

    `between` is called before each.
    """

    def __init__(
        self,
        sources: Sources,
        letters: Letters,
        fields: Fields,
        scales: dict[str, Any],
        between: Callable[[], None],
    ) -> None:
        self._sources = sources
        self._letters = letters
        self._fields = fields
        self._scales = scales
        self._between = between

    def marks(self, rows: Sequence[Sequence[Mark]], measure: Measure) -> list[Kept]:
        """Return what is kept of the marks of a panel at each sample."""
        shown = (track for track in tracks(rows) if self._sources.may_show(track))
        return [self._mark(track, measure) for track in shown]

    def _mark(self, track: Track, measure: Measure) -> Kept:
        self._between()
        first = next(mark for mark in track if mark is not None)
        keep: Callable[[Track, Measure], Kept] = {
            Points: self._points,
            Lines: self._lines,
            Polygons: self._polygons,
            Image: self._image,
            Bars: self._bars,
            Text: self._text,
            Plane: self._plane,
            Cells: self._cells,
            HeightField: self._heights,
        }[type(first)]
        found = keep(track, measure)
        ranges = shown(track)
        return found if ranges is None else {**found, "shown": ranges}

    def _points(self, track: Track, measure: Measure) -> Kept:
        places = _each(track, "xy")
        rows = self._sources.drawn(places)
        found = {"kind": "points", "xy": self._sources.array(places, measure, rows=rows)}
        colors = _each(track, "color")
        several = [None if c is None else c if isinstance(c, str) else list(c) for c in colors]
        first = next(color for color in several if color is not None)
        if isinstance(first, list):
            found["color"] = [self._color(color) for color in first]
        else:
            found["color"] = self._colors(track)
        if any(each is not None for each in _each(track, "index")):
            found["index"] = self._array(track, "index", None, rows)
        found |= self._values(track, ("size", "alpha", "shape"))
        if any(each is not None for each in _each(track, "values")):
            found |= {"values": self._array(track, "values", None, rows), **self._scaled(track)}
        return found

    def _lines(self, track: Track, measure: Measure) -> Kept:
        valued = any(each is not None for each in _each(track, "values"))
        paths = self._sources.paths(_each(track, "paths"), measure, whole=valued)
        found = {"kind": "lines", "paths": paths, "color": self._colors(track)}
        found |= self._values(track, ("width", "alpha"))
        if valued:
            values = self._sources.paths(_each(track, "values"), None)
            found |= {"values": values, **self._scaled(track)}
        return found

    def _polygons(self, track: Track, measure: Measure) -> Kept:
        paths = self._sources.paths(_each(track, "paths"), measure)
        found = {"kind": "polygons", "paths": paths, "color": self._colors(track)}
        found |= self._values(track, ("alpha",))
        if any(each is not None for each in _each(track, "values")):
            found |= {"values": self._array(track, "values", None), **self._scaled(track)}
        return found

    def _image(self, track: Track, measure: Measure) -> Kept:
        field = self._fields.recipe(track)
        if field is None:
            smaller = self._fields.smaller(track, max(_LEAST, measure.pixels // _CELL))
            field = self._sources.array(smaller, None, _BITS)
        extent = self._sources.value([None if m is None else list(m.extent) for m in track])
        return {"kind": "image", "field": field, "extent": extent, **self._scaled(track)}

    def _bars(self, track: Track, measure: Measure) -> Kept:
        across, up = (Measure(measure.low[i : i + 1], measure.step[i : i + 1]) for i in (0, 1))
        return {
            "kind": "bars",
            "positions": self._array(track, "positions", across),
            "heights": self._array(track, "heights", up),
            "color": self._colors(track),
            **self._values(track, ("width", "base", "alpha")),
        }

    def _text(self, track: Track, measure: Measure) -> Kept:
        del measure
        at = [None if mark is None else np.array([mark.xy], float) for mark in track]
        xy = self._sources.array(at, _PIXELS)
        found = {"kind": "text", "xy": xy, "color": self._colors(track)}
        texts = [
            None if mark is None else self._letters.spelt(mark.text, bold=mark.bold)
            for mark in track
        ]
        found["text"] = self._sources.value(texts)
        return found | self._values(track, ("size", "bold"))

    def _plane(self, track: Track, measure: Measure) -> Kept:
        inside = self.marks([() if mark is None else mark.marks for mark in track], measure)
        normal = self._sources.array(_each(track, "normal"), None)
        return {
            "kind": "plane",
            "normal": normal,
            **self._values(track, ("offset",)),
            "marks": inside,
        }

    def _cells(self, track: Track, measure: Measure) -> Kept:
        inside = self.marks([() if mark is None else mark.marks for mark in track], measure)
        return {
            "kind": "cells",
            "weight": self._array(track, "weight", None),
            "bias": self._array(track, "bias", None),
            "marks": inside,
        }

    def _heights(self, track: Track, measure: Measure) -> Kept:
        up = Measure(measure.low[2:], measure.step[2:])
        extent = self._sources.value([None if m is None else list(m.extent) for m in track])
        found = {"kind": "heights", "heights": self._array(track, "heights", up), "extent": extent}
        if any(each is not None for each in _each(track, "values")):
            found["values"] = self._sources.array(_each(track, "values"), None, 8)
        return {**found, **self._scaled(track)}

    def _array(
        self, track: Track, name: str, measure: Measure | None, rows: Rows | None = None
    ) -> Kept:
        return self._sources.array(_each(track, name), measure, rows=rows)

    def _values(self, track: Track, names: Sequence[str]) -> Kept:
        return {name: self._sources.value(_each(track, name)) for name in names}

    def _scaled(self, track: Track) -> Kept:
        scale = next(mark.scale for mark in track if mark is not None)
        return {"scale": self._scale(scale), **self._values(track, ("low", "high"))}

    def _scale(self, scale: str | tuple[Stop, ...]) -> str:
        if isinstance(scale, str):
            self._scales.setdefault(scale, None)
            return scale
        stops = [[stop.position, self._color(stop.color), stop.alpha] for stop in scale]
        for name, known in self._scales.items():
            if known == {"stops": stops}:
                return name
        name = f"stops{len(self._scales)}"
        self._scales[name] = {"stops": stops}
        return name

    def _colors(self, track: Track) -> Any:
        colors = _each(track, "color")
        return self._sources.value([None if c is None else self._color(c) for c in colors])

    def _color(self, color: str) -> str:
        return color if is_role(color) or not color else css_hex(color)


def css_hex(color: str) -> str:
    """Return a colour that CSS knows as #rrggbbaa."""
    rgba = css_rgba(color)
    assert rgba is not None  # what is no colour is refused when the film is tried
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in rgba)


def _each(track: Track, name: str) -> list[Any]:
    return [None if mark is None else getattr(mark, name) for mark in track]
