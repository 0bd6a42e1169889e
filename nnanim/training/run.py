"""Preparation: a scene's training made ready, and everything about it checked before step 0."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Dataset, Outputs, Task
from nnanim.errors import SceneError, UsageError, during
from nnanim.kernels.codes import BATCH_NORM, KIND
from nnanim.models import Mlp
from nnanim.network.initial import check_numbers
from nnanim.network.losses import LOSSES, Loss, LossFunction
from nnanim.network.network import Network
from nnanim.network.optimizers import OPTIMIZERS, check_rates
from nnanim.network.outputs import outputs_of
from nnanim.network.reading import Reading, settled
from nnanim.network.stacked import StackedNetwork
from nnanim.place import staying
from nnanim.scene.scene import Model, Scene
from nnanim.scene.training import Training, seed_of_attempt
from nnanim.training.given import given_by
from nnanim.training.start import Start, start_of
from nnanim.types import State

if TYPE_CHECKING:
    import torch
    from torch import nn

# States kept between the ends of epochs: as many as a film can use, within this much memory.
_EXTRA_SNAPSHOTS = 1200
_EXTRA_BYTES = 256 * 2**20


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """A training made ready: data, what it begins with, and how many steps of what.

    `given` are the data as the scene's data set gives them, before their targets are read.
    """

    dataset: Dataset
    model: Model
    training: Training
    given: Arrays
    data: Arrays
    start: Start
    network: Network
    outputs: Outputs
    batch_size: int
    steps_per_epoch: int

    @property
    def reading(self) -> Reading:
        """What its data and its network are taken to be."""
        return Reading(self.dataset, self.data, self.network, self.outputs)

    @property
    def module(self) -> "nn.Module":
        """The module, which torch trains in place; where torch has made none, it is made now."""
        return self.start.module

    @cached_property
    def loss(self) -> LossFunction:
        """The loss of what the module gives, and targets, as torch has it."""
        return _loss_of(self.training, self.network)

    @cached_property
    def optimizer(self) -> "torch.optim.Optimizer":
        """The optimiser of the module's parameters, made when it is first asked for.

        torch's own load its compiler, which takes a second, and the kernel needs none of them.
        """
        return optimizer_of(self.training, self.module)

    @property
    def task(self) -> Task:
        """What the targets mean."""
        return self.dataset.task

    @property
    def samples_per_epoch(self) -> int:
        """How many samples an epoch takes: all, or as many as fill whole batches."""
        n = len(self.data.inputs)
        return n - n % self.batch_size if self.training.drop_last else n

    @property
    def steps(self) -> int:
        """Optimiser steps in all."""
        return self.steps_per_epoch * self.training.epochs


def prepare(scene: Scene, given: Arrays | None = None) -> Run:
    """Return the training of `scene` made ready; `SceneError` says what cannot be trained.

    `given` are its data, where they are at hand.
    """
    if not isinstance(scene, Scene):
        raise UsageError(f"record takes a Scene, not {type(scene).__name__}: record(scene)")
    training = scene.training
    given = given_by(scene) if given is None else given
    with staying(), during("the model"):
        start = start_of(scene.model, training.seed)
        network = _network_of(start, given, scene.head)
        check_numbers(start.state)
    if scene.layer is not None:
        network.layer(scene.layer)
    check_rates(training.lr, list(_trained_names(start)))
    loss = training.loss
    measured = loss if network.head is None else network.head.measurable(loss)
    dataset, data = settled(scene.dataset, given, network, measured, training.seed)
    if isinstance(loss, str):
        _check_meaning(LOSSES[loss], network, data)
    if not _surely_fits(scene, start, network, data):
        from nnanim.training.trial import check_loss  # torch, for what is not plain

        check_loss(_loss_of(training, network), start.module, data, dataset, network.head)
    outputs = outputs_of(network, measured, dataset.task, data.targets, training.outputs)
    n = len(data.inputs)
    batch_size = n if training.batch_size is None else min(training.batch_size, n)
    if training.drop_last and (training.batch_size or n) > n:
        raise SceneError(
            f"drop_last=True and batch_size={training.batch_size} leave no batch of {n} samples: "
            f"use a batch_size of {n} or less"
        )
    alone = batch_size == 1 or (not training.drop_last and n % batch_size == 1)
    if alone and not (_is_declared(scene) and _is_rowwise(network)):
        from nnanim.training.lone_sample import check_batches  # torch, which tries it

        check_batches(start.module, _loss_of(training, network), data, training, batch_size)
    steps = n // batch_size if training.drop_last else -(-n // batch_size)
    run = Run(
        dataset=dataset,
        model=scene.model,
        training=training,
        given=given,
        data=data,
        start=start,
        network=network,
        outputs=outputs,
        batch_size=batch_size,
        steps_per_epoch=steps,
    )
    if not isinstance(training.optimizer, str):
        _ = run.optimizer
    return run


def starting_at(run: Run, state: State) -> Run:
    """Return the same training, from parameters and buffers that are given by torch's names."""
    return replace(run, start=run.start.at(state))


def again(run: Run, later: int) -> Run:
    """Return the same training, on the same data, from the initial weights of a later seed.

    Its module is a fresh one, so a run can be trained as often as is asked.
    """
    seed = seed_of_attempt(run.training.seed, later + 1)
    training = replace(run.training, seed=seed)
    with during("the model"):
        start = start_of(run.model, seed)
    return replace(run, training=training, start=start)


def optimizer_of(training: Training, module: "nn.Module") -> "torch.optim.Optimizer":
    """Return a fresh optimiser of the module's parameters; `SceneError` where there can be none."""
    parameters = trained_parameters(module)
    if isinstance(training.optimizer, str):
        with during(f"the optimizer {training.optimizer!r}"):
            return OPTIMIZERS[training.optimizer].made(parameters, training)
    with during("the optimizer factory"):
        made = training.optimizer(list(parameters.values()))
    if not callable(getattr(made, "step", None)) or not callable(getattr(made, "zero_grad", None)):
        raise SceneError(
            f"the optimizer factory returned {type(made).__name__}: expected a torch optimiser, "
            "as optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01)"
        )
    return made  # type: ignore[no-any-return]


def trained_parameters(module: "nn.Module") -> "dict[str, torch.Tensor]":
    """Return by name the parameters that a training moves; `SceneError` where there are none."""
    parameters: dict[str, torch.Tensor] = {
        name: p for name, p in module.named_parameters() if p.requires_grad
    }
    if not parameters:
        raise SceneError(
            "the model has no parameters to train: expected at least one with requires_grad=True"
        )
    return parameters


def _network_of(start: Start, given: Arrays, head: int | str | None) -> Network:
    """Return the network of a start, given the data that it takes."""
    if start.stack is not None and head is None and start.stack.takes(given.inputs):
        return StackedNetwork(start.stack)
    from nnanim.network.traced import network_of  # torch, of which a declared one has no need
    from nnanim.training.trial import check_kinds

    network = network_of(start.module, given.inputs, head)
    network.check_rowwise()
    check_kinds(start.module)
    return network


def _trained_names(start: Start) -> Collection[str]:
    """Return the names of the parameters that a training moves."""
    return trained_parameters(start.module) if start.stack is None else start.stack.trained


def _loss_of(training: Training, network: Network) -> LossFunction:
    if not isinstance(training.loss, str):
        return training.loss
    loss = LOSSES[training.loss].function
    return loss if network.head is None else network.head.by_name(loss)


def _is_declared(scene: Scene) -> bool:
    """Return whether model and loss are known by what the scene says."""
    return type(scene.model) is Mlp and isinstance(scene.training.loss, str)


def _surely_fits(scene: Scene, start: Start, network: Network, data: Arrays) -> bool:
    """Return whether torch would find nothing wrong with outputs, targets and loss together.

    That is told of a stack of known layers and a loss by its name alone.
    """
    stack, loss, targets = network.stack, scene.training.loss, data.targets
    if stack is None or not isinstance(loss, str):
        return False
    if np.issubdtype(targets.dtype, np.floating) and targets.shape[1:] != (network.outputs_width,):
        return False
    if LOSSES[loss].outputs != "probabilities":
        return True
    given = stack.outputs(start.state, data.inputs[:8], [""])[0]
    return all(bool(((part >= 0) & (part <= 1)).all()) for part in (given, targets))


def _is_rowwise(network: Network) -> bool:
    """Return whether what a network gives for one sample never hangs on the others of a batch."""
    return network.stack is not None and BATCH_NORM not in network.stack.table[:, KIND]


def _check_meaning(loss: Loss, network: Network, data: Arrays) -> None:
    """Refuse what torch would train on in silence, or find only in the middle of the training."""
    link = network.read_out.link if network.read_out else "other"
    if loss.outputs == "probabilities" and link in ("identity", "tanh"):
        raise SceneError(
            f'loss="{loss.name}" with outputs that end in {link}: expected probabilities; end the '
            'model with a sigmoid, as models.mlp(…, output="sigmoid"), or use '
            'loss="bce_with_logits"'
        )
    if loss.targets == "classes" and network.outputs_width < 2:
        raise SceneError(
            f'loss="{loss.name}" with one output: expected one for each class; '
            'give the model more, or use loss="bce"'
        )
    if np.issubdtype(data.targets.dtype, np.floating):
        return
    if loss.targets != "classes":
        raise SceneError(
            f'loss={loss.name!r} with labels of classes: expected loss="cross_entropy", or '
            'task="regression" of from_arrays for measured values'
        )
    low, high = int(data.targets.min()), int(data.targets.max())
    if low < 0 or high >= network.outputs_width:
        raise SceneError(
            f"labels run from {low} to {high} but the model has {network.outputs_width} outputs: "
            "expected labels from 0, and one output for each class"
        )


def kept_steps(run: Run) -> NDArray[np.bool_]:
    """Return whether the state after each step (steps + 1,) is kept, from before the first on.

    Those are the start, every epoch's end, and some between. These lie evenly and, as most motion
    comes early, evenly in the logarithm too.
    """
    kept = np.zeros(run.steps + 1, bool)
    kept[:: run.steps_per_epoch] = True
    if run.training.snapshots == "epochs":
        return kept
    if run.training.snapshots == "steps" or run.steps <= _EXTRA_SNAPSHOTS:
        kept[:] = True
        return kept
    size = sum(array.nbytes for array in run.start.state.values())
    extra = min(_EXTRA_SNAPSHOTS, _EXTRA_BYTES // max(1, size)) // 2
    if extra >= 2:
        evenly = np.linspace(0, run.steps, extra)
        early = np.geomspace(1, run.steps, extra)
        kept[np.rint(np.concatenate([evenly, early])).astype(np.int64)] = True
    return kept
