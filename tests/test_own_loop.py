"""Anyone's own training loop, recorded without a trace."""

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from nnanim import Film, NnanimError, Recorder, Recording, datasets, render
from nnanim.marks import Points
from nnanim.recording.activations import Kept
from nnanim.recording.journal import blocks_folder, unfinished
from nnanim.views import HiddenSpace

X = torch.rand(60, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
Y = (X.prod(1, keepdim=True) > 0).float()


def net() -> nn.Sequential:
    """Return a network with all that a look at it could disturb: dropout, buffers, gradients."""
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Dropout(0.2), nn.Linear(4, 1)
    )


def loop(module: nn.Module, seen: Callable[[Any, int], None], epochs: int = 5) -> list[bytes]:
    """Train as everyone does; returns all that a training leaves behind."""
    torch.manual_seed(7)
    adam = torch.optim.Adam(module.parameters(), 0.05)
    module.train()
    for epoch in range(epochs):
        for rows in torch.randperm(60).split(20):  # type: ignore[no-untyped-call]
            loss = nn.functional.binary_cross_entropy_with_logits(module(X[rows]), Y[rows])
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
        seen(loss, epoch)
    gradients = [p.grad.numpy().tobytes() for p in module.parameters() if p.grad is not None]
    state = [value.numpy().tobytes() for value in module.state_dict().values()]
    chance = [torch.get_rng_state().numpy().tobytes(), np.random.default_rng(0).bytes(1)]
    modes = [bytes([part.training for part in module.modules()])]
    return [*gradients, *state, *chance, *modes, repr(random.getstate()).encode()]


def stack() -> nn.Sequential:
    """Return a network that a recording can hold."""
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))


def test_it_changes_nothing_in_the_training(tmp_path: Path) -> None:
    """Parameters, buffers, gradients, modes and random numbers are the same bits without it."""
    alone = loop(net(), lambda *_: None)
    module = net()

    with Recorder(
        tmp_path / "run.safetensors", module, data=(X, Y), loss="bce_with_logits"
    ) as recorder:
        recorded = loop(module, lambda loss, epoch: recorder.snapshot(loss=loss, epoch=epoch))

    assert recorded == alone


def test_it_records_the_network_at_each_call(tmp_path: Path) -> None:
    """First as it came, then after each; epochs counted from 0 are over when they are recorded."""
    module, states, losses = stack(), [], []
    first = copy.deepcopy(module.state_dict())

    with Recorder(tmp_path / "run.safetensors", module, (X, Y), loss="bce_with_logits") as recorder:

        def seen(loss: Any, epoch: int) -> None:
            recorder.snapshot(loss=loss, epoch=epoch)
            states.append(copy.deepcopy(module.state_dict()))
            losses.append(loss.item())

        loop(module, seen)

    found = Recording.load(tmp_path / "run.safetensors")
    assert found.epochs.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.loss.tolist() == [losses[0], *losses]
    for i, state in enumerate([first, *states]):
        for name, value in state.items():
            np.testing.assert_array_equal(found.state(i)[name], value.numpy())
    np.testing.assert_array_equal(found.data.inputs, X.numpy())
    assert recorder.recording is not None
    assert not blocks_folder(tmp_path / "run.safetensors").exists()


def test_its_recording_is_a_film(tmp_path: Path) -> None:
    """Nothing but the file is needed."""
    module = stack()
    with Recorder(tmp_path / "run.safetensors", module, (X, Y), loss="bce_with_logits") as recorder:
        loop(module, lambda loss, epoch: recorder.snapshot(loss=loss, epoch=epoch))

    recording = Recording.load(tmp_path / "run.safetensors")
    film = Film(recording)

    np.testing.assert_allclose(film.outputs("", X.numpy(), 5), module(X).detach(), atol=1e-6)
    assert [snapshot.epoch for snapshot in film.snapshots] == [0, 1, 2, 3, 4, 5]
    assert film.header.title == "My data through a 2 → 4 → 1 network"
    assert film.score(5) == pytest.approx(float(((module(X) > 0) == (Y > 0.5)).float().mean()))
    video = render(recording, tmp_path / "film.gif", size=(128, 72), seconds=0.4, fps=5)
    assert video.frames == 2


def test_moments_inside_an_epoch_and_of_no_epoch(tmp_path: Path) -> None:
    """Fractions are taken as they are; left out, each call is an epoch."""
    module = stack()
    with Recorder(tmp_path / "a.safetensors", module, (X, Y), loss="bce_with_logits") as recorder:
        for epoch in (0.5, 1.0, 1.25):
            recorder.snapshot(0.1, epoch)
        recorder.snapshot(0.1)

    found = Recording.load(tmp_path / "a.safetensors")

    assert found.epochs.tolist() == [0, 0.5, 1, 1.25, 2.25]
    assert [snapshot.epoch for snapshot in Film(found).snapshots] == [0, 1]


def test_without_losses_the_film_computes_them(tmp_path: Path) -> None:
    """By the loss that is named, over all the data."""
    module = stack()
    with Recorder(tmp_path / "a.safetensors", module, (X, Y), loss=nn.BCEWithLogitsLoss()) as r:
        r.snapshot()

    film = Film(Recording.load(tmp_path / "a.safetensors"))

    expected = nn.functional.binary_cross_entropy_with_logits(module(X), Y)
    assert film.loss(1) == pytest.approx(float(expected.detach()), rel=1e-6)


def test_an_exception_loses_nothing(tmp_path: Path) -> None:
    """What was recorded is written, and the exception goes on its way."""

    def interrupted() -> None:
        with Recorder(
            tmp_path / "run.safetensors", stack(), (X, Y), loss="bce_with_logits"
        ) as recorder:
            recorder.snapshot(0.5)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert len(Recording.load(tmp_path / "run.safetensors")) == 2


def test_after_a_kill_the_finished_blocks_can_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new run puts them aside under another name."""
    monkeypatch.setattr("nnanim.recording.recorder._BLOCK_SNAPSHOTS", 2)
    path = tmp_path / "run.safetensors"
    killed = Recorder(path, stack(), (X, Y), loss="bce_with_logits").__enter__()
    for _ in range(5):
        killed.snapshot(0.5)

    assert unfinished(path).epochs.tolist() == [0, 1, 2, 3, 4]
    with Recorder(path, stack(), (X, Y), loss="bce_with_logits") as recorder:
        recorder.snapshot(0.4)

    assert len(Recording.load(path)) == 2
    assert len(Recording.load(tmp_path / "run.unfinished.safetensors")) == 5


def test_divergence_ends_the_recording(tmp_path: Path) -> None:
    """With the last good state; later snapshots are passed over."""
    module = stack()
    with Recorder(tmp_path / "run.safetensors", module, (X, Y), loss="bce_with_logits") as recorder:
        recorder.snapshot(0.5)
        with torch.no_grad():
            module.get_parameter("0.weight").fill_(float("nan"))
        recorder.snapshot(float("nan"))
        recorder.snapshot(float("nan"))

    found = Recording.load(tmp_path / "run.safetensors")
    assert found.epochs.tolist() == [0, 1]
    assert found.header.diverged_at == 2


class Own(nn.Module):
    """A module that a recording cannot hold."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(2, 3), nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return scores of two classes."""
        return self.two(torch.relu(self.one(x)))  # type: ignore[no-any-return]


def test_a_module_of_ones_own_is_given_to_the_film(tmp_path: Path) -> None:
    """And two outputs for two classes are scores of classes."""
    labels = np.where(Y[:, 0].numpy() > 0.5, "same", "different")
    with Recorder(
        tmp_path / "run.safetensors", Own(), (X, labels), loss="bce_with_logits"
    ) as recorder:
        recorder.snapshot(0.5)
    recording = Recording.load(tmp_path / "run.safetensors")

    with pytest.raises(NnanimError, match="model="):
        Film(recording)

    assert recording.header.class_names == ["different", "same"]
    assert Film(recording, Own).score_name == "accuracy"


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16, torch.float16])
def test_other_precisions_are_recorded_in_float32(tmp_path: Path, kind: torch.dtype) -> None:
    """Pictures need no more."""
    module = stack().to(kind)
    with Recorder(tmp_path / "run.safetensors", module, (X, Y), loss="bce_with_logits") as recorder:
        recorder.snapshot(0.5)

    found = Recording.load(tmp_path / "run.safetensors")
    np.testing.assert_array_equal(
        found.state(1)["0.weight"], module.get_parameter("0.weight").detach().float()
    )


def test_a_data_set_will_do(tmp_path: Path) -> None:
    """Its names and its window are the film's."""
    with Recorder(
        tmp_path / "run.safetensors", stack(), datasets.rings(n=40), loss="bce_with_logits"
    ) as recorder:
        recorder.snapshot(0.5)

    assert Recording.load(tmp_path / "run.safetensors").header.class_names == ["inner", "outer"]


@pytest.mark.parametrize(
    ("use", "says"),
    [
        (lambda r: r.snapshot(0.1, epoch=-1), "rise"),
        (lambda r: (r.snapshot(0.1, epoch=2), r.snapshot(0.1, epoch=2)), "rise"),
        (lambda r: r.snapshot(0.1, epoch=float("nan")), "rise"),
    ],
)
def test_epochs_rise(tmp_path: Path, use: Callable[[Recorder], None], says: str) -> None:
    """One line says what came and what was expected."""
    recorder = Recorder(tmp_path / "run.safetensors", stack(), (X, Y), loss="bce_with_logits")
    with pytest.raises(NnanimError, match=says), recorder:
        use(recorder)


def test_mistakes_are_refused(tmp_path: Path) -> None:
    """Another suffix, a snapshot outside of the block, data that do not fit."""
    with pytest.raises(NnanimError, match="safetensors"):
        Recorder(tmp_path / "run.pt", stack(), (X, Y), loss="bce_with_logits")
    with pytest.raises(NnanimError, match="with-block"):
        Recorder(tmp_path / "run.safetensors", stack(), (X, Y), loss="bce_with_logits").snapshot(
            0.1
        )
    with pytest.raises(NnanimError, match="2"):
        Recorder(
            tmp_path / "run.safetensors", stack(), (X[:, :1], Y), loss="bce_with_logits"
        ).__enter__()
    with pytest.raises(NnanimError, match="folder"):
        Recorder(
            tmp_path / "no" / "run.safetensors", stack(), (X, Y), loss="bce_with_logits"
        ).__enter__()


def grown(module: nn.Sequential) -> None:
    """Give the network two more units."""
    module[0], module[2] = nn.Linear(2, 6), nn.Linear(6, 1)


def longer(module: nn.Sequential) -> None:
    """Give the network one more layer."""
    module.append(nn.Linear(1, 1))


def shorter(module: nn.Sequential) -> None:
    """Take the bias from the network's first layer."""
    module[0].register_parameter("bias", None)


def normalised(module: nn.Sequential) -> None:
    """Give a weight another parametrisation, of two tensors."""
    nn.utils.parametrizations.weight_norm(module[0])


def lazy(module: nn.Sequential) -> None:
    """Give the network a layer that has no shape yet."""
    module[2] = nn.LazyLinear(1)


@pytest.mark.parametrize("kept", ["parameters", "activations"])
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (grown, "'0.weight' from (4, 2) to (6, 2)"),
        (longer, "'3.weight' of shape (1, 1) is new"),
        (shorter, "'0.bias' of shape (4,) is gone"),
        (normalised, "'0.weight' of shape (4, 2) is gone"),
        (lazy, "'2.weight' has no shape before its first batch"),
    ],
)
def test_a_network_that_changes_ends_the_recording_not_the_loop(
    change: Callable[[nn.Sequential], None],
    says: str,
    kept: Kept,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line names the tensor; what was recorded before is a film, and the loop runs on."""
    module, done = stack(), 0
    with Recorder(
        tmp_path / "run.safetensors", module, (X, Y), loss="bce_with_logits", record=kept
    ) as recorder:
        for epoch in range(6):
            if epoch == 3:
                change(module)
            recorder.snapshot(loss=1.0, epoch=epoch)
            done += 1

    assert done == 6
    (line,) = caplog.messages
    assert says in line
    assert "ends before epoch 4" in line
    recording = Recording.load(tmp_path / "run.safetensors")
    assert recording.epochs.tolist() == [0, 1, 2, 3]
    assert Film(recording).frame(0.0, (160, 90)).any()


@pytest.mark.parametrize("kept", ["parameters", "activations"])
@pytest.mark.parametrize("wrap", [nn.DataParallel, AveragedModel])
def test_a_part_that_is_wrapped_midway_is_the_part_that_it_was(
    wrap: Callable[[nn.Module], nn.Module],
    kept: Kept,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Every snapshot after it is kept, equal to the bit what it is without the wrapper."""

    def recorded(name: str, wrapped: bool) -> Recording:
        module = stack()
        with Recorder(
            tmp_path / name, module, (X, Y), loss="bce_with_logits", record=kept
        ) as recorder:
            for epoch in range(4):
                if wrapped and epoch == 2:
                    module[0] = wrap(module[0])
                with torch.no_grad():
                    for parameter in module.parameters():
                        parameter.mul_(1.1)
                recorder.snapshot(loss=1.0, epoch=epoch)
        return Recording.load(tmp_path / name)

    with_it, without = recorded("a.safetensors", True), recorded("b.safetensors", False)

    assert not caplog.records
    assert len(with_it) == 5
    assert with_it.states.keys() == without.states.keys()
    for name, array in without.states.items():
        np.testing.assert_array_equal(with_it.states[name], array)
        assert not np.array_equal(array[-1], array[-2])
    assert Film(with_it).frame(0.0, (160, 90)).any()


@pytest.mark.parametrize("as_targets", [True, False])
def test_labels_colour_an_embedding_whatever_its_loss(
    as_targets: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Given as targets, too, of which a triplet loss knows nothing; then that is told in a line."""
    path, loss = tmp_path / "run.safetensors", nn.TripletMarginLoss()
    x = torch.randn(90, 6, generator=torch.Generator().manual_seed(2))
    y = torch.arange(90) % 3
    torch.manual_seed(4)
    last = nn.Linear(5, 2)
    encoder = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), last)
    given: dict[str, Any] = {"data": (x, y)} if as_targets else {"data": x, "labels": y}

    with Recorder(path, encoder, **given, loss=loss, layer="2") as recorder:
        for _ in range(3):
            with torch.no_grad():
                last.weight.mul_(1.5)
            made = encoder(x)
            recorder.snapshot(loss=loss(made, made.roll(3, 0), made.roll(1, 0)))

    assert ["y only colours the points" in line for line in caplog.messages] == [True] * as_targets
    film = Film(Recording.load(path))

    panel, marks = HiddenSpace().panels(film)[0], HiddenSpace().marks(film, 0.0)[0]
    groups = [mark for mark in marks if isinstance(mark, Points)]
    assert [entry[0] for entry in panel.legend] == ["0", "1", "2"]
    assert [mark.color for mark in groups] == [entry[1] for entry in panel.legend]
    embedded = film.points("2", 0.0)
    for k, mark in enumerate(groups):
        np.testing.assert_array_equal(mark.xy, embedded[k::3])
    assert film.frame(0.0, (160, 90)).any()


def test_targets_that_a_loss_does_not_take_are_refused_where_they_are_called_classes(
    tmp_path: Path,
) -> None:
    """With both ways on; nothing is written."""
    x, y = torch.randn(90, 6), torch.arange(90) % 3
    encoder, loss = nn.Sequential(nn.Linear(6, 2)), nn.TripletMarginLoss()

    with pytest.raises(NnanimError, match="'TripletMarginLoss' does not compare") as refused:
        Recorder(tmp_path / "run.safetensors", encoder, (x, y), loss=loss, task="classes")
    for reading in ("data=x and labels=y", 'outputs="logits"'):
        assert reading in str(refused.value)
    assert not list(tmp_path.iterdir())


SETTINGS: dict[str, Any] = {
    "text for a rate": {"lr": "cosine"},
    "no optimiser": {"lr": 0.1, "scheduler": "cosine"},
    "none": {"lr": None, "optimizer": None},
    "lists": {"betas": (0.9, 0.99), "optimizer": ["sgd", "adam"], "lr": [0.1, 0.2]},
    "numbers of numpy and torch": {"lr": np.float32(0.5), "warm": torch.tensor(3), "on": np.True_},
    "nested": {"optimizer": {"name": "sgd", "at": Path("a/b")}, "": "", "ü": "λ"},
    "everything": {"optimizer": "adam", "lr": 1, "batch_size": 32, "nesterov": True},
}


@pytest.mark.parametrize("kind", SETTINGS)
def test_settings_are_free(kind: str, tmp_path: Path, nnanim: Any) -> None:
    """What they hold is in the file, which opens, is told of and drawn."""
    path, given = tmp_path / "run.safetensors", SETTINGS[kind]
    with Recorder(path, stack(), (X, Y), loss="bce_with_logits", settings=given) as recorder:
        recorder.snapshot(loss=1.0)

    recording = Recording.load(path)
    assert recording.header.training.keys() == {*given, "loss"}
    assert Film(recording).frame(0.0, (160, 90)).any()
    code, out, err = nnanim("info", str(path))
    assert (code, err) == (0, "")
    assert all(name in out for name in given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["lr", 0.1], "settings= is list: expected a dict"),
        ({"optimizer": torch.optim.SGD([torch.zeros(1)])}, r"settings\['optimizer'\] is SGD"),
        ({"lr": float("nan")}, r"settings\['lr'\] = nan: expected a finite number"),
        ({"clip": [1.0, float("inf")]}, r"settings\['clip'\] = inf"),
        ({"steps": 2**64}, r"settings\['steps'\] = 18446744073709551616"),
        ({1: "one"}, r"settings= has a key 1: expected text"),
        ({"name": "\ud800"}, r"settings\['name'\] holds the text"),
        ({"loss": "focal"}, r"give it as loss="),
        ({"act": torch.tanh}, r"settings\['act'\] is builtin_function_or_method"),
    ],
)
def test_settings_that_a_file_cannot_hold_are_refused_at_once(
    given: Any, says: str, tmp_path: Path
) -> None:
    """Before the first step, with the name of the setting."""
    with pytest.raises(NnanimError, match=says) as refused:
        Recorder(tmp_path / "a.safetensors", stack(), (X, Y), loss="mse", settings=given)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("loss", "says"),
    [(torch.ones(3), r"a tensor \(3,\)"), ("low", "'low'"), ([1.0], r"\[1.0\]")],
)
def test_a_loss_that_is_no_number_is_one_line(loss: Any, says: str, tmp_path: Path) -> None:
    """It says what came, and what to hand in."""
    with (
        Recorder(tmp_path / "a.safetensors", stack(), (X, Y), loss="bce_with_logits") as recorder,
        pytest.raises(NnanimError, match=rf"snapshot\(loss={says}\): expected one number"),
    ):
        recorder.snapshot(loss=loss)
