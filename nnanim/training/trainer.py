"""Trainer: what trains a run stretch by stretch, and the blocks that this gives."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from nnanim.threads import taking_turns
from nnanim.training.batches import shuffle_of
from nnanim.training.block import Block
from nnanim.training.run import Run
from nnanim.types import State

_FIRST_ORDERS = 30_000  # sample numbers that a training waits for at its start
_FEW_ORDERS = 100_000  # sample numbers of a whole training, as long in shuffling as a thread
_STRETCH_ORDERS = 250_000  # sample numbers shuffled at once; new memory costs as much as they do


class Trainer(Protocol):
    """A training under way; the same run and the same orders give the same bits."""

    @property
    def stretch_steps(self) -> int:
        """How many steps it takes in one go, about."""

    def start(self) -> Block:
        """Return a block of the state as it stands, of no steps."""

    def train(self, orders: NDArray[np.int64]) -> Block:
        """Train for the epochs of `orders` (epochs, n).

        Where parameters or losses cease to be finite, the block ends with the last good state.
        """

    def checkpoint(self) -> State:
        """Return all that is needed to go on from here."""

    def restore(self, checkpoint: State) -> None:
        """Go on from a checkpoint."""

    def load(self, state: State) -> None:
        """Go on from these parameters and buffers."""

    def restart_optimizer(self) -> None:
        """Forget what the optimiser has gathered."""


def stretches(run: Run, steps: int, kept: bool) -> list[list[int]]:
    """Return for each segment of the training the epochs of each stretch, about `steps` long.

    The first are short, so that the trainer need not wait for many shuffles, and where blocks are
    `kept` on the way, something is soon kept. The layout hangs on the run alone: a training that
    goes on after it was killed meets the same one.
    """
    n, largest = len(run.data.inputs), steps // run.steps_per_epoch
    if shuffle_of(n, run.training) is not None:
        largest = min(largest, _STRETCH_ORDERS // n)
    size = 1 if kept else max(1, min(_FIRST_ORDERS // n, largest))
    segments = run.training.segments
    found: list[list[int]] = []
    for _ in range(segments):
        left, sizes = run.training.epochs // segments, []
        while left:
            sizes.append(min(size, left))
            left -= sizes[-1]
            size = max(1, min((2 if kept else 4) * size, largest))
        found.append(sizes)
    return found


def stretch_orders(run: Run, sizes: Sequence[int]) -> Generator[NDArray[np.int64], None, None]:
    """Give the batch orders (epochs, n) of each stretch, to be used before the next is asked for.

    Where they are many, and no trainings take turns, each is shuffled while the trainer, whose
    kernel holds no lock, works on the one before.
    """
    n = len(run.data.inputs)
    shuffle = shuffle_of(n, run.training)
    if shuffle is None:
        order = np.arange(n)
        yield from (as_strided(order, (size, n), (0, order.itemsize)) for size in sizes)
        return
    if n * sum(sizes) <= _FEW_ORDERS or taking_turns():  # a thread would cost more than it gives
        for size in sizes:
            orders = np.empty((size, n), np.int64)
            shuffle.deal(orders)
            yield orders
        return
    # Two pieces of memory take turns.
    room = [np.empty((max(sizes), n), np.int64) for _ in range(min(2, len(sizes)))]

    def shuffled(i: int) -> NDArray[np.int64]:
        orders = room[i % 2][: sizes[i]]
        shuffle.deal(orders)
        return orders

    with ThreadPoolExecutor(max_workers=1) as shuffler:
        ahead = shuffler.submit(shuffled, 0)
        for i in range(1, len(sizes)):
            ready = ahead.result()
            ahead = shuffler.submit(shuffled, i)
            yield ready
        yield ahead.result()
