"""Stacked: a network of known layers, as its table tells of it, without torch."""

import math
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnanim.kernels import codes
from nnanim.kernels.forward import forward
from nnanim.network.differences import gradient
from nnanim.network.links import Link, links_of_table
from nnanim.network.network import Facts, LayerFacts, Network, ReadOut, Tensor
from nnanim.network.rows import rows_of
from nnanim.network.stack import Stack
from nnanim.network.tangents import tangents_of
from nnanim.types import Floats, State

if TYPE_CHECKING:
    from torch import nn

_STACKS = 64  # whose facts stay known
_NARROW = 64  # units; of the kernel and torch, measured, up to here the kernel is faster


class StackedNetwork(Network):
    """A stack of known layers: what is asked of it the kernels answer, where it is `narrow`."""

    runs = True
    stack: Stack

    def __init__(self, stack: Stack) -> None:
        super().__init__(_known_facts(stack))
        self.stack = stack
        self.narrow = stack.width <= _NARROW

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return StackedNetwork, (self.stack,)

    def outputs(
        self, state: State, inputs: Floats, names: Sequence[str], *, padded: bool = True
    ) -> dict[str, Floats]:
        """Return by name the outputs (n, units) of layers at `state`; "" is the network's own."""
        if not self.narrow:
            return super().outputs(state, inputs, names, padded=padded)
        rows = rows_of(self.lifted(inputs))
        return dict(zip(names, self.stack.outputs(state, rows, names), strict=True))

    def gradient(
        self, state: State, inputs: Floats, weight: Floats, step: float
    ) -> tuple[Floats, Floats]:
        """Return the scores z·weight (n,) of the read-out and their gradients (n, inputs)."""
        if not self.narrow:
            return super().gradient(state, inputs, weight, step)

        def run(places: Floats) -> Floats:
            rows = places.reshape(-1, places.shape[2])
            return self.outputs(state, rows, [self.scores])[self.scores].reshape(
                *places.shape[:2], -1
            )

        return gradient(run, inputs, weight, step)

    def jacobians(self, state: State, inputs: Floats, names: Sequence[str]) -> list[Floats]:
        """Return the Jacobians (n, units, inputs) of layers at `inputs` (n, inputs)."""
        if not self.narrow:
            return super().jacobians(state, inputs, names)
        plane = self.plane if self._in_plane(inputs) else None
        ways = np.eye(self.inputs) if plane is None else plane.directions
        return tangents_of(self.stack, state, rows_of(self.lifted(inputs)), ways, names)

    def links(self) -> tuple[Link, ...]:
        """Return its layers up to the read-out, where there is one, as links."""
        last = self.stack.rows[self.scores]
        return links_of_table(self.stack.layers[: last + 1])

    def _module(self, state: State) -> "nn.Module":
        from nnanim.network.modules import module_of  # torch, of which narrow stacks have no need

        return module_of(self.stack.layers, state)


_known: dict[Hashable, Facts] = {}  # of the last stacks: many trainings are of one architecture


def _known_facts(stack: Stack) -> Facts:
    """Return the facts of a stack, found once for all of the same layers."""
    layers = tuple((layer["kind"], layer["name"]) for layer in stack.layers)
    tensors = (*stack.places.items(), *stack.statistics.items(), stack.counters)
    key = (layers, tensors, stack.table.tobytes(), stack.options.tobytes())
    found = _known.get(key)
    if found is None:
        if len(_known) >= _STACKS:
            _known.clear()
        found = _known[key] = _facts_of(stack)
    return found


def _facts_of(stack: Stack) -> Facts:
    """Return what a pass of the stack's module would show, read off its table."""
    rows = [i for i, layer in enumerate(stack.layers) if layer["kind"] == "Linear"]
    hidden = tuple(filter(None, (_giver(stack, row) for row in rows)))
    linears = tuple(stack.layers[row]["name"] for row in rows)
    link = _link(stack, rows[-1] + 1) if rows else ""
    fan_out = stack.table[:, codes.FAN_OUT].tolist()
    return Facts(
        inputs=stack.inputs,
        widths=(stack.inputs, *(fan_out[row] for row in rows)),
        layers=tuple(_layers(stack, hidden)),
        hidden=hidden,
        outputs_width=fan_out[-1],
        linears=linears,
        read_out=ReadOut(linears[-1], _giver(stack, rows[-1]), link) if link else None,
        end=link or (_acting_as(stack, rows[-1] + 1) if rows else ""),
        size=sum(math.prod(shape) for _, shape in stack.places.values()),
        tensors={
            **{name: Tensor(True, shape) for name, (_, shape) in stack.places.items()},
            **{name: Tensor(True, shape) for name, (_, shape) in stack.statistics.items()},
            **{name: Tensor(False, ()) for name in stack.counters},
        },
    )


def _layers(stack: Stack, hidden: Sequence[str]) -> Iterator[LayerFacts]:
    """Give the modules in the order in which their passes end, the inner ones first."""
    order = {name: i for i, name in enumerate(hidden, start=1)}
    for row, layer in enumerate(stack.layers):
        ended = [name for name, last in stack.rows.items() if name and last == row]
        for name in sorted(ended, key=len, reverse=True):
            title = f"Hidden layer {order[name]}" if name in order else name
            yield LayerFacts(name, int(stack.table[row, codes.FAN_OUT]), layer["kind"], title)


def _giver(stack: Stack, row: int) -> str:
    """Return the name of the outermost module that gives what the layer of a row is fed with.

    What does nothing, an Identity, hands on what it was given.
    """
    if row == 0:
        return ""
    first = row - 1
    while first and stack.layers[first]["kind"] == "Identity":
        first -= 1
    names = [name for name, last in stack.rows.items() if name and first <= last < row]
    return min(names, key=lambda name: (name.count("."), stack.rows[name]))


def _link(stack: Stack, start: int) -> str:
    """Return what the rows from `start` on make of scores, "" where that is no known link."""
    if codes.BATCH_NORM in stack.table[start:, codes.KIND]:
        return ""
    scores = np.linspace(-3.0, 3.0, 7)
    output = _end(stack, start, scores)
    links = {"identity": scores, "sigmoid": 1 / (1 + np.exp(-scores)), "tanh": np.tanh(scores)}
    found = (name for name, expected in links.items() if np.allclose(expected, output, atol=1e-6))
    return next(found, "")


def _acting_as(stack: Stack, start: int) -> str:
    """Return "sigmoid" where what those rows give runs from 0 to 1 and never beyond."""
    output = _end(stack, start, np.linspace(-40.0, 40.0, 7))
    within = bool((output >= 0).all() and (output <= 1).all())
    return "sigmoid" if within and output.min() < 1e-3 and output.max() > 1 - 1e-3 else ""


def _end(stack: Stack, start: int, scores: Floats) -> Floats:
    """Return what the activations from a row on make of scores (n,) of one unit."""
    table, options = stack.table[start:], stack.options[start:]
    kept = table[:, codes.KIND] != codes.BATCH_NORM
    table, options = table[kept], options[kept]
    if not len(table):
        return scores
    table[:, [codes.FAN_IN, codes.FAN_OUT]] = 1
    starts, found = np.full(len(table), -1), np.empty(len(scores), np.float32)
    starts[-1] = 0
    nothing = np.zeros(1, np.float32)
    forward(rows_of(scores[:, None]), table, options, nothing, nothing, starts, found)
    return found
