"""What torch has one of for all, its random numbers and its threads: lent, and left as it was."""

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


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on one thread: for tiny networks a second one costs more than it brings."""
    threads = torch.get_num_threads()
    if threads != 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if threads != 1:
            torch.set_num_threads(threads)
