"""Stepper: torch's own optimisers as functions of the gradients.

Its classes load torch's compiler when the first is made, which takes a second of every run.
"""

from collections.abc import Callable, Sequence

import torch
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from nnanim.scene.training import Training

Step = Callable[[Sequence[torch.Tensor]], None]


def stepper(training: Training, parameters: list[torch.Tensor]) -> Step:
    """Return what takes one step of the training's named optimiser, given all gradients."""
    if training.optimizer == "sgd":
        return _sgd(training, parameters)
    return _adam(training, parameters)


def _sgd(training: Training, parameters: list[torch.Tensor]) -> Step:
    velocities: list[torch.Tensor | None] = [None] * len(parameters)

    def step(gradients: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            sgd(
                parameters,
                list(gradients),
                velocities,
                foreach=False,
                weight_decay=training.weight_decay,
                momentum=training.momentum,
                lr=training.lr,
                dampening=0.0,
                nesterov=training.nesterov,
                maximize=False,
            )

    return step


def _adam(training: Training, parameters: list[torch.Tensor]) -> Step:
    first, second = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    counts = [torch.tensor(0.0) for _ in parameters]

    def step(gradients: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            adam(
                parameters,
                list(gradients),
                first,
                second,
                [],
                counts,
                foreach=False,
                decoupled_weight_decay=training.optimizer == "adamw",
                amsgrad=False,
                beta1=training.betas[0],
                beta2=training.betas[1],
                lr=training.lr,
                weight_decay=training.weight_decay,
                eps=1e-8,
                maximize=False,
            )

    return step
