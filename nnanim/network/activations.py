"""Activations: what is to be known of each, one row for each class of torch's.

They are known by the names of these classes, so torch is loaded only where one is asked for. A new
one is a row here and, where the kernels are to know it, a code in `kernels.codes` with its forward
and backward in `kernels.layers`, its forward in `kernels.forward` and its slope in
`kernels.tangents`; `training.reference` has its formula once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING

from nnanim.kernels import codes

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Activation:
    """An activation: what it gives, what the kernels know it by, and what others call it.

    `kind` is the name of torch's class, which is also the kind of a layer and what a recording
    calls it. Its outputs never leave [low, high]. `options` are up to two numbers that the kernels
    take: attributes of the module, by which torch can also make it, `usual` where nothing is said,
    or what they always are. One of straight pieces that meet in 0 at the first has `breaks` and,
    one more, the `slopes` between these, numbers or options; where it is smooth, or unknown to the
    kernels, they are left out.
    """

    kind: str
    name: str = ""  # in `models.mlp`; "" where that does not offer it, as for all below
    low: float = -inf
    high: float = inf
    code: int | None = None
    options: tuple[str | float, ...] = ()
    usual: tuple[float, ...] = ()
    breaks: tuple[float, ...] = ()
    slopes: tuple[str | float, ...] | None = None
    keras: str = ""
    sklearn: str = ""

    @property
    def module(self) -> "type[nn.Module]":
        """The class, as torch has it."""
        from torch import nn

        return getattr(nn, self.kind)  # type: ignore[no-any-return]

    @property
    def settings(self) -> tuple[str, ...]:
        """The options that a module has of its own, by torch's names."""
        return tuple(option for option in self.options if isinstance(option, str))

    @property
    def bounded(self) -> bool:
        """Whether its outputs have both a lowest and a highest value."""
        return -inf < self.low and self.high < inf


_ROWS = (
    Activation("Tanh", "tanh", -1.0, 1.0, codes.TANH, keras="tanh", sklearn="tanh"),
    Activation(
        "ReLU",
        "relu",
        0.0,
        code=codes.RELU,
        options=(0.0,),
        breaks=(0.0,),
        slopes=(0.0, 1.0),
        keras="relu",
        sklearn="relu",
    ),
    Activation(
        "LeakyReLU",
        "leaky_relu",
        code=codes.LEAKY_RELU,
        options=("negative_slope",),
        usual=(0.01,),
        breaks=(0.0,),
        slopes=("negative_slope", 1.0),
    ),
    Activation("Sigmoid", "sigmoid", 0.0, 1.0, codes.SIGMOID, keras="sigmoid", sklearn="logistic"),
    Activation(
        "Softplus",
        "softplus",
        0.0,
        code=codes.SOFTPLUS,
        options=("beta", "threshold"),
        usual=(1.0, 20.0),
        keras="softplus",
    ),
    Activation(
        "Identity",
        "identity",
        code=codes.IDENTITY,
        options=(1.0,),
        slopes=(1.0,),
        sklearn="identity",
    ),
    Activation("Softsign", low=-1.0, high=1.0),
    Activation("Hardtanh", low=-1.0, high=1.0),
    Activation("Hardsigmoid", low=0.0, high=1.0),
    Activation("Softmax", low=0.0, high=1.0),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({row.kind: row for row in _ROWS})
