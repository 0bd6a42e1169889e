"""Guard: whether the kernel can train a run, its first steps compared with others.

Those of what is declared are written once more in plain numpy, in `reference`; where the kernel
differs from them, and of all else, torch itself tells.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnanim.models import Mlp
from nnanim.network.optimizers import OPTIMIZERS, Rates
from nnanim.network.stack import Stack
from nnanim.network.torch_state import one_thread
from nnanim.scene.training import Training
from nnanim.training.batches import batch_orders
from nnanim.training.kernel_trainer import KernelTrainer
from nnanim.training.reference import reference_steps
from nnanim.training.run import Run, trained_parameters

if TYPE_CHECKING:
    from torch import nn

Array = NDArray[Any]
Steps = Callable[[Run, NDArray[np.int64]], dict[str, Array]]

_STEPS = 20
# Of each tensor's largest entry, after those steps in float64. Where BatchNorm takes a bias's
# gradient to zero, Adam makes steps of its rounding error: torch is not nearer to itself then.
_TOLERANCE = 1e-4
# The optimiser's numbers, where the run has them at all: they only scale its terms.
_LR, _MOMENTUM, _DECAY, _BETAS = 0.01, 0.9, 0.01, (0.9, 0.999)

_findings: dict[tuple[Any, ...], float] = {}  # architecture -> how far apart the guard found them


def refusal(run: Run) -> str:
    """Return in one phrase why the kernel cannot train this run; "" where it can.

    The last thing looked at is the kernel itself: its first steps are compared with others in
    float64, once in a process for each architecture. That is the layers, the loss, the size of a
    batch, and the optimiser with those of its terms that are in use. Where torch's differ, the
    run's own learning rate and the like decide: with some, steps throw apart what is but rounded.
    """
    training = run.training
    if training.device == "cuda":
        return "the scene asks for cuda"
    if not isinstance(training.loss, str):
        return "the loss is a function of the scene's own"
    if not isinstance(training.optimizer, str):
        return "the optimizer is a factory of the scene's own"
    stack = run.network.stack
    if stack is None:
        from nnanim.network.recognition import why_no_stack  # torch, which has made the module

        return why_no_stack(run.module) or "its inputs are no rows of numbers"
    if run.start.made is not None and not _single(run.start.made):
        return "its parameters are not float32"
    apart = 0.0
    usual = replace(run, training=_usual(training))
    if type(run.model) is Mlp and _finding(usual, stack, reference_steps) <= _TOLERANCE:
        return ""
    for numbered in (usual, run):
        apart = _finding(numbered, stack, _torch_steps)
        if apart <= _TOLERANCE:
            return ""
    return f"the kernel's first steps differ from torch's by {apart:.1e}"


def _single(module: "nn.Module") -> bool:
    """Return whether all real numbers of a module are float32."""
    tensors = (*module.parameters(), *module.buffers())
    return all(t.itemsize == np.float32().itemsize for t in tensors if t.is_floating_point())


def _usual(training: Training) -> Training:
    """Return a training with the guard's numbers in place of its own, where these are not 0."""
    return replace(
        training,
        lr=_usual_rates(training.lr),
        momentum=_MOMENTUM if training.momentum else 0.0,
        weight_decay=_DECAY if training.weight_decay else 0.0,
        betas=_BETAS,
    )


def _usual_rates(lr: Rates) -> Rates:
    if isinstance(lr, Mapping):
        return {layer: _LR * (i + 1) if rate else 0.0 for i, (layer, rate) in enumerate(lr.items())}
    return _LR if lr else 0.0


def _finding(run: Run, stack: Stack, steps: Steps) -> float:
    """Return how far the kernel is from other steps, looked at once for each architecture."""
    key = (steps, *_architecture(run, stack))
    if key not in _findings:
        _findings[key] = _disagreement(run, stack, steps)
    return _findings[key]


def _architecture(run: Run, stack: Stack) -> tuple[Any, ...]:
    t = run.training
    lr = tuple(t.lr.items()) if isinstance(t.lr, Mapping) else t.lr
    settings = (t.loss, t.optimizer, lr, t.momentum, t.nesterov, t.betas, t.weight_decay)
    layers = (stack.table.tobytes(), stack.options.tobytes(), stack.segments.tobytes())
    return (*layers, *settings, run.batch_size)


def _disagreement(run: Run, stack: Stack, steps: Steps) -> float:
    """Return how far the kernel is from others after the first steps, both in float64.

    The largest difference of any entry, as a share of the largest entry of its tensor.
    """
    # A part of the data set that holds the first steps, in their order.
    part, orders = _first_steps(run)
    nothing = np.zeros(len(orders) * part.steps_per_epoch + 1, bool)
    trainer = KernelTrainer(part, stack, np.float64, nothing)
    trainer.train(orders)
    flat = (trainer.parameters[None], trainer.statistics[None])
    found = stack.states(*flat, np.array([trainer.step]))
    expected = steps(part, orders)
    return max((_apart(found[name][0], value) for name, value in expected.items()), default=0.0)


def _apart(found: Array, expected: Array) -> float:
    """Return the largest difference as a share of the largest entry; 0 where both diverged."""
    if not (np.isfinite(expected).all() and np.isfinite(found).all()):
        return float(np.isfinite(expected).all() != np.isfinite(found).all())
    # A tensor that stays at zero but for rounding has no scale of its own.
    scale = max(float(np.abs(expected).max()), 1e-3)
    return float(np.abs(found - expected).max()) / scale


def _first_steps(run: Run) -> tuple[Run, NDArray[np.int64]]:
    """Return a run over the data of the first steps only, and its orders (epochs, n)."""
    n, epochs = len(run.data.inputs), max(1, _STEPS // run.steps_per_epoch)
    if run.steps_per_epoch < _STEPS:
        some = list(islice(batch_orders(n, run.training), epochs))
        return run, np.stack(some)
    order = next(batch_orders(n, run.training))[: _STEPS * run.batch_size]
    data = replace(run.data, inputs=run.data.inputs[order], targets=run.data.targets[order])
    part = replace(run, data=data, steps_per_epoch=-(-len(order) // run.batch_size))
    return part, np.arange(len(order))[None]


def _torch_steps(run: Run, orders: NDArray[np.int64]) -> dict[str, Array]:
    """Return torch's own state after the epochs of `orders`, in float64; NaN where it diverges."""
    import torch

    from nnanim.network.modules import exact_state_of

    module = copy.deepcopy(run.module).double().train()
    parameters = trained_parameters(module)
    step = OPTIMIZERS[str(run.training.optimizer)].stepper(run.training, parameters)
    inputs, targets = torch.from_numpy(run.data.inputs).double(), torch.from_numpy(run.data.targets)
    if targets.is_floating_point():
        targets = targets.double()
    with one_thread():
        for order in torch.from_numpy(orders):
            for rows in order[: run.samples_per_epoch].split(run.batch_size):
                outputs = module(inputs[rows])
                if not outputs.isfinite().all():  # torch's own losses may raise
                    return {name: np.nan * array for name, array in exact_state_of(module).items()}
                step(torch.autograd.grad(run.loss(outputs, targets[rows]), [*parameters.values()]))
    return exact_state_of(module)
