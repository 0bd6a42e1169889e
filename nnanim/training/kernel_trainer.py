"""The kernel trainer: the training kernel, for stacks of known layers; `guard` checks it."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnanim.kernels import train as kernel
from nnanim.kernels.codes import FAN_OUT
from nnanim.kernels.lanes import LANES
from nnanim.network.losses import LOSSES
from nnanim.network.optimizers import EPSILON, OPTIMIZERS
from nnanim.network.stack import Stack
from nnanim.training.block import Block
from nnanim.training.run import Run, kept_steps

Array = NDArray[Any]


def kernel_trainer(run: Run) -> "KernelTrainer":
    """Return the trainer of a run that `refusal` has nothing against."""
    stack = run.network.stack
    assert stack is not None
    return KernelTrainer(run, stack, np.float32, kept_steps(run))


def samples_of(run: Run, stack: Stack, dtype: Any) -> tuple[Array, Array]:
    """Return inputs (inputs, n) and targets (outputs, n); of classes, a row of 0 and 1 for each."""
    targets = run.data.targets
    if targets.ndim == 1:
        targets = targets[:, None] == np.arange(stack.table[-1, FAN_OUT])
    inputs = np.ascontiguousarray(run.data.inputs.T, dtype)
    return inputs, np.ascontiguousarray(targets.T, dtype)


@dataclass(eq=False)
class KernelTrainer:
    """A training under way in the kernel: the arrays that it works on, in one precision.

    `keep` (steps + 1,) marks the steps whose states are kept.
    """

    run: Run
    stack: Stack
    dtype: type[np.floating[Any]]
    keep: NDArray[np.bool_]
    step: int = 0
    stretch_steps = 20_000
    parameters: Array = field(init=False)
    statistics: Array = field(init=False)
    moments: Array = field(init=False)
    _restarted: int = 0  # the step at which the optimiser began anew
    _untracked: int = 0  # steps that BatchNorm's counters have lost to `load`

    def __post_init__(self) -> None:
        self.parameters, self.statistics = self.stack.flat(self.run.start.state, self.dtype)
        self.moments = np.zeros((2, len(self.parameters)), self.dtype)

    def start(self) -> Block:
        """Return a block of the state as it stands, of no steps."""
        states = self._states(self.parameters[None].copy(), self.statistics[None].copy(), [0])
        return Block(0, np.zeros(1, np.int64), states, np.zeros(0))

    def train(self, orders: NDArray[np.int64]) -> Block:
        """Train for the epochs of `orders` (epochs, n).

        Where parameters or losses cease to be finite, the block ends with the last good state.
        """
        begin, steps = self.step, len(orders) * self.run.steps_per_epoch
        used = orders[:, : self.run.samples_per_epoch]
        keep = self.keep[begin + 1 : begin + 1 + steps]
        losses = np.zeros(steps, self.dtype)
        kept = int(keep.sum())
        parameters = np.empty((kept, len(self.parameters)), self.dtype)
        statistics = np.empty((kept, len(self.statistics)), self.dtype)
        with np.errstate(all="ignore"):
            done = kernel.train_block(
                *self._samples,
                np.ascontiguousarray(used[:1] if self._whole else used),
                len(orders),
                self.run.batch_size,
                self.stack.table,
                self._options,
                *self._rates,
                self._kinds,
                self._settings,
                LOSSES[str(self.run.training.loss)].option,
                self.parameters,
                self.statistics,
                self.moments,
                *self._work,  # type: ignore[arg-type]  # mypy takes its parts for one kind
                self.step - self._restarted,
                keep,
                losses,
                parameters,
                statistics,
            )
        self.step += done * self.run.steps_per_epoch
        losses = losses[: self.step - begin].astype(np.float64)
        at = begin + 1 + np.flatnonzero(keep[: self.step - begin])
        diverged_at = None
        if not (np.isfinite(losses).all() and np.isfinite(self.parameters).all()):
            # Parameters end the epoch in which they cease to be finite; a loss may be the first.
            broken = [*np.flatnonzero(~np.isfinite(losses)), len(losses) - 1]
            diverged_at = (begin + int(broken[0])) // self.run.steps_per_epoch + 1
            finite = np.isfinite(losses)[at - begin - 1]
            finite &= np.isfinite(parameters[: len(at)]).all(axis=1)
            finite &= np.isfinite(statistics[: len(at)]).all(axis=1)
            at = at[: len(at) if finite.all() else int(finite.argmin())]
        states = self._states(parameters[: len(at)], statistics[: len(at)], at)
        return Block(begin, at, states, losses, diverged_at=diverged_at)

    def checkpoint(self) -> dict[str, Array]:
        """Return all that is needed to go on from here."""
        return {
            "parameters": self.parameters.copy(),
            "statistics": self.statistics.copy(),
            "moments": self.moments.copy(),
            "counts": np.array([self.step, self._restarted, self._untracked]),
        }

    def restore(self, checkpoint: dict[str, Array]) -> None:
        """Go on from a checkpoint."""
        self.parameters[:] = checkpoint["parameters"]
        self.statistics[:] = checkpoint["statistics"]
        self.moments[:] = checkpoint["moments"]
        self.step, self._restarted, self._untracked = map(int, checkpoint["counts"])

    def load(self, state: dict[str, Array]) -> None:
        """Go on from these parameters and buffers."""
        parameters, statistics = self.stack.flat(state, self.dtype)
        self.parameters[:], self.statistics[:] = parameters, statistics
        if self.stack.counters:
            self._untracked = self.step - int(state[self.stack.counters[0]])

    def restart_optimizer(self) -> None:
        """Forget what the optimiser has gathered."""
        self.moments[:] = 0
        self._restarted = self.step

    def _states(self, parameters: Array, statistics: Array, steps: ArrayLike) -> dict[str, Array]:
        return self.stack.states(parameters, statistics, np.asarray(steps) - self._untracked)

    @cached_property
    def _samples(self) -> tuple[Array, Array]:
        return samples_of(self.run, self.stack, self.dtype)

    @property
    def _whole(self) -> bool:
        """Whether a batch is all there is."""
        return self.run.batch_size == len(self.run.data.inputs)

    @cached_property
    def _options(self) -> Array:
        return self.stack.options.astype(self.dtype)

    @cached_property
    def _kinds(self) -> NDArray[np.int64]:
        training = self.run.training
        loss, optimizer = LOSSES[str(training.loss)], OPTIMIZERS[str(training.optimizer)]
        return np.array([loss.code, optimizer.code, int(training.nesterov)], np.int64)

    @cached_property
    def _settings(self) -> Array:
        t = self.run.training
        settings = [t.weight_decay, t.momentum, t.betas[0], t.betas[1], EPSILON]
        return np.array(settings, np.float64)

    @cached_property
    def _rates(self) -> tuple[NDArray[np.int64], Array]:
        """The ranges (k, 2) of the parameters that are trained, and the learning rate of each."""
        return self.stack.trained_at(self.run.training.lr)

    @cached_property
    def _work(self) -> tuple[Array, int, int]:
        """The kernel's own memory, the units that it has room for, and the samples of each."""
        layers, width = len(self.stack.table), self.stack.width
        stride = -(-self.run.batch_size // LANES) * LANES
        size = (layers + 4) * width * stride + 2 * layers * width + len(self.parameters)
        return np.zeros(size, self.dtype), width, stride
