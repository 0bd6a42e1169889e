"""A loop of one's own, looked at before its first step: what a film refuses is refused here."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from nnanim.dataset import Arrays, Dataset, Outputs
from nnanim.dataset_checks import checked_arrays
from nnanim.errors import SceneError
from nnanim.network.initial import check_numbers
from nnanim.network.losses import LossFunction, loss_called
from nnanim.network.modules import state_of
from nnanim.network.network import Network
from nnanim.network.outputs import (
    measured,
    outputs_of,
    takes_rows,
    wants_indices,
)
from nnanim.network.reading import Reading, settled
from nnanim.network.traced import network_of
from nnanim.network.wrappers import bare_state
from nnanim.texts import called
from nnanim.types import State

_COMPARED, _SAME = 64, 1e-4  # samples, and how near to one another two losses of them are
_PREDICTED = (
    'where y are classes that the network predicts, give task="classes" and outputs="logits"'
)

_log = logging.getLogger("nnanim")


def loop_of(
    module: nn.Module,
    dataset: Dataset,
    loss: str | LossFunction | None,
    outputs: Outputs | None,
    layer: str,
    head: int | str | None = None,
    colored: Callable[[], Dataset] | None = None,
) -> Reading:
    """Return what a loop over the data set is read as, by its loss and its network.

    Where the loss, as one of triplets, compares no outputs with targets, those are taken for
    colours alone, and that is told: `colored` gives the data set so, where its task is not said.
    Raises `SceneError` for what cannot be filmed.
    """
    data = checked_arrays(dataset, 0)
    check_numbers(state_of(module))
    network = network_of(module, data.inputs, head)
    if network.head is not None:
        loss = network.head.measurable(loss)
    if layer:
        network.layer(layer)
    asked = outputs is None and dataset.task in ("binary", "classes")
    if asked and not _compares(loss, network):
        dataset = _only_colored(loss, colored)
        data = checked_arrays(dataset, 0)
    dataset, data = settled(dataset, data, network, loss, 0)
    _check_targets(dataset, data, network)
    return Reading(
        dataset, data, network, outputs_of(network, loss, dataset.task, data.targets, outputs)
    )


def _compares(loss: str | LossFunction | None, network: Network) -> bool:
    """Return whether a loss compares outputs with targets, as far as is known."""
    if loss is None or isinstance(loss, str):
        return True
    width = network.outputs_width
    if wants_indices(loss, width) or takes_rows(loss, width):
        return True
    return measured(loss, np.array([[0.0], [1.0]]), network) is not None


def _only_colored(
    loss: str | LossFunction | None, colored: Callable[[], Dataset] | None
) -> Dataset:
    """Return the data set whose targets only colour the points, and tell of it."""
    came = f"the loss {called(loss)!r} does not compare outputs with targets"
    if colored is None:
        raise SceneError(
            f"{came}: where y only colours the points, give data=x and labels=y; {_PREDICTED}"
        )
    _log.warning("%s: y only colours the points; %s", came, _PREDICTED)
    return colored()


def _check_targets(dataset: Dataset, data: Arrays, network: Network) -> None:
    """Refuse targets that do not fit the network's outputs."""
    task, width, targets = dataset.task, network.outputs_width, data.targets
    if task == "none":
        return
    fits = targets.max() < width if targets.ndim == 1 else targets.shape[1] == width
    if not fits:
        counted = targets.ndim == 1
        came = f"labels up to {targets.max()}" if counted else f"{targets.shape[1]} columns"
        many = "s" * (width != 1)
        raise SceneError(
            f"targets have {came} but the network {width} output{many}: they are taken for "
            f'task="{task}"; say otherwise by task=, or give labels= in their place where they '
            "only colour the points"
        )


def loss_of_ours(loop: Reading, loss: str | LossFunction | None, state: State) -> str:
    """Return the name of a loss of ours that is the one of a loop; "" where none is.

    That of a function is the one that its name says, if at `state` both give the same for data.
    """
    if loss is None:
        return ""
    known = loss_called(loss if isinstance(loss, str) else called(loss))
    if known is None or isinstance(loss, str):
        return known.name if known is not None else ""
    data = loop.data
    given = loop.network.outputs(state, data.inputs[:_COMPARED], [""])[""]
    targets = data.targets[:_COMPARED]
    try:
        with torch.no_grad():
            theirs = float(loss(torch.from_numpy(given.copy()), torch.from_numpy(targets.copy())))
        ours = float(known.means(given.astype(np.float64)[None], targets)[0])
    except Exception:  # whatever a function raises for what it does not take
        return ""
    return known.name if abs(theirs - ours) <= _SAME * max(1.0, abs(ours)) else ""


def name_of(loss: Any) -> str | None:
    """Return our name of a loss, or what a loss of torch's or the user's own is called."""
    if loss is None or isinstance(loss, str):
        return loss
    return called(loss)


def usual_loss(loop: Reading) -> str:
    """Return the loss that such outputs are most often trained by."""
    if loop.dataset.task not in ("binary", "classes") or loop.outputs in ("values", "signs"):
        return "mse"
    if loop.data.targets.ndim == 1:
        return "cross_entropy"
    return "bce_with_logits" if loop.outputs == "logits" else "bce"


def shapes_of(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Return the shapes of parameters and buffers by name; raises `SceneError` as `bare_state`."""
    return {name: tuple(tensor.shape) for name, tensor in bare_state(module).items()}


def changed(before: Mapping[str, tuple[int, ...]], after: Mapping[str, tuple[int, ...]]) -> str:
    """Return which tensor of a network has changed its shape, come or gone; "" for none."""
    for name, shape in before.items():
        if name not in after:
            return f"{name!r} of shape {shape} is gone"
        if after[name] != shape:
            return f"{name!r} from {shape} to {after[name]}"
    new = next((name for name in after if name not in before), None)
    return "" if new is None else f"{new!r} of shape {after[new]} is new"
