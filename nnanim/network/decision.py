"""Where a classifier decides: scores, probabilities and the boundary between classes."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.network.network import ReadOut
from nnanim.types import Floats, State

_FEW = 8  # columns


@dataclass(frozen=True, eq=False)
class Decision:
    """How a classifier's scores z (n, outputs) become a decision.

    For two classes z · `direction` is compared with `level`. For more, the largest score wins and
    `direction` is empty. `link` leads from scores to outputs; which probability an output means is
    said by `outputs`, and for values by the two targets `low` and `high`.
    """

    link: str
    direction: Floats
    level: float
    low: float = 0.0
    high: float = 1.0
    outputs: str = "logits"

    @property
    def binary(self) -> bool:
        """Whether there are two classes, so that one signed score decides."""
        return len(self.direction) > 0

    def margin(self, scores: Floats) -> Floats:
        """Return how far each sample (n,) is beyond the level; positive means class 1."""
        return np.asarray(self._along(scores) - self.level)

    def probability(self, scores: Floats) -> Floats:
        """Return the probability (n,) of class 1, or (n, classes) of each of more than two."""
        if len(self.direction) == 1:
            found = self._of_each(_linked(self.link, self._along(scores)))
            return np.asarray(np.clip(found, 0.0, 1.0, out=found))
        if self.exclusive:
            if self.binary:
                return _linked("sigmoid", self._along(scores))
            with np.errstate(invalid="ignore"):  # infinite scores, of a training that diverges
                raised = np.exp(scores - _across(np.maximum, scores))
            return np.asarray(raised / _across(np.add, raised))
        each = np.clip(self._of_each(_linked(self.link, scores.astype(np.float64))), 0.0, 1.0)
        total = each.sum(axis=1, keepdims=True)
        shares = np.where(total > 0, each / np.maximum(total, 1e-30), 1 / each.shape[1])
        return np.asarray(shares[:, 1] if self.binary else shares)

    @property
    def exclusive(self) -> bool:
        """Whether the shares of classes are the softmax of their scores."""
        return self.link in ("softmax", "log_softmax") or self.outputs == "logits"

    def _along(self, scores: Floats) -> Floats:
        """Return scores · direction (…, n), as an array of its own."""
        if len(self.direction) == 1:  # every point of a tint: numpy's product would take its time
            return np.asarray(np.multiply(scores[..., 0], self.direction[0], dtype=np.float64))
        return np.asarray(scores @ self.direction, np.float64)

    def _of_each(self, outputs: Floats) -> Floats:
        """Return the probability that each output alone means."""
        if self.outputs == "logits":
            return _linked("sigmoid", outputs)
        if self.outputs == "log_probabilities":
            return np.asarray(np.exp(np.minimum(outputs, 0.0)))
        if self.outputs == "probabilities":
            return outputs
        low, high = (-1.0, 1.0) if self.outputs == "signs" else (self.low, self.high)
        return np.asarray(
            (outputs - low) / max(high - low, 1e-30)
        )  # none where all targets are one

    def classes(self, scores: Floats) -> NDArray[np.int64]:
        """Return the class (…, n) decided for each sample of scores (…, n, outputs)."""
        if self.binary:
            return (self.margin(scores) > 0).astype(np.int64)
        return np.asarray(scores.argmax(axis=-1), np.int64)

    def labels(self, targets: NDArray[Any]) -> NDArray[np.int64]:
        """Return the class (n,) that each target means."""
        if targets.ndim == 1:
            return targets.astype(np.int64)
        if targets.shape[1] > 1:
            return np.asarray(targets.argmax(axis=1), np.int64)
        return (targets[:, 0] > (self.low + self.high) / 2).astype(np.int64)

    def hyperplane(self, read_out: ReadOut, state: State) -> tuple[Floats, float]:
        """Return (normal, offset) of the boundary normal·h = offset in the last hidden layer."""
        weight, bias = read_out_parameters(read_out, state)
        return self.direction @ weight, float(self.level - self.direction @ bias)


def read_out_parameters(read_out: ReadOut, state: State) -> tuple[Floats, Floats]:
    """Return weight (outputs, units) and bias (outputs,), zeros where there is none."""
    prefix = f"{read_out.module}." if read_out.module else ""
    weight = np.asarray(state[f"{prefix}weight"], np.float64)
    bias = state.get(f"{prefix}bias", np.zeros(len(weight)))
    return weight, np.asarray(bias, np.float64)


def decision_of(link: str, outputs: str, width: int, targets: NDArray[Any]) -> Decision:
    """Return the decision of a classifier whose `width` outputs mean what `outputs` says.

    `link` leads to them from the scores; `targets` are those of the training.
    """
    if width > 1:
        direction = np.array([-1.0, 1.0]) if width == 2 else np.empty(0)
        low, high = (
            (0.0, 1.0) if targets.ndim == 1 else (float(targets.min()), float(targets.max()))
        )
        return Decision(link, direction, 0.0, low, high, outputs)
    low, high = float(targets.min()), float(targets.max())
    middle = {"logits": 0.0, "signs": 0.0, "probabilities": 0.5, "log_probabilities": np.log(0.5)}
    at = float(middle.get(outputs, (low + high) / 2))
    return Decision(link, np.ones(1), _score_at(link, at), low, high, outputs)


def _score_at(link: str, output: float) -> float:
    """Return the score that gives an output; one that none gives is far beyond all scores."""
    if link == "sigmoid":
        return float(np.log(output / (1 - output))) if 0 < output < 1 else np.inf * (output - 0.5)
    if link == "tanh":
        return float(np.arctanh(np.clip(output, -0.999, 0.999)))
    return output


def _across(combine: np.ufunc, rows: Floats) -> Floats:
    """Return what `combine` makes of each of rows (n, k), as (n, 1).

    Of so few columns numpy would take ten times as long; of more it adds in another order.
    """
    if rows.shape[1] < _FEW:
        return np.asarray(reduce(combine, rows.T))[:, None]
    return np.asarray(combine.reduce(rows, axis=1, keepdims=True))


def _linked(link: str, scores: Floats) -> Floats:
    if link == "sigmoid":  # in one array, as new ones of many points cost more than the sums
        found = np.clip(scores, -60, 60)
        np.exp(np.negative(found, out=found), out=found)
        found += 1
        return np.divide(1, found, out=found)
    return np.tanh(scores) if link == "tanh" else scores
