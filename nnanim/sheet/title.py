"""The title of a sheet: in one line, else in two, else smaller, else refused."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nnanim.drawing.fonts import family_of
from nnanim.drawing.typesetter import glyphs_of
from nnanim.errors import SceneError

LEADING = 1.25  # from one base line to the next, in heights of a title's letters
LEAST = 26.0  # letters at 1080 lines, pixels: no title is smaller
_LINES = 2
_SHORTEST = 8.0  # heights of letters: less room is none

Fits = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class Title:
    """A title's lines from top to bottom, and the size of their letters in pixels."""

    lines: tuple[str, ...]
    size: float


def title_of(text: str, room: float, size: float, least: float, font: str, ours: bool) -> Title:
    """Return a title that is no wider than `room`, its letters from `size` down to `least`.

    Lines that its author has ended stay as they are, two at most. Raises `SceneError` for one that
    has no room; one of `ours`, that no one has written, is cut. A picture that has no room for the
    shortest of titles has none.
    """
    if room < _SHORTEST * least:
        return Title(("",), least)
    given = [" ".join(line.split()) for line in text.split("\n")]
    given = [line for line in given if line] or [""]
    if len(given) > _LINES:
        raise SceneError(
            f"the title {text!r:.80} has {len(given)} lines: expected {_LINES} at most"
        )
    ways = [given, *ways_to_part(given[0])] if len(given) == 1 else [given]
    shown = size
    while True:
        widest = [(max(_width(line, font, shown) for line in lines), lines) for lines in ways]
        if widest[0][0] <= room:
            return Title(tuple(given), shown)
        narrowest = min(widest, key=lambda way: way[0])
        if narrowest[0] <= room:
            return Title(tuple(narrowest[1]), shown)
        if shown <= least:
            break
        shown = max(least, shown * max(0.9, min(0.99, room / narrowest[0])))
    if not ours:
        raise SceneError(
            f"the title has {len(' '.join(given))} letters, {_width(text, font, least):.0f} pixels "
            f"at the least size: expected two lines of {room:.0f} pixels at most; make it shorter, "
            "or the picture wider"
        )
    return Title(tuple(_cut(narrowest[1], room, least, font)), least)


def ways_to_part(line: str) -> Iterator[list[str]]:
    """Give the ways to part a line in two: between words, or where it has none, between letters.

    No formula is parted, nor a chain of widths.
    """
    outside = [i for i in range(1, len(line)) if line[:i].replace(r"\$", "").count("$") % 2 == 0]
    spaces = [i for i in outside if line[i] == " "]
    # What is about an arrow belongs together, as long as there are other places.
    places = [i for i in spaces if "→" not in line[i - 1 : i + 2]] or spaces or outside
    # Few are near the middle of the line, which is where two lines are narrowest.
    near = sorted(places, key=lambda i: abs(i - len(line) / 2))[: math.ceil(len(places) / 2) + 4]
    for i in near[:40]:
        yield [line[:i].rstrip(), line[i:].lstrip()]


def _cut(lines: Sequence[str], room: float, size: float, font: str) -> Iterator[str]:
    for line in lines:
        letters = len(line)
        shown = line
        while letters > 1 and _width(shown, font, size) > room:
            letters -= 1
            shown = f"{line[:letters].rstrip()}…"
        yield shown


def _width(text: str, font: str, size: float) -> float:
    return sum(glyph.advance for glyph in glyphs_of(text, family_of(font), size, True))
