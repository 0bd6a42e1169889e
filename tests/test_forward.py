"""Replay of stacks by the forward kernel, against torch's own forward pass."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import models
from nnanim.kernels.forward import CHUNK
from nnanim.network.modules import state_of
from nnanim.network.torch_state import one_thread
from nnanim.network.traced import network_of
from tests.recordings import known_activations


def normed(units: int) -> nn.BatchNorm1d:
    """Return a layer whose running statistics are not those of a new one."""
    layer = nn.BatchNorm1d(units)
    rng = np.random.default_rng(units)
    for tensor, low in ((layer.running_mean, -1), (layer.running_var, 0.2), (layer.weight, 0.5)):
        assert tensor is not None
        tensor.data = torch.tensor(rng.uniform(low, 2, units), dtype=torch.float32)
    return layer


def stacks() -> dict[str, nn.Module]:
    """Return a network of each kind of layer, and a wide and a nested one."""
    torch.manual_seed(4)
    found: dict[str, nn.Module] = {
        name: nn.Sequential(nn.Linear(2, 3), activation(), nn.Linear(3, 2))
        for name, activation in known_activations().items()
    }
    found["normed"] = nn.Sequential(nn.Linear(2, 5, bias=False), normed(5), nn.Tanh())
    found["plain norm"] = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3, affine=False))
    found["wide"] = models.mlp(2, 64, 17, 1, output="sigmoid")()
    found["nested"] = nn.Sequential(
        OrderedDict(body=nn.Sequential(nn.Linear(2, 4), nn.Tanh()), head=nn.Linear(4, 3))
    )
    return found


def seen(module: nn.Module, inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Return by name what every module gives, as torch's hooks see it."""
    found: dict[str, np.ndarray] = {}
    for name, part in module.named_modules():
        part.register_forward_hook(
            lambda _part, _given, result, name=name: found.update({name: result.numpy()})
        )
    with torch.no_grad(), one_thread():
        module.eval()(torch.from_numpy(inputs))
    return found


@pytest.mark.parametrize("name", stacks())
@pytest.mark.parametrize("samples", [0, 1, CHUNK, 1000])
def test_every_layer_is_what_torch_gives(name: str, samples: int) -> None:
    """The outputs of all modules, together and each by itself, within 2e-6."""
    module = stacks()[name]
    inputs = np.random.default_rng(1).normal(0, 2, (samples, 2)).astype(np.float32)
    network, state = network_of(module, np.eye(3, 2)), state_of(module)
    expected = seen(module, inputs)

    found = network.outputs(state, inputs, list(expected))

    assert list(found) == list(expected)
    for layer, values in expected.items():
        np.testing.assert_allclose(found[layer], values, rtol=2e-6, atol=2e-6)
        alone = network.outputs(state, inputs, [layer])[layer]
        np.testing.assert_array_equal(alone, found[layer])


def test_an_answer_depends_on_its_sample_alone() -> None:
    """To the bit: whatever stands beside it, and wherever it stands."""
    module = stacks()["wide"]
    network, state = network_of(module, np.eye(3, 2)), state_of(module)
    inputs = np.random.default_rng(1).normal(size=(1000, 2)).astype(np.float32)
    order = np.random.default_rng(2).permutation(1000)

    together = network.outputs(state, inputs, [""])[""]

    np.testing.assert_array_equal(network.outputs(state, inputs[order], [""])[""], together[order])
    for i in (0, 7, 999):
        np.testing.assert_array_equal(
            network.outputs(state, inputs[i : i + 1], [""])[""], together[i : i + 1]
        )


def test_extremes_stay_what_they_are() -> None:
    """Saturated, not NaN; and what is NaN stays NaN."""
    first = nn.Linear(1, 1)
    first.weight.data[:], first.bias.data[:] = 1.0, 0.0
    module = nn.Sequential(first, nn.Tanh())
    inputs = np.array([[-1e30], [-100.0], [0.0], [100.0], [1e30], [np.nan]], np.float32)

    found = network_of(module, np.eye(3, 1)).outputs(state_of(module), inputs, [""])[""]

    np.testing.assert_array_equal(found[:, 0], [-1, -1, 0, 1, 1, np.nan])
