"""Colour maps: matplotlib's, as tables."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray


def color_map(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours (256, 4) of the colour map of that name."""
    return np.asarray(colormaps[name](np.arange(256) / 255, bytes=True), np.uint8)
