"""Training: nnanim against torch as everyone writes it, in one process, alternately.

    python benchmarks/train.py [T1 T2 T3 T4 T5] [--rounds 3]

T1 rings 40,000 × 2, 2-2-2-1 tanh, batch 32, SGD, 100 epochs. T2 a polynomial, 4,000 samples,
1-3-3-1, batch 32, SGD, 100 epochs. T3 XOR, 1,600 samples, 15 × (Linear 2, BatchNorm, tanh), batch
128, Adam, 300 epochs. T4 2,000 points in one batch, 2-3-1 sigmoid, Adam, 10,000 epochs. T5 rings,
4,000 points, 2-64-64-1 tanh, batch 32, Adam, 20 epochs.

A step of nnanim is its whole `record` (guard, snapshots, header and all) divided by its steps;
"whole run" is the peer's time a step times the steps, over the time of `record`. Peers train on one
thread and are timed over some hundred steps after twenty to warm up. The kernel is loaded before,
and that time is printed apart.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from nnanim import Scene, Training, datasets, models, record
from nnanim.dataset import Arrays, Dataset, Task, Window, without_test
from nnanim.network import initial_module
from nnanim.preparation import OPTIMIZERS, prepare

Batches = Iterator[tuple[torch.Tensor, ...]]


@dataclass(frozen=True)
class Xor:
    """Four clouds about the corners of a square, opposite corners of one class."""

    n: int = 1600
    name = "XOR"
    task: Task = "binary"
    window: Window = ((-1.0, 1.0), (-1.0, 1.0))
    class_names = ("same", "different")
    axis_names = ("x", "y")

    def arrays(self, seed: int) -> Arrays:
        """Return inputs (n, 2) and targets (n, 1)."""
        rng = np.random.default_rng(seed)
        bits = rng.integers(0, 2, (self.n, 2))
        noise = 0.2 * rng.normal(size=bits.shape)
        return without_test(bits - 0.5 + noise, (bits[:, :1] ^ bits[:, 1:]).astype(np.float32))


@dataclass(frozen=True)
class Disc:
    """Normal points, those beyond radius 1 of class 1."""

    n: int = 2000
    name = "Disc"
    task: Task = "binary"
    window: Window = ((-3.0, 3.0), (-3.0, 3.0))
    class_names = ("inside", "outside")
    axis_names = ("x", "y")

    def arrays(self, seed: int) -> Arrays:
        """Return inputs (n, 2) and targets (n, 1)."""
        x = np.random.default_rng(seed).normal(size=(self.n, 2))
        return without_test(x, ((x**2).sum(axis=1, keepdims=True) > 1).astype(np.float32))


def deep() -> nn.Module:
    """Return fifteen narrow layers with BatchNorm."""
    layers = [m for _ in range(15) for m in (nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Tanh())]
    return nn.Sequential(*layers, nn.Linear(2, 1), nn.Sigmoid())


def _case(
    dataset: Dataset, model: Callable[[], nn.Module], training: Training, peer_steps: int
) -> tuple[Scene, int]:
    return Scene(dataset=dataset, model=model, training=training), peer_steps


ADAM = Training(optimizer="adam", loss="bce", lr=0.001)
CASES = {
    "T1": _case(
        datasets.rings(n=40_000),
        models.mlp(2, 2, 2, 1, output="sigmoid"),
        Training(epochs=100, lr=0.001),
        400,
    ),
    "T2": _case(datasets.polynomial(), models.mlp(1, 3, 3, 1), Training(epochs=100), 400),
    "T3": _case(Xor(), deep, replace(ADAM, epochs=300, batch_size=128, lr=0.01), 60),
    "T4": _case(
        Disc(),
        models.mlp(2, 3, 1, activation="sigmoid", output="sigmoid"),
        replace(ADAM, epochs=10_000, batch_size=None),
        100,
    ),
    "T5": _case(
        datasets.rings(n=4000),
        models.mlp(2, 64, 64, 1, output="sigmoid"),
        replace(ADAM, epochs=20),
        400,
    ),
}


def batches(kind: str, x: torch.Tensor, y: torch.Tensor, size: int) -> Batches:
    """Give batches for ever, as a DataLoader or a permuted index does."""
    while True:
        if kind == "loader":
            yield from DataLoader(TensorDataset(x, y), batch_size=size, shuffle=True)
            continue
        order = torch.randperm(len(x))
        for i in range(0, len(x), size):
            yield x[order[i : i + size]], y[order[i : i + size]]


def peer_step(kind: str, scene: Scene, steps: int) -> float:
    """Return the seconds that a step of a torch loop takes."""
    run = prepare(scene)
    module = initial_module(scene.model, scene.training.seed)
    optimizer = OPTIMIZERS[str(scene.training.optimizer)](module.parameters(), scene.training)
    x, y = torch.from_numpy(run.data.inputs), torch.from_numpy(run.data.targets)
    source = batches(kind, x, y, run.batch_size)
    start = 0.0
    for step in range(steps + 20):
        if step == 20:
            start = time.perf_counter()
        inputs, targets = next(source)
        value = run.loss(module(inputs), targets)
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return (time.perf_counter() - start) / steps


def seconds(action: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*", default=list(CASES))
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    small, _ = CASES["T2"]
    small = replace(small, training=replace(small.training, epochs=1))
    print(f"loading or compiling the kernel: {seconds(lambda: record(small)):.2f} s")
    print(f"{'':4}{'nnanim':>10}{'loader':>10}{'index':>10}   µs a step")
    for name in asked.cases:
        scene, peer_steps = CASES[name]
        steps = prepare(scene).steps
        ours, loader, index = [], [], []
        for _ in range(asked.rounds):
            ours.append(seconds(lambda s=scene: record(s)) / steps)  # type: ignore[misc]
            loader.append(peer_step("loader", scene, peer_steps))
            index.append(peer_step("index", scene, peer_steps))
        a, b, c = (float(np.median(times)) for times in (ours, loader, index))
        first = ours[0]
        print(
            f"{name:4}{a * 1e6:10.2f}{b * 1e6:10.0f}{c * 1e6:10.0f}   "
            f"{b / a:6.0f}× loader, {c / a:6.0f}× index; "
            f"whole first run {first * steps:.3f} s, {b / first:.0f}× loader"
        )


if __name__ == "__main__":
    main()
