"""Optimisers by name: torch's classes, and their steps as functions of the gradients.

A new one is a row here with its step, and a code with its update in `kernels.codes` and
`kernels.train`. A scene looks names up here, so torch is loaded only where one is asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from nnanim.errors import SceneError, unknown
from nnanim.kernels import codes

if TYPE_CHECKING:
    import torch

Step = Callable[[Sequence["torch.Tensor"]], None]
Rates = float | Mapping[str, float]  # one learning rate, or one for each layer by its name

EPSILON = 1e-8  # torch's, where a square root divides


class Settings(Protocol):
    """What a training sets, by torch's names."""

    @property
    def lr(self) -> Rates:
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

    It takes those `settings` of a training, and the learning rate. `steps` returns, for a training,
    parameters and their rate, what takes one step given all gradients: torch's classes load its
    compiler when the first is made, which takes a second of every run.
    """

    name: str
    code: int
    kind: str
    settings: tuple[str, ...]
    steps: Callable[[Settings, list["torch.Tensor"], float], Step]

    def made(
        self, parameters: Mapping[str, "torch.Tensor"], training: Settings
    ) -> "torch.optim.Optimizer":
        """Return torch's own for these parameters, by their names."""
        import torch

        settings = {name: getattr(training, name) for name in self.settings}
        groups = [
            {"params": [parameters[name] for name in names], "lr": rate}
            for rate, names in _by_rate(training.lr, parameters)
        ]
        return getattr(torch.optim, self.kind)(groups, **settings)  # type: ignore[no-any-return]

    def stepper(self, training: Settings, parameters: Mapping[str, "torch.Tensor"]) -> Step:
        """Return what takes one step given the gradients of these parameters, in their order."""
        order = list(parameters)
        parts = [
            ([order.index(name) for name in names], [parameters[name] for name in names], rate)
            for rate, names in _by_rate(training.lr, parameters)
        ]
        steps = [(at, self.steps(training, group, rate)) for at, group, rate in parts]

        def step(gradients: Sequence["torch.Tensor"]) -> None:
            for at, part in steps:
                part([gradients[i] for i in at])

        return step


def check_rates(lr: Rates, names: Sequence[str]) -> None:
    """Refuse rates that leave out one of the parameters of these names, or name no layer of theirs.

    Raises `SceneError`.
    """
    if not isinstance(lr, Mapping):
        return
    layers = list(dict.fromkeys(name.partition(".")[0] for name in names))
    for layer in lr:
        if not any(_within(layer, name) for name in names):
            raise SceneError(unknown("layer of lr", layer, layers))
    for name in names:
        if not any(_within(layer, name) for layer in lr):
            raise SceneError(
                f"lr has no rate for {name!r}: expected one for each of {', '.join(layers)}"
            )


def rate_of(name: str, lr: Rates) -> float:
    """Return the learning rate of a parameter: that of the innermost layer that it lies in."""
    if not isinstance(lr, Mapping):
        return lr
    return lr[max((layer for layer in lr if _within(layer, name)), key=len)]


def _within(layer: str, name: str) -> bool:
    return f"{name}.".startswith(f"{layer}.")


def _by_rate(lr: Rates, names: Iterable[str]) -> list[tuple[float, list[str]]]:
    """Return the rates, each with the names of its parameters."""
    found: dict[float, list[str]] = {}
    for name in names:
        found.setdefault(rate_of(name, lr), []).append(name)
    return list(found.items())


def _sgd(training: Settings, parameters: list["torch.Tensor"], lr: float) -> Step:
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
                lr=lr,
                dampening=0.0,
                nesterov=training.nesterov,
                maximize=False,
            )

    return step


def _adam(training: Settings, parameters: list["torch.Tensor"], lr: float, decoupled: bool) -> Step:
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
                lr=lr,
                weight_decay=training.weight_decay,
                eps=EPSILON,
                maximize=False,
            )

    return step


_MOMENTUM = ("momentum", "nesterov", "weight_decay")
_MOMENTS = ("betas", "weight_decay")
_ROWS = (
    Optimizer("sgd", codes.SGD, "SGD", _MOMENTUM, _sgd),
    Optimizer("adam", codes.ADAM, "Adam", _MOMENTS, partial(_adam, decoupled=False)),
    Optimizer("adamw", codes.ADAMW, "AdamW", _MOMENTS, partial(_adam, decoupled=True)),
)
OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType({row.name: row for row in _ROWS})
