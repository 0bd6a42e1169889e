"""What a surface of heights hides from an eye."""

from math import ceil, floor

import numpy as np

from nnanim.kernels.blend import Array
from nnanim.kernels.compilation import compiled

_STEP = 0.25  # cells, along the ground, from one look at the heights to the next, at the most
_FIRST = 0.4  # of a step: to the first look


@compiled
def _to_the_next_line(at: float, speed: float) -> float:
    """Return how much further, in steps of `speed`, the next whole number is from `at`."""
    if speed > 0:
        return (floor(at + 1e-6) + 1 - at) / speed
    if speed < 0:
        return (ceil(at - 1e-6) - 1 - at) / speed
    return np.inf


@compiled
def hidden(heights: Array, at: Array, eye: Array, slack: float) -> Array:
    """Return whether the heights (rows, columns) lie between the eye (3,) and places `at` (n, 3).

    Both are in columns, rows and height. The line of sight is looked at from a tenth of a cell on,
    and at each edge of a cell; it meets the surface where it comes from one side to the other, by
    `slack` each.
    """
    rows, columns = heights.shape
    found = np.zeros(len(at), np.bool_)
    for i in range(len(at)):
        x, y, z = at[i]
        across, along, up = eye[0] - x, eye[1] - y, eye[2] - z
        step = _STEP / max(np.hypot(across, along), 1e-9)
        first = min(_to_the_next_line(x, across), _to_the_next_line(y, along))
        share, side = min(_FIRST * step, first), 0
        while share < 1:
            u, v = x + share * across, y + share * along
            if not (0 <= u <= columns - 1 and 0 <= v <= rows - 1):
                break
            j, k = min(int(u), columns - 2), min(int(v), rows - 2)
            a, b = u - j, v - k
            low = (1 - a) * heights[k, j] + a * heights[k, j + 1]
            high = (1 - a) * heights[k + 1, j] + a * heights[k + 1, j + 1]
            over = z + share * up - (1 - b) * low - b * high
            now = 1 if over > slack else -1 if over < -slack else 0
            if now * side < 0:
                found[i] = True
                break
            if now != 0:
                side = now
            share += min(step, _to_the_next_line(u, across), _to_the_next_line(v, along))
    return found
