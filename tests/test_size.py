"""Large networks: what is in memory, what is kept, what is asked of them."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save
from torch import nn

from nnanim import Film, Recorder, Recording
from nnanim.film.replay import replay_of
from nnanim.film.survey import Survey
from nnanim.network.chunks import LARGE
from nnanim.recording import container, recorder


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
        with Recorder(tmp_path / "run.safetensors", module, data=points()) as kept:
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


# -- what a large network is asked -----------------------------------------------------------------


def recorded(path: Path, module: nn.Module, snapshots: int = 5, n: int = 300) -> Recording:
    """Return the recording of a loop over a few epochs."""
    torch.manual_seed(1)
    inputs = next(module.parameters()).shape[1]
    with Recorder(path, module, data=points(n, inputs), loss="cross_entropy") as kept:
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
    assert survey.points("3", 2.5) is replay.points("3", 2.5)


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
    assert len(survey.points("3", 2.0)) == len(survey.data.inputs)


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
