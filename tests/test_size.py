"""Large networks: what is in memory, what is kept, what is asked of them."""

import json
import logging
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save
from torch import nn

from nnanim import Film, Recorder, Recording, views
from nnanim.errors import NnanimError, RecordingError, SceneError
from nnanim.film.replay import Replay, replay_of
from nnanim.film.survey import Survey
from nnanim.grids import Square
from nnanim.marks import Points
from nnanim.network.rows import LARGE
from nnanim.recording import container, recorder
from nnanim.recording.info import facts_of, told_of
from nnanim.recording.journal import unfinished
from nnanim.recording.recording import tensors_of
from nnanim.rendering.filming import sheet_of
from nnanim.rendering.stills import still
from nnanim.sheet.recipe import recipe
from nnanim.sheet.sheet import Sheet
from nnanim.view import Rows, View


def points(n: int = 300, inputs: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Return points of two classes."""
    x = np.random.default_rng(0).normal(size=(n, inputs)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(np.int64)


def network(width: int = 8, inputs: int = 8) -> nn.Sequential:
    """Return a classifier with two hidden layers."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(inputs, width), nn.Tanh(), nn.Linear(width, 2), nn.Tanh(), nn.Linear(2, 2)
    )


def move(module: nn.Module) -> None:
    """Change every parameter a little, as a training step does."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.05)


# -- a file is written part by part ----------------------------------------------------------------


def test_a_file_is_what_safetensors_itself_writes(tmp_path: Path) -> None:
    """Bytes of the table and of arrays of every kind, order and shape."""
    kinds = ("<f8", "<f4", "<f2", "<i8", "<i4", "<i2", "i1", "u1", "?")
    tensors = {
        f"{name}{kind}": np.arange(6).reshape(2, 3).astype(kind)
        for kind in kinds
        for name in ("z", "é", "\n")
    }
    tensors |= {"empty": np.zeros((0, 4)), "one": np.array(3.0), "across": np.arange(6.0)[::2]}
    tensors["turned"] = np.arange(6.0).reshape(2, 3).T
    header = {"a": 1, "é": "\x07"}

    container.write(tmp_path / "run.safetensors", tensors, header)

    with safe_open(tmp_path / "run.safetensors", framework="numpy") as file:
        metadata = file.metadata()
    whole = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    whole["one"] = tensors["one"]
    assert (tmp_path / "run.safetensors").read_bytes() == save(whole, metadata)


def test_joined_parts_are_written_as_one_array(tmp_path: Path) -> None:
    """A file does not tell in how many parts its arrays came."""
    whole = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    joined = container.Joined(
        whole.dtype, whole.shape, lambda: iter([whole[:1], whole[1:5], whole[5:].copy(order="F")])
    )

    container.write(tmp_path / "one.safetensors", {"x": whole}, {})
    container.write(tmp_path / "parts.safetensors", {"x": joined}, {})

    one, parts = (tmp_path / f"{n}.safetensors" for n in ("one", "parts"))
    assert parts.read_bytes() == one.read_bytes()


def test_a_recorder_has_no_more_than_a_block_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty snapshots of a megabyte in blocks of two take less than a third of the whole."""
    monkeypatch.setattr(recorder, "_BLOCK_BYTES", 2 * 2**20)
    module = network(width=25_000)
    size = sum(parameter.numel() * 4 for parameter in module.parameters())
    assert size > 10**6

    tracemalloc.start()
    try:
        kept = Recorder(tmp_path / "run.safetensors", module, data=points(), record="parameters")
        with kept:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(30):
                move(module)
                kept.snapshot()
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()

    assert peak < 10 * size
    assert len(Recording.load(tmp_path / "run.safetensors")) == 31


def test_the_recording_of_a_loop_is_what_its_file_holds(tmp_path: Path) -> None:
    """Over several blocks: every state in its place, and the last that of the module now."""
    module = network()
    with Recorder(tmp_path / "run.safetensors", module, data=points()) as kept:
        for epoch in range(600):
            move(module)
            kept.snapshot(loss=1 / (1 + epoch))

    loaded = Recording.load(tmp_path / "run.safetensors")
    assert kept.recording == loaded
    assert len(loaded) == 601
    for name, tensor in module.state_dict().items():
        np.testing.assert_array_equal(loaded.states[name][-1], tensor.numpy())
    assert len(np.unique(loaded.states["0.weight"][:, 0, 0])) == 601


def test_the_blocks_of_a_loop_are_looked_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many arrays a network has, the table of each block's file is read a single time."""
    monkeypatch.setattr(recorder, "_BLOCK_SNAPSHOTS", 2)
    tables: list[int] = []
    table = container._table

    def counted(mapped: np.ndarray) -> Any:
        tables.append(len(mapped))
        return table(mapped)

    module = network()
    with Recorder(tmp_path / "run.safetensors", module, data=points()) as kept:
        for _ in range(10):
            move(module)
            kept.snapshot()
        monkeypatch.setattr(container, "_table", counted)

    assert len(module.state_dict()) == 6
    assert len(tables) == 5 + 1  # and that of the whole


# -- what a large network is asked -----------------------------------------------------------------


def recorded(path: Path, module: nn.Module, snapshots: int = 5, n: int = 300) -> Recording:
    """Return the recording of a loop over a few epochs."""
    torch.manual_seed(1)
    inputs = next(module.parameters()).shape[1]
    kept = Recorder(path, module, data=points(n, inputs), loss="cross_entropy", record="parameters")
    with kept:
        for _ in range(snapshots):
            move(module)
            kept.snapshot()
    assert kept.recording is not None
    return kept.recording


def test_limits_and_history_of_a_small_network_look_at_everything(tmp_path: Path) -> None:
    """States between snapshots too, and every row."""
    replay = replay_of(recorded(tmp_path / "run.safetensors", network()))

    survey = Survey(replay, 240)

    assert not replay.large
    assert len(survey.moments) > 200
    assert survey.data is replay.data
    assert len(next(survey.of_data(["3"]))["3"]) == len(replay.data.inputs)


def test_limits_and_history_of_a_large_network_look_at_recorded_snapshots(tmp_path: Path) -> None:
    """No state is mixed for them, and no more rows are looked at than its size allows."""
    module = network(width=4_000, inputs=784)
    size = sum(parameter.numel() for parameter in module.parameters())
    assert size > 3 * 10**6
    replay = replay_of(recorded(tmp_path / "run.safetensors", module, 4, n=2_000))

    survey = Survey(replay, 240)

    assert list(survey.moments) == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert 64 <= len(survey.data.inputs) < 1_000
    assert len(survey.data.inputs) == len(survey.data.targets)
    assert len(next(survey.of_data(["3"]))["3"]) == len(survey.data.inputs)


def test_the_pace_of_a_large_network_looks_at_recorded_snapshots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once at each, however many frames there are; the picture goes straight on between them."""
    film = Film(recorded(tmp_path / "run.safetensors", network(4_000, 784), 4))
    assert film.replay.large
    looked: list[float] = []
    whole = type(film.replay).state

    def counted(replay: Replay, moment: float) -> dict[str, Any]:
        looked.append(moment)
        return whole(replay, moment)

    monkeypatch.setattr(type(film.replay), "state", counted)
    shown = [film.moment(film.timeline.time(i)) for i in range(film.timeline.frames)]

    assert sorted(looked) == film.recording.epochs.tolist()
    assert shown == sorted(shown)
    assert shown[-1] == film.epochs


@pytest.mark.slow
def test_a_look_at_some_rows_tells_what_all_would(tmp_path: Path) -> None:
    """The curve of the loss over a sample is near the loss over all; the last digit is exact."""
    module = network(width=1_000, inputs=60)
    assert sum(parameter.numel() for parameter in module.parameters()) > LARGE
    film = Film(recorded(tmp_path / "run.safetensors", module, 400, n=4_000))

    history = film.history

    assert len(film.replay.data.inputs) > len(Survey(film.replay, 240).data.inputs)
    for moment, loss in zip(history.moments[::40], history.loss[::40], strict=True):
        assert loss == pytest.approx(film.loss(float(moment)), rel=0.1)


def test_the_rows_of_a_large_network_do_not_hang_on_each_other(tmp_path: Path) -> None:
    """What is asked together never changes what is answered."""
    module = network(width=1_000, inputs=60)
    film = Film(recorded(tmp_path / "run.safetensors", module))
    x = film.data.inputs

    whole, part = film.outputs("1", x, 2.5), film.outputs("1", x[:7], 2.5)

    np.testing.assert_array_equal(whole[:7], part)


def test_what_a_film_remembers_is_bounded_in_bytes(tmp_path: Path) -> None:
    """A few answers are kept however large; of larger ones no more than these."""
    replay = replay_of(recorded(tmp_path / "run.safetensors", network()))
    made: list[int] = []

    def answer(number: int) -> np.ndarray:
        def make() -> np.ndarray:
            made.append(number)
            return np.zeros(8 * 2**20)

        return replay.remembered(("answer", number), make)

    for number in (*range(6), 5, 4, 3, 0):
        answer(number)

    assert made == [*range(6), 0]


# -- activations in place of parameters ------------------------------------------------------------


def kept_activations(path: Path, module: nn.Module, **options: Any) -> Recording:
    """Return the recording of activations of a loop of four epochs."""
    given = {"data": points(), "loss": "cross_entropy", "record": "activations", **options}
    torch.manual_seed(1)
    with Recorder(path, module, **given) as kept:
        for epoch in range(4):
            move(module)
            kept.snapshot(loss=1 / (1 + epoch))
    return Recording.load(path)


def test_activations_are_what_the_layers_give_for_the_probe(tmp_path: Path) -> None:
    """At the last snapshot what torch gives now, and nothing of the parameters."""
    module = network()
    recording = kept_activations(tmp_path / "run.safetensors", module, probe=50)

    x = torch.tensor(recording.data.inputs)
    assert recording.states.keys() == {"1", "3", ""}
    with torch.no_grad():
        for name, last in (("1", 2), ("3", 4), ("", 5)):
            expected = module[:last](x).numpy()
            np.testing.assert_allclose(recording.states[name][-1], expected, atol=1e-6)
    inputs = points()[0]
    np.testing.assert_array_equal(recording.data.inputs[[0, -1]], inputs[[0, -1]])
    assert len(recording.data.inputs) == len(recording.data.targets) == 50


def test_a_film_of_activations_mixes_them_between_snapshots(tmp_path: Path) -> None:
    """Halfway between two, the mean of both; figures are those of the probe."""
    film = Film(kept_activations(tmp_path / "run.safetensors", network()))
    kept = film.recording.states

    np.testing.assert_allclose(film.points("3", 1.5), (kept["3"][1] + kept["3"][2]) / 2, rtol=1e-6)
    np.testing.assert_array_equal(film.points("1", 2.0), kept["1"][2])
    right = (kept[""][4].argmax(axis=1) == film.data.targets).mean()
    assert film.score(4.0) == right
    assert film.decision is not None
    assert film.decision.binary


def test_the_figures_of_activations_are_those_of_parameters(tmp_path: Path) -> None:
    """Recorded both ways, the same loop has the same accuracy and loss at each snapshot."""
    activations = Film(kept_activations(tmp_path / "a.safetensors", network()))
    parameters = Film(kept_activations(tmp_path / "p.safetensors", network(), record="parameters"))

    for moment in range(5):
        assert activations.score(moment) == parameters.score(moment)
        assert activations.loss(moment) == pytest.approx(parameters.loss(moment), rel=1e-5)
        np.testing.assert_allclose(
            activations.points("3", moment), parameters.points("3", moment), atol=1e-6
        )


def test_a_film_of_activations_says_so_in_its_recipe(tmp_path: Path) -> None:
    """The line that tells how the network was trained; not where parameters were kept."""
    kept = Film(kept_activations(tmp_path / "a.safetensors", network()))
    usual = Film(kept_activations(tmp_path / "p.safetensors", network(), record="parameters"))

    assert "activations, mixed between snapshots" in recipe([kept])
    assert "activations" not in recipe([usual])


def test_a_film_of_activations_is_drawn(tmp_path: Path) -> None:
    """Of two inputs too, where the usual film has a plane of inputs and a grid."""
    for inputs in (2, 8):
        path = tmp_path / f"{inputs}.safetensors"
        recording = kept_activations(
            path, network(inputs=inputs), data=points(inputs=inputs), layer="3"
        )
        picture = still(recording, tmp_path / f"{inputs}.png", size=(320, 180))
        assert picture.stat().st_size > 2_000


def test_it_is_said_in_one_line_from_a_million_parameters_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is kept of what, and the word that keeps the network itself."""
    module = network(width=130_000)
    size = sum(parameter.numel() for parameter in module.parameters())

    with caplog.at_level(logging.WARNING, "nnanim"):
        Recorder(tmp_path / "small.safetensors", network(), data=points())
        assert not caplog.records
        Recorder(tmp_path / "large.safetensors", module, data=points(), layers=["3"], probe=40)

    (line,) = caplog.messages
    assert line == (
        f"of {size:,} parameters each snapshot keeps what 3 and the output give for 40 of 300 "
        'samples; record="parameters" keeps the network itself'
    )


def test_of_a_larger_network_fewer_samples_are_kept(tmp_path: Path) -> None:
    """2,000 where they cost nothing; what is asked is given."""

    def samples(width: int, **options: Any) -> int:
        path = tmp_path / "run.safetensors"
        module = network(width=width, inputs=40)
        with Recorder(
            path, module, points(5_000, 40), record="activations", layers=["3"], **options
        ):
            pass
        return len(Recording.load(path).data.inputs)

    assert samples(8) == 2_000
    assert samples(8, probe=700) == 700
    assert samples(8, probe=9_000) == 5_000
    assert 200 <= samples(20_000) < 2_000
    assert samples(20_000, probe=2_000) == 2_000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"record": "weights"}, "unknown record= 'weights'"),
        ({"record": "parameters", "layers": ["3"]}, "layers= says which activations are kept"),
        ({"probe": 100}, "probe= says which activations are kept"),
        ({"record": "activations", "probe": 0}, "probe=0: expected a number of samples"),
        ({"record": "activations", "probe": 1.5}, "probe=1.5: expected a number of samples"),
        ({"record": "activations", "layers": "3"}, "layers='3': expected a list of names"),
        ({"record": "activations", "layers": ["hidden9"]}, "unknown layer 'hidden9'"),
        ({"record": "activations", "layers": ["1"], "layer": "3"}, "is not among layers=['1']"),
        ({"record": "activations", "layers": []}, "no layer is kept"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_the_first_step(
    options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    """In one line, and nothing is left on the disk."""
    with pytest.raises(NnanimError) as refusal:
        Recorder(tmp_path / "run.safetensors", network(), data=points(), **options)

    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "view",
    [
        views.InputSpace(),
        views.Probability(),
        views.Network(),
        views.Weights(),
        views.Spectrum(),
        views.Jacobian(),
        views.UnitLines(),
        views.Activations(),
        views.Surface(),
    ],
    ids=lambda view: type(view).__name__,
)
def test_a_view_that_needs_the_network_is_refused_by_name(view: View, tmp_path: Path) -> None:
    """Before anything is drawn, with the way out."""
    recording = kept_activations(
        tmp_path / "run.safetensors", network(inputs=2), data=points(inputs=2)
    )

    with pytest.raises(SceneError) as refusal:
        sheet_for([[views.HiddenSpace("3"), view]], recording)

    assert str(refusal.value) == (
        f"{type(view).__name__} needs the network itself, but this recording keeps activations: "
        'leave it out, or record with record="parameters"'
    )


@pytest.mark.parametrize(
    "view",
    [views.HiddenSpace("3"), views.HiddenSpace("1", units=(2, 5)), views.HiddenSpace3D("1")],
)
def test_a_view_of_what_layers_give_is_drawn(view: View, tmp_path: Path) -> None:
    """Points of the probe, at every time of the film."""
    recording = kept_activations(
        tmp_path / "run.safetensors", network(inputs=2), data=points(inputs=2), probe=60
    )

    sheet = sheet_for([[view]], recording)

    for t in (0.0, 3.0):
        marks = [mark for _, _, given in sheet.marks(t) for mark in given]
        shown = sum(len(mark.xy) for mark in marks if isinstance(mark, Points))
        assert shown >= 60


def test_what_needs_the_network_says_so_when_it_is_asked(tmp_path: Path) -> None:
    """For views and scripts of anyone's own."""
    film = Film(
        kept_activations(tmp_path / "run.safetensors", network(inputs=2), data=points(inputs=2))
    )
    asked: list[Callable[[], object]] = [
        lambda: film.state(1.0),
        lambda: film.outputs("3", film.data.inputs, 1.0),
        lambda: film.grid("3", 1.0),
        lambda: film.field("3", 8, 1.0),
        lambda: film.boundary(1.0),
        lambda: film.network.weights(film.recording.states),
    ]

    for ask in asked:
        with pytest.raises(SceneError, match=r'keeps activations, not parameters.*record="param'):
            ask()


def test_info_tells_what_is_kept(tmp_path: Path) -> None:
    """In words and as JSON; parameters are not spoken of."""
    path = tmp_path / "run.safetensors"
    facts = facts_of(kept_activations(path, network(), probe=50), path)

    told = dict(told_of(facts))
    assert facts["parameters"] == {}
    assert facts["activations"] == {"1": [50, 8], "3": [50, 2], "output": [50, 2]}
    assert told["activations"] == (
        "1 8, 3 2, output 2 for 50 of 300 samples, mixed between snapshots; no parameters"
    )
    assert "tensors" not in told


def test_a_cut_off_recording_of_activations_is_a_recording(tmp_path: Path) -> None:
    """What the finished blocks hold can be filmed."""
    path, module = tmp_path / "run.safetensors", network()
    kept = Recorder(path, module, data=points(), loss="cross_entropy", record="activations")
    kept.__enter__()
    for _ in range(300):
        move(module)
        kept.snapshot()

    film = Film(unfinished(path))

    assert len(film.recording) == 257
    assert film.points("3", 3.0).shape == (300, 2)


def damaged(header: dict[str, Any], change: str) -> None:
    """Make the header tell of its activations what is not so."""
    told = header["activations"]
    if change == "none":
        header["activations"] = None
    elif change == "units":
        told["layers"][0]["units"] += 1
    elif change == "name":
        told["layers"][0]["name"] = "other"
    elif change == "inputs":
        told["inputs"] = 3
    elif change == "hidden":
        told["hidden"] = ["other"]
    else:
        told["layers"] = "1"


@pytest.mark.parametrize("change", ["none", "units", "name", "inputs", "hidden", "layers"])
def test_a_header_that_tells_of_other_activations_is_refused(change: str, tmp_path: Path) -> None:
    """In one line that names the file."""
    path = tmp_path / "run.safetensors"
    recording = kept_activations(path, network())
    header = json.loads(json.dumps(recording.header.as_json()))
    damaged(header, change)
    container.write(path, tensors_of(recording), header)

    with pytest.raises(RecordingError, match=r"run\.safetensors is not a recording"):
        Recording.load(path)


class Noisy(nn.Module):
    """A network that draws random numbers even when it is only looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = nn.Linear(8, 2), nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scores, with noise on what the hidden layer gives."""
        hidden = self.hidden(x)
        return self.out(hidden + 0.01 * torch.randn_like(hidden))  # type: ignore[no-any-return]


def test_a_snapshot_of_activations_changes_nothing_in_the_training(tmp_path: Path) -> None:
    """Not the mode, not the gradients, not the random numbers to come."""
    module = Noisy().train()
    module(torch.ones(3, 8)).sum().backward()
    with Recorder(
        tmp_path / "run.safetensors", module, points(), record="activations", layers=["hidden"]
    ) as kept:
        before = [parameter.grad.clone() for parameter in module.parameters()]  # type: ignore[union-attr]
        torch.manual_seed(5)
        kept.snapshot()
        drawn = torch.rand(3)

    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(3))
    assert module.training
    for parameter, gradient in zip(module.parameters(), before, strict=True):
        assert torch.equal(parameter.grad, gradient)  # type: ignore[arg-type]


def test_a_training_that_diverges_ends_the_film_of_activations(tmp_path: Path) -> None:
    """At the first snapshot whose activations are no numbers."""
    module, path = network(), tmp_path / "run.safetensors"
    with Recorder(path, module, data=points(), record="activations") as kept:
        move(module)
        kept.snapshot()
        with torch.no_grad():
            next(module.parameters()).fill_(float("nan"))
        kept.snapshot()

    recording = Recording.load(path)
    assert (len(recording), recording.header.diverged_at) == (2, 2)


def sheet_for(rows: Rows, recording: Recording) -> Sheet:
    """Return the sheet of a recording with these views."""
    scene = SimpleNamespace(rows=rows, timeline=None, theme="dark", words="en", grid=Square())
    return sheet_of(Film(replace(recording, scene=scene)))
