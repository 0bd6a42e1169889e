"""Asking: tasks are given to a crew, asked for again where they fail, given up where they hang."""

import logging
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

from nnanim.engines.crew import Crew, ExecutorError, Task
from nnanim.errors import SceneError, UsageError, told

T = TypeVar("T")

PATIENCE = 60.0  # seconds without an answer, at least,
_LONG = 10  # and so many times as long as half of the tasks take

_TRIES = 3
_LOOK = 1.0  # seconds between two looks at the workers

_log = logging.getLogger("nnanim")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a task came to, how many seconds it took there, and who did it."""

    value: T
    seconds: float
    by: str


class Work(ABC, Generic[T]):
    """Tasks by their numbers, each called `name` with its number."""

    name: str

    @property
    @abstractmethod
    def task(self) -> Task:
        """What is called, a function that can be imported."""

    @abstractmethod
    def request(self, number: int) -> bytes:
        """Return what is asked of a task."""

    @abstractmethod
    def files(self, number: int) -> bytes:
        """Return the files that the request speaks of."""

    @abstractmethod
    def answer(self, number: int, content: bytes) -> Answer[T]:
        """Return what an answer holds; raises whatever it likes for what is none."""


Failed = list[tuple[int, str, bool]]  # number, why, and whether another try may mend it


class Asked(Generic[T]):
    """The tasks of some work that a crew is asked for."""

    def __init__(self, crew: Crew, work: Work[T], patience: float = PATIENCE) -> None:
        self.failures = 0  # so far
        self.running = 0  # when last looked at
        self._crew, self._work, self._patience = crew, work, patience
        self._under_way: dict[Future[bytes], int] = {}
        self._since: dict[Future[bytes], float] = {}  # when each was first seen to be done,
        self._where: Mapping[Future[bytes], str] = {}  # by whom,
        self._spoke: dict[str, float] = {}  # and when those last answered
        self._tried: Counter[int] = Counter()
        self._seconds: list[float] = []
        self._heard = self._looked = time.monotonic()

    def all(self, numbers: Iterable[int]) -> Iterator[tuple[int, Answer[T]]]:
        """Give the answers as they come, each with its number.

        A task that fails, or hangs, is asked for again, up to three times. Raises `SceneError`
        where one is not to be had, and where nothing is answered any more.
        """
        try:
            for number in numbers:
                self._ask(number)
                while len(self._under_way) >= self._crew.ahead:
                    yield from self._next()
            while self._under_way:
                yield from self._next()
        except ExecutorError:
            yield from self._taken({future for future in self._under_way if future.done()})
            raise
        finally:
            for future in self._under_way:
                future.cancel()

    @property
    def limit(self) -> float:
        """After how many seconds a task is given up; at first, kernels may have to be compiled."""
        if not self._seconds:
            return _LONG * self._patience
        return max(self._patience, _LONG * median(self._seconds))

    def _ask(self, number: int) -> None:
        work = self._work
        future = self._crew.ask(work.task, work.request(number), work.files(number))
        self._under_way[future] = number

    def _next(self) -> Iterator[tuple[int, Answer[T]]]:
        """Give what is answered next, if it is soon; see after the rest."""
        every = min(_LOOK, self._patience / 4)
        done, _ = wait(self._under_way, timeout=every, return_when=FIRST_COMPLETED)
        failed = yield from self._taken(done)
        if self._crew.lost():
            # What failed meanwhile did so for that.
            again = sorted([*self._under_way.values(), *(number for number, _, _ in failed)])
            self._under_way.clear()
            self._crew.find_again()
            self._heard = time.monotonic()
            for number in again:
                self._ask(number)
            return
        for number, why, mends in failed:
            self._ask_again(number, why, mends)
        if time.monotonic() - self._looked >= every:
            self._look_after()

    def _taken(self, done: "set[Future[bytes]]") -> Generator[tuple[int, Answer[T]], None, Failed]:
        """Give what futures that are done hold, and return those that failed."""
        failed: Failed = []
        for number, future in sorted((self._under_way.pop(f), f) for f in done):
            self._heard = self._spoke[self._where.get(future, "")] = time.monotonic()
            try:
                answer = self._work.answer(number, future.result())
            except (
                Exception
            ) as error:  # whatever it is, it is asked for again, and told if it stays
                # Who works refuses with reason; what came may be damaged on its way.
                refused = isinstance(error, UsageError) and _failed(future)
                failed.append((number, told(error), not refused))
                continue
            self._seconds.append(answer.seconds)
            yield number, answer
        return failed

    def _ask_again(self, number: int, why: str, mends: bool) -> None:
        self.failures += 1
        self._tried[number] += 1
        name = f"{self._work.name} {number}"
        if not mends:
            raise SceneError(f"{name} is refused where it should be made: {why}")
        if self._tried[number] >= _TRIES:
            raise SceneError(f"{name} failed {_TRIES} times, the last by: {why}")
        self._ask(number)

    def _look_after(self) -> None:
        """Give up what hangs."""
        now = self._looked = time.monotonic()
        running = self._where = self._crew.running(self._under_way)
        self._spoke.pop("", None)  # of whom nothing is known
        self.running = len(running)
        self._since = {future: self._since.get(future, now) for future in running}
        limit = self.limit
        for future, since in self._since.items():
            # It may have waited at its worker for another.
            since = max(since, self._spoke.get(running[future], 0.0))
            if now - since > limit and future in self._under_way:
                self._give_up(future, running)
        if running or self._crew.waits():
            self._heard = max(self._heard, now)
        elif self._under_way and now - self._heard > limit:
            listed = ", ".join(map(str, sorted(self._under_way.values())[:10]))
            raise SceneError(
                f"no answer for {limit:.0f} s, with {self._work.name}s {listed} under way: see "
                "after the workers; the same call goes on from what is kept"
            )

    def _give_up(self, hanging: "Future[bytes]", running: "Mapping[Future[bytes], str]") -> None:
        """Ask for a task again that hangs, and for what else its worker holds."""
        number, who = self._under_way[hanging], running[hanging]
        why = f"{who or 'its worker'} has not answered for {self.limit:.0f} s"
        _log.warning("%s %d: %s, and is given up", self._work.name, number, why)
        others = [f for f, name in running.items() if name == who and who and f is not hanging]
        held = [self._under_way.pop(future) for future in (hanging, *others)]
        for future in (hanging, *others):
            self._crew.give_up(future)
        self._ask_again(number, why, True)
        for other in held[1:]:
            self._ask(other)


def _failed(future: "Future[bytes]") -> bool:
    return not future.cancelled() and future.exception() is not None
