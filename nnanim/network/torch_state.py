"""What torch has one of for all, its random numbers and its threads: lent, and left as it was."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ONE = threading.RLock()


@contextmanager
def random_numbers() -> Iterator[None]:
    """Let torch draw random numbers without a trace, in one thread at a time: it has one state."""
    import torch  # which `one_thread` has no need of

    with _ONE, torch.random.fork_rng(devices=[]):
        yield


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch, where it is loaded, on one thread: for tiny networks a second costs more.

    Where it is not, nothing is done.
    """
    torch: Any = sys.modules.get("torch")
    threads = torch.get_num_threads() if hasattr(torch, "set_num_threads") else 1
    if threads != 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if threads != 1:
            torch.set_num_threads(threads)
