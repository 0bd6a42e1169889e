"""Marks drawn by the kernel, and by Agg at four times the size as its oracle."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from numpy.typing import NDArray

from nnanim.drawing.canvas import Canvas
from nnanim.drawing.color_maps import color_map
from nnanim.drawing.raster import Raster
from nnanim.drawing.surface import Box, Placement
from nnanim.drawing.typesetter import glyphs_of
from nnanim.kernels.yuv420 import to_yuv420
from nnanim.marks import Mark
from nnanim.sheet.look import Look
from nnanim.themes import THEMES, Theme

SIZE = (200, 120)
BOX = Box(13, 11, 170, 95)  # a panel that leaves a margin to spoil

Picture = NDArray[np.uint8]


def look(
    size: tuple[int, int] = (1920, 1080), theme: str | None = None, bare: bool = False
) -> Look:
    """Return how a sheet is drawn, in the dark theme if none is named."""
    return Look(size, THEMES[theme or "dark"], bare)


def furniture(theme: Theme, size: tuple[int, int] = SIZE) -> Picture:
    """Return an empty sheet (height, width, 4), transparent where the theme is."""
    sheet = np.zeros((size[1], size[0], 4), np.uint8)
    if not theme.transparent:
        sheet[:] = np.rint(255 * np.array(theme.rgba("ground")))
    return sheet


def placement(box: Box = BOX, scale: int = 1) -> Placement:
    """Return a panel whose coordinates are the pixels of the sheet, y upwards from 0."""
    grown = Box(*(scale * side for side in (box.left, box.top, box.width, box.height)))
    return Placement(grown, (box.left, box.right), (SIZE[1] - box.bottom, SIZE[1] - box.top))


def empty(theme: Theme) -> Raster:
    """Return a raster over an empty sheet."""
    return Raster(furniture(theme), theme, 1.0, glyphs_of, color_map)


def by_kernel(marks: Iterable[Mark], theme: str = "light") -> Picture:
    """Return the kernel's picture."""
    raster = empty(THEMES[theme])
    for mark in marks:
        raster.draw(mark, placement())
    return raster.pixels


def by_agg(marks: Iterable[Mark], theme: str = "light", scale: int = 4) -> Picture:
    """Return Agg's picture, drawn `scale` times as large and averaged."""
    size = scale * SIZE[0], scale * SIZE[1]
    agg = RendererAgg(*size, 72)  # type: ignore[no-untyped-call]
    pixels = np.asarray(agg.buffer_rgba())  # type: ignore[no-untyped-call]
    pixels[:] = furniture(THEMES[theme], size)
    canvas = Canvas(agg, size, THEMES[theme], float(scale))
    for mark in marks:
        canvas.draw(mark, placement(scale=scale))
    return averaged(pixels, scale)


def averaged(pixels: Picture, scale: int) -> Picture:
    """Return the mean of each `scale` × `scale` pixels, colours by their share of alpha."""
    height, width = pixels.shape[0] // scale, pixels.shape[1] // scale
    blocks = pixels.reshape(height, scale, width, scale, 4).astype(float)
    alpha = blocks[..., 3:].mean(axis=(1, 3))
    colors = (blocks[..., :3] * blocks[..., 3:]).mean(axis=(1, 3)) / np.maximum(alpha, 1e-9)
    return np.asarray(np.rint(np.concatenate([colors, alpha], axis=2)), np.uint8)


def over_white(picture: Picture) -> NDArray[np.float64]:
    """Return what a picture (height, width, 4) looks like on white paper (height, width, 3)."""
    share = picture[..., 3:] / 255
    return np.asarray(picture[..., :3] * share + 255 * (1 - share))


def psnr(a: Picture, b: Picture) -> float:
    """Return the peak signal-to-noise ratio of two pictures (height, width, 4) in dB."""
    return decibels(over_white(a), over_white(b))


def decibels(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Return the peak signal-to-noise ratio of two arrays of one shape, of numbers up to 255."""
    error = float(((a.astype(float) - b) ** 2).mean())
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))


def worst(a: Picture, b: Picture) -> float:
    """Return the largest difference of two pictures, of 255."""
    return float(np.abs(over_white(a) - over_white(b)).max())


def covered(picture: Picture, theme: str = "light") -> float:
    """Return the share of pixels that something is drawn on."""
    return float((picture != furniture(THEMES[theme])).any(axis=2).mean())


def converted(pixels: Picture) -> Picture:
    """Return a picture as yuv420p, as the kernel makes it."""
    yuv = np.zeros(pixels.size * 3 // 8, np.uint8)
    height, width = pixels.shape[:2]
    to_yuv420(pixels.view("<u4")[..., 0], (0, 0, width, height), yuv)
    return yuv
