"""A Dask scheduler with workers on this machine, and what asking them costs."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
from distributed import Client

from nnanim.engines.cluster import Cluster
from nnanim.scene.values import axis_in
from nnanim.sweeps.away import Away
from nnanim.sweeps.mapped import MapPlan, map_planned, mapped
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.planned import Planned
from nnanim.sweeps.requests import Blocks
from nnanim.sweeps.sweep import planned, swept

T = TypeVar("T")

ROOT = Path(__file__).parent.parent
SCENES = ROOT / "scenes"
_LOOK = 0.05  # seconds
_FEW, _MANY = 4, 400  # blocks, of the same trainings
_BLOCKS, _SIDE, _SIDES = 12, 512, (24, 1536)  # of maps whose answers are short and long
_PIXEL = 28  # bytes of an answer
PATIENCE = 600.0  # seconds, of a machine that has other work


class Workers:
    """A scheduler and its workers, of one thread each, which come up when it is made."""

    def __init__(self, folder: Path, count: int) -> None:
        told = folder / "scheduler.json"
        self._folder, self._processes = folder, list[subprocess.Popen[bytes]]()
        here = ("--host", "127.0.0.1", "--no-dashboard")
        self._scheduler = self._run("scheduler", "--port", 0, "--scheduler-file", told, *here)
        self.address: str = _comes(lambda: _address_in(told))
        self._nanny = self._run("worker", self.address, "--nthreads", 1, "--nworkers", count, *here)
        self.crew = _comes(lambda: self._crew_of(count))

    def load(self, plan: Planned) -> list[bytes]:
        """Have each worker train the first block of a plan, and so load kernels; return these."""
        work = Blocks(plan)
        with Client(self.address, set_as_default=False) as client:
            answers: dict[str, bytes] = client.run(work.task, work.request(0), work.files(0))
        return list(answers.values())

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds so far: of this process, the scheduler, the workers and the rest.

        The rest is what minds the workers.
        """
        nanny = psutil.Process(self._nanny.pid)
        return {
            "here": time.process_time(),
            "scheduler": _spent(psutil.Process(self._scheduler.pid)),
            "workers": sum(map(_spent, nanny.children(recursive=True))),
            "rest": _spent(nanny),
        }

    def stop(self) -> None:
        """End all of them."""
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait()

    def _crew_of(self, count: int) -> Cluster | None:
        """Return who asks the workers, once there are so many."""
        crew = Cluster(self.address, PATIENCE)
        if crew.ahead >= 2 * count:
            return crew
        crew.close()
        return None

    def _run(self, *arguments: object) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "dask", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(self._folder)}
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=self._folder, stdout=log, stderr=log, env=environment
            )
        self._processes.append(process)
        return process


@contextmanager
def workers_of(count: int) -> Iterator[Workers]:
    """Give workers that are there until the end."""
    with tempfile.TemporaryDirectory() as folder:
        workers = Workers(Path(folder), count)
        try:
            yield workers
        finally:
            workers.crew.close()
            workers.stop()


@dataclass(frozen=True)
class Costs:
    """CPU seconds for each block, and for each MB of its answer, by who spends them."""

    block: dict[str, float]
    megabyte: dict[str, float]

    def wall(
        self, workers: int, blocks: int, seconds: float, megabytes: float, verify: float
    ) -> float:
        """Return how long blocks take of so many seconds, with answers of so many MB.

        Workers are at it side by side. Who asks them does one thing after another, the blocks that
        it verifies among them, and so does the scheduler.
        """
        own = self.block["workers"] + self.block["rest"]
        here, scheduler = (
            self.block[name] + megabytes * self.megabyte[name] for name in ("here", "scheduler")
        )
        return max(
            -(-blocks // workers) * (seconds + own),
            blocks * (here + verify * seconds),
            blocks * scheduler,
        )


def costs_of(workers: Workers, folder: Path) -> Costs:
    """Measure what blocks cost beside their trainings: few and many, with short and long answers.

    Everything is as a sweep or a map with an output folder has it, but that nothing is verified.
    """
    values = {"seed": range(_MANY), "dataset.n": [40], "training.epochs": [1]}
    workers.load(planned(SCENES / "rings.py", values))

    def spent(plan: Planned, size: int) -> dict[str, float]:
        vars(plan)["size"] = size  # of a block, in place of what its work tells
        before = workers.cpu()
        maker = Away(workers.crew, verify=0, patience=PATIENCE)
        if isinstance(plan, MapPlan):
            mapped(plan, folder / plan.key, maker)
        else:
            assert isinstance(plan, Plan)
            swept(plan, folder / plan.key, maker)
        return {name: now - before[name] for name, now in workers.cpu().items()}

    few, many = (
        spent(planned(SCENES / "rings.py", values), _MANY // blocks) for blocks in (_FEW, _MANY)
    )
    axis = axis_in("log:1e-2:1e4")
    maps = [
        map_planned(SCENES / "trainability.py", ("lr1", axis), ("lr2", axis), (_SIDE, side))
        for side in _SIDES
    ]
    workers.load(maps[0])
    short, long = (spent(plan, len(plan) // _BLOCKS) for plan in maps)
    megabytes = _PIXEL * _SIDE * (_SIDES[1] - _SIDES[0]) / 1e6
    return Costs(
        {name: (many[name] - few[name]) / (_MANY - _FEW) for name in many},
        {name: (long[name] - short[name]) / megabytes for name in ("here", "scheduler")},
    )


def _comes(look: Callable[[], T | None]) -> T:
    while True:
        found = look()
        if found is not None:
            return found
        time.sleep(_LOOK)


def _address_in(told: Path) -> str | None:
    try:
        return str(json.loads(told.read_text())["address"])
    except (OSError, ValueError, KeyError):
        return None


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
