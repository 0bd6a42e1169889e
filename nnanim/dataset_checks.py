"""Dataset checks: what a data set gives, before anything is trained on it."""

from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, Dataset, Task, is_one_hot, tell_of_lost_spreads
from nnanim.errors import SceneError, unknown


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
    # As np.unique says, without sorting; NaN was refused before.
    if dataset.task in ("binary", "classes") and (arrays.targets == arrays.targets[0]).all():
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
        tell_of_lost_spreads(f"{what} of the data set {dataset.name!r}", values)
    with np.errstate(over="ignore"):
        return np.array(values, kind)


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
