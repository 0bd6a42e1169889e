"""Dataset: a frozen recipe for arrays, and the checks that it passes before training."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError, unknown
from nnanim.types import Scaling

Task = Literal["binary", "classes", "regression", "none"]
Outputs = Literal["logits", "probabilities", "log_probabilities", "values", "signs"]
OUTPUTS: tuple[str, ...] = get_args(Outputs)  # what a network's outputs may mean
Window = tuple[tuple[float, float], ...]
Scalings = tuple[Scaling, ...]

_LOST = 1e-3  # of a column's span: rounded by more than this, its spread is not what it was

_log = logging.getLogger("nnanim")


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a data set gives: a train part, and a test part that may be empty.

    Inputs are (n, inputs) float32, or (n, …) as of pictures and sequences. Targets are (n, outputs)
    float32 for the tasks "binary", "regression" and "none", and (n,) int64, counted from 0, or
    one-hot rows (n, classes) float32 for "classes". `labels` colour the points of the train part
    and nothing else: classes (n,) int64 that `label_names` name, or numbers (n,) float32.
    """

    inputs: NDArray[np.float32]
    targets: NDArray[Any]
    test_inputs: NDArray[np.float32]
    test_targets: NDArray[Any]
    labels: NDArray[Any] | None = None
    label_names: tuple[str, ...] = ()


class Dataset(Protocol):
    """What a scene needs of its data; any frozen dataclass with these will do."""

    @property
    def name(self) -> str:
        """The first word of the film's title: "Rings"."""

    @property
    def task(self) -> Task:
        """What the targets mean."""

    @property
    def window(self) -> Window:
        """The input window: (low, high) for each input; empty where inputs are no rows."""

    @property
    def class_names(self) -> Sequence[str]:
        """Names of the classes in the order of their labels; empty for regression."""

    @property
    def axis_names(self) -> Sequence[str]:
        """Names of the inputs, then of the target for regression."""

    def arrays(self, seed: int) -> Arrays:
        """Return the data; the same seed gives the same bytes."""


@runtime_checkable
class Scaled(Dataset, Protocol):
    """A data set whose inputs are not in the units of its axes; its window is in theirs."""

    @property
    def scaling(self) -> Scalings | None:
        """(shift, step) for each input: axes say shift + step · x; None where they say x."""


def scaling_of(dataset: Dataset) -> Scalings | None:
    """Return (shift, step) for each input of a data set that is not in the units of its axes."""
    return dataset.scaling if isinstance(dataset, Scaled) else None


@runtime_checkable
class Ambiguous(Dataset, Protocol):
    """A data set whose targets may be numbers or classes: the loss or the model's end decides."""

    @property
    def as_classes(self) -> Dataset | None:
        """The same samples read as classes; None where there is one reading only."""


def expect_points(call: str, n: object, least: int) -> None:
    """Raise `SceneError` unless `n` of the recipe `call` is a whole number of `least` or more."""
    if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < least:
        raise SceneError(f"{call}(n={n!r}): expected at least {least} points, a whole number")


def expect_number(call: str, name: str, value: object, low: float = 0.0) -> None:
    """Raise `SceneError` unless a recipe's number is finite and `low` or more."""
    if not _is_number(value) or value < low:  # type: ignore[operator]
        raise SceneError(f"{call}({name}={value!r}): expected a number of {low:g} or more")


def expect_range(call: str, name: str, value: object, least: float = -np.inf) -> None:
    """Raise `SceneError` unless a recipe's range is (low, high) with `least` <= low < high."""
    pair = value if isinstance(value, tuple | list) else ()
    if len(pair) != 2 or not all(map(_is_number, pair)) or not least <= pair[0] < pair[1]:
        bound = "" if least == -np.inf else f"{least:g} <= "
        raise SceneError(f"{call}({name}={value!r}): expected (low, high) with {bound}low < high")


def _is_number(value: object) -> bool:
    real = isinstance(value, int | float | np.integer | np.floating)
    return real and not isinstance(value, bool) and -np.inf < value < np.inf  # type: ignore


def without_test(inputs: NDArray[np.floating], targets: NDArray[Any]) -> Arrays:
    """Return `Arrays` with these as the train part and no test part."""
    _tell_of_lost_spreads("inputs", np.asarray(inputs))
    with np.errstate(over="ignore"):  # beyond float32 is infinity, and refused as that
        inputs = np.asarray(inputs, np.float32)
    return Arrays(inputs, targets, inputs[:0], targets[:0])


def of_rows(data: Arrays, train: NDArray[np.int64], test: NDArray[np.int64]) -> Arrays:
    """Return the rows `train` of the train part and `test` of the test part."""
    return replace(
        data,
        inputs=data.inputs[train],
        targets=data.targets[train],
        test_inputs=data.test_inputs[test],
        test_targets=data.test_targets[test],
        labels=None if data.labels is None else data.labels[train],
    )


def evenly(n: int, most: int) -> NDArray[np.int64]:
    """Return `most` of `n` rows, evenly chosen, or all where there are no more."""
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).round().astype(np.int64)


def drawn(
    draw: Callable[[np.random.Generator, int], tuple[NDArray[Any], NDArray[Any]]],
    n: int,
    tested: int,
    seed: int,
) -> Arrays:
    """Return `n` points of two classes, then `tested` for the test part, at least 4, from `seed`.

    `draw(rng, n)` gives points (n, inputs) and which class each is of, (n,) 0 or 1.
    """
    rng = np.random.default_rng(seed)
    parts: list[NDArray[np.float32]] = []
    for count in (n, max(4, tested)):
        points, classes = draw(rng, count)
        parts += [points.astype(np.float32), classes[:, None].astype(np.float32)]
    inputs, targets, test_inputs, test_targets = parts
    return Arrays(inputs, targets, test_inputs, test_targets)


def checked_arrays(dataset: Dataset, seed: int) -> Arrays:
    """Return `dataset.arrays(seed)` as `Arrays` says; `SceneError` where that cannot be trained on.

    Numbers of another kind are converted, labels of classes excepted: they must be whole.
    """
    if dataset.task not in get_args(Task):
        raise SceneError(unknown("task of a data set", dataset.task, get_args(Task)))
    arrays = _converted(dataset, dataset.arrays(seed))
    for part, inputs, targets in (
        ("train", arrays.inputs, arrays.targets),
        ("test", arrays.test_inputs, arrays.test_targets),
    ):
        _check_part(f"{part} part of {dataset.name!r}", dataset.task, inputs, targets)
    if len(arrays.inputs) == 0:
        raise SceneError(f"the data set {dataset.name!r} is empty: expected at least one sample")
    _check_window(dataset, arrays.inputs)
    if dataset.task in ("binary", "classes") and len(np.unique(arrays.targets, axis=0)) < 2:
        raise SceneError(
            f"the data set {dataset.name!r} has one class only, "
            f"{np.unique(arrays.targets).tolist()}: expected at least two"
        )
    _check_labels(dataset, arrays)
    return arrays


def _check_labels(dataset: Dataset, arrays: Arrays) -> None:
    labels = arrays.labels
    if labels is None:
        return
    n = len(arrays.inputs)
    if np.shape(labels) != (n,) or np.asarray(labels).dtype.kind not in "if":
        raise SceneError(
            f"labels of the data set {dataset.name!r} have shape {np.shape(labels)}: expected one "
            f"for each of the {n} samples, ({n},)"
        )
    if labels.dtype.kind == "i" and not 0 <= labels.min() <= labels.max() < len(arrays.label_names):
        raise SceneError(
            f"labels of the data set {dataset.name!r} run from {labels.min()} to {labels.max()} "
            f"but {len(arrays.label_names)} are named: expected labels from 0, and a name for each"
        )
    if not np.isfinite(labels).all():
        raise SceneError(f"labels of the data set {dataset.name!r} hold NaN or infinity")


def _converted(dataset: Dataset, came: object) -> Arrays:
    if not isinstance(came, Arrays):
        raise SceneError(
            f"arrays() of the data set {dataset.name!r} returned {type(came).__name__}: expected "
            "Arrays, as without_test(inputs, targets) of nnanim.dataset makes them"
        )
    rows = np.ndim(came.targets) == 2
    kind = np.int64 if dataset.task == "classes" and not rows else np.float32
    return Arrays(
        _as_kind("inputs", dataset, came.inputs, np.float32),
        _as_kind("targets", dataset, came.targets, kind),
        _as_kind("test inputs", dataset, came.test_inputs, np.float32),
        _as_kind("test targets", dataset, came.test_targets, kind),
        came.labels,
        came.label_names,
    )


def _as_kind(
    what: str, dataset: Dataset, came: object, kind: type[np.float32] | type[np.int64]
) -> NDArray[Any]:
    """Return a copy, so that nothing else holds what torch is going to look at."""
    values = np.asarray(came)
    fits = "biuf" if kind is np.float32 else "biu"
    if values.dtype.kind not in fits:
        cure = "use numbers" if kind is np.float32 else "use y.astype(int), labels from 0"
        raise SceneError(
            f"{what} of the data set {dataset.name!r} are {values.dtype}: "
            f"expected {kind.__name__}; {cure}"
        )
    if kind is np.float32:
        _tell_of_lost_spreads(f"{what} of the data set {dataset.name!r}", values)
    with np.errstate(over="ignore"):
        return np.array(values, kind)


def _tell_of_lost_spreads(what: str, values: NDArray[Any]) -> None:
    for column in lost_spreads(values):
        advise(
            f"{what}: 32 bits do not hold how the values of column {column} differ; take off its "
            "mean before, in 64 bits"
        )


def lost_spreads(values: NDArray[Any]) -> list[int]:
    """Return the columns of `values` (n, …) that differ by little more than 32 bits can tell.

    As of a time in seconds since 1970 over a day, which is rounded to 128 seconds.
    """
    if values.dtype.kind not in "iuf" or values.dtype.itemsize <= 4 or not len(values):
        return []
    lost = []
    for index, column in enumerate(values.reshape(len(values), -1).T):
        with np.errstate(all="ignore"):
            span = float(column.max()) - float(column.min())
            error = np.abs(column - column.astype(np.float32)).max()
        # A constant has no spread, nor has one that is constant but for the rounding of 64 bits.
        if span > 1e-13 * float(np.abs(column).max()) and _LOST * span < error < np.inf:
            lost.append(index)
    return lost


@lru_cache(1000)
def advise(line: str) -> None:
    """Say something that the user should know: once, however often it is met."""
    _log.warning("%s", line)


def _check_window(dataset: Dataset, samples: NDArray[Any]) -> None:
    if samples.ndim > 2 and len(dataset.window):
        raise SceneError(
            f"the data set {dataset.name!r} has inputs of shape {samples.shape} and a window: "
            "leave it out; a window is for inputs (n, inputs)"
        )
    inputs = samples.shape[1] if samples.ndim == 2 else 0
    if len(dataset.window) != inputs:
        raise SceneError(
            f"the data set {dataset.name!r} has {inputs} inputs but its window "
            f"{dataset.window!r} has {len(dataset.window)} ranges: give one (low, high) an input"
        )
    for low, high in dataset.window:
        if not -np.inf < low < high < np.inf:
            raise SceneError(
                f"the window of the data set {dataset.name!r} holds ({low}, {high}): "
                "expected (low, high) with low < high"
            )


def is_one_hot(targets: NDArray[Any]) -> bool:
    """Return whether targets are rows of two or more columns with a single 1 among zeros."""
    if targets.ndim != 2 or targets.shape[1] < 2 or targets.dtype.kind not in "biuf":
        return False
    ones = targets == 1
    return bool((ones.sum(axis=1) == 1).all() and (ones | (targets == 0)).all() and len(targets))


def _check_part(where: str, task: Task, inputs: NDArray[Any], targets: NDArray[Any]) -> None:
    if inputs.ndim < 2:
        raise SceneError(
            f"inputs of the {where} have shape {inputs.shape}: expected (n, inputs); "
            "for one input use x[:, None]"
        )
    if len(inputs) != len(targets):
        raise SceneError(
            f"the {where} has {len(inputs)} inputs but {len(targets)} targets: "
            "expected one target for each input"
        )
    fits = targets.ndim == 2
    if task == "classes":
        fits = targets.ndim == 1 or (len(targets) == 0 and fits) or is_one_hot(targets)
    if not fits:
        rows = targets.ndim == 2 and targets.shape[1] > 1
        cure = "use y.argmax(1) of such rows" if rows else "use y[:, 0]"
        cure = cure if task == "classes" else "use y[:, None]"
        raise SceneError(
            f"targets of the {where} have shape {targets.shape}: a {task} task expects "
            f"{'(n,), or one-hot rows' if task == 'classes' else '(n, outputs)'}; {cure}"
        )
    for what, values in (("inputs", inputs), ("targets", targets)):
        finite = np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
        bad = np.flatnonzero(~finite)
        if len(bad):
            raise SceneError(
                f"{what} of the {where} hold NaN or infinity, first in row {bad[0]}: "
                "drop such rows or fill them in"
            )
