"""Shades: a map's numbers as colours, equal areas for each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.drawing.color_maps import color_map

COLORS = "Spectral"
_GAP = 0.25  # of each half of the colour map, left out where the two kinds meet


def check_colors(name: str) -> None:
    """Raise `SceneError` where there is no colour map of that name."""
    color_map(name)


@dataclass(frozen=True, eq=False)
class Shades:
    """Which share of a colour map, from 0 to 1, stands for which number.

    `numbers` rise, and so do the `places` of theirs.
    """

    numbers: NDArray[np.floating[Any]]
    places: NDArray[np.float64]
    colors: str = COLORS

    @classmethod
    def of(cls, speed: NDArray[np.floating[Any]], colors: str = COLORS) -> "Shades":
        """Return shades that all cover areas of the same size.

        Numbers below 0 get the upper half, the lowest its end; those above the lower half, the
        highest its end.
        """
        numbers = np.sort(speed, axis=None)
        below = int((numbers < 0).sum())
        upper = np.linspace(1, _GAP, below)
        lower = -np.linspace(_GAP, 1, numbers.size - below)
        return cls(numbers, (np.concatenate([upper, lower]) + 1) / 2, colors)

    def picture(self, speed: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
        """Return the picture (height, width, 4) of numbers whose lowest row comes first."""
        table = color_map(self.colors)
        places = np.interp(speed, self.numbers, self.places)
        return np.asarray(table[(places[::-1] * 255 + 0.5).astype(np.uint8)])
