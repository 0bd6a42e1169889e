"""Threads: the same work on any number of them gives the same things in the same order."""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import Protocol, TypeVar

S = TypeVar("S")
T = TypeVar("T")
Progress = Callable[[str, int, int], None]  # stage, done, total


class Map(Protocol):
    """How work is spread: as `map` does it, an executor's `map`, or a function of one's own."""

    def __call__(self, make: Callable[[S], T], items: Iterable[S], /) -> Iterable[T]:
        """Give what `make` makes of each of `items`, in their order."""


AHEAD = 2  # things, for each thread, that may wait to be taken
_SOON = 1e-4  # seconds

_taking_turns: list[float] = []  # how long a turn usually is, for each who is at it
_turns = Lock()


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def on_all_cores(make: Callable[[S], T], items: Iterable[S], /) -> Iterable[T]:
    """Give what `make` makes of each of `items`, in order, made on a thread for each core."""
    return in_order(make, items, cores())


@contextmanager
def quick_turns() -> Iterator[None]:
    """Let a thread that waits for Python's lock have it in 0.1 instead of 5 ms.

    For threads that do a little in Python between one kernel and the next: they wait longer than
    they compute where another of them has the lock for long.
    """
    with _turns:
        _taking_turns.append(sys.getswitchinterval() if not _taking_turns else _taking_turns[0])
        sys.setswitchinterval(min(_SOON, _taking_turns[0]))
    try:
        yield
    finally:
        with _turns:
            usual = _taking_turns.pop()
            if not _taking_turns:
                sys.setswitchinterval(usual)


def taking_turns() -> bool:
    """Return whether threads have `quick_turns`: a further one would only wait among them."""
    return bool(_taking_turns)


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
