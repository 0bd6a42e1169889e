"""The kernel trainer: the training kernel, checked against torch, for stacks of known layers."""

import copy
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.kernels import train as kernel
from nnanim.losses import RELATIVE_FLOOR
from nnanim.network import one_thread, state_of
from nnanim.preparation import OPTIMIZERS, Progress, Run, Trained, batch_orders
from nnanim.stack import NotAStack, Stack, stack_of

Array = NDArray[Any]

_LOSSES = {
    "mse": kernel.MSE,
    "bce": kernel.BCE,
    "bce_with_logits": kernel.BCE_WITH_LOGITS,
    "cross_entropy": kernel.CROSS_ENTROPY,
    "relative_mse": kernel.RELATIVE_MSE,
}
_OPTIMIZERS = {"sgd": kernel.SGD, "adam": kernel.ADAM, "adamw": kernel.ADAMW}

_GUARD_STEPS = 20
# Of each tensor's largest entry, after those steps in float64. Where BatchNorm takes a bias's
# gradient to zero, Adam makes steps of its rounding error: torch is not nearer to itself then.
_GUARD_TOLERANCE = 1e-4
_BLOCK_STEPS = 20_000  # steps between two calls of `progress`
_BLOCK_ORDERS = 2_000_000  # sample numbers held at once

_log = logging.getLogger("nnanim")
_agreed: dict[tuple[Any, ...], float] = {}  # architecture -> the guard's finding


def refusal(run: Run) -> str:
    """Return in one phrase why the kernel cannot train this run; "" where it can.

    The last thing looked at is the kernel itself: its first steps are compared with torch's in
    float64, once for each architecture.
    """
    training = run.training
    if not isinstance(training.loss, str):
        return "the loss is a function of the scene's own"
    if not isinstance(training.optimizer, str):
        return "the optimizer is a factory of the scene's own"
    try:
        stack = stack_of(run.module)
    except NotAStack as reason:
        return str(reason)
    tensors = (*run.module.parameters(), *run.module.buffers())
    if any(t.is_floating_point() and t.dtype != torch.float32 for t in tensors):
        return "its parameters are not float32"
    if stack.counters and (run.batch_size == 1 or len(run.data.inputs) % run.batch_size == 1):
        return "BatchNorm1d cannot take a batch of one sample"
    key = _architecture(run, stack)
    if key not in _agreed:
        _agreed[key] = _disagreement(run, stack)
    if _agreed[key] > _GUARD_TOLERANCE:
        return f"the kernel's first steps differ from torch's by {_agreed[key]:.1e}"
    return ""


def train_in_kernel(run: Run, kept: set[int], progress: Progress | None) -> Trained:
    """Train by the kernel and return the states after the steps in `kept`.

    A training whose parameters or losses cease to be finite ends with that epoch.
    """
    stack = stack_of(run.module)
    loop = _Loop(run, stack, np.float32, state_of(run.module))
    keep = np.zeros(run.steps + 1, bool)
    keep[list(kept)] = True
    blocks = [loop.start_state()]
    losses: list[Array] = []
    for orders in _order_blocks(run):
        done = loop.step
        block = loop.train(orders, keep[done + 1 : done + 1 + len(orders) * run.steps_per_epoch])
        losses.append(block.losses)
        blocks.append((block.parameters, block.statistics))
        if progress is not None:
            progress("training", loop.step, run.steps)
        if loop.diverged:
            break
    parameters, statistics = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    steps = np.flatnonzero(keep[: loop.step + 1])
    batch_loss = np.concatenate(losses).astype(np.float64)
    diverged_at = None
    if loop.diverged:
        # The parameters end the epoch in which they cease to be finite; a loss may do so before.
        broken = [*np.flatnonzero(~np.isfinite(batch_loss)), loop.step - 1]
        diverged_at = int(broken[0]) // run.steps_per_epoch + 1
        finite = np.isfinite(parameters).all(axis=1) & np.isfinite(statistics).all(axis=1)
        finite &= np.concatenate([[True], np.isfinite(batch_loss)])[steps]
        good = int(finite.argmin()) if not finite.all() else len(finite)
        parameters, statistics, steps = parameters[:good], statistics[:good], steps[:good]
        batch_loss = batch_loss[: max(1, int(steps[-1]))]
    states = stack.states(parameters, statistics, steps)
    return Trained(steps.astype(np.int64), states, batch_loss, diverged_at)


@dataclass(frozen=True, eq=False)
class _Block:
    """What one call of the kernel gives: losses (steps,), kept parameters and statistics (k, …)."""

    losses: Array
    parameters: Array
    statistics: Array


@dataclass(eq=False)
class _Loop:
    """A training under way in the kernel: the arrays that it works on, in one precision."""

    run: Run
    stack: Stack
    dtype: type[np.floating[Any]]
    state: dict[str, Array]
    step: int = 0
    diverged: bool = False
    parameters: Array = field(init=False)
    statistics: Array = field(init=False)
    moments: Array = field(init=False)

    def __post_init__(self) -> None:
        self.parameters, self.statistics = self.stack.flat(self.state, self.dtype)
        self.moments = np.zeros((2, len(self.parameters)), self.dtype)

    def start_state(self) -> tuple[Array, Array]:
        """Return parameters and statistics (1, …) as they stand."""
        return self.parameters[None].copy(), self.statistics[None].copy()

    def train(self, orders: NDArray[np.int64], keep: NDArray[np.bool_]) -> _Block:
        """Train for the epochs of `orders` (epochs, n), keeping the states where `keep` says."""
        losses = np.zeros(len(keep), self.dtype)
        kept = int(keep.sum())
        parameters = np.empty((kept, len(self.parameters)), self.dtype)
        statistics = np.empty((kept, len(self.statistics)), self.dtype)
        _announce_compilation()
        with np.errstate(all="ignore"):
            done = kernel.train_block(
                *self._samples,
                orders,
                self.run.batch_size,
                self.stack.table,
                self._options,
                self.stack.segments,
                self._kinds,
                self._settings,
                RELATIVE_FLOOR,
                self.parameters,
                self.statistics,
                self.moments,
                self._work,
                self.step,
                keep,
                losses,
                parameters,
                statistics,
            )
        steps = done * -(-orders.shape[1] // self.run.batch_size)
        self.step += steps
        count = int(keep[:steps].sum())
        self.diverged = done < len(orders) or not (
            np.isfinite(losses).all() and np.isfinite(self.parameters).all()
        )
        return _Block(losses[:steps], parameters[:count], statistics[:count])

    @cached_property
    def _samples(self) -> tuple[Array, Array, NDArray[np.int64]]:
        """Inputs (inputs, n), targets (outputs, n) and labels (n,), one of the two unused."""
        data = self.run.data
        inputs = np.ascontiguousarray(data.inputs.T, self.dtype)
        if data.targets.ndim == 1:
            return inputs, np.zeros((1, 1), self.dtype), data.targets.astype(np.int64)
        return inputs, np.ascontiguousarray(data.targets.T, self.dtype), np.zeros(1, np.int64)

    @cached_property
    def _options(self) -> Array:
        return self.stack.options.astype(self.dtype)

    @cached_property
    def _kinds(self) -> NDArray[np.int64]:
        training = self.run.training
        loss, optimizer = _LOSSES[str(training.loss)], _OPTIMIZERS[str(training.optimizer)]
        return np.array([loss, optimizer, int(training.nesterov)], np.int64)

    @cached_property
    def _settings(self) -> Array:
        t = self.run.training
        settings = [t.lr, t.weight_decay, t.momentum, t.betas[0], t.betas[1], 1e-8]
        return np.array(settings, np.float64)

    @cached_property
    def _work(self) -> tuple[Array, ...]:
        table, batch, dtype = self.stack.table, self.run.batch_size, self.dtype
        layers, width = len(table), int(table[:, kernel.FAN_IN : kernel.FAN_OUT + 1].max())
        normed = layers if self.stack.counters else 1
        return (
            np.zeros((layers + 1, width, batch), dtype),
            np.zeros((2, width, batch), dtype),
            np.zeros((normed, width if normed > 1 else 1, batch), dtype),
            np.zeros((normed, width), dtype),
            np.zeros(len(self.parameters), dtype),
            np.zeros((batch, width), dtype),
            np.zeros((width, batch), dtype),
            np.zeros(batch, np.int64),
        )


def _order_blocks(run: Run) -> Iterator[NDArray[np.int64]]:
    """Give the orders of all epochs in blocks (epochs, n) of a bounded size.

    Each is shuffled while the kernel, which holds no lock, trains on the one before.
    """
    n = len(run.data.inputs)
    size = max(1, min(_BLOCK_STEPS // run.steps_per_epoch, _BLOCK_ORDERS // n))
    orders = batch_orders(n, run.training)
    with ThreadPoolExecutor(max_workers=1) as shuffler:
        ahead = shuffler.submit(lambda: list(islice(orders, size)))
        while block := ahead.result():
            ahead = shuffler.submit(lambda: list(islice(orders, size)))
            yield np.stack(block)


def _announce_compilation() -> None:
    """Say once that the kernel is compiled now, where no earlier run has left it on the disk."""
    stats = kernel.train_block.stats
    if stats.cache_hits or stats.cache_misses:
        return
    if not list(Path(str(stats.cache_path)).glob("train.train_block-*.nbi")):
        _log.info("compiling the training kernel, once after installation; this takes a while")


def _architecture(run: Run, stack: Stack) -> tuple[Any, ...]:
    t = run.training
    settings = (t.loss, t.optimizer, t.lr, t.momentum, t.nesterov, t.betas, t.weight_decay)
    layers = (stack.table.tobytes(), stack.options.tobytes(), stack.segments.tobytes())
    return (*layers, *settings, run.batch_size)


def _disagreement(run: Run, stack: Stack) -> float:
    """Return how far the kernel is from torch after the first steps, both in float64.

    The largest difference of any entry, as a share of the largest entry of its tensor.
    """
    # A part of the data set that holds the first steps, in their order.
    part, orders = _first_steps(run)
    loop = _Loop(part, stack, np.float64, state_of(run.module))
    loop.train(orders, np.zeros(len(orders) * part.steps_per_epoch, bool))
    flat = (loop.parameters[None], loop.statistics[None])
    found = stack.states(*flat, np.array([loop.step]))
    expected = _torch_steps(part, orders)
    return max((_apart(found[name][0], value) for name, value in expected.items()), default=0.0)


def _apart(found: Array, expected: Array) -> float:
    """Return the largest difference as a share of the largest entry; 0 where both diverged."""
    if not (np.isfinite(expected).all() and np.isfinite(found).all()):
        return float(np.isfinite(expected).all() != np.isfinite(found).all())
    # A tensor that stays at zero but for rounding has no scale of its own.
    scale = max(float(np.abs(expected).max()), 1e-3)
    return float(np.abs(found - expected).max()) / scale


def _first_steps(run: Run) -> tuple[Run, NDArray[np.int64]]:
    """Return a run over the data of the first steps only, and its orders (epochs, n)."""
    n, epochs = len(run.data.inputs), max(1, _GUARD_STEPS // run.steps_per_epoch)
    if run.steps_per_epoch < _GUARD_STEPS:
        some = list(islice(batch_orders(n, run.training), epochs))
        return run, np.stack(some)
    order = next(batch_orders(n, run.training))[: _GUARD_STEPS * run.batch_size]
    data = replace(run.data, inputs=run.data.inputs[order], targets=run.data.targets[order])
    part = replace(run, data=data, steps_per_epoch=-(-len(order) // run.batch_size))
    return part, np.arange(len(order))[None]


def _torch_steps(run: Run, orders: NDArray[np.int64]) -> dict[str, Array]:
    """Return torch's own state after the epochs of `orders`, in float64."""
    module = copy.deepcopy(run.module).double().train()
    parameters: list[nn.Parameter] = [p for p in module.parameters() if p.requires_grad]
    optimizer = OPTIMIZERS[str(run.training.optimizer)](parameters, run.training)
    inputs, targets = torch.from_numpy(run.data.inputs).double(), torch.from_numpy(run.data.targets)
    if targets.is_floating_point():
        targets = targets.double()
    with one_thread():
        for order in torch.from_numpy(orders):
            for rows in order.split(run.batch_size):
                optimizer.zero_grad()
                value = run.loss(module(inputs[rows]), targets[rows])
                value.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
    return state_of(module)
