"""Dataset: a frozen recipe for arrays, and the checks that it passes before training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError, unknown

Task = Literal["binary", "classes", "regression"]
Window = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a data set gives: a train part, and a test part that may be empty.

    Inputs are (n, inputs) float32. Targets are (n, outputs) float32 for the tasks "binary" and
    "regression", and (n,) int64, counted from 0, for "classes".
    """

    inputs: NDArray[np.float32]
    targets: NDArray[Any]
    test_inputs: NDArray[np.float32]
    test_targets: NDArray[Any]


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
        """The input window: (low, high) for each input."""

    @property
    def class_names(self) -> Sequence[str]:
        """Names of the classes in the order of their labels; empty for regression."""

    @property
    def axis_names(self) -> Sequence[str]:
        """Names of the inputs, then of the target for regression."""

    def arrays(self, seed: int) -> Arrays:
        """Return the data; the same seed gives the same bytes."""


def without_test(inputs: NDArray[np.floating], targets: NDArray[Any]) -> Arrays:
    """Return `Arrays` with these as the train part and no test part."""
    inputs = np.asarray(inputs, np.float32)
    return Arrays(inputs, targets, inputs[:0], targets[:0])


def checked_arrays(dataset: Dataset, seed: int) -> Arrays:
    """Return `dataset.arrays(seed)`; `SceneError` says what about it cannot be trained on."""
    if dataset.task not in get_args(Task):
        raise SceneError(unknown("task of a data set", dataset.task, get_args(Task)))
    arrays = dataset.arrays(seed)
    for part, inputs, targets in (
        ("train", arrays.inputs, arrays.targets),
        ("test", arrays.test_inputs, arrays.test_targets),
    ):
        _check_part(f"{part} part of {dataset.name!r}", dataset.task, inputs, targets)
    if len(arrays.inputs) == 0:
        raise SceneError(f"the data set {dataset.name!r} is empty: expected at least one sample")
    if len(dataset.window) != arrays.inputs.shape[1]:
        raise SceneError(
            f"the data set {dataset.name!r} has {arrays.inputs.shape[1]} inputs but its window "
            f"{dataset.window!r} has {len(dataset.window)} ranges: give one (low, high) an input"
        )
    if dataset.task != "regression" and len(np.unique(arrays.targets)) < 2:
        raise SceneError(
            f"the data set {dataset.name!r} has one class only, "
            f"{np.unique(arrays.targets).tolist()}: expected at least two"
        )
    return arrays


def _check_part(where: str, task: Task, inputs: NDArray[Any], targets: NDArray[Any]) -> None:
    if inputs.ndim != 2:
        raise SceneError(
            f"inputs of the {where} have shape {inputs.shape}: expected (n, inputs); "
            "for one input use x[:, None]"
        )
    if len(inputs) != len(targets):
        raise SceneError(f"the {where} has {len(inputs)} inputs but {len(targets)} targets")
    expected = 1 if task == "classes" else 2
    if targets.ndim != expected:
        cure = "use y.argmax(1) of one-hot rows" if task == "classes" else "use y[:, None]"
        raise SceneError(
            f"targets of the {where} have shape {targets.shape}: a {task} task expects "
            f"{'(n,)' if task == 'classes' else '(n, outputs)'}; {cure}"
        )
    for what, values in (("inputs", inputs), ("targets", targets)):
        bad = np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))
        if len(bad):
            raise SceneError(
                f"{what} of the {where} hold NaN or infinity, first in row {bad[0]}: "
                "drop such rows or fill them in"
            )
