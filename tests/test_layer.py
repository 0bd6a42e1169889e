"""What is looked at of a module that gives more than a row of units: one value says it."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from nnanim import (
    Film,
    Layer,
    NnanimError,
    Recorder,
    Recording,
    Scene,
    Training,
    datasets,
    record,
    views,
)
from nnanim.errors import SceneError
from nnanim.network.picks import picked
from nnanim.network.traced import network_of
from nnanim.scene.files import load

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 5, 2)).astype(np.float32)
LENGTHS = torch.from_numpy(RNG.integers(1, 6, 30))
Nnanim = Callable[..., tuple[int, str, str]]


class Recurrent(nn.Module):
    """One of torch's recurrent layers over (n, 5, 2), or (5, n, 2) inside."""

    def __init__(self, kind: Any, *, first: bool, packed: bool) -> None:
        super().__init__()
        self.cells = kind(2, 3, num_layers=2, batch_first=first)
        self.end = nn.Linear(3, 2)
        self.packed = packed

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 2)."""
        first = self.cells.batch_first
        given: Any = x if first else x.transpose(0, 1)
        if self.packed:
            lengths = LENGTHS[torch.arange(len(x)) % len(LENGTHS)]
            given = pack_padded_sequence(given, lengths, first, enforce_sorted=False)
        _, last = self.cells(given)
        return self.end((last[0] if isinstance(last, tuple) else last)[-1])  # type: ignore[no-any-return]


@pytest.mark.parametrize("packed", [False, True], ids=["whole", "packed"])
@pytest.mark.parametrize("first", [False, True], ids=["steps first", "batch first"])
@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_recurrent_layer_is_looked_at_in_its_steps(kind: Any, first: bool, packed: bool) -> None:
    """By default each sample's last; by number, or all in their mean, or its state."""
    torch.manual_seed(0)
    module = Recurrent(kind, first=first, packed=packed)
    network = network_of(module, X)
    state = {name: value.numpy() for name, value in module.state_dict().items()}
    lengths = LENGTHS.numpy() if packed else np.full(30, 5)
    one_by_one = [
        module.cells(torch.from_numpy(x[None, :n] if first else x[:n, None]))[0].detach().numpy()
        for x, n in zip(X, lengths, strict=True)
    ]
    steps = [each.reshape(-1, 3) for each in one_by_one]

    def seen(layer: str) -> Any:
        name = network.layer(layer).name
        return network.outputs(state, X, [name])[name]

    near: Any = {"rtol": 1e-4, "atol": 1e-6}
    np.testing.assert_allclose(seen("cells"), [each[-1] for each in steps], **near)
    np.testing.assert_allclose(seen(Layer("cells", time=-1)), seen("cells"))
    np.testing.assert_allclose(seen(Layer("cells", time=0)), [each[0] for each in steps], **near)
    mean = seen(Layer("cells", time="mean"))
    np.testing.assert_allclose(mean, [each.mean(axis=0) for each in steps], **near)
    # h of the last of two layers is what the last step gives
    np.testing.assert_allclose(seen(Layer("cells", output=1)), seen("cells"), **near)
    assert network.layer("cells").units == 3


class Heard(nn.Module):
    """A recurrent layer over the inputs one by one, of which a Linear takes a row of units."""

    def __init__(self, kind: Any, taken: Callable[[Any], torch.Tensor], widened: int) -> None:
        super().__init__()
        self.wide = nn.Linear(1, widened) if widened else nn.Identity()
        self.cells = kind(widened or 1, 2, batch_first=True)
        self.end, self.taken = nn.Linear(2, 1), taken

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 1)."""
        return self.end(self.taken(self.cells(self.wide(x.unsqueeze(-1)))[0]))  # type: ignore[no-any-return]


TAKEN: dict[str, Callable[[Any], torch.Tensor]] = {
    "cells[time=-1]": lambda steps: steps[:, -1],
    "cells[time=mean]": lambda steps: steps.mean(dim=1),
}
XY, CROSSED = X[:, 0], (X[:, 0, 0] * X[:, 0, 1] > 0).astype(np.int64)


def heard(kind: Any, layer: str, widened: int) -> Film:
    """Return the film of a training of such a network."""
    scene = Scene(
        dataset=datasets.from_arrays(XY, CROSSED),
        model=lambda: Heard(kind, TAKEN[layer], widened),
        training=Training(epochs=2, loss="bce_with_logits"),
    )
    return Film(record(scene))


@pytest.mark.parametrize("widened", [0, 3], ids=["alone", "after a Linear"])
@pytest.mark.parametrize("layer", TAKEN)
@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_what_a_head_takes_of_a_recurrent_layer_is_a_hidden_layer(
    kind: Any, layer: str, widened: int
) -> None:
    """Looked at where none is named, by the module's name; the head reads the scores off it."""
    film = heard(kind, layer, widened)
    state = film.state(film.epochs)
    weight, bias = state["end.weight"][0], state["end.bias"][0]

    (panel,) = views.HiddenSpace().panels(film)

    assert film.network.hidden == (layer,)
    assert film.looked_at(None, "HiddenSpace").name == layer
    assert panel.title.startswith("cells")
    scores = film.outputs("end", XY, film.epochs)[:, 0]
    seen = film.points(layer, film.epochs) @ weight + bias
    np.testing.assert_allclose(seen, scores, rtol=1e-3, atol=1e-5)
    read_out = film.network.read_out
    assert read_out is not None
    assert read_out.layer == layer  # its boundary is a line there


def test_the_last_state_is_the_last_step() -> None:
    """A head that takes h, of the last of its layers, is fed by that."""
    assert network_of(Recurrent(nn.GRU, first=True, packed=False), X).hidden == ("cells[time=-1]",)


@pytest.mark.parametrize("widened", [0, 3], ids=["alone", "after a Linear"])
def test_views_of_chains_refuse_recurrent_layers(widened: int) -> None:
    """In one line: what is in between is no Linear."""
    film = heard(nn.GRU, "cells[time=-1]", widened)

    for view, says in (
        (views.Network(), "a chain of Linear layers"),
        (views.UnitLines(), "has no units that switch: leave this view out"),
        (views.Folding(), "modules one after the other"),
    ):
        with pytest.raises(SceneError, match=says) as error:
            view.panels(film)
        assert "\n" not in str(error.value)


def test_channels_whose_mean_a_head_takes_are_a_hidden_layer() -> None:
    """As of convolutions under a global mean."""

    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.end = nn.Conv2d(1, 3, 2), nn.Linear(3, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.end(self.conv(x).mean(dim=(2, 3)))  # type: ignore[no-any-return]

    network = network_of(Pooled(), RNG.normal(size=(7, 1, 4, 6)).astype(np.float32))

    assert network.hidden == ("conv[pixel=mean]",)
    assert network.read_out is not None
    assert network.read_out.layer == "conv[pixel=mean]"


def test_numbers_that_stand_beside_what_a_head_takes_are_no_hidden_layer() -> None:
    """As the places of the largest units, which are whole numbers, beside their values."""

    class Largest(nn.Module):
        def forward(self, x: torch.Tensor) -> Any:
            return torch.topk(x, 2)

    class Sparse(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wide, self.top, self.end = nn.Linear(2, 4), Largest(), nn.Linear(2, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.end(self.top(self.wide(x))[0])  # type: ignore[no-any-return]

    assert network_of(Sparse(), XY).hidden == ("end.input",)


def images() -> nn.Module:
    """Return a convolution of (n, 1, 4, 6) with two channels of 3 by 5."""
    return nn.Sequential(
        nn.Conv2d(1, 2, 2), nn.Tanh(), nn.Flatten(), nn.Linear(30, 2), nn.Linear(2, 2)
    )


def test_pictures_are_looked_at_by_channel_by_pixel_or_whole() -> None:
    """Each as torch gives it, with the bounds that the activation has."""
    torch.manual_seed(0)
    module = images()
    x = RNG.normal(size=(7, 1, 4, 6)).astype(np.float32)
    network = network_of(module, x)
    state = {name: value.numpy() for name, value in module.state_dict().items()}
    with torch.no_grad():
        given = module[:2](torch.from_numpy(x)).numpy()  # type: ignore[index]
    layers = {
        Layer("1", pixel="mean"): given.mean(axis=(2, 3)),
        Layer("1", pixel=(2, 3)): given[:, :, 2, 3],
        Layer("1", flat=True): given.reshape(7, -1),
    }

    found = network.outputs(state, x, list(layers))

    for layer, expected in layers.items():
        np.testing.assert_allclose(found[layer], expected, rtol=1e-4, atol=1e-6)
        assert network.layer(layer).units == expected.shape[1]
        assert network.layer(layer).kind == "Tanh"


def test_a_layer_is_the_text_that_names_it() -> None:
    """A plain string means the module; a text with picks is the same as the value."""
    layer = Layer("rnn", output=1, time="mean")

    assert layer == Layer.of("rnn[output=1,time=mean]") == "rnn[output=1,time=mean]"
    assert Layer.of("1[pixel=2x3]") == Layer("1", pixel=(2, 3))
    assert Layer.of("a[flat]") == Layer("a", flat=True)
    assert (Layer("hidden2"), layer.module, layer.picks) == (
        "hidden2", "rnn", {"output": "1", "time": "mean"},
    )  # fmt: skip
    assert pickle.loads(pickle.dumps(layer)) == layer


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": ""}, "expected the name of a module"),
        ({"time": 1.5}, 'Layer(time=1.5): expected a step, as -1, or "mean"'),
        ({"time": "last"}, "expected a step"),
        ({"output": True}, "expected an index or a key"),
        ({"pixel": 3}, "expected (row, column)"),
        ({"time": -1, "flat": True}, "is given time and flat: expected one of them"),
    ],
)
def test_a_layer_that_is_none_is_refused(given: dict[str, Any], says: str) -> None:
    """In one line, when it is built."""
    with pytest.raises(NnanimError) as error:
        Layer(**{"name": "rnn", **given})
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        ("1", "layer '1' gives (3, 2, 3, 5) for 3 samples: expected a row of units for each"),
        ("1", "pick one, as Layer('1', pixel=\"mean\"), pixel=(0, 0) or flat=True"),
        ("1[time=0]", "Layer('1', pixel=\"mean\")"),
        ("1[pixel=3x0]", "there is no pixel (3, 0) of 3 × 5"),
        ("3[time=-1]", "'3' gives a row of 2 units for each sample, of which there is nothing"),
        ("1[tim=0]", "unknown layer '1[tim=0]'"),
    ],
)
def test_what_cannot_be_picked_is_told_with_the_shape_and_how(layer: str, says: str) -> None:
    """Before the training."""
    x = RNG.normal(size=(7, 1, 4, 6)).astype(np.float32)

    with pytest.raises(NnanimError) as error:
        network_of(images(), x).layer(layer)
    assert says in str(error.value)


def test_steps_that_there_are_not_and_parts_that_are_none_are_refused() -> None:
    """With the steps, and the parts, that there are."""
    network = network_of(Recurrent(nn.GRU, first=True, packed=False), X)

    for layer, says in {
        Layer("cells", time=5): "there are 5 steps; expected -5 to 4, or mean",
        Layer("cells", output=7): "Layer('cells', output=0), Layer('cells', output=1)",
        "cels": "| cells; did you mean 'cells'?",
    }.items():
        with pytest.raises(NnanimError) as error:
            network.layer(layer)
        assert says in str(error.value)


class Mixed(nn.Module):
    """A Transformer over (n, 5, 2), with its samples in the first place or in the second."""

    def __init__(self, *, first: bool) -> None:
        super().__init__()
        self.mix = nn.TransformerEncoderLayer(2, 1, 4, dropout=0.0, batch_first=first)
        self.end, self.first = nn.Linear(2, 2), first

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 2)."""
        mixed = self.mix(x) if self.first else self.mix(x.transpose(0, 1)).transpose(0, 1)
        return self.end(mixed[:, -1])  # type: ignore[no-any-return]


def test_other_modules_give_samples_first_or_are_refused_with_their_shape() -> None:
    """Steps of sequences are picked of those; nothing is guessed of others."""
    network = network_of(Mixed(first=True), X)

    assert network.layer(Layer("mix", time=-1)).units == 2
    with pytest.raises(NnanimError) as steps:
        network.layer("mix")
    assert "Layer('mix', time=-1), time=\"mean\" or flat=True" in str(steps.value)
    with pytest.raises(NnanimError) as other:
        network_of(Mixed(first=False), X).layer(Layer("mix", time=-1))
    assert "gives (5, 3, 2) for 3 samples: expected a row of units for each sample" in str(
        other.value
    )


def test_what_gives_several_is_told_with_all_of_them() -> None:
    """And the advice, followed, works."""
    tokens = torch.zeros(3, 5, 2)
    attend = nn.MultiheadAttention(2, 1, batch_first=True)
    given = attend(tokens, tokens, tokens)

    with pytest.raises(NnanimError) as error:
        picked(Layer("attend"), attend, given, 3)
    assert "pick one, as Layer('attend', output=0), Layer('attend', output=1)" in str(error.value)
    with pytest.raises(NnanimError) as sequence:
        picked(Layer("attend", output=0), attend, given, 3)
    assert "Layer('attend', output=0, time=-1)" in str(sequence.value)
    assert picked(Layer("attend", output=0, time=-1), attend, given, 3).shape == (3, 2)


SCENE = '''"""Waves of two lengths through an LSTM, at its last step and in the mean of all."""

import numpy as np
from torch import nn

from nnanim import Layer, Scene, Training, datasets, views

rng = np.random.default_rng(0)
kind = rng.integers(0, 2, 60)
x = np.sin(np.arange(6) * (0.5 + kind[:, None]) + rng.uniform(0, 6, (60, 1))).astype("float32")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.end = nn.LSTM(1, 3, batch_first=True), nn.Linear(3, 2)

    def forward(self, x):
        return self.end(self.rnn(x.unsqueeze(-1))[0][:, -1])


scene = Scene(
    dataset=datasets.from_arrays(x, kind, name="Waves"),
    model=Net,
    layer="rnn",
    training=Training(epochs=2, optimizer="adam", lr=0.01, loss="cross_entropy"),
    views=[views.HiddenSpace(), views.HiddenSpace(layer=Layer("rnn", time="mean"))],
)
'''


@pytest.mark.usefixtures("kernels_compiled")
def test_a_scene_file_looks_at_steps_of_a_sequence(tmp_path: Path, nnanim: Nnanim) -> None:
    """The scene by a name, a view by a value, the command line by its text."""
    file = tmp_path / "waves.py"
    file.write_text(SCENE, encoding="utf-8")
    film = Film(record(load(file)))

    titles = [panel.title for row in film.recording.scene.rows for view in row  # type: ignore[union-attr]
              for panel in view.panels(film)]  # fmt: skip
    assert titles == ["rnn, last step", "rnn, mean of all steps"]
    assert film.frame(0.0, (160, 90)).any()
    for layer in ("rnn", "rnn[time=2]"):
        code, _, err = nnanim("still", file, "--layer", layer, "-r", "160x90", "-o", "still.png")
        assert (code, err.count("Traceback")) == (0, 0), err


@pytest.mark.parametrize("kept", ["parameters", "activations"])
def test_a_loop_of_ones_own_looks_at_a_layer(kept: Any, tmp_path: Path) -> None:
    """Whatever its snapshots keep, and from its file."""

    def model() -> nn.Module:
        return Recurrent(nn.GRU, first=True, packed=False)

    module: Any = model()
    y = RNG.integers(0, 2, 30)
    path = tmp_path / "run.safetensors"
    layer = Layer("cells", time="mean")
    with Recorder(path, module, (X, y), loss="cross_entropy", layer=layer, record=kept) as recorder:
        recorder.snapshot(loss=1.0)
    film = Film(Recording.load(path), model=model)

    with torch.no_grad():
        expected = module.cells(torch.from_numpy(X))[0].mean(dim=1).numpy()
    np.testing.assert_allclose(film.points(film.layer, 1.0), expected, rtol=1e-4, atol=1e-6)
    assert film.frame(1.0, (160, 90)).any()


def test_convolutions_are_filmed_by_their_channels() -> None:
    """As any layer, with the activation's limits."""
    x = RNG.normal(size=(40, 1, 4, 6)).astype(np.float32)
    scene = Scene(
        dataset=datasets.from_arrays(x, RNG.integers(0, 2, 40)),
        model=images,
        layer=Layer("1", pixel="mean"),
        training=Training(epochs=1, loss="cross_entropy"),
    )
    film = Film(record(scene))

    assert film.points("1[pixel=mean]", 1.0).shape == (40, 2)
    assert film.bounds(film.layer) == (-1, 1)
    assert film.frame(0.0, (160, 90)).any()
