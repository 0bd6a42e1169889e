"""What the files on disk are, seen by other programs than the one that wrote them."""

import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio.v3 as iio
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from nnanim import Film, Scene, Timeline, Training, datasets, models, record
from nnanim.errors import UsageError, WriteError
from nnanim.renderer import renderer_of
from nnanim.theme import THEMES, Theme
from nnanim.writers import FORMATS
from nnanim.writers.format import Frame, Shots

SIZE = (160, 90)


def circle_frames(theme: Theme, count: int) -> list[Frame]:
    """Return frames of a disc of the first class's colour that crosses the theme's ground."""
    ys, xs = np.mgrid[: SIZE[1], : SIZE[0]]
    frames = []
    for i in range(count):
        frame = np.empty((SIZE[1], SIZE[0], 4), np.uint8)
        frame[:] = np.rint(255 * np.array(theme.rgba("ground")))
        inside = (xs - 20 - 3 * i) ** 2 + (ys - 45) ** 2 < 400
        frame[inside] = np.rint(255 * np.array(theme.rgba("class0")))
        frames.append(frame)
    return frames


def shots(theme: str = "dark", fps: float = 20, count: int = 12) -> Shots:
    frames = circle_frames(THEMES[theme], count)
    return Shots(SIZE, fps, count, THEMES[theme], lambda: iter(frames), lambda n: frames[:n])


def ffmpeg_says(path: Path) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def boxes(path: Path) -> list[str]:
    """Return the names of an MP4 file's top-level boxes in their order."""
    content, at, names = path.read_bytes(), 0, []
    while at < len(content):
        size, name = struct.unpack(">I4s", content[at : at + 8])
        names.append(name.decode())
        at += size
    return names


def gif_delays(path: Path) -> list[int]:
    """Return the delay of each frame in milliseconds."""
    with Image.open(path) as picture:
        delays = []
        for i in range(picture.n_frames):  # type: ignore[attr-defined]
            picture.seek(i)
            delays.append(int(picture.info["duration"]))
        assert picture.info["loop"] == 0
    return delays


def test_an_mp4_is_tagged_and_ready_to_be_streamed(tmp_path: Path) -> None:
    """H.264, yuv420p, BT.709 in all three tags, the index before the pictures."""
    path = tmp_path / "film.mp4"

    FORMATS["mp4"].write(path, shots())

    assert "h264" in ffmpeg_says(path)
    assert "yuv420p(tv, bt709, progressive)" in ffmpeg_says(path)
    assert boxes(path).index("moov") < boxes(path).index("mdat")


@pytest.mark.parametrize("suffix", ["mp4", "gif"])
def test_every_planned_frame_is_in_the_file(suffix: str, tmp_path: Path) -> None:
    """As many frames come out as went in, in their order."""
    path = tmp_path / f"film.{suffix}"

    FORMATS[suffix].write(path, shots(count=17))

    found = iio.imread(path)
    assert found.shape == (17, SIZE[1], SIZE[0], 3)
    middles = [np.nonzero(frame[..., 0] > 128)[1].mean() for frame in found]
    assert np.allclose(np.diff(middles), 3, atol=0.3)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_colours_survive_the_mp4(theme: str, tmp_path: Path) -> None:
    """Ground and class colour come back within 3 of 255."""
    path = tmp_path / "film.mp4"

    FORMATS["mp4"].write(path, shots(theme))

    last = iio.imread(path)[-1].astype(int)
    for role, (x, y) in (("ground", (10, 10)), ("class0", (53, 45))):
        expected = np.rint(255 * np.array(THEMES[theme].rgba(role)[:3]))
        assert np.abs(last[y, x] - expected).max() <= 3


def test_a_gif_loops_with_whole_hundredths(tmp_path: Path) -> None:
    """Every delay is the planned one, a multiple of ten milliseconds and at least twenty."""
    path = tmp_path / "film.gif"

    FORMATS["gif"].write(path, shots(fps=20))

    assert gif_delays(path) == [50] * 12


def test_a_gif_keeps_the_themes_colours_exactly(tmp_path: Path) -> None:
    """Flat colours of the theme are in the palette as they are."""
    path = tmp_path / "film.gif"

    FORMATS["gif"].write(path, shots())

    first = iio.imread(path)[0]
    assert (first == circle_frames(THEMES["dark"], 1)[0][..., :3]).all()


def test_a_transparent_gif_is_empty_where_the_sheet_is(tmp_path: Path) -> None:
    """A pixel less than half covered is transparent, any other opaque."""
    frames = circle_frames(THEMES["transparent"], 3)
    for frame in frames:
        frame[:, :80, 3] = 0
    plan = Shots(SIZE, 20, 3, THEMES["transparent"], lambda: iter(frames), lambda n: frames[:n])

    FORMATS["gif"].write(tmp_path / "film.gif", plan)

    with Image.open(tmp_path / "film.gif") as picture:
        alpha = np.asarray(picture.convert("RGBA"))[..., 3]
    assert (alpha[:, :80] == 0).all()
    assert (alpha[:, 80:] == 255).all()


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    """Two files of one film are equal."""
    for suffix in FORMATS:
        for name in ("one", "two"):
            FORMATS[suffix].write(tmp_path / f"{name}.{suffix}", shots())

        assert (tmp_path / f"one.{suffix}").read_bytes() == (
            tmp_path / f"two.{suffix}"
        ).read_bytes()


@pytest.mark.parametrize("suffix", ["mp4", "gif"])
def test_a_failure_while_drawing_leaves_the_old_file_and_no_other(
    suffix: str, tmp_path: Path
) -> None:
    """What is at the film's name stays until a whole new film takes its place."""
    path = tmp_path / f"film.{suffix}"
    path.write_bytes(b"old")

    def failing() -> Iterator[Frame]:
        yield from circle_frames(THEMES["dark"], 2)
        raise KeyboardInterrupt

    plan = Shots(SIZE, 20, 12, THEMES["dark"], failing, lambda n: circle_frames(THEMES["dark"], n))

    with pytest.raises(KeyboardInterrupt):
        FORMATS[suffix].write(path, plan)

    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_too_few_frames_are_our_bug_and_leave_no_film(tmp_path: Path) -> None:
    """A film appears under its name only with every planned frame."""
    few = circle_frames(THEMES["dark"], 3)
    plan = Shots(SIZE, 20, 12, THEMES["dark"], lambda: iter(few), lambda n: few[:n])

    with pytest.raises(ValueError, match="3 frames written: expected 12"):
        FORMATS["mp4"].write(tmp_path / "film.mp4", plan)

    assert list(tmp_path.iterdir()) == []


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    """ffmpeg would take its bytes for the beginning of the next frame."""
    wrong = [np.zeros((90, 158, 4), np.uint8)]
    plan = Shots(SIZE, 20, 1, THEMES["dark"], lambda: iter(wrong), lambda n: wrong[:n])

    with pytest.raises(ValueError, match="expected \\(90, 160, 4\\)"):
        FORMATS["mp4"].write(tmp_path / "film.mp4", plan)


def fake_ffmpeg(folder: Path, script: str) -> str:
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    "script",
    ["echo 'No space left on device' >&2; exit 1", "cat >/dev/null; echo 'No space' >&2; exit 1"],
    ids=["dies at once", "dies at the end"],
)
def test_a_failing_ffmpeg_is_reported_with_its_last_words(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The encoder's failure is ours, exit code 5, and leaves no file."""
    films = tmp_path / "films"
    films.mkdir()
    fake = fake_ffmpeg(tmp_path, script)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: fake)

    with pytest.raises(WriteError, match="No space") as caught:
        FORMATS["mp4"].write(films / "film.mp4", shots())

    assert caught.value.exit_code == 5
    assert list(films.iterdir()) == []


def test_a_talkative_ffmpeg_does_not_stop_the_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stderr is drained while the frames go in."""
    real = imageio_ffmpeg.get_ffmpeg_exe()
    script = f'head -c 300000 /dev/zero | tr "\\0" "\\n" >&2; exec {real} "$@"'
    fake = fake_ffmpeg(tmp_path, script)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: fake)

    FORMATS["mp4"].write(tmp_path / "film.mp4", shots())

    assert (tmp_path / "film.mp4").stat().st_size > 1000


@pytest.mark.parametrize("rate", [50, 100 / 3, 25, 20, 10, 1])
def test_a_gif_takes_the_rates_that_browsers_keep(rate: float) -> None:
    """100 divided by a whole number of at least 2."""
    FORMATS["gif"].check((160, 90), rate, THEMES["dark"])


@pytest.mark.parametrize("rate", [60, 100, 30, 24])
def test_a_gif_refuses_other_rates(rate: float) -> None:
    """The message lists those that will do."""
    with pytest.raises(UsageError, match=r"50, 33\.33, 25, 20"):
        FORMATS["gif"].check((160, 90), rate, THEMES["dark"])


def signal_to_noise(film: Path, frames: list[Frame]) -> float:
    """Return the PSNR in dB of a film against its frames."""
    error = iio.imread(film).astype(float) - np.stack(frames)[..., :3]
    return float(10 * np.log10(255**2 / (error**2).mean()))


def test_a_gif_of_a_sheet_is_within_45_dB_of_its_frames(  # noqa: N802  # the unit's own name
    tmp_path: Path,
) -> None:
    """One palette without dither serves a whole film."""
    scene = Scene(
        dataset=datasets.rings(n=400, noise=0.04),
        model=models.mlp(2, 3, 2, 1, output="sigmoid"),
        training=Training(epochs=12, optimizer="adam", lr=0.03, loss="bce"),
    )
    timeline = Timeline(seconds=2, fps=20, hold_first=0.1, hold_last=0.1)
    frames = list(renderer_of(Film(record(scene), timeline=timeline), size=(640, 360)).frames())
    plan = Shots(
        (640, 360), 20, 40, THEMES["dark"], lambda: iter(frames), lambda n: frames[:: 40 // n]
    )

    FORMATS["gif"].write(tmp_path / "film.gif", plan)

    assert signal_to_noise(tmp_path / "film.gif", frames) >= 45
