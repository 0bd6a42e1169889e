"""Rows: views that stand side by side, and how high."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import overload

from nnanim.errors import SceneError
from nnanim.view import View


@dataclass(frozen=True)
class Row(Sequence[View]):
    """Views side by side; `height` is the row's share of the height that all rows want.

    Raises `SceneError` for a height that is not above 0.
    """

    views: Sequence[View]
    height: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.views, list | tuple):
            raise SceneError(
                f"Row({self.views!r:.100}): expected a list of views, as "
                "Row([views.HiddenSpace()], height=2)"
            )
        height = self.height
        if isinstance(height, bool) or not isinstance(height, int | float) or not 0 < height < inf:
            raise SceneError(
                f"Row(height={height!r:.100}): expected a number above 0, as height=2 for a row "
                "twice as high as one of height 1"
            )
        object.__setattr__(self, "views", tuple(self.views))

    @overload
    def __getitem__(self, i: int) -> View: ...

    @overload
    def __getitem__(self, i: slice) -> Sequence[View]: ...

    def __getitem__(self, i: int | slice) -> View | Sequence[View]:
        """Return a view, or several."""
        return self.views[i]

    def __len__(self) -> int:
        """Return how many views stand in it."""
        return len(self.views)


def height_of(row: Sequence[View]) -> float:
    """Return a row's share of the height, 1 where it says nothing of it."""
    return row.height if isinstance(row, Row) else 1.0
