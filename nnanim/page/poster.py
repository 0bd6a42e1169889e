"""Poster: what a page's panels show where no script runs, few enough marks to be small."""

import base64
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from nnanim.drawing.color_maps import color_map
from nnanim.drawing.colors import color_table, face_colors, point_shades, shade_of
from nnanim.drawing.formulas import runs_of
from nnanim.drawing.letters import Letters
from nnanim.drawing.png import png
from nnanim.drawing.shapes import bar_outlines, outline
from nnanim.drawing.surface import SHIFTS, Box, Placement, is_near
from nnanim.marks import Bars, Image, Lines, Mark, Points, Polygons, Text
from nnanim.page.fields import smaller_field
from nnanim.page.furniture import Furniture
from nnanim.page.networks import simplified
from nnanim.page.thinning import evenly
from nnanim.sheet.renderer import Renderer
from nnanim.sheet.sheet import Sheet
from nnanim.types import Floats

_POINTS = 600  # of all panels
_CELLS = 32  # along a side of an image
_NEAR = 0.6  # pixels that a line may be away
_FINE = 2  # steps in a pixel
_SHADES = 16  # of the 256 of a scale, that are one colour
_LARGEST = 24_000  # letters of what a panel shows; what has more is a picture of so many colours
_COLORS = 48


def poster_of(sheet: Sheet, t: float, *, data: bool) -> str:
    """Return an element that shows over a sheet's furniture what it has at `t` seconds.

    Without `data`, points are not in it.
    """
    poster = _Poster(sheet, data)
    sheet.draw_marks(poster, t)
    sheet.draw_figures(poster, t)
    return poster.element(t)


class _Poster(Furniture):
    """Keeps marks as SVG in the panels that they are cut at, and texts as furniture has them."""

    def __init__(self, sheet: Sheet, data: bool) -> None:
        look, theme = sheet.look, sheet.look.theme
        letters = Letters(sheet.font)
        super().__init__(look.size, sheet.scale.stroke, letters, theme, "poster")
        self._sheet = sheet
        self._data = data
        self._most = _POINTS // sum(map(len, sheet.panels))  # points of a mark
        self._drawn: list[tuple[Box, str]] = []
        self._large: dict[Box, int] = {}  # characters of what is drawn in a panel

    def element(self, t: float) -> str:
        """Return all of it; a panel that would be large is a picture of what it has at `t`."""
        wide, high = self._size
        frame: NDArray[np.uint8] | None = None
        parts = []
        for box, several in groupby(self._drawn, key=lambda drawn: drawn[0]):
            drawn = "".join(part for _, part in several)
            if self._is_picture(box):
                if frame is None:
                    frame = Renderer(self._sheet, 1).frame(t)
                across, down = slice(box.left, box.right), slice(box.top, box.bottom)
                drawn = _picture(box, png(frame[down, across], _COLORS))
            inside = f"{box.left} {box.top} {box.width} {box.height}"
            parts.append(
                f'<svg x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}" '
                f'viewBox="{inside}">{drawn}</svg>'
            )
        return (
            f'<svg class="poster" viewBox="0 0 {wide} {high}" aria-hidden="true">'
            f"{''.join(parts)}{self.drawn}</svg>"
        )

    def draw(self, mark: Mark, place: Placement) -> None:
        """Draw a mark in its panel."""
        match mark:
            case Text():
                super().draw(mark, place)
            case Points() if self._data:
                self._keep(place, self._points(mark, place))
            case Lines():
                self._keep(place, self._lines(mark, place))
            case Polygons() if mark.values is not None:
                colors = face_colors(mark, color_table(mark.scale, self._theme, color_map))
                self._keep(place, _faces(list(mark.paths), colors, place))
            case Polygons():
                self._keep(place, [self._filled(list(mark.paths), mark.color, mark.alpha, place)])
            case Bars():
                paths = bar_outlines(mark)
                self._keep(place, [self._filled(paths, mark.color, mark.alpha, place)])
            case Image():
                self._keep(place, [self._image(mark, place)])

    def write(self, text: Text) -> None:
        """Write a text as text, as wide as it is in outlines; formulas have no other form."""
        if any(math for _, math in runs_of(text.text)) or not text.text.strip():
            super().write(text)
        elif is_near(text.xy):
            wide = self.text_width(text.text, text.size, bold=text.bold)
            x, y = round(text.xy[0] - SHIFTS[text.anchor] * wide), round(text.xy[1])
            weight = ' font-weight="bold"' if text.bold else ""
            self._parts.append(
                f'<text x="{x}" y="{y}" font-size="{text.size:.3g}"{weight} '
                f'textLength="{wide:.0f}" {self._fill(text.color)}>{escape(text.text)}</text>'
            )

    def _keep(self, place: Placement, parts: Sequence[str] | Iterator[str]) -> None:
        for part in parts:
            if self._is_picture(place.box):
                return  # all of it is drawn at once
            if part:
                self._drawn.append((place.box, part))
                self._large[place.box] = self._large.get(place.box, 0) + len(part)

    def _is_picture(self, box: Box) -> bool:
        """Return whether a panel's marks would be so large that they are drawn in pixels."""
        return self._data and self._large.get(box, 0) > _LARGEST

    def _points(self, mark: Points, place: Placement) -> Iterator[str]:
        rows = np.flatnonzero(np.isfinite(mark.xy).all(axis=1))
        rows = rows[evenly(len(rows), max(1, len(rows) // self._most))]
        pixels, radius = (
            place.pixels(np.asarray(mark.xy, float)[rows]),
            mark.size * self._stroke / 2,
        )
        roles = [mark.color] if isinstance(mark.color, str) else list(mark.color)
        which = np.zeros(len(rows), int) if mark.index is None else np.asarray(mark.index)[rows]
        if mark.values is not None:
            which = point_shades(mark)[rows] // _SHADES
            table = color_table(mark.scale, self._theme, color_map)
            roles = [_hexed(table[_SHADES * k + _SHADES // 2]) for k in range(256 // _SHADES)]
        for k in np.unique(which).tolist():
            own, fill = pixels[which == k], self._fill(roles[k], mark.alpha)
            if mark.shape == "disc":
                pen = fill.replace("fill", "stroke")
                dots = [at[None] for at in own]
                yield _path(dots, f'{pen} stroke-width="{2 * radius:.3g}" stroke-linecap="round"')
            else:
                ring = outline(mark.shape, radius)
                yield _path([at + ring for at in own], fill)

    def _lines(self, mark: Lines, place: Placement) -> Iterator[str]:
        pen = _round(mark.width * self._stroke)
        pixels = [place.pixels(np.asarray(path, float)) for path in mark.paths]
        if mark.values is None:
            color = self._paint("stroke", mark.color, mark.alpha)
            yield _strokes([part for path in pixels for part in _drawn(path)], f"{color} {pen}")
            return
        table = color_table(mark.scale, self._theme, color_map)
        for path, values in zip(pixels, mark.values, strict=True):
            shades = shade_of(values, mark.low, mark.high) // _SHADES
            for shade, own in groupby(range(len(path) - 1), key=lambda i, s=shades: s[i]):  # type: ignore[misc]
                numbers = list(own)
                color = _hexed(table[int(shade) * _SHADES + _SHADES // 2])
                stroke = self._paint("stroke", color, mark.alpha)
                run = path[numbers[0] : numbers[-1] + 2]
                yield _strokes(list(_drawn(run)), f"{stroke} {pen}")

    def _filled(self, paths: Sequence[Floats], color: str, alpha: float, place: Placement) -> str:
        pixels = [place.pixels(np.asarray(path, float)) for path in paths]
        return _path(pixels, self._fill(color, alpha))

    def _image(self, mark: Image, place: Placement) -> str:
        x0, x1, y0, y1 = mark.extent
        (left, bottom), (right, top) = place.pixels(np.array([[x0, y0], [x1, y1]], float))
        if mark.field.size == 0 or not is_near((left, right, top, bottom)):
            return ""
        field = smaller_field(mark, _CELLS)[
            :: -1 if top < bottom else 1, :: 1 if left < right else -1
        ]
        table = color_table(mark.scale, self._theme, color_map)
        colors = table[(shade_of(field, mark.low, mark.high) + 0.5).astype(np.uint8)]
        (left, right), (top, bottom) = sorted((left, right)), sorted((top, bottom))
        box = Box(round(left), round(top), round(right - left), round(bottom - top))
        return _picture(box, png(colors))


def _drawn(path: Floats) -> Iterator[Floats]:
    """Return the parts of a line that are somewhere, of few points."""
    known = (np.isfinite(path) & (np.abs(path) < 1e5)).all(axis=1)
    for part in np.split(path, np.flatnonzero(np.diff(known)) + 1):
        if len(part) > 1 and np.isfinite(part).all():
            yield simplified(part, np.ones(2), _NEAR, np.inf)


def _faces(paths: Sequence[Floats], colors: Floats, place: Placement) -> Iterator[str]:
    for path, color in zip(paths, colors, strict=True):
        paint = _hexed(np.rint(255 * color))
        seam = f' stroke="{paint}" stroke-width=".7"' if color[3] == 1 else ""
        yield _path([place.pixels(np.asarray(path, float))], f'fill="{paint}"{seam}')


def _hexed(color: NDArray[np.generic]) -> str:
    return "#" + "".join(f"{int(channel):02x}" for channel in color)


def _round(width: float) -> str:
    return f'stroke-width="{_FINE * width:.3g}" stroke-linecap="round" stroke-linejoin="round"'


def _strokes(paths: Sequence[Floats], pen: str) -> str:
    return _path(paths, f'fill="none" {pen} transform="scale({1 / _FINE})"', _FINE, "")


def _path(paths: Sequence[Floats], paint: str, fine: int = 1, end: str = "z") -> str:
    """Return an element of paths in whole steps from point to point, `fine` of them a pixel."""
    found = []
    for path in paths:
        if not len(path) or not is_near(path):
            continue
        steps = np.rint(fine * path).astype(int)
        moves = np.diff(steps, axis=0)
        first = "M{} {}".format(*steps[0])
        more = "l" + " ".join(f"{x} {y}" for x, y in moves.tolist()) if len(moves) else "h0"
        found.append(first + more.replace(" -", "-") + (end if len(moves) else ""))
    return f'<path {paint} d="{"".join(found)}"/>' if found else ""


def _picture(box: Box, png: bytes) -> str:
    held = base64.b64encode(png).decode()
    return (
        f'<image x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}" '
        f'preserveAspectRatio="none" href="data:image/png;base64,{held}"/>'
    )
