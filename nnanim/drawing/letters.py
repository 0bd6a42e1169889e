"""Letters: text as outlines, for pictures that must not ask for fonts."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from threading import Lock

import numpy as np
from matplotlib.path import Path
from matplotlib.textpath import TextToPath

from nnanim.drawing.fonts import family_of, font_for
from nnanim.drawing.formulas import runs_of
from nnanim.texts import drawable
from nnanim.types import Floats

EM = 500  # units of outlines: the height of letters
_PRIVATE = 0xE000  # from there on, formulas stand as letters of their own
_LOCK = Lock()  # matplotlib keeps one font object for all
_SIZE = 100.0  # at which outlines are asked for
# Of each code, its command in a path of SVG, and how many points it takes.
_COMMANDS = {
    int(Path.MOVETO): ("M", 1),
    int(Path.LINETO): ("l", 1),
    int(Path.CURVE3): ("q", 2),
    int(Path.CURVE4): ("c", 3),
}

Letter = tuple[int, str]  # the pen's way, and the outline as a path of SVG, y downwards


class Letters:
    """The letters that some texts are made of, in a family; each formula counts as one."""

    def __init__(self, family: str) -> None:
        self.family = family_of(family)
        self.known: dict[bool, dict[str, Letter]] = {False: {}, True: {}}
        self._formulas: dict[str, str] = {}

    def spelt(self, text: str, *, bold: bool = False) -> str:
        """Return a text in letters that are known from now on."""
        return "".join(self._spelt(text, bold))

    def _spelt(self, text: str, bold: bool) -> Iterator[str]:
        known = self.known[bold]
        for run, math in runs_of(drawable(text)):
            if math:
                letter = self._formulas.setdefault(run, chr(_PRIVATE + len(self._formulas)))
                known.setdefault(letter, _letter(run, self.family, bold, True))
                yield letter
                continue
            for letter in run:
                known.setdefault(letter, _letter(letter, self.family, bold, False))
                yield letter


@lru_cache(maxsize=4096)
def _letter(letter: str, family: str, bold: bool, math: bool) -> Letter:
    font, shown = font_for(family, _SIZE, bold, letter)
    with _LOCK:
        pen = TextToPath()
        if not shown:
            return 0, ""
        framed = pen.get_text_width_height_descent(shown if math else f"|{shown}|", font, math)[0]
        frame = 0.0 if math else pen.get_text_width_height_descent("||", font, False)[0]
        points, codes = pen.get_text_path(font, shown, ismath=math)
    advance = round(float(framed - frame) * EM / _SIZE)
    if not len(points):
        return advance, ""
    return advance, _path(np.asarray(points) * (EM / _SIZE), list(map(int, codes)))


def _path(points: Floats, codes: Sequence[int]) -> str:
    """Return an outline in whole numbers, each part from where it begins on relative to it."""
    whole = np.rint(points * (1, -1)).astype(int)
    parts: list[str] = []
    at = start = np.zeros(2, int)
    i = 0
    while i < len(codes):
        if codes[i] == Path.CLOSEPOLY:
            parts.append("Z")
            i += 1
            continue
        name, count = _COMMANDS[codes[i]]
        given = whole[i : i + count]
        i += count
        if name == "M":
            start = given[-1]
            parts.append(name + _numbers(start.tolist()))
        elif not (name == "l" and codes[i] == Path.CLOSEPOLY and (given[-1] == start).all()):
            parts.append(_drawn(name, (given - at).ravel().tolist()))
        at = given[-1]
    return "".join(parts)


def _drawn(name: str, values: Sequence[int]) -> str:
    """Return a command of SVG; a line along an axis has a shorter one."""
    if name == "l" and 0 in values:
        x, y = values
        return f"h{x}" if x else f"v{y}" if y else ""
    return name + _numbers(values)


def _numbers(values: Sequence[int]) -> str:
    """Return numbers with no more between them than parts them."""
    return "".join(
        f" {value}" if i and value >= 0 else f"{value}" for i, value in enumerate(values)
    )
