"""Activations: what is to be known of each, one row for each class of torch's.

A new one is a row here and, where the kernels are to know it, a code with its forward and backward
in `kernels.layers` and its forward in `kernels.forward`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType

from torch import nn

from nnanim.kernels import layers as kernel


@dataclass(frozen=True)
class Activation:
    """An activation: what it gives, what the kernels know it by, and what others call it.

    Its outputs never leave [low, high]. `options` are up to two numbers that the kernels take:
    attributes of the module, by which torch can also make it, or what they always are.
    """

    module: type[nn.Module]
    name: str = ""  # in `models.mlp`; "" where that does not offer it, as for all below
    low: float = -inf
    high: float = inf
    code: int | None = None
    options: tuple[str | float, ...] = ()
    keras: str = ""
    sklearn: str = ""

    @property
    def settings(self) -> tuple[str, ...]:
        """The options that a module has of its own, by torch's names."""
        return tuple(option for option in self.options if isinstance(option, str))

    @property
    def bounded(self) -> bool:
        """Whether its outputs have both a lowest and a highest value."""
        return -inf < self.low and self.high < inf


_ROWS = (
    Activation(nn.Tanh, "tanh", -1.0, 1.0, kernel.TANH, keras="tanh", sklearn="tanh"),
    Activation(
        nn.ReLU, "relu", 0.0, code=kernel.RELU, options=(0.0,), keras="relu", sklearn="relu"
    ),
    Activation(nn.LeakyReLU, "leaky_relu", code=kernel.LEAKY_RELU, options=("negative_slope",)),
    Activation(
        nn.Sigmoid, "sigmoid", 0.0, 1.0, kernel.SIGMOID, keras="sigmoid", sklearn="logistic"
    ),
    Activation(
        nn.Softplus,
        "softplus",
        0.0,
        code=kernel.SOFTPLUS,
        options=("beta", "threshold"),
        keras="softplus",
    ),
    Activation(nn.Identity, "identity", code=kernel.IDENTITY, options=(1.0,), sklearn="identity"),
    Activation(nn.Softsign, low=-1.0, high=1.0),
    Activation(nn.Hardtanh, low=-1.0, high=1.0),
    Activation(nn.Hardsigmoid, low=0.0, high=1.0),
    Activation(nn.Softmax, low=0.0, high=1.0),
)

# By the name of torch's class, which is also the kind of a layer and what a recording calls it.
ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {row.module.__name__: row for row in _ROWS}
)
