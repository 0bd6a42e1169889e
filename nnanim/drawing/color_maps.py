"""Colour maps: matplotlib's, as tables."""

from difflib import get_close_matches

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from nnanim.errors import SceneError


def color_map(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours (256, 4) of the colour map of that name; `SceneError` if unknown."""
    if name not in colormaps:
        near = get_close_matches(name, colormaps, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise SceneError(
            f"unknown colour map {name!r:.100}: expected one of matplotlib's, as 'viridis' or "
            f"'coolwarm'{hint}"
        )
    return np.asarray(colormaps[name](np.arange(256) / 255, bytes=True), np.uint8)
