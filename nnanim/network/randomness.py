"""Random numbers of torch, which has one source of them for all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_ONE = threading.RLock()


@contextmanager
def random_numbers() -> Iterator[None]:
    """Let torch draw random numbers without a trace, in one thread at a time: it has one state."""
    with _ONE, torch.random.fork_rng(devices=[]):
        yield
