"""Landmarks: a few points that stand for many, each as far from the others as can be."""

import numpy as np

from nnanim.kernels.blend import Array
from nnanim.kernels.compilation import compiled


@compiled
def _squared(points: Array, i: int, j: int) -> float:
    """Return the square of the distance of two rows."""
    total = 0.0
    for k in range(points.shape[1]):
        total += (points[i, k] - points[j, k]) ** 2
    return total


@compiled
def landmarks(points: Array, count: int) -> tuple[Array, Array, float]:
    """Return at most so many rows of points (n, d), each furthest from those before it.

    Also which of them, by number, is nearest to each point (n,), and how far one is from it at
    most. The first is the first row; fewer come where points are not so many.
    """
    n = len(points)
    found, owners = np.zeros(min(count, n), np.int64), np.zeros(n, np.int64)
    away = np.empty(n)
    for i in range(n):
        away[i] = _squared(points, 0, i)
    for k in range(1, len(found)):
        furthest = int(np.argmax(away))
        if away[furthest] == 0.0:
            return found[:k], owners, 0.0
        found[k] = furthest
        for i in range(n):
            distance = _squared(points, furthest, i)
            if distance < away[i]:
                away[i], owners[i] = distance, k
    return found, owners, np.sqrt(np.max(away))


@compiled
def pairs_within(points: Array, reach: float) -> tuple[Array, Array, Array]:
    """Return the pairs i < j of rows that are no further apart, in order, and how far each is."""
    n = len(points)
    first, second = np.empty(n * (n - 1) // 2, np.int32), np.empty(n * (n - 1) // 2, np.int32)
    lengths = np.empty(len(first))
    count = 0
    for i in range(n):
        for j in range(i + 1, n):
            distance = np.sqrt(_squared(points, i, j))
            if distance <= reach:
                first[count], second[count], lengths[count] = i, j, distance
                count += 1
    return first[:count], second[:count], lengths[:count]
