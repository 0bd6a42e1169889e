"""Shades: a map's numbers as colours, equal areas for each."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.drawing.color_maps import color_map
from nnanim.errors import SceneError, UsageError

COLORS = "Spectral"
GAP = 0.25  # of each half of the colour map, left out where the two kinds meet
NONE = (96, 96, 96, 255)  # where there is no number

Numbers = NDArray[np.floating[Any]]


def check_colors(name: str) -> None:
    """Raise `UsageError` where there is no colour map of that name."""
    try:
        color_map(name)
    except SceneError as error:
        raise UsageError(str(error)) from error


@dataclass(frozen=True, eq=False)
class Shades:
    """Which share of a colour map, from 0 to 1, stands for which number.

    `numbers` rise, and with them the `places` rise or fall. Where there is no number, it is grey.
    """

    numbers: Numbers
    places: NDArray[np.float64]
    colors: str = COLORS

    @classmethod
    def of(
        cls, numbers: Numbers, colors: str = COLORS, *, halves: bool = True, rising: bool = False
    ) -> "Shades":
        """Return shades that all cover areas of the same size; NaN covers none.

        In `halves`, numbers below 0 get the upper half, the lowest its end; those above the lower
        half, the highest its end. Else the lowest number gets the upper end, or where they are
        `rising` the highest.
        """
        known = np.sort(numbers[np.isfinite(numbers)], axis=None)
        if not halves:
            ends = (0, 1) if rising else (1, 0)
            return cls(known, np.linspace(*ends, known.size), colors)
        below = int((known < 0).sum())
        upper = np.linspace(1, GAP, below)
        lower = -np.linspace(GAP, 1, known.size - below)
        return cls(known, (np.concatenate([upper, lower]) + 1) / 2, colors)

    @cached_property
    def table(self) -> NDArray[np.uint8]:
        """The colours (256, 4) of places from 0 to 1."""
        return color_map(self.colors)

    def picture(self, numbers: Numbers) -> NDArray[np.uint8]:
        """Return the picture (height, width, 4) of numbers whose lowest row comes first."""
        upright = numbers[::-1]
        if not self.numbers.size:
            return np.full((*upright.shape, 4), NONE, np.uint8)
        places = np.interp(np.nan_to_num(upright, nan=0.0), self.numbers, self.places)
        found = self.table[(places * 255 + 0.5).astype(np.uint8)]
        found[~np.isfinite(upright)] = NONE
        return np.asarray(found)
