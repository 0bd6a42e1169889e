"""Optimisers by name, as torch's own."""

from collections.abc import Callable

import torch
from torch import nn

from nnanim.errors import SceneError, during
from nnanim.scene.training import Training

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": lambda parameters, t: torch.optim.SGD(
        parameters, t.lr, t.momentum, nesterov=t.nesterov, weight_decay=t.weight_decay
    ),
    "adam": lambda parameters, t: torch.optim.Adam(
        parameters, t.lr, t.betas, weight_decay=t.weight_decay
    ),
    "adamw": lambda parameters, t: torch.optim.AdamW(
        parameters, t.lr, t.betas, weight_decay=t.weight_decay
    ),
}


def optimizer_of(training: Training, module: nn.Module) -> torch.optim.Optimizer:
    """Return a fresh optimiser of the module's parameters; `SceneError` where there can be none."""
    parameters = _trained(module)
    if isinstance(training.optimizer, str):
        with during(f"the optimizer {training.optimizer!r}"):
            return OPTIMIZERS[training.optimizer](parameters, training)
    with during("the optimizer factory"):
        made = training.optimizer(parameters)
    if not callable(getattr(made, "step", None)) or not callable(getattr(made, "zero_grad", None)):
        raise SceneError(
            f"the optimizer factory returned {type(made).__name__}: expected a torch optimiser, "
            "as optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01)"
        )
    return made  # type: ignore[no-any-return]


def _trained(module: nn.Module) -> list[nn.Parameter]:
    parameters = [p for p in module.parameters() if p.requires_grad]
    if not parameters:
        raise SceneError(
            "the model has no parameters to train: expected at least one with requires_grad=True"
        )
    return parameters
