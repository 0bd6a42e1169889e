"""Training, replay and Jacobians: nnanim against torch as everyone writes it, in one process.

    python benchmarks/train.py [steps compile every seeds replay jacobian] [--cases T1] [--rounds 3]

steps     T1 rings 40,000 × 2, 2-2-2-1 tanh, batch 32, SGD, 100 epochs. T2 a polynomial, 4,000
          samples, 1-3-3-1, batch 32, SGD, 100 epochs. T3 XOR, 1,600 samples, 15 × (Linear 2,
          BatchNorm, tanh), batch 128, Adam, 300 epochs. T4 2,000 points in one batch, 2-3-1
          sigmoid, Adam, 10,000 epochs. T5 rings, 4,000 points, 2-64-64-1 tanh, batch 32, Adam, 20
          epochs. A step of nnanim is its whole `record` (shuffling, snapshots, header and all)
          divided by its steps; "kernel" is the kernel alone. "First run" is the peer's time a step
          times the steps, over the time of the first `record`, with the guard. Peers train on one
          thread and are timed over some hundred steps after twenty to warm up.
compile   The first record of a process, without what is kept of the kernels and with it, over a
          second one; imports are apart.
every     T1 with every step kept: the kernel's time, and the bytes of the recording and its file.
seeds     `record_many` of 20 seeds of T3 on all cores, over 10 on one.
replay    All layers of T1 at 101 states for 44,200 points, in turn.
jacobian  Singular values over 100 × 100 inputs, of the networks of 15 layers of 2, the same with a
          layer of 1, and 2 of 3, all with BatchNorm: against torch.autograd.functional.jacobian at
          one point after another, measured on 50 of them.

Rounds take turns between nnanim and its peers, and the fastest of each counts. Bounds that are not
met are marked by "!".
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from nnanim import Film, Recording, Scene, Training, datasets, models, record, record_many
from nnanim.dataset import Arrays, Dataset, Task, Window, without_test
from nnanim.network.jacobian import jacobian_of
from nnanim.network.modules import initial_module, state_of
from nnanim.network.recognition import stack_of
from nnanim.network.traced import network_of
from nnanim.training.kernel_trainer import KernelTrainer
from nnanim.training.run import optimizer_of, prepare
from nnanim.training.trainer import stretch_orders
from nnanim.types import Floats

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


def normed(*widths: int) -> nn.Module:
    """Return layers of these widths with BatchNorm and tanh, and one sigmoid unit after them."""
    layers: list[nn.Module] = []
    for pair in pairwise((2, *widths)):
        layers += [nn.Linear(*pair), nn.BatchNorm1d(pair[1]), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], 1), nn.Sigmoid())


def deep() -> nn.Module:
    """Return fifteen narrow layers with BatchNorm."""
    return normed(*[2] * 15)


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
    optimizer = optimizer_of(scene.training, module)
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


# nnanim's step and first run over those of the DataLoader and of the permuted index.
BOUNDS = {
    "T1": {"loader": 450, "index": 300, "first loader": 150},
    "T2": {"loader": 450, "index": 300, "first loader": 100},
    "T3": {"loader": 150, "index": 130, "first loader": 50},
    "T4": {"index": 12, "first index": 10},
    "T5": {"loader": 12, "index": 8},
}


def seconds(action: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def fastest(rounds: int, *actions: Callable[[], float]) -> list[float]:
    """Return the least that each of the actions gives, which take turns."""
    return [
        min(times)
        for times in zip(*([act() for act in actions] for _ in range(rounds)), strict=True)
    ]


def least(bound: float, came: float, digits: int = 0) -> str:
    """Return a figure that is to be at least a bound."""
    return f"{came:.{digits}f}× (≥ {bound:g}){' !' if came < bound else ''}"


def most(bound: float, came: float, unit: str, digits: int = 2) -> str:
    """Return a figure that is to be at most a bound."""
    return f"{came:.{digits}f} {unit} (≤ {bound:g}){' !' if came > bound else ''}"


def kernel_step(scene: Scene, every: bool = False) -> float:
    """Return the seconds that a step takes in the kernel, in one call for the whole training."""
    run = prepare(scene)
    (orders,) = stretch_orders(run, [run.training.epochs])
    keep = np.full(run.steps + 1, every)
    trainer = KernelTrainer(run, stack_of(run.module), np.float32, keep)
    return seconds(lambda: trainer.train(orders)) / run.steps


def steps(cases: list[str], rounds: int) -> None:
    """Print a step of each case, and a first run."""
    print("µs a step     nnanim   kernel   loader    index   nnanim over the others")
    for name in cases:
        scene, peer_steps = CASES[name]
        count = prepare(scene).steps
        first = seconds(lambda s=scene: record(s)) / count  # type: ignore[misc]
        ours, kernel, loader, index = fastest(
            rounds,
            lambda s=scene, n=count: seconds(lambda: record(s)) / n,  # type: ignore[misc]
            lambda s=scene: kernel_step(s),  # type: ignore[misc]
            lambda s=scene, n=peer_steps: peer_step("loader", s, n),  # type: ignore[misc]
            lambda s=scene, n=peer_steps: peer_step("index", s, n),  # type: ignore[misc]
        )
        ratios = {
            "loader": loader / ours,
            "index": index / ours,
            "first loader": loader / first,
            "first index": index / first,
        }
        told = [f"{what} {least(bound, ratios[what])}" for what, bound in BOUNDS[name].items()]
        times = "".join(f"{1e6 * t:9.2f}" for t in (ours, kernel))
        times += "".join(f"{1e6 * t:9.0f}" for t in (loader, index))
        print(f"{name:>10}{times}   {', '.join(told)}; kernel alone {index / kernel:.0f}× index")


FIRST = """
import time
import torch, numba
from nnanim import Scene, Training, datasets, models, record
import nnanim.recording.record
scene = Scene(
    dataset=datasets.rings(n=640),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=1, trainer="kernel"),
)
begin = time.perf_counter()
record(scene)
middle = time.perf_counter()
record(scene)
print(2 * middle - begin - time.perf_counter())
"""


def compile(rounds: int) -> None:  # noqa: A001  # the section's name
    """Print what the first record of a process takes more than the second."""
    compiled: list[float] = []
    loaded: list[float] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for times in (compiled, loaded):
                done = subprocess.run(
                    [sys.executable, "-c", FIRST],
                    env={**os.environ, "NUMBA_CACHE_DIR": folder},
                    stdout=subprocess.PIPE,
                    check=True,
                )
                times.append(float(done.stdout))
    print(f"kernels compiled {most(8, min(compiled), 's')}, loaded {most(0.5, min(loaded), 's')}")


def every(rounds: int) -> None:
    """Print what keeping every step of T1 costs."""
    scene, _ = CASES["T1"]
    few, all_of_them = fastest(
        rounds, lambda: kernel_step(scene), lambda: kernel_step(scene, every=True)
    )
    recording = record(replace(scene, training=replace(scene.training, snapshots="steps")))
    arrays = [*recording.states.values(), recording.steps, recording.batch_loss]
    held = sum(array.nbytes for array in arrays) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        file = recording.save(Path(folder) / "run.safetensors").stat().st_size / 1e6
    print(
        f"every step of T1 kept: {most(20, 100 * (all_of_them / few - 1), '% more time', 1)}, "
        f"{len(recording)} states of {most(12, held, 'MB', 1)}, file {most(12, file, 'MB', 1)}"
    )


def seeds(rounds: int) -> None:
    """Print what twenty seeds on all cores take over ten on one."""
    scene, _ = CASES["T3"]
    one_by_one = [replace(scene, training=replace(scene.training, seed=s)) for s in range(10)]
    ten, twenty = fastest(
        rounds,
        lambda: seconds(lambda: [record(seed) for seed in one_by_one]),
        lambda: seconds(lambda: record_many(scene, range(20))),
    )
    print(f"20 seeds of T3 on all cores {twenty:.2f} s: {most(1.1, twenty / ten, '× 10 on one')}")


def square(side: int, edge: float = 1.0) -> Floats:
    """Return a square grid of inputs (side², 2)."""
    x, y = np.meshgrid(*[np.linspace(-edge, edge, side)] * 2)
    return np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32)


def replay(rounds: int) -> None:
    """Print what replaying all layers of T1 takes."""
    scene, _ = CASES["T1"]
    recording: Recording = record(
        replace(scene, training=replace(scene.training, snapshots="epochs"))
    )
    film, inputs = Film(recording), square(211)[:44_200]
    names = [*(layer.name for layer in film.network.layers), ""]

    def all_states() -> None:
        for i in range(len(recording)):
            film.network.outputs(recording.state(i), inputs, names)

    (took,) = fastest(rounds, lambda: seconds(all_states))
    print(f"{len(recording)} states × {len(names)} layers × 44,200 points {most(0.5, took, 's')}")


def point_by_point(module: nn.Module, inputs: Floats) -> None:
    """Take the singular values at each input as the notebook takes them."""
    jacobian: Callable[..., torch.Tensor] = torch.autograd.functional.jacobian
    for point in inputs:
        x = torch.tensor(point[None]).clone().detach().requires_grad_(True)
        matrix = jacobian(lambda given: module(given), x, create_graph=True)
        torch.svd(matrix.reshape(1, 2), compute_uv=False)[1].detach().numpy()


def jacobian(rounds: int) -> None:
    """Print what the field of singular values takes over the loop."""
    inputs = square(100)
    for name, widths in (
        ("15 layers of 2", [2] * 15),
        ("15 layers, one of 1", [*[2] * 13, 1, 2]),
        ("2 layers of 3", [3, 3]),
    ):
        module = initial_module(lambda w=widths: normed(*w), 0).eval()
        network, state = network_of(module, np.eye(3, 2)), state_of(module)
        loop, field = fastest(
            rounds,
            lambda m=module: seconds(lambda: point_by_point(m, inputs[:50])) * 200,  # type: ignore[misc]
            lambda n=network, s=state: seconds(  # type: ignore[misc]
                lambda: jacobian_of(n, s, inputs, "").singular_values
            ),
        )
        print(
            f"Jacobians of {name}: {field * 1e3:.1f} ms, the loop {loop:.2f} s: "
            f"{least(1000, loop / field)}"
        )


SECTIONS: dict[str, Callable[[int], None]] = {
    "compile": compile,
    "every": every,
    "seeds": seeds,
    "replay": replay,
    "jacobian": jacobian,
}


def main() -> None:
    """Print the sections asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sections", nargs="*", default=["steps", *SECTIONS])
    parser.add_argument("--cases", nargs="*", default=list(CASES))
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    small, _ = CASES["T2"]
    small = replace(small, training=replace(small.training, epochs=1))
    optimizer_of(small.training, nn.Linear(1, 1))  # loads torch's compiler
    print(f"kernels loaded or compiled in {seconds(lambda: record(small)):.2f} s")
    for section in asked.sections:
        if section == "steps":
            steps(asked.cases, asked.rounds)
        else:
            SECTIONS[section](asked.rounds)


if __name__ == "__main__":
    main()
