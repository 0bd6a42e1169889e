"""A bound on a film's size is kept or refused, by giving up as little as will do."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from nnanim.errors import UsageError
from nnanim.themes import THEMES
from nnanim.types import Frame
from nnanim.writers import FORMATS
from nnanim.writers.budget import Rung, first_that_fits, write_within
from nnanim.writers.format import DEFAULTS, Shots

SIZE, RATE, COUNT = (160, 120), 40.0, 24


class Drawing:
    """Draws blurred noise, another for each frame, at any size, and counts how often."""

    def __init__(self) -> None:
        self.drawn: Counter[tuple[int, int]] = Counter()

    def shots(self, size: tuple[int, int]) -> Shots:
        """Return the film at a size."""

        def frame(i: int) -> Frame:
            noise = np.random.default_rng(i).integers(0, 256, (30, 40, 3), dtype=np.uint8)
            picture = np.asarray(Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC))
            return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])

        def frames() -> Iterator[Frame]:
            self.drawn[size] += 1
            yield from (frame(i) for i in range(COUNT))

        theme = THEMES["dark"]
        return Shots(size, RATE, COUNT, theme, frames, lambda n: [frame(i) for i in range(n)])


def written(name: str, bound: int, folder: Path, drawing: Drawing) -> Shots:
    path = folder / f"film.{name}"
    return write_within(bound, FORMATS[name], path, drawing.shots, SIZE, DEFAULTS)


@pytest.fixture(scope="module")
def unbounded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """Return the film in a format, written without a bound."""
    folder = tmp_path_factory.mktemp("whole")

    @cache
    def whole(name: str) -> bytes:
        path = folder / f"whole.{name}"
        FORMATS[name].write(path, Drawing().shots(SIZE))
        return path.read_bytes()

    return whole


BOUNDED = [name for name, kind in FORMATS.items() if kind.qualities]


@pytest.mark.parametrize("name", BOUNDED)
@pytest.mark.parametrize("share", [1.0, 0.8, 0.5, 0.25, 0.1])
def test_the_bound_is_kept(
    name: str,
    share: float,
    unbounded: Callable[[str], bytes],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What was given up is told; quality goes first, then rate, then size."""
    bound, drawing = int(share * len(unbounded(name))), Drawing()
    caplog.set_level(logging.INFO)

    shots = written(name, bound, tmp_path, drawing)

    film = tmp_path / f"film.{name}"
    assert film.stat().st_size <= bound
    assert sorted(path.name for path in tmp_path.iterdir()) == [film.name]
    if name != "webp":  # which joins frames
        assert len(iio.imread(film)) == shots.count
    assert (len(caplog.messages) == 0) == (share == 1.0)
    slower, smaller = shots.fps < RATE, shots.size != SIZE
    worst = FORMATS[name].qualities[-1]
    for message in caplog.messages:
        assert (worst in message) >= slower
        assert ("frames a second" in message) == slower >= smaller
    assert max(drawing.drawn.values()) == 1


@pytest.mark.parametrize("name", BOUNDED)
def test_a_film_that_fits_is_the_one_without_a_bound(
    name: str, unbounded: Callable[[str], bytes], tmp_path: Path
) -> None:
    """Byte for byte, in one attempt."""
    shots = written(name, len(unbounded(name)), tmp_path, Drawing())

    assert (tmp_path / f"film.{name}").read_bytes() == unbounded(name)
    assert (shots.fps, shots.size, shots.count) == (RATE, SIZE, COUNT)


@pytest.mark.parametrize("name", BOUNDED)
def test_what_cannot_be_kept_is_refused(name: str, tmp_path: Path) -> None:
    """The old film stays, and the message tells how small it can be."""
    old = tmp_path / f"film.{name}"
    old.write_bytes(b"old")

    with pytest.raises(UsageError, match=r"takes .* kB even with .*: 0\.1 kB are too few"):
        written(name, 100, tmp_path, Drawing())

    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


def searched(sizes: list[int], bound: int, tried: list[int]) -> int | None:
    """Run the search over made-up sizes."""
    rungs = [Rung(i, 1, SIZE, 0.8**i) for i in range(len(sizes))]

    def bytes_of(rung: Rung) -> int:
        tried.append(rung.step)
        return sizes[rung.step]

    found = first_that_fits(rungs, bound, bytes_of)
    return None if found is None else found.step


def test_no_more_is_given_up_than_is_needed() -> None:
    """Of all that could be given up, the first that fits is found in few attempts."""
    sizes = [1000 - 37 * i for i in range(20)]
    for bound in (1000, 999, 600, 400, 300, 298):
        tried: list[int] = []

        found = searched(sizes, bound, tried)

        assert found == next(i for i, size in enumerate(sizes) if size <= bound)
        assert len(tried) <= 8
        assert len(set(tried)) == len(tried)
