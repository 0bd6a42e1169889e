"""torch's optimisers as functions, against its classes."""

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn

from nnanim import Training
from nnanim.network.optimizers import OPTIMIZERS, Rates
from tests.recordings import optimizer_settings


@pytest.mark.parametrize("lr", [0.01, {"weight": 0.01, "bias": 0.5}], ids=["one", "two"])
@pytest.mark.parametrize(
    "settings", optimizer_settings(), ids=lambda s: f"{s['optimizer']} {len(s)}"
)
def test_the_functions_take_the_steps_of_the_classes(settings: dict[str, Any], lr: Rates) -> None:
    """To the bit, over several steps, with one learning rate and with one for each parameter."""
    training = Training(**{**settings, "lr": lr})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        ours = nn.Linear(3, 2).double()
        inputs = torch.randn(8, 3).double()
    theirs = nn.Linear(3, 2).double()
    theirs.load_state_dict(ours.state_dict())
    parameters: dict[str, torch.Tensor] = dict(ours.named_parameters())
    row = OPTIMIZERS[str(training.optimizer)]
    step = row.stepper(training, parameters)
    optimizer = row.made(dict(theirs.named_parameters()), training)

    for _ in range(5):
        step(torch.autograd.grad(ours(inputs).square().mean(), [*parameters.values()]))
        optimizer.zero_grad()
        theirs(inputs).square().mean().backward()
        optimizer.step()

    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_scene_for_the_kernel_does_not_load_torchs_compiler() -> None:
    """It takes a second, and nothing of it is used."""
    program = """
import sys
from nnanim import Scene, Training, datasets, models, record
scene = Scene(
    dataset=datasets.rings(n=64),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=1, trainer="kernel"),
)
print(record(scene).header.trainer, "torch._dynamo" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert done.stdout.split() == [b"kernel", b"False"]
