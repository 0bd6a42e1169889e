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


def _mse(outputs: Reals, targets: Reals) -> Any:
    return np.square(outputs - targets).mean()


def _bce(outputs: Reals, targets: Reals) -> Any:
    with np.errstate(divide="ignore"):
        ones, zeros = np.log(outputs), np.log1p(-outputs)
    # torch's own bounds
    return -(targets * np.maximum(ones, -100) + (1 - targets) * np.maximum(zeros, -100)).mean()


def _bce_with_logits(outputs: Reals, targets: Reals) -> Any:
    soft = np.log1p(np.exp(-np.abs(outputs)))
    return ((1 - targets) * outputs + np.maximum(-outputs, 0) + soft).mean()


def _cross_entropy(outputs: Reals, targets: NDArray[Any]) -> Any:
    least = outputs - outputs.max(axis=1, keepdims=True)
    logs = least - np.log(np.exp(least).sum(axis=1, keepdims=True))
    if targets.ndim == 1:
        return -logs[np.arange(len(logs)), targets].mean()
    return -(targets * logs).sum(axis=1).mean()


def _relative_mse(outputs: Reals, targets: Reals) -> Any:
    return np.square((outputs - targets) / np.maximum(np.abs(targets), RELATIVE_FLOOR)).mean()


@dataclass(frozen=True)
class Loss:
    """A loss: what it takes outputs and targets to mean, and what it is called where.

    `mean` gives its value over all outputs, in double precision. `torch` are the names of its
    function in torch.nn.functional and of its class in torch.nn; where torch has none, `own` is the
    function. `option` is a number that the kernel's `code` needs.
    """

    name: str
    code: int
    mean: Callable[[Reals, NDArray[Any]], Any]
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
