"""A GIF's pictures, as other programs unpack them, are those that went in."""

import io
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from nnanim.themes import THEMES
from nnanim.writers import FORMATS
from nnanim.writers.format import Shots
from nnanim.writers.indexed import header, write_pictures
from tests.examples import examples

Bytes = NDArray[np.uint8]


def palette_of(count: int, transparent: bool) -> Bytes:
    """Return as many colours (count, 4), no two of them equal, the last empty if asked for."""
    colors = np.full((count, 4), 255, np.uint8)
    colors[:, 0], colors[:, 1] = np.arange(count), 255 - np.arange(count)
    if transparent:
        colors[-1] = 0
    return colors


def gif_of(pictures: list[Bytes], palette: Bytes, threads: int = 1) -> bytes:
    """Return the bytes of a GIF."""
    file = io.BytesIO()
    height, width = pictures[0].shape
    file.write(header((width, height), palette))
    assert write_pictures(file, iter(pictures), palette, 5, threads) == len(pictures)
    return file.getvalue() + b";"


def by_pillow(gif: bytes) -> list[Bytes]:
    """Return the frames as Pillow shows them, as RGBA."""
    found = []
    with Image.open(io.BytesIO(gif)) as picture:
        for i in range(picture.n_frames):  # type: ignore[attr-defined]
            picture.seek(i)
            found.append(np.asarray(picture.convert("RGBA")))
    return found


def by_ffmpeg(gif: bytes, shape: tuple[int, ...]) -> list[Bytes]:
    """Return the frames as ffmpeg shows them, as RGBA; it has nothing to say against the file."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "gif", "-i", "pipe:0"]
    command += ["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgba", "-"]
    done = subprocess.run(command, input=gif, capture_output=True, check=True)
    assert done.stderr == b""
    return list(np.frombuffer(done.stdout, np.uint8).reshape(-1, *shape, 4))


def assert_shown(pictures: list[Bytes], palette: Bytes) -> None:
    """Both programs show every pixel of every picture."""
    gif = gif_of(pictures, palette)
    expected = palette[np.stack(pictures)]
    for found in (by_pillow(gif), by_ffmpeg(gif, pictures[0].shape)):
        shown = np.stack(found)
        shown = np.where(shown[..., 3:] > 0, shown, np.uint8(0))  # empty has no colour
        np.testing.assert_array_equal(shown, expected)


@st.composite
def films(draw: st.DrawFn) -> tuple[list[Bytes], Bytes]:
    """Give small pictures, each some of the one before, and their palette."""
    count = draw(st.sampled_from([2, 3, 4, 5, 16, 40, 129, 255, 256]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.tuples(st.integers(1, 60), st.integers(1, 60)))
    pictures = [rng.integers(0, count, size, np.uint8) // draw(st.sampled_from([1, 1, 9]))]
    for change in draw(st.lists(st.sampled_from([0, 0.001, 0.1, 0.9, 1]), max_size=5)):
        new = rng.integers(0, count, size, np.uint8)
        pictures.append(np.where(rng.random(size) < change, new, pictures[-1]))
    return pictures, palette_of(count, draw(st.booleans()))


@settings(max_examples=examples(60), deadline=None, derandomize=True)
@given(films())
def test_other_programs_unpack_what_was_packed(film: tuple[list[Bytes], Bytes]) -> None:
    """Of any size and number of colours, opaque or with holes that open and close."""
    assert_shown(*film)


@pytest.mark.parametrize("count", [2, 4, 256])
@pytest.mark.parametrize("transparent", [False, True])
def test_noise_that_fills_the_table_of_codes_many_times_comes_back(
    count: int, transparent: bool
) -> None:
    """And so does a picture of one colour, whose runs are as long as can be."""
    rng = np.random.default_rng(1)
    noise = [rng.integers(0, count, (300, 200), np.uint8) for _ in range(2)]

    assert_shown([noise[0], np.zeros((300, 200), np.uint8), *noise], palette_of(count, transparent))


@pytest.mark.parametrize("last", range(2, 40))
def test_a_picture_may_end_wherever_codes_grow(last: int) -> None:
    """The end is a code as wide as readers expect."""
    row = np.random.default_rng(last).integers(0, 4, (1, last), np.uint8)

    assert_shown([row], palette_of(4, False))


@pytest.mark.parametrize("transparent", [False, True])
def test_what_stays_costs_next_to_nothing(transparent: bool) -> None:
    """A picture that is as the one before is a pixel; it still is a picture."""
    noise = np.random.default_rng(2).integers(0, 255, (50, 60), np.uint8)
    palette = palette_of(256, transparent)

    assert len(gif_of([noise] * 5, palette)) <= len(gif_of([noise], palette)) + 4 * 25
    assert len(by_pillow(gif_of([noise] * 5, palette))) == 5


def test_the_number_of_threads_does_not_show() -> None:
    """However many pack, pictures come in their order."""
    rng = np.random.default_rng(3)
    pictures = [rng.integers(0, 3 + i, (90, 80), np.uint8) for i in range(30)]

    one, two, four = (gif_of(pictures, palette_of(256, False), n) for n in (1, 2, 4))

    assert one == two == four


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(9, 8)] * 3, "3 frames written: expected 4"),
        ([(9, 8)] * 5, "5 frames written: expected 4"),
        ([(9, 8), (8, 9)], r"shape \(8, 9, 4\): expected \(9, 8, 4\)"),
    ],
)
def test_wrong_frames_are_our_bug_and_leave_no_film(
    shapes: list[tuple[int, int]], message: str, tmp_path: Path
) -> None:
    """In number or in size."""
    frames = [np.zeros((*shape, 4), np.uint8) for shape in shapes]
    plan = Shots((8, 9), 20, 4, THEMES["dark"], lambda: iter(frames), lambda _: frames[:1])

    with pytest.raises(ValueError, match=message):
        FORMATS["gif"].write(tmp_path / "film.gif", plan)

    assert list(tmp_path.iterdir()) == []
