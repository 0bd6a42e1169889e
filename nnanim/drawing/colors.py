"""Colours of values: scales as tables, shades of faces."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnanim.marks import Points, Polygons, Stop
from nnanim.themes import Theme
from nnanim.types import Floats

ColorMap = Callable[[str], NDArray[np.uint8]]  # a name -> its 256 colours (256, 4)


@lru_cache(maxsize=64)
def color_table(
    scale: str | tuple[Stop, ...], theme: Theme, color_map: ColorMap
) -> NDArray[np.uint8]:
    """Return the 256 colours (256, 4) of a scale: a colour map by name, or stops of roles."""
    if isinstance(scale, str):
        return _greys(color_map(scale)) if theme.greys else color_map(scale)
    positions = [stop.position for stop in scale]
    colors = np.array([theme.rgba(stop.color, stop.alpha) for stop in scale])
    at = np.linspace(0, 1, 256)
    channels = [np.interp(at, positions, colors[:, k]) for k in range(4)]
    return np.asarray(np.rint(255 * np.stack(channels, axis=1)), np.uint8)


def _greys(table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return greys that are as light as colours (n, 4), by their luminance in sRGB."""
    part = table[:, :3] / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    light = linear @ [0.2126, 0.7152, 0.0722]
    grey = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    shade = np.rint(255 * grey).astype(np.uint8)
    return np.stack([shade, shade, shade, table[:, 3]], axis=1)


def face_colors(mark: Polygons, table: NDArray[np.uint8]) -> Floats:
    """Return red, green, blue and alpha in [0, 1] of each polygon (n, 4), of a table of colours."""
    assert mark.values is not None
    shades = shade_of(mark.values, mark.low, mark.high)
    colors = table[(shades + 0.5).astype(np.uint8)] / 255
    colors[:, 3] *= mark.alpha
    return np.asarray(colors)


def point_shades(mark: Points) -> NDArray[np.int64]:
    """Return the number (n,) of each point's colour in the 256 of its scale."""
    assert mark.values is not None
    return (shade_of(mark.values, mark.low, mark.high) + 0.5).astype(np.int64)


def shade_of(values: Floats, low: float, high: float) -> Floats:
    """Return where in a table of 256 colours values stand, in [0, 255]; 0 for what is no number."""
    span = (high - low) or 1.0
    shades = (np.asarray(values, np.float32) - low) * (255 / span)
    return np.asarray(np.fmin(np.fmax(shades, 0), 255))  # of a number and none, the number
