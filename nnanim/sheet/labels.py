"""Labels: the texts that views put into their panels, where they have room.

A text that would leave its panel is moved inside, or gives way to its short form; one that has no
room there, or would meet another that comes before it, is left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nnanim.drawing.surface import SHIFTS, Box, Placement, Surface, is_near
from nnanim.drawing.typesetter import width
from nnanim.mark_checks import expect_readable
from nnanim.marks import Mark, Polygons, Text
from nnanim.sheet.scale import Scale

_UP, _DOWN = 0.8, 0.25  # of a line above and below its base line, in heights of its letters
_APART = 0.15  # between two texts, likewise
_PLATE = 0.3  # beyond a text to each side, likewise
_OPAQUE = 0.88  # how strongly a plate hides what is behind it


@dataclass(frozen=True)
class Label:
    """A text in pixels, from the left end of its base line, and its width."""

    text: Text
    left: float
    base: float
    width: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what it covers."""
        size = self.text.size
        right = self.left + self.width
        return self.left, self.base - _UP * size, right, self.base + _DOWN * size

    def meets(self, other: "Label") -> bool:
        """Return whether two come closer than texts should."""
        (a, b, c, d), (e, f, g, h) = self.edges, other.edges
        gap = _APART * max(self.text.size, other.text.size)
        return a < g + gap and e < c + gap and b < h + gap and f < d + gap

    def write(self, surface: Surface, place: Placement, font: str) -> None:
        """Write it into its panel, each letter in its colour where there are several."""
        if self.text.plate:
            surface.draw(Polygons([self._plate(place)], "panel", _OPAQUE), place)
        at, x = self.text, self.left
        if not at.colors:
            surface.write(replace(at, xy=(x, self.base), anchor="left"))
        for letter, role in zip(at.text, at.colors, strict=False):
            own = replace(at, text=letter, color=role, colors=())
            surface.write(replace(own, xy=(x, self.base), anchor="left"))
            x += width(letter, font, at.size, bold=at.bold)

    def _plate(self, place: Placement) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        left, top, right, bottom = self.edges
        pad, box = _PLATE * self.text.size, place.box
        across = (np.array([left - pad, right + pad]) - box.left) / box.width
        up = (box.bottom - np.array([bottom + pad / 2, top - pad / 2])) / box.height
        x = place.x[0] + across * (place.x[1] - place.x[0])
        y = place.y[0] + up * (place.y[1] - place.y[0])
        return np.array([[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]])


def draw_in_panel(
    surface: Surface,
    marks: Sequence[Mark],
    place: Placement,
    scale: Scale,
    font: str,
    taken: Iterable[Text] = (),
) -> None:
    """Draw a panel's marks, back to front, and over them those of its texts that have room."""
    for mark in marks:
        if not isinstance(mark, Text):
            surface.draw(mark, place)
    if texts := [mark for mark in marks if isinstance(mark, Text)]:
        for label in labels(texts, place, scale, font, taken):
            label.write(surface, place, font)


def labels(
    texts: Iterable[Text], place: Placement, scale: Scale, font: str, taken: Iterable[Text] = ()
) -> Iterator[Label]:
    """Give those of a panel's texts that have room beside those, in pixels, that are `taken`."""
    there = [_label(text, text.xy, font) for text in taken]
    for text in texts:
        expect_readable(text.text, text.size)
        (at,) = place.pixels(np.asarray(text.xy, float)[None])
        if not text.text or not is_near(at) or not _inside(at, place.box):
            continue
        label = _fitted(replace(text, size=scale.letters(text.size)), at, font, place.box)
        if label is not None and not any(label.meets(other) for other in there):
            there.append(label)
            yield label


def _fitted(text: Text, at: object, font: str, box: Box) -> Label | None:
    """Return a text's label inside a panel, or its short form's; None where neither has room.

    Its room is asked in bold letters: of a list of which one is bold, all are long or short.
    """
    if text.short is None:
        return _moved_inside(_label(text, at, font), box)
    short = replace(text, text=text.short, colors=())
    for each in (text, short):
        left, _, right, _ = _label(replace(each, bold=True), at, font).edges
        if each.text and box.left <= left and right <= box.right:
            return _moved_inside(_label(each, at, font), box)
    return None


def _label(text: Text, at: object, font: str) -> Label:
    x, base = np.asarray(at, float).tolist()
    wide = width(text.text, font, text.size, bold=text.bold)
    return Label(text, x - SHIFTS[text.anchor] * wide, base, wide)


def _inside(at: object, box: Box) -> bool:
    x, y = map(float, np.asarray(at, float))
    return box.left - 1 <= x <= box.right + 1 and box.top - 1 <= y <= box.bottom + 1


def _moved_inside(label: Label, box: Box) -> Label | None:
    """Return a label moved into a panel as little as that takes; None where it has no room."""
    left, top, right, bottom = label.edges
    if right - left > box.width or bottom - top > box.height:
        return None
    across = max(0.0, box.left - left) - max(0.0, right - box.right)
    down = max(0.0, box.top - top) - max(0.0, bottom - box.bottom)
    return replace(label, left=label.left + across, base=label.base + down)
