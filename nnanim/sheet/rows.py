"""Rows of blocks: in as many lines, each block in as many columns, as make the panels largest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

from nnanim.drawing.surface import Box
from nnanim.sheet.blocks import LEVELS, Arranged, Block, Stand, names_fit
from nnanim.sheet.scale import Scale

_ROOMY = 8.5  # heights of small letters: a panel's side, below which ticks and titles give way
_CRAMPED = 3.6  # likewise: below which all text around gives way that takes more than panels do
_MANY = 4  # panels of a line
_FEW = 6  # blocks of a row, up to which every way to part it is looked at
_FREE = 0.7  # width / height that a panel of no shape of its own has at least
_ABOUT = 0.93  # times the side that the smallest panel can have: about as large
_WORTH = 1.03  # times the area of all panels that makes another such way worth it
_ENDLESS = 1 << 20  # pixels

Parts = Sequence[Sequence[Block]]


def place_rows(
    content: Box, rows: Parts, heights: Sequence[float], scale: Scale, margin: int
) -> list[Stand]:
    """Return where the panels of all rows stand, in their order.

    `heights` are the rows' shares of what they want after titles and ticks; what one cannot use
    goes to the others. Marks of upright axes may stand in the `margin` to the left of the content.
    """
    page = _Page(content.width, scale, margin)
    budgets, placed = _first_budgets(content.height, rows, heights, page), list[_Placed]()
    for _ in range(len(rows) + 1):
        placed = [page.row(row, budget) for row, budget in zip(rows, budgets, strict=True)]
        spare = content.height - sum(p.height for p in placed)
        hungry = [p.height >= budget - 2 for p, budget in zip(placed, budgets, strict=True)]
        share = sum(h for h, more in zip(heights, hungry, strict=True) if more)
        if spare <= 2 * len(rows) or not share or all(hungry):
            break
        budgets = [
            p.height + (int(spare * h / share) if more else 0)
            for p, h, more in zip(placed, heights, hungry, strict=True)
        ]
    apart = max(0, content.height - sum(p.height for p in placed)) / (len(rows) + 1)
    stands, top = list[Stand](), content.top + apart
    for one in placed:
        stands += [stand.moved(content.left, round(top)) for stand in one.stands]
        top += one.height + apart
    return stands


def _first_budgets(height: int, rows: Parts, heights: Sequence[float], page: "_Page") -> list[int]:
    """Return how high each row may be with all that is around its panels."""
    around = [page.around(row) for row in rows]
    net = height - sum(around)
    if net < sum(around):  # on a sheet too low for all of it, text gives way before panels do
        return [max(1, int(height * h / sum(heights))) for h in heights]
    return [a + int(net * h / sum(heights)) for a, h in zip(around, heights, strict=True)]


@dataclass(frozen=True)
class _Placed:
    """Panels from a top left corner on, and how high they are with what is around them."""

    stands: tuple[Stand, ...]
    height: int

    @cached_property
    def smallest(self) -> int:
        """The shortest side of any panel."""
        return min(min(stand.box.width, stand.box.height) for stand in self.stands)

    @cached_property
    def area(self) -> int:
        """The area of all panels."""
        return sum(stand.box.width * stand.box.height for stand in self.stands)


@dataclass(frozen=True)
class _Page:
    """What all rows share: their width, the scale of the sheet, its margin."""

    width: int
    scale: Scale
    margin: int

    def around(self, row: Sequence[Block]) -> int:
        """Return the height that goes to what is around the panels of a row in one line."""
        ways = [block.ways(2)[0] for block in row]
        return max(b.head.height(_ENDLESS) for b in row) + max(way.below for way in ways)

    def row(self, blocks: Sequence[Block], height: int) -> _Placed:
        """Return a row: with all its ticks and titles if its panels are roomy, else with fewer."""
        found = None
        for level in LEVELS if any(len(block.slots) > 1 for block in blocks) else LEVELS[:1]:
            found = self._best(blocks, height, level)
            if found.smallest >= _ROOMY * self.scale.small and names_fit(found.stands, blocks):
                break
        assert found is not None
        return found

    def _best(self, blocks: Sequence[Block], height: int, level: int) -> _Placed:
        """Return the way to part a row into lines and blocks into columns: the largest panels."""
        ways = [block.ways(level) for block in blocks]
        found = [
            self._lines([chosen[a:b] for a, b in parts], height)
            for parts in _partitions(len(blocks))
            for chosen in product(*ways)
        ]
        enough = _ABOUT * max(each.smallest for each in found)
        best = next(each for each in found if each.smallest >= enough)
        for each in found:
            if each.smallest >= enough and each.area > _WORTH * best.area:
                best = each
        return best

    def _lines(self, lines: Sequence[Sequence[Arranged]], height: int) -> _Placed:
        """Return a row in such lines: as high as they want, else all as high as each other."""
        alike = len({b.aspect for line in lines for b in line}) == 1 and all(
            b.single and b.aspect for line in lines for b in line
        )
        like = [[*line, *lines[0][len(line) :]] if alike else line for line in lines]
        wanted = [self._line(line, _ENDLESS).height for line in like]
        placed = [self._line(line, h) for line, h in zip(like, shared(height, wanted), strict=True)]
        stands, top = list[Stand](), 0
        for line, one in zip(lines, placed, strict=True):
            shown = one.stands[: sum(len(b.block.slots) for b in line)]
            stands += [stand.moved(0, top) for stand in shown]
            top += one.height
        return _Placed(tuple(stands), top)

    def _line(self, line: Sequence[Arranged], height: int) -> _Placed:
        """Return blocks side by side: their panels as high as fits, flush left and right."""
        small = round(self.scale.small)
        start = max(0, line[0].before - self.margin)
        end = line[-1].block.after or max(0, line[-1].half - self.margin)
        gaps = [a.block.after + max(a.half + small, b.before) + small for a, b in pairwise(line)]
        room = max(len(line), self.width - start - end - sum(gaps))
        widths, high, above, below = [_ENDLESS] * len(line), 1, 0, 0
        heads, feet, starved = -1, max(b.below for b in line), False
        # Panels that are narrower for the room that their heads take may ask for higher ones.
        while (wanted := _above(line, widths)) > heads:
            above, below = heads, feet = wanted, feet
            widths, high = _widths(line, room, height - above - below)
            starved = self._starved(high, above + below, height)
            if starved:
                above = below = height // 8
                widths, high = _widths(line, room, height - above - below)
        gaps = self._apart(gaps, widths, room - sum(widths))
        left = start + max(0, (self.width - start - end - sum(widths) - sum(gaps)) // 2)
        stands = list[Stand]()
        for b, wide, gap in zip(line, widths, [*gaps, 0], strict=True):
            made = [stand.moved(left, 0) for stand in b.stands(wide, high, above)]
            stands += [stand.bared() for stand in made] if starved else made
            left += wide + gap
        return _Placed(tuple(stands), above + high + below)

    def _starved(self, high: int, around: int, height: int) -> bool:
        """Return whether panels so high lack the room that goes to what is around them."""
        cramped = high < _CRAMPED * self.scale.small
        return around > (0.5 if cramped else 0.67) * height

    def _apart(self, gaps: list[int], widths: Sequence[int], spare: int) -> list[int]:
        """Return the gaps between blocks with what is spare shared evenly.

        Two stand apart as far as the sheet allows; many belong together.
        """
        if not gaps or spare <= 0:
            return gaps
        widest = 0.3 * self.width if len(widths) < _MANY else 0.5 * max(widths)
        added = int(min(spare / len(gaps), max(0.0, widest - min(gaps))))
        return [gap + added for gap in gaps]


def _above(line: Sequence[Arranged], widths: Sequence[int]) -> int:
    """Return how high the heads of blocks of such widths are, with the titles of their panels."""
    heads = [b.block.head.height(w + b.block.after) for b, w in zip(line, widths, strict=True)]
    return max(heads) + max(b.name for b in line)


def _widths(line: Sequence[Arranged], room: int, height: int) -> tuple[list[int], int]:
    """Return the widths of blocks that share `room`, and how high their panels are."""
    free = sum(1 for b in line if b.aspect is None)
    slope, least = sum(b.slope for b in line), sum(b.least for b in line)
    high = (room - least) / max(slope + _FREE * free, 1e-9)
    high = max(1, min(height, int(high)))
    wide = [b.slope * high + b.least for b in line]
    rest = (room - sum(wide)) / max(1, free)
    wide = [rest if b.aspect is None else w for b, w in zip(line, wide, strict=True)]
    squeeze = min(1.0, room / max(1.0, sum(max(1.0, w) for w in wide)))
    return [max(1, round(squeeze * w)) for w in wide], high


def _partitions(count: int) -> Iterator[list[tuple[int, int]]]:
    """Give the ways to part so many blocks into lines, those of fewest lines first."""
    if count > _FEW:
        for parts in range(1, count + 1):
            across = -(-count // parts)
            if -(-count // across) == parts:
                yield [(i, min(count, i + across)) for i in range(0, count, across)]
        return
    masks = sorted(range(1 << (count - 1)), key=lambda mask: mask.bit_count())
    for mask in masks:
        ends = [0, *(i + 1 for i in range(count - 1) if mask >> i & 1), count]
        yield list(pairwise(ends))


def shared(height: int, wanted: Sequence[int]) -> list[int]:
    """Return heights that add up to no more: as wanted where all fit, else levelled."""
    low = sorted(wanted)
    level, left = 0, height
    for i, want in enumerate(low):
        level = left // (len(low) - i)
        if want > level:
            break
        left -= want
    else:
        return list(wanted)
    return [min(want, level) for want in wanted]
