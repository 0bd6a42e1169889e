"""What a regression predicts is shown and scored in the unit of its targets."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nnanim import Film, Scene, Training, datasets, record, views
from nnanim.marks import Points

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (120, 2)).astype(np.float32)
SHARES = np.exp(3 * np.c_[X, 0 * X[:, :1]])
SHARES = (SHARES / SHARES.sum(axis=1, keepdims=True)).astype(np.float32)
LABELS = np.c_[X > 0, X[:, :1] > X[:, 1:]].astype(np.float32)


def plain(outputs: torch.Tensor) -> torch.Tensor:
    """Return outputs as they are."""
    return outputs


def logs(outputs: torch.Tensor) -> torch.Tensor:
    """Return the logarithms of shares."""
    return F.log_softmax(outputs, dim=1)


class Net(nn.Module):
    """Two layers and an end."""

    def __init__(self, end: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.body, self.head, self.end = nn.Linear(2, 4), nn.Linear(4, 3), end

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return three outputs."""
        return self.end(self.head(torch.tanh(self.body(x))))


KINDS: dict[str, tuple[Any, Any, Any, Any]] = {
    "several labels": (LABELS, nn.BCEWithLogitsLoss(), plain, torch.sigmoid),
    "several labels by name": (LABELS, "bce_with_logits", plain, torch.sigmoid),
    "soft labels": (
        SHARES, nn.CrossEntropyLoss(), plain, lambda o: torch.softmax(o, dim=1),
    ),
    "soft labels each for itself": (SHARES, nn.BCEWithLogitsLoss(), plain, torch.sigmoid),
    "soft labels each for itself by name": (SHARES, "bce_with_logits", plain, torch.sigmoid),
    "logarithms of shares": (SHARES, nn.KLDivLoss(reduction="batchmean"), logs, torch.exp),
    "shares as values": (SHARES, nn.MSELoss(), plain, plain),
    "values beyond": (3 * SHARES, nn.HuberLoss(), plain, plain),
}  # fmt: skip


def filmed(kind: str) -> tuple[Film, np.ndarray[Any, Any], Any]:
    """Return the film of a regression, its targets, and what reads its outputs in torch."""
    targets, loss, end, read = KINDS[kind]
    scene = Scene(
        dataset=datasets.from_arrays(X, targets, task="regression"),
        model=lambda: Net(end),
        training=Training(epochs=2, loss=loss, optimizer="adam", lr=0.01),
        views=[views.Parity()],
    )
    return Film(record(scene), scene.model), targets, read


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_and_their_score_are_those_of_torch(kind: str) -> None:
    """Logits and logarithms are read, as a user would, before they are compared with targets."""
    film, targets, read = filmed(kind)
    expected = read(torch.from_numpy(film.outputs("", X, 2.0))).numpy()

    squares = ((expected - targets) ** 2).sum()
    assert film.predictions(X, 2.0) == pytest.approx(expected, abs=1e-6)
    assert film.score(2.0) == pytest.approx(
        1 - squares / ((targets - targets.mean(axis=0)) ** 2).sum(), abs=1e-5
    )
    assert film.losses(2.0) == pytest.approx(((expected - targets) ** 2).mean(axis=1), abs=1e-5)


def test_a_parity_plot_of_several_labels_has_probabilities() -> None:
    """What a network gives for a label lies between the label's two values."""
    film, _, _ = filmed("several labels")
    ((_, *points),) = views.Parity().marks(film, 1e3)

    heights = np.concatenate([np.asarray(p.xy)[:, 1] for p in points if isinstance(p, Points)])
    assert (heights >= 0).all()
    assert (heights <= 1).all()
