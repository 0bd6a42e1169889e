"""What a classifier's outputs mean: one rule, from what is declared, the model's end, the loss.

What is declared stands. Else the model's end tells, where it can give nothing but probabilities or
their logarithms; else the loss, of which it is measured at which output it is undecided between two
targets. What stays open is refused, never guessed.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import OUTPUTS, Outputs, Task
from nnanim.errors import SceneError, unknown
from nnanim.network.losses import LOSSES, LossFunction, loss_called
from nnanim.network.network import Network
from nnanim.texts import called

# Ends that tell alone what outputs mean.
ENDS: dict[str, Outputs] = {
    "sigmoid": "probabilities",
    "softmax": "probabilities",
    "log_softmax": "log_probabilities",
}


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
        return _of_numbers(network, loss, targets) if task == "regression" else "values"
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


def _of_numbers(
    network: Network, loss: str | LossFunction | None, targets: NDArray[Any]
) -> Outputs:
    """Return what outputs mean whose targets are numbers: mostly values, as these are.

    Those from 0 to 1 may be probabilities, which a loss takes logits or logarithms for.
    """
    if loss is None or targets.ndim != 2 or targets.min() < 0 or targets.max() > 1:
        return "values"
    if isinstance(loss, str):
        known = loss_called(loss)
        found: Outputs | None = None if known is None else known.outputs
    else:
        found = measured(loss, np.array([[0.0], [1.0]]).repeat(network.outputs_width, 1), network)
    return found if found in ("logits", "log_probabilities") else "values"


def outputs_named(network: Network, loss: str, targets: NDArray[Any]) -> Outputs:
    """Return what outputs mean in a file that does not say it: by the loss's name, else the end."""
    known = loss_called(loss)
    if known is not None and known.outputs == "logits":
        return "logits"
    counted = targets.ndim == 1 or np.isin(targets, (0, 1)).all()
    return ENDS.get(network.end, "values") if counted else "values"


def wants_indices(loss: str | LossFunction | None, width: int) -> bool | None:
    """Return whether a loss takes classes as whole numbers (n,); None where it is not known."""
    if loss is None:
        return None
    if isinstance(loss, str):
        known = loss_called(loss)
        return None if known is None else known.targets == "classes"
    from nnanim.network.measured import takes_indices  # torch, which named losses need not

    return takes_indices(loss, width)


def takes_rows(loss: str | LossFunction | None, width: int) -> bool:
    """Return whether a loss takes one-hot rows (n, width) of numbers as targets."""
    if loss is None or isinstance(loss, str):
        return True  # all of ours do
    from nnanim.network.measured import takes_one_hot  # torch, which named losses need not

    return takes_one_hot(loss, width)


def measured(loss: LossFunction, targets: NDArray[Any], network: Network) -> Outputs | None:
    """Return what a loss takes outputs to mean, by what it gives; None where that is not plain."""
    from nnanim.network.measured import meaning  # torch, which named losses need not

    return meaning(loss, targets, network.outputs_width)


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


def _named(loss: str | LossFunction | None) -> str:
    if loss is None:
        return "the targets alone"
    if isinstance(loss, str):
        return f"the loss {loss!r}, which is none of {', '.join(LOSSES)},"
    return f"the loss {called(loss)!r}"
