"""Border: how rough the line between learning and diverging is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 2  # pixels
_ALONG = 8  # boxes of the largest, along the shorter side


@dataclass(frozen=True)
class Roughness:
    """The dimension of a border by box counting, over boxes of `low` to `high` pixels.

    1 is a smooth line, 2 one that fills the plane.
    """

    dimension: float
    low: int
    high: int

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.dimension:.2f}, by counting boxes of {self.low} to {self.high} pixels"


def roughness(inside: NDArray[np.bool_]) -> Roughness | None:
    """Return how rough the border of a region of pixels is; None where it has next to none.

    Boxes of 2, 4, 8 … pixels are counted that hold pixels inside with a neighbour outside; the
    dimension is the slope of the straight line through the logarithms.
    """
    border = _border(inside)
    sizes, counts = [], []
    size = _SMALLEST
    while size <= min(inside.shape) // _ALONG:
        sizes.append(size)
        counts.append(_held(border, size))
        size *= 2
    if len(sizes) < 2 or not all(counts):
        return None
    slope = np.polyfit(np.log(sizes), np.log(counts), 1)[0]
    return Roughness(-float(slope), sizes[0], sizes[-1])


def border_pixel(inside: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return the pixel (column, row) inside, at the border, that is nearest to the middle."""
    found = np.argwhere(_border(inside))
    if not len(found):
        return None
    middle = (np.array(inside.shape) - 1) / 2
    row, column = found[int(((found - middle) ** 2).sum(axis=1).argmin())]
    return int(column), int(row)


def _border(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels inside that have a neighbour outside, beside, above or below."""
    found = np.zeros_like(inside)
    found[:, 1:] |= inside[:, 1:] & ~inside[:, :-1]
    found[:, :-1] |= inside[:, :-1] & ~inside[:, 1:]
    found[1:] |= inside[1:] & ~inside[:-1]
    found[:-1] |= inside[:-1] & ~inside[1:]
    return found


def _held(pixels: NDArray[np.bool_], size: int) -> int:
    """Return how many whole boxes hold any of the pixels."""
    rows, columns = (side // size for side in pixels.shape)
    boxes = pixels[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return int(boxes.any(axis=(1, 3)).sum())
