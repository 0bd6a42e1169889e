"""Makers: who makes the blocks of a plan, and what is seen to while they do."""

import logging
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from nnanim.engines.machine import differing
from nnanim.errors import UsageError
from nnanim.sweeps.block import Block
from nnanim.sweeps.folder import Folder, block_of
from nnanim.sweeps.planned import Planned
from nnanim.threads import Map, Progress, on_all_cores

_log = logging.getLogger("nnanim")


class Maker(Protocol):
    """Who makes blocks."""

    @property
    def mixed(self) -> bool:
        """Whether blocks may come from several kinds of processor."""

    def blocks(
        self, plan: Planned, folder: Folder | None, numbers: range
    ) -> Generator[Block, None, None]:
        """Give blocks in any order, from the folder where they are there, else kept there."""

    def standing(self) -> str:
        """Return how it stands meanwhile, in words; "" where there is nothing to say."""


@dataclass(frozen=True)
class Here:
    """This machine, as `spread` spreads blocks over it."""

    spread: Map = on_all_cores
    mixed: bool = False

    def blocks(
        self, plan: Planned, folder: Folder | None, numbers: range
    ) -> Generator[Block, None, None]:
        """Give blocks as they come."""
        with plan.around():
            yield from self.spread(partial(block_of, plan, folder), numbers)

    def standing(self) -> str:
        """Return nothing: all cores are at it."""
        return ""


HERE = Here()


def watched(
    plan: Planned,
    maker: Maker,
    folder: Folder | None,
    numbers: range,
    stage: str,
    progress: Progress | None,
) -> Iterator[Block]:
    """Give blocks, tell how far they are, and see that they are of one kind of processor.

    Raises `UsageError` where they are not, unless they may be mixed.
    """
    kinds: dict[str, int] = {}
    total = min(len(numbers) * plan.size, len(plan))
    with closing(maker.blocks(plan, folder, numbers)) as made:
        for done, block in enumerate(made, start=1):
            kinds.setdefault(block.processor, block.number)
            if len(kinds) > 1 and not maker.mixed:
                raise UsageError(_unlike(*kinds.items()))
            if progress is not None:
                progress(f"{stage}{maker.standing()}", min(done * plan.size, total), total)
            yield block
    if len(kinds) > 1:
        _log.warning(
            "blocks come from %d kinds of processor: the hash holds for each kind alone", len(kinds)
        )


def _unlike(one: tuple[str, int], other: tuple[str, int]) -> str:
    (first, i), (second, j) = one, other
    return (
        f"blocks {i} and {j} come from processors of two kinds ({differing(first, second)}), whose "
        "last bits may differ: train on one kind, or mix them by --mixed"
    )
