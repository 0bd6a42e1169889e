"""Reliefs: the faces of a height field, and what it hides."""

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.relief import hidden
from nnanim.marks import HeightField, Polygons
from nnanim.types import Floats

_OVERLAP = 0.03  # of a cell, to each side: or what is behind would show between faces
_BAND = 1 / 24  # of the colours' range: a face that spans more is divided
_MOST = 6  # parts of a cell, each way
_SLACK = 0.002  # of the heights' range: what is so near to the surface lies on it


def faces_of(field: HeightField) -> Polygons:
    """Return the faces between the heights, each coloured by the mean of its corners.

    Where it is steep they are finer, so that colours that follow the heights have no teeth.
    """
    heights = np.asarray(field.heights, np.float64)
    rows, columns = heights.shape
    around = [heights[:-1, :-1], heights[:-1, 1:], heights[1:, 1:], heights[1:, :-1]]
    corners = np.stack(around, axis=-1).reshape(-1, 4)
    row, column = np.divmod(np.arange(len(corners)), columns - 1)
    parts = np.ones((len(corners), 2), np.int64)
    if field.values is None:
        band = _BAND * (field.high - field.low)
        across = np.abs(corners[:, [1, 2]] - corners[:, [0, 3]]).max(axis=1)
        along = np.abs(corners[:, [3, 2]] - corners[:, [0, 1]]).max(axis=1)
        steep = np.nan_to_num(np.stack([across, along], axis=1) / band, posinf=_MOST)
        parts = np.clip(np.ceil(steep), 1, _MOST).astype(np.int64)
    found, cells = [], []
    for way in np.unique(parts, axis=0):
        own = np.flatnonzero((parts == way).all(axis=1))
        places = _places(*way.tolist())
        a, b = places[..., 0], places[..., 1]
        shares = np.stack([(1 - a) * (1 - b), a * (1 - b), a * b, (1 - a) * b], axis=-1)
        up = np.einsum("pck,nk->npc", shares, corners[own])
        ground = np.stack([column[own], row[own]], axis=1)[:, None, None] + places
        found.append(np.concatenate([ground, up[..., None]], axis=-1).reshape(-1, 4, 3))
        cells.append(np.repeat(own, len(places)))
    faces, cell = np.concatenate(found), np.concatenate(cells)
    values = faces[:, :, 2].mean(axis=1) if field.values is None else np.ravel(field.values)[cell]
    x0, x1, y0, y1 = field.extent
    faces[..., 0] = x0 + faces[..., 0] * (x1 - x0) / (columns - 1)
    faces[..., 1] = y0 + faces[..., 1] * (y1 - y0) / (rows - 1)
    return Polygons(faces, values=values, scale=field.scale, low=field.low, high=field.high)


def hides(field: HeightField, eye: Floats, at: Floats) -> NDArray[np.bool_]:
    """Return whether the surface lies between the eye (3,) and places (n, 3)."""
    heights = np.ascontiguousarray(field.heights, np.float64)
    low, high = np.array(field.extent).reshape(2, 2).T
    counts = np.array(heights.shape[::-1]) - 1

    def counted(places: Floats) -> Floats:
        ground = (places[:, :2] - low) / (high - low) * counts
        return np.column_stack([ground, places[:, 2]]).astype(np.float64)

    finite = heights[np.isfinite(heights)]
    slack = _SLACK * float(np.ptp(finite)) if len(finite) else 0.0
    return np.asarray(hidden(heights, counted(at), counted(eye[None])[0], slack))


def _places(across: int, along: int) -> Floats:
    """Return the corners (parts, 4, 2) of so many parts of a cell, in its own units."""
    xs, ys = (np.linspace(0.0, 1.0, count + 1) for count in (across, along))
    for ends in (xs, ys):
        ends[[0, -1]] += -_OVERLAP, _OVERLAP
    j, k = (each.ravel() for each in np.meshgrid(np.arange(across), np.arange(along)))
    corners = [(xs[j], ys[k]), (xs[j + 1], ys[k]), (xs[j + 1], ys[k + 1]), (xs[j], ys[k + 1])]
    return np.array(corners).transpose(2, 0, 1)
