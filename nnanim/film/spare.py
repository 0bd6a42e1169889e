"""Spare: memory that one look over a run leaves for the next.

The system gives memory empty; that takes longer than to compute what is put there.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.types import Floats


class Spare:
    """Memory for one array after another; of what is given back, the largest is kept."""

    def __init__(self) -> None:
        self._left: list[NDArray[np.uint8]] = []

    def floats(self, rows: int, columns: int) -> Floats:
        """Return an array (rows, columns), float32, of whatever was there before.

        Its memory is given back when nothing looks at it any more.
        """
        size = rows * columns * np.dtype(np.float32).itemsize
        memory = self._left.pop() if self._left else np.empty(0, np.uint8)
        if memory.size < size:
            memory = np.empty(size, np.uint8)
        return np.asarray(_Lent(self._left, memory, (rows, columns)))


class _Lent:
    """Memory as long as an array stands on it, which numpy makes of this and holds on to."""

    def __init__(
        self, left: list[NDArray[np.uint8]], memory: NDArray[np.uint8], shape: tuple[int, int]
    ) -> None:
        self._left, self._memory = left, memory
        floats: NDArray[Any] = memory[: 4 * shape[0] * shape[1]].view(np.float32).reshape(shape)
        self.__array_interface__ = floats.__array_interface__

    def __del__(self) -> None:
        self._left.append(self._memory)
        self._left.sort(key=len)
        del self._left[:-1]
