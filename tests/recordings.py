"""Small scenes that several tests look at, each recorded once, and torch's own way of training."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim import Film, Scene, Timeline, Training, acts, datasets, models, record, views
from nnanim.dataset import Arrays, Task, Window, without_test
from nnanim.network.activations import ACTIVATIONS
from nnanim.network.losses import LOSSES
from nnanim.network.optimizers import OPTIMIZERS
from nnanim.network.torch_state import one_thread
from nnanim.recording.record import untrained
from nnanim.recording.recording import Recording
from nnanim.training.batches import batch_orders
from nnanim.types import Floats

SQUARE: Window = ((-1.0, 1.0), (-1.0, 1.0))

RINGS = Scene(
    dataset=datasets.rings(n=200, noise=0.02),
    model=models.mlp(2, 3, 2, 1, output="sigmoid"),
    training=Training(
        epochs=8, batch_size=20, optimizer="adam", lr=0.03, loss="bce", seed=1, trainer="eager"
    ),
    timeline=Timeline(seconds=4.0, fps=10.0),
)
FIT = Scene(
    dataset=datasets.polynomial(n=80),
    model=models.mlp(1, 3, 2, 1),
    training=Training(epochs=5, batch_size=20, optimizer="adam", lr=0.03, seed=1, trainer="eager"),
    timeline=Timeline(seconds=4.0, fps=10.0),
)
# What readers of a page have at hand: a cube to turn, layers and units to pick, captions.
TOUCHED = Scene(
    dataset=datasets.rings(300, noise=0.04),
    model=models.mlp(2, 3, 2, 1, output="sigmoid"),
    training=Training(epochs=8, batch_size=32, lr=0.03, seed=3),
    views=[views.HiddenSpace3D("hidden1"), views.HiddenSpace("hidden2")],
    timeline=Timeline(seconds=3, acts=[acts.Train(to=4, caption="First half"), acts.Train()]),
    description="What a reader is told of the film.",
)


class Normed(nn.Module):
    """A network with a buffer of whole numbers, and parts that differ in training and in use."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Tanh(), nn.Dropout(0.2))
        self.head = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.head(self.body(x)))


NORMED = replace(RINGS, model=Normed, training=replace(RINGS.training, epochs=3))


@dataclass(frozen=True, eq=False)
class Given:
    """A data set of arrays that a test has at hand."""

    inputs: Floats
    targets: NDArray[np.generic]
    task: Task = "binary"
    window: Window = SQUARE
    class_names: tuple[str, ...] = ()
    axis_names: tuple[str, ...] = ("x", "y")
    name: str = "Given"

    def arrays(self, seed: int) -> Arrays:
        """Return the arrays, whatever the seed."""
        del seed
        return without_test(self.inputs, self.targets)


def known_activations() -> dict[str, Callable[[], nn.Module]]:
    """Return what makes each activation that the kernels know, with its own settings and others."""
    found: dict[str, Callable[[], nn.Module]] = {}
    for kind, row in ACTIVATIONS.items():
        if row.code is not None:
            found[kind] = row.module
            # 1/8 of torch's own and a little: of Softplus(threshold=20), within what tests reach
            own = {name: 0.2 + getattr(row.module(), name) / 8 for name in row.settings}
            if own:
                found[f"{kind} {own}"] = partial(row.module, **own)
    return found


def optimizer_settings() -> list[dict[str, Any]]:
    """Return for each optimiser what it may be told, from its name alone to all that it takes.

    Each adds a setting to the one before, with another value than torch's own.
    """
    others = {"momentum": 0.8, "nesterov": True, "betas": (0.8, 0.95), "weight_decay": 0.1}
    found: list[dict[str, Any]] = []
    for name, row in OPTIMIZERS.items():
        told: dict[str, Any] = {"optimizer": name, "lr": 0.01}
        found.append(told)
        for setting in row.settings:
            if setting in others:
                told = {**told, setting: others[setting]}
                found.append(told)
    return found


def thirds(n: int = 150) -> tuple[Floats, NDArray[np.int64]]:
    """Return points of the square, and in which third of the turn about its middle they lie."""
    points = np.random.default_rng(5).uniform(-1, 1, (n, 2)).astype(np.float32)
    turn = np.arctan2(points[:, 1], points[:, 0]) / (2 * np.pi) % 1
    return points, (3 * turn).astype(np.int64)


def thirds_scene() -> Scene:
    """Return a scene of three classes."""
    points, labels = thirds()
    return replace(
        RINGS,
        dataset=Given(points, labels, "classes", class_names=("a", "b", "c")),
        model=models.mlp(2, 4, 2, 3),
        training=replace(RINGS.training, loss="cross_entropy"),
    )


@cache
def rings_film() -> Film:
    """Return two classes of two inputs, seen through layers of three and of two units."""
    return Film(record(RINGS))


@cache
def fit_film() -> Film:
    """Return the regression of one input."""
    return Film(record(FIT))


@cache
def normed_film() -> Film:
    """Return a network with batch normalisation and dropout."""
    return Film(record(NORMED))


@cache
def thirds_film() -> Film:
    """Return three classes of two inputs."""
    return Film(record(thirds_scene()))


@cache
def bent_film() -> Film:
    """Return a network of large weights, untrained, that bends the plane sharply."""
    model = models.mlp(2, 6, 2, 1, output="sigmoid", scale=5.0)
    return Film(untrained(replace(RINGS, model=model, training=replace(RINGS.training, seed=3))))


def bent_classes() -> Film:
    """Return the same network of large weights that tells five classes apart."""
    labels = np.arange(200) % 5
    points = np.random.default_rng(0).uniform(-1, 1, (200, 2)).astype(np.float32)
    model = models.mlp(2, 6, 2, 5, scale=5.0)
    training = replace(RINGS.training, seed=3, loss="cross_entropy")
    data = Given(points, labels, "classes")
    return Film(untrained(replace(RINGS, dataset=data, model=model, training=training)))


def with_parameters(recording: Recording, **values: Floats) -> Recording:
    """Return the recording with parameters set by hand; `__` in a name stands for a dot."""
    states = {name: array.copy() for name, array in recording.states.items()}
    for name, value in values.items():
        states[name.replace("__", ".")][:] = value
    return replace(recording, states=states)


def train_plainly(scene: Scene, after_step: Callable[[int, nn.Module, float], None]) -> None:
    """Train a scene by the loop that one writes by hand, with the recorder's order of samples.

    `after_step` is called with the steps done, the module and the batch's loss, first with 0.
    """
    training, data = scene.training, scene.dataset.arrays(scene.training.seed)
    inputs, targets = torch.tensor(data.inputs), torch.tensor(data.targets)
    size = training.batch_size or len(inputs)
    loss_of = LOSSES[training.loss].function if isinstance(training.loss, str) else training.loss
    # On more threads, sums come out otherwise in the last bit.
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(training.seed)
        module = scene.model().train()
        optimizer = torch_optimizer(training, module)
        torch.manual_seed(training.seed)
        after_step(0, module, float("nan"))
        step = 0
        for order in batch_orders(len(inputs), training):
            for start in range(0, len(inputs), size):
                rows = torch.tensor(order[start : start + size])
                optimizer.zero_grad()
                loss = loss_of(module(inputs[rows]), targets[rows])
                loss.backward()
                optimizer.step()
                step += 1
                after_step(step, module, loss.item())


def torch_optimizer(training: Training, module: nn.Module) -> torch.optim.Optimizer:
    """Return torch's own optimiser of the training's name."""
    parameters, lr, decay = module.parameters(), training.lr, training.weight_decay
    assert isinstance(lr, float)
    if training.optimizer == "sgd":
        return torch.optim.SGD(
            parameters,
            lr=lr,
            momentum=training.momentum,
            nesterov=training.nesterov,
            weight_decay=decay,
        )
    kind = torch.optim.Adam if training.optimizer == "adam" else torch.optim.AdamW
    return kind(parameters, lr=lr, betas=training.betas, weight_decay=decay)
