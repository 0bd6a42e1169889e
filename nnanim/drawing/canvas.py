"""Canvas: marks and furniture drawn through a matplotlib renderer, whichever its back end.

Pixels count from the top left corner, as in `layout`. Agg gives pictures; the same calls give
vector marks and real text where the renderer is one of matplotlib's vector back ends. Positions
are never rounded to whole pixels, so that slow motion stays smooth.
"""

from functools import lru_cache

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox
from PIL import Image as Pillow

from nnanim.drawing.color_maps import color_map
from nnanim.drawing.colors import color_table, face_colors, point_shades, shade_of
from nnanim.drawing.fonts import family_of, font_for
from nnanim.drawing.formulas import runs_of
from nnanim.drawing.shapes import bar_outlines, outline
from nnanim.drawing.surface import SHIFTS, Box, Placement, in_pixels, is_near, reached
from nnanim.marks import Bars, Image, Lines, Mark, Points, Polygons, Text
from nnanim.texts import drawable
from nnanim.themes import Rgba, Theme
from nnanim.types import Floats

_SEAM = 0.7  # pixels: width of the outline that hides the seam between two faces
_LEAST_CELL = 1e-3  # of an image that is far larger than its panel, what is shown at least
_FLIP = Affine2D().scale(1, -1)  # outlines are given as seen, y downwards


class Canvas:
    """A sheet of `size` (width, height) to draw on; strokes are scaled by `stroke`."""

    def __init__(
        self, renderer: RendererBase, size: tuple[int, int], theme: Theme, stroke: float
    ) -> None:
        self._renderer = renderer
        self._theme = theme
        self._family = family_of(theme.font)
        self._stroke = stroke
        self._height = size[1]
        self._upright = Affine2D().scale(1, -1).translate(0, size[1])

    def draw(self, mark: Mark, place: Placement) -> None:
        """Draw a mark in a panel, cut at the panel's edges."""
        clip = place.box
        match mark:
            case Points():
                self._points(mark, place)
            case Lines():
                self._lines(mark, place)
            case Polygons() if mark.values is not None:
                self._faces(mark, place)
            case Polygons():
                for path in mark.paths:
                    self._fill(place.pixels(path), self._theme.rgba(mark.color, mark.alpha), clip)
            case Bars():
                for path in bar_outlines(mark):
                    self._fill(place.pixels(path), self._theme.rgba(mark.color, mark.alpha), clip)
            case Image():
                self._image(mark, place)
            case Text():
                self.write(in_pixels(mark, place, self._stroke))

    def rectangle(self, box: Box, role: str, alpha: float = 1.0) -> None:
        """Fill a box."""
        edges = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom)]
        corners = np.array([*edges, (box.left, box.bottom)], float)
        self._fill(corners, self._theme.rgba(role, alpha), None)

    def write(self, text: Text) -> None:
        """Write a text, its place and size in pixels of the sheet."""
        if not is_near(text.xy):
            return
        x, y = text.xy
        if text.anchor != "left":
            x -= SHIFTS[text.anchor] * self.text_width(text.text, text.size, bold=text.bold)
        if not self._renderer.flipy():
            y = self._height - y
        gc = self._pen(self._theme.rgba(text.color), 1.0, None)
        for run, math in runs_of(drawable(text.text)):
            font, shown = font_for(self._family, text.size, text.bold, run)
            # Whole pixels: what does not move must not shimmer either.
            self._renderer.draw_text(gc, round(x), round(y), shown, font, 0.0, ismath=math)
            x += self._width(shown, font, math)

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width in pixels of a text."""
        runs = [(font_for(self._family, size, bold, r), m) for r, m in runs_of(drawable(text))]
        return sum(self._width(shown, font, math) for (font, shown), math in runs)

    def _width(self, text: str, font: FontProperties, math: bool) -> float:
        if isinstance(self._renderer, RendererAgg):  # which furniture asks over and over
            return _width_in_agg(text, font, math)
        return float(self._renderer.get_text_width_height_descent(text, font, ismath=math)[0])

    def _points(self, mark: Points, place: Placement) -> None:
        radius = mark.size * self._stroke / 2
        corners = 12 if radius < 4 else 32  # a disc of few pixels needs few
        fill = self._point_colors(mark)
        shown = np.isfinite(mark.xy).all(axis=1)
        offsets = place.pixels(mark.xy[shown])
        if len(fill) > 1:
            fill = fill[shown]
        if not len(offsets):
            return
        self._renderer.draw_path_collection(
            self._pen((0.0, 0.0, 0.0, 1.0), 0.0, place.box),
            _FLIP,
            [_closed(outline(mark.shape, radius, corners))],
            [np.eye(3)],
            offsets,
            self._upright,
            fill,  # type: ignore[arg-type]  # an array of colours, as matplotlib's own collections give
            np.zeros((0, 4)),  # type: ignore[arg-type]  # no edges
            [0.0],
            [(0.0, None)],  # type: ignore[list-item]  # solid
            [True],
            [None],  # type: ignore[list-item]  # no links
            "screen",
        )

    def _point_colors(self, mark: Points) -> Floats:
        """Return the colour of each point (n, 4), or of all (1, 4)."""
        if mark.values is not None:
            colors = color_table(mark.scale, self._theme, color_map)[point_shades(mark)] / 255
            colors[:, 3] *= mark.alpha
            return np.asarray(colors)
        roles = (mark.color,) if isinstance(mark.color, str) else tuple(mark.color)
        palette = np.array([self._theme.rgba(role, mark.alpha) for role in roles])
        return palette[:1] if mark.index is None else palette[mark.index]

    def _lines(self, mark: Lines, place: Placement) -> None:
        width = mark.width * self._stroke
        if mark.values is None:
            gc = self._pen(self._theme.rgba(mark.color, mark.alpha), width, place.box)
            gc.set_joinstyle("round")
            gc.set_capstyle("round")
            for path in mark.paths:
                if len(path) > 1:
                    self._renderer.draw_path(gc, Path(place.pixels(path)), self._upright)
            return
        table = color_table(mark.scale, self._theme, color_map) / 255
        for path, values in zip(mark.paths, mark.values, strict=True):
            pixels, shades = place.pixels(path), shade_of(values, mark.low, mark.high)
            for i in range(len(pixels) - 1):
                color = table[round(float(shades[i : i + 2].mean()))]
                gc = self._pen((*color[:3], mark.alpha * color[3]), width, place.box)
                self._renderer.draw_path(gc, Path(pixels[i : i + 2]), self._upright)

    def _faces(self, mark: Polygons, place: Placement) -> None:
        table = color_table(mark.scale, self._theme, color_map)
        for path, rgba in zip(mark.paths, face_colors(mark, table), strict=True):
            pixels = place.pixels(np.asarray(path, float))
            if len(pixels) > 2 and np.isfinite(pixels).all():
                # What is opaque is drawn to its outline's far side, so that no seam shows.
                gc = self._pen(tuple(rgba), _SEAM if rgba[3] == 1 else 0.0, place.box)
                gc.set_joinstyle("round")
                self._renderer.draw_path(gc, _closed(pixels), self._upright, tuple(rgba))

    def _fill(self, pixels: Floats, rgba: Rgba, clip: Box | None) -> None:
        if len(pixels) < 3:
            return
        self._renderer.draw_path(self._pen(rgba, 0.0, clip), _closed(pixels), self._upright, rgba)

    def _image(self, mark: Image, place: Placement) -> None:
        x0, x1, y0, y1 = mark.extent
        (left, bottom), (right, top) = place.pixels(np.array([[x0, y0], [x1, y1]], float))
        box = place.box
        across = reached(left, right, box.left, box.right)
        down = reached(top, bottom, box.top, box.bottom)
        if mark.field.size == 0 or across is None or down is None:
            return
        field = np.asarray(mark.field, np.float32)[:: 1 if top < bottom else -1]
        field = field[:, :: 1 if left < right else -1]
        # Only what shows is made: an image may reach far beyond its panel.
        begin, end = _cells(across, (left, right), field.shape[1])
        last, first = (field.shape[0] - at for at in _cells(down, (top, bottom), field.shape[0]))
        smooth = np.asarray(
            Pillow.fromarray(np.ascontiguousarray(field)).resize(
                (across[1] - across[0], down[1] - down[0]),
                Pillow.Resampling.BICUBIC,
                (begin, first, end, last),
            )
        )
        table = color_table(mark.scale, self._theme, color_map)
        picture = table[(shade_of(smooth, mark.low, mark.high) + 0.5).astype(np.uint8)]
        gc = self._pen((0.0, 0.0, 0.0, 1.0), 0.0, place.box)
        self._renderer.draw_image(gc, across[0], self._height - down[1], picture)

    def _pen(self, rgba: Rgba, width: float, clip: Box | None) -> GraphicsContextBase:
        gc = self._renderer.new_gc()
        gc.set_alpha(rgba[3])
        gc.set_foreground(rgba, isRGBA=True)
        gc.set_linewidth(width)
        gc.set_antialiased(True)
        gc.set_snap(False)
        if clip is not None:
            low, high = self._height - clip.bottom, self._height - clip.top
            gc.set_clip_rectangle(Bbox.from_extents(clip.left, low, clip.right, high))
        return gc


@lru_cache(maxsize=4096)
def _width_in_agg(text: str, font: FontProperties, math: bool) -> float:
    agg = RendererAgg(1, 1, 72)  # type: ignore[no-untyped-call]
    return float(agg.get_text_width_height_descent(text, font, ismath=math)[0])  # type: ignore[no-untyped-call]


def _cells(shown: tuple[int, int], ends: tuple[float, float], cells: int) -> tuple[float, float]:
    """Return from where to where of so many cells, which lie between `ends`, pixels are `shown`."""
    start, end = sorted(map(round, ends))
    first, last = ((pixel - start) / (end - start) * cells for pixel in shown)
    first = min(first, cells - _LEAST_CELL)
    return first, max(last, first + _LEAST_CELL)


def _closed(outline: Floats) -> Path:
    return Path(np.concatenate([outline, outline[:1]]), closed=True)
