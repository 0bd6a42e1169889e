"""The kernel that puts what a layer gives into the picture whose motion is measured."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.compilation import compiled

Array = NDArray[Any]


@compiled
def put(
    given: Array, low: Array, span: Array, beyond: float, root: float, out: Array,
    first: int, at: int,
) -> None:  # fmt: skip
    """Put what is given (k, n) into rows of `out`, float32, from `first`, at the columns from `at`.

    So that `low` (n,) is 0 and as much as `span` (n,) more is 1, no further out than `beyond` and
    no number 0; all that over `root`.
    """
    k, n = given.shape
    for i in range(k):
        row = out[first + i]
        for j in range(n):
            share = (given[i, j] - low[j]) / span[j]
            share = share if share == share else 0.0
            share = max(share, -beyond)
            row[at + j] = np.float32(min(share, 1.0 + beyond) / root)
