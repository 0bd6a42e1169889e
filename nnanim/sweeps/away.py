"""Away: blocks that are trained elsewhere, and looked at when they come back."""

import hashlib
import logging
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from nnanim.engines.asking import PATIENCE, Asked
from nnanim.engines.crew import Crew, Executor
from nnanim.engines.machine import processor
from nnanim.errors import SceneError
from nnanim.sweeps.block import Block
from nnanim.sweeps.folder import Folder
from nnanim.sweeps.planned import Planned
from nnanim.sweeps.requests import Blocks

VERIFIED = 0.01  # of the blocks, which are trained here too

_log = logging.getLogger("nnanim")


@dataclass
class Away:
    """An executor that trains blocks elsewhere.

    A share `verify` of its answers is compared with what is trained here; what hangs for `patience`
    seconds, and ten times the median, is given up.
    """

    executor: Executor | Crew
    verify: float = VERIFIED
    patience: float = PATIENCE
    mixed: bool = False  # of several kinds of processor
    _asked: Asked[Block] | None = None  # while it trains

    def standing(self) -> str:
        """Return how many blocks are running and how many failed so far."""
        asked = self._asked
        return "" if asked is None else f", {asked.running} running, {asked.failures} failed"

    def blocks(
        self, plan: Planned, folder: Folder | None, numbers: range
    ) -> Generator[Block, None, None]:
        """Give blocks as they come.

        Raises `SceneError` where one is not to be had, where nothing is answered any more, and
        where one is not what it is here; then nothing that its worker answered is kept.
        """
        lacking: list[int] = []
        for number in numbers:
            found = None if folder is None else folder.block(number)
            if found is None:
                lacking.append(number)
            else:
                yield found
        for block in self._trained(plan, lacking, folder):
            if folder is not None:
                folder.keep(block)
            yield block

    def _trained(
        self, plan: Planned, numbers: Sequence[int], folder: Folder | None
    ) -> Iterator[Block]:
        crew = self.executor if isinstance(self.executor, Crew) else Crew(self.executor)
        asked = self._asked = Asked(crew, Blocks(plan), self.patience)
        drawn, others = _drawn(plan, numbers, self.verify), 0
        by: dict[str, list[int]] = {}
        for number, answer in asked.all(numbers):
            block = answer.value
            if number in drawn and block.processor != processor():
                others += 1
            elif number in drawn and plan.block(number).digest != block.digest:
                if folder is not None:
                    folder.drop(by.get(answer.by, ()))
                raise SceneError(
                    f"block {number} was answered otherwise than it is trained here, by "
                    f"{answer.by}: that computes wrongly, and nothing that it answered is kept"
                )
            by.setdefault(answer.by, []).append(number)
            yield block
        if others:
            _log.warning(
                "%d blocks could not be verified: this processor is of another kind than theirs",
                others,
            )


def _drawn(plan: Planned, numbers: Sequence[int], share: float) -> set[int]:
    """Return the blocks that are trained here too: a share, rounded up, the same in every run."""

    def drawn(number: int) -> bytes:
        return hashlib.sha256(f"{plan.key} {number}".encode()).digest()

    return set(sorted(numbers, key=drawn)[: ceil(share * len(numbers))])
