"""What outputs mean: however a loss is written, the film says what torch does.

Each end of a classifier is combined with each way to write its loss and each way to record it. The
film's classes, accuracy and probabilities are torch's own, or the combination is refused in a line.
"""

import warnings
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn

from nnanim import Film, Recorder, Recording, Scene, Training, datasets, record
from nnanim.adapters.checkpoints import record_checkpoints
from nnanim.errors import NnanimError, SceneError
from nnanim.network.outputs import measured

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2)).astype(np.float32)
TWO = (X[:, 0] + 0.3 * X[:, 1] > 0.2).astype(np.int64)
THREE = np.digitize(X[:, 0], [-0.4, 0.5]).astype(np.int64)

Truth = Callable[[torch.Tensor], torch.Tensor]


class Divided(nn.Module):
    """A temperature."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return flatter scores."""
        return z / 2.5


def network(width: int, *end: nn.Module) -> nn.Sequential:
    """Return a network whose decision is well away from its data's edges."""
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, width), *end)


def sure(p: torch.Tensor) -> torch.Tensor:
    """Return the probabilities (n, 2) of two classes from that of the second (n, 1)."""
    return torch.cat([1 - p, p], dim=1)


# name: the network, its targets, the loss of torch's (function, class), what its outputs say.
ENDS: dict[str, tuple[Callable[[], nn.Module], NDArray[Any], str, str, Truth]] = {
    "one logit": (
        partial(network, 1), TWO, "binary_cross_entropy_with_logits", "BCEWithLogitsLoss",
        lambda o: sure(o.sigmoid()),
    ),
    "two logits": (
        partial(network, 2), TWO, "cross_entropy", "CrossEntropyLoss", lambda o: o.softmax(1),
    ),
    "three logits": (
        partial(network, 3), THREE, "cross_entropy", "CrossEntropyLoss", lambda o: o.softmax(1),
    ),
    "sigmoid": (
        partial(network, 1, nn.Sigmoid()), TWO, "binary_cross_entropy", "BCELoss", sure,
    ),
    "softmax": (
        partial(network, 3, nn.Softmax(1)), THREE, "cross_entropy", "CrossEntropyLoss", lambda o: o,
    ),
    "log-softmax": (
        partial(network, 3, nn.LogSoftmax(1)), THREE, "nll_loss", "NLLLoss", lambda o: o.exp(),
    ),
    "temperature": (
        partial(network, 3, Divided()), THREE, "cross_entropy", "CrossEntropyLoss",
        lambda o: o.softmax(1),
    ),
    "softmax of a temperature": (
        partial(network, 3, Divided(), nn.Softmax(1)), THREE, "cross_entropy", "CrossEntropyLoss",
        lambda o: o,
    ),
    "linear on 0 and 1": (
        partial(network, 1), TWO, "mse_loss", "MSELoss", lambda o: sure(o.clip(0, 1)),
    ),
    "linear on -1 and 1": (
        partial(network, 1), 2 * TWO - 1, "mse_loss", "MSELoss",
        lambda o: sure(((o + 1) / 2).clip(0, 1)),
    ),
}  # fmt: skip


def subclass(kind: str) -> Any:
    """Return a loss of a subclass of one of torch's, under a name of its own."""
    made: Any = type("MyLoss", (getattr(nn, kind),), {})
    return made()


def weighted(kind: str) -> Any:
    """Return a loss that weighs the classes, where torch has one."""
    made = getattr(nn, kind)
    if kind == "BCEWithLogitsLoss":
        return made(pos_weight=torch.tensor([7.0]))
    if kind in ("CrossEntropyLoss", "NLLLoss"):
        return None  # as many weights as classes: given below
    found: Any = made()
    return found


def loss_of(form: str, function: str, kind: str, classes: int) -> Any:
    """Return a loss as one writes it."""
    plain = getattr(F, function)
    if form == "weighted" and kind in ("CrossEntropyLoss", "NLLLoss"):
        return getattr(nn, kind)(weight=torch.linspace(1.0, 4.0, classes))
    forms: dict[str, Callable[[], Any]] = {
        "function": lambda: plain,
        "class": lambda: getattr(nn, kind)(),
        "weighted": lambda: weighted(kind),
        "subclass": lambda: subclass(kind),
        "partial": lambda: partial(plain, reduction="mean"),
        "lambda": lambda: lambda o, t: plain(o, t),
        "string": lambda: function,
        "none": lambda: None,
    }
    return forms[form]()


OURS = {
    "binary_cross_entropy_with_logits": "bce_with_logits", "binary_cross_entropy": "bce",
    "cross_entropy": "cross_entropy", "mse_loss": "mse",
}  # fmt: skip


def by_scene(make: Callable[[], nn.Module], y: NDArray[Any], loss: Any, folder: Path) -> Film:
    """Return the film of a scene that hardly trains."""
    del folder
    loss = OURS.get(loss, loss) if isinstance(loss, str) else loss
    training = Training(epochs=1, lr=1e-6, loss=loss, trainer="eager")
    return Film(record(Scene(dataset=datasets.from_arrays(X, y), model=make, training=training)))


def by_recorder(make: Callable[[], nn.Module], y: NDArray[Any], loss: Any, folder: Path) -> Film:
    """Return the film of an own loop."""
    module = make()
    with Recorder(folder / "run.safetensors", module, data=(X, y), loss=loss) as recorder:
        recorder.snapshot(loss=1.0)
    return Film(Recording.load(folder / "run.safetensors"), make)


def by_checkpoints(make: Callable[[], nn.Module], y: NDArray[Any], loss: Any, folder: Path) -> Film:
    """Return the film of a folder of checkpoints."""
    for i in (1, 2):
        save_file(make().state_dict(), folder / f"epoch{i}.safetensors")
    data = datasets.from_arrays(X, y)
    made = record_checkpoints(
        str(folder / "epoch*.safetensors"), make, folder / "all.safetensors", data, loss=loss
    )
    return Film(made, make)


def by_lightning(make: Callable[[], nn.Module], y: NDArray[Any], loss: Any, folder: Path) -> Film:
    """Return the film of a LightningModule that hardly trains."""
    lightning = pytest.importorskip("lightning.pytorch")
    from nnanim.adapters.lightning import FilmCallback

    class Module(lightning.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = make()

        def training_step(self, batch: Any, batch_idx: int) -> torch.Tensor:
            del batch_idx
            found: torch.Tensor = self.net(batch[0]).square().mean()
            return found

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), 1e-9)

    path = folder / "light.safetensors"
    callback = FilmCallback(path, (X, y), loss=loss)
    batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.from_numpy(X)), 60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = lightning.Trainer(
            max_epochs=1, callbacks=[callback], logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False, accelerator="cpu",
        )  # fmt: skip
        trainer.fit(Module(), batches)
    return Film(Recording.load(path), make)


WAYS = {"scene": by_scene, "recorder": by_recorder, "checkpoints": by_checkpoints}
FORMS = ("function", "class", "weighted", "subclass", "partial", "lambda", "string", "none")


def truth(film: Film, end: str) -> NDArray[np.float64]:
    """Return the probabilities (n, classes) that torch's own outputs say at the film's end."""
    outputs = film.outputs("", X, film.epochs)
    return ENDS[end][4](torch.from_numpy(np.array(outputs, np.float64))).numpy()


def shown(film: Film) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the film's classes (n,) and probabilities (n, classes)."""
    assert film.decision is not None
    scores = film.scores(X, film.epochs)
    probability = film.decision.probability(scores)
    if probability.ndim == 1:
        probability = np.stack([1 - probability, probability], axis=1)
    return film.decision.classes(scores), probability.astype(np.float64)


def agrees(film: Film, end: str) -> bool:
    """Whether classes, accuracy, probabilities and the boundary are what torch's outputs say."""
    classes, probability = shown(film)
    expected = truth(film, end)
    labels = np.unique(ENDS[end][1], return_inverse=True)[1]
    np.testing.assert_allclose(probability, expected, atol=2e-5)
    np.testing.assert_array_equal(classes, expected.argmax(axis=1))
    assert film.score(film.epochs) == pytest.approx((expected.argmax(axis=1) == labels).mean())
    for line in film.boundary(film.epochs):  # between two classes, on the line they are as likely
        some = line[:: max(1, len(line) // 8)].astype(np.float32)
        outputs = torch.from_numpy(np.array(film.outputs("", some, film.epochs), np.float64))
        first, second = np.sort(ENDS[end][4](outputs).numpy(), axis=1)[:, -2:].T
        np.testing.assert_allclose(first, second, atol=5e-3)
    return True


def agrees_or_is_refused(way: Callable[..., Film], end: str, form: str, folder: Path) -> bool:
    """Whether a combination is filmed as torch has it, or refused in one line."""
    make, targets, function, kind, _ = ENDS[end]
    loss = loss_of(form, function, kind, len(np.unique(targets)))
    try:
        film = way(make, targets, loss, folder)
    except NnanimError as error:
        return "\n" not in str(error)
    return agrees(film, end)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("way", WAYS)
def test_a_film_says_what_torch_does(way: str, end: str, form: str, tmp_path: Path) -> None:
    """Or the combination is refused."""
    assert agrees_or_is_refused(WAYS[way], end, form, tmp_path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ENDS)
def test_a_film_of_lightning_says_what_torch_does(end: str, form: str, tmp_path: Path) -> None:
    """Or the combination is refused."""
    assert agrees_or_is_refused(by_lightning, end, form, tmp_path)


@pytest.mark.parametrize("way", ["recorder", "checkpoints"])
@pytest.mark.parametrize("end", [end for end in ENDS if not end.startswith("linear")])
@pytest.mark.parametrize("form", ["function", "class", "weighted", "subclass", "partial", "lambda"])
def test_a_classifiers_loss_is_never_refused(way: str, end: str, form: str, tmp_path: Path) -> None:
    """However it is written, its meaning is measured."""
    make, targets, function, kind, _ = ENDS[end]
    loss = loss_of(form, function, kind, len(np.unique(targets)))

    assert agrees(WAYS[way](make, targets, loss, tmp_path), end)


@pytest.mark.parametrize("end", [nn.Softmax(1), nn.LogSoftmax(1)])
@pytest.mark.parametrize("way", WAYS)
def test_a_softmax_over_one_output_is_refused(way: str, end: nn.Module, tmp_path: Path) -> None:
    """It gives the same for all inputs, while what is before it does not."""
    with pytest.raises(SceneError, match="over one output") as caught:
        WAYS[way](partial(network, 1, end), TWO, torch.nn.functional.mse_loss, tmp_path)

    assert "end it in a sigmoid" in str(caught.value)


@cache
def one() -> Any:
    """Return a network of one output as nnanim sees it."""
    from nnanim.network.traced import network_of

    return network_of(network(1), np.eye(3, 2))


def focal(o: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """Return the focal loss of logits (Lin et al. 2017)."""
    p = torch.sigmoid(o)
    p = torch.where(t > 0.5, p, 1 - p)
    return (-((1 - p) ** 2) * p.clamp(min=1e-9).log()).mean()


@pytest.mark.parametrize(
    ("loss", "targets", "expected"),
    [
        (focal, TWO, "logits"),
        (lambda o, t: (torch.sigmoid(o) - t).abs().mean(), TWO, "logits"),
        (nn.BCEWithLogitsLoss(pos_weight=torch.tensor([49.0], dtype=torch.float64)), TWO, "logits"),
        (nn.SmoothL1Loss(), TWO, "values"),
        (nn.HuberLoss(), TWO, "values"),
        (lambda o, t: F.binary_cross_entropy(o, t), TWO, "probabilities"),
        (nn.SoftMarginLoss(), 2 * TWO - 1, "signs"),
        (lambda o, t: (1 - o * t).clamp(min=0).mean(), 2 * TWO - 1, "signs"),
        (lambda o, t: (o**3 - t).abs().mean(), TWO, None),
        (nn.HingeEmbeddingLoss(), 2 * TWO - 1, None),
        (lambda o, t: (o * 0 + t).mean(), TWO, None),
    ],
)
def test_a_loss_of_ones_own_is_measured(
    loss: Any, targets: NDArray[Any], expected: str | None
) -> None:
    """By where it is undecided between two targets; where that is nowhere, nothing is guessed."""
    assert measured(loss, targets[:, None].astype(np.float32), one()) == expected


def test_what_is_not_certain_is_asked(tmp_path: Path) -> None:
    """And what the message proposes works."""
    strange = lambda o, t: (o**3 - t).abs().mean()  # noqa: E731
    with pytest.raises(SceneError, match="not certain what the model's outputs mean") as caught:
        by_recorder(partial(network, 1), TWO, strange, tmp_path)

    assert 'outputs="logits"' in str(caught.value)
    path = tmp_path / "run.safetensors"
    with Recorder(path, network(1), data=(X, TWO), loss=strange, outputs="values") as recorder:
        recorder.snapshot(loss=1.0)
    film = Film(Recording.load(path))
    assert film.decision is not None
    assert film.decision.level == 0.5
