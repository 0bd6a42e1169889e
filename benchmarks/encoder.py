"""What x264 takes for films of this kind at equal quality: CPU and size of its settings.

    python benchmarks/encoder.py [--frames 100] [--rounds 2] [scene ...]

Of each scene, so many frames from the end of its first hold on, 1920 × 1080 at 60 a second, are
encoded with each setting, in turns with `veryfast -crf 18` on eight threads. The crf of a setting
is one at which PSNR and SSIM, in the mean over twelve scenes, are no worse than that one's. Printed
for each scene are CPU and size as shares of that one's, and by how much dB and SSIM, in 1e-5, are
above it; then the geometric means of the shares and the means of the differences. CPU is the least
of the rounds, with the reading of the frames and without the decoding.
"""

import os
import re
import resource
import subprocess
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import imageio_ffmpeg
import numpy as np

from nnanim.rendering.filming import film_of, renderer_of
from nnanim.scene.files import declared

SCENES = Path(__file__).parent.parent / "scenes"
TWELVE = (
    *("rings_2_2", "rings_3_2", "rings_cube", "polynomial_6", "sine_nodes", "radial_3"),
    *("radial_relu", "jagged_density", "embedding_width_2", "embedding_surface", "line_gap"),
    "rings_compare",
)
LEAST = "me=dia:subme=1:weightp=0:b-adapt=0:scenecut=0"  # what nnanim.writers.mp4 asks for
TREE = "mbtree=1:rc-lookahead=10:weightp=0:b-adapt=0:scenecut=0"
# Preset, x264's own parameters, frame threads and crf; the first is what all are compared with.
SETTINGS = {
    "veryfast": ("veryfast", "", 8, 18.0),
    "veryfast, 4 threads": ("veryfast", "", 4, 18.0),
    "least search": ("veryfast", LEAST, 8, 17.8),
    "least search, 4 threads": ("veryfast", LEAST, 4, 17.8),
    "the same, looks 8 ahead": ("veryfast", f"{LEAST}:rc-lookahead=8", 4, 17.5),
    "superfast with mbtree": ("superfast", TREE, 4, 17.75),
}
RAW = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "1920x1080", "-r", "60")


@dataclass(frozen=True)
class Measured:
    """One encoding: CPU in ms a frame, kB, PSNR in dB, SSIM."""

    cpu: float
    size: float
    psnr: float
    ssim: float


def encoded(raw: Path, film: Path, setting: str, frames: int) -> Measured:
    """Encode the frames of `raw` and compare what comes of it with them."""
    preset, parameters, threads, crf = SETTINGS[setting]
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    asked = ["-preset", preset, "-crf", str(crf), "-threads", str(threads)]
    asked += ["-x264-params", parameters] if parameters else []
    command = [ffmpeg, "-v", "error", "-y", *RAW, "-i", str(raw), "-c:v", "libx264", *asked]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, str(film)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    both = "[0:v]split[a][b];[1:v]split[c][d];[a][c]psnr=shortest=1;[b][d]ssim=shortest=1"
    compared = [ffmpeg, "-i", str(film), *RAW, "-i", str(raw), "-lavfi", both]
    told = subprocess.run(
        [*compared, "-f", "null", os.devnull], capture_output=True, text=True, check=True
    ).stderr
    size = film.stat().st_size / 1e3
    psnr, ssim = number_in(told, r"average:([\d.]+)"), number_in(told, r"All:([\d.]+)")
    return Measured(cpu / frames * 1e3, size, psnr, ssim)


def number_in(text: str, pattern: str) -> float:
    """Return the number that a pattern finds."""
    found = re.search(pattern, text)
    assert found is not None, text
    return float(found[1])


def of_scene(name: str, frames: int, rounds: int) -> list[Measured]:
    """Return what each of SETTINGS gives."""
    film = film_of(declared(SCENES / f"{name}.py"))
    start = film.acts[0].end
    with TemporaryDirectory() as folder:
        raw, made = Path(folder, "frames.yuv"), Path(folder, "film.mp4")
        with raw.open("wb") as file:
            for frame in renderer_of(film).yuv420([start + i / 60 for i in range(frames)]):
                file.write(frame.data)
        found = [[encoded(raw, made, each, frames) for each in SETTINGS] for _ in range(rounds)]
    return [min(column, key=lambda one: one.cpu) for column in zip(*found, strict=True)]


def row(measured: Sequence[Sequence[Measured]], k: int) -> str:
    """Return how the `k`-th setting does beside the first, over all scenes given."""
    usual, own = (np.array([astuple(scene[i]) for scene in measured]) for i in (0, k))
    cpu, size = np.exp(np.log(own[:, :2] / usual[:, :2]).mean(axis=0))
    psnr, ssim = (own[:, 2:] - usual[:, 2:]).mean(axis=0)
    return f"CPU {cpu:.2f}, size {size:.2f}, {psnr:+.2f} dB, SSIM {1e5 * ssim:+.0f}"


@click.command()
@click.option("--frames", default=100, show_default=True)
@click.option("--rounds", default=2, show_default=True)
@click.argument("scenes", nargs=-1)
def main(frames: int, rounds: int, scenes: tuple[str, ...]) -> None:
    """Print the front of CPU against size."""
    found = []
    for name in scenes or TWELVE:
        found.append(of_scene(name, frames, rounds))
        usual = found[-1][0]
        click.echo(
            f"{name}: veryfast {usual.cpu:.2f} ms of CPU a frame, {usual.size:.0f} kB, "
            f"{usual.psnr:.2f} dB, SSIM {usual.ssim:.5f}"
        )
        for k, setting in enumerate(SETTINGS):
            click.echo(f"{setting:>28}: {row(found[-1:], k)}")
    click.echo("all")
    for k, setting in enumerate(SETTINGS):
        click.echo(f"{setting:>28}: crf {SETTINGS[setting][3]:g}: {row(found, k)}")


if __name__ == "__main__":
    main()
