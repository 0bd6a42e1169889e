"""A training that is killed goes on from its last finished block, to the same bits."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import NnanimError, Recording, Retry, Scene, Training, datasets, models, record
from nnanim.errors import UsageError
from nnanim.recording.journal import Journal, blocks_folder, unfinished


def dropping() -> nn.Sequential:
    """Return a network that only torch trains, by random numbers of its own."""
    return nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.3), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())


def normed() -> nn.Sequential:
    """Return a stack with buffers."""
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, 1))


KERNEL = Scene(
    dataset=datasets.rings(n=200, noise=0.05),
    model=normed,
    training=Training(
        epochs=40, batch_size=20, optimizer="adam", lr=0.03, loss="bce_with_logits", seed=3
    ),
)
EAGER = replace(KERNEL, model=dropping, training=replace(KERNEL.training, loss="bce"))
STRATEGIES = replace(
    KERNEL,
    training=replace(
        KERNEL.training,
        segments=4,
        restart_optimizer=True,
        keep="best",
        retry=Retry(until=1.0, attempts=3),
    ),
)
LBFGS = replace(
    EAGER,
    model=models.mlp(2, 3, 1, output="sigmoid"),
    training=Training(
        epochs=40, batch_size=None, loss="bce", optimizer=lambda p: torch.optim.Adagrad(p, lr=0.1)
    ),
)
SCENES = {"kernel": KERNEL, "eager": EAGER, "strategies": STRATEGIES, "own optimizer": LBFGS}


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def killed_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Make the next recordings stop after so many blocks are on the disk."""
    original = Journal.add

    def arrange(blocks: int) -> None:
        left = iter(range(blocks))

        def add(self: Journal, *arguments: Any) -> None:
            original(self, *arguments)
            if next(left, None) is None:
                raise Killed

        monkeypatch.setattr(Journal, "add", add)

    return arrange


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("blocks", [0, 2, 5])
def test_it_goes_on_to_the_same_bytes(
    name: str, blocks: int, tmp_path: Path, killed_after: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """As one that was never stopped; finished blocks are not trained again."""
    scene, path = SCENES[name], tmp_path / "run.safetensors"
    whole = record(scene, tmp_path / "whole.safetensors")
    killed_after(blocks)
    with pytest.raises(Killed):
        record(scene, path)
    monkeypatch.undo()
    kept = list(blocks_folder(path).glob("*.safetensors"))
    assert len(kept) == blocks + 2  # the start too
    assert not path.exists()

    found = record(scene, path, resume=True)

    assert path.read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    assert found.batch_loss.tobytes() == whole.batch_loss.tobytes()
    assert not blocks_folder(path).exists()


def test_finished_blocks_are_not_trained_again(
    tmp_path: Path, killed_after: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trainer is asked for the rest only."""
    path = tmp_path / "run.safetensors"
    killed_after(3)
    with pytest.raises(Killed):
        record(KERNEL, path)
    monkeypatch.undo()
    trained: list[int] = []

    record(KERNEL, path, resume=True, progress=lambda _, done, __: trained.append(done))
    steps = Recording.load(path).steps

    assert trained[-1] == steps[-1] == 400


def test_a_finished_recording_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it is of the same training; one of another is."""
    path = tmp_path / "run.safetensors"
    first = record(KERNEL, path)
    with monkeypatch.context() as patch:
        patch.setattr("nnanim.recording.record.train", lambda *_: pytest.fail("trained"))
        again = record(replace(KERNEL, title="Another"), path, resume=True)

    other = record(replace(KERNEL, training=replace(KERNEL.training, lr=0.01)), path, resume=True)

    assert again.header.title == "Another"
    assert again.state(-1)["0.weight"].tobytes() == first.state(-1)["0.weight"].tobytes()
    assert other.state(-1)["0.weight"].tobytes() != first.state(-1)["0.weight"].tobytes()


def test_a_run_that_is_killed_at_its_very_end_leaves_no_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recording is whole by then; --resume takes them away."""
    path = tmp_path / "run.safetensors"
    monkeypatch.setattr(Journal, "close", lambda _: None)
    record(KERNEL, path)
    monkeypatch.undo()
    assert blocks_folder(path).is_dir()

    record(KERNEL, path, resume=True)

    assert not blocks_folder(path).exists()


def test_a_block_that_was_cut_off_is_trained_again(
    tmp_path: Path, killed_after: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss of power may leave the last one empty."""
    path = tmp_path / "run.safetensors"
    killed_after(3)
    with pytest.raises(Killed):
        record(KERNEL, path)
    monkeypatch.undo()
    last = sorted(blocks_folder(path).glob("0*.safetensors"))[-1]
    last.write_bytes(last.read_bytes()[:100])

    record(KERNEL, path, resume=True)

    whole = record(KERNEL)
    for name, array in Recording.load(path).states.items():
        assert array.tobytes() == whole.states[name].tobytes()


def test_blocks_of_another_training_are_refused(
    tmp_path: Path, killed_after: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so is a new recording over an unfinished one; nothing is lost."""
    path = tmp_path / "run.safetensors"
    killed_after(2)
    with pytest.raises(Killed):
        record(KERNEL, path)
    monkeypatch.undo()
    before = sorted(file.name for file in blocks_folder(path).iterdir())

    with pytest.raises(UsageError, match="another training"):
        record(replace(KERNEL, training=replace(KERNEL.training, seed=4)), path, resume=True)
    with pytest.raises(UsageError, match="--resume"):
        record(KERNEL, path)

    assert sorted(file.name for file in blocks_folder(path).iterdir()) == before


def test_what_is_finished_can_be_looked_at(
    tmp_path: Path, killed_after: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several attempts, the one that was under way."""
    path = tmp_path / "run.safetensors"
    killed_after(4)
    with pytest.raises(Killed):
        record(KERNEL, path)
    monkeypatch.undo()

    part, whole = unfinished(path), record(KERNEL)

    assert 0 < len(part) < len(whole)
    for name, array in part.states.items():
        assert array.tobytes() == whole.states[name][: len(part)].tobytes()
    np.testing.assert_array_equal(part.batch_loss, whole.batch_loss[: part.steps[-1]])


def test_an_optimizer_whose_state_cannot_be_kept_is_refused_with_a_path_only(
    tmp_path: Path,
) -> None:
    """In memory it needs no keeping."""

    class Odd(torch.optim.SGD):
        def state_dict(self) -> dict[str, Any]:
            return {"state": {}, "param_groups": [], "odd": object()}

    scene = replace(EAGER, training=replace(EAGER.training, optimizer=lambda p: Odd(p, lr=0.1)))

    record(scene)
    with pytest.raises(NnanimError, match="cannot be kept"):
        record(scene, tmp_path / "run.safetensors")


# -- kill -9 ---------------------------------------------------------------------------------------

DRIVER = """
import os, random, signal, sys, time
from pathlib import Path

from nnanim import record
from tests.test_resume import SCENES, longer

scene, folder, kills = longer(SCENES[sys.argv[1]]), Path(sys.argv[2]), int(sys.argv[3])

# This process trains nothing itself: a fork of one in which torch has threads would hang.
def child_that_records(path):
    child = os.fork()
    if child:
        return child
    try:
        record(scene, path, resume=True)
        os._exit(0)
    except BaseException as error:
        print(repr(error), flush=True)
        os._exit(1)

begun = time.monotonic()
assert os.waitpid(child_that_records(folder / "whole.safetensors"), 0)[1] == 0
length = time.monotonic() - begun
chance = random.Random(sys.argv[1])
done = 0
for number in range(1000):
    path = folder / f"run{number}.safetensors"
    while True:
        child = child_that_records(path)
        time.sleep(chance.uniform(0.2, 1.2) * length)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
        done += 1
    assert path.read_bytes() == (folder / "whole.safetensors").read_bytes()
    assert not path.with_name(path.name + ".blocks").exists()
    path.unlink()
    if done >= kills:
        print(f"{done} kills, {number + 1} recordings")
        sys.exit()
"""


def longer(scene: Scene) -> Scene:
    """Return a scene whose training takes about half a second."""
    epochs = 1_500 if scene.model is normed else 100
    return replace(scene, training=replace(scene.training, epochs=epochs))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")
@pytest.mark.parametrize(("name", "kills"), [("kernel", 15), ("eager", 10), ("strategies", 5)])
def test_kills_at_random_moments_lose_nothing(name: str, kills: int, tmp_path: Path) -> None:
    """Thirty in all, each by SIGKILL while it trains; the files are equal to the byte."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, name, str(tmp_path), str(kills)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
        timeout=280,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) >= kills


@pytest.mark.slow
def test_the_command_line_goes_on_after_a_kill(tmp_path: Path) -> None:
    """`nnanim record` killed while it trains, then with --resume."""
    file = tmp_path / "slow.py"
    file.write_text(
        "from nnanim import Scene, Training, datasets, models\n"
        "scene = Scene(dataset=datasets.rings(n=400), "
        'model=models.mlp(2, 3, 1, output="sigmoid"), '
        'training=Training(epochs=200, trainer="eager"))\n'
    )
    command = [sys.executable, "-m", "nnanim.cli", "record", str(file), "-o", "run.safetensors"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    for _ in _until(60):
        if len(list((tmp_path / "run.safetensors.blocks").glob("0*"))) >= 3:
            break
    process.kill()
    process.wait()
    assert not (tmp_path / "run.safetensors").exists()

    done = subprocess.run(
        [*command, "--resume"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "run.safetensors\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.safetensors", "slow.py"]


def _until(seconds: float) -> Iterator[int]:
    for i in range(int(seconds / 0.02)):
        time.sleep(0.02)
        yield i
