"""`render` from Python: what it returns, shows and tells."""

import base64
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from nnanim import Film, Scene, Timeline, Training, datasets, models, record, render
from nnanim.errors import UsageError
from nnanim.renderer import renderer_of
from nnanim.rendering import still

TINY = (128, 72)


def tiny_scene() -> Scene:
    return Scene(
        dataset=datasets.rings(n=64, noise=0.02),
        model=models.mlp(2, 2, 1, output="sigmoid"),
        training=Training(epochs=2, optimizer="adam", loss="bce"),
    )


def test_a_video_knows_its_path_size_and_frames(tmp_path: Path) -> None:
    """What `render` returns says what is on the disk."""
    video = render(tiny_scene(), tmp_path / "film.mp4", size=TINY, fps=10, seconds=0.7)

    assert video.path == tmp_path / "film.mp4"
    assert video.size == TINY
    assert video.frames == len(iio.imread(video.path)) == 7


@pytest.mark.parametrize(("suffix", "tag"), [("mp4", "<video"), ("gif", "<img")])
def test_a_video_shows_itself_in_a_notebook(suffix: str, tag: str, tmp_path: Path) -> None:
    """The film as HTML, and its last frame as a picture for viewers that block video."""
    fps = 10
    video = render(tiny_scene(), tmp_path / f"film.{suffix}", size=TINY, fps=fps, seconds=0.5)

    shown = video._repr_mimebundle_()

    assert tag in shown["text/html"]
    assert base64.b64encode(video.path.read_bytes()).decode() in shown["text/html"]
    poster = iio.imread(base64.b64decode(shown["image/png"]), extension=".png")
    film = Film(record(tiny_scene()), timeline=Timeline(seconds=0.5, fps=fps))
    np.testing.assert_array_equal(poster, film.frame(0.5, size=TINY)[..., :3])


def test_progress_tells_of_training_and_frames_to_their_ends(tmp_path: Path) -> None:
    """Every frame is told, and the last step of the training."""
    told: list[tuple[str, int, int]] = []

    render(
        tiny_scene(),
        tmp_path / "film.gif",
        size=TINY,
        fps=10,
        seconds=0.5,
        progress=lambda stage, done, total: told.append((stage, done, total)),
    )

    training = [call for call in told if call[0] == "training"]
    assert training
    assert training[-1][1] == training[-1][2]
    assert [call for call in told if call[0] == "frames"] == [("frames", i, 5) for i in range(1, 6)]


def test_a_recording_is_drawn_without_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same film comes from the scene and from its recording, and the latter trains nothing."""
    recording = record(tiny_scene())
    render(tiny_scene(), tmp_path / "one.mp4", size=TINY, fps=10, seconds=0.5)
    monkeypatch.setattr("nnanim.rendering.record_run", lambda *_, **__: pytest.fail("trained"))

    render(recording, tmp_path / "two.mp4", size=TINY, fps=10, seconds=0.5)

    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_a_still_is_a_frame_of_the_film(tmp_path: Path) -> None:
    """At a share of the film, or at an epoch."""
    film = Film(record(tiny_scene()))

    still(tiny_scene(), tmp_path / "half.png", at=0.5, size=TINY)
    still(tiny_scene(), tmp_path / "first.png", epoch=1, size=TINY)

    half, first = (iio.imread(tmp_path / f"{name}.png") for name in ("half", "first"))
    np.testing.assert_array_equal(half, film.frame(6.0, size=TINY)[..., :3])
    np.testing.assert_array_equal(first, film.frame(film.time_at(1), size=TINY)[..., :3])


def test_a_transparent_still_keeps_its_transparency(tmp_path: Path) -> None:
    """Where nothing is drawn, nothing is."""
    still(tiny_scene(), tmp_path / "still.png", size=TINY, theme="transparent")

    picture = iio.imread(tmp_path / "still.png")
    assert picture.shape[2] == 4
    assert picture[0, 0, 3] == 0
    assert picture[..., 3].max() == 255


def test_a_bare_sheet_has_larger_panels_and_no_title() -> None:
    """`bare` gives the room of title, strip and recipe to the panels."""
    film = Film(record(tiny_scene()))
    whole, bare = (renderer_of(film, size=(640, 360), bare=b).sheet.layout for b in (False, True))

    assert bare.strip is None
    assert bare.panels[0].height > 1.15 * whole.panels[0].height


def test_a_still_is_named_png(tmp_path: Path) -> None:
    """Another name is refused before anything is trained."""
    with pytest.raises(UsageError, match=r"still\.png"):
        still(tiny_scene(), tmp_path / "still.jpg")
