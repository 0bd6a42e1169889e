"""Recording: a whole training as data.

A recording holds the parameters and buffers of a network at many steps, the loss of every batch,
the data, and a header that says where they came from. Pictures are derived from it, at any layer
and any resolution, without training again.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays

if TYPE_CHECKING:
    from torch import nn

    from nnanim.scene import Scene


@dataclass(frozen=True, eq=False)
class Recording:
    """A training as data: `len(recording)` states, the untrained one first.

    `header` is plain JSON: what was trained, how, from which seed, with which versions. `module`
    and `scene` are what it was made from, where they are at hand; neither is part of the data.
    """

    header: dict[str, Any]
    steps: NDArray[np.int64]  # (snapshots,) optimiser steps done, rising from 0
    states: dict[str, NDArray[Any]]  # name -> (snapshots, …)
    batch_loss: NDArray[np.float64]  # (steps,) loss of the batch of each step, before its update
    data: Arrays
    module: "nn.Module | None" = field(default=None, repr=False)
    scene: "Scene | None" = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def epochs(self) -> NDArray[np.float64]:
        """Training time (snapshots,) of each snapshot in epochs."""
        return self.steps / int(self.header["steps_per_epoch"])

    @property
    def loss(self) -> NDArray[np.float64]:
        """Loss (snapshots,) of the batch that led to each snapshot; for the first, of the next."""
        return np.asarray(self.batch_loss[np.maximum(self.steps - 1, 0)])

    def state(self, i: int) -> dict[str, NDArray[Any]]:
        """Return the parameters and buffers of snapshot `i` by their torch names."""
        return {name: arrays[i] for name, arrays in self.states.items()}
