"""Threads: the same work on any number of them gives the same things in the same order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

S = TypeVar("S")
T = TypeVar("T")
Progress = Callable[[str, int, int], None]  # stage, done, total


class Map(Protocol):
    """How work is spread: as `map` does it, an executor's `map`, or a function of one's own."""

    def __call__(self, make: Callable[[S], T], items: Iterable[S], /) -> Iterable[T]:
        """Give what `make` makes of each of `items`, in their order."""


AHEAD = 2  # things, for each thread, that may wait to be taken


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def on_all_cores(make: Callable[[S], T], items: Iterable[S], /) -> Iterable[T]:
    """Give what `make` makes of each of `items`, in order, made on a thread for each core."""
    return in_order(make, items, cores())


def in_order(make: Callable[[S], T], items: Iterable[S], threads: int) -> Iterator[T]:
    """Give what `make` makes of each of `items`, in order, made on `threads` threads.

    Few are made ahead, so that memory does not grow with their number. One thread is the caller's.
    """
    if threads == 1:
        yield from map(make, items)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="nnanim")
    waiting: deque[Future[T]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(make, item))
            if len(waiting) >= AHEAD * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # A thread may be in an endless loop of a scene's: whoever interrupts is not to wait for it.
        pool.shutdown(wait=False, cancel_futures=True)
