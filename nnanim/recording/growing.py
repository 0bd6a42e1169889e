"""Growing: a recording under way, told as far as it has come."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nnanim.recording.recording import Recording
from nnanim.training.block import Block
from nnanim.types import State

PAUSE = 1.0  # seconds between two times at which it is told

Grown = Callable[[Recording], None]


class Growing:
    """Keeps the blocks of a training in memory, and tells of them now and then.

    `start` is the recording as it begins.
    """

    def __init__(self, start: Recording, grown: Grown) -> None:
        self._start, self._grown = start, grown
        self._blocks: list[Block] = []
        self._told = time.monotonic()

    def next(self) -> None:
        """Return no earlier run's block: there is none."""

    def add(self, block: Block, checkpoint: State, kept: Sequence[dict[str, Any]]) -> None:
        """Keep a block; tell of all so far, unless that was done a moment ago."""
        del checkpoint, kept
        if block.begin == 0:  # another attempt
            self._blocks.clear()
        self._blocks.append(block)
        if time.monotonic() - self._told < PAUSE or block.diverged_at is not None:
            return
        self._grown(self._so_far())
        self._told = time.monotonic()

    def _so_far(self) -> Recording:
        start, blocks = self._start, self._blocks
        steps = np.concatenate([start.steps, *(block.steps for block in blocks)])
        losses = np.concatenate([block.batch_loss for block in blocks])
        states = {
            name: np.concatenate([first, *(block.states[name] for block in blocks)])
            for name, first in start.states.items()
        }
        return replace(
            start,
            header=replace(start.header, unfinished=True),
            steps=steps,
            states=states,
            batch_loss=losses[: max(1, int(steps[-1]))],
        )
