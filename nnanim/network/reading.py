"""How targets are read where they may be numbers or classes: by the loss and the model's end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import (
    Ambiguous,
    Arrays,
    Dataset,
    Outputs,
    Scalings,
    Task,
    Window,
    scaling_of,
)
from nnanim.dataset_checks import checked_arrays
from nnanim.errors import SceneError
from nnanim.network.losses import LossFunction, loss_called
from nnanim.network.network import Network
from nnanim.network.outputs import measured, takes_rows, wants_indices

_OF_CLASSES = ("softmax", "log_softmax", "sigmoid")  # ends of classifiers


@dataclass(frozen=True, eq=False)
class Reading:
    """What data and a network are taken to be: the data set and its arrays, what outputs mean."""

    dataset: Dataset
    data: Arrays
    network: Network
    outputs: Outputs


@dataclass(frozen=True)
class Reread:
    """A data set whose targets are taken for another task than its own."""

    dataset: Dataset
    task: Task

    @property
    def name(self) -> str:
        """The data set's name."""
        return self.dataset.name

    @property
    def window(self) -> Window:
        """The data set's window."""
        return self.dataset.window

    @property
    def class_names(self) -> Sequence[str]:
        """The names of the classes."""
        return self.dataset.class_names

    @property
    def axis_names(self) -> Sequence[str]:
        """The names of the inputs."""
        return self.dataset.axis_names

    @property
    def scaling(self) -> Scalings | None:
        """What the inputs are in the units of the axes."""
        return scaling_of(self.dataset)

    def arrays(self, seed: int) -> Arrays:
        """Return the data as the data set gives them."""
        return self.dataset.arrays(seed)


def settled(
    dataset: Dataset,
    data: Arrays,
    network: Network,
    loss: str | LossFunction | None,
    seed: int,
) -> tuple[Dataset, Arrays]:
    """Return the data set and its arrays, their targets read as the loss and the network take them.

    Raises `SceneError` for targets that may be both and are not told apart.
    """
    other = dataset.as_classes if isinstance(dataset, Ambiguous) else None
    if other is not None and _are_classes(data.targets, network, loss):
        dataset, data = other, checked_arrays(other, seed)
    if dataset.task == "binary" and network.outputs_width == 2 and data.targets.shape[1:] == (1,):
        return Reread(dataset, "classes"), _as_two(data, loss)
    if dataset.task == "classes":
        data = _as_the_loss_takes_classes(data, network.outputs_width, loss)
    if dataset.task == "binary" and np.isin(data.targets, (-1, 1)).all():
        data = _as_the_loss_takes_signs(data, network, loss)
    return dataset, data


def _are_classes(targets: NDArray[Any], network: Network, loss: str | LossFunction | None) -> bool:
    """Return whether whole floats (n, 1), or one-hot rows (n, k), are labels."""
    width, rows = network.outputs_width, targets.shape[1] > 1
    if wants_indices(loss, width):
        return True
    if rows and network.end in _OF_CLASSES:
        return True
    if not rows or loss is None:
        return False
    known = loss_called(loss) if isinstance(loss, str) else None
    means: str = known.outputs if known is not None else ""
    if not isinstance(loss, str):
        means = measured(loss, targets, network) or ""
    if means in ("logits", "probabilities", "log_probabilities"):
        return True
    raise SceneError(
        f"targets are one-hot rows of {targets.shape[1]}: are they classes, or measured values? "
        'give from_arrays(…, task="classes") or task="regression"'
    )


def _as_two(data: Arrays, loss: str | LossFunction | None) -> Arrays:
    """Return the labels of two classes for a network with an output for each."""
    indices = _changed(data, lambda t: (t[:, 0] > (t.max() + t.min()) / 2).astype(np.int64))
    if wants_indices(loss, 2) is not False:
        return indices
    return _changed(indices, lambda t: np.eye(2, dtype=np.float32)[t])


def _as_the_loss_takes_classes(data: Arrays, width: int, loss: str | LossFunction | None) -> Arrays:
    """Return labels of classes as indices or as one-hot rows, where the loss takes those alone."""
    if data.targets.ndim == 2 and not takes_rows(loss, width):
        return _changed(data, lambda t: t.argmax(axis=1).astype(np.int64))
    counted = data.targets.ndim == 1 and data.targets.max() == width - 1
    if counted and wants_indices(loss, width) is False and takes_rows(loss, width):
        return _changed(data, lambda t: np.eye(width, dtype=np.float32)[t])
    return data


def _as_the_loss_takes_signs(
    data: Arrays, network: Network, loss: str | LossFunction | None
) -> Arrays:
    """Return targets of -1 and 1 as 0 and 1 where the loss takes those alone."""
    if isinstance(loss, str):
        known = loss_called(loss)
        counted = known is not None and known.outputs != "values"
    else:
        zero_one = (data.targets + 1) / 2
        plain = loss is None or measured(loss, data.targets, network) is not None
        counted = not plain and measured(loss, zero_one, network) is not None  # type: ignore[arg-type]
    return _changed(data, lambda t: (t + 1) / 2) if counted else data


def _changed(data: Arrays, change: Any) -> Arrays:
    test = data.test_targets
    changed = change(data.targets)
    held = change(test) if len(test) else changed[:0]
    return replace(data, targets=changed, test_targets=held)
