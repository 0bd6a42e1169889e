"""Stages: what each layer does to space, one thing after the other.

A layer of a known stack is a linear map, a shift and a nonlinearity, BatchNorm (in evaluation)
folded into the first two. Between layers of any other module there is one stage, in which the
outputs of the one blend into those of the next: of a residual block x + f(x) that is x + u·f(x).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError
from nnanim.geometry import eased
from nnanim.network.network import Network
from nnanim.network.stack import Stack
from nnanim.types import Floats

Kind = Literal["linear", "shift", "bend", "blend"]
INPUT = None  # in place of a module's name: what the network is given

# Seconds of a passage: on the input, for each stage, of rest behind it, and on what came of it all.
_FIRST, _MOVE, _REST, _LAST = 1.2, 0.9, 0.35, 1.2


@dataclass(frozen=True)
class Stage:
    """One thing that layer number `layer`, from 0, does to what the module `before` gives.

    The linear map and the shift, which go before a nonlinearity, lead together to what `after`
    gives; `rows` are theirs in the stack. `function` is the class of a nonlinearity.
    """

    kind: Kind
    layer: int
    before: str | None
    after: str
    rows: tuple[int, ...] = ()
    function: str = ""


Stages = Sequence[Sequence[Stage]]  # of each layer in turn


def stages_of(network: Network, layers: Sequence[str]) -> Stages:
    """Return the stages of each of the `layers` in turn; `SceneError` for another order."""
    stack = network.stack
    if stack is None or not all(name in stack.rows for name in layers):
        befores = [INPUT, *layers]
        return [
            [Stage("blend", i, before, after)]
            for i, (before, after) in enumerate(zip(befores, layers, strict=False))
        ]
    ends = [stack.rows[name] for name in layers]
    if ends != sorted(set(ends)):
        raise SceneError(
            f"a morph through {', '.join(map(repr, layers))}: expected layers in the order in "
            "which the network has them, each once"
        )
    starts = [0, *(end + 1 for end in ends)]
    return [_of_rows(stack, i, *span) for i, span in enumerate(zip(starts, ends, strict=False))]


def _of_rows(stack: Stack, layer: int, first: int, last: int) -> list[Stage]:
    """Return the stages of a layer that is these rows of a stack."""
    names = [str(each["name"]) for each in stack.layers]
    found: list[Stage] = []
    affine: list[int] = []
    begin = names[first - 1] if first else INPUT

    def settle() -> None:
        """Add the linear map and the shift that the rows so far make together."""
        if affine:
            ends = begin, names[affine[-1]], tuple(affine)
            found.append(Stage("linear", layer, *ends))
            if any(_shifts(stack, row) for row in affine):
                found.append(Stage("shift", layer, *ends))

    for row in range(first, last + 1):
        kind = str(stack.layers[row]["kind"])
        if kind in ("Linear", "BatchNorm1d"):
            affine.append(row)
        elif kind != "Identity":
            settle()
            before = names[row - 1] if row else INPUT
            found.append(Stage("bend", layer, before, names[row], function=kind))
            affine, begin = [], names[row]
    settle()
    return found


def _shifts(stack: Stack, row: int) -> bool:
    name = str(stack.layers[row]["name"])
    kind = str(stack.layers[row]["kind"])
    return kind == "BatchNorm1d" or f"{name}.bias" in stack.places


def affine_of(
    stack: Stack, rows: Sequence[int], state: Mapping[str, NDArray[Any]]
) -> tuple[Floats, Floats]:
    """Return the matrix (m, n) and the shift (m,) of rows of a stack, one after the other."""
    matrix, shift = np.eye(int(stack.table[rows[0]][1])), np.zeros(int(stack.table[rows[0]][1]))
    for row in rows:
        by, then = _affine(stack, row, state)
        matrix, shift = by @ matrix, by @ shift + then
    return matrix, shift


def _affine(stack: Stack, row: int, state: Mapping[str, NDArray[Any]]) -> tuple[Floats, Floats]:
    """Return what one row does, x → matrix·x + shift; BatchNorm by its running statistics."""
    name, units = str(stack.layers[row]["name"]), int(stack.table[row][2])

    def part(tensor: str, otherwise: float) -> Floats:
        found = state.get(f"{name}.{tensor}" if name else tensor)
        return np.full(units, otherwise) if found is None else np.asarray(found, np.float64)

    if stack.layers[row]["kind"] == "Linear":
        return part("weight", 1.0), part("bias", 0.0)
    scale = part("weight", 1.0) / np.sqrt(part("running_var", 1.0) + stack.options[row, 0])
    return np.diag(scale), part("bias", 0.0) - scale * part("running_mean", 0.0)


def place(stages: Stages, depth: float) -> tuple[Stage, float]:
    """Return the stage at a depth, and what share of it is over."""
    layer = min(int(depth), len(stages) - 1)
    at = (depth - layer) * len(stages[layer])
    number = min(int(at), len(stages[layer]) - 1)
    return stages[layer][number], float(np.clip(at - number, 0.0, 1.0))


def seconds_of(stages: Stages) -> float:
    """Return how long a passage through all stages takes at its own speed."""
    return _FIRST + sum(map(len, stages)) * (_MOVE + _REST) + _LAST


def depth_at(stages: Stages, share: float) -> float:
    """Return how deep a passage has come when a share of its time is over, from 0 to the last.

    Each stage begins and ends easily, and rests a while.
    """
    left = share * seconds_of(stages) - _FIRST
    for layer, own in enumerate(stages):
        for number in range(len(own)):
            if left < _MOVE:
                return layer + (number + eased(max(0.0, left) / _MOVE)) / len(own)
            left -= _MOVE + _REST
            if left < 0:
                return layer + (number + 1) / len(own)
    return float(len(stages))
