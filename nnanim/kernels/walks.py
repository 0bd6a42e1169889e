"""The kernels of a walk along the motion of a picture: strides, and places about so far apart."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nnanim.kernels.compilation import compiled

_inner = njit(nogil=True, error_model="numpy")

Array = NDArray[Any]

_RUN, _LEVELS = 128, 40  # numbers that are added up in eight sums, as numpy does; halvings


@_inner
def _of_run(a: Array, b: Array, first: int, n: int) -> Any:
    """Return the sum of (a - b)² over at most `_RUN` numbers from `first` on."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = a.dtype.type(0)
    whole = n - n % 8
    for i in range(first, first + whole, 8):
        s0 += (a[i] - b[i]) * (a[i] - b[i])
        s1 += (a[i + 1] - b[i + 1]) * (a[i + 1] - b[i + 1])
        s2 += (a[i + 2] - b[i + 2]) * (a[i + 2] - b[i + 2])
        s3 += (a[i + 3] - b[i + 3]) * (a[i + 3] - b[i + 3])
        s4 += (a[i + 4] - b[i + 4]) * (a[i + 4] - b[i + 4])
        s5 += (a[i + 5] - b[i + 5]) * (a[i + 5] - b[i + 5])
        s6 += (a[i + 6] - b[i + 6]) * (a[i + 6] - b[i + 6])
        s7 += (a[i + 7] - b[i + 7]) * (a[i + 7] - b[i + 7])
    total = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    for i in range(first + whole, first + n):
        total += (a[i] - b[i]) * (a[i] - b[i])
    return total


@_inner
def _squares(a: Array, b: Array, room: Array, left: Array) -> Any:
    """Return the sum of (a - b)², halves of halves of it added up, to the bit as numpy adds.

    `room` (levels, 3) and `left` (levels,) are for the halves under way: where each begins, of how
    many numbers, whether its first half is done, and what that gave.
    """
    level = 0
    room[0] = 0, len(a), 0
    while True:
        first, n = room[level, 0], room[level, 1]
        half = n // 2
        half -= half % 8
        if n > _RUN:
            room[level, 2] = 0
            level += 1
            room[level] = first, half, 0
            continue
        total = _of_run(a, b, first, n)
        while True:
            level -= 1
            if level < 0:
                return total
            if room[level, 2] == 0:
                break
            total = left[level] + total
        first, n = room[level, 0], room[level, 1]
        half = n // 2
        half -= half % 8
        room[level, 2], left[level] = 1, total
        level += 1
        room[level] = first + half, n - half, 0


@compiled
def strides(points: Array, stride: float) -> Array:
    """Return at which of points (n, d) one stands who goes on once a stride away, and the last.

    Indices (k,), the first of them 0.
    """
    room, left = np.zeros((_LEVELS, 3), np.int64), np.zeros(_LEVELS, points.dtype)
    ends, count, here = np.zeros(len(points), np.int64), 1, 0
    while here < len(points) - 1:
        after = here + 1
        while after < len(points) - 1:
            if np.float64(_squares(points[after], points[here], room, left)) >= stride**2:
                break
            after += 1
        here = after
        ends[count] = here
        count += 1
    return ends[:count]


@compiled
def chosen(after: Array, steps: Array) -> Array:
    """Return places, the first to the last of n, that lie about so far apart, one after another.

    `after` (n, n) are the logarithms of the distances from each, in its row, to those after it, and
    infinite to the others; `steps` (k,) those of the distances wanted. The sum of the squares of
    what they are off is the least; of several, each comes from the earliest.
    """
    n = len(after)
    costs, least = np.full(n, np.inf), np.empty(n)
    came = np.zeros((len(steps), n))  # as wide as costs, so that both are found in one go
    costs[0] = 0.0
    for k in range(len(steps)):
        least[:] = np.inf
        step, whence = steps[k], came[k]
        for i in range(n):
            cost, row, place = costs[i], after[i], np.float64(i)
            if cost == np.inf:
                continue
            for j in range(n):
                off = row[j] - step
                whole = cost + off * off
                nearer = whole < least[j]
                least[j] = whole if nearer else least[j]
                whence[j] = place if nearer else whence[j]
        costs, least = least, costs
    places = np.empty(len(steps) + 1, np.int64)
    places[len(steps)] = n - 1
    for k in range(len(steps) - 1, -1, -1):
        places[k] = int(came[k, places[k + 1]])
    return places
