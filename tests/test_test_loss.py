"""The loss over the test part stands in the strip wherever there is such a part."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import Film, Recorder, Recording, Scene, Training, datasets, models, record
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


def recorded(path: Path, loss: Any, module: nn.Module) -> Film:
    """Return the film of a loop of one's own that takes one step."""
    with Recorder(path, module, (X, Y), loss=loss, test=TEST) as recorder:
        recorder.snapshot(loss=0.5)
    return Film(Recording.load(path), model=lambda: module)


class Halved(nn.BCEWithLogitsLoss):
    """Half of what the loss of this name is."""

    def forward(self, given: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return it."""
        return super().forward(given, targets) / 2


Halved.__name__ = "BCEWithLogitsLoss"


@pytest.mark.parametrize(
    ("loss", "known"),
    [
        ("bce_with_logits", True),
        ("BCEWithLogitsLoss", True),
        (nn.BCEWithLogitsLoss(), True),
        (nn.functional.binary_cross_entropy_with_logits, True),
        (nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0)), False),
        (Halved(), False),
    ],
    ids=("name", "class", "loss", "function", "weighted", "halved"),
)
def test_a_loop_of_ones_own_has_the_loss_over_its_test_part(
    loss: Any, known: bool, tmp_path: Path
) -> None:
    """By the loss's name, and by a function that is the one of that name; by no other."""
    module = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    film = recorded(tmp_path / "run.safetensors", loss, module)

    assert (film.test_losses is not None) == known
    if known:
        expected = by_torch(film, 1.0, nn.functional.binary_cross_entropy_with_logits)
        assert film.test_losses is not None
        assert film.test_losses[-1] == pytest.approx(expected, rel=1e-5)
        assert "test loss" in Strip().figures(film, 1.0)


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
