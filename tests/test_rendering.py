"""`render` from Python: what it returns, shows and tells."""

import base64
import getpass
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest

from nnanim import Film, Scene, Timeline, Training, datasets, models, record, render
from nnanim.errors import UsageError
from nnanim.rendering.filming import renderer_of, sheet_of
from nnanim.rendering.films import make_films
from nnanim.rendering.requests import Request
from nnanim.rendering.stills import still
from nnanim.sheet.look import Look
from nnanim.sheet.sheet import Sheet
from nnanim.training.strategy import Trained, train
from nnanim.writers.format import Encoding
from nnanim.writers.metadata import film_info
from tests.pictures import look

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


@pytest.mark.parametrize(
    ("suffix", "tag"),
    [("mp4", "<video"), ("gif", "<img"), ("webm", "<video"), ("webp", "<img"), ("apng", "<img")],
)
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
    monkeypatch.setattr("nnanim.recording.record.train", lambda *_, **__: pytest.fail("trained"))

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
    whole, bare = (
        renderer_of(film, look(size=(640, 360), bare=b)).sheet.layout for b in (False, True)
    )

    assert bare.strip is None
    assert bare.panels[0].height > 1.15 * whole.panels[0].height


def test_a_still_is_named_png(tmp_path: Path) -> None:
    """Another name is refused before anything is trained."""
    with pytest.raises(UsageError, match=r"still\.png"):
        still(tiny_scene(), tmp_path / "still.jpg")


# -- cuts, loops and several films ---------------------------------------------------------------


def frames_of(path: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted(path.iterdir())]


def test_a_cut_film_is_a_part_of_the_whole(tmp_path: Path) -> None:
    """The frames between two epochs are those of the whole film, holds at its ends among them."""
    recording = record(tiny_scene()).with_(timeline=Timeline(seconds=3, fps=10))
    film = Film(recording)
    moments = [film.moment(i / 10) for i in range(30)]
    render(recording, tmp_path / "whole.png", size=TINY)
    whole = frames_of(tmp_path / "whole")

    for start, stop in ((None, 1.0), (0.5, 1.5), (1.0, None), (2.0, 2.0)):
        path = tmp_path / f"{start}-{stop}"
        video = render(recording, path, format="png", start=start, stop=stop, size=TINY)

        inside = [i for i, m in enumerate(moments) if (start or 0) <= m <= (stop or 2)]
        assert frames_of(path) == [whole[i] for i in inside]
        assert video.frames == len(inside) > 1


@pytest.mark.parametrize(
    ("start", "stop", "message"),
    [
        (1.5, 0.5, "--from 1.5 --to 0.5: expected the earlier epoch first"),
        (-1.0, None, "--from -1: expected an epoch of the training, from 0 to 2"),
        (None, 9.0, "--to 9: expected an epoch of the training, from 0 to 2"),
    ],
)
def test_a_cut_outside_the_training_is_refused_before_it(
    start: float | None,
    stop: float | None,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the epochs that the scene declares."""
    monkeypatch.setattr("nnanim.recording.record.train", lambda *_, **__: pytest.fail("trained"))

    with pytest.raises(UsageError, match=message):
        render(tiny_scene(), tmp_path / "film.mp4", size=TINY, start=start, stop=stop)


def test_a_cut_without_a_frame_is_refused(tmp_path: Path) -> None:
    """Nothing is better than a film of nothing."""
    with pytest.raises(UsageError, match="no frame of the film lies from epoch"):
        render(tiny_scene(), tmp_path / "a.mp4", size=TINY, fps=5, start=1.0001, stop=1.0002)

    assert list(tmp_path.iterdir()) == []


def test_pingpong_goes_there_and_back(tmp_path: Path) -> None:
    """2n - 2 frames: neither end is shown twice."""
    recording = record(tiny_scene())
    for name, encoding in (("plain", Encoding()), ("pong", Encoding(loop="pingpong"))):
        path = tmp_path / name
        render(recording, path, format="png", size=TINY, fps=5, seconds=1.4, encoding=encoding)

    there, both = frames_of(tmp_path / "plain"), frames_of(tmp_path / "pong")
    assert len(there) == 7
    assert both == there + there[-2:0:-1]


def test_several_films_share_one_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one renderer where size, rate and look are the same."""
    trained, drawn = [], []

    def counted_train(*arguments: Any) -> Trained:
        trained.append(arguments)
        return train(*arguments)

    def counted_sheet(film: Film, look: Look | None = None) -> Sheet:
        drawn.append(film)
        return sheet_of(film, look)

    monkeypatch.setattr("nnanim.recording.record.train", counted_train)
    monkeypatch.setattr("nnanim.rendering.filming.sheet_of", counted_sheet)
    common: dict[str, Any] = {"size": TINY, "fps": 10, "seconds": 0.5}
    requests = [Request(tmp_path / f"film.{name}", **common) for name in ("mp4", "gif", "webm")]

    videos, _ = make_films(tiny_scene(), requests)

    assert [video.path for video in videos] == [request.path for request in requests]
    assert len(trained) == 1
    assert len(drawn) == 2  # one of the untrained network, before the training
    for request in requests:
        alone = tmp_path / f"alone{request.path.suffix}"
        render(tiny_scene(), alone, **common)
        assert request.path.read_bytes() == alone.read_bytes()


def test_two_films_in_one_place_are_refused(tmp_path: Path) -> None:
    """The later would take the earlier's place."""
    requests = [
        Request(tmp_path / "film.mp4"),
        Request(tmp_path / ".." / tmp_path.name / "film.mp4"),
    ]

    with pytest.raises(UsageError, match="asked for twice"):
        make_films(tiny_scene(), requests)


def test_a_film_and_a_still_tell_where_they_came_from(tmp_path: Path) -> None:
    """Title, caption, the hash of the scene's source, seed and versions; nothing of the machine."""
    recording = record(tiny_scene())
    source = {"file": "tiny.py", "sha256": "ab" * 32, "settings": {}}
    recording = replace(recording, header=replace(recording.header, source=source))

    render(recording, tmp_path / "film.mp4", size=TINY, seconds=0.2)
    still(recording, tmp_path / "still.png", size=TINY)

    told = film_info(tmp_path / "film.mp4")
    assert told == film_info(tmp_path / "still.png")
    assert told == {
        "title": "Rings through a 2 → 2 → 1 network",
        "caption": "",
        "scene": "ab" * 32,
        "seed": 0,
        "versions": recording.header.versions,
    }
    content = (tmp_path / "film.mp4").read_bytes() + (tmp_path / "still.png").read_bytes()
    for secret in (str(Path.home()), str(tmp_path), getpass.getuser(), socket.gethostname()):
        if len(secret) > 4:
            assert secret.encode() not in content
