"""Films beyond the usual: what stands, 4K, ten minutes, noise, other formats, whole folders.

    python benchmarks/films.py [holds 4k long noise formats folder] [--rounds 2] [--before TREE]

Each prints what it is held to beside what is found, taken in turns in one run, and the peak of
memory of processes of their own. "Alone" is the CPU time of the encoder and of the drawing while
the other waits: some frames are drawn on one thread, then all of them are encoded. Of the encoder
that is what its process takes. A film of both cannot be faster than their sum over the cores.

"holds": rings_2_2 as it is by default, where frames in which nothing changes are drawn once; the
peer draws each. "4k": the same at 3840 × 2160. "long": ten minutes at 30 frames a second and 320 ×
180, whose memory is to be that of 12 s. "noise": a GIF of pictures of which no pixel stays, above
what its frames take. "formats": GIF, WebM and AV1; with `--before`, the folder of an earlier state
of nnanim, beside what that takes. "folder": three scenes in one command, beside one command each.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nnanim import Film, Scene, Timeline, Training, datasets, models
from nnanim.marks import Image, Mark, Stop
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.rendering.pictures import shots_of
from nnanim.scene.files import load
from nnanim.sheet.look import Look
from nnanim.sheet.renderer import Renderer
from nnanim.themes import THEMES
from nnanim.threads import cores
from nnanim.view import Panel
from nnanim.writers import FORMATS
from nnanim.writers.format import Yuv420

ROOT = Path(__file__).parents[1]
SCENE = ROOT / "scenes" / "rings_2_2.py"
FOLDER = ("rings_2_2", "polynomial_6", "sine_nodes")
PARTS = ["holds", "4k", "long", "noise", "formats", "folder"]
BOUND = 1.15  # times the CPU of encoder and drawing over the cores
HELD = 400e6  # bytes of frames that wait to be encoded
LITTLE, FOUR_K = (320, 180), (3840, 2160)
MINUTES, SHORT, SLOW = 600.0, 12.0, 30.0  # seconds of film, and frames a second of both
OTHERS = {
    "gif": (["-o", "{}/film.gif"], 25),
    "webm": (["-o", "{}/film.webm"], 30),
    "av1": (["-o", "{}/film.mp4", "--codec", "av1"], 30),
}  # the options of a format, and its frames a second


@dataclass(frozen=True)
class Noise:
    """A picture of which every pixel is another in every frame."""

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel."""
        del film
        return [Panel("noise", (0.0, 1.0), (0.0, 1.0), equal=False)]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return two fields of chance, one over the other: tens of thousands of colours."""
        del film
        chance, extent = np.random.default_rng(round(1000 * t)), (0.0, 1.0, 0.0, 1.0)
        veil = (Stop(0.0, "class0", 0.0), Stop(1.0, "class1", 1.0))
        fields = chance.random((2, 360, 640))
        return [[Image(fields[0], extent), Image(fields[1], extent, veil)]]


def noise_scene() -> Scene:
    """Return a scene of noise alone."""
    return Scene(
        dataset=datasets.rings(n=64),
        model=models.mlp(2, 2, 1, output="sigmoid"),
        training=Training(epochs=2),
        views=[Noise()],
    )


def usual_film(timeline: Timeline) -> Film:
    """Return the film of the usual scene on a clock."""
    return film_of(load(SCENE), timeline)


def even(seconds: float, fps: float = 60.0) -> Timeline:
    """Return a clock that never stands still."""
    return Timeline(seconds, fps, "epochs", hold_first=0, hold_last=0)


def drawing(film: Film, size: tuple[int, int], threads: int | None = None) -> Renderer:
    """Return what draws a film, its first frame drawn."""
    renderer = renderer_of(film, Look(size, THEMES["dark"]), threads)
    renderer.frame(0.0)
    return renderer


@dataclass
class Alone:
    """CPU seconds of the encoder and of the drawing, each while the other waits."""

    encoder: float = 0.0
    drawing: float = 0.0

    @property
    def limit(self) -> float:
        """The seconds that a film of both is to take."""
        return BOUND * (self.encoder + self.drawing) / cores()

    def __str__(self) -> str:
        return f"encoder alone {self.encoder:.2f} s of CPU, drawing alone {self.drawing:.2f} s"


def alone(renderer: Renderer, times: list[float], path: Path) -> Alone:
    """Write an MP4 whose frames wait until many are drawn, and return what each of both took."""
    found, size = Alone(), renderer.sheet.look.size
    most = max(1, int(HELD / (1.5 * size[0] * size[1])))

    def in_turns() -> Iterator[Yuv420]:
        for first in range(0, len(times), most):
            start = time.process_time()
            drawn = [yuv.copy() for yuv in renderer.yuv420(times[first : first + most])]
            found.drawing += time.process_time() - start
            yield from drawn

    shots = replace(shots_of(renderer, times, None), yuv420=in_turns)
    before = children()
    FORMATS["mp4"].write(path, shots)
    found.encoder = children() - before
    return found


def children() -> float:
    """Return the CPU seconds that processes have taken which this one has started and seen end."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def wall(action: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def cpu(action: Callable[[], object]) -> float:
    """Return the CPU seconds of this process that a call takes."""
    start = time.process_time()
    action()
    return time.process_time() - start


def written(renderer: Renderer, times: list[float], path: Path) -> float:
    """Return the seconds that an MP4 takes."""
    return wall(lambda: FORMATS["mp4"].write(path, shots_of(renderer, times, None)))


def python(*arguments: str, tree: Path = ROOT) -> str:
    """Return what a process of its own prints, with the nnanim of a folder."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, *arguments]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return ended.stdout


# -- the parts ---------------------------------------------------------------------------------


def holds(rounds: int, folder: Path) -> None:
    """Print what frames take in which nothing changes, and what the others."""
    film = usual_film(Timeline())
    renderer = drawing(film, (1920, 1080), threads=1)
    times = film.timeline.times[::4]
    shown = {film.shown(t) for t in times}

    def each() -> None:
        for t in times:  # one by one, so that none is known to look like the one before
            for _ in renderer.yuv420([t]):
                pass

    def once() -> None:
        for _ in renderer.yuv420(times):
            pass

    theirs, ours = (
        min(column) for column in zip(*[(cpu(each), cpu(once)) for _ in range(rounds)], strict=True)
    )
    print(
        f"holds   {len(times) - len(shown)} of {len(times)} frames stand: "
        f"{1e3 * theirs / len(times):.2f} ms of CPU a frame with each drawn, "
        f"{1e3 * ours / len(times):.2f} ms with those drawn once: {ours / theirs:.2f} of it",
        flush=True,
    )
    parts = {"stand": [0.0] * 120, "move": [t for t in film.timeline.times if 2 < t < 4]}
    took = [alone(renderer, part, folder / "alone.mp4").encoder for part in parts.values()]
    still, moving = (
        1e3 * each / len(part) for each, part in zip(took, parts.values(), strict=True)
    )
    print(
        f"holds   its encoder takes {still:.2f} ms of CPU for a frame that stands, {moving:.2f} ms "
        f"for one that moves: {still / moving:.2f} of it",
        flush=True,
    )


def four_k(rounds: int, folder: Path) -> None:
    """Print how long a film of 3840 × 2160 takes, and its bound."""
    film = usual_film(even(2.0))
    renderers = [drawing(film, FOUR_K, threads) for threads in (1, None)]
    report("4k", renderers, film.timeline.times, rounds, folder)
    print(f"4k      {peaks(folder, FOUR_K, 1.0)}", flush=True)


def report(
    name: str, renderers: Sequence[Renderer], times: list[float], rounds: int, folder: Path
) -> None:
    """Print how long a film takes on all cores beside its bound."""
    one, all_cores = renderers
    found = []
    for _ in range(rounds):
        apart = alone(one, times, folder / "alone.mp4")
        took = written(all_cores, times, folder / "film.mp4")
        found.append((took / apart.limit, took, apart))
    share, took, apart = min(found, key=lambda each: each[0])
    print(
        f"{name:7} {len(times)} frames in {took:.2f} s; {apart}: on {cores()} cores at most "
        f"{apart.limit:.2f} s, {share:.2f} of that",
        flush=True,
    )


def long(rounds: int, folder: Path) -> None:
    """Print the memory of a film of ten minutes, and of one of twelve seconds."""
    del rounds
    peaks(folder, LITTLE, 0.2)  # trains
    for seconds in (SHORT, MINUTES):
        print(f"long    {seconds:g} s of film: {peaks(folder, LITTLE, seconds)}", flush=True)


def peaks(folder: Path, size: tuple[int, int], seconds: float, what: str = "film.mp4") -> str:
    """Return the peak of memory of a process that makes a film, and of its encoder."""
    made = folder / what
    asked = ["memory", "--size", *map(str, size), "--seconds", str(seconds), "--made", str(made)]
    own, encoder = python(__file__, *asked).split()
    return f"peak {own} MB, its encoder {encoder} MB"


def memory(size: tuple[int, int], seconds: float, made: Path) -> None:
    """Make a film and print the peaks in MB: of this process, and of the largest it started.

    With the name frames.gif or noise.gif, of noise, the former drawn and thrown away.
    """
    if made.suffix == ".gif":
        film = film_of(noise_scene(), even(seconds, 20.0), cache=False)
    else:
        film = usual_film(even(seconds, SLOW))
    renderer = renderer_of(film, Look(size, THEMES["dark"]))
    if made.name == "frames.gif":
        for _ in renderer.frames():
            pass
    else:
        shots = shots_of(renderer, film.timeline.times, None)
        FORMATS[made.suffix[1:]].write(made, shots)
    # What getrusage says is never less than the peak of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    own = int(status.partition("VmHWM:")[2].split()[0])
    print(own // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)


def noise(rounds: int, folder: Path) -> None:
    """Print what a GIF of noise takes in memory above its frames."""
    del rounds
    peaks(folder, (640, 360), 0.2, "noise.gif")  # compiles what is not yet
    for what in ("frames.gif", "noise.gif"):
        found = peaks(folder, (640, 360), 8.0, what)
        print(f"noise   {what:10} {found.partition(',')[0]}", flush=True)


def formats(rounds: int, folder: Path, before: Path | None) -> None:
    """Print what a frame of other formats takes, here and as it was before."""
    trees = [ROOT, *([before] if before is not None else [])]
    for name, (options, fps) in OTHERS.items():
        how = [part.format(folder) for part in options]
        command = ["-m", "nnanim.cli", "render", str(SCENE), "-r", "960x540", "--fps", str(fps)]
        for tree in trees:
            python(*command, *how, "--seconds", "0.2", tree=tree)
        found = np.array(
            [[a_frame([*command, *how], fps, tree) for tree in trees] for _ in range(rounds)]
        ).min(axis=0)
        told = f"{found[0, 0]:.1f} ms, {found[0, 1]:.1f} ms of CPU a frame"
        if before is not None:
            wall_share, cpu_share = found[0] / found[1]
            told += f"; before {found[1, 0]:.1f} ms, {found[1, 1]:.1f} ms of CPU: now "
            told += f"{wall_share:.2f} and {cpu_share:.2f} of that"
        print(f"formats {name:5} {told}", flush=True)


def a_frame(command: Sequence[str], fps: int, tree: Path) -> tuple[float, float]:
    """Return ms and CPU ms of a frame, from films of one and of four seconds."""
    spent = []
    for seconds in (1, 4):
        before = children()
        took = wall(lambda s=seconds: python(*command, "--seconds", str(s), tree=tree))  # type: ignore[misc]
        spent.append((took, children() - before))
    (wall_one, cpu_one), (wall_four, cpu_four) = spent
    return 1e3 * (wall_four - wall_one) / (3 * fps), 1e3 * (cpu_four - cpu_one) / (3 * fps)


def whole_folder(rounds: int, folder: Path) -> None:
    """Print how long a folder of scenes takes, and how long its scenes one by one."""
    (scenes := folder / "scenes").mkdir()
    for name in FOLDER:
        shutil.copy(ROOT / "scenes" / f"{name}.py", scenes)
    command = ["-m", "nnanim.cli", "render"]
    how = ["-q", "m", "--no-cache", "-o", str(folder)]
    found = []
    for _ in range(rounds):
        apart = sum(
            wall(lambda s=scene: python(*command, str(s), *how))  # type: ignore[misc]
            for scene in sorted(scenes.iterdir())
        )
        found.append((wall(lambda: python(*command, str(scenes), *how)), apart))
    together, apart = (min(column) for column in zip(*found, strict=True))
    print(
        f"folder  {len(FOLDER)} scenes in one command {together:.1f} s, one by one {apart:.1f} s: "
        f"{together / apart:.2f} of it",
        flush=True,
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=PARTS)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--before", type=Path, help="the folder of an earlier state of nnanim")
    parser.add_argument("--size", type=int, nargs=2, default=LITTLE, help="for memory, by itself")
    parser.add_argument("--seconds", type=float, default=SHORT, help="likewise")
    parser.add_argument("--made", type=Path, help="likewise")
    asked = parser.parse_args()
    if asked.parts == ["memory"]:
        memory(tuple(asked.size), asked.seconds, asked.made)
        return
    if asked.parts == ["alone"]:  # for render.py, in the cache that it has
        film = usual_film(Timeline())
        renderer = drawing(film, (1920, 1080), threads=1)
        apart = alone(renderer, film.timeline.times, asked.made)
        print(apart.encoder, apart.drawing)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        parts: dict[str, Callable[[], None]] = {
            "holds": lambda: holds(asked.rounds, folder),
            "4k": lambda: four_k(asked.rounds, folder),
            "long": lambda: long(asked.rounds, folder),
            "noise": lambda: noise(asked.rounds, folder),
            "formats": lambda: formats(asked.rounds, folder, asked.before),
            "folder": lambda: whole_folder(asked.rounds, folder),
        }
        for name, part in parts.items():
            if name in asked.parts:
                part()


if __name__ == "__main__":
    main()
