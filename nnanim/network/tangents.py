"""Tangents: how what a stack's layers give changes with its inputs, by the kernel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.tangents import tangents
from nnanim.network.stack import Stack
from nnanim.types import Floats, State


def tangents_of(
    stack: Stack, state: State, x: NDArray[np.float32], directions: Floats, names: Sequence[str]
) -> list[Floats]:
    """Return derivatives (n, units, k) of what the modules of those names give.

    They are along `directions` (k, inputs) of inputs (n, inputs); `UsageError` for inputs of
    another shape. Those of one unit along one direction lie side by side in memory.
    """
    starts, count = stack.room(x, names)
    n, k = len(x), len(directions)
    starts[starts >= 0] *= k
    found, flat = np.empty(count * k, np.float32), stack.flat(state, np.float32)
    ways = np.ascontiguousarray(directions, np.float32)
    tangents(x, ways, stack.table, stack.options, *flat, starts, found)
    parts = (stack.part(found, starts, name, n * k) for name in names)
    return [part.reshape(part.shape[1], k, n).transpose(2, 0, 1) for part in parts]
