"""Pixels: what the network of each pixel of a map begins with, and is trained by."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError, UsageError
from nnanim.network.course import Course
from nnanim.network.decision import Decision
from nnanim.network.optimizers import rate_of
from nnanim.network.predictions import reading_of
from nnanim.network.score import Scorer, decision_for, loss_values
from nnanim.network.stack import NotAStack, Stack
from nnanim.scene.scene import Scene
from nnanim.scene.values import Axis
from nnanim.sweeps.block import Making
from nnanim.training.given import given_by
from nnanim.training.run import Run, prepare
from nnanim.training.side_by_side import SideBySide, Trained, no_lanes
from nnanim.training.start import start_of

Numbers = NDArray[np.float64]

_FREE = ("lr", "momentum", "weight_decay", "seed")  # of a Training, from pixel to pixel
_OTHERS = 2  # numbers of a training before its rates: weight decay and momentum
_AT_ONCE = 2**20  # numbers that networks give together, for their scores
_LOOKED_AT = 64  # pixels at which columns and rows are seen to tell all


@dataclass(frozen=True)
class Named:
    """An axis of a map: the numbers that a setting runs through."""

    name: str
    axis: Axis

    def value(self, i: int, count: int) -> float | int:
        """Return the i-th of `count` values, whole where it is but for rounding, as seeds are."""
        value = float(self.axis.at(i / (count - 1)))
        whole = round(value)
        return whole if abs(value - whole) <= 2 * math.ulp(value) else value

    def described(self) -> list[Any]:
        """Return it as plain JSON."""
        return [self.name, self.axis.kind, self.axis.low, self.axis.high]


@dataclass(frozen=True, eq=False)
class Pixels:
    """The trainings of a map of `size` (width, height): pixel (i, j) counts from the lower left.

    `make` makes a scene of the settings of a pixel. Raises `UsageError` where these change what
    trainings side by side have to share, `SceneError` for what cannot be trained side by side.
    """

    make: Making
    x: Named
    y: Named
    size: tuple[int, int]

    def settings(self, i: int, j: int) -> dict[str, float | int]:
        """Return what the axes say of a pixel."""
        width, height = self.size
        return {self.x.name: self.x.value(i, width), self.y.name: self.y.value(j, height)}

    def scene(self, i: int, j: int) -> Scene:
        """Return the scene of a pixel."""
        return self.make(self.settings(i, j))

    @cached_property
    def run(self) -> Run:
        """The training of the first pixel, which tells what all share."""
        run = prepare(self.scene(0, 0))
        lacks = no_lanes(run)
        if lacks:
            raise _refused(lacks)
        return run

    def train(
        self, numbers: range, dtype: type[np.floating[Any]], *, states: bool = False
    ) -> Trained:
        """Train the pixels of these numbers, counted row by row from the lower left."""
        width = self.size[0]
        at = np.asarray(numbers)
        told = self._told(at % width, at // width)
        side = SideBySide(self.run, self._stack, dtype)
        rates = _OTHERS + len(self._names)
        start, rated = told[:, rates:], told[:, _OTHERS:rates]
        return side.train(start, rated, told[:, 0], told[:, 1], states=states)

    def scores(self, parameters: NDArray[Any]) -> Numbers:
        """Return the scores (n,) of networks with these parameters (n, p), of the test part if any.

        Accuracy, or R² of a regression, in float32; NaN where they are no numbers.
        """
        run = self.run
        read = reading_of(run.task, run.outputs, run.data.targets, run.training.loss)
        scorer = Scorer(run.network, self.decision, run.data, read)
        return self._told_of(parameters, scorer.inputs, scorer.layer, scorer.each)

    def losses(self, parameters: NDArray[Any]) -> Numbers:
        """Return the losses (n,) over all training data of networks (n, p), in float32."""
        name, data = str(self.run.training.loss), self.run.data
        return self._told_of(
            parameters, data.inputs, "", lambda found: loss_values(name, found, data.targets)
        )

    def ever_on(self, parameters: NDArray[Any], layer: str, unit: int) -> NDArray[np.bool_]:
        """Return for which networks (n, p) a unit of a layer is above 0 for any of the samples."""

        def on(found: NDArray[Any]) -> NDArray[np.bool_]:
            return np.asarray((found[..., unit] > 0).any(axis=1))

        return self._told_of(parameters, self.run.data.inputs, layer, on) > 0

    @cached_property
    def decision(self) -> Decision | None:
        """How scores become classes; None where there are none to predict."""
        run = self.run
        return decision_for(run.task, run.network, run.outputs, run.data.targets)

    def _told_of(
        self,
        parameters: NDArray[Any],
        samples: NDArray[Any],
        layer: str,
        tell: Callable[[NDArray[Any]], NDArray[Any]],
    ) -> Numbers:
        """Return what is told (n,) of what networks (n, p) give for samples."""
        count, inputs = len(parameters), np.ascontiguousarray(samples, np.float32)
        with np.errstate(over="ignore"):  # of one that is far off
            numbers, flat = np.arange(count), parameters.astype(np.float32)
        none = np.zeros((count, 1), np.float32)
        course = Course(self._stack, numbers.astype(np.float64), numbers, flat, none)
        outputs = course.along(inputs, [layer])
        found = np.full(count, np.nan)
        each = max(1, _AT_ONCE // (len(inputs) * self._stack.width))
        with np.errstate(all="ignore"):
            for start in range(0, count, each):
                part = slice(start, start + each)
                found[part] = tell(outputs(course.epochs[part])[0])
        return np.where(np.isfinite(flat).all(axis=1), found, np.nan)

    @property
    def parameters(self) -> int:
        """How many parameters each network has."""
        return len(self._start)

    def check(self) -> None:
        """See that all can be trained, before the first is."""
        _ = self._axes

    def _told(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> Numbers:
        """Return what is told of pixels (n, numbers)."""
        if self._axes is None:
            pairs = zip(i.tolist(), j.tolist(), strict=True)
            return np.stack([self._numbers(self.scene(*pair)) for pair in pairs])
        columns, rows, upward = self._axes
        return np.where(upward, rows[j], columns[i])

    @cached_property
    def _axes(self) -> tuple[Numbers, Numbers, NDArray[np.bool_]] | None:
        """What is told along x and along y, and which numbers go with y.

        None where one hangs on both: then each pixel's scene has to be made.
        """
        width, height = self.size
        columns = np.stack([self._numbers(self.scene(i, 0)) for i in range(width)])
        rows = np.stack([self._numbers(self.scene(0, j)) for j in range(height)])
        across, upward = ((told != told[0]).any(axis=0) for told in (columns, rows))
        if (across & upward).any():
            return None
        rng = np.random.default_rng(0)
        some = rng.integers(0, self.size, (_LOOKED_AT, 2)).tolist()
        for i, j in [*some, (width - 1, height - 1)]:
            if (self._numbers(self.scene(i, j)) != np.where(upward, rows[j], columns[i])).any():
                return None
        return columns, rows, upward

    def _numbers(self, scene: Scene) -> Numbers:
        """Return weight decay, momentum, rates and initial parameters of a training."""
        self._check(scene)
        training = scene.training
        rates = [rate_of(name, training.lr) for name in self._names]
        start = self._start if self._begins_alike(scene) else self._begun(scene)
        return np.array([training.weight_decay, training.momentum, *rates, *start], np.float64)

    @cached_property
    def _stack(self) -> Stack:
        stack = self.run.network.stack
        assert stack is not None
        return stack

    @cached_property
    def _names(self) -> Sequence[str]:
        return list(self._stack.trained)

    @cached_property
    def _start(self) -> Numbers:
        return self._stack.flat(self.run.start.state, np.float64)[0]

    def _begins_alike(self, scene: Scene) -> bool:
        first = self.run
        return bool(scene.model == first.model) and scene.training.seed == first.training.seed

    def _begun(self, scene: Scene) -> Numbers:
        """Return the initial parameters of a scene whose model or seed is another."""
        start = start_of(scene.model, scene.training.seed)
        stack = start.stack
        if stack is None:
            from nnanim.network.recognition import stack_of  # torch, which has made the module

            try:
                stack = stack_of(start.module)
            except NotAStack as reason:
                raise _refused(f"{self._which} make the model no stack ({reason})") from None
        if not _alike(stack, self._stack):
            raise UsageError(f"{self._which} change the layers: a map is of networks of one shape")
        return self._stack.flat(start.state, np.float64)[0]

    def _check(self, scene: Scene) -> None:
        """Refuse a scene that changes what trainings side by side have to share."""
        first, training = self.run.training, scene.training
        alike = replace(training, **{name: getattr(first, name) for name in _FREE})
        if alike != first:
            names = [f.name for f in fields(alike)]
            other = next(n for n in names if getattr(alike, n) != getattr(first, n))
            raise UsageError(
                f"{self._which} change training.{other}: a map's axes change learning rates, "
                "momentum, weight decay, initial weights and the seed"
            )
        other_seed = training.seed != first.seed
        if other_seed and self.run.batch_size < len(self.run.data.inputs):
            raise UsageError(
                "a seed as an axis needs the full batch, as all networks of a map take the same "
                "batches: set batch_size=None"
            )
        if other_seed or scene.dataset is not self._dataset:
            self._compare_data(scene)

    @cached_property
    def _dataset(self) -> Any:
        return self.scene(0, 0).dataset

    def _compare_data(self, scene: Scene) -> None:
        given, first = given_by(scene), self.run.given
        pairs = ((given.inputs, first.inputs), (given.targets, first.targets))
        if not all(np.array_equal(a, b) for a, b in pairs):
            raise UsageError(
                f"{self._which} change the data: a map is of networks on the same data; give the "
                "data set a seed of its own"
            )

    @property
    def _which(self) -> str:
        return f"{self.x.name} and {self.y.name} between them"


def _refused(why: str) -> SceneError:
    return SceneError(
        f"{why}: a map trains stacks of Linear layers and activations, with a named loss and "
        "optimizer, side by side; `nnanim sweep` trains whatever a scene is"
    )


def _alike(one: Stack, other: Stack) -> bool:
    tables = (one.table, other.table), (one.options, other.options), (one.segments, other.segments)
    return all(np.array_equal(a, b) for a, b in tables)
