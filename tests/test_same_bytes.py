"""The same film is the same bytes, whatever runs beside it and wherever."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from nnanim.themes import THEMES
from nnanim.types import Frame
from nnanim.writers import FORMATS, apng, mov, png, webm, webp
from nnanim.writers.ffmpeg import BITEXACT
from nnanim.writers.format import DEFAULTS, Encoding, Shots
from tests.films import digest

SIZE, COUNT = (320, 240), 40
MODULES = (apng, mov, png, webm, webp)
COMMON = [("mp4", DEFAULTS), ("gif", DEFAULTS), ("webm", DEFAULTS)]
OTHERS = [
    *((name, DEFAULTS) for name in FORMATS if name not in ("mp4", "gif", "webm")),
    *(("mp4", Encoding(codec=codec)) for codec in ("hevc", "av1")),
    ("mp4", Encoding(chroma="444")),
    ("mp4", Encoding(lossless=True)),
    ("mp4", Encoding(codec="hevc", lossless=True)),
]


def frames() -> Iterator[Frame]:
    """Give frames of a grid that bends, with noise in a corner."""
    yield from drawn()


@cache
def drawn() -> list[Frame]:
    """Return the frames."""
    made = []
    ys, xs = np.mgrid[: SIZE[1], : SIZE[0]].astype(float)
    rng = np.random.default_rng(1)
    for i in range(COUNT):
        bent = np.sin(xs / 9 + i / 5 * np.sin(ys / 60)) + np.cos(ys / 7)
        frame = np.empty((SIZE[1], SIZE[0], 4), np.uint8)
        frame[..., 0] = 127 + 60 * bent
        frame[..., 1] = 127 - 60 * bent
        frame[..., 2] = 60
        frame[:60, :80, :3] = rng.integers(0, 256, (60, 80, 3))
        frame[..., 3] = 255
        made.append(frame)
    return made


PLAN = Shots(SIZE, 20, COUNT, THEMES["dark"], frames, lambda n: drawn()[:n])


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be taken away")
@pytest.mark.parametrize(
    ("name", "encoding"),
    [*COMMON, *(pytest.param(*other, marks=pytest.mark.slow) for other in OTHERS)],
    ids=str,
)
def test_the_number_of_cores_does_not_show(name: str, encoding: Encoding, tmp_path: Path) -> None:
    """One core, then all; ffmpeg sets up its threads by their number."""
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        pytest.skip("there is one core only")
    found = set()
    try:
        for some in ({min(cores)}, cores):
            os.sched_setaffinity(0, some)
            FORMATS[name].write(tmp_path / f"{len(some)}.{name}", PLAN, encoding)
            found.add(digest(tmp_path / f"{len(some)}.{name}"))
    finally:
        os.sched_setaffinity(0, cores)

    assert len(found) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("mp4", "gif")])
def test_the_number_of_threads_does_not_show(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where their number is not fixed: as with one, two and four cores."""
    found = set()
    for threads in ("1", "2", "4"):
        for module in MODULES:
            monkeypatch.setattr(module, "BITEXACT", (*BITEXACT, "-threads", threads))
        FORMATS[name].write(tmp_path / f"{threads}.{name}", PLAN)
        found.add(digest(tmp_path / f"{threads}.{name}"))

    assert len(found) == 1


PROGRAM = "from pathlib import Path; from tests.films import make_all; make_all(Path('tiny.py'))"


@pytest.mark.slow
def test_where_and_how_it_runs_does_not_show(
    tmp_path: Path, scene_file: Callable[..., Path]
) -> None:
    """Another folder, time zone, language, order of hashes and number of cores."""
    found = []
    for name, environment in (
        ("here", {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"}),
        ("a far place", {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8"}),
    ):
        folder = tmp_path / name
        folder.mkdir()
        file = scene_file().rename(folder / "tiny.py")
        one_core = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        narrow = hasattr(os, "sched_setaffinity") and name != "here"
        subprocess.run(
            [sys.executable, "-c", (one_core if narrow else "") + PROGRAM],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
            check=True,
        )
        file.unlink()
        found.append({path.name: digest(path) for path in sorted(folder.iterdir())})

    assert len(found[0]) == 5 * len(FORMATS) + 6
    assert found[0] == found[1]
