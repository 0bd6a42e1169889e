"""Optimisers by name: torch's classes, and their steps as functions of the gradients.

A new one is a row here with its step, and a code with its update in `kernels.codes` and
`kernels.train`. A scene looks names up here, so torch is loaded only where one is asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from nnanim.kernels import codes

if TYPE_CHECKING:
    import torch

Step = Callable[[Sequence["torch.Tensor"]], None]

EPSILON = 1e-8  # torch's, where a square root divides


class Settings(Protocol):
    """What a training sets, by torch's names."""

    @property
    def lr(self) -> float:
        """How far a step goes."""

    @property
    def momentum(self) -> float:
        """How much of the last step is kept."""

    @property
    def nesterov(self) -> bool:
        """Whether that is taken beforehand."""

    @property
    def betas(self) -> tuple[float, float]:
        """How much of the gradients' means, and of their squares', is kept."""

    @property
    def weight_decay(self) -> float:
        """How much of a parameter is taken from it."""


@dataclass(frozen=True)
class Optimizer:
    """An optimiser: `kind` is the name of torch's class, and what a sheet calls it.

    It takes those `settings` of a training. `stepper` returns, for a training and its parameters,
    what takes one step given all gradients: torch's classes load its compiler when the first is
    made, which takes a second of every run.
    """

    name: str
    code: int
    kind: str
    settings: tuple[str, ...]
    stepper: Callable[[Settings, list["torch.Tensor"]], Step]

    def made(
        self, parameters: Iterable["torch.Tensor"], training: Settings
    ) -> "torch.optim.Optimizer":
        """Return torch's own for these parameters."""
        import torch

        settings = {name: getattr(training, name) for name in self.settings}
        return getattr(torch.optim, self.kind)(parameters, **settings)  # type: ignore[no-any-return]


def _sgd(training: Settings, parameters: list["torch.Tensor"]) -> Step:
    import torch
    from torch.optim.sgd import sgd

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


def _adam(training: Settings, parameters: list["torch.Tensor"], decoupled: bool) -> Step:
    import torch
    from torch.optim.adam import adam

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
                decoupled_weight_decay=decoupled,
                amsgrad=False,
                beta1=training.betas[0],
                beta2=training.betas[1],
                lr=training.lr,
                weight_decay=training.weight_decay,
                eps=EPSILON,
                maximize=False,
            )

    return step


_MOMENTUM = ("lr", "momentum", "nesterov", "weight_decay")
_MOMENTS = ("lr", "betas", "weight_decay")
_ROWS = (
    Optimizer("sgd", codes.SGD, "SGD", _MOMENTUM, _sgd),
    Optimizer("adam", codes.ADAM, "Adam", _MOMENTS, partial(_adam, decoupled=False)),
    Optimizer("adamw", codes.ADAMW, "AdamW", _MOMENTS, partial(_adam, decoupled=True)),
)
OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType({row.name: row for row in _ROWS})
