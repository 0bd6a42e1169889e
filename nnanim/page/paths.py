"""Paths: lists of points as a page keeps them, without those that it does not need."""

from collections.abc import Sequence

import numpy as np

from nnanim.kernels.simplify import simplify
from nnanim.types import Floats

_STRAY = 1.0  # steps that a line may be away from a point that is left out


def is_closed(path: Floats) -> bool:
    """Return whether a path ends where it began, as an outline does: its end need not be kept."""
    return path.ndim == 2 and len(path) > 2 and np.array_equal(path[0], path[-1])


def needed(path: Floats, step: Floats) -> Floats:
    """Return a path in the plane (m, 2) without points less than a step (2,) from the rest."""
    if path.shape[1:] != (2,) or len(path) < 3 or not np.isfinite(path).all():
        return path
    keep = np.zeros(len(path), bool)
    keep[[0, -1]] = True
    simplify(np.ascontiguousarray(path / step), _STRAY, keep)
    return path[keep]


def joined(paths: Sequence[Floats], axes: int) -> Floats:
    """Return paths of so many coordinates one after the other."""
    return np.concatenate(paths) if paths else np.zeros((0, axes))
