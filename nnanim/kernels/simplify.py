"""The kernel that leaves points of a line out: Douglas and Peucker's way."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.compilation import compiled

Array = NDArray[Any]


@compiled
def simplify(line: Array, tolerance: float, keep: Array) -> None:
    """Mark in `keep` (m,) the points of a line (m, 2) that it needs beside those marked.

    The first and the last are marked. What is left lies within `tolerance` of the line.
    """
    m = len(line)
    waiting = np.empty((m, 2), np.int64)
    count = 0
    start = 0
    for stop in range(1, m):
        if keep[stop]:
            waiting[count] = start, stop
            count += 1
            start = stop
    while count > 0:
        count -= 1
        start, stop = waiting[count]
        x, y = line[start]
        across, up = line[stop, 0] - x, line[stop, 1] - y
        length = np.hypot(across, up)
        most, middle = -1.0, start
        for i in range(start + 1, stop):
            a, b = line[i, 0] - x, line[i, 1] - y
            away = np.hypot(a, b) if length < 1e-9 else abs(a * up - b * across) / length
            if away > most:
                most, middle = away, i
        if most > tolerance:
            keep[middle] = True
            waiting[count] = start, middle
            waiting[count + 1] = middle, stop
            count += 2
