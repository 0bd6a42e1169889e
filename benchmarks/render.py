"""Drawing and films: nnanim against matplotlib as everyone writes it, in one process, alternately.

    python benchmarks/render.py [draw film gif scaling views start look training whole again]
                                [holds 4k long noise formats folder]
                                [--cases W1 W2 W3 solid morph classes pca digits] [--rounds 3]

W1: 1920 × 1080, 40,000 discs of 4.2 px, 42 grid lines of 100 points, a line, and a counter. W2: the
same with 2,000 discs at 1280 × 720. W3: the input space and three hidden layers as four panels,
1920 × 1080, 20,000 discs in each. In every frame everything moves that can: the discs and the grid
are what a layer of a network makes of them, and its parameters change.

The peer is `FuncAnimation.save` with `set_data`, blit and a title that counts. Its films are H.264,
veryfast, crf 18; nnanim's are no worse by PSNR and SSIM, see benchmarks/encoder.py. "Draw only" is
the CPU time of a frame, replay of the network included: of the peer, what `save` does, its frames
thrown away instead of encoded. "Encoder alone" is the peer's ffmpeg fed with nnanim's own frames as
RGBA from memory. The fastest of the rounds counts.

"Whole" is `nnanim render scenes/rings_2_2.py` as a command, its kernels compiled but nothing kept,
beside benchmarks/notebook.py for the same film. That takes minutes, so it makes the first frames
with their share of the training, and the rest of its frames are reckoned from those. Then the same
scene in another theme, from its kept recording, and what share of that is drawing and encoding.

"Start" is what commands take that train nothing, their kernels compiled and the training kept,
from the command to its end, and beside them what the libraries take by themselves. "Look" is the
first look at a film: `nnanim render scenes/rings_3_2.py -q l`, 12 s, from its kept training.

"Views" are scenes of 1920 × 1080, of which it is told how many frames a second are drawn on one
thread and on two, and how many are expected: "solid", a hidden layer of three units as a turning
cube, 20,000 points, sheet and plane sorted by depth in every frame; "morph", 40,000 points on their
way through four layers; "classes", ten of them with tints in two panels; "pca", a layer of 64 units
with 4,000 points; and digits by convolution. `--cases` picks among them.

"Training" is what each training takes, the median CPU time of all threads over some of one scene,
rings through 2-3-2-1: the whole `record`, and what of it is beyond the kernel's own steps; then,
as when a knob is turned, one of another learning rate from `record` to the picture in the middle of
its film, 1280 × 720, and what of that comes after `record`, with furniture like the last one's and
with none known.

"Holds", "4k", "long", "noise", "formats" and "folder" are benchmarks/films.py's.
"""

import argparse
import hashlib
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import matplotlib as mpl
import numpy as np
import torch
from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter
from numpy.typing import NDArray

from nnanim import (
    Film,
    Recording,
    Scene,
    Timeline,
    Training,
    acts,
    datasets,
    models,
    record,
    render,
    views,
)
from nnanim.drawing import plate
from nnanim.marks import Lines, Mark, Points
from nnanim.rendering.filming import film_of as filmed
from nnanim.rendering.filming import renderer_of
from nnanim.rendering.requests import Request, plan_films
from nnanim.scene.files import load
from nnanim.sheet.look import Look
from nnanim.sheet.renderer import Renderer
from nnanim.themes import THEMES
from nnanim.threads import cores
from nnanim.training.kernel_trainer import kernel_trainer
from nnanim.training.run import prepare
from nnanim.training.trainer import stretch_orders
from nnanim.types import Floats
from nnanim.view import Panel

X264 = ("-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")


@dataclass(frozen=True)
class Space:
    """What the data and the grid become in a layer, "" being the inputs: the marks of W1."""

    layer: str

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel, the same for every layer."""
        del film
        return [Panel(self.layer or "input space", (-1.2, 1.2), (-1.2, 1.2))]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return grid, points and a line that turns."""
        moment = film.moment(t)
        if self.layer:
            points, grid = film.points(self.layer, moment), film.grid(self.layer, moment)
        else:
            points, grid = np.asarray(film.data.inputs), film.grid_lines
        turn = np.sin(2 * np.pi * t)
        line = np.array([[-1.2, -turn], [1.2, np.cos(2 * np.pi * t)]])
        discs = Points(points, ("class0", "class1"), index=film.labels, size=4.2)
        return [[Lines(grid, "grid", width=1.1), discs, Lines([line], "boundary", width=2.8)]]


@dataclass(frozen=True)
class Case:
    """A film: its size, how many points, how wide each hidden layer is that it shows."""

    size: tuple[int, int]
    points: int
    hidden: tuple[int, ...]
    inputs: bool = False  # whether the input space is shown too

    @property
    def layers(self) -> list[str]:
        """The names of the layers shown."""
        return [""] * self.inputs + [f"hidden{i + 1}" for i in range(len(self.hidden))]


CASES = {
    "W1": Case((1920, 1080), 40_000, (2,)),
    "W2": Case((1280, 720), 2_000, (2,)),
    "W3": Case((1920, 1080), 20_000, (2, 2, 2), inputs=True),
}
BEYOND = ["holds", "4k", "long", "noise", "formats", "folder"]  # of films.py
PARTS = ["draw", "film", "gif", "scaling", "views", "start", "look"]
PARTS += ["training", "whole", "again", *BEYOND]
DIGITS = "digits_conv.py"
FRAMES = 240
PEER_FRAMES = 40

SCENE = Path(__file__).parents[1] / "scenes" / "rings_2_2.py"
SCENE_FRAMES = 720
FILMS = Path(__file__).with_name("films.py")
IMPORTS = "import nnanim.commands.subjects, nnanim.rendering.films, nnanim.recording.many"
BOUND = 1.15  # times the CPU of encoder and drawing over the cores
NOTEBOOK_FRAMES = 8, 72  # the first with all that comes before the frames


def layer(u: float) -> tuple[Floats, Floats]:
    """Return weight and bias of every hidden layer at "time" u, a fortieth of which is a frame."""
    weight = [
        [1 + 0.5 * np.sin(u), 0.5 * np.cos(u)],
        [-0.5 * np.sin(u + 1), 1 + 0.4 * np.cos(2 * u)],
    ]
    return np.array(weight), np.full(2, 0.2 * np.sin(u))


def recorded(case: Case, frames: int) -> Recording:
    """Return a recording of as many frames, its hidden layers turned as the peer turns them."""
    scene = Scene(
        dataset=datasets.rings(n=case.points, noise=0.05, half_window=1.3),
        model=models.mlp(2, *case.hidden, 1, output="sigmoid"),
        training=Training(epochs=100, batch_size=case.points),
        views=[[Space(layer) for layer in case.layers]],
        theme="light",
    )
    recording = record(scene)
    states = {name: array.copy() for name, array in recording.states.items()}
    for i, u in enumerate(np.linspace(0, frames / 40, len(recording))):
        weight, bias = layer(u)
        for name, array in states.items():
            if name.startswith("hidden"):
                array[i] = weight if name.endswith("weight") else bias
    return replace(recording, states=states)


def film_of(recording: Recording, frames: int) -> Film:
    """Return a film of that many frames without a hold."""
    return Film(recording, timeline=even(frames))


def even(frames: int, fps: float = 60.0) -> Timeline:
    """Return a clock that never stands still."""
    return Timeline(frames / fps, fps, "epochs", hold_first=0, hold_last=0)


class Peer:
    """The same pictures as a person would write them with matplotlib."""

    def __init__(self, case: Case) -> None:
        rng = np.random.default_rng(0)
        n = case.points
        angle = rng.uniform(0, 2 * np.pi, n)
        radius = np.where(np.arange(n) < n // 2, 1, 0.5) + rng.normal(0, 0.05, n)
        self.points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        g, s = np.linspace(-1.3, 1.3, 21), np.linspace(-1.3, 1.3, 100)
        up = np.stack([np.repeat(g[:, None], 100, 1), np.repeat(s[None], 21, 0)], axis=2)
        self.grid = np.concatenate([up, up[:, :, ::-1]])
        self.inputs = case.inputs
        # pyplot as everyone uses it: figures that it keeps are closed at the end.
        import matplotlib.pyplot as plt

        size = case.size[0] / 100, case.size[1] / 100
        self.figure, found = plt.subplots(1, len(case.layers), figsize=size, dpi=100, squeeze=False)
        self.axes = list(found[0])
        self.dots, self.lines, self.cuts = [], [], []
        for axes in self.axes:
            axes.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
            self.dots.append([axes.plot([], [], ".", ms=4)[0] for _ in range(2)])
            self.lines.append([axes.plot([], [], color=".55", lw=0.8)[0] for _ in self.grid])
            self.cuts.append(axes.plot([], [], "k", lw=2)[0])
        self.title = self.axes[0].set_title("")

    def update(self, i: int) -> list[Any]:
        """Show frame i."""
        u = i / 40
        weight, bias = layer(u)
        points, grid, half = self.points, self.grid, len(self.points) // 2
        for k in range(len(self.axes)):
            if k or not self.inputs:
                points = np.tanh(points @ weight.T + bias)
                grid = np.tanh(grid @ weight.T + bias)
            self.dots[k][0].set_data(points[:half, 0], points[:half, 1])
            self.dots[k][1].set_data(points[half:, 0], points[half:, 1])
            for line, image in zip(self.lines[k], grid, strict=True):
                line.set_data(image[:, 0], image[:, 1])
            self.cuts[k].set_data([-1.2, 1.2], [-np.sin(u), np.cos(u)])
        self.title.set_text(f"epoch {i}")
        flat = [artist for dots in self.dots for artist in dots]
        flat += [artist for lines in self.lines for artist in lines]
        return [*flat, *self.cuts, self.title]

    def save(self, path: Path, writer: Any) -> None:
        """Make the film of PEER_FRAMES frames."""
        animation = FuncAnimation(self.figure, self.update, frames=PEER_FRAMES, blit=True)
        animation.save(path, writer=writer)

    def close(self) -> None:
        """Give the figure back."""
        import matplotlib.pyplot as plt

        plt.close(self.figure)


class NoEncoder(FFMpegWriter):
    """Takes the frames as a movie writer does and throws them away."""

    def _run(self) -> None:
        pass

    def grab_frame(self, **more: Any) -> None:
        """Draw the figure as FFMpegWriter does."""
        self.fig.savefig(io.BytesIO(), format="rgba", dpi=self.dpi, **more)

    def finish(self) -> None:
        """Nothing was started."""


def h264() -> FFMpegWriter:
    """Return the peer's encoder."""
    return FFMpegWriter(fps=60, codec="libx264", extra_args=list(X264))


def cpu(action: Callable[[], object]) -> float:
    """Return the CPU seconds of this process that a call takes."""
    start = time.process_time()
    action()
    return time.process_time() - start


def wall(action: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def exhaust(renderer: Renderer, times: Sequence[float] | None = None) -> None:
    """Draw every frame, or those at some times, as the encoder of an MP4 takes it."""
    for _ in renderer.yuv420(times):
        pass


def alternately(rounds: int, *actions: Callable[[], float]) -> list[float]:
    """Return the least that each action gave in some rounds."""
    found = [[action() for action in actions] for _ in range(rounds)]
    return [min(column) for column in zip(*found, strict=True)]


def draw(name: str, case: Case, recording: Recording, rounds: int) -> None:
    """Print CPU time a frame, drawing only."""
    peer = Peer(case)
    nowhere = Path(os.devnull)
    renderer = renderer_of(film_of(recording, FRAMES), Look(case.size, THEMES["dark"]), threads=1)
    renderer.frame(0.0)
    theirs, ours = alternately(
        rounds,
        lambda: cpu(lambda: peer.save(nowhere, NoEncoder(fps=60))) / PEER_FRAMES,
        lambda: cpu(lambda: exhaust(renderer)) / FRAMES,
    )
    peer.close()
    report(name, "draw only, CPU a frame", theirs, ours)


def film(name: str, case: Case, recording: Recording, rounds: int, folder: Path) -> None:
    """Print how long films take, and how long the encoder alone."""
    peer = Peer(case)
    recording = with_clock(recording, even(FRAMES))
    stored = list(renderer_of(Film(recording), Look(case.size, THEMES["dark"])).frames())

    def encode() -> None:
        write_alone(folder / "alone.mp4", case.size, stored)

    theirs, ours, alone = alternately(
        rounds,
        lambda: wall(lambda: peer.save(folder / "peer.mp4", h264())) / PEER_FRAMES,
        lambda: wall(lambda: render(recording, folder / "ours.mp4", size=case.size)) / FRAMES,
        lambda: wall(encode) / FRAMES,
    )
    peer.close()
    report(name, "film to MP4, wall a frame", theirs, ours)
    print(
        f"{name}  encoder alone {alone * 1e3:8.2f} ms a frame: film rate {alone / ours:.2f} of it"
    )


def gif(name: str, case: Case, rounds: int, folder: Path) -> None:
    """Print how long GIFs take."""
    peer = Peer(case)
    recording = with_clock(recorded(case, PEER_FRAMES), even(PEER_FRAMES, 20.0))
    theirs, ours = alternately(
        rounds,
        lambda: wall(lambda: peer.save(folder / "peer.gif", PillowWriter(fps=20))) / PEER_FRAMES,
        lambda: wall(lambda: render(recording, folder / "ours.gif", size=case.size)) / PEER_FRAMES,
    )
    peer.close()
    report(name, "GIF, wall a frame", theirs, ours)


def scaling(rounds: int) -> None:
    """Print how the cost of a frame grows with points, frames and threads."""
    counts = (10_000, 30_000, 100_000, 300_000, 1_000_000)
    case = CASES["W1"]
    small = recorded(replace(case, points=1000), FRAMES)
    times = []
    for count in counts:
        few = 12 if count > 100_000 else 40
        film = film_of(with_points(small, count), few)
        renderer = renderer_of(film, Look(case.size, THEMES["dark"]), threads=1)
        renderer.frame(0.0)
        (best,) = alternately(rounds, lambda r=renderer, k=few: cpu(lambda: exhaust(r)) / k)  # type: ignore[misc]
        times.append(best)
    slopes = np.diff(times) / np.diff(counts)
    rows = "  ".join(
        f"{count:,}: {1e3 * best:.2f}" for count, best in zip(counts, times, strict=True)
    )
    print(f"points: ms a frame {rows}")
    between = "  ".join(f"{1e9 * slope:.0f}" for slope in slopes)
    print(f"        ns a point between them {between}: within {slopes.max() / slopes.min():.2f}×")
    recording = recorded(case, FRAMES)
    per_frame = []
    for frames in (300, 3000):
        renderer = renderer_of(
            film_of(recording, frames), Look(case.size, THEMES["dark"]), threads=1
        )
        renderer.frame(0.0)
        per_frame.append(cpu(lambda r=renderer: exhaust(r)) / frames)  # type: ignore[misc]
    print(f"frames: ms a frame of 300 {1e3 * per_frame[0]:.2f}, of 3,000 {1e3 * per_frame[1]:.2f}")
    peaks = [peak(frames) for frames in (300, 3000)]
    print(
        f"memory: peak of a film of 300 frames {peaks[0]:.0f} MB, of 3,000 {peaks[1]:.0f} MB: "
        f"{peaks[1] / peaks[0]:.3f}×"
    )
    film = film_of(recording, 200)
    renderers = [
        renderer_of(film, Look(case.size, THEMES["dark"]), threads=threads) for threads in (1, 2)
    ]
    one, two, alone, both = alternately(
        rounds,
        *(lambda r=r: wall(lambda: exhaust(r)) / 200 for r in renderers),
        *(lambda n=n: wall(lambda: hashed(n)) for n in (1, 2)),
    )
    print(
        f"threads: ms a frame on 1 {1e3 * one:.2f}, on 2 {1e3 * two:.2f}: {one / two:.2f}×, where "
        f"hashing, which shares nothing, gets {alone / both:.2f}×"
    )


def sights() -> dict[str, tuple[Callable[[], Scene], float]]:
    """Return scenes that are drawn frame by frame, and the frames a second that are expected."""
    found: dict[str, tuple[Callable[[], Scene], float]] = {
        "solid": (solid, 0.0),
        "morph": (morph, 40.0),
        "classes": (classes, 60.0),
        "pca": (pca, 60.0),
    }
    digits = SCENE.with_name(DIGITS)
    return found | ({"digits": (lambda: load(digits), 20.0)} if digits.exists() else {})


def solid() -> Scene:
    """Return a hidden layer of three units as a turning cube of 20,000 points."""
    return Scene(
        dataset=datasets.rings(n=20_000, noise=0.05, half_window=1.3),
        model=models.mlp(2, 3, 1, output="sigmoid", scale=2.0),
        training=Training(epochs=20, optimizer="adam", lr=0.01, loss="bce"),
        views=[views.HiddenSpace3D()],
    )


def morph() -> Scene:
    """Return four layers of two units through which 40,000 points go one after another."""
    return Scene(
        dataset=datasets.spirals(n=40_000, turns=1.0),
        model=models.mlp(2, 2, 2, 2, 2, 1),
        training=Training(epochs=5, batch_size=256, optimizer="adam", lr=0.01),
        views=[views.Depth()],
        timeline=Timeline(acts=[acts.Train(to=5, seconds=0.1), acts.Morph(seconds=FRAMES / 60)]),
    )


def classes() -> Scene:
    """Return ten classes in input space and in a hidden layer of two units, both with tints."""
    return Scene(
        dataset=datasets.blobs(4_000, classes=10, noise=0.08),
        model=models.mlp(2, 16, 2, 10, scale=2.0),
        training=Training(epochs=20, optimizer="adam", lr=0.01),
    )


def pca() -> Scene:
    """Return 64 units in the plane of their principal directions, 4,000 points."""
    return Scene(
        dataset=datasets.rings(n=4_000, noise=0.05),
        model=models.mlp(2, 64, 64, 1),
        training=Training(epochs=20, optimizer="adam", lr=0.01),
        views=[views.HiddenSpace()],
    )


def sight(name: str, scene: Scene, goal: float, rounds: int) -> None:
    """Print how many frames of a scene are drawn a second."""
    recording = record(scene)
    film = Film(recording) if name == "morph" else film_of(recording, FRAMES)
    times = film.timeline.times[-FRAMES:]
    renderers = [
        renderer_of(film, Look((1920, 1080), THEMES["dark"]), threads=threads) for threads in (1, 2)
    ]
    for renderer in renderers:
        renderer.frame(times[0])
    one, two, spent = alternately(
        rounds,
        *(lambda r=r: wall(lambda: exhaust(r, times)) / FRAMES for r in renderers),
        lambda: cpu(lambda: exhaust(renderers[0], times)) / FRAMES,
    )
    print(
        f"{name:7} {1 / one:.0f} frames a second on 1 thread, {1 / two:.0f} on 2 "
        f"({1e3 * two:.1f} ms a frame, {1e3 * spent:.1f} ms of CPU)"
        + (f"; expected {goal:.0f}" if goal else ""),
        flush=True,
    )


def each_sight(names: Sequence[str], rounds: int) -> None:
    """Print how fast each of these scenes is drawn."""
    for name, (scene, goal) in sights().items():
        if name in names:
            sight(name, scene(), goal, rounds)


def beyond(part: str) -> None:
    """Print what films.py does."""
    subprocess.run([sys.executable, str(FILMS), part], check=True)


def hashed(threads: int) -> None:
    """Hash bytes on some threads: how far this machine has cores to spare at the moment."""
    block = bytes(50_000_000)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: hashlib.sha256(block).digest(), range(8)))


def peak(frames: int) -> float:
    """Return the MB that a process of its own takes at most for a film of W1."""
    return float(python(__file__, "memory", "--frames", str(frames)))


def memory(frames: int, folder: Path) -> None:
    """Render a film and print this process's peak in MB."""
    case = CASES["W1"]
    recording = with_clock(recorded(case, frames), even(frames))
    render(recording, folder / "ours.mp4", size=case.size)
    # What getrusage says is never less than the peak of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(int(status.partition("VmHWM:")[2].split()[0]) / 1024)


KERNEL = """
import numpy as np
from nnanim.kernels.forward import forward
nothing, table = np.zeros(1, np.float32), np.array([[0, 1, 1, 0, -1, 0]])
forward(np.ones((1, 1), np.float32), table, np.zeros((1, 2)), nothing, nothing, np.zeros(1, int),
        np.empty(1, np.float32))
"""


def start(rounds: int, folder: Path) -> None:
    """Print what commands that train nothing take, and what the libraries do by themselves."""
    os.environ["XDG_CACHE_HOME"] = str(folder)
    nnanim = ["-m", "nnanim.cli"]
    still = [*nnanim, "still", str(SCENE), "-o", str(folder / "still.png")]
    python(*still)
    told = {
        "nnanim --help": [*nnanim, "--help"],
        "nnanim still, training kept": still,
        "numpy, numba and a kept kernel": ["-c", KERNEL],
        "matplotlib, as nnanim uses it": ["-c", "import matplotlib.backends.backend_agg"],
        "torch": ["-c", "import torch"],
    }
    for name, (took, used) in zip(told, spent(rounds, *told.values()), strict=True):
        print(f"start  {name:32} {took:5.2f} s, {used:5.2f} s of CPU time", flush=True)


def look(rounds: int, folder: Path) -> None:
    """Print how long the first look at a film takes."""
    os.environ["XDG_CACHE_HOME"] = str(folder)
    scene = SCENE.with_name("rings_3_2.py")
    command = ["-m", "nnanim.cli", "render", str(scene), "-q", "l", "-o", str(folder / "look.mp4")]
    python(*command)
    ((took, used),) = spent(rounds, command)
    print(f"look   {scene.name} -q l, training kept {took:5.2f} s, {used:5.2f} s of CPU time")


def spent(rounds: int, *commands: Sequence[str]) -> list[tuple[float, float]]:
    """Return the least seconds and the least CPU seconds of programs, run in turns."""

    def run(command: Sequence[str]) -> tuple[float, float]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = wall(lambda: python(*command))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    found = np.array([[run(command) for command in commands] for _ in range(rounds)])
    return [(float(took), float(used)) for took, used in found.min(axis=0)]


def training(rounds: int) -> None:
    """Print what a training costs beyond its steps, and the first picture of a new one."""
    for points, most in ((400, 3), (4000, 6)):
        scene = Scene(
            dataset=datasets.rings(n=points),
            model=models.mlp(2, 3, 2, 1, output="sigmoid"),
            training=Training(epochs=40, optimizer="adam", loss="bce"),
        )
        record(scene)
        runs = [
            replace(scene, training=replace(scene.training, seed=i, lr=0.01 + 1e-4 * i))
            for i in range(10 * rounds)
        ]
        kernel = np.median([kernel_alone(each) for each in runs])
        whole = np.median([cpu(lambda s=each: record(s)) for each in runs])  # type: ignore[misc]
        known, new = (np.median([after_record(s, lost) for s in runs]) for lost in (False, True))
        more = 1e3 * (whole - kernel)
        told = (
            f"record {1e3 * whole:.1f} ms of CPU, {more:.1f} beyond its steps (≤ {most})",
            f"first picture {1e3 * known:.0f} ms with known furniture (≤ 40)",
            f"else {1e3 * new:.0f} (≤ 80)",
            f"from knob to picture {1e3 * (whole + known):.0f}",
        )
        print(f"training  {points:,} points: {', '.join(told)}", flush=True)


def kernel_alone(scene: Scene) -> float:
    """Return the CPU seconds that the steps of a training take in the kernel."""
    run = prepare(scene)
    (orders,) = stretch_orders(run, [run.training.epochs])
    trainer = kernel_trainer(run)
    return cpu(lambda: trainer.train(orders))


def after_record(scene: Scene, forgotten: bool) -> float:
    """Return the CPU seconds from a recording to its picture; whether no furniture is known."""
    recording = record(scene)
    if forgotten:
        plate._last.clear()
    look = Look((1280, 720), THEMES["dark"])

    def picture() -> None:
        film = Film(recording)
        renderer_of(film, look, threads=1).frame(film.timeline.seconds / 2)

    return cpu(picture)


def whole(rounds: int, folder: Path) -> None:
    """Print how long a film takes from the command to the file, beside the peer and its bound."""
    os.environ["XDG_CACHE_HOME"] = str(folder)
    ours = ["-m", "nnanim.cli", "render", str(SCENE), "-o", str(folder / "ours.mp4")]
    theirs = [str(Path(__file__).with_name("notebook.py")), str(folder / "peer.mp4"), "--frames"]
    python(*ours, "--seconds", "1")
    apart: list[tuple[float, float]] = []
    few, many, own, imports, _ = alternately(
        rounds,
        *(lambda n=n: wall(lambda: python(*theirs, str(n))) for n in NOTEBOOK_FRAMES),
        lambda: wall(lambda: python(*ours, "--no-cache")),
        lambda: wall(lambda: python("-c", IMPORTS)),
        lambda: wall(lambda: apart.append(alone(folder))),
    )
    first, last = NOTEBOOK_FRAMES
    a_frame = (many - few) / (last - first)
    peer = many + a_frame * (SCENE_FRAMES - last)
    print(
        f"whole  notebook {peer:.1f} s ({last} frames in {many:.1f} s, each of the other "
        f"{SCENE_FRAMES - last} taken as {a_frame * 1e3:.0f} ms), nnanim {own:.1f} s: "
        f"{peer / own:.1f}×"
    )
    encoder, drawing = min(apart, key=sum)
    limit = BOUND * (encoder + drawing) / cores() + imports
    print(
        f"whole  encoder alone {encoder:.2f} s of CPU, drawing alone {drawing:.2f} s, imports "
        f"{imports:.2f} s: on {cores()} cores at most {limit:.1f} s, {own / limit:.2f} of that",
        flush=True,
    )


def alone(folder: Path) -> tuple[float, float]:
    """Return the CPU seconds of encoder and drawing of the film, each while the other waits."""
    made = str(folder / "alone.mp4")
    encoder, drawing = python(str(FILMS), "alone", "--made", made).split()
    return float(encoder), float(drawing)


def again(rounds: int, folder: Path) -> None:
    """Print how long the film takes once more, in another theme, and where the time goes."""
    os.environ["XDG_CACHE_HOME"] = str(folder)
    ours = ["-m", "nnanim.cli", "render", str(SCENE), "-o", str(folder / "ours.mp4")]
    python(*ours, "--seconds", "1")
    imports, again = alternately(
        rounds,
        lambda: wall(lambda: python("-c", IMPORTS)),
        lambda: wall(lambda: python(*ours, "--theme", "light")),
    )
    print(f"again  in another theme {again:.1f} s, of which imports {imports:.1f} s; within that:")
    print(python(__file__, "within"), end="", flush=True)


def within(folder: Path) -> None:
    """Render the scene from its kept recording in another theme and print where the time goes."""

    def no_training(stage: str, done: int, total: int) -> None:
        assert stage != "training", f"step {done} of {total}, though the recording is kept"

    out = folder / "again.mp4"
    clock = [time.perf_counter()]
    scene = load(SCENE)
    (plan,) = plan_films(scene, [Request(out, theme="light")])
    kept = filmed(scene, plan.timeline, plan.look, progress=no_training)
    clock.append(time.perf_counter())
    renderer_of(kept, plan.look)
    clock.append(time.perf_counter())
    render(kept.recording, out, theme="light")
    clock.append(time.perf_counter())
    opening, furniture, film = (float(part) for part in np.diff(clock))
    # The film's time has the furniture in it.
    print(
        f"       scene, checks and recording {opening:.2f} s, furniture {furniture:.2f} s, "
        f"frames and encoder {film - furniture:.2f} s: "
        f"drawing and encoding are {film / (opening + film):.1%}"
    )


def python(*arguments: str) -> str:
    """Return what a process of its own prints.

    Python keeps what it compiles of modules, as it does after an installation.
    """
    command, place = [sys.executable, *arguments], dict(os.environ)
    place.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=place)
    return done.stdout


def with_clock(recording: Recording, timeline: Timeline) -> Recording:
    """Return the recording, its scene with that timeline."""
    assert isinstance(recording.scene, Scene)
    return replace(recording, scene=replace(recording.scene, timeline=timeline))


def with_points(recording: Recording, count: int) -> Recording:
    """Return the recording with other, more, data."""
    return replace(recording, data=datasets.rings(n=count, noise=0.05).arrays(1))


def write_alone(path: Path, size: tuple[int, int], frames: list[NDArray[np.uint8]]) -> None:
    """Encode frames from memory with nothing else to do."""
    writer = imageio_ffmpeg.write_frames(
        str(path),
        size,
        pix_fmt_in="rgba",
        fps=60,
        quality=None,
        macro_block_size=1,
        codec="libx264",
        output_params=["-preset", "veryfast", "-crf", "18"],
    )
    writer.send(None)
    for frame in frames:
        writer.send(frame.data)
    writer.close()


def report(name: str, what: str, theirs: float, ours: float) -> None:
    """Print a row."""
    print(
        f"{name}  {what:26} FuncAnimation {theirs * 1e3:8.2f} ms, nnanim {ours * 1e3:7.2f} ms: "
        f"{theirs / ours:5.1f}×",
        flush=True,
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=PARTS)
    parser.add_argument("--cases", nargs="*", default=[*CASES, *sights()])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=300, help="for memory, a part by itself")
    asked = parser.parse_args()
    mpl.use("Agg")
    mpl.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if asked.parts == ["memory"]:
            memory(asked.frames, folder)
            return
        if asked.parts == ["within"]:
            within(folder)
            return
        drawn = {"draw", "film", "gif"} & set(asked.parts)
        for name in [name for name in CASES if name in asked.cases and drawn]:
            case = CASES[name]
            recording = recorded(case, FRAMES)
            if "draw" in asked.parts:
                draw(name, case, recording, asked.rounds)
            if "film" in asked.parts:
                film(name, case, recording, asked.rounds, folder)
            if "gif" in asked.parts and name != "W3":
                gif(name, case, asked.rounds, folder)
        others: dict[str, Callable[[], None]] = {
            "scaling": lambda: scaling(asked.rounds),
            "views": lambda: each_sight(asked.cases, asked.rounds),
            "start": lambda: start(asked.rounds, folder),
            "look": lambda: look(asked.rounds, folder),
            "training": lambda: training(asked.rounds),
            "whole": lambda: whole(asked.rounds, folder),
            "again": lambda: again(asked.rounds, folder),
            **{name: lambda n=name: beyond(n) for name in BEYOND},  # type: ignore[misc]
        }
        for name, part in others.items():
            if name in asked.parts:
                part()


if __name__ == "__main__":
    main()
