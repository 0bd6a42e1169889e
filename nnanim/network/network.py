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
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.errors import SceneError, unknown
from nnanim.network.passes import FED, Look, Passes, Run, numbered, rows_of
from nnanim.network.randomness import random_numbers
from nnanim.network.stack import NotAStack, Stack, stack_of
from nnanim.types import Floats

State = Mapping[str, NDArray[Any]]  # parameters and buffers by torch's names

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


@dataclass(frozen=True)
class _Call:
    name: str
    module: nn.Module
    given: torch.Tensor
    result: torch.Tensor


class Network:
    """A module whose outputs, of any layer, can be asked at any parameters and from any thread.

    Always in evaluation mode, so that rows do not depend on each other. `stack` is the module as
    the kernels see it, None where it is no stack of known layers; `linears` are the names of its
    Linear modules in the order of their first call. Raises `SceneError` where the module cannot
    take `inputs` columns.
    """

    def __init__(self, module: nn.Module, inputs: int) -> None:
        self.stack = _stack(module)
        self._template = (copy.deepcopy(module) if self.stack is None else _twin(module)).eval()
        self._local = threading.local()
        self.inputs = inputs
        calls, output = _trace(self._template, inputs)
        linears = [call for call in calls if isinstance(call.module, nn.Linear)]
        self._givers = [_feeder(calls, linear, first=i == 0) for i, linear in enumerate(linears)]
        self.hidden: tuple[str, ...] = tuple(name for name in self._givers if name)
        self.layers: tuple[Layer, ...] = tuple(self._layers(calls))
        called = {id(part): name for name, part in self._template.named_modules()}
        self.linears = tuple(dict.fromkeys(called[id(call.module)] for call in linears))
        self.read_out = self._find_read_out(linears, called)
        # The layer whose outputs are the scores: the read-out, else the network's own output.
        self.scores = self.read_out.module if self.read_out else ""
        self.widths = (inputs, *(call.result.shape[1] for call in linears))
        self.outputs_width = output.shape[1] if output.ndim == 2 else 1

    def __reduce__(self) -> tuple[type["Network"], tuple[nn.Module, int]]:
        return Network, (self._template, self.inputs)

    def layer(self, name: str) -> Layer:
        """Return the layer of that name; `SceneError` lists the names there are."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise SceneError(unknown("layer", name, [layer.name for layer in self.layers]))

    def looked_at(self, name: str | None) -> str:
        """Return the layer that a scene looks at: the one it names, else the last hidden layer.

        "" where it names none and no layer is hidden.
        """
        return name or (self.hidden[-1] if self.hidden else "")

    def outputs(self, state: State, inputs: Floats, names: Sequence[str]) -> dict[str, Floats]:
        """Return by name the outputs (n, units) of layers at `state`; "" is the network's own."""
        stack = self.stack
        if stack is not None and stack.width <= _NARROW and all(n in stack.rows for n in names):
            return dict(zip(names, stack.outputs(state, rows_of(inputs), names), strict=True))
        found: dict[str, Floats] = {}

        def look(rows: slice, chunk: torch.Tensor, run: Run) -> None:
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

        A narrow stack is asked `step` to both sides along each input, which takes a twentieth of
        the time of torch's backward pass; any other module by one such pass for the whole batch.
        """
        stack = self.stack
        if stack is None or stack.width > _NARROW or self.scores not in stack.rows:
            return self._backward(state, inputs, weight)
        n, steps = len(inputs), step * np.eye(self.inputs)
        around = [inputs, *(inputs + way for way in steps), *(inputs - way for way in steps)]
        scores = self.outputs(state, np.concatenate(around), [self.scores])[self.scores]
        values = (scores.astype(np.float64) @ weight).reshape(-1, n)
        ahead, behind = np.split(values[1:], 2)
        return values[0], ((ahead - behind) / (2 * step)).T

    def _backward(self, state: State, inputs: Floats, weight: Floats) -> tuple[Floats, Floats]:
        values = np.empty(len(inputs), np.float32)
        slopes = np.empty((len(inputs), self.inputs), np.float32)
        direction = torch.as_tensor(np.asarray(weight, np.float32))

        def look(rows: slice, chunk: torch.Tensor, run: Run) -> None:
            value = run(chunk.requires_grad_())[self.scores] @ direction
            (slope,) = torch.autograd.grad(value.sum(), chunk)
            values[rows] = value[: rows.stop - rows.start].detach().numpy()
            slopes[rows] = slope[: rows.stop - rows.start].numpy()

        self.visit(state, inputs, [self.scores], look)
        return values, slopes

    def weights(self, state: State) -> list[NDArray[Any]]:
        """Return the weight (…, outputs, inputs) of each Linear, in the order of their first call.

        `state` may be one state or all of a recording. Raises `SceneError` where there is none.
        """
        names = [f"{name}.weight" if name else "weight" for name in self.linears]
        missing = [name for name in names if name not in state]
        if missing or not names:
            lack = f" named {missing[0]!r}, as torch names a Linear's own" if missing else ""
            raise SceneError(f"this network has no weight matrix{lack}: leave this view out")
        return [state[name] for name in names]

    def visit(self, state: State, inputs: Floats, names: Sequence[str], look: Look) -> None:
        """Let `look` run the module at `state` on all inputs: see `Passes.visit`."""
        if not hasattr(self._local, "passes"):
            self._local.passes = Passes(copy.deepcopy(self._template))
        with one_thread():
            self._local.passes.visit(state, inputs, names, look)

    def _layers(self, calls: list[_Call]) -> Iterator[Layer]:
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

    def _find_read_out(self, linears: list[_Call], called: dict[int, str]) -> ReadOut | None:
        if not linears:
            return None
        last = linears[-1]
        link = _link(self._template, last, self.inputs)
        return ReadOut(called[id(last.module)], self._givers[-1], link) if link else None


def initial_module(model: object, seed: int) -> nn.Module:
    """Return a fresh module from `model`, called after seeding; torch's own state is kept.

    Raises `SceneError` for a module already built, and for anything that does not return one.
    """
    if isinstance(model, nn.Module):
        raise SceneError(
            f"model is a {type(model).__name__} already built: give a function that builds it, "
            "as model=lambda: MyNet(), so that its weights come from the scene's seed"
        )
    if not callable(model):
        raise SceneError(f"model={model!r}: expected a function that returns a torch module")
    with random_numbers():
        _seed(seed)
        module = model()
    if not isinstance(module, nn.Module):
        raise SceneError(f"the scene's model returned {type(module).__name__}, not a torch module")
    return module


def state_of(module: nn.Module) -> dict[str, NDArray[Any]]:
    """Return copies of a module's parameters and buffers as arrays."""
    return {
        name: value.detach().cpu().numpy().copy() for name, value in module.state_dict().items()
    }


def _seed(seed: int) -> None:
    """Seed torch; where there is only the processor, in 2 instead of 90 µs."""
    if torch.accelerator.is_available():
        torch.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on one thread: for tiny networks a second one costs more than it brings."""
    threads = torch.get_num_threads()
    if threads != 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if threads != 1:
            torch.set_num_threads(threads)


def _stack(module: nn.Module) -> Stack | None:
    try:
        return stack_of(module)
    except NotAStack:
        return None


def _twin(module: nn.Module) -> nn.Module:
    """Return a stack's copy that shares its tensors, in a seventh of the time of a whole copy.

    Known layers have nothing else that a pass could change.
    """
    twin = copy.copy(module)
    for name, held in vars(twin).items():
        if isinstance(held, dict):
            vars(twin)[name] = held.copy()
    for name, part in module.named_children():
        twin._modules[name] = _twin(part)
    return twin


def _trace(module: nn.Module, inputs: int) -> tuple[list[_Call], torch.Tensor]:
    calls: list[_Call] = []

    def hook(name: str) -> object:
        def note(part: nn.Module, given: tuple[object, ...], result: object) -> None:
            if given and isinstance(given[0], torch.Tensor) and isinstance(result, torch.Tensor):
                taken = {call.name for call in calls}
                calls.append(_Call(numbered(name, taken), part, given[0], result))

        return note

    handles = [part.register_forward_hook(hook(name)) for name, part in module.named_modules()]
    try:
        output = _probed(module, inputs)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        raise SceneError(
            f"the model does not fit the data: given inputs of shape (n, {inputs}), its forward "
            f"failed with {str(error).splitlines()[0]}; make its first layer take {inputs}, and "
            "each other layer what the one before it gives"
        ) from error
    finally:
        for handle in handles:
            handle.remove()
    if not isinstance(output, torch.Tensor):
        raise SceneError(f"the model returned {type(output).__name__}: expected one tensor")
    return calls, output


def _probed(module: nn.Module, inputs: int) -> torch.Tensor:
    """Return what the module gives for three rows of inputs."""
    probe = torch.linspace(-1.0, 1.0, 3 * inputs).reshape(3, inputs)
    with torch.no_grad(), one_thread(), random_numbers():
        return module(probe)  # type: ignore[no-any-return]


def _link(module: nn.Module, linear: _Call, inputs: int) -> str:
    """Return what leads from the scores of `linear` to the output, "" where it is not known.

    The Linear is made to give scores of ours, so that the answer does not hang on its weights:
    with small ones, tanh and identity look alike.
    """
    scores = torch.linspace(-3.0, 3.0, linear.result.numel()).reshape(linear.result.shape)
    handle = linear.module.register_forward_hook(lambda *_: scores.clone())
    try:
        output = _probed(module, inputs)
    finally:
        handle.remove()
    links = {
        "identity": scores,
        "sigmoid": torch.sigmoid(scores),
        "tanh": torch.tanh(scores),
        "softmax": torch.softmax(scores, dim=-1),
        "log_softmax": torch.log_softmax(scores, dim=-1),
    }
    for name, expected in links.items():
        if expected.shape == output.shape and torch.allclose(expected, output, atol=1e-6):
            return name
    return ""


def _giver(calls: list[_Call], tensor: torch.Tensor) -> str:
    """Return the name of the outermost module whose result is `tensor` itself, or ""."""
    names = [call.name for call in calls if call.result is tensor and call.name]
    return min(names, key=lambda name: name.count(".")) if names else ""


def _feeder(calls: list[_Call], linear: _Call, first: bool) -> str:
    """Return the name of what feeds `linear`: a module, or "fc2.input" where a function does."""
    giver = _giver(calls, linear.given)
    plain = linear.given.ndim == 2 and bool(linear.name)
    return giver or ("" if first or not plain else f"{linear.name}{FED}")
