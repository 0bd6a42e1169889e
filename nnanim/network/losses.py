"""Losses by name, as torch functions of (outputs, targets)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

RELATIVE_FLOOR = 0.1  # targets nearer to zero than this weigh as if they were this far


def relative_mse(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error relative to max(|target|, RELATIVE_FLOOR)."""
    return (((outputs - targets) / targets.abs().clamp(min=RELATIVE_FLOOR)) ** 2).mean()


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "mse": F.mse_loss,
        "bce": F.binary_cross_entropy,
        "bce_with_logits": F.binary_cross_entropy_with_logits,
        "cross_entropy": F.cross_entropy,
        "relative_mse": relative_mse,
    }
)


def loss_value(name: str, outputs: NDArray[Any], targets: NDArray[Any]) -> float:
    """Return the loss of that name over all `outputs` (n, …), summed up in double precision.

    NaN where it is not defined, as "bce" of what is no probability.
    """
    if name == "mse":  # every frame of many films asks for it
        error = np.subtract(outputs, targets, dtype=np.float64)
        return float(np.square(error, out=error).mean())
    kind = np.float64 if np.issubdtype(targets.dtype, np.floating) else np.int64
    given, wanted = outputs.astype(np.float64), targets.astype(kind)
    if name == "bce" and not ((given >= 0) & (given <= 1)).all():
        return float("nan")
    with torch.no_grad():
        return float(LOSSES[name](torch.from_numpy(given), torch.from_numpy(wanted)))
