"""Crews: who does work elsewhere, whatever has `submit`, and what can be known of it meanwhile."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Protocol

from nnanim.errors import SceneError, told

Task = Callable[[bytes, bytes], bytes]  # of a request and the files that it speaks of

_AHEAD = 64


class Executor(Protocol):
    """What does work, as an executor of concurrent.futures, loky, mpi4py or Dask does."""

    def submit(self, function: Task, request: bytes, files: bytes, /) -> "Future[bytes]":
        """Call the function with request and files somewhere, some time."""


class ExecutorError(SceneError):
    """An executor takes no more."""


class Crew:
    """An executor of any kind; of its workers nothing is known but whether they are at a task."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    @property
    def ahead(self) -> int:
        """How many tasks may be under way at once."""
        return _AHEAD

    def ask(self, task: Task, request: bytes, files: bytes) -> "Future[bytes]":
        """Have a task done; raises `ExecutorError` where no more are taken."""
        try:
            return self._executor.submit(task, request, files)
        except RuntimeError as error:  # it is broken, or closed
            raise ExecutorError(
                f"the executor takes no more: {told(error)}; what was finished is kept where "
                "there is an output folder"
            ) from error

    def running(self, futures: "Iterable[Future[bytes]]") -> "Mapping[Future[bytes], str]":
        """Return which tasks are being done, as far as is known, each with its worker's name.

        It is empty where the worker is not known.
        """
        return {future: "" for future in futures if future.running()}

    def waits(self) -> bool:
        """Return whether there is nobody who could work just now, but there may be."""
        return False

    def lost(self) -> bool:
        """Return whether all that was asked for is lost, as `find_again` may mend."""
        return False

    def find_again(self) -> None:
        """Come back to where tasks are done; raises `ExecutorError` where that cannot be."""

    def give_up(self, future: "Future[bytes]") -> None:
        """Ask no more of the worker that has a task; `ExecutorError` where no other is left."""
        future.cancel()

    def close(self) -> None:
        """Leave what was opened here."""
