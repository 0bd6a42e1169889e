"""Losses by name: torch's functions, and what they take outputs and targets to mean.

A new one is a row here, and a code with its value and slope in `kernels.codes` and `kernels.train`.
A scene looks names up here, so torch is loaded only where a function is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from nnanim.kernels import codes

if TYPE_CHECKING:
    import torch

LossFunction = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]

RELATIVE_FLOOR = 0.1  # targets nearer to zero than this weigh as if they were this far


def relative_mse(outputs: "torch.Tensor", targets: "torch.Tensor") -> "torch.Tensor":
    """Return the mean squared error relative to max(|target|, RELATIVE_FLOOR)."""
    return (((outputs - targets) / targets.abs().clamp(min=RELATIVE_FLOOR)) ** 2).mean()


@dataclass(frozen=True)
class Loss:
    """A loss: what it takes outputs and targets to mean, and what it is called where.

    `torch` are the names of its function in torch.nn.functional and of its class in torch.nn; where
    torch has none, `own` is the function. `option` is a number that the kernel's `code` needs.
    """

    name: str
    code: int
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
    Loss("mse", codes.MSE, ("mse_loss", "MSELoss"), keras=("mse", "mean_squared_error")),
    Loss(
        "bce",
        codes.BCE,
        ("binary_cross_entropy", "BCELoss"),
        outputs="probabilities",
        keras=("binary_crossentropy",),
    ),
    Loss(
        "bce_with_logits",
        codes.BCE_WITH_LOGITS,
        ("binary_cross_entropy_with_logits", "BCEWithLogitsLoss"),
        outputs="logits",
        keras=("binary_crossentropy",),
    ),
    Loss(
        "cross_entropy",
        codes.CROSS_ENTROPY,
        ("cross_entropy", "CrossEntropyLoss"),
        outputs="logits",
        targets="classes",
        keras=("sparse_categorical_crossentropy", "categorical_crossentropy"),
    ),
    Loss("relative_mse", codes.RELATIVE_MSE, own=relative_mse, option=RELATIVE_FLOOR),
)
LOSSES: Mapping[str, Loss] = MappingProxyType({row.name: row for row in _ROWS})


def loss_called(name: str) -> Loss | None:
    """Return the loss that goes by a name, ours or torch's; None for one that is not known."""
    return next((row for row in _ROWS if name in (row.name, *row.torch)), None)
