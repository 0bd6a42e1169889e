"""A cluster for tests: a scheduler of Dask and its workers, processes of this machine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.test_maps import FILE
from tests.waiting import comes

LONGEST = 300  # seconds that a slow machine may take

# What a worker is told before its first task: to train something, so that no block takes long for
# the loading of kernels; then to say which block it has begun, and to hold it while
# there is a file that says so; or to answer another thing than it should.
_PRELOAD = """
import os
import time
from pathlib import Path

import numpy as np

from nnanim.engines.travel import packed, unpacked
from nnanim.sweeps import requests
from nnanim.sweeps.block import Block
from nnanim.sweeps.sweep import sweep

sweep("rates.py", {{"lr1": [0.1, 0.2]}}, map=map)

# It may be run twice.
train = requests.__dict__.setdefault("as_it_is", requests.run_block)
folder = Path({folder!r})


def run_block(request, files):
    number = unpacked(request)[0]["block"]
    (folder / f"begun-{{os.getpid()}}-{{number}}").touch()
    holds = [folder / name for name in ("hold", f"hold-{{os.getpid()}}", f"hold-block-{{number}}")]
    while any(hold.exists() for hold in holds):
        time.sleep(0.02)
    answer = train(request, files)
    if (folder / f"lies-{{os.getpid()}}").exists():
        header, tensors = unpacked(answer)
        tensors = {{name: array + np.float32(1) for name, array in tensors.items()}}
        block = Block(number, header["rows"], tensors)
        return packed(tensors, {{**header, "digest": block.digest}})
    return answer


requests.run_block = run_block
"""


@dataclass
class Cluster:
    """A scheduler and its workers, which tell in a folder what they do."""

    folder: Path
    port: int = 0
    _scheduler: "subprocess.Popen[bytes] | None" = None
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the scheduler is."""
        return f"tcp://127.0.0.1:{self.port}"

    def start(self, workers: int = 2) -> None:
        """Start the scheduler, where it was before, and workers."""
        told = self.folder / "scheduler.json"
        told.unlink(missing_ok=True)
        more = ("--scheduler-file", told, "--port", self.port, "--host", "127.0.0.1")
        self._scheduler = self._run("scheduler", *more, "--no-dashboard")
        assert comes(lambda: _whole(told), LONGEST)
        self.port = int(json.loads(told.read_text())["address"].rpartition(":")[2])
        (self.folder / "rates.py").write_text(FILE)
        (self.folder / "preload.py").write_text(_PRELOAD.format(folder=str(self.folder)))
        known = self._registered()
        for _ in range(workers):
            self.add_worker()
        assert comes(lambda: self._registered() == known + workers, LONGEST)

    def add_worker(self) -> int:
        """Start a worker, and return its process."""
        more = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--preload", "preload.py")
        self.workers.append(self._run("worker", self.address, *more))
        return self.workers[-1].pid

    def stop_scheduler(self) -> None:
        """Kill the scheduler; its workers end for that."""
        assert self._scheduler is not None
        _killed(self._scheduler)
        for worker in self.workers:
            _killed(worker)
        self.workers.clear()

    def say(self, name: str) -> None:
        """Tell the workers something, by a file."""
        (self.folder / name).touch()

    def unsay(self, name: str) -> None:
        """Take back what they were told."""
        (self.folder / name).unlink()

    def begun(self) -> set[int]:
        """Return the processes that have begun a block since that was last forgotten."""
        return {int(file.name.split("-")[1]) for file in self.folder.glob("begun-*")}

    def forget(self) -> None:
        """Forget which blocks were begun."""
        for file in self.folder.glob("begun-*"):
            file.unlink()

    def kill(self, pid: int) -> None:
        """Kill a worker."""
        worker = next(worker for worker in self.workers if worker.pid == pid)
        _killed(worker)
        self.workers.remove(worker)

    def _registered(self) -> int:
        """Return how many workers have found the scheduler so far."""
        return (self.folder / "log").read_text(errors="replace").count("Registered to:")

    def _run(self, *arguments: object) -> "subprocess.Popen[bytes]":
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *map(str, arguments)],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={**os.environ, "TMPDIR": str(self.folder)},
            )


@contextmanager
def cluster_in(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Give a cluster that is there until the end."""
    folder.mkdir()
    cluster = Cluster(folder)
    try:
        cluster.start(workers)
        yield cluster
    finally:
        if cluster._scheduler is not None:
            cluster.stop_scheduler()


def _whole(file: Path) -> bool:
    try:
        return "address" in json.loads(file.read_text())
    except (OSError, ValueError):
        return False


def _killed(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
