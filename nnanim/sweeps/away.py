"""Away: blocks trained elsewhere, by whatever has `submit`, and looked at when they come back."""

import hashlib
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Protocol

from nnanim.errors import SceneError, told
from nnanim.sweeps.block import Block
from nnanim.sweeps.folder import Folder
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.requests import Request, run_block, unpacked

VERIFIED = 0.01  # of the blocks, which are trained here too

_AHEAD = 64  # blocks that are under way at once
_TRIES = 3
_PATIENCE = 60.0  # seconds without any answer,
_LONG = 10  # or so many times as long as it took before


class Executor(Protocol):
    """What trains blocks, as an executor of concurrent.futures, loky, mpi4py or Dask does."""

    def submit(self, function: Callable[[bytes], bytes], request: bytes, /) -> "Future[bytes]":
        """Call the function with the request somewhere, some time."""


def trained_away(
    executor: Executor, plan: Plan, folder: Folder | None, numbers: Iterable[int], verify: float
) -> Iterator[Block]:
    """Give blocks as they come, from the folder where they are there; those that came are kept.

    A block that fails is asked for again, up to three times; a share `verify` of the answers is
    compared with what is trained here. Raises `SceneError` where one is not to be had, where
    nothing is answered any more, and where one is not what it is here.
    """
    asked = _Asked(executor, plan)
    try:
        for number in numbers:
            found = None if folder is None else folder.block(number)
            if found is not None:
                yield found
                continue
            asked.ask(number)
            if len(asked.under_way) >= _AHEAD:
                yield from asked.answers(folder, verify)
        while asked.under_way:
            yield from asked.answers(folder, verify)
    except ExecutorError:
        yield from asked.last(folder, verify)
        raise
    finally:
        for future in asked.under_way:
            future.cancel()


class ExecutorError(SceneError):
    """An executor takes no more."""


class _Asked:
    """The blocks of a plan that an executor is asked for."""

    def __init__(self, executor: Executor, plan: Plan) -> None:
        self.under_way: dict[Future[bytes], int] = {}
        self._executor, self._plan, self._request = executor, plan, Request(plan)
        self._tried: dict[int, int] = {}
        self._since, self._usual = time.monotonic(), 0.0

    def ask(self, number: int) -> None:
        """Ask for a block."""
        try:
            future = self._executor.submit(run_block, self._request.of(number))
        except RuntimeError as error:  # it is broken, or closed
            raise ExecutorError(
                f"the executor takes no more blocks: {told(error)}; finished ones are kept where "
                "there is an output folder"
            ) from error
        self.under_way[future] = number

    def answers(self, folder: Folder | None, verify: float) -> Iterator[Block]:
        """Give the blocks that are answered next; those that failed are asked for again."""
        failed = yield from self._taken(self._done(), folder, verify)
        for number, future in failed:
            self._ask_again(future, number)

    def last(self, folder: Folder | None, verify: float) -> Iterator[Block]:
        """Give the blocks that are answered by now, where no more can be asked for."""
        done = {future for future in self.under_way if future.done()}
        yield from self._taken(done, folder, verify)

    def _taken(
        self, done: "set[Future[bytes]]", folder: Folder | None, verify: float
    ) -> "Generator[Block, None, list[tuple[int, Future[bytes]]]]":
        """Give the blocks of futures that are done, and return those that failed."""
        failed = []
        for number, future in sorted((self.under_way.pop(f), f) for f in done):
            block = _answer(future, self._plan, number)
            if block is None:
                failed.append((number, future))
                continue
            if _is_verified(self._plan, number, verify):
                _verify(self._plan, block)
            if folder is not None:
                folder.keep(block)
            yield block
        return failed

    def _ask_again(self, future: "Future[bytes]", number: int) -> None:
        tried = self._tried[number] = self._tried.get(number, 0) + 1
        if tried < _TRIES:
            self.ask(number)
            return
        error = future.exception()
        why = "its answer is not that of the block" if error is None else told(error)
        raise SceneError(f"block {number} failed {_TRIES} times, the last by: {why}")

    def _done(self) -> "set[Future[bytes]]":
        """Return the futures that are done; waits for the first, but not for ever."""
        patience = max(_PATIENCE, _LONG * self._usual)
        start = time.monotonic()
        done, _ = wait(self.under_way, timeout=patience, return_when=FIRST_COMPLETED)
        if not done:
            listed = ", ".join(map(str, sorted(self.under_way.values())[:10]))
            raise SceneError(
                f"no answer for {patience:.0f} s, with blocks {listed} under way: see after the "
                "workers; the same call goes on from the blocks that are kept"
            )
        self._usual = max(self._usual, time.monotonic() - start)
        return done


def _answer(future: "Future[bytes]", plan: Plan, number: int) -> Block | None:
    """Return the block that an answer holds; None for one that is none, or not of that block."""
    try:
        answer = future.result()
        header, tensors = unpacked(answer)
        block = Block(number, list(header["rows"]), tensors)
        of = (header["key"], header["block"], header["digest"])
        variants = [row["variant"] for row in block.rows]
    except Exception:  # whatever it is, it is asked for again, and told if it stays
        return None
    right = of == (plan.key, number, block.digest) and variants == list(plan.numbers(number))
    return block if right else None


def _is_verified(plan: Plan, number: int, share: float) -> bool:
    """Return whether a block is among those that are trained here too: the same in every run."""
    drawn = hashlib.sha256(f"{plan.key} {number}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") < share * 2**32


def _verify(plan: Plan, block: Block) -> None:
    if plan.block(block.number).digest != block.digest:
        raise SceneError(
            f"block {block.number} was answered otherwise than it is trained here: its worker "
            "computes differently, as another kind of processor may, or wrongly"
        )
