"""Shapes: outlines of points, as seen: y runs downwards; of bars and faces, in their panel."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnanim.marks import Bars, Polygons, Shape
from nnanim.types import Floats


@lru_cache(maxsize=64)
def outline(shape: Shape, radius: float, corners: int = 64) -> Floats:
    """Return the outline (k, 2) of a point about its middle; a disc is a polygon of its area."""
    if shape == "disc":
        angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        grown = radius * np.sqrt(2 * np.pi / corners / np.sin(2 * np.pi / corners))
        ring = grown * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    elif shape == "square":
        ring = 0.89 * radius * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    elif shape == "triangle":
        ring = 1.35 * radius * np.array([[0.0, -1.0], [0.87, 0.5], [-0.87, 0.5]])
    else:
        a, b = 0.36, 1.15
        arm = [(0, -a), (b - a, -b), (b, a - b), (a, 0), (b, b - a), (b - a, b)]
        ring = radius * np.array([*arm, *[(-x, -y) for x, y in arm]])
    ring.setflags(write=False)
    return np.asarray(ring)


def bar_outlines(mark: Bars) -> list[Floats]:
    """Return the outline (4, 2) of each bar, in its panel's coordinates."""
    half = mark.width / 2
    return [
        np.array([[x - half, mark.base], [x + half, mark.base], [x + half, top], [x - half, top]])
        for x, top in zip(mark.positions, mark.heights, strict=True)
    ]


def corners_of(mark: Polygons) -> tuple[Floats, NDArray[np.int64]]:
    """Return the corners of all polygons (k, 2), one after the other, and where each begins."""
    if isinstance(mark.paths, np.ndarray):
        faces, corners, _ = mark.paths.shape
        points = np.ascontiguousarray(mark.paths, np.float64).reshape(-1, 2)
        return points, np.arange(faces + 1) * corners
    points = np.ascontiguousarray(np.concatenate(mark.paths), np.float64)
    return points, np.cumsum([0, *map(len, mark.paths)])
