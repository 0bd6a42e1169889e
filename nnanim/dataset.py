"""Dataset: a frozen recipe for arrays, and what it tells of them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError
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


def expect_names(call: str, dataset: Dataset, classes: int | None = None) -> None:
    """Raise `SceneError` unless the names of a recipe's classes and axes are as many as its own.

    Lists of them become tuples; `classes` are how many there are where the recipe says it.
    """
    for field in ("class_names", "axis_names"):
        names, usual = getattr(dataset, field), getattr(type(dataset), field)
        count = classes if classes is not None and field == "class_names" else len(usual)
        fits = isinstance(names, list | tuple) and len(names) == count
        if not fits or not all(isinstance(name, str) for name in names):
            raise SceneError(
                f"{call}({field}={names!r:.80}): expected {count} texts"
                + (f", as {usual!r}" if usual else "")
            )
        object.__setattr__(dataset, field, tuple(names))


def _is_number(value: object) -> bool:
    real = isinstance(value, int | float | np.integer | np.floating)
    return real and not isinstance(value, bool) and -np.inf < value < np.inf  # type: ignore


def without_test(inputs: NDArray[np.floating], targets: NDArray[Any]) -> Arrays:
    """Return `Arrays` with these as the train part and no test part."""
    tell_of_lost_spreads("inputs", np.asarray(inputs))
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


def tell_of_lost_spreads(what: str, values: NDArray[Any]) -> None:
    """Advise on each column of `values` (n, …) that `lost_spreads` names; `what` they are."""
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


def is_one_hot(targets: NDArray[Any]) -> bool:
    """Return whether targets are rows of two or more columns with a single 1 among zeros."""
    if targets.ndim != 2 or targets.shape[1] < 2 or targets.dtype.kind not in "biuf":
        return False
    ones = targets == 1
    return bool((ones.sum(axis=1) == 1).all() and (ones | (targets == 0)).all() and len(targets))
