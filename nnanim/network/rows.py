"""Rows: a network's inputs as they are asked, so many of them at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import UsageError

# Rows that torch is given: of more a call takes no less for each, and the last are filled up. The
# few, by networks of more than LARGE parameters.
CHUNK, FEW = 1024, 128
LARGE = 50_000


def rows_of(inputs: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return inputs (n, …) as contiguous float32; `UsageError` for what has no rows."""
    rows = np.ascontiguousarray(inputs, np.float32)
    if np.ndim(inputs) < 2:
        raise UsageError(f"inputs have shape {np.shape(inputs)}: expected (n, inputs)")
    return rows
