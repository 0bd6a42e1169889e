"""What a classifier's outputs mean: one rule, from what is declared, the model's end, the loss.

What is declared stands. Else the model's end tells, where it can give nothing but probabilities or
their logarithms; else the loss, of which it is measured at which output it is undecided between two
targets. What stays open is refused, never guessed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nnanim.dataset import OUTPUTS, Outputs, Task
from nnanim.errors import SceneError, unknown
from nnanim.network.losses import LossFunction, loss_called
from nnanim.network.network import Network
from nnanim.network.torch_state import one_thread
from nnanim.texts import called

# Ends that tell alone what outputs mean.
ENDS: dict[str, Outputs] = {
    "sigmoid": "probabilities",
    "softmax": "probabilities",
    "log_softmax": "log_probabilities",
}
_AROUND = torch.linspace(0.05, 0.45, 5, dtype=torch.float64)  # shares of the way between targets
_CLOSE = 1e-3  # relative, of two losses that are one


def checked_outputs(declared: str | None) -> Outputs | None:
    """Return a declared meaning; `SceneError` lists those there are."""
    if declared is not None and declared not in OUTPUTS:
        raise SceneError(unknown("meaning of outputs", declared, OUTPUTS))
    return declared  # type: ignore[return-value]


def outputs_of(
    network: Network,
    loss: str | LossFunction | None,
    task: Task,
    targets: NDArray[Any],
    declared: Outputs | None = None,
) -> Outputs:
    """Return what the outputs of `network` mean, trained by `loss` on `targets`.

    Raises `SceneError` where neither the model's end nor the loss tells, or outputs tell nothing.
    """
    classified = task in ("binary", "classes")
    if classified and network.end in ("softmax", "log_softmax") and network.outputs_width == 1:
        raise SceneError(
            f"the model ends in {network.end} over one output, which gives the same for all "
            "inputs: end it in a sigmoid, or give it an output for each class"
        )
    if declared is not None:
        return declared
    if not classified:
        return "values"
    counted = targets.ndim == 1 or np.isin(targets, (0, 1)).all()
    if network.end in ENDS:
        return ENDS[network.end] if counted else "values"
    known = loss_called(loss) if isinstance(loss, str) else None
    if known is not None:
        return _by_targets(known.outputs, targets)
    if loss is None or isinstance(loss, str):
        found = _without_loss(targets)
    else:
        found = measured(loss, targets, network)
    if found is None:
        end = network.end or "a step of its own"
        raise SceneError(
            f"it is not certain what the model's outputs mean, which end in {end}: by "
            f"{_named(loss)} they may be logits, decided at 0, or values, decided half-way "
            "between the targets; give the loss function as loss=, or say it by "
            'outputs="logits", "values", "probabilities", "log_probabilities" or "signs"'
        )
    return found


def outputs_named(network: Network, loss: str, targets: NDArray[Any]) -> Outputs:
    """Return what outputs mean in a file that does not say it: by the loss's name, else the end."""
    known = loss_called(loss)
    if known is not None and known.outputs == "logits":
        return "logits"
    counted = targets.ndim == 1 or np.isin(targets, (0, 1)).all()
    return ENDS.get(network.end, "values") if counted else "values"


def measured(loss: LossFunction, targets: NDArray[Any], network: Network) -> Outputs | None:
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
        return _of_several(loss, network.outputs_width, rows=targets.ndim == 2)


def wants_indices(loss: str | LossFunction | None, width: int) -> bool | None:
    """Return whether a loss takes classes as whole numbers (n,); None where it is not known."""
    if loss is None:
        return None
    if isinstance(loss, str):
        known = loss_called(loss)
        return None if known is None else known.targets == "classes"
    outputs = torch.linspace(0.1, 0.9, 3 * width).reshape(3, width)
    indices = torch.arange(3) % width
    return _value(loss, outputs, indices) is not None


def takes_rows(loss: str | LossFunction | None, width: int) -> bool:
    """Return whether a loss takes one-hot rows (n, width) of numbers as targets."""
    if loss is None or isinstance(loss, str):
        return True  # all of ours do
    outputs = torch.linspace(0.1, 0.9, 3 * width).reshape(3, width)
    return _value(loss, outputs, torch.eye(width)[torch.arange(3) % width]) is not None


def _without_loss(targets: NDArray[Any]) -> Outputs | None:
    """Return what targets alone tell of outputs with no end of their own."""
    if targets.ndim == 1:  # with labels of classes, several outputs are compared with each other
        return "logits"
    return "signs" if np.isin(targets, (-1, 1)).all() else None


def _by_targets(outputs: str, targets: NDArray[Any]) -> Outputs:
    """Return the meaning of a named loss; numbers of -1 and 1 are signs."""
    if outputs == "values" and targets.ndim == 2 and np.isin(targets, (-1, 1)).all():
        return "signs"
    return outputs  # type: ignore[return-value]


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


def _named(loss: str | LossFunction | None) -> str:
    if loss is None:
        return "the targets alone"
    return f"the loss {loss if isinstance(loss, str) else called(loss)!r}"
