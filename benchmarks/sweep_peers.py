"""Peers of a sweep: the same trainings by loops over torch, by joblib, by vmap, and by JAX.

Each is given what nnanim trains on: data, initial parameters and the order of every epoch's
samples, made before its clock starts, and returns the loss of each network over all samples at the
end. None makes a table, notes when a training succeeds, or keeps anything.
"""

import json
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.network.modules import initial_module
from nnanim.scene.scene import Scene
from nnanim.threads import cores
from nnanim.training.run import prepare
from nnanim.training.trainer import stretch_orders

IN_JAX = Path(__file__).with_name("sweep_in_jax.py")

Losses = dict[int, float]  # by the number of a training


@dataclass
class Spent:
    """Seconds on the wall and of CPU."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Add what happens meanwhile in this process."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu

    def times(self, factor: float) -> "Spent":
        """Return it so many times."""
        return Spent(factor * self.wall, factor * self.cpu)


@dataclass
class Given:
    """What one training is done with: orders (epochs, n) of samples, inputs and targets (n, …)."""

    module: nn.Module
    x: torch.Tensor
    y: torch.Tensor
    orders: torch.Tensor
    lr: float
    batch: int

    @classmethod
    def of(cls, scene: Scene) -> "Given":
        """Return what a scene is trained with."""
        run, rate = prepare(scene), scene.training.lr
        (orders,) = stretch_orders(run, [run.training.epochs])
        x, y = torch.from_numpy(run.data.inputs), torch.from_numpy(run.data.targets)
        assert isinstance(rate, float)
        assert run.training.optimizer == "sgd"
        module = initial_module(scene.model, run.training.seed)
        return cls(module, x, y, torch.from_numpy(orders.copy()), rate, run.batch_size)


@dataclass
class Came:
    """What a peer came to: losses of those that it trained, and what all of them take."""

    losses: Losses
    all: Spent
    told: str
    besides: list[str] = field(default_factory=list)


def loop(given: Given) -> float:
    """Train as everyone writes it."""
    module, x, y = deepcopy(given.module), given.x, given.y
    optimizer = torch.optim.SGD(module.parameters(), lr=given.lr)
    loss_of = nn.MSELoss()
    for order in given.orders:
        for first in range(0, len(x), given.batch):
            rows = order[first : first + given.batch]
            loss = loss_of(module(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return float(loss_of(module(x), y))


def looped(given: Given) -> tuple[float, float]:
    """Train on one thread, and return the CPU seconds, too."""
    torch.set_num_threads(1)
    start = time.process_time()
    loss = loop(given)
    return loss, time.process_time() - start


def of_torch(scene_of: Callable[[int], Scene], count: int, few: int) -> Came:
    """Train a few of them by a loop over torch, one after another."""
    chosen = spread(count, few)
    given, spent = {i: Given.of(scene_of(i)) for i in chosen}, Spent()
    with spent.counted():
        losses = {i: loop(each) for i, each in given.items()}
    return Came(losses, spent.times(count / len(chosen)), f"a loop over torch, by {few} of them")


def of_joblib(scene_of: Callable[[int], Scene], count: int, few: int) -> Came:
    """Train a few of them by the same loop under `joblib.Parallel`, whose processes are up."""
    from joblib import Parallel, delayed

    chosen = spread(count, few)
    given = [Given.of(scene_of(i)) for i in chosen]
    with Parallel(n_jobs=cores()) as parallel:
        parallel(delayed(looped)(each) for each in given[: cores()])  # torch is loaded
        start = time.perf_counter()
        found = parallel(delayed(looped)(each) for each in given)
        spent = Spent(time.perf_counter() - start, sum(cpu for _, cpu in found))
    losses = {i: loss for i, (loss, _) in zip(chosen, found, strict=True)}
    told = f"joblib.Parallel over it on {cores()} cores, by {few}"
    return Came(losses, spent.times(count / len(chosen)), told)


def of_vmap(scene_of: Callable[[int], Scene], widths: Sequence[range]) -> Came:
    """Train those of the narrowest and of the widest networks, each width at once, by vmap."""
    chosen, spent = [widths[0], widths[-1]], Spent()
    losses: Losses = {}
    for numbers in chosen:
        given = [Given.of(scene_of(i)) for i in numbers]
        with spent.counted():
            came = side_by_side(given)
        losses |= dict(zip(numbers, came, strict=True))
    told = f"torch.func.vmap over stacked parameters, by {len(chosen)} widths of {len(widths)}"
    return Came(losses, spent.times(len(widths) / len(chosen)), told)


def side_by_side(given: Sequence[Given]) -> list[float]:
    """Train networks of one shape at once."""
    stacked, _ = torch.func.stack_module_state([each.module for each in given])
    parameters = {name: p.detach().clone() for name, p in stacked.items()}
    one = deepcopy(given[0].module).to("meta")
    x, y = torch.stack([each.x for each in given]), torch.stack([each.y for each in given])
    orders = torch.stack([each.orders for each in given], dim=1)
    rates = {
        name: torch.tensor([each.lr for each in given]).reshape(-1, *[1] * (p.dim() - 1))
        for name, p in parameters.items()
    }
    which, batch = torch.arange(len(given))[:, None], given[0].batch

    def loss(p: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return nn.functional.mse_loss(torch.func.functional_call(one, p, (x,)), y)

    slopes_of = torch.func.vmap(torch.func.grad(loss))
    with torch.no_grad():
        for order in orders:
            for first in range(0, x.shape[1], batch):
                rows = order[:, first : first + batch]
                slopes = slopes_of(parameters, x[which, rows], y[which, rows])
                for name, p in parameters.items():
                    p -= rates[name] * slopes[name]
        found: list[float] = torch.func.vmap(loss)(parameters, x, y).tolist()
    return found


def of_jax(
    scene_of: Callable[[int], Scene], widths: Sequence[range], folder: Path, kept: Path | None
) -> Came:
    """Train all of them by JAX, each width at once, on one thread of an environment of its own."""
    python = jax_python(kept or folder / "jax")
    for numbers in widths:
        given = [Given.of(scene_of(i)) for i in numbers]
        modules = [[p.detach().numpy() for p in each.module.parameters()] for each in given]
        arrays: dict[str, Any] = {
            "x": np.stack([each.x.numpy() for each in given]),
            "y": np.stack([each.y.numpy() for each in given]),
            "orders": np.stack([each.orders.numpy() for each in given]),
            "lr": np.array([each.lr for each in given], np.float32),
            "batch": given[0].batch,
        }
        arrays |= {f"p{i}": np.stack(p) for i, p in enumerate(zip(*modules, strict=True))}
        np.savez(folder / f"width-{numbers.start:06d}.npz", **arrays)
    ran = subprocess.run(
        [str(python), str(IN_JAX), str(folder)], stdout=subprocess.PIPE, check=True
    )
    told = {name: Spent(*seconds) for name, seconds in json.loads(ran.stdout).items()}
    losses: Losses = {}
    for numbers in widths:
        found: NDArray[np.float32] = np.load(folder / f"losses-width-{numbers.start:06d}.npy")
        losses |= dict(zip(numbers, found.tolist(), strict=True))
    compiled = told["compiling"]
    besides = [f"it compiles for {compiled.wall:.1f} s before, {compiled.cpu:.1f} s of CPU"]
    return Came(losses, told["training"], "JAX, a scan under vmap for each width, all", besides)


def jax_python(folder: Path) -> Path:
    """Return the Python of an environment with JAX, made where it is not there yet."""
    place = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = place / ("python.exe" if sys.platform == "win32" else "python")
    if not python.exists():
        venv.create(folder, with_pip=True)
        asked = [str(python), "-m", "pip", "install", "--quiet", "jax[cpu]"]
        subprocess.run(asked, check=True, stdout=sys.stderr)
    return python


def spread(count: int, few: int) -> list[int]:
    """Return a few numbers of so many, evenly."""
    return [round(i) for i in np.linspace(0, count - 1, few)]
