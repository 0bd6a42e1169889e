"""Models: functions without arguments that return a fresh torch module."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, get_args

import numpy as np

from nnanim.errors import SceneError, unknown
from nnanim.network.activations import ACTIVATIONS
from nnanim.ranges import Names
from nnanim.types import State

if TYPE_CHECKING:
    from torch import nn

__all__ = ["mlp"]

_ACTIVATIONS = {row.name: row for row in ACTIVATIONS.values() if row.name}
_Activation = Annotated[str, Names(tuple(_ACTIVATIONS))]
Init = Literal["torch", "glorot", "mean_field"]
_LARGEST = 2**22  # parameters, and their scale; beyond that, what goes wrong is torch's to say


@dataclass(frozen=True, repr=False)
class Mlp:
    """A stack of Linear layers; call it for a fresh one. See `mlp`."""

    widths: tuple[int, ...]
    activation: _Activation
    output: _Activation
    init: Init
    scale: float
    batch_norm: bool = False
    bias: bool = True

    def __post_init__(self) -> None:
        widths = self.widths
        if len(widths) < 2 or not all(isinstance(width, int) and width >= 1 for width in widths):
            raise SceneError(
                f"mlp{widths!r}: expected at least two whole numbers >= 1, as mlp(2, 3, 1)"
            )
        for what, came in (("activation", self.activation), ("output activation", self.output)):
            if came not in _ACTIVATIONS:
                raise SceneError(unknown(what, came, _ACTIVATIONS))
        if self.init not in get_args(Init):
            raise SceneError(unknown("init", self.init, get_args(Init)))
        if not self.scale > 0:
            raise SceneError(f"mlp(scale={self.scale!r}): expected a number above 0")

    def __repr__(self) -> str:
        """Return the call of `mlp` that makes it."""
        others = (entry.name for entry in fields(self)[1:])
        told = [*map(str, self.widths), *(f"{name}={getattr(self, name)!r}" for name in others)]
        return f"mlp({', '.join(told)})"

    def __call__(self) -> "nn.Sequential":
        """Return the module, initialised from torch's random numbers as they stand."""
        from torch import nn  # which nothing else here has need of

        parts: OrderedDict[str, nn.Module] = OrderedDict()
        for block in self._blocks():
            parts[block.name] = nn.Sequential(*(self._made(kind, block) for kind in block.kinds))
        return nn.Sequential(parts)

    @property
    def layers(self) -> list[dict[str, Any]]:
        """Name, kind and options of each layer of its module, as a stack's table holds them."""
        from nnanim.network.stack import OPTIONS  # numba, which nothing above has need of

        return [
            {"name": f"{block.name}.{i}", "kind": kind, **OPTIONS.get(kind, {})}
            for block in self._blocks()
            for i, kind in enumerate(block.kinds)
        ]

    def initial(self, seed: int) -> State | None:
        """Return the parameters and buffers of its module, made after torch was given a seed.

        They are the same to the bit, by the same names and in their order, and torch is not loaded.
        None where only torch itself knows them.
        """
        from nnanim.network.initial import Numbers, known  # llvmlite, of which as above

        size = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(self.widths))
        plain = isinstance(self.scale, int | float) and 1 / _LARGEST < self.scale < _LARGEST
        if self.init == "mean_field" or size > _LARGEST or not (plain and known()):
            return None
        state: State = {}
        numbers = Numbers(seed)
        for block in self._blocks():
            weight, bias = numbers.linear(block.fan_in, block.fan_out, bias=self.bias)
            if self.init == "glorot":
                weight = numbers.glorot(block.fan_in, block.fan_out)
            state[f"{block.name}.0.weight"] = weight * np.float32(self.scale)
            if bias is not None:
                state[f"{block.name}.0.bias"] = (
                    bias if self.init == "torch" else np.zeros_like(bias)
                )
            if "BatchNorm1d" in block.kinds:
                state |= _fresh_norm(f"{block.name}.1", block.fan_out)
        return state

    def _blocks(self) -> "Iterator[_Block]":
        for i, (fan_in, fan_out) in enumerate(pairwise(self.widths), start=1):
            last = i == len(self.widths) - 1
            activation = self.output if last else self.activation
            kinds = ["Linear", "BatchNorm1d"] if self.batch_norm and not last else ["Linear"]
            if activation != "identity":
                kinds.append(_ACTIVATIONS[activation].kind)
            name = "output" if last else f"hidden{i}"
            yield _Block(name, fan_in, fan_out, activation, kinds, last)

    def _made(self, kind: str, block: "_Block") -> "nn.Module":
        from torch import nn

        if kind == "Linear":
            return self._linear(block)
        if kind == "BatchNorm1d":
            return nn.BatchNorm1d(block.fan_out)
        return ACTIVATIONS[kind].module()

    def _linear(self, block: "_Block") -> "nn.Linear":
        from torch import nn

        linear = nn.Linear(block.fan_in, block.fan_out, bias=self.bias)
        if self.init == "glorot":
            nn.init.xavier_uniform_(linear.weight)
        elif self.init == "mean_field":
            gain = 1.0 if block.activation == "identity" else 2.0
            deviation = 1 / block.fan_in if block.last else (gain / block.fan_in) ** 0.5
            nn.init.normal_(linear.weight, std=deviation)
        if self.bias and self.init != "torch":
            nn.init.zeros_(linear.bias)
        linear.weight.data.mul_(self.scale)
        return linear


class _Block(NamedTuple):
    """A Linear and what follows it: a module of the network's, made of layers of some kinds."""

    name: str
    fan_in: int
    fan_out: int
    activation: str
    kinds: list[str]
    last: bool


def _fresh_norm(name: str, units: int) -> State:
    """Return the parameters and buffers of a BatchNorm1d that has seen nothing."""
    return {
        f"{name}.weight": np.ones(units, np.float32),
        f"{name}.bias": np.zeros(units, np.float32),
        f"{name}.running_mean": np.zeros(units, np.float32),
        f"{name}.running_var": np.ones(units, np.float32),
        f"{name}.num_batches_tracked": np.array(0),
    }


def mlp(
    *widths: int,
    activation: str = "tanh",
    output: str = "identity",
    init: Init = "torch",
    scale: float = 1.0,
    batch_norm: bool = False,
    bias: bool = True,
) -> Mlp:
    """Return a model of Linear layers of these widths, inputs first, outputs last.

    Its layers are named `hidden1`, `hidden2` … and `output`; a hidden layer is Linear and
    activation together, so its output is after the activation. `mlp(2, 1)` has no hidden layer.
    `init="glorot"` starts as Keras's Dense does (Glorot and Bengio 2010: uniform weights, zero
    bias), `init="mean_field"` from normal weights whose standard deviation is √(2 / inputs),
    √(1 / inputs) before identity and 1 / inputs in the last layer, with zero bias (Sohl-Dickstein
    2024, arXiv:2402.06184); `scale` multiplies the initial weights; `batch_norm` puts a BatchNorm1d
    between the Linear and the activation of each hidden layer; `bias=False` leaves biases out.
    Raises `SceneError` for what cannot be built.
    """
    return Mlp(widths, activation, output, init, scale, batch_norm, bias)


def __dir__() -> list[str]:
    return __all__
