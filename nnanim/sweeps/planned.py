"""Planned: what is trained in blocks, whatever these hold, and what tells one from another."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any

from nnanim.sweeps.block import Block


class Planned(ABC):
    """Trainings that are cut into blocks, the same wherever they are trained.

    `code` is the SHA-256 of the scene's code, `file` its own, where it has one; `around` all
    trainings is what would take its time around each.
    """

    code: str
    file: Path | None
    around: Callable[[], AbstractContextManager[None]]

    @abstractmethod
    def __len__(self) -> int:
        """Return how many trainings there are."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many trainings a block has."""

    @property
    @abstractmethod
    def described(self) -> Mapping[str, Any]:
        """What the plan is, as plain JSON."""

    @abstractmethod
    def block(self, number: int) -> Block:
        """Train a block and return it."""

    @abstractmethod
    def fits(self, block: Block) -> bool:
        """Return whether a block has what one of its number has to have."""

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-len(self) // self.size)

    @cached_property
    def key(self) -> str:
        """The SHA-256 of what the plan is: equal keys are equal blocks."""
        return hashlib.sha256(json.dumps(self.described, sort_keys=True).encode()).hexdigest()

    def numbers(self, block: int) -> range:
        """Return the numbers of a block's trainings."""
        return range(block * self.size, min((block + 1) * self.size, len(self)))


def hash_of(blocks: Iterable[Block]) -> str:
    """Return the SHA-256 of all that blocks hold, whoever trained them in whatever order."""
    return hashlib.sha256("".join(block.digest for block in blocks).encode()).hexdigest()
