"""Blocks of a sweep trained elsewhere: what travels, who trains, and what is made of an answer."""

import multiprocessing
import os
import platform
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim.engines.crew import Task
from nnanim.engines.travel import packed, unpacked
from nnanim.errors import SceneError, UsageError
from nnanim.sweeps.block import Block
from nnanim.sweeps.folder import Folder
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.requests import Blocks, run_block
from nnanim.sweeps.sweep import planned, sweep
from tests.test_sweeps import contents, rings

FILE = '''"""How wide? Points of a file, and a module beside."""
from pathlib import Path
from nnanim import Scene, Training, datasets, models
from beside import EPOCHS


def scene(width: int = 3, lr: float = 0.1, seed: int = 0):
    if width == 4:
        raise ValueError("four is right out")
    return Scene(
        dataset=datasets.from_npz(Path(__file__).parent / "points.npz"),
        model=models.mlp(2, width, 1, output="sigmoid"),
        training=Training(epochs=EPOCHS, lr=lr, batch_size=8, loss="bce", seed=seed),
    )
'''
GRID: dict[str, Any] = {"width": [1, 2, 4], "lr": [0.01, 0.3], "seed": range(2)}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of three variants."""
    monkeypatch.setattr(Plan, "size", 3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scene file with data and a module beside it."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 2)).astype(np.float32)
    np.savez(folder / "points.npz", x=x, y=(x[:, 0] > 0).astype(np.int64))
    (folder / "beside.py").write_text("EPOCHS = 4\n")
    path = folder / "wide.py"
    path.write_text(FILE)
    return path


class Here:
    """An executor that trains at once, and answers as `altered` makes of it."""

    def __init__(self, altered: Callable[[int, bytes], bytes] = lambda _, answer: answer) -> None:
        self.asked = 0
        self._altered = altered

    def submit(self, task: Task, request: bytes, files: bytes, /) -> "Future[bytes]":
        """Train."""
        future: Future[bytes] = Future()
        self.asked += 1
        try:
            future.set_result(self._altered(self.asked, task(request, files)))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.mark.slow
def test_what_is_trained_elsewhere_is_what_is_trained_here(file: Path, tmp_path: Path) -> None:
    """To the bit, with files and modules beside the scene, and with variants that fail."""
    executor = Here()
    away_ = sweep(file, GRID, tmp_path / "away", executor=executor, verify=1.0)
    here = sweep(file, GRID, tmp_path / "here")

    assert executor.asked == len(here.blocks) == 4
    assert away_.table == here.table
    assert away_.hash == here.hash
    assert contents(tmp_path / "away") == contents(tmp_path / "here")
    assert sum(row["error"] is not None for row in here.table) == 4


@pytest.mark.slow
def test_answers_that_are_none_are_asked_for_again(file: Path) -> None:
    """Cut short, of another block, or an exception: up to three times, then told."""
    answers: list[bytes] = []

    def altered(asked: int, answer: bytes) -> bytes:
        answers.append(answer)
        if asked == 1:
            return answer[:-3]
        if asked == 2:
            raise ConnectionError("the worker is gone")
        return answers[0] if asked == 3 else answer

    executor = Here(altered)
    found = sweep(file, GRID, executor=executor)
    assert executor.asked == 4 + 3
    assert found.hash == sweep(file, GRID).hash

    def gone(_: int, __: bytes) -> bytes:
        raise ConnectionError("the worker is gone")

    with pytest.raises(SceneError, match="failed 3 times, the last by: ConnectionError: the wor"):
        sweep(file, GRID, executor=Here(gone))


@pytest.mark.slow
def test_a_worker_that_lies_is_found(file: Path) -> None:
    """Where it is verified; its answer is whole, and wrong."""

    def altered(_: int, answer: bytes) -> bytes:
        header, tensors = unpacked(answer)
        tensors = {name: array + np.float32(1) for name, array in tensors.items()}
        block = Block(header["block"], header["rows"], tensors)
        return packed(tensors, {**header, "digest": block.digest})

    with pytest.raises(SceneError, match="answered otherwise than it is trained here"):
        sweep(file, GRID, executor=Here(altered), verify=1.0)
    assert len(sweep(file, GRID, executor=Here(altered), verify=0.0)) == 12


class Killed:
    """A pool whose processes are killed as soon as they have answered once."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool, self._lives = pool, True

    def submit(self, task: Task, request: bytes, files: bytes, /) -> "Future[bytes]":
        """Hand on; the first waits for its answer."""
        future = self._pool.submit(task, request, files)
        if self._lives:
            wait([future])
            self._lives = False
            for pid in list(self._pool._processes):
                os.kill(pid, signal.SIGKILL)
        return future


@pytest.mark.slow
@pytest.mark.sweeps
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed by a signal")
@pytest.mark.timeout(600)
def test_a_sweep_whose_worker_is_killed_goes_on(file: Path, tmp_path: Path) -> None:
    """On processes that are spawned: what came is kept, and a new pool trains the rest."""
    expected = sweep(file, GRID).hash
    spawned = multiprocessing.get_context("spawn")
    folder = tmp_path / "sweep"

    with (
        ProcessPoolExecutor(1, spawned) as pool,
        pytest.raises(SceneError, match="takes no more"),
    ):
        sweep(file, GRID, folder, executor=Killed(pool))
    plan = planned(file, GRID)
    kept = [n for n in range(plan.blocks) if Folder(folder, plan).block(n) is not None]
    assert kept == [0]
    with ProcessPoolExecutor(2, spawned) as pool:
        assert sweep(file, GRID, folder, executor=pool).hash == expected


def asked_of(file: Path) -> tuple[dict[str, Any], bytes]:
    """Return the header of the sweep's first request, and the files that go with it."""
    blocks = Blocks(planned(file, GRID))
    return unpacked(blocks.request(0))[0], blocks.files(0)


def test_a_request_holds_the_code_what_it_names_and_nothing_else(file: Path) -> None:
    """Neither what else lies beside the scene, nor what a text names outside its folder."""
    (file.parent / "secret.txt").write_text("not named")
    (file.parent.parent / "above.txt").write_text("not beside")
    file.write_text(FILE + '\nABOVE = "../above.txt"\n')

    header, files = asked_of(file)

    assert sorted(unpacked(files)[1]) == ["beside.py", "points.npz", "wide.py"]
    assert header["variants"][1] == [1, {"width": "1", "lr": "0.01", "seed": "1"}]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 9}, "none of a block"),
        ({"kind": "raid"}, "none of a block"),
        ({"versions": {"nnanim": "0"}}, "but here is"),
        ({"code": "0" * 64}, "code is not what it says"),
        ({"scene": "../wide.py"}, "the name of a file"),
    ],
)
def test_a_request_that_is_not_right_is_refused(
    file: Path, change: dict[str, Any], said: str
) -> None:
    """Before anything is trained."""
    header, files = asked_of(file)

    with pytest.raises(UsageError, match=said):
        run_block(packed({}, {**header, **change}), files)


def test_a_request_writes_nothing_outside_its_folder(file: Path) -> None:
    """A file whose name leads out of it is refused; so is what is no request at all."""
    header, files = asked_of(file)
    tensors = unpacked(files)[1]

    with pytest.raises(UsageError, match="lies in no folder of it"):
        run_block(packed({}, header), packed({**tensors, "../up.py": np.zeros(1, np.uint8)}, {}))
    with pytest.raises(UsageError, match="damaged, or no block"):
        run_block(b"nothing", files)


@pytest.mark.slow
@pytest.mark.sweeps
@pytest.mark.timeout(600)
def test_processes_of_loky_train_the_same(file: Path, tmp_path: Path) -> None:
    """It starts its processes by itself, and keeps them; any executor is asked in the same way."""
    from loky import get_reusable_executor

    pool = get_reusable_executor(max_workers=2, context="loky", kill_workers=True)
    try:
        away_ = sweep(file, GRID, tmp_path / "away", executor=pool, verify=1.0)
    finally:
        pool.shutdown(wait=True, kill_workers=True)

    assert away_.hash == sweep(file, GRID, tmp_path / "here").hash
    assert contents(tmp_path / "away") == contents(tmp_path / "here")


def other(block: Block) -> Block:
    """Return a block as another kind of processor makes it."""
    return replace(block, made={**block.made, "processor": "sparc vis3"})


@pytest.mark.slow
def test_kinds_of_processor_mix_only_where_they_may(
    file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What differs is named; then the hash is said to hold for each kind."""
    plan, folder = planned(file, GRID), tmp_path / "sweep"
    Folder(folder, plan).keep(other(plan.block(1)))

    with pytest.raises(UsageError, match=r"blocks 0 and 1 .* two kinds \(.* against sparc vis3\)"):
        sweep(file, GRID, folder)
    mixed = sweep(file, GRID, folder, mixed=True)

    assert mixed.hash == sweep(file, GRID).hash
    assert "2 kinds of processor: the hash holds for each kind alone" in caplog.text


@pytest.mark.slow
def test_what_another_kind_of_processor_made_is_not_compared_and_that_is_said(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It may differ in its last bits, and be right."""

    def altered(_: int, answer: bytes) -> bytes:
        header, tensors = unpacked(answer)
        tensors = {name: array + np.float32(1) for name, array in tensors.items()}
        block = other(Block(header["block"], header["rows"], tensors))
        return packed(tensors, {**header, "digest": block.digest, "made": block.made})

    sweep(file, GRID, executor=Here(altered), verify=1.0)

    assert "4 blocks could not be verified" in caplog.text


def test_a_block_notes_what_made_it(file: Path) -> None:
    """Versions, and what the processor has to compute many numbers at once; nothing else."""
    made = planned(file, GRID).block(0).made

    assert sorted(made["versions"]) == ["llvmlite", "nnanim", "numba", "numpy", "python", "torch"]
    assert made["processor"].split()[0] == platform.machine()
    assert sorted(made) == ["processor", "versions"]


def test_only_a_scene_file_is_trained_elsewhere() -> None:
    """A function or a scene has no code that could travel."""
    with pytest.raises(UsageError, match="only a scene file can be trained elsewhere"):
        sweep(rings, {"width": [1, 2]}, executor=Here())


def test_what_has_no_submit_is_no_executor(file: Path) -> None:
    """It says what is."""
    with pytest.raises(UsageError, match=r"executor=3: expected what has submit\(\)"):
        sweep(file, GRID, executor=3)  # type: ignore[arg-type]
