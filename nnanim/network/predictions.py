"""Predictions: what a regression's outputs say in the unit of its targets.

Most outputs are the values themselves. Those of a loss that takes logits, or logarithms of
probabilities, are probabilities once they are read: of one class each where targets are shares that
sum to one, as soft labels do, else each for itself, as of several labels at once, and wherever the
loss compares each for itself.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Task
from nnanim.network.losses import loss_called
from nnanim.texts import called
from nnanim.types import Floats

Read = Callable[[Floats], Floats]  # outputs (…, n, outputs) -> predictions of the same shape


def as_given(outputs: Floats) -> Floats:
    """Return outputs that are the predictions."""
    return outputs


def reading_of(task: Task, outputs: str, targets: NDArray[Any], loss: object) -> Read:
    """Return what reads outputs that mean `outputs`, trained on `targets` (n, outputs).

    `loss` is the loss function, or its name.
    """
    if task != "regression" or outputs not in ("logits", "log_probabilities"):
        return as_given
    if outputs == "log_probabilities":
        return _raised
    known = loss_called(loss if isinstance(loss, str) else called(loss))
    if known is not None and known.name == "bce_with_logits":
        return _sigmoid
    shares = targets.shape[-1] > 1 and np.allclose(targets.sum(axis=-1), 1.0, atol=1e-3)
    return _softmax if shares else _sigmoid


def _raised(outputs: Floats) -> Floats:
    return np.asarray(np.exp(np.minimum(outputs, 0.0)))


def _sigmoid(outputs: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(outputs, -60.0, 60.0))), outputs.dtype)


def _softmax(outputs: Floats) -> Floats:
    with np.errstate(invalid="ignore"):  # infinite scores, of a training that diverges
        raised = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))
