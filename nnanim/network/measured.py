"""Measured: what a loss of one's own takes outputs and targets to be, by what it gives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nnanim.dataset import Outputs
from nnanim.network.losses import LossFunction
from nnanim.network.torch_state import one_thread

_AROUND = torch.linspace(0.05, 0.45, 5, dtype=torch.float64)  # shares of the way between targets
_CLOSE = 1e-3  # relative, of two losses that are one


def meaning(loss: LossFunction, targets: NDArray[Any], width: int) -> Outputs | None:
    """Return what a loss takes outputs to mean, by what it gives; None where that is not plain.

    Of one output, a loss takes the output at which it weighs an error to either side alike, but
    for a constant, for undecided. Of several, one that does not change where all outputs rise
    takes logits, one that falls with them logarithms of probabilities.
    """
    with one_thread(), torch.no_grad():
        if targets.ndim == 2:
            low, high = float(targets.min()), float(targets.max())
            found = _undecided(_of_one(loss), low, high)
            if found is not None:
                return found
        if targets.ndim == 2 and targets.shape[1] == 1:
            return None
        return _of_several(loss, width, rows=targets.ndim == 2)


def takes_indices(loss: LossFunction, width: int) -> bool:
    """Return whether a loss takes classes as whole numbers (n,)."""
    outputs = torch.linspace(0.1, 0.9, 3 * width).reshape(3, width)
    return _value(loss, outputs, torch.arange(3) % width) is not None


def takes_one_hot(loss: LossFunction, width: int) -> bool:
    """Return whether a loss takes one-hot rows (n, width) of numbers as targets."""
    outputs = torch.linspace(0.1, 0.9, 3 * width).reshape(3, width)
    return _value(loss, outputs, torch.eye(width)[torch.arange(3) % width]) is not None


def _of_one(loss: LossFunction) -> Callable[[float, float], float | None]:
    """Return a loss as a function of one output and one target."""

    def of_one(output: float, target: float) -> float | None:
        return _value(loss, torch.tensor([[output]]), torch.tensor([[target]]))

    return of_one


def _undecided(
    of_one: Callable[[float, float], float | None], low: float, high: float
) -> Outputs | None:
    middle = (low + high) / 2
    if _alike(of_one, low, high, middle):
        if (low, high) == (-1.0, 1.0):
            return "signs"
        beyond = [of_one(low - 0.5, low), of_one(high + 0.5, high)]
        bounded = any(value is None or value < 0 for value in beyond)
        return "probabilities" if bounded and (low, high) == (0.0, 1.0) else "values"
    return "logits" if _alike(of_one, low, high, 0.0) else None


def _alike(
    of_one: Callable[[float, float], float | None], low: float, high: float, center: float
) -> bool:
    """Return whether errors to both sides of `center` weigh the same, but for one factor."""
    ratios = []
    for share in [*(-_AROUND).tolist(), *_AROUND.tolist()]:
        step = share * (high - low)
        above, below = of_one(center + step, high), of_one(center - step, low)
        if above is None or below is None or below <= 0 or above <= 0:
            return False
        ratios.append(above / below)
    return bool(np.ptp(ratios) <= _CLOSE * max(ratios)) and _falls(of_one, low, high, center)


def _falls(
    of_one: Callable[[float, float], float | None], low: float, high: float, center: float
) -> bool:
    """Return whether the loss of the higher target falls on the way to it."""
    step = 0.4 * (high - low)
    before, after = of_one(center - step, high), of_one(center + step, high)
    return before is not None and after is not None and after < before


def _of_several(loss: LossFunction, width: int, rows: bool) -> Outputs | None:
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randn(5, width, generator=generator)
    picked = torch.arange(5) % width
    targets = torch.eye(width)[picked] if rows else picked
    given = _value(loss, outputs, targets)
    risen = _value(loss, outputs + 2.0, targets)
    if given is not None and risen is not None:
        if abs(risen - given) <= _CLOSE * max(1.0, abs(given)):
            return "logits"
        doubled = _value(loss, 2 * outputs, targets)
        if doubled is not None and abs(doubled - 2 * given) <= _CLOSE * max(1.0, abs(given)):
            return "log_probabilities" if risen < given else None
    likely = outputs.softmax(dim=1)
    given, halved = _value(loss, likely, targets), _value(loss, likely / 2, targets)
    if given is not None and halved is not None and abs(halved - given - np.log(2)) <= _CLOSE:
        return "probabilities"
    return None


def _value(loss: LossFunction, outputs: torch.Tensor, targets: torch.Tensor) -> float | None:
    """Return what a loss gives; None where it refuses, or gives no number."""
    for kind in (torch.float32, torch.float64):
        given = targets.to(kind) if targets.is_floating_point() else targets
        try:
            found = loss(outputs.to(kind), given)
            value = float(found)
        except Exception:  # whatever a foreign function raises for what it does not take
            continue
        if np.isfinite(value):
            return value
    return None
