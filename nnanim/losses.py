"""Losses by name, as torch functions of (outputs, targets)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
import torch.nn.functional as F
from numpy.typing import NDArray

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "mse": F.mse_loss,
        "bce": F.binary_cross_entropy,
        "bce_with_logits": F.binary_cross_entropy_with_logits,
        "cross_entropy": F.cross_entropy,
    }
)


def loss_value(name: str, outputs: NDArray[Any], targets: NDArray[Any]) -> float:
    """Return the loss of that name over all `outputs` (n, …)."""
    with torch.no_grad():
        return float(LOSSES[name](torch.from_numpy(outputs), torch.from_numpy(targets)))
