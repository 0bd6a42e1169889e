"""scikit-learn: MLPClassifier and MLPRegressor, trained by `partial_fit` and recorded.

recording = record_fit(MLPClassifier((2,), random_state=1), x, y, "run.safetensors", epochs=400)
"""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch import nn

from nnanim import datasets
from nnanim.errors import UsageError
from nnanim.network.activations import ACTIVATIONS
from nnanim.recording.recorder import Recorder
from nnanim.recording.recording import Recording

_ACTIVATIONS = {row.sklearn: row.module for row in ACTIVATIONS.values() if row.sklearn}


def record_fit(
    estimator: Any,
    x: Any,
    y: Any,
    path: str | Path,
    *,
    epochs: int | None = None,
    **options: Any,
) -> Recording:
    """Train an MLPClassifier or MLPRegressor for `epochs`, its own max_iter if left out; record it.

    Each epoch is a `partial_fit`, so the estimator trains as it would by itself, and is trained
    afterwards. Where its random_state is None, it is given one, so that its start can be recorded.
    Other `options` are those of `Recorder`. Raises `UsageError` for another estimator or solver.
    """
    if not isinstance(estimator, MLPClassifier | MLPRegressor):
        raise UsageError(
            f"record_fit takes MLPClassifier or MLPRegressor, not {type(estimator).__name__}"
        )
    if estimator.solver == "lbfgs" or estimator.early_stopping:
        raise UsageError(
            "record_fit needs partial_fit: expected solver='sgd' or 'adam', without early_stopping"
        )
    if estimator.random_state is None:
        estimator.random_state = int(np.random.default_rng().integers(2**31))
    classes = {"classes": np.unique(y)} if isinstance(estimator, MLPClassifier) else {}
    # Weights are drawn by the first step: a copy makes one too small to be seen.
    start = copy.deepcopy(estimator).set_params(learning_rate_init=1e-300)
    start.partial_fit(x, y, **classes)
    stack = stack_of_sklearn(start)
    several = isinstance(estimator, MLPClassifier) and start.out_activation_ == "softmax"
    loss = "cross_entropy" if several else "bce" if classes else "mse"
    arguments = {"data": _dataset(estimator, x, y, several), "loss": loss, **options}
    with Recorder(path, stack, **arguments) as recorder:
        for epoch in range(1, (epochs or estimator.max_iter) + 1):
            estimator.partial_fit(x, y, **classes)
            copy_weights(estimator, stack)
            recorder.snapshot(estimator.loss_, epoch)
    assert recorder.recording is not None
    return recorder.recording


def stack_of_sklearn(estimator: Any) -> nn.Sequential:
    """Return a fitted estimator as a torch stack: hidden1, hidden2 … and output."""
    stack = nn.Sequential()
    last = len(estimator.coefs_)
    for i, weight in enumerate(estimator.coefs_, start=1):
        kind = estimator.out_activation_ if i == last else estimator.activation
        parts: list[nn.Module] = [nn.Linear(*weight.shape)]
        # The cross entropy of many classes is told from the scores.
        parts += [_ACTIVATIONS[kind]()] if kind in _ACTIVATIONS else []
        stack.add_module("output" if i == last else f"hidden{i}", nn.Sequential(*parts))
    copy_weights(estimator, stack)
    return stack


def copy_weights(estimator: Any, stack: nn.Sequential) -> None:
    """Copy the weights of an estimator to the torch stack that was made of it."""
    with torch.no_grad():
        pairs = zip(estimator.coefs_, estimator.intercepts_, strict=True)
        for part, (weight, bias) in zip(stack, pairs, strict=True):
            assert isinstance(part, nn.Sequential)
            linear = part[0]
            assert isinstance(linear, nn.Linear)
            linear.weight.copy_(torch.tensor(weight.T))
            linear.bias.copy_(torch.tensor(bias))


def _dataset(estimator: Any, x: Any, y: Any, several: bool) -> Any:
    if isinstance(estimator, MLPRegressor):
        return datasets.from_arrays(x, np.asarray(y, float), task="regression")
    return datasets.from_arrays(x, y, task="classes" if several else "binary")
