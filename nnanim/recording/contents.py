"""Contents: what a recording's file holds, checked array by array."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, is_one_hot
from nnanim.recording import container
from nnanim.recording.header import Header
from nnanim.recording.kept import kept_of

DATA = ("inputs", "targets", "test_inputs", "test_targets")
LABELS = "data/labels"
_STATE, _ACTIVATIONS = "state/", "activations/"


class Contents(NamedTuple):
    """The arrays of a recording, by the names of its fields."""

    steps: NDArray[np.int64]
    states: dict[str, NDArray[Any]]
    batch_loss: NDArray[np.float64]
    data: Arrays
    times: NDArray[np.float64] | None
    test_loss: NDArray[np.float64] | None


def prefix_of(header: Header) -> str:
    """Return what the names of a file's states begin with."""
    return _STATE if header.activations is None else _ACTIVATIONS


def contents_of(path: Path, header: Header, tensors: dict[str, NDArray[Any]]) -> Contents:
    """Return what a file's header and tensors make; `RecordingError` where that is no recording."""
    check = container.Checks(path, tensors)
    data = _checked_data(check, header)
    steps = check.array("steps", "i8", 1)
    batch_loss = check.array("batch_loss", "f8", 1, finite=False)  # one that diverged is infinite
    times = check.array("epochs", "f8", 1) if "epochs" in tensors else None
    tested = None
    if "test_loss" in tensors:
        tested = check.array("test_loss", "f8", 1, finite=False)  # not asked at every snapshot
    prefix = prefix_of(header)
    names = [name for name in tensors if name.startswith(prefix)]
    check.that(len(names) > 0 and len(steps) > 0, "it holds no state")
    states = {name.removeprefix(prefix): check.finite(name) for name in names}
    _check_activations(check, header, states, data.inputs)
    counted = [array for array in (*states.values(), times, tested) if array is not None]
    check.that(
        all(array.shape[:1] == steps.shape for array in counted),
        "its arrays differ in the number of snapshots",
    )
    check.that(steps[0] >= 0 and _rise(steps), "its steps do not rise")
    check.that(times is None or (times[0] >= 0 and _rise(times)), "its epochs do not rise")
    check.that(0 < len(batch_loss) >= steps[-1], "it has more steps than losses")
    _check_kept(check, header, steps / header.steps_per_epoch if times is None else times)
    return Contents(steps, states, batch_loss, data, times, tested)


def _check_kept(check: container.Checks, header: Header, epochs: NDArray[np.float64]) -> None:
    try:
        kept_of(header.kept, epochs)
    except ValueError as error:
        check.that(False, str(error))


def _check_activations(
    check: container.Checks, header: Header, states: dict[str, NDArray[Any]], inputs: NDArray[Any]
) -> None:
    """Raise unless there is for each layer that the header names what it gives."""
    told = header.activations
    if told is None:
        return
    units = {layer["name"]: layer["units"] for layer in told["layers"]} | {"": told["outputs"]}
    check.that(
        told["inputs"] == inputs[0].size
        and states.keys() == units.keys()
        and all(
            array.dtype == np.float32 and array.shape[1:] == (len(inputs), units[name])
            for name, array in states.items()
        ),
        "its activations are not those of the layers that it names",
    )


def _checked_data(check: container.Checks, header: Header) -> Arrays:
    given = check.tensors.get("data/targets", np.zeros(0))
    indices = header.task == "classes" and given.ndim == 1
    kind, ndim = ("i8", 1) if indices else ("f4", 2)
    inputs, test_inputs = (check.rows(f"data/{part}") for part in DATA[::2])
    targets, test_targets = (check.array(f"data/{part}", kind, ndim) for part in DATA[1::2])
    check.that(len(inputs) > 0, "it holds no data")
    check.that(
        len(inputs) == len(targets) and len(test_inputs) == len(test_targets),
        "its inputs and targets differ in number",
    )
    wide = inputs.shape[1] if inputs.ndim == 2 else 0  # pictures and sequences have no window
    check.that(
        inputs[:1].size > 0 and len(header.window) == wide, "its inputs and window differ in width"
    )
    check.that(
        header.scaling is None or len(header.scaling) == wide,
        "its inputs and scaling differ in width",
    )
    check.that(targets.shape[1:] != (0,), "its targets have no width")
    check.that(
        len(test_inputs) == 0
        or (inputs.shape[1:], targets.shape[1:]) == (test_inputs.shape[1:], test_targets.shape[1:]),
        "its train and test parts differ in width",
    )
    check.that(not indices or targets.min() >= 0, "its labels do not count from 0")
    check.that(
        header.task != "classes" or indices or is_one_hot(targets), "its targets are no classes"
    )
    names = tuple(header.label_names)
    return Arrays(
        inputs, targets, test_inputs, test_targets, _labels(check, len(inputs), names), names
    )


def _labels(check: container.Checks, n: int, names: tuple[str, ...]) -> NDArray[Any] | None:
    """Return what colours the points; None where nothing but the targets does."""
    if LABELS not in check.tensors:
        return None
    labels = check.array(LABELS, "i8" if names else "f4", 1)
    check.that(len(labels) == n, "its labels and inputs differ in number")
    named = not names or bool((labels >= 0).all() and (labels < len(names)).all())
    check.that(named, "its labels are not those that it names")
    return labels


def _rise(array: NDArray[Any]) -> bool:
    return bool((array[1:] > array[:-1]).all())
