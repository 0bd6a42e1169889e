"""Measure the map: 1024 × 1024 trainings, against a loop in C, and its verdicts against torch's.

python benchmarks/map.py                # needs gcc or clang, as cc
python benchmarks/map.py --side 256     # a smaller map
python benchmarks/map.py --zoom         # the film into its border, 1280 × 720, alone
"""

import argparse
import ctypes
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nnanim.kernels.processor import features
from nnanim.network.modules import state_of
from nnanim.scene.values import axis_in
from nnanim.sweeps.makers import Here
from nnanim.sweeps.mapped import Map, MapPlan, map_planned, mapped
from nnanim.sweeps.shades import Shades
from nnanim.threads import in_order
from nnanim.training.side_by_side import aligned

HERE = Path(__file__).parent
SCENE = HERE.parent / "scenes" / "trainability.py"
AXIS = axis_in("log:1e-2:1e4")
BOUND = {True: 16.0, False: 30.0}  # seconds of CPU time, with AVX-512 and without
RATIO = 1.5  # of the C loop's time
ROUNDS = 5
CHECKED = 1_000  # pixels
POINT = "23.802506229092714,10.551835882872656,1e-6"  # on the border
FILMED = 900.0  # seconds of CPU time


def planned(side: int) -> MapPlan:
    """Return the plan of a map of the whole border."""
    return map_planned(SCENE, ("lr1", AXIS), ("lr2", AXIS), (side, side))


def built(folder: Path) -> Any:
    """Return the loop in C."""
    library = folder / "lanes.so"
    flags = ["-O3", "-march=native", "-ffp-contract=fast", "-fno-math-errno", "-shared", "-fPIC"]
    subprocess.run(["cc", *flags, "-o", library, HERE / "lanes.c"], check=True)
    return ctypes.CDLL(str(library)).train


def in_c(train: Any, plan: MapPlan) -> Callable[[], None]:
    """Return what trains all of a plan in C."""
    width, height = plan.pixels.size
    run, groups = plan.pixels.run, len(plan) // 16
    x = np.ascontiguousarray(run.data.inputs)
    y = np.ascontiguousarray(run.data.targets)
    stack = run.network.stack
    assert stack is not None
    start = stack.flat(state_of(run.module), np.float32)[0]
    values = np.array([plan.pixels.x.value(i, width) for i in range(width)])
    lower, upper = np.tile(values * 2 / 4, height), np.repeat(values / 4**2, width)
    parameters, rates = aligned((groups, 20, 16), np.float32), aligned((groups, 2, 16), np.float32)
    kept = aligned((groups, 5, 16), np.float32)
    rates[:] = np.stack([lower, upper]).reshape(2, groups, 16).transpose(1, 0, 2)

    def trained() -> None:
        parameters[:] = start[:, None]
        arrays = (a.ctypes.data_as(ctypes.c_void_p) for a in (x, y, parameters, rates, kept))
        first, second, *others = arrays
        train(first, second, groups, run.steps, *others)

    return trained


def of_torch(plan: MapPlan, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether pixels (n, 2) converge by torch in float64, all in one batch of networks."""
    run = plan.pixels.run
    width, height = plan.pixels.size
    x = torch.from_numpy(run.data.inputs).double()
    y = torch.from_numpy(run.data.targets).double()
    first, last = (p.detach().double() for p in run.module.parameters())
    hidden, output = (p.repeat(len(at), 1, 1).requires_grad_() for p in (first, last))
    rates = [
        (plan.pixels.x.value(i, width) * 2 / 4, plan.pixels.y.value(j, height) / 4**2)
        for i, j in at.tolist()
    ]
    lr = torch.tensor(rates, dtype=torch.float64)[:, :, None, None]
    losses = torch.zeros(run.steps, len(at), dtype=torch.float64)
    for step in range(run.steps):
        outputs = torch.tanh(x @ hidden.transpose(1, 2)) @ output.transpose(1, 2)
        loss = (outputs - y).square().mean(dim=(1, 2))
        losses[step] = loss.detach()
        slopes = torch.autograd.grad(loss.sum(), (hidden, output))
        with torch.no_grad():
            for i, p in enumerate((hidden, output)):
                p -= lr[:, i] * slopes[i]
    shares = (losses / losses[0]).nan_to_num(1e6, 1e6).clamp(max=1e6)
    return np.asarray(shares[-run.steps // 10 :].mean(dim=0) < 1)


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Return how long work takes."""
    start = clock()
    work()
    return clock() - start


def against_c(folder: Path) -> None:
    """Print the time of the lane kernel and of the loop in C, taken in turns on one thread."""
    plan = planned(256)
    theirs = in_c(built(folder), plan)
    ours = partial(mapped, plan, None, Here(partial(in_order, threads=1)))
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    mine, c = (min(times) for times in zip(*pairs, strict=True))
    scale = (1024 / 256) ** 2
    met = "" if mine / c <= RATIO else " !"
    print(
        f"a loop in C takes {scale * c:.1f} s for 1024 × 1024, the lane kernel {scale * mine:.1f}: "
        f"{mine / c:.2f} of it (≤ {RATIO:g}){met}"
    )


def on_threads(plan: MapPlan, whole: Map) -> None:
    """Print what two threads gain, and whether there is one hash."""
    spreads = [partial(in_order, threads=n) for n in (1, 2)]
    made: list[Map] = []
    one, two = (
        seconds(lambda s=s: made.append(mapped(plan, None, Here(s))), time.perf_counter)  # type: ignore[misc]
        for s in spreads
    )
    print(f"two threads take {one / two:.2f} times less than one (≥ 1.8)")
    same = {m.hash for m in [whole, *made]} | {mapped(plan, None, Here(backwards)).hash}
    print(f"one hash for 1 and 2 threads and backwards: {len(same) == 1}")


def backwards(make: Any, items: Any, /) -> Any:
    """Make the last thing first, and give them in their order."""
    made = {item: make(item) for item in reversed(list(items))}
    return [made[item] for item in sorted(made)]


def zoomed(folder: Path) -> None:
    """Print the time of the film into the border, its encoder's included."""
    axes = ["--x", "lr1=log:1e-2:1e4", "--y", "lr2=log:1e-2:1e4", "-r", "1280x720"]
    asked = ["map", str(SCENE), *axes, "--zoom", POINT, "-o", str(folder / "zoom.mp4")]
    subprocess.run([Path(sys.executable).with_name("nnanim"), *asked], check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = used.ru_utime + used.ru_stime
    met = "" if took <= FILMED else " !"
    print(f"12 s of zoom, 1280 × 720 at 60: {took:.0f} s of CPU (≤ {FILMED:g}){met}")


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--zoom", action="store_true")
    asked = parser.parse_args()
    if asked.zoom:
        with tempfile.TemporaryDirectory() as folder:
            zoomed(Path(folder))
        return
    side = asked.side
    torch.set_num_threads(1)
    mapped(planned(16))  # kernels are loaded
    found: list[Map] = []

    def drawn() -> None:
        found.append(mapped(planned(side)))
        Shades.of(found[0].speed).picture(found[0].speed)

    took = seconds(drawn)
    wide = "avx512f" in features()
    bound = BOUND[wide] * (side / 1024) ** 2
    met = "" if took <= bound else " !"
    kind = "AVX-512" if wide else "AVX2"
    print(f"{side} × {side} trainings, drawn: {took:.1f} s of CPU, {kind} (≤ {bound:g}){met}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory: {memory:.0f} MB (≤ 1000)")
    with tempfile.TemporaryDirectory() as folder:
        against_c(Path(folder))
    (made,) = found
    at = np.random.default_rng(0).integers(0, side, (CHECKED, 2))
    agree = of_torch(made.plan, at) == made.converges[at[:, 1], at[:, 0]]
    print(f"of {CHECKED:,} pixels {100 * agree.mean():.1f} % agree with torch in float64 (≥ 99 %)")
    on_threads(made.plan, made)


if __name__ == "__main__":
    main()
