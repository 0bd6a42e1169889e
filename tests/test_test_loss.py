"""The loss over the test part stands in the strip wherever there is such a part."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import (
    Film,
    Recorder,
    Recording,
    Scene,
    Timeline,
    Training,
    datasets,
    models,
    record,
    views,
)
from nnanim.marks import Lines
from nnanim.sheet.strip import Strip

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 2)).astype(np.float32)
Y = (X[:, :1] * X[:, 1:] > 0).astype(np.float32)
TEST = (X[:30], Y[:30])
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def by_torch(film: Film, moment: float, loss: Loss) -> float:
    """Return the loss over the test part as torch has it."""
    given = film.outputs("", film.data.test_inputs, moment)
    return float(loss(torch.tensor(given), torch.tensor(film.data.test_targets)))


def thin(film: Film, t: float) -> list[Lines]:
    """Return the curve of the test part in the strip."""
    (marks,) = Strip().marks(film, t)
    return [mark for mark in marks if isinstance(mark, Lines) and mark.color == "ink"]


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_a_scene_with_a_test_part_has_its_loss_in_the_strip(share: float) -> None:
    """As a second curve on the same scale, and as a figure; without one there is neither."""
    scene = Scene(
        dataset=datasets.from_arrays(X, Y[:, 0].astype(int), test_share=share),
        model=models.mlp(2, 8, 1, output="sigmoid"),
        training=Training(epochs=6, lr=0.05, optimizer="adam", loss="bce"),
    )
    film = Film(record(scene))
    end = film.timeline.seconds
    figures = Strip().figures(film, film.epochs)

    assert ("test loss" in figures) == bool(share)
    assert len(thin(film, end)) == bool(share)
    if share:
        (curve,) = thin(film, end)
        (path,) = curve.paths
        expected = by_torch(film, film.epochs, nn.functional.binary_cross_entropy)
        assert f"test loss {expected:.3f}"[:-1] in figures
        assert path[-1, 0] == film.epochs
        runs = np.concatenate([film.history.loss, film.test_losses])
        assert 0 <= path[:, 1].min() <= path[:, 1].max() <= 1
        assert (runs.max() - expected) / np.ptp(runs) >= 0


def recorded(path: Path, loss: Any, module: nn.Module, **options: Any) -> Film:
    """Return the film of a loop of one's own that takes one step."""
    with Recorder(path, module, (X, Y), loss=loss, test=TEST, **options) as recorder:
        with torch.no_grad():
            module.get_parameter("0.weight").mul_(1.5)
        recorder.snapshot(loss=0.5)
    return Film(Recording.load(path), model=lambda: module)


WEIGHTS = torch.ones(len(X))  # of the training part's samples


def absolute(given: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean distance, a loss that nnanim has no name for."""
    return (given - targets).abs().mean()


class Halved(nn.BCEWithLogitsLoss):
    """Half of what the loss of this name is."""

    def forward(self, given: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return it."""
        return super().forward(given, targets) / 2


Halved.__name__ = "BCEWithLogitsLoss"


@pytest.mark.parametrize(
    "loss",
    [
        "bce_with_logits",
        "BCEWithLogitsLoss",
        nn.BCEWithLogitsLoss(),
        nn.functional.binary_cross_entropy_with_logits,
        nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0)),
        Halved(),
        absolute,
    ],
    ids=("name", "class", "loss", "function", "weighted", "halved", "own"),
)
def test_a_loop_of_ones_own_has_the_loss_over_its_test_part(loss: Any, tmp_path: Path) -> None:
    """By the loss's name, or by the function itself, whatever it is called."""
    module = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    film = recorded(tmp_path / "run.safetensors", loss, module)
    by = nn.functional.binary_cross_entropy_with_logits if isinstance(loss, str) else loss

    assert film.test_losses is not None
    for moment, told in ((0.0, film.test_losses[0]), (1.0, film.test_losses[-1])):
        assert told == pytest.approx(by_torch(film, moment, by), rel=1e-5)
    assert "test loss" in Strip().figures(film, 1.0)


def test_a_loss_that_takes_more_than_the_test_part_has_is_left_out(tmp_path: Path) -> None:
    """It is no reason to refuse a recording."""

    def weighted(given: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return ((given - targets) ** 2 * WEIGHTS[:, None]).mean()

    module = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    film = recorded(tmp_path / "run.safetensors", weighted, module, outputs="values")

    assert film.test_losses is None
    assert "test loss" not in Strip().figures(film, 1.0)


def test_a_loss_that_draws_numbers_leaves_those_of_the_loop_alone(tmp_path: Path) -> None:
    """What a loop draws after its recording is what it would draw without one."""

    def shaken(given: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (given + torch.randn_like(given) - targets).abs().mean()

    module = nn.Sequential(nn.Linear(2, 1))
    path = tmp_path / "run.safetensors"
    with Recorder(path, module, (X, Y), loss=shaken, outputs="values", test=TEST) as recorder:
        recorder.snapshot(loss=1.0)
        before = torch.random.get_rng_state()

    assert Recording.load(path).test_loss is not None
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("end", [np.inf, np.nan])
def test_a_function_s_loss_beyond_all_bounds_is_not_the_last_within(
    end: float, tmp_path: Path
) -> None:
    """It ends there, and the strip leaves it out as it does one by name."""

    def bounded(given: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return absolute(given, targets) + (end if given.abs().max() > 1 else 0.0)

    module = nn.Sequential(nn.Linear(2, 1))
    path = tmp_path / "run.safetensors"
    with Recorder(path, module, (X, Y), loss=bounded, outputs="values", test=TEST) as recorder:
        for factor in (0.1, 0.2, 100.0):
            with torch.no_grad():
                module.get_parameter("0.weight").fill_(factor)
                module.get_parameter("0.bias").zero_()
            recorder.snapshot(loss=1.0)
    film = Film(Recording.load(path))

    assert film.test_losses is not None
    assert film.test_losses[-1] == np.inf
    assert "test loss" not in Strip().figures(film, 1.0)
    (panel,) = views.Loss().panels(film)
    assert np.isfinite(panel.y).all()


def test_a_recording_of_many_snapshots_is_asked_at_some(tmp_path: Path) -> None:
    """Evenly, the first and the last among them, across the blocks that it was written in."""
    module = nn.Sequential(nn.Linear(2, 1))
    path = tmp_path / "run.safetensors"
    with Recorder(path, module, (X, Y), loss=absolute, outputs="values", test=TEST) as recorder:
        for _ in range(600):
            with torch.no_grad():
                module.get_parameter("0.weight").add_(0.01)
            recorder.snapshot(loss=1.0)
    film = Film(Recording.load(path))
    told = film.recording.test_loss

    assert told is not None
    asked = np.flatnonzero(np.isfinite(told))
    assert len(asked) == 240
    assert {0, 600} <= set(asked.tolist())
    for i in asked[::40].tolist():
        assert told[i] == pytest.approx(by_torch(film, film.recording.epochs[i], absolute))


def test_a_scene_of_a_loss_of_ones_own_has_it_over_its_test_part(tmp_path: Path) -> None:
    """From its file, too, where the function no longer is."""
    scene = Scene(
        dataset=datasets.from_arrays(X, Y, test_share=0.25, task="regression"),
        model=models.mlp(2, 4, 1),
        training=Training(epochs=3, lr=0.05, optimizer="adam", loss=absolute),
    )
    path = record(scene).save(tmp_path / "run.safetensors")
    film = Film(Recording.load(path))

    assert film.test_losses is not None
    assert film.test_losses[-1] == pytest.approx(by_torch(film, 3.0, absolute), rel=1e-5)
    assert len(thin(film, film.timeline.seconds)) == 1


def test_a_training_that_ends_on_its_best_state_has_a_function_s_loss_of_that() -> None:
    """Just before, it is that of the last epoch, as far as it got."""
    training = Training(epochs=30, lr=0.5, optimizer="adam", loss=absolute, keep="best")
    scene = Scene(
        dataset=datasets.from_arrays(X, Y, test_share=0.25, task="regression"),
        model=models.mlp(2, 4, 1),
        training=training,
    )
    film = Film(record(scene))
    losses = film.test_losses
    last = Film(record(replace(scene, training=replace(training, keep="last"))))

    assert film.recording.kept[-1].epoch != 30
    assert losses is not None
    assert losses[-1] == pytest.approx(by_torch(film, 30.0, absolute), rel=1e-5)
    assert losses[-2] == pytest.approx(by_torch(last, 30.0, absolute), rel=1e-5)
    assert losses[-1] < losses[-2]


def test_a_smooth_film_has_a_function_s_loss_as_the_training_has_it() -> None:
    """What a function tells of the states that were kept is told between them, too."""
    scene = Scene(
        dataset=datasets.from_arrays(X, Y, test_share=0.25, task="regression"),
        model=models.mlp(2, 4, 1),
        training=Training(epochs=3, lr=0.05, optimizer="adam", loss=absolute),
        timeline=Timeline(seconds=2, fps=10, smooth=0.5),
    )
    film = Film(record(scene))
    plain = Film(record(replace(scene, timeline=Timeline(seconds=2, fps=10))))

    assert len(film.replay.recording) != len(film.recording)  # it is of means
    for shown in (film, plain):
        losses = shown.test_losses
        assert losses is not None
        assert losses[[0, -1]] == pytest.approx(
            [by_torch(plain, moment, absolute) for moment in (0.0, 3.0)], rel=1e-5
        )
        assert len(thin(shown, 2.0)) == 1


def test_films_side_by_side_have_one_curve_each() -> None:
    """Those of their test parts would not be told apart."""
    scene = Scene(
        dataset=datasets.from_arrays(X, Y[:, 0].astype(int), test_share=0.25),
        model=models.mlp(2, 2, 1, output="sigmoid"),
        training=Training(epochs=1, loss="bce"),
    )
    first, second = Film(record(scene)), Film(record(replace(scene.with_seed(1))))
    first._tiles = (first, second)

    assert thin(first, 0.0) == []
