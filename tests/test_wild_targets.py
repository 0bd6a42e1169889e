"""Targets, ends of a model and losses drawn by chance: filmed as torch has it, or one line.

The same few classes are written in a dozen ways, and whatever is trained on them by whatever loss,
the film's classes are those, and its accuracy that of the network's own outputs.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from nnanim import Film, Recorder, Recording, Scene, Training, datasets, record
from nnanim.dataset import OUTPUTS
from nnanim.errors import NnanimError
from nnanim.network.losses import LOSSES
from tests.test_outputs import Divided, network

pytestmark = [pytest.mark.slow, pytest.mark.fuzz]

RNG = np.random.default_rng(5)
N = 24
X = RNG.normal(size=(N, 2)).astype(np.float32)
NAMES = np.array(["fig", "plum", "süß"])

many = settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Written:
    """Classes (n,), or none of them, and targets as someone writes them down."""

    way: str
    classes: NDArray[np.int64] | None
    targets: Any


WAYS: dict[str, Callable[[NDArray[np.int64]], Any]] = {
    "numbers": lambda y: y,
    "from one": lambda y: y + 1,
    "with gaps": lambda y: 3 + 4 * y,
    "floats": lambda y: y.astype(np.float64),
    "a column of floats": lambda y: y[:, None].astype(np.float32),
    "a column": lambda y: y[:, None],
    "text": lambda y: NAMES[y],
    "objects": lambda y: NAMES[y].astype(object),
    "tensor": torch.from_numpy,
    "list": lambda y: y.tolist(),
    "rows of floats": lambda y: np.eye(int(y.max()) + 1)[y],
    "rows of numbers": lambda y: np.eye(int(y.max()) + 1, dtype=np.int32)[y],
    "rows of truths": lambda y: np.eye(int(y.max()) + 1, dtype=bool)[y],
    "truths": lambda y: y == 1,
    "a column of truths": lambda y: y[:, None] == 1,
    "signs": lambda y: 2 * y - 1,
    "signs as floats": lambda y: 2.0 * y - 1,
}
OF_TWO = ("truths", "a column of truths", "signs", "signs as floats")


@st.composite
def written(draw: st.DrawFn) -> Written:
    """Draw two or three classes and a way to write them, or numbers that were measured."""
    if draw(st.integers(0, 9)) == 0:
        width = draw(st.sampled_from([1, 2, 3]))
        return Written("measured", None, np.sin(X @ np.ones((2, width)) * np.arange(1, width + 1)))
    classes = draw(st.sampled_from([2, 3]))
    labels = np.digitize(X[:, 0], [-0.4, 0.5][: classes - 1]).astype(np.int64)
    way = draw(st.sampled_from([name for name in WAYS if classes == 2 or name not in OF_TWO]))
    return Written(way, labels, WAYS[way](labels))


ENDS: dict[str, Callable[[], nn.Module]] = {
    "identity": nn.Identity,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "softmax": partial(nn.Softmax, 1),
    "log-softmax": partial(nn.LogSoftmax, 1),
    "log-sigmoid": nn.LogSigmoid,
    "relu": nn.ReLU,
    "temperature": Divided,
    "flat": partial(nn.Flatten, 0),
}
CLASSES = (
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "NLLLoss", "MSELoss", "L1Loss", "HuberLoss",
    "SmoothL1Loss", "SoftMarginLoss", "HingeEmbeddingLoss", "MultiMarginLoss", "KLDivLoss",
    "MultiLabelSoftMarginLoss", "MultiLabelMarginLoss", "PoissonNLLLoss", "GaussianNLLLoss",
)  # fmt: skip
FUNCTIONS = (
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "nll_loss",
    "mse_loss", "l1_loss", "soft_margin_loss", "multi_margin_loss", "kl_div",
)  # fmt: skip
OWN: dict[str, Any] = {
    "a half": lambda o, t: (o - t).abs().mean() / 2,
    "sigmoid inside": lambda o, t: (torch.sigmoid(o) - t).abs().mean(),
    "hinge": lambda o, t: (1 - o * t).clamp(min=0).mean(),
    "not one number": lambda o, t: (o - t) ** 2,
    "of outputs alone": lambda o, t: o.square().mean() + 0 * t.sum(),
    "a number": lambda o, t: 1.0,  # noqa: ARG005
    "fails": lambda o, t: o @ t,
    "shape": lambda o, t: F.mse_loss(o.view(-1), t.view(-1)),
}


@st.composite
def losses(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw what a loss is called, and the loss as someone writes it."""
    form = draw(st.sampled_from(["ours", "class", "weights", "function", "lambda", "own", "odd"]))
    if form == "ours":
        name = draw(st.sampled_from(sorted(LOSSES)))
        return name, name
    if form in ("class", "weights"):
        name = draw(st.sampled_from(CLASSES))
        weights = {"BCEWithLogitsLoss": "pos_weight", "CrossEntropyLoss": "weight",
                   "NLLLoss": "weight", "BCELoss": "weight"}  # fmt: skip
        count = draw(st.sampled_from([1, 2, 3]))
        more = {weights[name]: torch.linspace(1, 3, count)} if name in weights else {}
        return name, getattr(nn, name)(**(more if form == "weights" else {}))
    if form == "own":
        name = draw(st.sampled_from(sorted(OWN)))
        return name, OWN[name]
    if form == "odd":
        return "odd", draw(st.sampled_from(["", "nll", "MSELoss", nn.MSELoss, 3, None]))
    name = draw(st.sampled_from(FUNCTIONS))
    function = getattr(F, name)
    return name, partial(function) if form == "function" else lambda o, t: function(o, t)


def fitting(target: Written, loss: Any) -> int:
    """Return how many outputs a model has for such targets and loss, where all is well."""
    if target.classes is None:
        return int(np.shape(target.targets)[1])
    count = int(target.classes.max()) + 1
    of_each = "rows" in target.way or "cross_entropy" in str(loss) or isinstance(loss, nn.NLLLoss)
    return count if of_each or count > 2 or isinstance(loss, nn.CrossEntropyLoss) else 1


def by_scene(make: Callable[[], nn.Module], data: Any, loss: Any, outputs: Any) -> Film:
    """Return the film of a scene that trains for one epoch."""
    training = Training(epochs=1, batch_size=8, lr=1e-3, loss=loss, outputs=outputs)
    return Film(record(Scene(dataset=data, model=make, training=training)))


def by_recorder(make: Callable[[], nn.Module], data: Any, loss: Any, outputs: Any) -> Film:
    """Return the film of an own loop."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.safetensors"
        with Recorder(path, make(), data, loss=loss, outputs=outputs) as recorder:
            recorder.snapshot(loss=1.0)
        return Film(Recording.load(path), make)


# What outputs mean where nobody says it, by (end, loss); of all others they may mean what they do.
LOGITS = ("bce_with_logits", "BCEWithLogitsLoss", "binary_cross_entropy_with_logits")
SURE = {
    **{(end, loss): "logits" for end in ("identity", "temperature") for loss in LOGITS},
    **{("sigmoid", loss): "probabilities" for loss in ("bce", "BCELoss", "binary_cross_entropy")},
    **{("log-softmax", loss): "log_probabilities" for loss in ("NLLLoss", "nll_loss")},
}


def predicted(film: Film, classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the class (n,) of each sample by the network's outputs alone."""
    outputs = np.array(film.outputs("", X, film.epochs), np.float64).reshape(N, -1)
    if outputs.shape[1] > 1:
        return np.asarray(outputs.argmax(axis=1), np.int64)
    assert classes.max() == 1
    meaning = film.recording.header.outputs
    targets = film.data.targets
    middle = (float(targets.min()) + float(targets.max())) / 2
    level = {"logits": 0.0, "signs": 0.0, "probabilities": 0.5, "values": middle}
    level["log_probabilities"] = float(np.log(0.5))
    return np.asarray(outputs[:, 0] > level[meaning], np.int64)


@many
@given(
    target=written(),
    end=st.sampled_from(sorted(ENDS)),
    width=st.sampled_from([0, 0, 0, 1, 2, 3]),
    loss=losses(),
    task=st.sampled_from([None, None, None, "classes", "binary", "regression", "none"]),
    outputs=st.sampled_from([*[None] * 5, *OUTPUTS]),
    way=st.sampled_from([by_scene, by_recorder]),
)
def test_any_targets_and_loss_are_filmed_as_torch_has_them_or_refused(
    target: Written, end: str, width: int, loss: tuple[str, Any], task: Any, outputs: Any, way: Any
) -> None:
    """Classes, accuracy and meaning; never another exception."""
    assume(loss[1] is not None or way is by_recorder)
    width = width or fitting(target, loss[1])
    try:
        data = datasets.from_arrays(X, target.targets, task=task)
        film = way(lambda: network(width, ENDS[end]()), data, loss[1], outputs)
    except NnanimError as error:
        said = str(error)
        film = None
    event("refused" if film is None else f"filmed: {film.task}")
    if film is None:
        assert "\n" not in said
        return
    meaning = film.recording.header.outputs
    if outputs is not None:
        assert meaning == outputs or film.decision is None
    if film.decision is None:
        assert film.task in ("regression", "none")
        assert target.classes is None or "text" not in target.way
        return
    assert target.classes is not None
    np.testing.assert_array_equal(film.labels, target.classes)
    found = predicted(film, target.classes)
    assert film.score(film.epochs) == pytest.approx((found == target.classes).mean())
    if outputs is None:
        assert meaning == SURE.get((end, loss[0]), meaning)
