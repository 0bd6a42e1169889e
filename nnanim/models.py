"""Models: functions without arguments that return a fresh torch module."""

from collections import OrderedDict
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from nnanim.errors import SceneError, unknown
from nnanim.network.activations import ACTIVATIONS
from nnanim.ranges import Names

if TYPE_CHECKING:
    from torch import nn

__all__ = ["mlp"]

_ACTIVATIONS = {row.name: row for row in ACTIVATIONS.values() if row.name}
_Activation = Annotated[str, Names(tuple(_ACTIVATIONS))]
Init = Literal["torch", "glorot", "mean_field"]


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
        pairs = list(zip(self.widths, self.widths[1:], strict=False))
        for i, (fan_in, fan_out) in enumerate(pairs, start=1):
            last = i == len(pairs)
            kind = self.output if last else self.activation
            name = "output" if last else f"hidden{i}"
            parts[name] = self._layer(fan_in, fan_out, kind, last)
        return nn.Sequential(parts)

    def _layer(self, fan_in: int, fan_out: int, activation: str, last: bool) -> "nn.Sequential":
        from torch import nn

        linear = nn.Linear(fan_in, fan_out, bias=self.bias)
        if self.init == "glorot":
            nn.init.xavier_uniform_(linear.weight)
        elif self.init == "mean_field":
            gain = 1.0 if activation == "identity" else 2.0
            nn.init.normal_(linear.weight, std=1 / fan_in if last else (gain / fan_in) ** 0.5)
        if self.bias and self.init != "torch":
            nn.init.zeros_(linear.bias)
        linear.weight.data.mul_(self.scale)
        modules: list[nn.Module] = [linear]
        if self.batch_norm and not last:
            modules.append(nn.BatchNorm1d(fan_out))
        if activation != "identity":
            modules.append(_ACTIVATIONS[activation].module())
        return nn.Sequential(*modules)


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
