"""Large networks and many samples: what a recording takes, and the first frames of its film.

    python benchmarks/record.py [activations parameters samples images]

activations  A loop of one's own over a network of 2.8 million parameters, 784-1000-1000-1000-2-10,
             2,000 samples, 40 snapshots; its activations are kept, as they are if nothing is said.
parameters   The same, and the network itself is kept.
samples      A scene of a million points, 2-8-2-1, three epochs.
images       A scene of 10,000 samples of 784 inputs, 784-128-2-10, three epochs.

Each runs in a process of its own. Memory is the most that it ever had, with those pages of the file
that were looked at; where parameters are kept, the file counts to its bound. A snapshot is the
median of all, by the clock, and of its own thread's processor time, which other programs lengthen
less. Frames are of 960 x 540. Bounds that are not met are marked by "!".
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from nnanim import Film, Recorder, Recording, Scene, Training, datasets, models, record
from nnanim.recording.activations import Kept

_SIZE = (960, 540)
_SNAPSHOTS = 40
# memory in MB, first and next frame in s, snapshot in ms
_BOUNDS = {
    "memory": 1_000.0,
    "first frame": 5.0,
    "next frame": 1.0,
    "snapshot": 30.0,
    "of its thread": 30.0,
}
_UNITS = {
    "memory": "MB",
    "first frame": "s",
    "next frame": "s",
    "snapshot": "ms",
    "of its thread": "ms",
}

Figures = dict[str, float]


def loop(kept: Kept | None) -> tuple[Recording, Figures]:
    """Record a loop of one's own over a large network; returns what a snapshot took, in ms."""
    torch.manual_seed(0)
    module = nn.Sequential(
        *(nn.Linear(784, 1000), nn.ReLU(), nn.Linear(1000, 1000), nn.ReLU()),
        *(nn.Linear(1000, 1000), nn.ReLU(), nn.Linear(1000, 2), nn.Linear(2, 10)),
    )
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.normal(size=(2_000, 784)).astype(np.float32))
    y = torch.from_numpy(rng.integers(0, 10, 2_000))
    optimizer = torch.optim.Adam(module.parameters(), 1e-3)
    took: list[tuple[float, float]] = []
    path = Path(tempfile.mkdtemp()) / "run.safetensors"
    with Recorder(path, module, data=(x, y), loss="cross_entropy", record=kept) as recorder:
        for _ in range(_SNAPSHOTS):
            rows = torch.randint(0, len(x), (64,))
            loss = nn.functional.cross_entropy(module(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            begin, busy = time.perf_counter(), time.thread_time()
            recorder.snapshot(loss=loss)
            took.append((time.perf_counter() - begin, time.thread_time() - busy))
    clock, thread = 1e3 * np.median(took, axis=0)
    figures = {"snapshot": float(clock), "of its thread": float(thread)}
    if kept == "parameters":
        figures["file"] = path.stat().st_size / 2**20
    return Recording.load(path), figures


def samples() -> tuple[Recording, Figures]:
    """Record a small network that is trained on a million points."""
    scene = Scene(
        dataset=datasets.moons(n=1_000_000, noise=0.2),
        model=models.mlp(2, 8, 2, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=3, batch_size=256, optimizer="adam", lr=0.01, loss="bce"),
    )
    return record(scene), {}


def images() -> tuple[Recording, Figures]:
    """Record a network of 100,000 parameters that is trained on pictures."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 10_000)
    means = rng.normal(size=(10, 784))
    x = (0.3 * means[labels] + rng.normal(size=(10_000, 784))).astype(np.float32)
    scene = Scene(
        dataset=datasets.from_arrays(x, labels, name="Images"),
        model=models.mlp(784, 128, 2, 10, activation="relu", output="identity"),
        training=Training(
            epochs=3, batch_size=128, optimizer="adam", lr=0.002, loss="cross_entropy"
        ),
    )
    return record(scene), {}


CASES: dict[str, Callable[[], tuple[Recording, Figures]]] = {
    "activations": lambda: loop(None),
    "parameters": lambda: loop("parameters"),
    "samples": samples,
    "images": images,
}


def measured(name: str) -> Figures:
    """Return the figures of a case, in this process."""
    recording, figures = CASES[name]()
    film = Film(recording)
    for what, t in (("first frame", 0.5), ("next frame", 3.0)):
        begin = time.perf_counter()
        film.frame(t, _SIZE)
        figures[what] = time.perf_counter() - begin
    figures["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def told(name: str, figures: Figures) -> str:
    """Return the figures in one line, with their bounds."""
    parts = []
    for what, usual in _BOUNDS.items():
        if what in figures:
            bound = usual + (figures.get("file", 0.0) if what == "memory" else 0.0)
            mark = "!" if figures[what] > bound else ""
            digits = 0 if what == "memory" else 1
            parts.append(
                f"{what} {figures[what]:,.{digits}f} {_UNITS[what]}{mark} (bound {bound:,.0f})"
            )
    return f"{name:12}{'   '.join(parts)}"


def main() -> None:
    """Measure the cases that are named, or all, each in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", metavar="case", help=", ".join(CASES))
    parser.add_argument("--here", action="store_true", help="in this process")
    options = parser.parse_args()
    for unknown in set(options.cases) - set(CASES):
        parser.error(f"unknown case {unknown!r}: expected {', '.join(CASES)}")
    for name in options.cases or CASES:
        if options.here:
            print(told(name, measured(name)), flush=True)
        else:
            subprocess.run([sys.executable, __file__, name, "--here"], check=True)


if __name__ == "__main__":
    main()
