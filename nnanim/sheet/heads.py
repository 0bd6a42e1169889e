"""Heads: what is written above panels, a title, what it shows, a legend.

What has no room is left out whole, never made smaller: first what stands aside, then the last
entries of a legend. A title that is too wide goes on in a second line, a legend in a line of its
own, or in two below a title in one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nnanim.drawing.typesetter import width
from nnanim.sheet.scale import Scale

_PITCH, _ABOVE, _BELOW = 1.25, 1.25, 0.55  # of lines, in heights of a title's letters
_MOST = 3  # lines of title and legend
_LINE = 1.5  # of a legend, in heights of its letters
_PAD = 1.0  # between title and legend, in heights of a title's letters
_SWATCH, _SWATCH_GAP, _ENTRY_GAP = 0.62, 0.35, 0.9  # of a legend, in heights of its letters

Entry = tuple[str, str, str]  # of a legend: label, colour role, shape of its mark


@dataclass(frozen=True)
class Head:
    """A title, a legend, and what stands aside of them if there is room, on a sheet of a scale."""

    title: str
    legend: tuple[Entry, ...]
    aside: str
    scale: Scale
    font: str

    def height(self, room: float) -> int:
        """Return how high it is where there is so much room across."""
        own, small = self.scale.panel_title, self.scale.small
        lines = len(self.titles(room))
        below = 0 if self.beside(room) else len(self.legend_lines(room))
        if not lines and not below:
            return round(0.8 * small)
        return round((lines * _PITCH - _PITCH + _ABOVE) * own * bool(lines)
                     + _BELOW * own + below * _LINE * small)  # fmt: skip

    def titles(self, room: float) -> list[str]:
        """Return the lines of the title, one or two; none where it has no room in two."""
        if not self.title or self._across <= room:
            return [self.title] if self.title else []
        return self._halves if self._widest_half <= room else []

    def beside(self, room: float) -> bool:
        """Return whether all of the legend has room beside the title."""
        titles = self.titles(room)
        return len(titles) == 1 and self.used(titles) + sum(self._entry_widths) <= room

    def legend_lines(self, room: float) -> list[list[Entry]]:
        """Return the entries that have room in each of the legend's lines below the title.

        What stands for those that are left out has room in the last.
        """
        most = _MOST - max(1, len(self.titles(room)))
        ways = [self._in_lines(count, room) for count in range(1, most + 1)]
        return max(ways, key=lambda lines: sum(map(len, lines)))

    def used(self, titles: Sequence[str]) -> float:
        """Return how much room a title of such lines takes before what stands beside it."""
        size = self.scale.panel_title
        return max((width(line, self.font, size) for line in titles), default=0) + _PAD * size

    def entry_width(self, label: str) -> float:
        """Return the width of an entry of the legend, with the gap before it."""
        small = self.scale.small
        swatch = _SWATCH + _SWATCH_GAP + _ENTRY_GAP
        return width(label, self.font, small) + swatch * small

    def swatch(self) -> tuple[float, float, float]:
        """Return the size of a swatch, and the gaps after it and before it, in pixels."""
        small = self.scale.small
        return _SWATCH * small, _SWATCH_GAP * small, _ENTRY_GAP * small

    def more(self, shown: int) -> str:
        """Return what stands for the entries of the legend after so many."""
        return f"+{len(self.legend) - shown}" if shown < len(self.legend) else ""

    @cached_property
    def baseline(self) -> float:
        """How far the last line of the title stands above the panel."""
        return _BELOW * self.scale.panel_title

    @cached_property
    def pitch(self) -> float:
        """How far the lines of a title stand apart."""
        return _PITCH * self.scale.panel_title

    @cached_property
    def legend_pitch(self) -> float:
        """How far lines of a legend stand below each other and the title."""
        return _LINE * self.scale.small

    def _in_lines(self, count: int, room: float) -> list[list[Entry]]:
        """Return as much of the legend as has room in so many lines; none where one stays empty."""
        lines, first = list[list[Entry]](), 0
        for last in [*[False] * (count - 1), True]:
            ends = range(len(self.legend), first, -1)
            end = next((end for end in ends if self._wide(first, end, last) <= room), first)
            if end == first:
                return []
            lines.append(list(self.legend[first:end]))
            first = end
        return lines

    def _wide(self, first: int, end: int, last: bool) -> float:
        """Return how wide entries are in a line, in the last one with what stands for the rest."""
        more = self.more(end) if last else ""
        rest = width(more, self.font, self.scale.small) if more else -_ENTRY_GAP * self.scale.small
        return sum(self._entry_widths[first:end]) + rest

    @cached_property
    def _entry_widths(self) -> list[float]:
        return [self.entry_width(label) for label, _, _ in self.legend]

    @cached_property
    def _across(self) -> float:
        return width(self.title, self.font, self.scale.panel_title)

    @cached_property
    def _halves(self) -> list[str]:
        """The title in two lines, about as long as each other."""
        words = self.title.split(" ")
        if len(words) < 2:
            return [self.title]
        ways = [[" ".join(words[:i]), " ".join(words[i:])] for i in range(1, len(words))]
        return min(ways, key=self._widest)

    @cached_property
    def _widest_half(self) -> float:
        return self._widest(self._halves)

    def _widest(self, lines: Sequence[str]) -> float:
        return max(width(line, self.font, self.scale.panel_title) for line in lines)
