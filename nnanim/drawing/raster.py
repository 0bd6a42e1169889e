"""Raster: marks and changing text drawn into pixels by the kernel, over furniture drawn before."""

from collections.abc import Callable
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from nnanim.drawing.colors import ColorMap, color_table, face_colors, point_shades, shade_of
from nnanim.drawing.glyphs import Typesetter
from nnanim.drawing.shapes import bar_outlines, corners_of, outline
from nnanim.drawing.surface import SHIFTS, Box, Placement, in_pixels, is_near, reached
from nnanim.kernels import faces, strokes
from nnanim.kernels import raster as kernel
from nnanim.kernels.blend import packed
from nnanim.kernels.yuv420 import to_yuv420
from nnanim.marks import Bars, Image, Lines, Mark, Points, Polygons, Stop, Text
from nnanim.themes import Theme
from nnanim.types import Floats, Frame

_MANY = 256  # from so many points on, making a table of sprites pays
_SMALL = 7.0  # pixels: the largest reach of a point for which the table is small
_NONE: Floats = np.zeros(0)  # values of lines that have one colour

Edges = tuple[int, int, int, int]  # left, top, right and bottom


class Yuv420:
    """Memory for a picture of `size` (width, height) as BT.709 yuv420p; both sides even."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.content = np.empty(size[0] * size[1] * 3 // 2, np.uint8)
        self.drawn: set[Box] | None = None  # what of it is more than furniture; None: nothing is in


class Raster:
    """A picture over `furniture` (height, width, 4), which it takes back by `clear`.

    Strokes are scaled by `stroke`; the glyphs of texts and the tables of colour maps are asked of
    those who know them. To be used by one thread.
    """

    def __init__(
        self,
        furniture: Frame,
        theme: Theme,
        stroke: float,
        typesetter: Typesetter,
        color_map: ColorMap,
    ) -> None:
        self._furniture = furniture
        self._theme = theme
        self._stroke = stroke
        self._typesetter = typesetter
        self._color_map = color_map
        self.pixels: Frame = furniture.copy()
        self._words = self.pixels.view("<u4")[..., 0]
        self._opaque = bool((furniture[..., 3] == 255).all())
        height, width = furniture.shape[:2]
        self._whole = Box(0, 0, width, height)
        count = height * width
        self._scratch = np.zeros(count, np.uint64), np.zeros((count + 1, 2), np.int32)
        self._shades = np.zeros(0, np.uint8)
        self._layers = np.zeros(0, np.float32)
        self._tables = strokes.half_planes(), strokes.samples()
        self._packed: dict[tuple[str, ...], NDArray[np.uint32]] = {}
        self._scales: dict[str | tuple[Stop, ...], tuple[NDArray[np.uint32], ...]] = {}
        self._drawn: set[Box] = set()

    def clear(self) -> None:
        """Take back everything drawn."""
        for box in self._drawn:
            part = slice(box.top, box.bottom), slice(box.left, box.right)
            self.pixels[part] = self._furniture[part]
        self._drawn.clear()

    def fade(self, draw: Callable[[], None], share: float) -> None:
        """Let the picture be one that has come so far from what `draw` draws on it."""
        later, drawn = self.pixels.copy(), set(self._drawn)
        self.clear()
        draw()
        weight = np.uint16(round(256 * share))
        mixed = self.pixels.astype(np.uint16) * (np.uint16(256) - weight) + later * weight
        self.pixels[:] = (mixed + np.uint16(128)) >> np.uint16(8)
        self._drawn |= drawn

    def convert(self, yuv: Yuv420) -> None:
        """Make `yuv`, into which pictures over the same furniture were converted, show this one."""
        stale = {self._whole} if yuv.drawn is None else yuv.drawn | self._drawn
        for box in stale:
            to_yuv420(self._words, _edges(box), yuv.content)
        yuv.drawn = set(self._drawn)

    def draw(self, mark: Mark, place: Placement) -> None:
        """Draw a mark in a panel, cut at the panel's edges and the picture's."""
        if (seen := self._seen(place.box)) is None:
            return
        self._drawn.add(seen)
        clip = _edges(seen)
        match mark:
            case Points():
                self._points(mark, place, clip)
            case Lines():
                self._lines(mark, place, clip)
            case Polygons() if mark.values is not None:
                self._faces(mark, place, clip)
            case Polygons():
                self._fills(mark.paths, mark.color, mark.alpha, place, clip)
            case Bars():
                self._fills(bar_outlines(mark), mark.color, mark.alpha, place, clip)
            case Image():
                self._image(mark, place, clip)
            case Text():
                self.write(in_pixels(mark, place, self._stroke))

    def _seen(self, box: Box) -> Box | None:
        """Return what of a box is in the picture, beyond which a kernel must not write."""
        left, top, right, bottom = _edges(box)
        width, height = self._whole.width, self._whole.height
        if left >= 0 and top >= 0 and right <= width and bottom <= height:
            return box if left < right and top < bottom else None
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, width), min(bottom, height)
        return Box(left, top, right - left, bottom - top) if left < right and top < bottom else None

    def write(self, text: Text) -> None:
        """Write a text, its place and size in pixels; digits all have the same width."""
        if not is_near(text.xy):
            return
        glyphs = self._typesetter(text.text, self._theme.font, text.size, text.bold)
        shift = SHIFTS[text.anchor] * sum(glyph.advance for glyph in glyphs)
        x, y = round(text.xy[0] - shift), round(text.xy[1])
        color_word, clip = self._colors((text.color,))[0], _edges(self._whole)
        edges = []
        for glyph in glyphs:
            left, top = x + glyph.left, y + glyph.top
            height, width = glyph.mask.shape
            kernel.tint(self._words, clip, left, top, color_word, glyph.mask)
            edges.append((left, top, left + width, top + height))
            x += glyph.advance
        if edges:
            self._note(*edges)

    def _note(self, *parts: Edges) -> None:
        """Note the box around `parts` as drawn on."""
        lefts, tops, rights, bottoms = zip(*parts, strict=True)
        left, top = min(lefts), min(tops)
        around = Box(left, top, max(rights) - left, max(bottoms) - top)
        if (seen := self._seen(around)) is not None:
            self._drawn.add(seen)

    def _points(self, mark: Points, place: Placement, clip: Edges) -> None:
        middles = np.ascontiguousarray(mark.xy, np.float64)
        if mark.values is not None:
            colors, index = self._words_of(mark.scale)[0], point_shades(mark)
        else:
            roles = (mark.color,) if isinstance(mark.color, str) else tuple(mark.color)
            colors = self._colors(roles)
            picked = np.zeros(len(middles), np.int64) if mark.index is None else mark.index
            index = np.ascontiguousarray(picked, np.int64)
        ring = outline(mark.shape, mark.size * self._stroke / 2)
        where = self._words, clip, middles, _mapping(place), colors, index
        if len(middles) >= _MANY and np.abs(ring).max() <= _SMALL:
            table, reach = kernel.sprites(ring.tobytes(), mark.alpha)
            kernel.stamp(*where, table, reach, self._opaque)
        else:
            kernel.scatter(*where, ring, mark.alpha)

    def _lines(self, mark: Lines, place: Placement, clip: Edges) -> None:
        if not mark.paths:
            return
        points: Floats = np.ascontiguousarray(np.concatenate(mark.paths), np.float64)
        values: Floats = _NONE
        starts = np.array([0, *accumulate(map(len, mark.paths))])
        if mark.values is None:
            colors, weights = self._colors((mark.color,)), _share(mark.alpha)
        else:
            colors, weights = self._words_of(mark.scale)
            weights = _faded(weights, mark.alpha)
            shades = shade_of(np.concatenate(mark.values), mark.low, mark.high)
            values = np.asarray(shades, np.float64)
            if not len(self._shades):
                self._shades = np.zeros(self._words.size, np.uint8)
        finite = np.isfinite(points)
        if not finite.all():
            finite = np.asarray(finite.all(axis=1))
            points, values, starts = _parted(points, values, starts, finite)
        strokes.stroke(
            *(self._words, clip, points, starts, _mapping(place)),
            *(mark.width * self._stroke / 2, colors, weights, values),
            *((*self._scratch, self._shades), self._tables),
        )

    def _fills(
        self, paths: object, color: str, alpha: float, place: Placement, clip: Edges
    ) -> None:
        word = self._colors((color,))[0]
        for path in paths:  # type: ignore[attr-defined]
            pixels = np.ascontiguousarray(place.pixels(np.asarray(path, np.float64)))
            if len(pixels) > 2 and np.isfinite(pixels).all():
                kernel.fill(self._words, clip, pixels, word, alpha)

    def _faces(self, mark: Polygons, place: Placement, clip: Edges) -> None:
        if len(mark.paths) == 0:
            return
        points, starts = corners_of(mark)
        if not len(self._layers):
            self._layers = np.zeros(self._words.size * faces.LANES, np.float32)
        colors = np.asarray(face_colors(mark, self._table(mark.scale)), np.float32)
        where = self._words, clip, points, starts, _mapping(place)
        faces.fill_faces(*where, colors, self._layers)

    def _image(self, mark: Image, place: Placement, clip: Edges) -> None:
        left, right, bottom, top = place.edges(mark.extent)
        across, down = reached(left, right, *clip[::2]), reached(top, bottom, *clip[1::2])
        field = shade_of(mark.field, mark.low, mark.high)
        if field.size == 0 or across is None or down is None:
            return
        kernel.image(
            *(self._words, across[0], down[0], np.ascontiguousarray(field, np.float32)),
            kernel.resampling(field.shape[0], bottom, top, *down),
            kernel.resampling(field.shape[1], left, right, *across),
            *self._words_of(mark.scale),
        )

    def _words_of(self, scale: str | tuple[Stop, ...]) -> tuple[NDArray[np.uint32], ...]:
        """Return the 256 colours of a scale as words, and the weight of each in [0, 256]."""
        found = self._scales.get(scale)
        if found is None:
            table = self._table(scale)
            found = self._scales[scale] = packed(table), _weights(table)
        return found

    def _table(self, scale: str | tuple[Stop, ...]) -> NDArray[np.uint8]:
        return color_table(scale, self._theme, self._color_map)

    def _colors(self, roles: tuple[str, ...]) -> NDArray[np.uint32]:
        if roles not in self._packed:
            rgba = np.array([self._theme.rgba(role) for role in roles])
            self._packed[roles] = packed(np.rint(255 * rgba).astype(np.uint8))
        return self._packed[roles]


def _edges(box: Box) -> Edges:
    return box.left, box.top, box.right, box.bottom


def _mapping(place: Placement) -> tuple[float, float, float, float]:
    """Return (scale, shift) of x and of y from the panel's coordinates to pixels."""
    box = place.box
    across = box.width / (place.x[1] - place.x[0])
    down = -box.height / (place.y[1] - place.y[0])
    return across, box.left - across * place.x[0], down, box.bottom - down * place.y[0]


def _weights(table: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return the alpha of each colour as a weight in [0, 256]."""
    return np.asarray(np.rint(table[:, 3] * (256 / 255)), np.uint32)


def _share(alpha: float) -> NDArray[np.uint32]:
    return np.array([round(256 * min(max(alpha, 0.0), 1.0))], np.uint32)


def _faded(weights: NDArray[np.uint32], alpha: float) -> NDArray[np.uint32]:
    return np.asarray(np.rint(weights * min(max(alpha, 0.0), 1.0)), np.uint32)


def _parted(
    points: Floats, values: Floats, starts: NDArray[np.integer], finite: NDArray[np.bool_]
) -> tuple[Floats, Floats, NDArray[np.integer]]:
    """Return points, values and starts of lines that end where a point is not finite."""
    begins = np.zeros(len(points) + 1, bool)
    begins[starts] = True
    begins[1:] |= ~finite
    line = np.cumsum(begins[:-1])[finite]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(line)) + 1, [finite.sum()]])
    return points[finite], values[finite] if len(values) else values, starts
