"""Models: functions that return a fresh stack of Linear layers."""

from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nnanim import NnanimError, models
from nnanim.models import Mlp
from nnanim.network import initial
from nnanim.network.modules import initial_module, state_of
from nnanim.network.recognition import stack_of
from nnanim.types import State
from tests.examples import examples

KINDS = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "sigmoid": nn.Sigmoid,
    "softplus": nn.Softplus,
}


def exactly(state: State | None) -> list[tuple[str, Any, tuple[int, ...], bytes]] | None:
    """Return all of a state that can be told apart, in its order."""
    if state is None:
        return None
    return [(name, a.dtype, a.shape, a.tobytes()) for name, a in state.items()]


def linears(module: nn.Module) -> list[nn.Linear]:
    """Return the Linear modules in order."""
    return [part for part in module.modules() if isinstance(part, nn.Linear)]


@settings(max_examples=examples(25), deadline=None)
@given(widths=st.lists(st.integers(1, 9), min_size=2, max_size=6))
def test_layers_have_the_widths_asked_for(widths: list[int]) -> None:
    """They are named hidden1, hidden2 … and output, from inputs to outputs."""
    module = models.mlp(*widths)()

    hidden = [f"hidden{i}" for i in range(1, len(widths) - 1)]
    assert [name for name, _ in module.named_children()] == [*hidden, "output"]
    found = [(linear.in_features, linear.out_features) for linear in linears(module)]
    assert found == list(pairwise(widths))
    assert module(torch.zeros(7, widths[0])).shape == (7, widths[-1])


@pytest.mark.parametrize("activation", KINDS)
@pytest.mark.parametrize("output", KINDS)
def test_each_layer_ends_in_its_activation(activation: str, output: str) -> None:
    """A hidden layer is Linear and activation together; so is the output."""
    module = models.mlp(2, 3, 2, 1, activation=activation, output=output)()

    kinds = [[type(part) for part in layer] for layer in module.children()]  # type: ignore[attr-defined]

    assert kinds == [[nn.Linear, KINDS[activation]]] * 2 + [[nn.Linear, KINDS[output]]]


def test_identity_is_no_module_at_all() -> None:
    """A Linear alone."""
    module = models.mlp(2, 2, 1, activation="identity")()

    assert [len(layer) for layer in module.children()] == [1, 1]  # type: ignore[arg-type]


def test_a_network_computes_what_its_layers_say() -> None:
    """Weight times input and bias, then the activation, layer by layer."""
    module = models.mlp(2, 3, 1, activation="tanh", output="sigmoid")()
    x = torch.randn(10, 2, generator=torch.Generator().manual_seed(0))
    first, last = linears(module)

    expected = torch.sigmoid(
        torch.tanh(x @ first.weight.T + first.bias) @ last.weight.T + last.bias
    )

    torch.testing.assert_close(module(x), expected)


def test_no_hidden_layer_is_allowed() -> None:
    """Logistic regression is a network too."""
    module = models.mlp(2, 1, output="sigmoid")()

    assert [name for name, _ in module.named_children()] == ["output"]


def test_every_call_returns_a_fresh_module() -> None:
    """Nothing is shared between two of them."""
    model = models.mlp(2, 2, 1)

    one, other = model(), model()

    assert not {id(p) for p in one.parameters()} & {id(p) for p in other.parameters()}
    assert (linears(one)[0].weight != linears(other)[0].weight).any()


@settings(max_examples=examples(20), deadline=None)
@given(fan_in=st.integers(1, 40), fan_out=st.integers(1, 40), seed=st.integers(0, 1000))
def test_glorot_weights_are_uniform_within_their_bound(
    fan_in: int, fan_out: int, seed: int
) -> None:
    """Plus or minus sqrt(6 / (inputs + outputs)), as Keras's Dense; biases are zero."""
    state = state_of(initial_module(models.mlp(fan_in, fan_out, init="glorot"), seed))

    bound = np.sqrt(6 / (fan_in + fan_out))
    assert np.abs(state["output.0.weight"]).max() <= bound * (1 + 1e-6)
    assert not state["output.0.bias"].any()


def test_glorot_weights_fill_their_bound() -> None:
    """Their spread is that of a uniform distribution."""
    weight = state_of(initial_module(models.mlp(100, 200, init="glorot"), 0))["output.0.weight"]

    assert weight.std() == pytest.approx(np.sqrt(6 / 300) / np.sqrt(3), rel=0.02)


def test_mean_field_weights_spread_as_the_paper_has_it() -> None:
    """By √(2 / inputs) before tanh, √(1 / inputs) before identity, 1 / inputs last; no bias."""
    bent = state_of(initial_module(models.mlp(100, 400, 30, init="mean_field"), 0))
    plain = models.mlp(100, 400, 30, init="mean_field", activation="identity")

    assert bent["hidden1.0.weight"].std() == pytest.approx((2 / 100) ** 0.5, rel=0.02)
    straight = state_of(initial_module(plain, 0))["hidden1.0.weight"]
    assert straight.std() == pytest.approx((1 / 100) ** 0.5, rel=0.02)
    assert bent["output.0.weight"].std() == pytest.approx(1 / 400, rel=0.02)
    assert not bent["hidden1.0.bias"].any()
    assert not bent["output.0.bias"].any()


@settings(max_examples=examples(100), deadline=None)
@given(
    widths=st.lists(st.integers(1, 80), min_size=2, max_size=5),
    kinds=st.tuples(*[st.sampled_from([*KINDS, "identity"])] * 2),
    init=st.sampled_from(["torch", "glorot"]),
    scale=st.sampled_from([1.0, 3, 0.1, 12.34, 1e-3]),
    layers=st.tuples(st.booleans(), st.booleans()),
    seed=st.integers(0, 2**63 - 1),
)
def test_without_torch_it_begins_with_torchs_own_numbers(
    widths: list[int],
    kinds: tuple[str, str],
    init: Literal["torch", "glorot"],
    scale: float,
    layers: tuple[bool, bool],
    seed: int,
) -> None:
    """Bit for bit, by the same names, whatever the layers; so is the table of these."""
    (activation, output), (batch_norm, bias) = kinds, layers
    model = models.mlp(
        *widths, activation=activation, output=output, init=init, scale=scale,
        batch_norm=batch_norm, bias=bias,
    )  # fmt: skip
    module = initial_module(model, seed)

    assert exactly(model.initial(seed)) == exactly(state_of(module) if initial.known() else None)
    assert repr(model.layers) == repr(list(stack_of(module).layers))


def test_without_torch_large_layers_begin_with_torchs_own_numbers() -> None:
    """Numbers are drawn one after the other there too."""
    model = models.mlp(3, 100_000, 7, init="glorot")

    state = state_of(initial_module(model, 1))
    assert exactly(model.initial(1)) == exactly(state if initial.known() else None)


@pytest.mark.parametrize(
    "model",
    [
        models.mlp(2, 3, 1, init="mean_field"),
        models.mlp(3000, 3000, 1),
        models.mlp(2, 1, scale=1e30),
        models.mlp(2, 1, scale=1e-30),
    ],
    ids=repr,
)
def test_what_is_not_known_of_torchs_numbers_is_left_to_torch(model: Mlp) -> None:
    """Normal numbers, and what goes wrong at some size."""
    assert model.initial(0) is None


@pytest.mark.parametrize(
    ("place", "other"),
    [
        ("os.environ", {"ATEN_CPU_CAPABILITY": "default"}),
        ("metadata.version", lambda _: "2.10.0"),
        ("platform.machine", lambda: "arm64"),
        ("features", lambda: {"avx2"}),
    ],
)
def test_numbers_of_other_builds_of_torch_are_not_known(
    place: str, other: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of other versions, of other processors, and where torch is told to do without."""
    monkeypatch.setattr(f"nnanim.network.initial.{place}", other)

    assert not initial.known.__wrapped__()


def test_biases_can_be_left_out() -> None:
    """Of every layer."""
    assert list(state_of(initial_module(models.mlp(2, 3, 1, bias=False), 0))) == [
        "hidden1.0.weight",
        "output.0.weight",
    ]


def test_torchs_own_initialisation_is_the_default() -> None:
    """The same seed gives the weights that torch's Linear has."""
    state = state_of(initial_module(models.mlp(2, 3, 1), 5))

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        first, last = nn.Linear(2, 3), nn.Linear(3, 1)
    np.testing.assert_array_equal(state["hidden1.0.weight"], first.weight.detach())
    np.testing.assert_array_equal(state["hidden1.0.bias"], first.bias.detach())
    np.testing.assert_array_equal(state["output.0.weight"], last.weight.detach())


@pytest.mark.parametrize("init", ["torch", "glorot", "mean_field"])
def test_scale_multiplies_the_weights_and_nothing_else(
    init: Literal["torch", "glorot", "mean_field"],
) -> None:
    """Biases stay as they are."""
    plain = state_of(initial_module(models.mlp(2, 3, 1, init=init), 0))
    large = state_of(initial_module(models.mlp(2, 3, 1, init=init, scale=2.5), 0))

    for name, value in plain.items():
        factor = 2.5 if name.endswith("weight") else 1.0
        np.testing.assert_allclose(large[name], factor * value, rtol=1e-6)


@pytest.mark.parametrize(
    ("widths", "settings_", "words"),
    [
        ((2,), {}, "at least two"),
        ((2, 0, 1), {}, ">= 1"),
        ((2, 2.5, 1), {}, "whole"),
        ((2, 1), {"activation": "tahn"}, "did you mean 'tanh'"),
        ((2, 1), {"output": "softmacks"}, "unknown output activation"),
        ((2, 1), {"init": "he"}, "torch | glorot | mean_field"),
        ((2, 1), {"scale": 0}, "above 0"),
    ],
)
def test_what_cannot_be_built_is_refused_in_words(
    widths: tuple[int, ...], settings_: dict[str, object], words: str
) -> None:
    """When it is declared, before anything is built."""
    with pytest.raises(NnanimError) as refused:
        models.mlp(*widths, **settings_)  # type: ignore[arg-type]

    assert words in str(refused.value)


def test_batch_norm_stands_between_linear_and_activation_of_hidden_layers() -> None:
    """The output has none."""
    module = models.mlp(2, 3, 1, activation="relu", output="sigmoid", batch_norm=True)()

    kinds = [[type(part) for part in layer.children()] for layer in module.children()]
    assert kinds == [[nn.Linear, nn.BatchNorm1d, nn.ReLU], [nn.Linear, nn.Sigmoid]]
