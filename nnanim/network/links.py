"""Links: a network as a chain of affine maps and bends, where it is piecewise linear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from nnanim.errors import SceneError
from nnanim.network.activations import ACTIVATIONS
from nnanim.network.stack import tensor_name
from nnanim.types import Floats, State


@dataclass(frozen=True)
class Bend:
    """A continuous piecewise linear function: slope · z + shift on each piece between `breaks`.

    These rise; there is one slope and one shift more than breaks.
    """

    breaks: tuple[float, ...]
    slopes: tuple[float, ...]
    shifts: tuple[float, ...]

    @property
    def rows(self) -> list[tuple[float, float, float]]:
        """Where each piece begins, its slope and its shift."""
        return list(zip((-inf, *self.breaks), self.slopes, self.shifts, strict=True))

    def of(self, values: Floats) -> Floats:
        """Return what it makes of values."""
        piece = np.searchsorted(np.array(self.breaks), values)
        return np.asarray(np.array(self.slopes)[piece] * values + np.array(self.shifts)[piece])


STRAIGHT = Bend((), (1.0,), (0.0,))
PRELU = Bend((0.0,), (0.25, 1.0), (0.0, 0.0))  # as torch begins


@dataclass(frozen=True)
class Link:
    """One leaf of a chain, a "Linear", a "BatchNorm1d", or a bend; of a "PReLU", as it begins.

    `name` is its module's; that of one which is called again is name#2, name#3 … there.
    """

    name: str
    kind: str
    eps: float = 0.0
    bend: Bend | None = None

    def affine(self, state: State) -> tuple[Floats, Floats]:
        """Return weight (units, before) and bias (units,) of a Linear or a BatchNorm at a state."""
        found = self._tensors(state)
        if self.kind == "Linear":
            weight = found["weight"]
            return weight, found.get("bias", np.zeros(len(weight)))
        mean, root = found["running_mean"], np.sqrt(found["running_var"] + self.eps)
        scale = found.get("weight", np.ones(len(mean))) / root
        return np.diag(scale), found.get("bias", np.zeros(len(mean))) - mean * scale

    def bends(self, state: State, units: int) -> list[Bend]:
        """Return what it makes of each of so many units at a state."""
        assert self.bend is not None
        if self.kind != "PReLU":
            return [self.bend] * units
        slopes = np.broadcast_to(self._tensors(state)["weight"], units).tolist()
        return [bend_through(self.bend.breaks, (slope, 1.0)) for slope in slopes]

    def _tensors(self, state: State) -> dict[str, Floats]:
        module = self.name.split("#")[0]
        return {
            part: np.asarray(state[name], np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
            if (name := tensor_name(module, part)) in state
        }


def bend_through(breaks: Sequence[float], slopes: Sequence[float], at: float = 0.0) -> Bend:
    """Return the bend of such breaks and slopes that is `at` at its first break, or at 0."""
    before = breaks[0] if breaks else 0.0
    shifts = [at - slopes[0] * before]
    for place, one, other in zip(breaks, slopes, slopes[1:], strict=False):
        shifts.append(shifts[-1] + (one - other) * place)
    return Bend(tuple(breaks), tuple(slopes), tuple(shifts))


def links_of_table(layers: Sequence[Mapping[str, Any]]) -> tuple[Link, ...]:
    """Return the links of a stack's table; `SceneError` where one of its layers is smooth."""
    return tuple(_link(layer) for layer in layers)


def _link(layer: Mapping[str, Any]) -> Link:
    name, kind = layer["name"], layer["kind"]
    if kind not in ACTIVATIONS:
        return Link(name, kind, layer.get("eps", 0.0))
    row = ACTIVATIONS[kind]
    if row.slopes is None:
        raise smooth(name, kind)
    slopes = [slope if isinstance(slope, float) else layer[slope] for slope in row.slopes]
    return Link(name, "bend", bend=bend_through(row.breaks, slopes))


def smooth(name: str, kind: str) -> SceneError:
    """Return the error of a part that is not piecewise linear."""
    return SceneError(
        f"Folding shows a network that is linear on polygons, and {name or 'its part'!r} is "
        f"{kind}: expected Linear, BatchNorm1d and activations of straight pieces, as ReLU, "
        "PReLU, Hardtanh or one of your own as a module without parameters; use Jacobian"
    )
