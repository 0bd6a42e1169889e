"""Sweeps beside their peers: trainings, films of small multiples, and two workers of Dask.

    python benchmarks/sweeps.py [trainings tiles cluster costs] [--rounds 3] [--seeds 48]
        [--jax FOLDER]

trainings  960 networks of rings, 8 widths × 15 rates × 8 seeds, 100 epochs of 400 points, with
           their table and their picture, and the same trainings by peers on one thread: a loop over
           torch as everyone writes it, `joblib.Parallel` over it on all cores,
           `torch.func.vmap` over stacked parameters, and JAX, in an environment that is made for
           it, in FOLDER where that is to be kept. Of slow ones some are trained, each of the others
           taken as these. Their losses are compared with the table's; what they take is the
           training alone, without the making of data and of batches.
tiles      A film of 120 tiles of a sweep, 12 s of 1080p60, over that of one of its scenes, all
           trainings kept; CPU time and time, encoder included.
cluster    A sweep by two workers of Dask on this machine, beside two threads, and beside all cores
           as a sweep has them, its processes begun anew; they take turns, and the least of each
           counts. Dask's workers are up, kernels loaded; what that takes is told apart.
costs      What a block costs beside its trainings, and what 1, 10 and 100 workers would give.

Maps have a benchmark of their own, map.py. Bounds that are not met are marked by "!".
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.dask_workers import PATIENCE, costs_of, workers_of
from benchmarks.films import children
from benchmarks.sweep_peers import Came, Spent, of_jax, of_joblib, of_torch, of_vmap
from nnanim.rendering.films import render
from nnanim.rendering.subject import Subject
from nnanim.scene.values import values_in
from nnanim.sweeps.away import VERIFIED, Away
from nnanim.sweeps.cores import AllCores
from nnanim.sweeps.makers import Here, Maker
from nnanim.sweeps.picture import phase_picture
from nnanim.sweeps.small import small_of
from nnanim.sweeps.sweep import Sweep, planned, sweep, swept
from nnanim.threads import cores, in_order

SCENE = Path(__file__).parent.parent / "scenes" / "rings.py"
GRID = {
    "width": range(1, 9),
    "lr": values_in("log:1e-3:3:15"),
    "seed": range(8),
    "dataset.n": [400],
    "training.epochs": [100],
}
MANY = 48  # seeds of the sweep that a cluster trains, 30 s and more of work for two cores
WORKERS = 2
BOUND = 12.0  # seconds of CPU time
TILED = 3.0  # times one film
SHARE = 0.85  # of the speed of threads
ALIKE = 0.01  # of a loss
LOOPED, JOBS = 8, 32  # trainings of a loop


@contextmanager
def counted() -> Iterator[Spent]:
    """Give what will have been spent meanwhile, by this process and by those that it started."""
    spent, before = Spent(), children()
    with spent.counted():
        yield spent
    spent.cpu += children() - before


def trainings(folder: Path, environment: Path | None) -> None:
    """Print what 960 trainings take, and what they take of peers."""
    sweep(SCENE, {**GRID, "lr": [0.1], "seed": [0]})  # kernels are loaded
    with counted() as ours:
        made = sweep(SCENE, GRID, folder / "sweep")
        assert len(made.table) == 960
        phase_picture(made.phase("width", "lr"), folder / "phase.png", made.title)
    print(
        f"960 trainings of rings, table and picture: {ours.cpu:.1f} s of CPU (≤ {BOUND:g})"
        f"{' !' * (ours.cpu > BOUND)}, {ours.wall:.1f} s on {cores()} cores"
    )
    print(f"{made.plan.blocks} blocks, the hash is {made.hash}", flush=True)
    width = len(made) // len(GRID["width"])
    widths = [range(i, i + width) for i in range(0, len(made), width)]
    peers: list[Callable[[], Came]] = [
        lambda: of_torch(made.scene, len(made), LOOPED),
        lambda: of_joblib(made.scene, len(made), JOBS),
        lambda: of_vmap(made.scene, widths),
        lambda: of_jax(made.scene, widths, folder, environment),
    ]
    for peer in peers:
        with made.plan.around():
            came = peer()
        print(f"{came.told}: {_beside(came, ours)}; {_alike(came, made)}", flush=True)


def _beside(came: Came, ours: Spent) -> str:
    """Return what a peer takes for all, beside what a sweep takes with table and picture."""
    cpu, wall = came.all.cpu, came.all.wall
    told = f"{cpu:.1f} s of CPU, {cpu / ours.cpu:.2g} times as much, {wall:.1f} s, "
    return f"{told}{wall / ours.wall:.2g} times as long" + "".join(f"; {b}" for b in came.besides)


def _alike(came: Came, made: Sweep) -> str:
    """Return how near a peer's losses are to those of the table."""
    apart = np.array(
        [
            abs(loss - made.table[i]["loss"]) / made.table[i]["loss"]
            for i, loss in came.losses.items()
        ]
    )
    near = 100 * (apart <= ALIKE).mean()
    return (
        f"{near:.1f} % of {len(apart)} losses within {ALIKE:.0%} of the table's, the median within "
        f"{np.median(apart):.0e}"
    )


def tiles(folder: Path, rounds: int) -> None:
    """Print what a film of 120 tiles takes, over that of one of its scenes."""
    plan = planned(SCENE, {**GRID, "seed": [0]})
    made = swept(plan)
    with plan.around():
        small = small_of(plan.variants)
        subjects: list[Subject] = [made.scene(small.numbers[0]), made.comparison(small)]
        for subject in subjects:
            render(subject, folder / "film.mp4", seconds=0.2)  # trained, and kept
        found: list[list[Spent]] = [[], []]
        for _ in range(rounds):
            for subject, times in zip(subjects, found, strict=True):
                with counted() as spent:
                    render(subject, folder / "film.mp4")
                times.append(spent)
    for clock in ("cpu", "wall"):
        one, many = (min(getattr(spent, clock) for spent in times) for times in found)
        bound = f" (≤ {TILED:g}){' !' * (many / one > TILED)}"
        print(
            f"a film of {len(small.numbers)} tiles, 12 s of 1080p60: {many:.1f} s "
            f"{'of CPU' if clock == 'cpu' else f'on {cores()} cores'}, one film {one:.1f}: "
            f"{many / one:.2f} of it{bound}",
            flush=True,
        )


def cluster(folder: Path, rounds: int, seeds: int) -> None:
    """Print what two workers take of a sweep, over two threads."""
    plan = planned(SCENE, {**GRID, "seed": range(seeds)})
    start = time.perf_counter()
    with workers_of(WORKERS) as workers:
        up = time.perf_counter() - start
        workers.load(plan)
        plan.block(0)
        loaded = time.perf_counter() - start - up
        print(f"{WORKERS} workers are up after {up:.1f} s, their kernels loaded in {loaded:.1f} s")
        makers: dict[str, Maker] = {
            "threads": Here(partial(in_order, threads=WORKERS)),
            "cores": AllCores(),
            "workers": Away(workers.crew, patience=PATIENCE),
        }
        times: dict[str, list[float]] = {name: [] for name in makers}
        hashes = set()
        for number in range(rounds):
            for name, maker in makers.items():
                before, own = workers.cpu(), children()
                start = time.perf_counter()
                made = swept(plan, folder / f"{name}-{number}", maker)
                times[name].append(time.perf_counter() - start)
                hashes.add(made.hash)
                spent = {who: now - before[who] for who, now in workers.cpu().items()}
                spent["processes"] = children() - own
                told = ", ".join(f"{who} {seconds:.1f}" for who, seconds in spent.items())
                print(f"  {name} {times[name][-1]:.1f} s; of CPU: {told}", flush=True)
    threads, own, dask = (min(each) for each in times.values())
    print(
        f"{len(plan):,} trainings on all {cores()} cores: {own:.1f} s, {threads / own:.2f} times "
        f"as fast as {WORKERS} threads",
        flush=True,
    )
    print(
        f"{len(plan):,} trainings in {plan.blocks} blocks by {WORKERS} workers of Dask: {dask:.1f} "
        f"s, by {WORKERS} threads {threads:.1f}: {threads / dask:.2f} of their speed (≥ {SHARE:g})"
        f"{' !' * (threads / dask < SHARE)}; one hash: {len(hashes) == 1}",
        flush=True,
    )


def costs(folder: Path) -> None:
    """Print what a block costs beside its trainings, and what that makes of many workers."""
    plan = planned(SCENE, {**GRID, "seed": range(800)})
    with workers_of(WORKERS) as workers:
        found = costs_of(workers, folder)
        (answer,) = workers.load(plan)[:1]
    plan.block(0)  # kernels are loaded
    start = time.process_time()
    plan.block(0)
    seconds, megabytes = time.process_time() - start, len(answer) / 1e6
    for what, each in (("block", found.block), ("MB of its answer", found.megabyte)):
        told = ", ".join(f"{who} {1e3 * spent:.1f}" for who, spent in each.items())
        print(f"a {what} costs, ms of CPU: {told}")
    print(
        f"{len(plan):,} trainings of rings are {plan.blocks:,} blocks of {seconds:.2f} s, their "
        f"answers {megabytes:.2f} MB each"
    )
    for share in (VERIFIED, 0.0):
        one = found.wall(1, plan.blocks, seconds, megabytes, share)
        for count in (1, 10, 100):
            wall = found.wall(count, plan.blocks, seconds, megabytes, share)
            print(
                f"{count:4} workers, {share:.0%} verified: {wall:.0f} s, {one / wall:.1f} times as "
                "fast as one"
            )


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sections", nargs="*", default=["trainings", "tiles", "cluster", "costs"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=MANY, help="of the sweep by a cluster")
    parser.add_argument("--jax", type=Path, metavar="FOLDER", help="of its environment")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        sections: dict[str, Callable[[], None]] = {
            "trainings": lambda: trainings(folder, asked.jax),
            "tiles": lambda: tiles(folder, asked.rounds),
            "cluster": lambda: cluster(folder, asked.rounds, asked.seeds),
            "costs": lambda: costs(folder),
        }
        for name in asked.sections:
            sections[name]()


if __name__ == "__main__":
    main()
