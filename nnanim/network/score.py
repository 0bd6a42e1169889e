"""Score: how well a network does, by accuracy or R², or by a loss."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task
from nnanim.network.decision import Decision, decision_of
from nnanim.network.losses import LOSSES, mean_of_each
from nnanim.network.network import Network
from nnanim.network.predictions import Read, as_given
from nnanim.types import Floats, State


@dataclass(frozen=True, eq=False)
class Scorer:
    """Scores a network's states on the test part of its data, or on all where there is none."""

    network: Network
    decision: Decision | None
    data: Arrays
    read: Read = as_given  # of a regression

    @property
    def layer(self) -> str:
        """The layer whose outputs are scored."""
        return "" if self.decision is None else self.network.scores

    @property
    def inputs(self) -> Floats:
        """The inputs of the samples that are scored."""
        return self.data.test_inputs if len(self.data.test_inputs) else self.data.inputs

    def at(self, state: State) -> float:
        """Return accuracy, or R² for regression, at that state."""
        return self.of(self.network.outputs(state, self.inputs, [self.layer])[self.layer])

    def of(self, values: Floats) -> float:
        """Return the score of what `layer` gives (n, units) for the samples that are scored."""
        return float(self.each(values[None])[0])

    def each(self, values: Floats) -> Floats:
        """Return the scores (k,) of what `layer` gives (k, n, units) at k moments."""
        if self.decision is not None:
            right = self.decision.classes(values) == self._labels
            return np.asarray([np.count_nonzero(row) for row in right]) / float(right.shape[1])
        if values.shape[1:] != self._targets.shape:  # nothing is predicted
            return np.full(len(values), np.nan)
        # A training that diverges has squares beyond float32.
        squares = (self.read(values).astype(np.float64) - self._targets) ** 2
        rest = squares.reshape(len(values), -1).sum(axis=1)
        spread = float(((self._targets - self._targets.mean(axis=0)) ** 2).sum())
        return np.asarray(1 - rest / spread if spread else (rest == 0).astype(float))

    @property
    def _targets(self) -> NDArray[Any]:
        data = self.data
        return data.test_targets if len(data.test_inputs) else data.targets

    @cached_property
    def _labels(self) -> NDArray[np.int64]:
        assert self.decision is not None
        return self.decision.labels(self._targets)


def decision_for(
    task: Task, network: Network, outputs: str, targets: NDArray[Any]
) -> Decision | None:
    """Return how the network's scores become classes; None where there are none to predict."""
    if task in ("regression", "none"):
        return None
    link = network.read_out.link if network.read_out else "identity"
    return decision_of(link, outputs, network.outputs_width, targets)


def loss_value(name: str, outputs: NDArray[Any], targets: NDArray[Any]) -> float:
    """Return the loss of that name over all `outputs` (n, …), summed up in double precision.

    NaN where it is not defined, as "bce" of what is no probability.
    """
    return float(loss_values(name, outputs[None], targets)[0])


def loss_values(name: str, outputs: NDArray[Any], targets: NDArray[Any]) -> Floats:
    """Return the losses (k,) of that name over outputs (k, n, …) at k moments, as `loss_value`."""
    if name == "mse":  # every frame of many films asks for it
        error = np.subtract(outputs, targets, dtype=np.float64)
        return mean_of_each(np.square(error, out=error))
    loss = LOSSES[name]
    kind = np.float64 if np.issubdtype(targets.dtype, np.floating) else np.int64
    given, wanted = outputs.astype(np.float64), targets.astype(kind)
    with np.errstate(over="ignore", invalid="ignore"):  # of a training that diverged
        found = loss.means(given, wanted)
    if loss.outputs == "probabilities":
        defined = ((given >= 0) & (given <= 1)).reshape(len(given), -1).all(axis=1)
        return np.where(defined, found, np.nan)
    return found
