"""Furniture: what stands still, as SVG that paints with the roles of whichever theme is shown."""

from html import escape
from typing import Any

import numpy as np

from nnanim.css import css_rgba
from nnanim.drawing.color_maps import color_map
from nnanim.drawing.colors import color_table
from nnanim.drawing.letters import EM, Letters
from nnanim.drawing.shapes import outline
from nnanim.drawing.surface import SHIFTS, Box, Placement, in_pixels, is_near
from nnanim.drawing.typesetter import width
from nnanim.marks import Image, Lines, Mark, Points, Stop, Text
from nnanim.themes import Theme, is_role
from nnanim.types import Floats

_BANDS = 64  # of a colour bar whose map has a name


class Furniture:
    """A board of `size` (width, height) that keeps what is drawn on it as SVG."""

    def __init__(
        self, size: tuple[int, int], stroke: float, letters: Letters, theme: Theme, name: str
    ) -> None:
        self._size = size
        self._stroke = stroke
        self._letters = letters
        self._theme = theme
        self._name = name
        self._parts: list[str] = []
        self._shapes: dict[str, int] = {}  # of letters, with their numbers
        self._bars = 0

    def svg(self, label: str, **attributes: str) -> str:
        """Return all of it as an element with an accessible name."""
        wide, high = self._size
        more = "".join(f' {name.replace("_", "-")}="{escape(v)}"' for name, v in attributes.items())
        return (
            f'<svg class="furniture"{more} viewBox="0 0 {wide} {high}" role="img" '
            f'aria-label="{escape(label)}">{self.drawn}</svg>'
        )

    @property
    def drawn(self) -> str:
        """All that is drawn, behind the letters that it is written in, each of which is there once.

        What is copied of it brings them along.
        """
        shapes = "".join(
            f'<path id="{self._name}-{k}" d="{path}"/>' for path, k in self._shapes.items()
        )
        return "".join([f"<defs>{shapes}</defs>" if shapes else "", *self._parts])

    def rectangle(self, box: Box, role: str, alpha: float = 1.0) -> None:
        """Fill a box."""
        if alpha > 0:
            self._parts.append(
                f'<rect x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}" '
                f"{self._fill(role, alpha)}/>"
            )

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width in pixels of a text."""
        return width(text, self._letters.family, size, bold=bold)

    def write(self, text: Text) -> None:
        """Write a text in outlines, its place and size in pixels."""
        if not is_near(text.xy) or not text.text.strip():
            return
        wide, letters = 0, []
        for letter in self._letters.spelt(text.text, bold=text.bold):
            advance, path = self._letters.known[text.bold][letter]
            if path:
                number = self._shapes.setdefault(path, len(self._shapes))
                at = f' x="{wide}"' if wide else ""
                letters.append(f'<use href="#{self._name}-{number}"{at}/>')
            wide += advance
        scale = text.size / EM
        x = round(text.xy[0] - SHIFTS[text.anchor] * wide * scale)
        self._parts.append(
            f'<g role="img" aria-label="{escape(text.text)}"><g '
            f'transform="translate({x} {round(text.xy[1])}) scale({scale:.6g})" '
            f"{self._fill(text.color)}>{''.join(letters)}</g></g>"
        )

    def draw(self, mark: Mark, place: Placement) -> None:
        """Draw a swatch or a colour bar, which is all that furniture has of marks."""
        match mark:
            case Points():
                ring = outline(mark.shape, mark.size * self._stroke / 2, 32)
                for at in place.pixels(np.asarray(mark.xy, float)):
                    path = _path(at + ring)
                    color = mark.color if isinstance(mark.color, str) else mark.color[0]
                    self._parts.append(f'<path {self._fill(color, mark.alpha)} d="{path}Z"/>')
            case Lines():
                for line in mark.paths:
                    self._parts.append(
                        f'<path fill="none" {self._paint("stroke", mark.color, mark.alpha)} '
                        f'stroke-width="{mark.width * self._stroke:.4g}" stroke-linecap="round" '
                        f'd="{_path(place.pixels(np.asarray(line, float)))}"/>'
                    )
            case Image():
                self._bar(mark, place)
            case Text():
                self.write(in_pixels(mark, place, self._stroke))

    def _bar(self, mark: Image, place: Placement) -> None:
        """Draw an upright bar of all colours of a scale, the lowest at the foot."""
        name = f"{self._name}-bar{self._bars}"
        self._bars += 1
        box = place.box
        stops = "".join(
            f'<stop offset="{at:.5g}" {self._paint("stop-color", color, alpha)}/>'
            for at, color, alpha in _stops(mark.scale, self._theme)
        )
        self._parts.append(
            f'<linearGradient id="{name}" x1="0" y1="1" x2="0" y2="0">{stops}</linearGradient>'
            f'<rect x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}" '
            f'fill="url(#{name})"/>'
        )

    def _fill(self, role: str, alpha: float = 1.0) -> str:
        return self._paint("fill", role, alpha)

    def _paint(self, what: str, role: str, alpha: float) -> str:
        if is_role(role):
            number = (
                f"class{int(role[5:]) % len(self._theme.classes)}" if role[5:].isdecimal() else role
            )
            paint = f"var(--{number})"
        else:
            found: Any = css_rgba(role)
            paint = "#" + "".join(f"{round(255 * channel):02x}" for channel in found[:3])
            alpha *= found[3]
        whose = what.removesuffix("-color")
        opacity = "" if alpha == 1 else f' {whose}-opacity="{alpha:.4g}"'
        return f'{what}="{paint}"{opacity}'


def _stops(scale: str | tuple[Stop, ...], theme: Theme) -> list[tuple[float, str, float]]:
    if not isinstance(scale, str):
        return [(stop.position, stop.color, stop.alpha) for stop in scale]
    table = color_table(scale, theme, color_map)
    rows = np.linspace(0, len(table) - 1, _BANDS).round().astype(int)
    return [
        (row / (len(table) - 1), "#" + bytes(table[row, :3].tolist()).hex(), table[row, 3] / 255)
        for row in rows.tolist()
    ]


def _path(pixels: Floats) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in pixels.round(2).tolist())
