"""Passed: what is seen of a sheet on its way through the layers, known for what it is."""

from dataclasses import dataclass

# A layer's number, 0 the input; half of how large it is drawn; where its middle is.
Thumb = tuple[int, float, tuple[float, float]]


@dataclass(frozen=True)
class Passed:
    """The "data", the line `number` of `count` of the grid ("lines") or of the "boundary".

    They are seen at a film's depth, and beside them lines of the "box" that an activation cannot
    leave and of the "ghost", where the sheet began. With a `thumb`, it is what that layer gives, in
    small. `mirror` is how a layer that mirrors is shown.
    """

    what: str
    mirror: str
    number: int = 0
    count: int = 1
    thumb: Thumb | None = None
