"""Sweeps on all cores: processes beside this one train the same, and none is left behind."""

import logging
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from nnanim.engines.crew import Task
from nnanim.engines.processes import GoneError, Process
from nnanim.errors import SceneError
from nnanim.sweeps import cores
from nnanim.sweeps.block import Block
from nnanim.sweeps.folder import Folder, block_of
from nnanim.sweeps.makers import HERE
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.planned import Planned
from nnanim.sweeps.requests import Blocks
from nnanim.sweeps.sweep import planned, sweep, swept
from nnanim.sweeps.variants import variants_of
from tests.test_sweeps import FILE, GRID, contents, rings
from tests.waiting import comes

SCRIPT = """
from nnanim import sweep
from nnanim.sweeps import cores
from nnanim.sweeps.plan import Plan

cores._WORTH, cores.cores, Plan.size = 1e-9, lambda: 2, 2
print(sweep("rings.py", {"width": range(1, 4), "seed": range(4)}).hash)
"""


class Noted(Process):
    """A process that notes that it is begun, and how often any was asked."""

    begun: "ClassVar[list[Noted]]"
    asked = 0
    last = 10**9  # the time that one is asked, before which it is killed

    @staticmethod
    def enough() -> bool:
        """Return whether a process has had its share: the trial and two blocks."""
        return Noted.asked >= 3

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(path)
        self.begun.append(self)

    def ask(self, task: Task, request: bytes, files: bytes, *, quiet: bool = False) -> bytes:
        """Hand on; what is logged of the trial has been logged by who has trained it first."""
        Noted.asked += 1
        assert quiet == (Noted.asked == 1) or len(self.begun) > 1
        if Noted.asked == self.last:
            self._process.kill()
        return super().ask(task, request, files, quiet=quiet)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scene file with three parameters."""
    path = tmp_path / "rings.py"
    path.write_text(FILE)
    return path


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Noted]]:
    """Blocks of two variants, and a process beside this one that has its share of them."""
    trained: list[int] = []

    def in_turn(plan: Planned, folder: Folder | None, number: int) -> Block:
        trained.append(number)
        assert len(trained) != 2 or comes(lambda: Noted.enough(), 240)
        return block_of(plan, folder, number)

    monkeypatch.setattr(Plan, "size", 2)
    monkeypatch.setattr(cores, "_WORTH", 1e-9)
    monkeypatch.setattr(cores, "cores", lambda: 2)
    monkeypatch.setattr(cores, "block_of", in_turn)
    monkeypatch.setattr(cores, "Process", Noted)
    monkeypatch.setattr(Noted, "begun", [], raising=False)
    monkeypatch.setattr(Noted, "asked", 0)
    yield Noted.begun
    assert all(process._process.poll() is not None for process in Noted.begun)


def here(file: Path, output: Path | None = None) -> str:
    """Return the hash of the sweep that this process trains alone."""
    return swept(planned(file, GRID), output, HERE).hash


@pytest.mark.slow
def test_processes_train_the_same_bytes(file: Path, begun: list[Noted], tmp_path: Path) -> None:
    """They have their share, which is kept as what is trained here.

    A module beside the scene that is called as one of Python's is not taken for that.
    """
    file.with_name("queue.py").write_text('raise ImportError("not that of Python")')
    there = sweep(file, GRID, tmp_path / "a")

    assert len(begun) == 1
    assert Noted.asked >= 3
    assert there.hash == here(file, tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.slow
def test_another_stands_in_for_a_process_that_is_killed(
    file: Path, begun: list[Noted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was at is trained all the same."""
    monkeypatch.setattr(Noted, "last", 2)

    assert sweep(file, GRID).hash == here(file)
    assert len(begun) == 2


@pytest.mark.slow
def test_a_process_that_trains_otherwise_is_not_listened_to(
    file: Path,
    begun: list[Noted],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where a scene hangs on what only this process knows."""
    text = FILE.replace("rings(40,", 'rings(48 if "NNANIM_WORKER" in os.environ else 40,')
    file.write_text(text.replace("from typing", "import os\nfrom typing", 1))

    told = "block 0 is not what it is here"
    monkeypatch.setattr(Noted, "enough", lambda: told in caplog.text)

    with caplog.at_level(logging.INFO, "nnanim"):
        made = sweep(file, GRID)

    assert len(begun) == Noted.asked == 1
    assert made.hash == here(file)


@pytest.mark.slow
def test_whoever_interrupts_leaves_no_process_behind(
    file: Path, begun: list[Noted], tmp_path: Path
) -> None:
    """Blocks that are done stay."""

    def told(_: str, done: int, total: int) -> None:
        assert total == 12
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        sweep(file, GRID, tmp_path / "a", progress=told)

    assert caught.traceback  # holds what was under way
    assert len(list((tmp_path / "a" / "blocks").glob("*.safetensors"))) == 3
    assert [process._process.poll() is None for process in begun] == [False]


@pytest.mark.slow
def test_a_script_needs_no_guard(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes do not run what has started them, nor does a scene that prints disturb them."""
    monkeypatch.setattr(Plan, "size", 2)
    file.write_text(FILE.replace("    return", '    print("a variant")\n    return'))
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if line != "a variant"]
    plan = planned(file, {"width": range(1, 4), "seed": range(4)})
    assert told == [swept(plan, None, HERE).hash]


def test_functions_and_objects_stay_in_this_process(
    begun: list[Noted], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are trained in threads, as is what a GPU may train; a process of ours starts none."""
    monkeypatch.setattr(Noted, "enough", lambda: True)
    sweep(rings, {"seed": range(6)})
    sweep(file, {"seed": range(6), "training.device": ["auto"]})
    monkeypatch.setenv("NNANIM_WORKER", "1")
    sweep(file, {"seed": range(6)})

    assert begun == []
    for values, travel in (
        ([1, 0.5, True, None, "tanh", np.float32(0.1), (2, 3)], True),
        ([float("inf")], False),
        ([object()], False),
        ([[2, 3]], False),
    ):
        assert variants_of({"width": values}).travel == travel, values


def test_a_process_tells_what_goes_wrong_and_what_is_logged(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And goes on; one that has ended is known to have."""
    logs = '    logging.getLogger("nnanim").warning("a word of the scene\'s")\n    return'
    text = FILE.replace("    return", logs)
    file.write_text(text.replace("from typing", "import logging\nfrom typing", 1))
    work = Blocks(planned(file, {"width": [1]}), beside=True)
    caplog.clear()
    process = Process(sys.path)
    try:
        with pytest.raises(SceneError, match="damaged, or no block"):
            process.ask(work.task, b"nothing", b"")
        process.ask(work.task, work.request(0), work.files(0), quiet=True)
        assert "a word of the scene's" not in caplog.text
        answer = work.answer(0, process.ask(work.task, work.request(0), work.files(0)))
    finally:
        process.end()

    assert answer.value.rows[0]["error"] is None
    assert "a word of the scene's" in caplog.text
    with pytest.raises(GoneError, match="has ended"):
        process.ask(work.task, work.request(0), work.files(0))
