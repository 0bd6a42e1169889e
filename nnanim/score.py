"""Score: how well a network does, by accuracy or R²."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Task
from nnanim.decision import Decision, decision_of
from nnanim.network import Network, State


@dataclass(frozen=True, eq=False)
class Scorer:
    """Scores a network's states on the test part of its data, or on all where there is none."""

    network: Network
    decision: Decision | None
    data: Arrays

    def at(self, state: State) -> float:
        """Return accuracy, or R² for regression, at that state."""
        inputs, targets = self.data.test_inputs, self.data.test_targets
        if len(inputs) == 0:
            inputs, targets = self.data.inputs, self.data.targets
        name = "" if self.decision is None else self.network.scores
        values = self.network.outputs(state, inputs, [name])[name]
        if self.decision is None:
            # A training that diverges has squares beyond float32.
            rest = float(((values.astype(np.float64) - targets) ** 2).sum())
            spread = float(((targets - targets.mean(axis=0)) ** 2).sum())
            return 1 - rest / spread if spread else float(rest == 0)
        return float((self.decision.classes(values) == self.decision.labels(targets)).mean())


def decision_for(task: Task, network: Network, loss: str, targets: NDArray[Any]) -> Decision | None:
    """Return how the network's scores become classes; None for regression."""
    if task == "regression":
        return None
    link = network.read_out.link if network.read_out else "identity"
    return decision_of(link, loss, network.outputs_width, targets)
