"""A data set that cannot be trained on is one clear line; numbers of any kind can be."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnanim.recording import record as _recorder
from nnanim.scene.files import load

SceneFile = Callable[..., Path]
SceneRefused = Callable[[dict[str, str], tuple[str, ...]], None]


DATA = """
@dataclass(frozen=True)
class Halves:
    name = "Halves"
    task = "{task}"
    window = {window}
    class_names = ("left", "right")
    axis_names = ("x", "y")

    def arrays(self, seed):
        x = np.random.default_rng(seed).uniform(-1, 1, (64, 2))
        y = (x[:, :1] > 0).astype(float)
        {change}
        return {made}
"""


def data(
    change: str = "pass",
    *,
    made: str = "without_test(x, y)",
    task: str = "binary",
    window: str = "((-1, 1), (-1, 1))",
    **parts: str,
) -> dict[str, str]:
    """Return the parts of a scene with a data set of its own, whose x and y a line changes."""
    before = DATA.format(change=change, made=made, task=task, window=window)
    return {"before": before, "dataset": "Halves()", **parts}


# What of the tiny scene is replaced by what, and what the line says: what came, what was
# expected, what to do. "# here" marks the line that the message has to name.
DATASETS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "unknown task": (
        data(task="regresion"),
        ("unknown task", "binary | classes | regression", "did you mean 'regression'?"),
    ),
    "no data": (
        data("x, y = x[:0], y[:0]"),
        ("the data set 'Halves' is empty", "expected at least one sample"),
    ),
    "one class": (
        data("y[:] = 1"),
        ("'Halves' has one class only, [1.0]", "expected at least two"),
    ),
    "NaN in inputs": (
        data("x[3, 1] = np.nan"),
        ("inputs of the train part of 'Halves' hold NaN", "first in row 3", "drop such rows"),
    ),
    "NaN in targets": (
        data("y[5] = np.nan"),
        ("targets of the train part of 'Halves' hold NaN", "first in row 5", "drop such rows"),
    ),
    "infinity": (
        data("x[0, 0] = np.inf"),
        ("inputs of the train part of 'Halves' hold NaN or infinity", "row 0", "drop such rows"),
    ),
    "beyond float32": (
        data("x[2, 0] = 1e300"),
        ("inputs of the train part of 'Halves' hold NaN or infinity", "row 2", "drop such rows"),
    ),
    "NaN in the test part": (
        data("x[7, 1] = np.nan", made="Arrays(x[:4], y[:4], x[4:], y[4:])"),
        ("inputs of the test part of 'Halves' hold NaN", "first in row 3", "drop such rows"),
    ),
    "inputs of one dimension": (
        data("x = x[:, 0]"),
        ("inputs of the train part of 'Halves' have shape (64,)", "(n, inputs)", "x[:, None]"),
    ),
    "targets of one dimension": (
        data("y = y[:, 0]"),
        ("have shape (64,)", "a binary task expects (n, outputs)", "use y[:, None]"),
    ),
    "one-hot classes": (
        data("y = 2 * (y == [0, 1])", task="classes"),
        ("have shape (64, 2)", "a classes task expects (n,)", "y.argmax(1)"),
    ),
    "targets too wide": (
        data("y = (y == [0, 1]).astype(float)"),
        ("outputs have shape (n, 1) but targets (n, 2)", "would broadcast", "layer give 2"),
    ),
    "labels that are no whole numbers": (
        data("y = y[:, 0]", task="classes"),
        ("targets of the data set 'Halves' are float64", "expected int64", "y.astype(int)"),
    ),
    "labels beyond the outputs": (
        data(
            "y = 1 + y[:, 0].astype(int)",
            task="classes",
            model="models.mlp(2, 2, 2)",
            training='loss="cross_entropy"',
        ),
        ("labels run from 1 to 2", "2 outputs", "expected labels from 0"),
    ),
    "data that are words": (
        data("x = x.astype(str)", made="Arrays(x, y, x[:0], y[:0])"),
        ("inputs of the data set 'Halves' are <U", "expected float32", "use numbers"),
    ),
    "more targets than inputs": (
        data("x = x[:60]"),
        ("'Halves' has 60 inputs but 64 targets", "expected one target for each input"),
    ),
    "no arrays": (
        data(made="(x, y)"),
        ("'Halves' returned tuple", "expected Arrays", "without_test(inputs, targets)"),
    ),
    "a data set that raises": (
        data("np.loadtxt('gone.csv')  # here"),
        (", in Halves.arrays: the data set 'Halves' failed", "gone.csv"),
    ),
    "a window of other width": (
        data(window="((-1, 1),)"),
        ("has 2 inputs but its window ((-1, 1),) has 1", "give one (low, high) an input"),
    ),
    "an empty window": (
        data(window="((-1, 1), (2, 2))"),
        ("the window of the data set 'Halves' holds (2, 2)", "expected (low, high) with low < hi"),
    ),
    "a data set that is none": (
        {"dataset": "[1, 2]"},
        ("dataset=[1, 2] has no name, task, window", "expected a data set, as datasets.rings()"),
    ),
    "no data worth the name": (
        {"dataset": "datasets.rings(n=2),  # here\n    name=''"},
        ("rings(n=2)", "expected at least 4 points"),
    ),
    "a loss for numbers on labels": (
        data("y = y[:, 0].astype(int)", task="classes", model="models.mlp(2, 2, 3)"),
        ("loss='mse' with labels of classes", 'expected loss="cross_entropy"'),
    ),
}


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("name", DATASETS)
def test_wrong_data_are_refused_before_the_training(name: str, scene_refused: SceneRefused) -> None:
    """The line names the file, and the file's own line where that is to blame."""
    scene_refused(*DATASETS[name])


KINDS = {
    "float64": data(),
    "whole targets": data("y = y.astype(int)"),
    "true and false": data("y = y.astype(bool)"),
    "not to be written to": data("x = x.astype(np.float32); x.flags.writeable = False"),
    "backwards": data("x, y = x[::-1].astype(np.float32)[:, ::-1], y[::-1]"),
    "labels of one byte": data(
        "y = y[:, 0].astype(np.uint8)",
        task="classes",
        model="models.mlp(2, 2, 2)",
        training='epochs=2, loss="cross_entropy"',
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_numbers_of_any_kind_are_trained_on(name: str, scene_file: SceneFile) -> None:
    """Data become float32, labels int64: torch would take no other."""
    recording = _recorder.record(load(scene_file(**KINDS[name])))

    assert recording.data.inputs.dtype == np.float32
    assert recording.data.inputs.flags.carray
    assert recording.data.targets.dtype == (np.int64 if "labels" in name else np.float32)
    assert len(np.unique(recording.data.targets)) == 2
