"""What the files on disk are, seen by other programs than the one that wrote them."""

import struct
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import imageio.v3 as iio
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from nnanim import Film, Scene, Timeline, Training, datasets, models, record
from nnanim.errors import UsageError
from nnanim.rendering.filming import renderer_of
from nnanim.themes import THEMES, Theme
from nnanim.types import Frame
from nnanim.writers import FORMATS
from nnanim.writers.checks import check_format
from nnanim.writers.format import Encoding, Shots
from tests.pictures import converted, decibels, look
from tests.recordings import rings_film

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


def pictures(path: Path, fps: float = 20, size: tuple[int, int] = SIZE) -> list[Frame]:
    """Return the frames of a film as RGBA, read by other programs than made them."""
    if path.is_dir():
        return [np.asarray(Image.open(file).convert("RGBA")) for file in sorted(path.iterdir())]
    if path.suffix in (".gif", ".webp", ".apng"):
        return list(_animated(path, fps))
    decoder = ["-c:v", "libvpx-vp9"] if path.suffix == ".webm" else []  # it alone sees alpha
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *decoder, "-i", str(path)]
    command += ["-f", "rawvideo", "-pix_fmt", "rgba", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return list(np.frombuffer(raw, np.uint8).reshape(-1, size[1], size[0], 4))


def _animated(path: Path, fps: float) -> Iterator[Frame]:
    """Give a frame for each that its delays stand for: a WebP joins frames that are alike."""
    with Image.open(path) as picture:
        due = 0.0
        for i in range(picture.n_frames):  # type: ignore[attr-defined]
            picture.seek(i)
            frame = np.asarray(picture.convert("RGBA"))
            due += picture.info["duration"] * fps / 1000
            for _ in range(round(due)):
                yield frame
            due -= round(due)


@pytest.mark.parametrize("name", FORMATS)
def test_every_planned_frame_is_in_the_file(name: str, tmp_path: Path) -> None:
    """As many frames come out as went in, in their order."""
    path = tmp_path / f"film.{name}"

    FORMATS[name].write(path, shots(count=17))

    found = pictures(path)
    assert len(found) == 17
    middles = [np.nonzero(frame[..., 0] > 128)[1].mean() for frame in found]
    assert np.allclose(np.diff(middles), 3, atol=0.3)


@pytest.mark.parametrize("name", FORMATS)
def test_a_hold_lasts_as_long_as_it_is_planned(name: str, tmp_path: Path) -> None:
    """Frames that are alike are neither dropped nor doubled."""
    moving = circle_frames(THEMES["dark"], 5)
    frames = [moving[0]] * 4 + moving + [moving[4]] * 6
    plan = Shots(SIZE, 20, 15, THEMES["dark"], lambda: iter(frames), lambda n: frames[:n])

    FORMATS[name].write(tmp_path / f"film.{name}", plan)

    found = pictures(tmp_path / f"film.{name}")
    assert len(found) == 15
    for seen, drawn in zip(found, frames, strict=True):
        assert np.abs(seen[..., :3].astype(int) - drawn[..., :3]).mean() < 2


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("name", FORMATS)
def test_colours_survive(name: str, theme: str, tmp_path: Path) -> None:
    """Ground and class colour come back within 3 of 255."""
    path = tmp_path / f"film.{name}"

    FORMATS[name].write(path, shots(theme))

    last = pictures(path)[-1][..., :3].astype(int)
    for role, (x, y) in (("ground", (10, 10)), ("class0", (53, 45))):
        expected = np.rint(255 * np.array(THEMES[theme].rgba(role)[:3]))
        assert np.abs(last[y, x] - expected).max() <= 3


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_colours_survive_as_planes_too(codec: str, theme: str, tmp_path: Path) -> None:
    """Whoever made them; the film is tagged all the same."""
    path, film = tmp_path / "film.mp4", shots(theme)
    film = replace(film, yuv420=lambda: map(converted, film.frames()))

    FORMATS["mp4"].write(path, film, Encoding(codec=codec))

    assert "bt709" in ffmpeg_says(path)
    last = pictures(path)[-1][..., :3].astype(int)
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


@pytest.mark.parametrize("theme", ["dark", "transparent"])
def test_a_gif_is_the_same_wherever_its_frames_are_converted(theme: str, tmp_path: Path) -> None:
    """On the threads that draw, or where they are written."""
    film = shots(theme)
    there = replace(film, converted=lambda make: map(make, film.frames()))

    for name, plan in (("here", film), ("there", there)):
        FORMATS["gif"].write(tmp_path / f"{name}.gif", plan)

    assert content(tmp_path / "here.gif") == content(tmp_path / "there.gif")


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


ENCODINGS = [
    *((name, Encoding()) for name in FORMATS),
    ("mp4", Encoding(codec="hevc")),
    ("mp4", Encoding(codec="av1")),
    ("mp4", Encoding(chroma="444")),
    ("mp4", Encoding(lossless=True)),
    ("mp4", Encoding(codec="hevc", lossless=True)),
    *((name, Encoding(draft=True)) for name in FORMATS),
]


@pytest.mark.parametrize(("name", "encoding"), ENCODINGS, ids=str)
def test_the_same_frames_give_the_same_bytes(name: str, encoding: Encoding, tmp_path: Path) -> None:
    """Two films of the same frames are equal, and each has all of them."""
    for copy in ("one", "two"):
        FORMATS[name].write(tmp_path / f"{copy}.{name}", shots(count=5), encoding)

    assert content(tmp_path / f"one.{name}") == content(tmp_path / f"two.{name}")
    assert len(pictures(tmp_path / f"one.{name}")) == 5


@pytest.mark.parametrize("chroma", ["420", "444"])
@pytest.mark.parametrize("width", [102, 128, 160])
def test_an_mp4_holds_nothing_of_what_memory_held(
    width: int, chroma: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever byte the encoder's memory is filled with at first, the film's are the same."""
    frames = [np.ascontiguousarray(frame[:, :width]) for frame in circle_frames(THEMES["dark"], 5)]
    plan = Shots((width, 90), 20, 5, THEMES["dark"], lambda: iter(frames), lambda n: frames[:n])

    for filled in ("0", "85"):
        monkeypatch.setenv("MALLOC_PERTURB_", filled)
        FORMATS["mp4"].write(tmp_path / f"{filled}.mp4", plan, Encoding(chroma=chroma))

    assert content(tmp_path / "0.mp4") == content(tmp_path / "85.mp4")


def content(path: Path) -> list[bytes]:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [file.read_bytes() for file in files]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_lossless_mp4_loses_nothing(codec: str, tmp_path: Path) -> None:
    """Every pixel comes back as it was drawn, noise too."""
    noise = np.random.default_rng(1).integers(0, 256, (3, SIZE[1], SIZE[0], 4), dtype=np.uint8)
    noise[..., 3] = 255
    plan = Shots(SIZE, 20, 3, THEMES["dark"], lambda: iter(noise), lambda n: list(noise[:n]))

    FORMATS["mp4"].write(tmp_path / "film.mp4", plan, Encoding(codec=codec, lossless=True))

    np.testing.assert_array_equal(np.stack(pictures(tmp_path / "film.mp4")), noise)


@pytest.mark.parametrize("name", ["apng", "png"])
def test_png_pictures_lose_nothing(name: str, tmp_path: Path) -> None:
    """APNG and PNG are what was drawn."""
    FORMATS[name].write(tmp_path / f"film.{name}", shots(count=4))

    np.testing.assert_array_equal(
        np.stack(pictures(tmp_path / f"film.{name}")), np.stack(circle_frames(THEMES["dark"], 4))
    )


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        (Encoding(), "h264 (High)"),
        (Encoding(codec="hevc"), "hevc (Main) (hvc1"),
        (Encoding(codec="av1"), "av1"),
        (Encoding(chroma="444"), "yuv444p(tv, bt709"),
        (Encoding(draft=True), "h264 (Constrained Baseline)"),
    ],
    ids=str,
)
def test_an_mp4_holds_what_was_asked_for(encoding: Encoding, said: str, tmp_path: Path) -> None:
    """Codec and colour resolution, as ffmpeg sees them."""
    FORMATS["mp4"].write(tmp_path / "film.mp4", shots(), encoding)

    assert said in ffmpeg_says(tmp_path / "film.mp4")


TRANSPARENT = [name for name, kind in FORMATS.items() if kind.alpha and name != "gif"]


@pytest.mark.parametrize("name", TRANSPARENT)
def test_a_soft_edge_stays_soft(name: str, tmp_path: Path) -> None:
    """Transparency comes back in all its shades, and colours where it is not empty."""
    theme = THEMES["transparent"]
    frames = circle_frames(theme, 3)
    for frame in frames:
        frame[..., 3] = np.linspace(0, 255, SIZE[0]).astype(np.uint8)
    plan = Shots(SIZE, 20, 3, theme, lambda: iter(frames), lambda n: frames[:n])

    FORMATS[name].write(tmp_path / f"film.{name}", plan)

    found = pictures(tmp_path / f"film.{name}")
    assert len(found) == 3
    assert np.abs(found[2][..., 3].astype(int) - frames[2][..., 3]).max() <= 3
    opaque = found[2][:, 150:, :3].astype(int)
    assert np.abs(opaque - frames[2][:, 150:, :3]).max() <= 3


@pytest.mark.parametrize("name", ["gif", "webp", "apng"])
@pytest.mark.parametrize(("loop", "told"), [(None, 0), ("forever", 0), ("once", 1)])
def test_a_picture_loops_as_asked(name: str, loop: str | None, told: int, tmp_path: Path) -> None:
    """For ever, or once; a GIF says once by saying nothing."""
    FORMATS[name].write(tmp_path / f"film.{name}", shots(count=3), Encoding(loop=loop))

    with Image.open(tmp_path / f"film.{name}") as picture:
        assert picture.info.get("loop", 1) == told


ODD = [name for name in FORMATS if name != "mp4"]


@pytest.mark.parametrize("name", [*ODD, "444", "lossless"])
def test_odd_sizes_are_kept(name: str, tmp_path: Path) -> None:
    """Only yuv420p in an MP4 asks for even ones."""
    size = (67, 65)
    frames = [np.full((65, 67, 4), 255, np.uint8), np.full((65, 67, 4), 250, np.uint8)]
    plan = Shots(size, 20, 2, THEMES["light"], lambda: iter(frames), lambda n: frames[:n])
    encoding = {"444": Encoding(chroma="444"), "lossless": Encoding(lossless=True)}.get(name)
    kind = FORMATS.get(name, FORMATS["mp4"])
    check_format(kind, size, 20, THEMES["light"], encoding or Encoding())

    kind.write(tmp_path / f"film.{kind.name}", plan, encoding or Encoding())

    path = tmp_path / f"film.{kind.name}"
    shown = path / "frame_00001.png" if path.is_dir() else path
    assert "67x65" in ffmpeg_says(shown)


@pytest.mark.parametrize(
    ("name", "encoding", "message"),
    [
        ("gif", Encoding(codec="av1"), "--codec is for mp4, not for gif"),
        ("webm", Encoding(lossless=True), "--lossless is for mp4, not for webm"),
        ("mp4", Encoding(codec="av1", lossless=True), "--codec av1: use h264 or hevc"),
        ("mp4", Encoding(codec="av1", chroma="444"), "use h264 or hevc"),
        ("mp4", Encoding(lossless=True, chroma="444"), "leave --chroma out"),
        ("mp4", Encoding(loop="once"), "mp4 does not loop by itself"),
        ("png", Encoding(loop="forever"), "png does not loop by itself"),
    ],
    ids=str,
)
def test_what_a_format_cannot_do_is_refused(name: str, encoding: Encoding, message: str) -> None:
    """In one line that says what will do."""
    with pytest.raises(UsageError, match=message):
        check_format(FORMATS[name], SIZE, 20, THEMES["dark"], encoding)


@pytest.mark.parametrize("wrong", [{"codec": "vp9"}, {"chroma": "422"}, {"loop": "twice"}], ids=str)
def test_an_unknown_choice_is_refused(wrong: dict[str, str]) -> None:
    """With those that are known."""
    with pytest.raises(UsageError, match="unknown"):
        Encoding(**wrong)  # type: ignore[arg-type]


def test_an_encoder_that_ffmpeg_has_not_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is trained."""
    fake = fake_ffmpeg(tmp_path, "echo ' V..... libx264 H.264'")
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: fake)

    check_format(FORMATS["mp4"], SIZE, 20, THEMES["dark"])
    with pytest.raises(UsageError, match="cannot encode with libsvtav1"):
        check_format(FORMATS["mp4"], SIZE, 20, THEMES["dark"], Encoding(codec="av1"))


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


@pytest.mark.parametrize("rate", [50, 100 / 3, 25, 20, 10, 1])
def test_a_gif_takes_the_rates_that_browsers_keep(rate: float) -> None:
    """100 divided by a whole number of at least 2."""
    check_format(FORMATS["gif"], (160, 90), rate, THEMES["dark"])


@pytest.mark.parametrize("rate", [60, 100, 30, 24])
def test_a_gif_refuses_other_rates(rate: float) -> None:
    """The message lists those that will do."""
    with pytest.raises(UsageError, match=r"50, 33\.33, 25, 20"):
        check_format(FORMATS["gif"], (160, 90), rate, THEMES["dark"])


def signal_to_noise(film: Path, frames: list[Frame]) -> float:
    """Return the PSNR in dB of a film against its frames."""
    return decibels(iio.imread(film), np.stack(frames)[..., :3])


def test_a_gif_of_a_sheet_is_within_55_dB_of_its_frames(  # noqa: N802  # the unit's own name
    tmp_path: Path,
) -> None:
    """One palette without dither serves a whole film."""
    scene = Scene(
        dataset=datasets.rings(n=400, noise=0.04),
        model=models.mlp(2, 3, 2, 1, output="sigmoid"),
        training=Training(epochs=12, optimizer="adam", lr=0.03, loss="bce"),
    )
    timeline = Timeline(seconds=2, fps=20, hold_first=0.1, hold_last=0.1)
    frames = list(
        renderer_of(Film(record(scene), timeline=timeline), look(size=(640, 360))).frames()
    )
    plan = Shots(
        (640, 360), 20, 40, THEMES["dark"], lambda: iter(frames), lambda n: frames[:: 40 // n]
    )

    FORMATS["gif"].write(tmp_path / "film.gif", plan)

    assert signal_to_noise(tmp_path / "film.gif", frames) >= 55


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_lines_keep_their_colours(name: str, tmp_path: Path) -> None:
    """Of a whole sheet, pixels in the middle of lines come back within 10 of 255, most of them."""
    size, theme = (1920, 1080), THEMES["light"]
    renderer = renderer_of(rings_film(), look(size=size, theme="light"))
    frames = [renderer.frame(1.5 + i / 20) for i in range(4)]
    plan = Shots(size, 20, 4, theme, lambda: iter(frames), lambda n: frames[:n])

    FORMATS[name].write(tmp_path / f"film.{name}", plan)

    last = pictures(tmp_path / f"film.{name}", size=size)[3][..., :3].astype(int)
    off = np.abs(last - frames[3][..., :3]).max(axis=2)
    for role in ("boundary", "grid"):
        color = np.rint(255 * np.array(theme.rgba(role)[:3]))
        line = (frames[3][..., :3] == color).all(axis=2)
        assert line.sum() > 300
        assert np.median(off[line]) <= 10


def test_a_lossless_film_within_a_size_is_refused() -> None:
    """The one keeps all, the other gives up what is too large."""
    with pytest.raises(UsageError, match="--lossless keeps all"):
        check_format(FORMATS["mp4"], (64, 64), 10.0, THEMES["dark"], Encoding(lossless=True), 1000)
