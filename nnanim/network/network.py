"""A torch module as nnanim sees it: named layers, a read-out, and replay at any parameters.

The layers of a network are the modules whose output is a row of units for each sample. Hidden
layers are what its Linear modules are fed with, each named after the outermost module that gives
it; the last Linear is the read-out. Both are found by watching one forward pass, so any module
will do whose last Linear gives the scores. Where more than a known link follows it, there is no
read-out, and the network's own output is the score.
"""

import copy
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.errors import NotKeptError, SceneError, unknown
from nnanim.network.chunks import FED, Chunks, Forward, Visit, on, rows_of
from nnanim.network.copies import own_copy
from nnanim.network.head import Head
from nnanim.network.shape import Shape, shape_of, shape_of_chain
from nnanim.network.torch_state import one_thread
from nnanim.network.trace import Call, end_of, feeder_of, link_of, probe_of, trace
from nnanim.slices import Plane
from nnanim.types import Floats, State

_NARROW = 64  # units; of the kernel and torch, measured, up to here the kernel is faster


@dataclass(frozen=True)
class Layer:
    """A module to look at: its name in `named_modules()`, its width, what it ends with.

    A module that is called again, as one Tanh after several layers, is name#2, name#3 … there.
    """

    name: str
    units: int
    kind: str  # class of the last module called in it: "Tanh", "Linear" …
    title: str  # "Hidden layer 2"


@dataclass(frozen=True)
class ReadOut:
    """The last Linear: scores z = weight · h + bias of the features h that `layer` gives."""

    module: str
    layer: str  # "" where no module of its own gives the features
    link: str  # from scores to outputs: "identity" | "sigmoid" | "tanh" | "softmax" | "log_softmax"


class Network:
    """A module whose outputs, of any layer, can be asked at any parameters and from any thread.

    Always in evaluation mode, so that rows do not depend on each other. `stack` is the module as
    the kernels see it, None where it is no stack of known layers; `linears` are the names of its
    Linear modules in the order of their first call; `head` is the index or key of its answer,
    where it returns several outputs. Raises `SceneError` where it cannot take `rows`, of
    the data's inputs (n, …).
    """

    def __init__(self, module: nn.Module, rows: Floats, head: int | str | None = None) -> None:
        self._probe = probe = probe_of(rows)
        self._template, self.stack = own_copy(module)
        self._template.eval()
        self.head = None if head is None else Head(head)
        if probe.ndim != 2 or head is not None:
            self.stack = None  # the kernel takes rows, and gives one output
        if self.head is not None:
            self._template.register_forward_hook(self.head)
        self.runs = True
        self.size = sum(parameter.numel() for parameter in module.parameters())
        self._local = threading.local()
        self.plane: Plane | None = None  # of more than two inputs: points (n, 2) lie in it
        self.inputs = probe[0].numel()
        calls, output, self._odd = trace(self._template, probe)
        linears = [call for call in calls if isinstance(call.module, nn.Linear)]
        self._givers = [feeder_of(calls, linear, first=i == 0) for i, linear in enumerate(linears)]
        self.hidden: tuple[str, ...] = tuple(
            name
            for name, linear in zip(self._givers, linears, strict=True)
            if name and linear.given.ndim == 2
        )
        self.layers: tuple[Layer, ...] = tuple(self._layers(calls))
        called = {id(part): name for name, part in self._template.named_modules()}
        self.linears = tuple(dict.fromkeys(called[id(call.module)] for call in linears))
        self.read_out = self._find_read_out(linears, called)
        # What the output ends with, as far as it can be told: a link, or what acts as one.
        link = self.read_out.link if self.read_out else ""
        self.end = link or end_of(self._template, linears[-1] if linears else None, output, probe)
        # The layer whose outputs are the scores: the read-out, else the network's own output.
        self.scores = self.read_out.module if self.read_out else ""
        self.widths = (self.inputs, *(call.result.shape[-1] for call in linears))
        self.outputs_width = output.shape[1] if output.ndim == 2 else 1

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        if not self.runs:
            return Network.told, (self.described([layer.name for layer in self.layers]),)
        bare = copy.deepcopy(self._template)
        bare._forward_hooks.clear()
        return Network, (bare, self._probe.numpy(), None if self.head is None else self.head.name)

    def described(self, names: Sequence[str]) -> dict[str, Any]:
        """Return as plain JSON what `told` makes a network of, with these layers alone."""
        layers = [vars(self.layer(name)) for name in names]
        hidden = [name for name in self.hidden if name in names]
        return {"inputs": self.inputs, "widths": list(self.widths), "layers": layers,
                "hidden": hidden, "outputs": self.outputs_width}  # fmt: skip

    @classmethod
    def told(cls, described: Mapping[str, Any]) -> "Network":
        """Return a network of which only that is known: it cannot be run, and says so.

        What would run it, or reads its parameters, raises `NotKeptError`.
        """
        network = cls.__new__(cls)
        network.stack, network.head, network.runs, network.size = None, None, False, 0
        network._template, network._givers, network._odd = nn.Identity(), [], {}
        network._local, network.plane = threading.local(), None
        network.inputs, network.outputs_width = described["inputs"], described["outputs"]
        network.hidden, network.widths = tuple(described["hidden"]), tuple(described["widths"])
        network.layers = tuple(Layer(**layer) for layer in described["layers"])
        network.linears, network.read_out = (), None
        network.end = network.scores = ""
        return network

    @cached_property
    def shape(self) -> Shape:
        """What the network may truly be called."""
        if self.stack is not None or not self.runs:
            return shape_of_chain(self.widths)
        return shape_of(self._template, self._probe, self.outputs_width)

    def expect_running(self) -> None:
        """Raise `NotKeptError` where only outputs were kept."""
        if not self.runs:
            raise NotKeptError(
                "this recording keeps activations, not parameters: what needs the network itself, "
                "as grid, boundary, field, weights and Jacobian, cannot be drawn; record with "
                'record="parameters"'
            )

    def layer(self, name: str) -> Layer:
        """Return the layer of that name; `SceneError` lists the names there are."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        if name in self._odd:
            raise SceneError(
                f"layer {name!r} gives {self._odd[name]} for {len(self._probe)} samples: expected "
                "a row of units for each, (samples, units); hand what you mean through a part of "
                "its own, as nn.Flatten(), or self.look = nn.Identity() and self.look(h[:, -1]), "
                "and look at that"
            )
        raise SceneError(unknown("layer", name, [layer.name for layer in self.layers]))

    def looked_at(self, name: str | None, *, latent: bool = False) -> str:
        """Return the layer that a scene looks at: the one it names, else the last hidden layer.

        `latent`, where nothing is predicted: else the narrowest, hidden or the output, of several
        the first. "" where it names none and there is none.
        """
        if not name and latent:
            asked = (*self.hidden, self.scores)
            found = [layer for layer in self.layers if layer.name in asked]
            return min(found, key=lambda layer: layer.units).name if found else ""
        return name or (self.hidden[-1] if self.hidden else "")

    def outputs(self, state: State, inputs: Floats, names: Sequence[str]) -> dict[str, Floats]:
        """Return by name the outputs (n, units) of layers at `state`; "" is the network's own."""
        stack, inputs = self.stack, self.lifted(inputs)
        if stack is not None and stack.width <= _NARROW and all(n in stack.rows for n in names):
            return dict(zip(names, stack.outputs(state, rows_of(inputs), names), strict=True))
        found: dict[str, Floats] = {}

        def look(rows: slice, chunk: torch.Tensor, run: Forward) -> None:
            given = run(chunk)
            for name in names:
                part = given[name].numpy()
                if name not in found:
                    found[name] = np.empty((len(inputs), *part.shape[1:]), part.dtype)
                found[name][rows] = part[: rows.stop - rows.start]

        with torch.no_grad():
            self.visit(state, inputs, names, look)
        return found

    def gradient(
        self, state: State, inputs: Floats, weight: Floats, step: float
    ) -> tuple[Floats, Floats]:
        """Return the scores z·weight (n,) of the read-out and their gradients (n, inputs).

        `weight` is one (outputs,) for all, or one (n, outputs) for each. A narrow stack is asked
        `step` to both sides along each input, which takes a twentieth of the time of torch's
        backward pass; any other module by one such pass for the whole batch.
        """
        stack = self.stack
        if stack is None or stack.width > _NARROW or self.scores not in stack.rows:
            return self._backward(state, inputs, weight)
        n, steps = len(inputs), step * np.eye(inputs.shape[1])
        around = [inputs, *(inputs + way for way in steps), *(inputs - way for way in steps)]
        scores = self.outputs(state, np.concatenate(around), [self.scores])[self.scores]
        each = np.broadcast_to(weight, (n, scores.shape[1]))
        values = (scores.astype(np.float64).reshape(-1, n, scores.shape[1]) * each).sum(axis=2)
        ahead, behind = np.split(values[1:], 2)
        return values[0], ((ahead - behind) / (2 * step)).T

    def _backward(self, state: State, inputs: Floats, weight: Floats) -> tuple[Floats, Floats]:
        values = np.empty(len(inputs), np.float32)
        slopes = np.empty((len(inputs), inputs.shape[1]), np.float32)
        each = np.broadcast_to(weight, (len(inputs), np.shape(weight)[-1])).astype(np.float32)

        def look(rows: slice, chunk: torch.Tensor, run: Forward) -> None:
            scores = run(chunk.requires_grad_())[self.scores]
            value = (scores[: rows.stop - rows.start] * torch.as_tensor(each[rows])).sum(dim=1)
            (slope,) = torch.autograd.grad(value.sum(), chunk)
            values[rows] = value.detach().numpy()
            slopes[rows] = slope[: rows.stop - rows.start].numpy()

        self.visit(state, inputs, [self.scores], look)
        return values, slopes

    def weights(self, state: State) -> list[NDArray[Any]]:
        """Return the weight (…, outputs, inputs) of each Linear, in the order of their first call.

        `state` may be one state or all of a recording. Raises `SceneError` where there is none.
        """
        self.expect_running()
        names = [f"{name}.weight" if name else "weight" for name in self.linears]
        missing = [name for name in names if name not in state]
        if missing or not names:
            lack = f" named {missing[0]!r}, as torch names a Linear's own" if missing else ""
            raise SceneError(f"this network has no weight matrix{lack}: leave this view out")
        return [state[name] for name in names]

    def lifted(self, inputs: Floats) -> Floats:
        """Return inputs (n, inputs); points (n, 2) of the plane, where there is one, as these."""
        return self.plane.lifted(inputs) if self.plane and self._in_plane(inputs) else inputs

    def _in_plane(self, inputs: Floats) -> bool:
        return self.plane is not None and np.shape(inputs)[1:] == (2,)

    def visit(self, state: State, inputs: Floats, names: Sequence[str], look: Visit) -> None:
        """Let `look` run the module at `state` on all inputs: see `Chunks.visit`."""
        self.expect_running()
        if not hasattr(self._local, "chunks"):
            self._local.chunks = Chunks(copy.deepcopy(self._template))
        if self.plane is not None and self._in_plane(inputs):
            look = on(self.plane, look)
        with one_thread():
            self._local.chunks.visit(state, inputs, names, look)

    def _layers(self, calls: list[Call]) -> Iterator[Layer]:
        order = {name: i for i, name in enumerate(self.hidden, start=1)}
        for call in calls:
            if f"{call.name}{FED}" in order:
                name = f"{call.name}{FED}"
                yield Layer(name, call.given.shape[1], "", f"Hidden layer {order[name]}")
            if call.result.ndim != 2 or not call.name:
                continue
            inner = [c for c in calls if c.name == call.name or c.name.startswith(call.name + ".")]
            leaves = [c for c in inner if not list(c.module.children())]
            kind = type(leaves[-1].module if leaves else call.module).__name__
            title = f"Hidden layer {order[call.name]}" if call.name in order else call.name
            yield Layer(call.name, call.result.shape[1], kind, title)

    def _find_read_out(self, linears: list[Call], called: dict[int, str]) -> ReadOut | None:
        if not linears:
            return None
        # Beside a head, others may end in the last.
        ends = range(len(linears))[::-1] if self.head is not None else [len(linears) - 1]
        for i in ends:
            link = link_of(self._template, linears[i], self._probe)
            if link:
                return ReadOut(called[id(linears[i].module)], self._givers[i], link)
        return None
