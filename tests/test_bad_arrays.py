"""A recording whose arrays are no arrays of one is one clear line that says what is wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.bad_files import content, of_classes, packed, sound, spoilt, why_refused

Tensors = dict[str, NDArray[Any]]


def set_to(value: float) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what sets the last number of an array."""

    def change(array: NDArray[Any]) -> NDArray[Any]:
        array.reshape(-1)[-1] = value
        return array

    return change


PARTS = ("inputs", "targets", "test_inputs", "test_targets")
ARRAYS = ("steps", "batch_loss", *(f"data/{part}" for part in PARTS))


@pytest.mark.parametrize("name", ARRAYS)
def test_each_array_must_be_there(name: str, path: Path) -> None:
    """The line says which is not."""
    header, tensors = content(sound())
    del tensors[name]

    assert why_refused(path, packed(header, tensors)) == (
        f"is not a recording: it has no array {name!r}"
    )


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("kind", ["f2", "i4", "?"])
def test_each_array_must_be_of_its_type(name: str, kind: str, path: Path) -> None:
    """And of its number of dimensions; the line says what came."""
    said = why_refused(path, spoilt(name, lambda array: array.astype(kind)))
    few = name.endswith("inputs")  # which may have any number of dimensions but one
    flat = why_refused(path, spoilt(name, lambda array: array[:, 0] if few else array[None]))

    assert said.startswith(f"is not a recording: its array {name!r} is {np.dtype(kind)} of shape")
    assert flat.startswith(f"is not a recording: its array {name!r} is ")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", [f"data/{part}" for part in PARTS] + ["state/hidden1.0.weight"])
def test_numbers_that_are_none_are_refused(name: str, value: float, path: Path) -> None:
    """In data and in states."""
    said = why_refused(path, spoilt(name, set_to(value)))

    assert said == f"is not a recording: {name!r} holds NaN or infinity"


STEPS: dict[str, list[int]] = {
    "falling": [0, 1, 3, 2, 4],
    "standing": [0, 1, 2, 2, 4],
    "below 0": [-1, 1, 2, 3, 4],
    "beyond the losses": [0, 1, 2, 3, 5],
    "far beyond": [0, 1, 2, 3, 2**62],
    "round to below 0": [0, 1, 2, 2**63 - 1, -(2**63)],
}


@pytest.mark.parametrize("name", STEPS)
def test_steps_must_rise_within_the_training(name: str, path: Path) -> None:
    """From the start of the training to, at most, its last loss."""
    said = why_refused(path, spoilt("steps", lambda _: np.array(STEPS[name])))

    assert said.removeprefix("is not a recording: ") in (
        "its steps do not rise",
        "it has more steps than losses",
    )


@pytest.mark.parametrize("times", [[0, 1, 1, 2, 3], [0, 2, 1, 3, 4], [-1, 0, 1, 2, 3]])
def test_epochs_must_rise_too(times: list[float], path: Path) -> None:
    """Where a file gives them."""
    header, tensors = content(sound())
    tensors["epochs"] = np.array(times, np.float64)

    assert why_refused(path, packed(header, tensors)).endswith("its epochs do not rise")


@pytest.mark.parametrize(
    "change",
    [
        {"steps": np.arange(4)},
        {"steps": np.zeros(0, np.int64)},
        {"epochs": np.arange(4.0)},
        {"state/hidden1.0.bias": np.zeros((4, 3), np.float32)},
        {"state/more": np.zeros((0, 2**20), np.float32)},
        {"state/more": np.float32(1.0)},
    ],
)
def test_every_array_has_as_many_snapshots(change: Tensors, path: Path) -> None:
    """One number for each state."""
    header, tensors = content(sound())

    said = why_refused(path, packed(header, {**tensors, **change}))

    assert said.removeprefix("is not a recording: ") in (
        "its arrays differ in the number of snapshots",
        "it holds no state",
    )


def test_without_a_state_it_is_none(path: Path) -> None:
    """Arrays of other names do not count."""
    header, tensors = content(sound())
    rest = {name: array for name, array in tensors.items() if not name.startswith("state/")}

    said = why_refused(path, packed(header, {**rest, "hidden1.0.bias": tensors["steps"]}))

    assert said == "is not a recording: it holds no state"


DATA: dict[str, tuple[Tensors, str]] = {
    "no data": (
        {"data/inputs": np.zeros((0, 2), "f4"), "data/targets": np.zeros((0, 1), "f4")},
        "it holds no data",
    ),
    "fewer targets": ({"data/targets": np.zeros((9, 1), "f4")}, "targets differ in number"),
    "more test targets": (
        {"data/test_targets": np.zeros((9, 1), "f4")}, "targets differ in number",
    ),
    "one input": ({"data/inputs": np.zeros((10, 1), "f4")}, "inputs and window differ in width"),
    "three test inputs": (
        {"data/test_inputs": np.zeros((2, 3), "f4"), "data/test_targets": np.zeros((2, 1), "f4")},
        "parts differ in width",
    ),
    "two test targets": (
        {"data/test_inputs": np.zeros((2, 2), "f4"), "data/test_targets": np.zeros((2, 2), "f4")},
        "parts differ in width",
    ),
    "targets of no width": ({"data/targets": np.zeros((10, 0), "f4")}, "have no width"),
}  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_data_must_fit_each_other(name: str, path: Path) -> None:
    """Inputs, targets and window."""
    change, says = DATA[name]
    header, tensors = content(sound())

    assert says in why_refused(path, packed(header, {**tensors, **change}))


def test_labels_count_from_zero(path: Path) -> None:
    """Those of classes are whole numbers."""
    header, tensors = content(of_classes())
    tensors["data/targets"][0] = -1

    assert why_refused(path, packed(header, tensors)).endswith("its labels do not count from 0")
