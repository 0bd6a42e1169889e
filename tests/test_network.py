"""Any torch module, seen as named layers and a read-out, at any parameters and from any thread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import NnanimError, models
from nnanim.network.decision import read_out_parameters
from nnanim.network.modules import initial_module, state_of
from nnanim.network.network import Network, ReadOut
from nnanim.network.rows import CHUNK
from nnanim.network.torch_state import one_thread
from nnanim.network.traced import network_of
from nnanim.types import Floats
from tests.recordings import Normed

INPUTS = np.random.default_rng(0).uniform(-1, 1, (300, 2)).astype(np.float32)


class Nested(nn.Module):
    """Sequentials in a Sequential, and a Linear without bias."""

    def __init__(self) -> None:
        super().__init__()
        first = nn.Sequential(nn.Linear(2, 4), nn.ReLU())
        self.body = nn.Sequential(first, nn.Sequential(nn.Linear(4, 2), nn.Tanh()))
        self.head = nn.Linear(2, 3, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities of three classes."""
        return self.head(self.body(x)).softmax(dim=1)  # type: ignore[no-any-return]


class Reused(nn.Module):
    """One Tanh after every layer, as many people write it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(2, 3), nn.Linear(3, 2), nn.Linear(2, 1)
        self.act = nn.Tanh()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return values between -1 and 1."""
        return self.act(self.last(self.act(self.second(self.act(self.first(x))))))  # type: ignore[no-any-return]


class Functional(nn.Module):
    """Activations that are functions, not modules."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.head = nn.Linear(2, 3), nn.Linear(3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.head(torch.tanh(self.hidden(x))))


class Residual(nn.Module):
    """What follows its last Linear is not that Linear's alone."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.head = nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return two scores."""
        return x + self.head(torch.tanh(self.hidden(x)))  # type: ignore[no-any-return]


Model = Callable[[], nn.Module]

MODELS: list[Model] = [models.mlp(2, 3, 2, 1, output="sigmoid"), Nested, Normed, Functional]


def made(model: Model, seed: int = 0) -> tuple[nn.Module, Network]:
    """Return a module, its buffers no longer as new, and the network that it is seen as."""
    module = initial_module(model, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module.train()(torch.randn(50, 2))
    return module, network_of(module, np.eye(3, 2))


# -- outputs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_a_layers_output_is_what_torchs_hook_sees(model: Model) -> None:
    """For every module that the network names, and its own output."""
    module, network = made(model)
    names = [layer.name for layer in network.layers if not layer.name.endswith(".input")]
    hooked: dict[str, Floats] = {}
    for name in names:
        module.get_submodule(name).register_forward_hook(
            lambda _part, _given, result, name=name: hooked.update({name: result.numpy()})
        )

    found = network.outputs(state_of(module), INPUTS, [*names, ""])

    with torch.no_grad():
        hooked[""] = module.eval()(torch.tensor(INPUTS)).numpy()
    assert len(names) >= 2
    for name in [*names, ""]:
        np.testing.assert_allclose(found[name], hooked[name], rtol=0, atol=1e-6)


def test_a_layer_whose_activation_is_a_function_is_what_it_feeds() -> None:
    """It has no module of its own; the Linear after it names it, and the read-out reads it."""
    module, network = made(Functional)
    assert isinstance(module, Functional)

    found = network.outputs(state_of(module), INPUTS, ["head.input"])["head.input"]

    with torch.no_grad():
        expected = torch.tanh(module.hidden(torch.tensor(INPUTS))).numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert network.hidden == ("head.input",)
    assert network.layer("head.input").title == "Hidden layer 1"
    assert network.read_out is not None
    assert network.read_out.layer == "head.input"


def test_a_module_called_again_is_a_layer_of_its_own() -> None:
    """One Tanh after several layers gives each of them its own output."""
    module, network = made(Reused)
    assert isinstance(module, Reused)

    found = network.outputs(state_of(module), INPUTS, ["act", "act#2", "act#3"])

    with torch.no_grad():
        first = torch.tanh(module.first(torch.tensor(INPUTS)))
        second = torch.tanh(module.second(first))
    np.testing.assert_allclose(found["act"], first, atol=1e-6)
    np.testing.assert_allclose(found["act#2"], second, atol=1e-6)
    assert network.hidden == ("act", "act#2")
    assert network.read_out == ReadOut("last", "act#2", "tanh")


def test_outputs_follow_the_state_that_is_asked_for() -> None:
    """The module's own parameters play no part."""
    module, network = made(models.mlp(2, 3, 1))
    other = initial_module(models.mlp(2, 3, 1), seed=9)

    found = network.outputs(state_of(other), INPUTS, [""])[""]

    np.testing.assert_allclose(found, other(torch.tensor(INPUTS)).detach(), atol=1e-6)
    assert np.abs(found - module(torch.tensor(INPUTS)).detach().numpy()).max() > 0.1


@pytest.mark.parametrize("model", [*MODELS, models.mlp(2, 64, 64, 1)])
def test_an_answer_hangs_on_the_question_alone(model: Model) -> None:
    """Asked twice, with more layers or with other rows after it: the same bytes."""
    module, network = made(model)
    state, name = state_of(module), network.layers[-1].name
    rows = np.random.default_rng(1).normal(size=(CHUNK + 700, 2))

    alone = network.outputs(state, rows[:100], [name])[name]

    everything = [layer.name for layer in network.layers]
    assert network.outputs(state, rows[:1], [name])[name].tobytes() == alone[:1].tobytes()
    assert network.outputs(state, rows[:5], [name])[name].tobytes() == alone[:5].tobytes()
    assert network.outputs(state, rows[:100], [name])[name].tobytes() == alone.tobytes()
    assert network.outputs(state, rows[:100], everything)[name].tobytes() == alone.tobytes()
    assert network.outputs(state, rows, [name])[name][:100].tobytes() == alone.tobytes()


@pytest.mark.parametrize("rows", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5])
def test_every_row_has_its_answer(rows: int) -> None:
    """Whatever their number, as many rows come out as went in, in order."""
    module, network = made(models.mlp(2, 3, 1))
    inputs = np.random.default_rng(1).normal(size=(rows, 2)).astype(np.float32)

    found = network.outputs(state_of(module), inputs, [""])[""]

    assert found.shape == (rows, 1)
    with torch.no_grad():
        np.testing.assert_allclose(found, module(torch.tensor(inputs)), atol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_threads_do_not_disturb_each_other(model: Model) -> None:
    """Eight threads that ask for different states get what one gets."""
    network = made(model)[1]
    states = [state_of(made(model, seed)[0]) for seed in range(24)]

    def ask(state: dict[str, Floats]) -> bytes:
        return network.outputs(state, INPUTS, [""])[""].tobytes()

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(ask, states))

    assert together == [ask(state) for state in states]
    assert len(set(together)) == len(states)


@pytest.mark.parametrize("shape", [(3,), (2, 2, 2), (2, 3), (2, 1)])
def test_inputs_are_rows(shape: tuple[int, ...]) -> None:
    """Anything else is refused in words."""
    module, network = made(models.mlp(2, 1))

    with pytest.raises(NnanimError, match="expected \\(n, inputs\\)"):
        network.outputs(state_of(module), np.zeros(shape), [""])


# -- gradients -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*MODELS, Reused, Residual, lambda: nn.Linear(2, 2)])
def test_gradients_are_autograds(model: Model) -> None:
    """Of the read-out's scores by the inputs, row by row, in evaluation mode.

    Those of a stack are differences, of 32-bit scores.
    """
    module, network = made(model)
    close = 1e-5 if network.stack is None else 2e-3
    weight = np.arange(1.0, network.outputs_width + 1)
    scores: list[torch.Tensor] = []
    if network.read_out:
        module.get_submodule(network.read_out.module).register_forward_hook(
            lambda _part, _given, result: scores.append(result)
        )

    values, slopes = network.gradient(state_of(module), INPUTS[:5], weight, 1e-2)

    for i in range(5):
        row = torch.tensor(INPUTS[i : i + 1], requires_grad=True)
        output = module.eval()(row)
        value = (scores[-1] if scores else output)[0] @ torch.tensor(weight, dtype=torch.float32)
        (slope,) = torch.autograd.grad(value, row)
        np.testing.assert_allclose(values[i], value.detach(), atol=1e-5)
        np.testing.assert_allclose(slopes[i], slope[0], atol=close)


def test_gradients_are_finite_differences() -> None:
    """The slope along each input is the change of the score over a small way."""
    module, network = made(models.mlp(2, 4, 1, output="sigmoid"))
    state, way = state_of(module), 1e-2

    _, slopes = network.gradient(state, INPUTS, np.ones(1), 1e-2)

    for axis in range(2):
        step = way * np.eye(2)[axis]
        there, here = (
            network.outputs(state, INPUTS + sign * step, ["output.0"])["output.0"][:, 0]
            for sign in (1, -1)
        )
        np.testing.assert_allclose(slopes[:, axis], (there - here) / (2 * way), atol=1e-3)


def test_gradients_leave_no_trace() -> None:
    """Neither in the module's own parameters nor in torch's switches."""
    module, network = made(models.mlp(2, 3, 1))

    network.gradient(state_of(module), INPUTS, np.ones(1), 1e-2)

    assert all(parameter.grad is None for parameter in module.parameters())
    assert torch.is_grad_enabled()


# -- layers and the read-out -----------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1e-4, 1.0, 50.0])
@pytest.mark.parametrize("output", ["identity", "sigmoid", "tanh"])
def test_the_link_of_the_read_out_is_found_at_any_weights(output: str, scale: float) -> None:
    """Small weights make tanh look like identity, large ones make it saturate; neither deceives."""
    model = models.mlp(2, 2, 1, output=output, init="glorot", scale=scale)

    read_out = network_of(initial_module(model, 0), np.eye(3, 2)).read_out

    assert read_out == ReadOut("output.0", "hidden1", output)


class Ends(nn.Module):
    """A Linear, then a function."""

    def __init__(self, width: int, end: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.body, self.head, self.end = nn.Sequential(nn.Linear(2, 2)), nn.Linear(2, width), end

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the function's values."""
        return self.end(self.head(self.body(x)))


@pytest.mark.parametrize(
    ("width", "end", "link"),
    [
        (1, torch.sigmoid, "sigmoid"),
        (1, torch.tanh, "tanh"),
        (3, torch.sigmoid, "sigmoid"),
        (3, nn.Softmax(dim=1), "softmax"),
        (2, nn.LogSoftmax(dim=-1), "log_softmax"),
        (1, nn.Identity(), "identity"),
        (1, nn.Sequential(nn.Dropout(0.5), nn.Sigmoid()), "sigmoid"),
    ],
)
def test_a_custom_forwards_link_is_found(
    width: int, end: Callable[[torch.Tensor], torch.Tensor], link: str
) -> None:
    """By what it does, whether it is a module or a function."""
    network = network_of(Ends(width, end), np.eye(3, 2))

    assert network.read_out == ReadOut("head", "body", link)


@pytest.mark.parametrize(
    "model", [Residual, lambda: Ends(1, nn.functional.softplus), lambda: Ends(1, torch.abs)]
)
def test_after_an_unknown_end_the_output_itself_is_the_score(model: Model) -> None:
    """There is no read-out whose level would be known."""
    assert made(model)[1].read_out is None


def test_without_a_linear_there_is_no_read_out() -> None:
    """Nor is there a hidden layer."""
    network = network_of(nn.Sequential(nn.Tanh()), np.eye(3, 2))

    assert network.read_out is None
    assert network.hidden == ()


def test_a_bare_linear_is_its_own_read_out() -> None:
    """Logistic regression: no hidden layer, scores straight from the inputs."""
    module, network = made(lambda: nn.Linear(2, 1))

    assert network.hidden == ()
    assert network.read_out == ReadOut("", "", "identity")
    weight, bias = read_out_parameters(network.read_out, state_of(module))
    scores = network.outputs(state_of(module), INPUTS, [""])[""]
    np.testing.assert_allclose(INPUTS @ weight.T + bias, scores, atol=1e-6)


def test_layers_are_named_counted_and_titled() -> None:
    """Hidden layers are numbered from the inputs on; other modules go by their names."""
    network = network_of(initial_module(models.mlp(2, 3, 2, 1, output="sigmoid"), 0), np.eye(3, 2))

    assert network.widths == (2, 3, 2, 1)
    assert network.hidden == ("hidden1", "hidden2")
    layer = network.layer("hidden2")
    assert (layer.units, layer.kind, layer.title) == (2, "Tanh", "Hidden layer 2")
    before = network.layer("hidden1.0")
    assert (before.units, before.kind, before.title) == (3, "Linear", "hidden1.0")
    assert network.layer("output").kind == "Sigmoid"


def test_the_outermost_module_gives_a_hidden_layer_its_name() -> None:
    """A Sequential within a Sequential is one layer."""
    network = made(Nested)[1]

    assert network.hidden == ("body.0", "body")
    assert network.read_out == ReadOut("head", "body", "softmax")
    assert network.layer("body").kind == "Tanh"


def test_without_bias_the_read_out_adds_nothing() -> None:
    """Its scores are weight · h alone."""
    module, network = made(Nested)
    assert network.read_out is not None

    weight, bias = read_out_parameters(network.read_out, state_of(module))

    assert weight.shape == (3, 2)
    np.testing.assert_array_equal(bias, np.zeros(3))


def test_an_unknown_layer_is_refused_with_the_nearest() -> None:
    """As every name is."""
    with pytest.raises(NnanimError, match="did you mean 'hidden1'"):
        made(models.mlp(2, 3, 1))[1].layer("hiden1")


# -- what the caller has is left alone -------------------------------------------------------------


def test_looking_at_a_module_leaves_it_and_torch_as_they_were() -> None:
    """Random numbers, threads, mode, hooks and parameters."""
    module = initial_module(Normed, 0).train()
    before, random, threads = state_of(module), torch.get_rng_state(), torch.get_num_threads()

    network = network_of(module, np.eye(3, 2))
    network.outputs(before, INPUTS, ["body", ""])
    network.gradient(before, INPUTS, np.ones(1), 1e-2)

    assert torch.equal(torch.get_rng_state(), random)
    assert torch.get_num_threads() == threads
    assert all(part.training for part in module.modules())
    assert not any(part._forward_hooks for part in module.modules())
    for name, value in state_of(module).items():
        np.testing.assert_array_equal(value, before[name])


def test_a_module_comes_from_the_seed_and_not_from_torchs_state() -> None:
    """The same seed gives the same weights, another others; torch's own numbers run on."""
    before = torch.get_rng_state()

    one, same, other = (state_of(initial_module(Nested, seed)) for seed in (4, 4, 5))

    assert torch.equal(torch.get_rng_state(), before)
    assert all((one[name] == same[name]).all() for name in one)
    assert any((one[name] != other[name]).any() for name in one)


def test_one_thread_ends_with_as_many_as_before() -> None:
    """Also when what ran in it failed."""
    threads = torch.get_num_threads()
    inside: list[int] = []

    def fail() -> None:
        with one_thread():
            inside.append(torch.get_num_threads())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert inside == [1]
    assert torch.get_num_threads() == threads
