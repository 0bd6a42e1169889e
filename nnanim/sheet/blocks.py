"""Blocks: like panels of a view that stand together, in columns, under one head.

What marks them is left out where it has no room: first the ticks of all but the lowest panel at the
left, which have the same limits, then the titles of the panels, for which their block's stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nnanim.drawing.surface import Box
from nnanim.sheet.heads import Head
from nnanim.sheet.scale import Scale

LEVELS = (0, 1, 2)  # all is shown; without inner ticks; without titles of panels, too

NAME = 1.45  # height of a panel's own title in a block, in heights of small letters
_GAP = 0.4  # between panels without ticks, likewise


@dataclass(frozen=True)
class Slot:
    """What room a panel asks for, in pixels, and its `aspect`: width / height, None if it is free.

    `before` and `below` are for what marks its axes, `half` is what sticks out at their ends.
    """

    aspect: float | None
    before: int = 0
    below: int = 0
    half: int = 0


@dataclass(frozen=True)
class Stand:
    """Where a panel stands, in pixels, and what stands around it.

    `head` is written over it at `head_top` and may reach `room` pixels from its left edge; where it
    is None, another panel's head serves. With `named`, its own title is written close over it.
    """

    box: Box
    head: Head | None
    head_foot: int  # where the panel would begin if it had no title of its own
    room: int
    named: bool
    x_ticks: bool
    y_ticks: bool
    bar: Box | None  # beside which a colour bar is drawn

    def bared(self) -> "Stand":
        """Return it with nothing above and below, where there is no room for any text."""
        return replace(self, head=None, named=False, x_ticks=False)

    def moved(self, left: int, top: int) -> "Stand":
        """Return it so many pixels to the right and down."""
        return replace(
            self,
            box=_moved(self.box, left, top),
            head_foot=self.head_foot + top,
            bar=self.bar and _moved(self.bar, left, top),
        )


def _moved(box: Box, left: int, top: int) -> Box:
    return replace(box, left=box.left + left, top=box.top + top)


@dataclass(frozen=True)
class Block:
    """Panels of one shape, whose colour bar takes `after` pixels at the right.

    `names` is the width of the widest title of a single panel, 0 where the head has it.
    """

    slots: tuple[Slot, ...]
    head: Head
    scale: Scale
    after: int = 0
    names: int = 0

    def ways(self, level: int) -> list["Arranged"]:
        """Return the block in as many columns as make different rows of it."""
        count = len(self.slots)
        across = sorted({-(-count // rows) for rows in range(1, count + 1)}, reverse=True)
        return [Arranged(self, columns, level) for columns in across]


@dataclass(frozen=True)
class Arranged:
    """A block in so many columns, with what a level leaves of its ticks and titles."""

    block: Block
    columns: int
    level: int

    @cached_property
    def rows(self) -> int:
        """How many rows of panels it has."""
        return -(-len(self.block.slots) // self.columns)

    @property
    def aspect(self) -> float | None:
        """Width / height of each panel."""
        return self.block.slots[0].aspect

    @property
    def single(self) -> bool:
        """Whether it is one panel alone."""
        return len(self.block.slots) == 1

    @cached_property
    def name(self) -> int:
        """Height of the line for each panel's own title."""
        shown = self.block.names and self.level < 2
        return round(NAME * self.block.scale.small) if shown else 0

    @cached_property
    def before(self) -> int:
        """Room to the left of its panels."""
        return self.block.slots[0].before

    @cached_property
    def below(self) -> int:
        """Room below its panels."""
        return max(slot.below for slot in self.block.slots)

    @cached_property
    def half(self) -> int:
        """What sticks out to the right of its panels."""
        return max(slot.half for slot in self.block.slots)

    @cached_property
    def gap(self) -> int:
        """Room between two columns."""
        if self.single:
            return 0
        apart = round(_GAP * self.block.scale.small)
        return apart + (2 * self.half if self.level == 0 else 0)

    @cached_property
    def fall(self) -> int:
        """Room between two rows."""
        if self.rows == 1:
            return 0
        return round(_GAP * self.block.scale.small) + self.name

    @cached_property
    def slope(self) -> float:
        """How much wider it is for each pixel of height; 0 where it takes what room is left."""
        return self.columns * (self.aspect or 0.0) / self.rows

    @cached_property
    def least(self) -> float:
        """How wide it is beside what is in proportion to its height."""
        inner = (self.columns - 1) * self.gap
        return inner - self.slope * (self.rows - 1) * self.fall

    def stands(self, width: int, height: int, above: int) -> list[Stand]:
        """Return its panels from its top left corner on; their rows are `height` high in all.

        `above` is the room over them, whose lowest part is for titles of the panels.
        """
        across = max(1, round((width - (self.columns - 1) * self.gap) / self.columns))
        down = max(1, round((height - (self.rows - 1) * self.fall) / self.rows))
        corner = (self.rows - 1) * self.columns  # the lowest panel at the left
        last = len(self.block.slots) - 1
        room = width + self.block.after
        bar = Box(0, above, width, max(1, height)) if self.block.after else None
        made = []
        for i in range(last + 1):
            row, column = divmod(i, self.columns)
            lowest = i + self.columns > last
            box = Box(column * (across + self.gap), above + row * (down + self.fall), across, down)
            made.append(
                Stand(
                    box,
                    self.block.head if i == 0 else None,
                    above - self.name,
                    room,
                    self.name > 0,
                    x_ticks=i == corner or (self.level == 0 and lowest),
                    y_ticks=i == corner or (self.level == 0 and column == 0),
                    bar=bar if i == last else None,
                )
            )
        return made


def names_fit(stands: Sequence[Stand], blocks: Sequence[Block]) -> bool:
    """Return whether the titles of all panels have room over them."""
    wide = iter(stands)
    return all(
        not stand.named or stand.box.width >= block.names
        for block in blocks
        for stand in [next(wide) for _ in block.slots]
    )
