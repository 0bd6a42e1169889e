"""Block: what a trainer gives at a time."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nnanim.types import State


@dataclass(frozen=True, eq=False)
class Block:
    """What a stretch of epochs gives: its kept states and its losses."""

    begin: int  # steps done before it
    steps: NDArray[np.int64]  # (k,)
    states: State  # name -> (k, …)
    batch_loss: NDArray[np.float64]  # (steps of the stretch,)
    times: NDArray[np.float64] | None = None  # (k,) in epochs, where steps do not tell
    diverged_at: int | None = None  # the epoch in which a number ceased to be one

    def until(self, step: int) -> "Block":
        """Return the part of the block up to a step that lies in it."""
        kept = self.steps <= step
        states = {name: array[kept] for name, array in self.states.items()}
        losses = self.batch_loss[: step - self.begin]
        return replace(self, steps=self.steps[kept], states=states, batch_loss=losses)
