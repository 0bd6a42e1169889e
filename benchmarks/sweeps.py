"""Measure sweeps: 960 trainings of rings, their table and their picture, and a torch loop's.

python benchmarks/sweeps.py                # 8 widths × 15 rates × 8 seeds, 100 epochs, n = 400
python benchmarks/sweeps.py --torch 8      # of the loop over torch, train 8 and take them for all
"""

import argparse
import tempfile
import time
from pathlib import Path

import torch

from nnanim.network.modules import initial_module
from nnanim.scene.values import values_in
from nnanim.sweeps.picture import phase_picture
from nnanim.sweeps.sweep import Sweep, sweep
from nnanim.threads import cores
from nnanim.training.run import optimizer_of, prepare

SCENE = Path(__file__).parent.parent / "scenes" / "rings.py"
BOUND = 12.0  # seconds of CPU time
GRID = {
    "width": range(1, 9),
    "lr": values_in("log:1e-3:3:15"),
    "seed": range(8),
    "dataset.n": [400],
    "training.epochs": [100],
}


def swept(folder: Path) -> tuple[Sweep, float]:
    """Return the sweep, its table and picture made, and the CPU seconds that it took."""
    start = time.process_time()
    made = sweep(SCENE, GRID, folder / "sweep")
    assert len(made.table) == 960
    phase_picture(made.phase("width", "lr"), folder / "phase.png", made.title)
    return made, time.process_time() - start


def torch_seconds(made: Sweep, count: int) -> float:
    """Return the CPU seconds of a training by torch as everyone writes it, the mean of a few."""
    start = time.process_time()
    for i in range(0, len(made), len(made) // count)[:count]:
        scene = made.scene(i)
        run = prepare(scene)
        module = initial_module(scene.model, scene.training.seed)
        optimizer = optimizer_of(scene.training, module)
        x, y = torch.from_numpy(run.data.inputs), torch.from_numpy(run.data.targets)
        for _ in range(scene.training.epochs):
            order = torch.randperm(len(x))
            for first in range(0, len(x), run.batch_size):
                rows = order[first : first + run.batch_size]
                loss = run.loss(module(x[rows]), y[rows])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
    return (time.process_time() - start) / count


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--torch", type=int, default=8)
    count = parser.parse_args().torch
    torch.set_num_threads(1)
    sweep(SCENE, {**GRID, "lr": [0.1], "seed": [0]})  # kernels are loaded
    with tempfile.TemporaryDirectory() as folder:
        made, seconds = swept(Path(folder))
    met = "" if seconds <= BOUND else " !"
    print(f"960 trainings of rings, table and picture: {seconds:.1f} s of CPU (≤ {BOUND:g}){met}")
    print(f"on {cores()} cores, {made.plan.blocks} blocks; the hash is {made.hash}")
    each = torch_seconds(made, count)
    print(
        f"a loop over torch, by {count} of them: {960 * each:.0f} s, {960 * each / seconds:.0f} "
        "times as long"
    )


if __name__ == "__main__":
    main()
