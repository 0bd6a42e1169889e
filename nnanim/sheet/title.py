"""The title of a sheet: in one line, else in two, else smaller, else refused."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nnanim.drawing.typesetter import shortened, width
from nnanim.errors import SceneError

LEADING = 1.25  # from one base line to the next, in heights of a title's letters
LEAST = 26.0  # letters at 1080 lines, pixels: no title is smaller
MOST_LINES = 2  # that a text is parted into at most
_SHORTEST = 8.0  # heights of letters: less room is none

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Title:
    """A title's lines from top to bottom, and the size of their letters in pixels."""

    lines: Lines
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
    if len(given) > MOST_LINES:
        raise SceneError(
            f"the title {text!r:.80} has {len(given)} lines: expected {MOST_LINES} at most"
        )
    ways = ways_to_stand(given)
    shown = size
    while True:
        across, lines = fitting(ways, room, font, shown, bold=True)
        if across <= room:
            return Title(lines, shown)
        if shown <= least:
            break
        shown = max(least, shown * max(0.9, min(0.99, room / across)))
    if not ours:
        raise SceneError(
            f"the title has {len(' '.join(given))} letters, {width(text, font, least, bold=True)} "
            f"pixels at the least size: expected two lines of {room:.0f} pixels at most; make it "
            "shorter, or the picture wider"
        )
    return Title(tuple(shortened(line, font, least, room, bold=True) for line in lines), least)


def ways_to_stand(given: Sequence[str]) -> list[Lines]:
    """Return lines as they are given, then, of a single one, the ways to part it in two.

    That is between words, or where it has none, between letters. No formula is parted, nor a chain
    of widths.
    """
    return [tuple(given), *(_parted(given[0]) if len(given) == 1 else ())]


def fitting(
    ways: Sequence[Lines], room: float, font: str, size: float, *, bold: bool = False
) -> tuple[float, Lines]:
    """Return how wide the first of the ways is, and it, if it has `room`; else the narrowest."""
    wide = [(max(width(line, font, size, bold=bold) for line in lines), lines) for lines in ways]
    return wide[0] if wide[0][0] <= room else min(wide, key=lambda way: way[0])


def _parted(line: str) -> Iterator[Lines]:
    outside = [i for i in range(1, len(line)) if line[:i].replace(r"\$", "").count("$") % 2 == 0]
    spaces = [i for i in outside if line[i] == " "]
    # What is about an arrow belongs together, as long as there are other places.
    places = [i for i in spaces if "→" not in line[i - 1 : i + 2]] or spaces or outside
    # Few are near the middle of the line, which is where two lines are narrowest.
    near = sorted(places, key=lambda i: abs(i - len(line) / 2))[: math.ceil(len(places) / 2) + 4]
    for i in near[:40]:
        yield line[:i].rstrip(), line[i:].lstrip()
