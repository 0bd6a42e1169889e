"""Side by side: many trainings of one architecture on the same data, sixteen at once in lanes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels import side_by_side as kernel
from nnanim.kernels.codes import BATCH_NORM, KIND
from nnanim.kernels.lanes import LANES
from nnanim.network.losses import LOSSES
from nnanim.network.optimizers import EPSILON, OPTIMIZERS
from nnanim.network.stack import Stack
from nnanim.training.batches import batch_orders
from nnanim.training.kernel_trainer import samples_of
from nnanim.training.run import Run

Array = NDArray[Any]

TOGETHER = LANES  # networks that are trained at once

_LINE = 64  # bytes of the processor's memory lines
_TAIL = 10  # the last of so many parts of the steps


def no_lanes(run: Run) -> str:
    """Return in one phrase why trainings of a run cannot stand side by side; "" where they can."""
    training, stack = run.training, run.network.stack
    if stack is None or (stack.table[:, KIND] == BATCH_NORM).any():
        return "its model is not a stack of Linear layers and activations"
    if not isinstance(training.loss, str):
        return "its loss is a function of its own"
    if not isinstance(training.optimizer, str):
        return "its optimizer is a factory of its own"
    others = (
        ("segments", training.segments > 1 or training.restart_optimizer),
        ('keep="best"', training.keep != "last"),
        ("patience", training.patience is not None),
        ("tol", training.tol is not None),
        ("retry", training.retry is not None),
    )
    return next((f"{name} is set" for name, is_set in others if is_set), "")


@dataclass(frozen=True, eq=False)
class Trained:
    """What trainings side by side came to, (networks,) each.

    `first` and `last` are the losses of the first batch and of the last that has one, `steps` how
    many gave a finite loss. Of all steps' losses as shares of the first, none above 1e6 and those
    that are not finite 1e6 too: `total` is their sum, `inverse` the sum of their inverses, and
    `late` the mean over the last tenth of the steps. `parameters` are (networks, p), `states`
    those at the beginning and at the end of each epoch (networks, 1 + epochs, p), where they are
    asked for; of one whose losses are finite no more, what stands there is nothing.
    """

    first: Array
    last: Array
    steps: NDArray[np.int64]
    total: Array
    inverse: Array
    late: Array
    parameters: Array
    states: Array | None = None


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Trainings of a run that `no_lanes` has nothing against, in one precision."""

    run: Run
    stack: Stack
    dtype: type[np.floating[Any]]

    def train(
        self,
        parameters: Array,
        rates: Array,
        decay: Array,
        momentum: Array,
        *,
        states: bool = False,
    ) -> Trained:
        """Train networks that begin with `parameters` (networks, p), each with its own settings.

        `rates` (networks, k) are of the k tensors that are `trained` of the stack; `decay` and
        `momentum` (networks,). With `states`, those at the ends of epochs are told, too.
        What a network comes to hangs on nothing but its own numbers.
        """
        many = len(parameters)
        settings = np.concatenate([decay[:, None], momentum[:, None], rates], axis=1)
        grouped = self._grouped(parameters)
        kept = aligned((len(grouped), kernel.KEPT + 1, LANES), self.dtype)
        kept[:] = 0
        kept[:, kernel.KEPT] = 1
        tail = _tail(self.run.steps)
        ends = self.run.training.epochs if states else 0
        along = aligned((len(grouped), ends, *grouped.shape[1:]), self.dtype)
        with np.errstate(all="ignore"):
            kernel.train_side_by_side(
                *self._samples,
                self._orders,
                self.run.training.epochs,
                self.run.batch_size,
                tail,
                self.stack.table,
                self.stack.options.astype(self.dtype),
                np.array(list(self.stack.trained.values()), np.int64),
                self._kinds(bool(momentum.any())),
                np.array([*self.run.training.betas, EPSILON]),
                LOSSES[str(self.run.training.loss)].option,
                self._grouped(settings),
                grouped,
                aligned((2, parameters.shape[1], LANES), self.dtype),
                kept,
                along,
                *self._work,  # type: ignore[arg-type]  # mypy takes its parts for one kind
            )
        rows = kept.transpose(1, 0, 2).reshape(kernel.KEPT + 1, -1)[:, :many].astype(np.float64)
        lost = self.run.steps - rows[kernel.STEPS]
        found = rows[kernel.TAIL] + np.minimum(lost, tail) * kernel.HIGHEST
        return Trained(
            first=rows[kernel.FIRST],
            last=rows[kernel.LAST],
            steps=rows[kernel.STEPS].astype(np.int64),
            total=rows[kernel.SUM] + lost * kernel.HIGHEST,
            inverse=rows[kernel.INVERSE] + lost / kernel.HIGHEST,
            late=found / tail,
            parameters=grouped.transpose(0, 2, 1).reshape(-1, parameters.shape[1])[:many],
            states=self._from_start(parameters, along) if states else None,
        )

    def _from_start(self, parameters: Array, along: Array) -> Array:
        """Return the states (networks, 1 + epochs, p) of groups, first what they begin with."""
        many, p = parameters.shape
        ends = along.transpose(0, 3, 1, 2).reshape(-1, along.shape[1], p)[:many]
        return np.concatenate([parameters[:, None].astype(self.dtype), ends], axis=1)

    def _grouped(self, values: Array) -> Array:
        """Return values (networks, k) as (groups, k, LANES); the last fills what is left."""
        groups = -(-len(values) // LANES)
        whole = values[np.minimum(np.arange(groups * LANES), len(values) - 1)]
        found = aligned((groups, values.shape[1], LANES), self.dtype)
        found[:] = whole.reshape(groups, LANES, -1).transpose(0, 2, 1)
        return found

    def _kinds(self, moving: bool) -> NDArray[np.int64]:
        training = self.run.training
        loss, optimizer = LOSSES[str(training.loss)], OPTIMIZERS[str(training.optimizer)]
        moved = 0 if not moving else 2 if training.nesterov else 1
        return np.array([loss.code, optimizer.code, moved], np.int64)

    @cached_property
    def _samples(self) -> tuple[Array, Array]:
        return samples_of(self.run, self.stack, self.dtype)

    @cached_property
    def _orders(self) -> NDArray[np.int64]:
        n = len(self.run.data.inputs)
        if self.run.batch_size == n:
            return np.arange(n)[None]
        orders = np.stack(list(batch_orders(n, self.run.training)))
        return np.ascontiguousarray(orders[:, : self.run.samples_per_epoch])

    @property
    def _work(self) -> tuple[Array, int, int]:
        """The kernel's own memory, the units that it has room for, and the samples of each."""
        layers, width = len(self.stack.table), self.stack.width
        stride = self.run.batch_size * LANES
        parameters = sum(int(np.prod(shape)) for _, shape in self.stack.places.values())
        size = (layers + 4) * width * stride + parameters * LANES
        work = aligned((size,), self.dtype)
        work[:] = 0
        return work, width, stride


def late_of(losses: Array, steps: int) -> float:
    """Return what `Trained.late` would be of a training of so many steps, by its losses (n,)."""
    shares = np.full(steps, kernel.HIGHEST)
    with np.errstate(all="ignore"):
        own = losses.astype(np.float64) / losses[0]
    shares[: len(own)] = np.where(own < kernel.HIGHEST, own, kernel.HIGHEST)
    return float(shares[-_tail(steps) :].mean())


def _tail(steps: int) -> int:
    return max(1, steps // _TAIL)


def aligned(shape: tuple[int, ...], dtype: Any) -> Array:
    """Return an array that begins where the processor reads lanes at once."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.empty(size + _LINE, np.uint8)
    start = -room.ctypes.data % _LINE
    found: Array = room[start : start + size].view(dtype).reshape(shape)
    return found
