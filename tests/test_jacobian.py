"""Jacobians of layers at many inputs, against torch's own at one input after another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from nnanim.network.jacobian import Jacobian, jacobian_of
from nnanim.network.modules import initial_module, state_of
from nnanim.network.network import Network
from nnanim.network.rows import CHUNK
from nnanim.network.stacked import StackedNetwork
from nnanim.network.traced import network_of
from nnanim.slices import Slice
from nnanim.types import Floats
from tests.recordings import Normed, known_activations
from tests.test_forward import stacks


class Custom(nn.Module):
    """A forward of one's own, without a Linear at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.wide, self.narrow = nn.Linear(2, 5), nn.Linear(5, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return two numbers."""
        return x + self.narrow(torch.relu(self.wide(x))).sin()  # type: ignore[no-any-return]


def stack(*widths: int) -> Callable[[], nn.Module]:
    def model() -> nn.Module:
        layers = (nn.Sequential(nn.Linear(*pair), nn.Tanh()) for pair in pairwise(widths))
        return nn.Sequential(*layers)

    return model


def made(model: Callable[[], nn.Module], inputs: int) -> tuple[nn.Module, Network]:
    """Return a module, its buffers no longer as new, and the network that it is seen as."""
    module = initial_module(model, 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module.train()(torch.randn(50, inputs))
    return module.eval(), network_of(module, np.eye(3, inputs))


def one_by_one(module: nn.Module, layer: str, inputs: Floats) -> Floats:
    """Return the Jacobians by `torch.autograd.functional.jacobian`, a point at a time."""
    caught: list[torch.Tensor] = []
    part = module.get_submodule(layer)
    handle = part.register_forward_hook(lambda _part, _given, result: caught.append(result))

    def of(x: torch.Tensor) -> torch.Tensor:
        module(x[None])
        return caught[-1][0]

    jacobian: Callable[..., torch.Tensor] = torch.autograd.functional.jacobian
    found = [jacobian(of, torch.tensor(x)).numpy() for x in inputs]
    handle.remove()
    return np.stack(found)


@pytest.mark.parametrize(
    ("model", "inputs", "layers"),
    [
        (stack(2, 2, 2, 1), 2, ["0", "1.0", "1", "2", ""]),
        (stack(2, 3, 5, 2), 2, ["0", "1", ""]),
        (stack(3, 4, 2), 3, ["0", "1"]),
        (stack(1, 4, 2), 1, ["0", "1"]),
        (Normed, 2, ["body", "body.1", "head", ""]),
        (Custom, 2, ["wide", "narrow", ""]),
    ],
    ids=["2-2-2-1", "2-3-5-2", "3-4-2", "1-4-2", "BatchNorm", "own forward"],
)
def test_a_field_of_jacobians_is_torchs_own_at_every_point(
    model: Callable[[], nn.Module], inputs: int, layers: list[str]
) -> None:
    """Matrices, singular values, determinants and lengths of gradients, for any layer."""
    module, network = made(model, inputs)
    points = np.random.default_rng(0).uniform(-2, 2, (30, inputs)).astype(np.float32)

    for layer in layers:
        found = jacobian_of(network, state_of(module), points, layer)

        expected = one_by_one(module, layer, points)
        np.testing.assert_allclose(found.matrices, expected, rtol=0, atol=2e-6)
        values = np.linalg.svd(expected, compute_uv=False)
        np.testing.assert_allclose(found.singular_values, values, rtol=0, atol=2e-6)
        lengths = np.linalg.norm(expected, axis=2)
        np.testing.assert_allclose(found.gradient_norms, lengths, rtol=0, atol=2e-6)
        if expected.shape[1] != inputs:
            assert found.determinants is None
        else:
            assert found.determinants is not None
            np.testing.assert_allclose(found.determinants, np.linalg.det(expected), atol=2e-6)


@pytest.mark.parametrize("units", [2, 3, 7])
def test_the_closed_form_is_that_of_the_decomposition(units: int) -> None:
    """For two inputs; also where a matrix is zero, has rank one, or stretches evenly."""
    rng = np.random.default_rng(units)
    matrices = rng.normal(size=(500, units, 2)) * 10 ** rng.uniform(-3, 3, (500, 1, 1))
    matrices[0] = 0
    matrices[1, :, 1] = 2 * matrices[1, :, 0]
    matrices[2] = np.eye(units, 2)

    found = Jacobian(matrices).singular_values

    expected = np.linalg.svd(matrices, compute_uv=False)
    assert (np.abs(found - expected) <= 3e-8 * expected[:, :1]).all()


@pytest.mark.parametrize("name", stacks())
@pytest.mark.parametrize("samples", [1, 300])
def test_the_kernel_of_tangents_gives_torchs_jacobians(name: str, samples: int) -> None:
    """Of every layer of each known kind, all layers in one pass."""
    module = stacks()[name]
    network, state = network_of(module, np.eye(3, 2)), state_of(module)
    points = np.random.default_rng(1).normal(0, 2, (samples, 2)).astype(np.float32)
    names = [layer for layer, _ in module.named_modules()]

    found = network.jacobians(state, points, names)

    assert isinstance(network, StackedNetwork)
    for matrices, expected in zip(
        found, Network.jacobians(network, state, points, names), strict=True
    ):
        np.testing.assert_allclose(matrices, expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("activation", ["Tanh", "Sigmoid"])
def test_slopes_are_exact_where_units_are_all_but_full(activation: str) -> None:
    """Relative to themselves, though what the units give is all but 1: as in double precision."""
    module = nn.Sequential(nn.Linear(1, 1), known_activations()[activation]())
    with torch.no_grad():
        module[0].weight.fill_(1.0)  # type: ignore[operator]
        module[0].bias.zero_()  # type: ignore[operator]
    points = np.linspace(-30, 30, 61, dtype=np.float32)[:, None]

    (found,) = network_of(module, points).jacobians(state_of(module), points, [""])

    x = points[:, 0].astype(np.float64)
    exact = 1 / np.cosh(x) ** 2 if activation == "Tanh" else 1 / (2 * np.cosh(x / 2)) ** 2
    np.testing.assert_allclose(found[:, 0, 0], exact, rtol=5e-6)


def test_in_a_plane_derivatives_are_along_its_directions() -> None:
    """Of a network of more than two inputs, as torch has them."""
    module, network = made(stack(5, 4, 2), 5)
    points = np.random.default_rng(0).uniform(-1, 1, (20, 2)).astype(np.float32)
    inputs = np.random.default_rng(1).normal(size=(50, 5))
    network.plane = Slice(1, 3).through(inputs, list("abcde"), [(0.0, 1.0)] * 5)

    (found,) = network.jacobians(state_of(module), points, ["1"])

    (expected,) = Network.jacobians(network, state_of(module), points, ["1"])
    assert found.shape == (20, 2, 2)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)


def test_a_mirror_turns_the_sheet_on_its_back() -> None:
    """The sign of the determinant: a layer that swaps two units folds every input over."""
    swap = nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        swap.weight.copy_(torch.tensor([[0.0, 3.0], [2.0, 0.0]]))

    found = jacobian_of(
        network_of(swap, np.eye(3, 2)), state_of(swap), np.zeros((4, 2), np.float32), ""
    )

    assert found.determinants is not None
    np.testing.assert_allclose(found.determinants, -6)
    np.testing.assert_allclose(found.singular_values, [[3, 2]] * 4)


def test_a_point_has_the_same_jacobian_whatever_is_asked_with_it() -> None:
    """Bit for bit, in any chunk and from any thread."""
    module, network = made(stack(2, 64, 64, 2), 2)
    state = state_of(module)
    points = np.random.default_rng(0).uniform(-1, 1, (CHUNK + 700, 2)).astype(np.float32)

    with ThreadPoolExecutor(max_workers=4) as threads:
        every, *again = threads.map(
            lambda part: jacobian_of(network, state, part, "").matrices,
            [points, points[:5], points[CHUNK - 3 :], points[7:8]],
        )

    for part, rows in zip(again, (slice(5), slice(CHUNK - 3, None), slice(7, 8)), strict=True):
        assert part.tobytes() == every[rows].tobytes()


def test_an_output_that_no_input_moves_has_a_jacobian_of_zeros() -> None:
    """Where torch has no derivative at all."""

    class Constant(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.ones(len(x), 2)

    module = nn.Sequential(Constant())

    found = jacobian_of(network_of(module, np.eye(3, 2)), {}, np.ones((3, 2), np.float32), "")

    assert found.matrices.shape == (3, 2, 2)
    assert not found.matrices.any()
