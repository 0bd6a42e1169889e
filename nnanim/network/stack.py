"""Stacks: modules of known layers as the training kernel sees them, one flat parameter vector.

A stack is also what a recording can hold as a plain table, from which `modules` makes a module.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.errors import UsageError
from nnanim.kernels import layers as kernel
from nnanim.kernels.forward import forward
from nnanim.network.activations import ACTIVATIONS

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Stack:
    """A stack's layers as the kernel's table, and where each tensor lies in the flat vectors.

    `table` (layers, 6) has the columns of `kernels.train`, `options` (layers, 2) its numbers,
    `segments` (k, 2) the ranges of the parameter vector that are trained. `places` and
    `statistics` map torch's names to (start, shape) in the parameters and the running statistics;
    `counters` are the names of BatchNorm's step counts. `rows` says which row of the table gives
    what a module gives, by its name; "" is the whole stack.
    """

    table: NDArray[np.int64]
    options: NDArray[np.float64]
    segments: NDArray[np.int64]
    places: dict[str, tuple[int, tuple[int, ...]]]
    statistics: dict[str, tuple[int, tuple[int, ...]]]
    counters: tuple[str, ...]
    layers: tuple[dict[str, Any], ...]  # name, kind and options of each, as JSON holds them
    rows: dict[str, int]

    @property
    def width(self) -> int:
        """Inputs or units of the widest layer."""
        return int(self.table[:, kernel.FAN_IN : kernel.FAN_OUT + 1].max())

    def outputs(self, state: Mapping[str, Array], x: Array, names: Sequence[str]) -> list[Array]:
        """Return what the modules of those names give (n, units) for float32 inputs (n, inputs).

        Raises `UsageError` for inputs of another shape than the first layer takes.
        """
        inputs = int(self.table[0, kernel.FAN_IN])
        if x.ndim != 2 or x.shape[1] != inputs:
            came = f"inputs have shape {x.shape}"
            raise UsageError(f"{came}: expected (n, inputs) with {inputs} inputs")
        parameters, statistics = self.flat(state, np.float32)
        starts, total = np.full(len(self.table), -1), 0
        for row in {self.rows[name] for name in names}:
            starts[row], total = total, total + len(x) * int(self.table[row, kernel.FAN_OUT])
        found = np.empty(total, np.float32)
        forward(x, self.table, self.options, parameters, statistics, starts, found)
        return [self._part(found, int(starts[self.rows[name]]), name, len(x)) for name in names]

    def _part(self, found: Array, start: int, name: str, n: int) -> Array:
        units = int(self.table[self.rows[name], kernel.FAN_OUT])
        return found[start : start + n * units].reshape(n, units)

    def flat(self, state: Mapping[str, Array], dtype: Any) -> tuple[Array, Array]:
        """Return parameters (p,) and running statistics (s,), at least one long, of a state."""
        return _gathered(state, self.places, dtype), _gathered(state, self.statistics, dtype)

    def states(self, kept: Array, statistics: Array, counts: Array) -> dict[str, Array]:
        """Return by torch's names the states (k, …) of k flat vectors; `counts` (k,) are steps."""
        found: dict[str, Array] = {}
        for source, places in ((kept, self.places), (statistics, self.statistics)):
            for name, (start, shape) in places.items():
                part = source[:, start : start + math.prod(shape)]
                found[name] = part if part.shape[1:] == shape else part.reshape(-1, *shape)
        for name in self.counters:
            found[name] = counts.astype(np.int64)
        return found


class NotAStack(Exception):  # noqa: N818  # a finding, not a failure
    """Says in one phrase why a module is not a stack of known layers."""


def stack_of(module: nn.Module) -> Stack:
    """Return `module` as a stack; `NotAStack` says why it is none.

    Known are Linear, BatchNorm1d and the activations that have a kernel code, in an
    `nn.Sequential`, nested and named as it may be, without hooks and without shared parameters.
    """
    writer = _Writer()
    layers: list[dict[str, Any]] = []
    leaves = list(_leaves("", module))
    for name, layer in leaves:
        if type(layer) not in _LAYERS:
            raise NotAStack(f"{type(layer).__name__} is not a layer that the kernel knows")
        _LAYERS[type(layer)](writer, name, layer)
        kind = type(layer).__name__
        options = {option: getattr(layer, option) for option in OPTIONS.get(kind, ())}
        layers.append({"name": name, "kind": kind, **options})
    if not writer.segments:
        raise NotAStack("it has no parameters to train")
    return Stack(
        np.array(writer.rows, np.int64),
        np.array(writer.options, np.float64),
        np.array(_joined(writer.segments), np.int64),
        writer.places,
        writer.statistics,
        tuple(writer.counters),
        tuple(layers),
        _rows([name for name, _ in leaves]),
    )


def why_no_stack(module: nn.Module) -> str:
    """Return in one phrase why a module is not a stack of known layers; "" where it is one."""
    try:
        stack_of(module)
    except NotAStack as reason:
        return str(reason)
    return ""


def layers_of(module: nn.Module) -> list[dict[str, Any]] | None:
    """Return the table of a stack's layers, as JSON holds it; None for a module that is none."""
    try:
        return list(stack_of(module).layers)
    except NotAStack:
        return None


def tensor_name(layer: str, part: str) -> str:
    """Return torch's name of a part of a layer."""
    return f"{layer}.{part}" if layer else part


def _leaves(name: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    hooks = (
        module._forward_hooks,
        module._forward_pre_hooks,
        module._backward_hooks,
        module._backward_pre_hooks,
    )
    if any(hooks):
        raise NotAStack(f"{name or 'it'} has hooks")
    if type(module) is not nn.Sequential:
        yield name, module
        return
    for child, part in module.named_children():
        yield from _leaves(f"{name}.{child}" if name else child, part)
    if len(list(module.named_children())) < len(module):
        raise NotAStack("it uses one layer twice")


def _rows(leaves: list[str]) -> dict[str, int]:
    """Return the last of the leaves in each module, by the module's name."""
    rows = {"": len(leaves) - 1}
    for row, leaf in enumerate(leaves):
        parts = leaf.split(".")
        rows |= {".".join(parts[: i + 1]): row for i in range(len(parts))}
    rows[""] = len(leaves) - 1
    return rows


class _Writer:
    """Collects the rows of a stack's table."""

    def __init__(self) -> None:
        self.rows: list[list[int]] = []
        self.options: list[tuple[float, float]] = []
        self.segments: list[tuple[int, int]] = []
        self.places: dict[str, tuple[int, tuple[int, ...]]] = {}
        self.statistics: dict[str, tuple[int, tuple[int, ...]]] = {}
        self.counters: list[str] = []
        self._parameters = 0
        self._statistics = 0
        self._seen: set[int] = set()

    def row(
        self, kind: int, units: tuple[int, int], at: tuple[int, int, int], *options: float
    ) -> None:
        self.rows.append([kind, *units, *at])
        first, second = (*options, 0.0, 0.0)[:2]
        self.options.append((first, second))

    def width(self) -> int:
        if not self.rows:
            raise NotAStack("its first layer is not Linear or BatchNorm1d")
        return self.rows[-1][kernel.FAN_OUT]

    def parameter(self, name: str, tensor: torch.Tensor | None) -> int:
        """Give a tensor its place and return where it starts; -1 where there is none."""
        if tensor is None:
            return -1
        if id(tensor) in self._seen:
            raise NotAStack(f"{name} is shared between layers")
        self._seen.add(id(tensor))
        start, self._parameters = self._parameters, self._parameters + tensor.numel()
        self.places[name] = (start, tuple(tensor.shape))
        if tensor.requires_grad:
            self.segments.append((start, self._parameters))
        return start

    def statistic(self, name: str, tensor: torch.Tensor) -> int:
        start, self._statistics = self._statistics, self._statistics + tensor.numel()
        self.statistics[name] = (start, tuple(tensor.shape))
        return start


def _add_linear(writer: _Writer, name: str, layer: nn.Linear) -> None:
    weight = writer.parameter(tensor_name(name, "weight"), layer.weight)
    bias = writer.parameter(tensor_name(name, "bias"), layer.bias)
    writer.row(kernel.LINEAR, (layer.in_features, layer.out_features), (weight, bias, 0))


def _add_batch_norm(writer: _Writer, name: str, layer: nn.BatchNorm1d) -> None:
    mean, variance = layer.running_mean, layer.running_var
    if mean is None or variance is None or layer.momentum is None:
        raise NotAStack(f"{name} keeps no running statistics with a momentum")
    weight = writer.parameter(tensor_name(name, "weight"), layer.weight)
    bias = writer.parameter(tensor_name(name, "bias"), layer.bias)
    start = writer.statistic(tensor_name(name, "running_mean"), mean)
    writer.statistic(tensor_name(name, "running_var"), variance)
    writer.counters.append(tensor_name(name, "num_batches_tracked"))
    units = (layer.num_features, layer.num_features)
    writer.row(kernel.BATCH_NORM, units, (weight, bias, start), layer.eps, layer.momentum)


def _adder(kind: int, options: Sequence[str | float]) -> Callable[[_Writer, str, Any], None]:
    def add(writer: _Writer, _name: str, layer: Any) -> None:
        width = writer.width()
        numbers = (o if isinstance(o, float) else getattr(layer, o) for o in options)
        writer.row(kind, (width, width), (0, 0, 0), *numbers)

    return add


_LAYERS: dict[type[nn.Module], Callable[[_Writer, str, Any], None]] = {
    nn.Linear: _add_linear,
    nn.BatchNorm1d: _add_batch_norm,
    **{
        row.module: _adder(row.code, row.options)
        for row in ACTIVATIONS.values()
        if row.code is not None
    },
}
# By the kind of a layer: torch's class, and which attributes of it a recording's table holds.
KINDS = {kind.__name__: kind for kind in _LAYERS}
OPTIONS = {
    "BatchNorm1d": ("eps", "momentum"),
    **{kind: row.settings for kind, row in ACTIVATIONS.items()},
}


def _joined(segments: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return neighbouring ranges as one: fewer, longer loops."""
    joined = [segments[0]]
    for low, high in segments[1:]:
        if low == joined[-1][1]:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _gathered(
    state: Mapping[str, Array], places: dict[str, tuple[int, tuple[int, ...]]], dtype: Any
) -> Array:
    parts = [np.asarray(state[name], dtype).ravel() for name in places]
    return np.concatenate(parts) if parts else np.zeros(1, dtype)
