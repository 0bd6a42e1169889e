"""Stacks: networks of known layers as the kernels see them, one flat parameter vector.

A stack is also what a recording can hold as a plain table. It is made of that without torch, which
`recognition` finds it by in a module and `modules` makes a module of.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import UsageError
from nnanim.kernels import codes
from nnanim.kernels.forward import forward
from nnanim.network.activations import ACTIVATIONS
from nnanim.network.optimizers import Rates, rate_of

Array = NDArray[Any]
Row = Mapping[str, Any]  # of a table: a layer's name, kind and options
Shapes = Mapping[str, tuple[int, ...]]  # of parameters and buffers, by torch's names


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
    def inputs(self) -> int:
        """How many inputs the first layer takes."""
        return int(self.table[0, codes.FAN_IN])

    def takes(self, rows: Array) -> bool:
        """Return whether these are rows (n, inputs) of its inputs."""
        return rows.shape[1:] == (self.inputs,)

    @property
    def width(self) -> int:
        """Inputs or units of the widest layer."""
        return int(self.table[:, codes.FAN_IN : codes.FAN_OUT + 1].max())

    def outputs(self, state: Mapping[str, Array], x: Array, names: Sequence[str]) -> list[Array]:
        """Return what the modules of those names give (n, units) for float32 inputs (n, inputs).

        Raises `UsageError` for inputs of another shape than the first layer takes.
        """
        starts, count = self.room(x, names)
        found = np.empty(count, np.float32)
        forward(x, self.table, self.options, *self.flat(state, np.float32), starts, found)
        return [self.part(found, starts, name, len(x)) for name in names]

    def room(self, x: Array, names: Sequence[str]) -> tuple[Array, int]:
        """Return where what each layer gives for x begins, -1 where it is not asked; and how many.

        Raises `UsageError` for inputs of another shape than the first layer takes.
        """
        if not self.takes(x):
            came = f"inputs have shape {x.shape}"
            raise UsageError(f"{came}: expected (n, inputs) with {self.inputs} inputs")
        starts, total = [-1] * len(self.table), 0
        for name in dict.fromkeys(names):
            row = self.rows[name]
            if starts[row] < 0:
                starts[row], total = total, total + len(x) * self.units(row)
        return np.array(starts), total

    def part(self, found: Array, starts: Array, name: str, n: int) -> Array:
        """Return what was found (…, numbers) of a layer, (…, n, units); `starts` are of `room`."""
        row = self.rows[name]
        start, units = int(starts[row]), self.units(row)
        return found[..., start : start + n * units].reshape(*found.shape[:-1], n, units)

    def units(self, row: int) -> int:
        """Return how many units the layer of a row of the table gives."""
        return int(self.table[row, codes.FAN_OUT])

    def flat(self, state: Mapping[str, Array], dtype: Any) -> tuple[Array, Array]:
        """Return parameters (p,) and running statistics (s,), at least one long, of a state."""
        return _gathered(state, self.places, dtype), _gathered(state, self.statistics, dtype)

    @property
    def trained(self) -> dict[str, tuple[int, int]]:
        """Where each tensor that is trained begins in the parameters, and where it ends."""
        ends = {
            name: (start, start + math.prod(shape)) for name, (start, shape) in self.places.items()
        }
        return {
            name: (low, high)
            for name, (low, high) in ends.items()
            if any(first <= low and high <= last for first, last in self.segments)
        }

    def trained_at(self, lr: Rates) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return ranges (k, 2) of the parameters that are trained, and the rates (k,) of each."""
        if not isinstance(lr, Mapping):
            return self.segments, np.full(len(self.segments), lr, np.float64)
        found: list[list[Any]] = []
        for name, (low, high) in self.trained.items():
            rate = rate_of(name, lr)
            if found and found[-1][1:] == [low, rate]:
                found[-1][1] = high
            else:
                found.append([low, high, rate])
        ends = np.array([entry[:2] for entry in found], np.int64)
        return ends, np.array([entry[2] for entry in found], np.float64)

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
    """Says in one phrase why a network is not a stack of known layers."""


def stack_of_table(layers: Sequence[Row], shapes: Shapes, frozen: Collection[str] = ()) -> Stack:
    """Return the stack of a table's `layers`, whose tensors have these shapes.

    Those of the names `frozen` are not trained. `NotAStack` says why it is none: layers of other
    kinds, or that do not fit each other.
    """
    writer = _Writer(shapes, frozen)
    for layer in layers:
        kind, name = layer["kind"], layer["name"]
        if kind not in KINDS:
            raise NotAStack(f"{kind} is not a layer that the kernel knows")
        _ADDED.get(kind, _add_activation)(writer, name, layer)
    if not writer.segments:
        raise NotAStack("it has no parameters to train")
    return Stack(
        np.array(writer.rows, np.int64),
        np.array(writer.options, np.float64),
        np.array(_joined(writer.segments), np.int64),
        writer.places,
        writer.statistics,
        tuple(writer.counters),
        tuple(dict(layer) for layer in layers),
        _rows([layer["name"] for layer in layers]),
    )


def tensor_name(layer: str, part: str) -> str:
    """Return torch's name of a part of a layer."""
    return f"{layer}.{part}" if layer else part


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

    def __init__(self, shapes: Shapes, frozen: Collection[str]) -> None:
        self.rows: list[list[int]] = []
        self.options: list[tuple[float, float]] = []
        self.segments: list[tuple[int, int]] = []
        self.places: dict[str, tuple[int, tuple[int, ...]]] = {}
        self.statistics: dict[str, tuple[int, tuple[int, ...]]] = {}
        self.counters: list[str] = []
        self._shapes, self._frozen = shapes, frozen
        self._parameters = 0
        self._statistics = 0

    def row(
        self, kind: int, units: tuple[int, int], at: tuple[int, int, int], *options: float
    ) -> None:
        if self.rows and units[0] != self.width():
            raise NotAStack("its layers do not fit each other")
        self.rows.append([kind, *units, *at])
        first, second = (*options, 0.0, 0.0)[:2]
        self.options.append((first, second))

    def width(self) -> int:
        if not self.rows:
            raise NotAStack("its first layer is not Linear or BatchNorm1d")
        return self.rows[-1][codes.FAN_OUT]

    def shape(self, name: str, ndim: int) -> tuple[int, ...]:
        shape = self._shapes.get(name, ())
        if len(shape) != ndim:
            raise NotAStack(f"it has no {name} of {ndim} dimensions")
        return shape

    def parameter(self, name: str, shape: tuple[int, ...]) -> int:
        """Give a tensor its place and return where it starts; -1 where there is none."""
        if name not in self._shapes:
            return -1
        self._check(name, shape)
        start, self._parameters = self._parameters, self._parameters + math.prod(shape)
        self.places[name] = (start, shape)
        if name not in self._frozen:
            self.segments.append((start, self._parameters))
        return start

    def statistic(self, name: str, shape: tuple[int, ...]) -> int:
        self._check(name, shape)
        start, self._statistics = self._statistics, self._statistics + math.prod(shape)
        self.statistics[name] = (start, shape)
        return start

    def _check(self, name: str, shape: tuple[int, ...]) -> None:
        if self._shapes.get(name) != shape:
            raise NotAStack(f"its {name} is not of shape {shape}")


def _add_linear(writer: _Writer, name: str, layer: Row) -> None:
    del layer
    outs, ins = shape = writer.shape(tensor_name(name, "weight"), 2)
    weight = writer.parameter(tensor_name(name, "weight"), shape)
    bias = writer.parameter(tensor_name(name, "bias"), (outs,))
    writer.row(codes.LINEAR, (ins, outs), (weight, bias, 0))


def _add_batch_norm(writer: _Writer, name: str, layer: Row) -> None:
    (units,) = shape = writer.shape(tensor_name(name, "running_mean"), 1)
    weight = writer.parameter(tensor_name(name, "weight"), shape)
    bias = writer.parameter(tensor_name(name, "bias"), shape)
    if (weight < 0) != (bias < 0):
        raise NotAStack(f"{name} has half of its weight and bias")
    start = writer.statistic(tensor_name(name, "running_mean"), shape)
    writer.statistic(tensor_name(name, "running_var"), shape)
    writer.counters.append(tensor_name(name, "num_batches_tracked"))
    options = (layer["eps"], layer["momentum"])
    writer.row(codes.BATCH_NORM, (units, units), (weight, bias, start), *options)


def _add_activation(writer: _Writer, name: str, layer: Row) -> None:
    del name
    row, width = ACTIVATIONS[layer["kind"]], writer.width()
    assert row.code is not None
    numbers = (o if isinstance(o, float) else layer[o] for o in row.options)
    writer.row(row.code, (width, width), (0, 0, 0), *numbers)


_ADDED: dict[str, Callable[[_Writer, str, Row], None]] = {
    "Linear": _add_linear,
    "BatchNorm1d": _add_batch_norm,
}
# What is known, by torch's names, and which attributes of it a recording's table holds, with what
# they usually are.
KINDS = (*_ADDED, *(kind for kind, row in ACTIVATIONS.items() if row.code is not None))
OPTIONS = {
    "BatchNorm1d": {"eps": 1e-5, "momentum": 0.1},
    **{k: dict(zip(row.settings, row.usual, strict=True)) for k, row in ACTIVATIONS.items()},
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
    if not places:
        return np.zeros(1, dtype)
    parts = [state[name] for name in places]
    return np.concatenate(parts, axis=None, dtype=dtype, casting="unsafe")
