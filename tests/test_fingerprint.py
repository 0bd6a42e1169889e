"""What a training hangs on: each input is changed alone, and a kept recording is used or not."""

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from nnanim import (
    Film,
    Recording,
    Retry,
    Scene,
    Timeline,
    Training,
    datasets,
    models,
    record,
    themes,
    views,
)  # fmt: skip
from nnanim.cli import main
from nnanim.recording.fingerprint import version_of
from nnanim.recording.header import Header
from nnanim.recording.record import cached_recording
from nnanim.rendering.stills import still
from nnanim.scene.files import load
from nnanim.training.run import prepare
from nnanim.training.strategy import train
from tests.recordings import Given

SCENE = Scene(
    dataset=datasets.rings(n=40, noise=0.02),
    model=models.mlp(2, 3, 2, 1, output="sigmoid"),
    training=Training(epochs=2, batch_size=10, loss="bce", seed=1),
    timeline=Timeline(pace="epochs"),
)


@pytest.fixture
def trains(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., bool]:
    """Render something and tell whether that trained a network."""
    count = []

    def counted(*arguments: Any) -> Any:
        count.append(1)
        return train(*arguments)

    monkeypatch.setattr("nnanim.recording.record.train", counted)

    def run(scene: Scene | Recording = SCENE, **options: Any) -> bool:
        before = len(count)
        still(scene, tmp_path / "film.png", **{"size": (64, 64), "bare": True, **options})
        return len(count) > before

    return run


@pytest.fixture(scope="module")
def of_the_scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder of kept things with the scene's recording in it."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        cached_recording(SCENE, prepare(SCENE))
    return folder


@pytest.fixture
def kept(of_the_scene: Path) -> None:
    """Let the scene's recording be kept, in a folder of the test's own."""
    shutil.copytree(of_the_scene, os.environ["XDG_CACHE_HOME"], dirs_exist_ok=True)


def training(**settings: Any) -> Scene:
    """Return the scene with other settings of its training."""
    return replace(SCENE, training=replace(SCENE.training, **settings))


def data(change: Callable[[np.ndarray[Any, Any], np.ndarray[Any, Any]], None]) -> Scene:
    """Return the scene over the same points, changed by hand."""
    arrays = SCENE.dataset.arrays(1)
    change(arrays.inputs, arrays.targets)
    return replace(SCENE, dataset=Given(arrays.inputs, arrays.targets))


def frozen() -> nn.Sequential:
    """Return the scene's network, one of its tensors kept from training."""
    module = models.mlp(2, 3, 2, 1, output="sigmoid")()
    next(module.parameters()).requires_grad_(False)
    return module


# What pictures are made of: the kept recording is used.
SAME: dict[str, tuple[Scene, dict[str, Any]]] = {
    "the same scene": (SCENE, {}),
    "theme": (SCENE, {"theme": "light"}),
    "a scene's theme": (replace(SCENE, theme="paper"), {}),
    "a theme of one's own": (replace(SCENE, theme=themes.paper.replace(ink="#102030")), {}),
    "size": (SCENE, {"size": (96, 64)}),
    "frame rate": (replace(SCENE, timeline=Timeline(seconds=0.4, fps=10.0)), {}),
    "length": (replace(SCENE, timeline=Timeline(seconds=0.6)), {}),
    "bare": (SCENE, {"bare": False}),
    "views": (replace(SCENE, views=[views.InputSpace()]), {}),
    "layer": (replace(SCENE, layer="hidden1"), {}),
    "pace": (replace(SCENE, timeline=Timeline()), {}),
    "title": (replace(SCENE, title="Another"), {}),
    "description": (replace(SCENE, description="Another"), {}),
    "name": (replace(SCENE, name="another"), {}),
    "window": (
        replace(SCENE, dataset=datasets.rings(n=40, noise=0.02, half_window=1.5)), {},
    ),
}  # fmt: skip

# What a training is made of: it trains anew.
OTHER: dict[str, Scene] = {
    "seed": training(seed=2),
    "epochs": training(epochs=3),
    "batch size": training(batch_size=20),
    "full batch": training(batch_size=None),
    "learning rate": training(lr=0.011),
    "momentum": training(momentum=0.9),
    "nesterov": training(momentum=0.9, nesterov=True),
    "optimizer": training(optimizer="adam"),
    "betas": training(optimizer="adam", betas=(0.8, 0.999)),
    "weight decay": training(weight_decay=0.01),
    "loss": training(loss="mse"),
    "shuffle": training(shuffle=False),
    "snapshots": training(snapshots="epochs"),
    "trainer": training(trainer="eager"),
    "segments": training(segments=2),
    "restarts": training(segments=2, restart_optimizer=True),
    "keep": training(keep="best"),
    "patience": training(patience=1),
    "tol": training(tol=0.1),
    "retry": training(retry=Retry(until=0.1, attempts=2)),
    "width": replace(SCENE, model=models.mlp(2, 4, 2, 1, output="sigmoid")),
    "depth": replace(SCENE, model=models.mlp(2, 3, 2, 2, 1, output="sigmoid")),
    "activation": replace(SCENE, model=models.mlp(2, 3, 2, 1, activation="relu", output="sigmoid")),
    "initialisation": replace(SCENE, model=models.mlp(2, 3, 2, 1, output="sigmoid", init="glorot")),
    "scale": replace(SCENE, model=models.mlp(2, 3, 2, 1, output="sigmoid", scale=1.01)),
    "a frozen tensor": replace(SCENE, model=frozen),
    "number of samples": replace(SCENE, dataset=datasets.rings(n=44, noise=0.02)),
    "noise": replace(SCENE, dataset=datasets.rings(n=40, noise=0.021)),
    "the data's seed": replace(SCENE, dataset=datasets.rings(n=40, noise=0.02, seed=9)),
}


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("what", SAME)
def test_what_only_the_picture_hangs_on_retrains_nothing(
    what: str, trains: Callable[..., bool]
) -> None:
    """Each changed alone."""
    scene, options = SAME[what]

    assert not trains(scene, **options)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("what", OTHER)
def test_what_the_training_hangs_on_always_retrains(what: str, trains: Callable[..., bool]) -> None:
    """Each changed alone; and then it is kept too."""
    assert trains(OTHER[what])
    assert not trains(OTHER[what])
    assert not trains(SCENE)


def test_another_function_that_builds_the_same_stack_retrains_nothing(
    trains: Callable[..., bool],
) -> None:
    """A stack of known layers counts by its layers and initial parameters, not by its code."""
    assert trains(replace(SCENE, model=lambda: models.mlp(2, 3, 2, 1, output="sigmoid")()))

    def otherwise() -> nn.Module:
        return models.mlp(2, 3, 2, 1, output="sigmoid")()

    assert not trains(replace(SCENE, model=otherwise))
    assert trains(replace(SCENE, model=lambda: models.mlp(2, 3, 2, 2, 1, output="sigmoid")()))


def test_code_is_probed_only_where_it_may_hide_something() -> None:
    """A stack of known layers with a named loss does what torch does: its key says all."""
    stack = replace(SCENE, model=lambda: nn.Sequential(nn.Linear(2, 1), nn.Sigmoid()))
    own = replace(stack, training=replace(SCENE.training, loss=nn.BCELoss()))

    assert record(stack).header.probe is None
    assert record(own).header.probe


def test_other_initial_parameters_of_the_same_model_retrain(
    trains: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has changed how torch begins; a line says so."""
    caplog.set_level(logging.INFO, "nnanim")
    assert trains(SCENE)
    begin = nn.Linear.reset_parameters

    def halved(layer: nn.Linear) -> None:
        begin(layer)
        layer.weight.data *= 0.5

    monkeypatch.setattr(nn.Linear, "reset_parameters", halved)

    assert trains(SCENE)
    assert caplog.messages == [
        "the training is made anew: not the same initial parameters as in the kept one"
    ]
    assert not trains(SCENE)


def test_a_later_attempt_is_kept_too(trains: Callable[..., bool]) -> None:
    """It began with other parameters than the scene's seed gives."""
    scene = training(retry=Retry(until=1.0, attempts=4), epochs=20, lr=1.0)
    assert record(scene).header.attempt != 1

    assert trains(scene)
    assert not trains(scene)


def test_one_bit_of_the_data_retrains(trains: Callable[..., bool]) -> None:
    """Of inputs or targets, by value: the same points from another recipe are the same data."""

    def nudge(x: np.ndarray[Any, Any], _y: np.ndarray[Any, Any]) -> None:
        x[7, 1] = np.nextafter(x[7, 1], 2, dtype=np.float32)

    def flip(_x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> None:
        y[7] = 1 - y[7]

    assert trains(data(lambda *_: None))
    assert not trains(data(lambda *_: None))
    assert trains(data(nudge))
    assert trains(data(flip))


@pytest.mark.parametrize("package", ["torch", "numpy", "numba"])
def test_another_version_retrains(
    package: str, trains: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums may come out otherwise."""
    assert trains(SCENE)
    before = version_of

    monkeypatch.setattr(
        "nnanim.recording.fingerprint.version_of",
        lambda name: "999.0" if name == package else before(name),
    )

    assert trains(SCENE)
    assert not trains(SCENE)


def test_the_kept_recording_shows_what_this_scene_says(
    trains: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Title, layer and description are those of the scene that is rendered, not of the first."""
    assert trains(replace(SCENE, title="First"))
    seen: list[Header] = []

    def film(recording: Recording, **options: Any) -> Film:
        seen.append(recording.header)
        return Film(recording, **options)

    monkeypatch.setattr("nnanim.rendering.filming.Film", film)

    still(replace(SCENE, title="Second", layer="hidden1"), tmp_path / "x.png", size=(64, 64))

    assert [header.title for header in seen] == ["Second"] * len(seen)
    assert {header.layer for header in seen} == {"hidden1"}


def test_without_the_cache_it_trains_anew_and_keeps_nothing(trains: Callable[..., bool]) -> None:
    """As --no-cache does."""
    assert trains(SCENE, cache=False)
    assert trains(SCENE)
    assert trains(SCENE, cache=False)


def test_what_no_bytes_stand_for_is_never_reused(trains: Callable[..., bool]) -> None:
    """A module or a loss of one's own, outside of a scene file, may have changed unseen."""
    own_loss = training(loss=lambda outputs, targets: (outputs - targets).abs().mean())

    assert trains(own_loss)
    assert trains(own_loss)


OWN = """
import torch
from torch import nn

from nnanim import Scene, Training, datasets
import beside


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(2, 2), nn.Linear(2, 1)

    def forward(self, x):
        return torch.sigmoid(self.two(torch.tanh({scale} * self.one(x))))


def scene(lr=0.1):
    return Scene(
        dataset=datasets.rings(n=40), model=Net, training=Training(epochs=2, batch_size=10, lr=lr)
    )
"""


def test_of_a_module_of_ones_own_the_scenes_code_is_what_counts(
    trains: Callable[..., bool], tmp_path: Path
) -> None:
    """The file, the modules beside it that it imports, and its parameters."""
    file, beside, other = (tmp_path / name for name in ("own.py", "beside.py", "other.py"))
    file.write_text(OWN.format(scale=1.0))
    beside.write_text("import other\n")
    other.write_text("x = 1\n")

    assert trains(load(file))
    assert not trains(load(file))
    (tmp_path / "unrelated.py").write_text("x = 3\n")
    assert not trains(load(file))
    assert trains(load(file, {"lr": "0.2"}))
    other.write_text("x = 2\n")
    assert trains(load(file))
    file.write_text(OWN.format(scale=2.0))
    assert trains(load(file))


def test_the_command_line_has_a_switch(scene_file: Callable[..., Path], nnanim: Any) -> None:
    """--no-cache trains and keeps nothing; without it, the recording is kept."""
    file = scene_file()
    options = ("-r", "64x64", "--seconds", "0.2", "-o", "film.gif")

    assert nnanim("render", file, *options, "--no-cache")[0] == 0
    assert '"recordings": 0' in nnanim("cache", "--json")[1]
    assert nnanim("render", file, *options)[0] == 0
    assert '"recordings": 1' in nnanim("cache", "--json")[1]
    assert callable(main)
