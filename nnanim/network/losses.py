"""Losses by name: torch's functions, their values, what they take outputs and targets to mean.

A new one is a row here, and a code with its value and slope in `kernels.codes` and `kernels.train`.
A scene looks names up here, and films ask for values alone, so torch is loaded only where a
function is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels import codes

if TYPE_CHECKING:
    import torch

LossFunction = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]
Reals = NDArray[np.float64]

RELATIVE_FLOOR = 0.1  # targets nearer to zero than this weigh as if they were this far


def relative_mse(outputs: "torch.Tensor", targets: "torch.Tensor") -> "torch.Tensor":
    """Return the mean squared error relative to max(|target|, RELATIVE_FLOOR)."""
    return (((outputs - targets) / targets.abs().clamp(min=RELATIVE_FLOOR)) ** 2).mean()


def mean_of_each(values: Reals) -> Reals:
    """Return the mean (k,) of each of k arrays, as if it were alone."""
    flat = np.ascontiguousarray(values).reshape(len(values), -1)
    return np.asarray(flat.mean(axis=1))


def _mse(outputs: Reals, targets: Reals) -> Reals:
    return mean_of_each(np.square(outputs - targets))


def _bce(outputs: Reals, targets: Reals) -> Reals:
    # A million numbers at a time: fresh memory for each part would take longer than the logarithms.
    with np.errstate(divide="ignore"):
        ones, zeros = np.log(outputs), np.negative(outputs)
        np.log1p(zeros, out=zeros)
    for each, weight in ((ones, targets), (zeros, 1 - targets)):
        np.maximum(each, -100, out=each)  # torch's own bounds
        each *= weight
    ones += zeros
    return -mean_of_each(ones)


def _bce_with_logits(outputs: Reals, targets: Reals) -> Reals:
    soft = np.log1p(np.exp(-np.abs(outputs)))
    return mean_of_each((1 - targets) * outputs + np.maximum(-outputs, 0) + soft)


def _cross_entropy(outputs: Reals, targets: NDArray[Any]) -> Reals:
    least = outputs - outputs.max(axis=2, keepdims=True)
    logs = least - np.log(np.exp(least).sum(axis=2, keepdims=True))
    if targets.ndim == 1:
        return -mean_of_each(logs[:, np.arange(len(targets)), targets])
    return -mean_of_each((targets * logs).sum(axis=2))


def _relative_mse(outputs: Reals, targets: Reals) -> Reals:
    floor = np.maximum(np.abs(targets), RELATIVE_FLOOR)
    return mean_of_each(np.square((outputs - targets) / floor))


@dataclass(frozen=True)
class Loss:
    """A loss: what it takes outputs and targets to mean, and what it is called where.

    `means` gives its values (k,) over all outputs at k moments, (k, n, …), in double precision.
    `torch` are the names of its function in torch.nn.functional and of its class in torch.nn; where
    torch has none, `own` is the function. `option` is a number that the kernel's `code` needs.
    """

    name: str
    code: int
    means: Callable[[Reals, NDArray[Any]], Reals]
    torch: tuple[str, ...] = ()
    outputs: Literal["values", "probabilities", "logits"] = "values"
    targets: Literal["numbers", "classes"] = "numbers"
    keras: tuple[str, ...] = ()
    own: LossFunction | None = None
    option: float = 0.0

    @property
    def function(self) -> LossFunction:
        """The function of (outputs, targets), as torch has it."""
        if self.own is not None:
            return self.own
        import torch.nn.functional as F

        return getattr(F, self.torch[0])  # type: ignore[no-any-return]


_ROWS = (
    Loss("mse", codes.MSE, _mse, ("mse_loss", "MSELoss"), keras=("mse", "mean_squared_error")),
    Loss(
        "bce",
        codes.BCE,
        _bce,
        ("binary_cross_entropy", "BCELoss"),
        outputs="probabilities",
        keras=("binary_crossentropy",),
    ),
    Loss(
        "bce_with_logits",
        codes.BCE_WITH_LOGITS,
        _bce_with_logits,
        ("binary_cross_entropy_with_logits", "BCEWithLogitsLoss"),
        outputs="logits",
        keras=("binary_crossentropy",),
    ),
    Loss(
        "cross_entropy",
        codes.CROSS_ENTROPY,
        _cross_entropy,
        ("cross_entropy", "CrossEntropyLoss"),
        outputs="logits",
        targets="classes",
        keras=("sparse_categorical_crossentropy", "categorical_crossentropy"),
    ),
    Loss(
        "relative_mse", codes.RELATIVE_MSE, _relative_mse, own=relative_mse, option=RELATIVE_FLOOR
    ),
)
LOSSES: Mapping[str, Loss] = MappingProxyType({row.name: row for row in _ROWS})


def loss_called(name: str) -> Loss | None:
    """Return the loss that goes by a name, ours or torch's; None for one that is not known."""
    return next((row for row in _ROWS if name in (row.name, *row.torch)), None)
