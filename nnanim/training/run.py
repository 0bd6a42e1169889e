"""Preparation: a scene's training made ready, and everything about it checked before step 0."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import nn

from nnanim.dataset import Ambiguous, Arrays, Dataset, Outputs, Task
from nnanim.errors import SceneError, UsageError, during
from nnanim.network.head import Head
from nnanim.network.losses import LOSSES, Loss, LossFunction
from nnanim.network.modules import check_numbers, initial_module, state_of
from nnanim.network.network import Network
from nnanim.network.optimizers import OPTIMIZERS, check_rates
from nnanim.network.outputs import outputs_of
from nnanim.network.reading import Reading, settled
from nnanim.network.torch_state import one_thread, random_numbers
from nnanim.network.traced import network_of
from nnanim.place import staying
from nnanim.scene.scene import Model, Scene
from nnanim.scene.training import Training, seed_of_attempt
from nnanim.training.given import given_by
from nnanim.training.lone_sample import check_batches
from nnanim.types import State

# States kept between the ends of epochs: as many as a film can use, within this much memory.
_EXTRA_SNAPSHOTS = 1200
_EXTRA_BYTES = 256 * 2**20


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """A training made ready: data, the initial module, and how many steps of what.

    `given` are the data as the scene's data set gives them, before their targets are read.
    """

    dataset: Dataset
    model: Model
    training: Training
    given: Arrays
    data: Arrays
    module: nn.Module
    network: Network
    outputs: Outputs
    loss: LossFunction
    batch_size: int
    steps_per_epoch: int

    @property
    def reading(self) -> Reading:
        """What its data and its network are taken to be."""
        return Reading(self.dataset, self.data, self.network, self.outputs)

    @cached_property
    def optimizer(self) -> torch.optim.Optimizer:
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
        module = initial_module(scene.model, training.seed)
        network = network_of(module, given.inputs, scene.head)
        _check_kinds(module)
    if scene.layer is not None:
        network.layer(scene.layer)
    check_rates(training.lr, list(trained_parameters(module)))
    loss = training.loss
    measured = loss if network.head is None else network.head.measurable(loss)
    dataset, data = settled(scene.dataset, given, network, measured, training.seed)
    if isinstance(loss, str):
        _check_meaning(LOSSES[loss], network, data)
        loss = LOSSES[loss].function
        loss = loss if network.head is None else network.head.by_name(loss)
    _check_loss(loss, module, data, dataset, network.head)
    outputs = outputs_of(network, measured, dataset.task, data.targets, training.outputs)
    n = len(data.inputs)
    batch_size = n if training.batch_size is None else min(training.batch_size, n)
    if training.drop_last and (training.batch_size or n) > n:
        raise SceneError(
            f"drop_last=True and batch_size={training.batch_size} leave no batch of {n} samples: "
            f"use a batch_size of {n} or less"
        )
    check_batches(module, loss, data, training, batch_size)
    steps = n // batch_size if training.drop_last else -(-n // batch_size)
    run = Run(
        dataset=dataset,
        model=scene.model,
        training=training,
        given=given,
        data=data,
        module=module,
        network=network,
        outputs=outputs,
        loss=loss,
        batch_size=batch_size,
        steps_per_epoch=steps,
    )
    if not isinstance(training.optimizer, str):
        _ = run.optimizer
    return run


def starting_at(run: Run, state: State) -> Run:
    """Return the same training, from parameters and buffers that are given by torch's names."""
    run.module.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in state.items()})
    return run


def again(run: Run, later: int) -> Run:
    """Return the same training, on the same data, from the initial weights of a later seed.

    Its module is a fresh one, so a run can be trained as often as is asked.
    """
    seed = seed_of_attempt(run.training.seed, later + 1)
    training = replace(run.training, seed=seed)
    with during("the model"):
        module = initial_module(run.model, seed)
    return replace(run, training=training, module=module)


def optimizer_of(training: Training, module: nn.Module) -> torch.optim.Optimizer:
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


def trained_parameters(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return by name the parameters that a training moves; `SceneError` where there are none."""
    parameters: dict[str, torch.Tensor] = {
        name: p for name, p in module.named_parameters() if p.requires_grad
    }
    if not parameters:
        raise SceneError(
            "the model has no parameters to train: expected at least one with requires_grad=True"
        )
    return parameters


def _check_kinds(module: nn.Module) -> None:
    """Refuse parameters of another precision than a training of ours has, and without numbers."""
    for name, tensor in module.named_parameters():
        if tensor.is_floating_point() and tensor.dtype != torch.float32:
            kind = str(tensor.dtype).removeprefix("torch.")
            raise SceneError(
                f"the model's {name!r} is {kind}: expected float32, in which data are given; "
                "return model.float(), or record a loop of your own by Recorder"
            )
    check_numbers(state_of(module))


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


def _check_loss(
    loss: LossFunction, module: nn.Module, data: Arrays, dataset: Dataset, head: Head | None
) -> None:
    """See before step 0 that outputs and targets fit each other and the loss."""
    task = f'task="{dataset.task}"'
    if isinstance(dataset, Ambiguous) and dataset.as_classes is not None:
        task += ' (task="classes" reads them as labels)'
    rows = min(8, len(data.inputs))
    inputs, targets = torch.from_numpy(data.inputs[:rows]), torch.from_numpy(data.targets[:rows])
    was_training = module.training
    with one_thread(), random_numbers():
        with during("the model"):
            given = module.eval()(inputs)
        outputs = given if head is None else head.of(given)
        module.train(was_training)
        if targets.is_floating_point() and outputs.shape != targets.shape:
            raise SceneError(
                f"outputs have shape {_shape(outputs)} but targets {_shape(targets)}: "
                "a loss would broadcast them; "
                f"make the model's last layer give {targets.shape[1]} or reshape the targets, "
                f"which are taken for {task}: from_arrays(…, task=…) says otherwise"
            )
        with during(
            f"the loss of outputs of shape {_shape(outputs)} and targets {_shape(targets)}, taken "
            f"for {task},"
        ):
            value: object = loss(given, targets)
    if not isinstance(value, torch.Tensor) or value.ndim != 0:
        came = _shape(value) if isinstance(value, torch.Tensor) else type(value).__name__
        raise SceneError(
            f"the loss returned {came}: expected one number, a tensor of shape (); "
            "take the mean over the batch"
        )
    if not value.requires_grad:
        raise SceneError(
            "the loss does not depend on the parameters: expected a tensor that torch can "
            "differentiate; compute it of the outputs by torch functions, without detach()"
        )


def _shape(tensor: torch.Tensor) -> str:
    sides = ("n", *map(str, tensor.shape[1:]))
    return f"({', '.join(sides)}{',' if len(sides) == 1 else ''})"


def snapshot_steps(run: Run) -> set[int]:
    """Return the steps whose states are kept: the start, every epoch's end, and some between.

    Those between lie evenly and, as most motion comes early, evenly in the logarithm too.
    """
    ends = set(range(0, run.steps + 1, run.steps_per_epoch))
    if run.training.snapshots == "epochs":
        return ends
    if run.training.snapshots == "steps" or run.steps <= _EXTRA_SNAPSHOTS:
        return set(range(run.steps + 1))
    size = sum(array.nbytes for array in state_of(run.module).values())
    extra = min(_EXTRA_SNAPSHOTS, _EXTRA_BYTES // max(1, size)) // 2
    if extra < 2:
        return ends
    evenly = np.linspace(0, run.steps, extra)
    early = np.geomspace(1, run.steps, extra)
    return ends | {int(step) for step in np.rint(np.concatenate([evenly, early]))}
