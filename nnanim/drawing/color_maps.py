"""Colour maps: matplotlib's, as tables."""

from difflib import get_close_matches

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from nnanim.errors import SceneError, unknown


def color_map(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours (256, 4) of the colour map of that name; `SceneError` if unknown."""
    if name not in colormaps:
        near = get_close_matches(name, colormaps, n=2)
        raise SceneError(unknown("colour map", name, [*near, "viridis", "coolwarm"]))
    return np.asarray(colormaps[name](np.arange(256) / 255, bytes=True), np.uint8)
