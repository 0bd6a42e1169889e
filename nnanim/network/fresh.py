"""Fresh: what a network gives with statistics of these samples, not with running ones.

BatchNorm's running statistics belong to the path of a training; beside it, and between its states,
there are none. So they are taken anew, as in training, over all samples that are given.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels import codes
from nnanim.kernels.forward import forward
from nnanim.network.network import Network
from nnanim.network.rows import rows_of
from nnanim.network.stack import Stack
from nnanim.types import Floats

_NARROW = 64  # units: up to here the kernel is faster than torch
_RUNNING = ("running_mean", "running_var")  # of BatchNorm, which are no parameters

Given = Callable[[Floats], NDArray[Any]]  # a flat vector of parameters -> outputs (n, …)
Statistics = Callable[[Floats], dict[str, NDArray[Any]]]  # … -> running statistics by name


def parameters_in(network: Network) -> dict[str, tuple[int, ...]]:
    """Return the shape of each parameter by torch's names, in the order of a flat vector."""
    if network.stack is not None:
        return {name: shape for name, (_, shape) in network.stack.places.items()}
    return {
        name: tensor.shape
        for name, tensor in network.tensors.items()
        if tensor.real and name.rpartition(".")[2] not in _RUNNING
    }


def flat_of(names: Sequence[str], state: Mapping[str, NDArray[Any]]) -> Floats:
    """Return parameters of these names as one vector (p,), in double precision."""
    return np.concatenate([np.asarray(state[name], np.float64).ravel() for name in names])


def fresh_outputs(network: Network, inputs: Floats) -> Given:
    """Return what gives a network's own outputs for inputs (n, …), from any of its parameters."""
    stack = network.stack
    if stack is not None and stack.width <= _NARROW:
        return _by_kernel(stack, rows_of(inputs))
    return _by_torch(network, inputs)


def fresh_statistics(network: Network, inputs: Floats) -> Statistics | None:
    """Return what gives running statistics by torch's names over inputs (n, …), from parameters.

    They are those that torch has after one batch of all of them; None where there are none.
    """
    if not any(name.rpartition(".")[2] in _RUNNING for name in network.tensors):
        return None
    stack = network.stack
    if stack is None or stack.width > _NARROW:
        return _statistics_by_torch(network, inputs)
    rows, places = rows_of(inputs), stack.statistics
    taken = _statistics(stack, rows)

    def given(flat: Floats) -> dict[str, NDArray[Any]]:
        found = taken(np.asarray(flat, np.float32))
        parts = {name: found[at : at + prod(shape)] for name, (at, shape) in places.items()}
        # Running variances are of the samples, those of a batch in training are not.
        whole = len(rows) / max(1, len(rows) - 1)
        return {n: v * whole if n.endswith(_RUNNING[1]) else v for n, v in parts.items()}

    return given


def _by_kernel(stack: Stack, rows: NDArray[np.float32]) -> Given:
    last, taken = _up_to(stack, len(stack.table) - 1, rows), _statistics(stack, rows)

    def given(flat: Floats) -> NDArray[np.float32]:
        p = np.asarray(flat, np.float32)
        return last(p, taken(p))

    return given


def _statistics(
    stack: Stack, rows: NDArray[np.float32]
) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return what gives a stack's statistics (s,), as it takes them in training, of all rows."""
    table = stack.table
    norms = np.flatnonzero(table[:, codes.KIND] == codes.BATCH_NORM).tolist()
    size = max(1, sum(prod(shape) for _, shape in stack.statistics.values()))
    before = [(table[i, codes.STATISTICS], _up_to(stack, i - 1, rows)) for i in norms]

    def taken(p: NDArray[np.float32]) -> NDArray[np.float32]:
        statistics = np.zeros(size, np.float32)
        for start, layer in before:
            values = layer(p, statistics)
            units = values.shape[1]
            statistics[start : start + units] = values.mean(axis=0, dtype=np.float64)
            statistics[start + units : start + 2 * units] = values.var(axis=0, dtype=np.float64)
        return statistics

    return taken


def _up_to(
    stack: Stack, row: int, inputs: NDArray[np.float32]
) -> Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]:
    """Return what gives the outputs (n, units) of a row of a stack's table, -1 the inputs."""
    if row < 0:
        return lambda _, __: inputs
    table, options = stack.table[: row + 1], stack.options[: row + 1]
    starts = np.full(row + 1, -1)
    starts[row] = 0
    shape = len(inputs), int(table[row, codes.FAN_OUT])

    def given(p: NDArray[np.float32], statistics: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.empty(prod(shape), np.float32)
        forward(inputs, table, options, p, statistics, starts, found)
        return found.reshape(shape)

    return given


def _by_torch(network: Network, inputs: Floats) -> Given:
    import torch  # of which narrow stacks have no need

    from nnanim.network.torch_state import one_thread

    state_of, rows = _states(network), torch.as_tensor(rows_of(inputs))
    own = _taking_anew(network)

    def given(flat: Floats) -> NDArray[Any]:
        with torch.no_grad(), one_thread():
            outputs = torch.func.functional_call(own(), state_of(flat), (rows,))
        found: NDArray[Any] = outputs.numpy()
        return found

    return given


def _statistics_by_torch(network: Network, inputs: Floats) -> Statistics:
    import torch

    from nnanim.network.torch_state import one_thread

    state_of, rows = _states(network), torch.as_tensor(rows_of(inputs))
    own = _taking_anew(network)
    running = [name for name in network.tensors if name.rpartition(".")[2] in _RUNNING]

    def given(flat: Floats) -> dict[str, NDArray[Any]]:
        buffers = {name: torch.zeros(network.tensors[name].shape) for name in running}
        with torch.no_grad(), one_thread():
            torch.func.functional_call(own(), state_of(flat) | buffers, (rows,))
        return {name: buffer.numpy() for name, buffer in buffers.items()}

    return given


def _states(network: Network) -> Callable[[Floats], dict[str, Any]]:
    """Return what gives parameters as tensors by torch's names, of a flat vector."""
    import torch

    names = parameters_in(network)
    cuts = np.cumsum([prod(shape) for shape in names.values()])[:-1]

    def state_of(flat: Floats) -> dict[str, Any]:
        parts = np.split(np.asarray(flat, np.float32), cuts)
        pairs = zip(names.items(), parts, strict=True)
        return {name: torch.as_tensor(part.reshape(shape)) for (name, shape), part in pairs}

    return state_of


def _taking_anew(network: Network) -> Callable[[], Any]:
    """Return what gives each thread a module in evaluation, its BatchNorms as in training.

    Their running statistics become those of a batch; a call puts its parameters into the module.
    """
    import torch

    local, zeros = threading.local(), network.tensors.items()

    def own() -> Any:
        if not hasattr(local, "module"):
            module = network._module({n: np.zeros(t.shape, np.float32) for n, t in zeros})
            module.eval()
            for part in module.modules():
                if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
                    part.train()
                    part.momentum = 1.0
            local.module = module
        return local.module

    return own
