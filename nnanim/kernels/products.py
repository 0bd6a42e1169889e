"""Products of narrow arrays, made on the thread that asks for them.

BLAS shares even small ones out among threads, which wait for one another: on a busy machine, a
hundred times as long as they compute.
"""

import numpy as np

from nnanim.kernels.blend import Array
from nnanim.kernels.compilation import compiled


@compiled
def crossed(rows: Array, weights: Array) -> Array:
    """Return rows (n, k), transposed, times weights (n,) times rows, as (k, k)."""
    n, k = rows.shape
    found = np.zeros((k, k))
    for i in range(n):
        for u in range(k):
            own = weights[i] * rows[i, u]
            for v in range(k):
                found[u, v] += own * rows[i, v]
    return found
