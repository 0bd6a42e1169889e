"""What is said of each loss, against torch itself."""

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import Scene, Training, record
from nnanim.dataset import Task
from nnanim.network.losses import LOSSES, Loss, loss_called
from nnanim.network.score import loss_value
from tests.recordings import Given


def some(row: Loss) -> tuple[torch.Tensor, torch.Tensor]:
    """Return outputs (50, 3) and targets that fit a loss."""
    rng = torch.Generator().manual_seed(0)
    outputs, targets = torch.randn(2, 50, 3, generator=rng)
    if row.targets == "classes":
        return outputs, targets.argmax(dim=1)
    if row.outputs == "values":
        return outputs, targets
    return (outputs.sigmoid() if row.outputs == "probabilities" else outputs), targets.sigmoid()


@pytest.mark.parametrize("row", [row for row in LOSSES.values() if row.torch], ids=lambda r: r.name)
def test_torch_has_the_loss_under_the_names_that_are_said(row: Loss) -> None:
    """As a function and as a class, which give the same; by each name the row is found."""
    function, kind = row.torch

    given = some(row)

    assert row.function is getattr(nn.functional, function)
    assert torch.equal(getattr(nn, kind)()(*given), row.function(*given))
    assert [loss_called(name) for name in (row.name, function, kind)] == [row] * 3


@pytest.mark.parametrize("name", ["", "mes", "MyLoss"])
def test_a_loss_of_another_name_is_none_that_is_known(name: str) -> None:
    """Its value is what was recorded of it."""
    assert loss_called(name) is None


@pytest.mark.parametrize("row", LOSSES.values(), ids=lambda r: r.name)
def test_the_kernel_gives_torchs_value_of_each_loss(row: Loss) -> None:
    """That of the first batch, in float32, of a network that gives its inputs back."""
    outputs, targets = some(row)
    task: Task = "classes" if row.targets == "classes" else "regression"
    inputs = outputs.logit() if row.outputs == "probabilities" else outputs

    def model() -> nn.Module:
        linear = nn.Linear(3, 3, bias=False)
        linear.weight.data[:] = torch.eye(3)
        return nn.Sequential(linear, *([nn.Sigmoid()] if inputs is not outputs else []))

    recording = record(
        Scene(
            dataset=Given(inputs.numpy(), targets.numpy(), task, ((-1.0, 1.0),) * 3),
            model=model,
            training=Training(epochs=1, batch_size=None, loss=row.name, trainer="kernel"),
        )
    )

    expected = float(row.function(outputs, targets))
    np.testing.assert_allclose(recording.batch_loss, [expected], rtol=1e-5)


@pytest.mark.parametrize("row", LOSSES.values(), ids=lambda r: r.name)
def test_a_film_tells_torchs_value_of_each_loss(row: Loss) -> None:
    """It is computed without torch, in float64."""
    outputs, targets = some(row)
    wanted = targets if row.targets == "classes" else targets.double()

    found = loss_value(row.name, outputs.numpy(), targets.numpy())

    assert found == pytest.approx(float(row.function(outputs.double(), wanted)), rel=1e-12)


def test_probabilities_of_classes_are_targets_too() -> None:
    """Rows of them, as one-hot ones."""
    rng = torch.Generator().manual_seed(1)
    outputs, targets = torch.randn(2, 50, 3, generator=rng, dtype=torch.float64)
    targets = targets.softmax(dim=1)

    found = loss_value("cross_entropy", outputs.numpy(), targets.numpy())

    assert found == pytest.approx(float(nn.functional.cross_entropy(outputs, targets)), rel=1e-12)


def test_a_certain_mistake_costs_what_torch_says() -> None:
    """Not infinity: a hundred."""
    outputs, targets = np.array([[0.0], [1.0], [1.0]]), np.array([[1.0], [0.0], [1.0]])

    found = loss_value("bce", outputs, targets)

    torches = nn.functional.binary_cross_entropy(torch.tensor(outputs), torch.tensor(targets))
    assert found == pytest.approx(float(torches))
