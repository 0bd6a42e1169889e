"""Batches: the order of the samples in each epoch, the same for every trainer."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.shuffle import Shuffle
from nnanim.scene.training import Training
from nnanim.training.run import Run


def batch_orders(n: int, training: Training) -> Iterator[NDArray[np.int64]]:
    """Give the order of the samples (n,) in each epoch, the same for every trainer.

    A full batch is not shuffled: its gradient does not depend on the order.
    """
    shuffle = shuffle_of(n, training)
    for _ in range(training.epochs):
        order = np.arange(n)
        if shuffle is not None:
            shuffle.deal(order[None])
        yield order


def shuffle_of(n: int, training: Training) -> Shuffle | None:
    """Return what shuffles n samples in each epoch; None where they keep their order."""
    whole = training.batch_size is None or training.batch_size >= n
    return Shuffle((training.seed, 1), n) if training.shuffle and not whole else None


def batch_sizes(run: Run) -> NDArray[np.int64]:
    """Return how many samples (steps of an epoch,) each batch holds."""
    starts = np.arange(0, run.samples_per_epoch, run.batch_size)
    return np.diff(np.append(starts, run.samples_per_epoch))
