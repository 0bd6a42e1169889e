"""Cores: the blocks of a sweep on all cores of this machine.

A training of a small network is mostly Python, of which only one thread at a time does anything.
So where much is left to train, this process goes on with one block after another, and processes
beside it do so too.
"""

import logging
import sys
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Condition, Thread

from nnanim.engines.processes import GoneError, Process, may_start
from nnanim.errors import NnanimError, SceneError, during
from nnanim.sweeps.block import Block
from nnanim.sweeps.folder import Folder, block_of
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.planned import Planned
from nnanim.sweeps.requests import Blocks
from nnanim.threads import cores, on_all_cores

_WORTH = 2.0  # seconds of work for each core; a process takes about one to be there
_STARTS = 3  # of a process, and of those in its place where it ends

_log = logging.getLogger("nnanim")


@dataclass(frozen=True)
class AllCores:
    """This machine, on all its cores."""

    mixed: bool = False

    def blocks(
        self, plan: Planned, folder: Folder | None, numbers: range
    ) -> Generator[Block, None, None]:
        """Give blocks, in their order where threads train them."""
        one = partial(block_of, plan, folder)
        path = tuple(sys.path)  # not that around: what lies by a scene may be called as Python's
        with plan.around():
            if not _may_travel(plan):
                yield from on_all_cores(one, numbers)
                return
            done = {} if folder is None else {n: b for n in numbers if (b := folder.block(n))}
            lacking = [number for number in numbers if number not in done]
            count = 1
            if len(lacking) > 2:
                number, *lacking = lacking
                begin = time.perf_counter()
                first = done[number] = one(number)
                seconds = len(lacking) * (time.perf_counter() - begin)
                count = min(cores(), len(lacking), int(seconds / _WORTH))
            if count > 1:
                yield from done.values()
                yield from _beside(_Shared(plan, lacking, first, path), plan, folder, count - 1)
            else:
                yield from on_all_cores(lambda n: done[n] if n in done else one(n), numbers)

    def standing(self) -> str:
        """Return nothing: all cores are at it."""
        return ""


def _may_travel(plan: Planned) -> bool:
    """Return whether processes can train a plan's blocks, and would be quicker than threads."""
    if not isinstance(plan, Plan) or plan.file is None or not plan.variants.travel:
        return False
    return may_start() and _is_for_cpu(plan)


def _is_for_cpu(plan: Plan) -> bool:
    """Return whether no GPU may be asked for: of its memory each process would take a part."""
    with suppress(NnanimError), during("the variant"):
        return plan.make(plan.variants[0]).training.device == "cpu"
    return True


def _beside(shared: "_Shared", plan: Planned, folder: Folder | None, count: int) -> Iterator[Block]:
    """Give the blocks that are left, trained here and by so many processes."""
    try:
        for _ in range(count):
            Thread(target=shared.have_trained, daemon=True).start()
        while (found := shared.next()) is not None:
            if isinstance(found, Block):
                if folder is not None:
                    folder.keep(found)
                yield found
            else:
                yield block_of(plan, folder, found)
    finally:
        shared.end()


class _Shared:
    """Numbers of blocks that are left to train, and the blocks that processes have trained.

    A process imports from `path`, and is asked for the `first` block, which has been trained here,
    so that none is listened to that trains otherwise.
    """

    def __init__(
        self, plan: Planned, numbers: Sequence[int], first: Block, path: Sequence[str]
    ) -> None:
        self._work, self._first, self._path = Blocks(plan, beside=True), first, path
        self._left, self._came = deque(numbers), deque[Block]()
        self._changed = Condition()
        self._away = 0  # blocks that processes are at
        self._processes: list[Process] = []
        self._ended = False

    def next(self) -> Block | int | None:
        """Return a block that a process has trained, else the number of one to train here.

        It waits where all of them are with processes. None where all are done.
        """
        with self._changed:
            while not self._came and not self._left:
                if not self._away:
                    return None
                self._changed.wait(1.0)  # on Windows only so Ctrl-C comes through
            return self._came.popleft() if self._came else self._left.popleft()

    def have_trained(self) -> None:
        """Have a process train what is left, and another one in its place where it ends."""
        for _ in range(_STARTS):
            try:
                process = self._started()
                while process is not None and self._trained(process):
                    pass
            except GoneError as error:
                if self._ended:
                    return
                _log.info("a process that trained has ended: %s", error)
            except Exception as error:  # whatever it is: all is trained here
                _log.info("a process is not asked for more: %s", error)
                return
            else:
                return

    def end(self) -> None:
        """End all processes."""
        with self._changed:
            self._ended = True
        for process in self._processes:
            process.end()

    def _started(self) -> Process | None:
        """Return a new process that trains as we do; None where none is needed any more."""
        with self._changed:
            if self._ended or not self._left:
                return None
            process = Process(self._path)
            self._processes.append(process)
        if self._asked(process, self._first.number, quiet=True).digest != self._first.digest:
            raise SceneError(f"block {self._first.number} is not what it is here")
        return process

    def _trained(self, process: Process) -> bool:
        """Have a process train a block; False where none is left."""
        with self._changed:
            if not self._left or self._ended:
                return False
            number = self._left.popleft()
            self._away += 1
        try:
            block = self._asked(process, number)
        except BaseException:
            with self._changed:
                self._left.appendleft(number)
            raise
        else:
            with self._changed:
                self._came.append(block)
            return True
        finally:
            with self._changed:
                self._away -= 1
                self._changed.notify_all()

    def _asked(self, process: Process, number: int, *, quiet: bool = False) -> Block:
        work = self._work
        request = work.request(number)
        answer = process.ask(work.task, request, work.files(number), quiet=quiet)
        return work.answer(number, answer).value
