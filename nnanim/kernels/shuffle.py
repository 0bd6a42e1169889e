"""Permutations as numpy draws them, in less than half of its time.

numpy asks its generator for one number at a time, and again where that is too large; which ones are
cannot be foreseen, and the processor stalls. Here the numbers are drawn beforehand, and one that is
too large swaps an entry with itself.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.compilation import compiled

_LARGEST = 2**15  # drawn at once


class Shuffle:
    """The permutations of n that `default_rng(seed).permutation(n)` returns, one after another."""

    def __init__(self, seed: Any, n: int) -> None:
        self._generator = np.random.PCG64(seed)
        self._draws = min(max(8 * n, 32), _LARGEST)
        self._bits = np.empty(0, np.uint32)
        self._used = 0

    def deal(self, orders: NDArray[np.int64]) -> None:
        """Set the rows of `orders` (k, n) to the next k permutations."""
        at = np.array([0, -1, self._used])
        _deal(self._bits, orders, at)
        while at[0] < len(orders):
            # Two numbers of 32 bits in each, the low half first.
            self._bits = self._generator.random_raw(self._draws).view(np.uint32)
            at[2] = 0
            _deal(self._bits, orders, at)
        self._used = int(at[2])


@compiled
def _deal(bits: Any, orders: Any, at: Any) -> None:
    """Shuffle the rows of `orders` by Fisher and Yates, until the last or the end of `bits`.

    From the last one down, each entry changes places with one at or before it, drawn from the
    low bits of the next number. `at` = (row, entry, bits used); entry -1 is a row's beginning.
    """
    row, i, used = at[0], at[1], at[2]
    while row < orders.shape[0]:
        order = orders[row]
        if i < 0:
            for k in range(order.size):
                order[k] = k
            i = order.size - 1
        while i > 0 and used < bits.size:
            half = 0
            while 2 * half + 1 < i:
                half = 2 * half + 1
            mask = np.uint32(2 * half + 1)
            while i > half and used < bits.size:
                drawn = np.int64(bits[used] & mask)
                used += 1
                fits = drawn <= i
                j = drawn if fits else i
                order[i], order[j] = order[j], order[i]
                i -= np.int64(fits)
        if i > 0:
            break
        row += 1
        i = -1
    at[0], at[1], at[2] = row, i, used
