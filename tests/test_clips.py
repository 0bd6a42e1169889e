"""Clips: a film of each chapter, beside the whole, drawn once."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest

from nnanim import NnanimError, Recording, Timeline, acts, render
from nnanim.errors import WriteError
from nnanim.rendering.clips import Clip, folder_of, write_with_clips
from nnanim.rendering.video import Video
from nnanim.sheet.renderer import Renderer
from nnanim.writers import FORMATS
from nnanim.writers.format import Encoding, Shots
from tests.test_cues import TIMELINE, recording
from tests.test_tracks import captions_in
from tests.test_writers import shots

SIZE = (128, 72)
Nnanim = Callable[..., tuple[int, str, str]]


def coarse() -> Recording:
    """Return the recording with few frames a second."""
    return recording().with_(timeline=replace(TIMELINE, fps=5))


def made(path: Path, **more: Any) -> Video:
    """Return the film of eight seconds and two chapters, with its clips."""
    return render(coarse(), path, size=SIZE, clips=True, **more)


def test_a_film_has_a_clip_for_each_chapter(tmp_path: Path) -> None:
    """Named by number and title, in a folder beside it; the whole is what it is without them."""
    plain = render(coarse(), tmp_path / "plain.mp4", size=SIZE)

    video = made(tmp_path / "film.mp4")

    folder = tmp_path / "film.clips"
    assert [clip.path for clip in video.clips] == [folder / "01-early.mp4", folder / "02-late.mp4"]
    assert sorted(folder.iterdir()) == [clip.path for clip in video.clips]
    assert video.path.read_bytes() == plain.path.read_bytes()
    assert [clip.frames for clip in video.clips] == [20, 20]
    assert "00:03.000 --> 00:04.000\nNow the line falls" in captions_in(video.clips[0].path)
    assert "00:00.000 --> 00:03.000\nOn it goes" in captions_in(video.clips[1].path)


@pytest.mark.parametrize("kind", ["gif", "webp", "apng", "webm", "png"])
def test_clips_are_made_in_any_format(kind: str, tmp_path: Path) -> None:
    """Each is what the format makes of its frames alone."""
    timeline = Timeline(
        seconds=2, fps=5, acts=[acts.Train(to=4, chapter="One & two"), acts.Train(chapter="∂")]
    )
    film = recording().with_(timeline=timeline)

    video = render(film, tmp_path / f"film.{kind}", size=SIZE, clips=True)

    suffix = "" if kind == "png" else f".{kind}"
    names = [clip.path.name for clip in video.clips]
    assert names == [f"01-one-two{suffix}", f"02-chapter{suffix}"]
    assert sum(clip.frames for clip in video.clips) == video.frames == 10
    if kind == "png":
        whole = [file.read_bytes() for file in sorted(video.path.iterdir())]
        parts = [f.read_bytes() for c in video.clips for f in sorted(c.path.iterdir())]
        assert parts == whole
    if kind == "gif":
        assert [len(iio.imread(clip.path)) for clip in video.clips] == [
            c.frames for c in video.clips
        ]


def test_frames_are_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the whole and its clips together; besides, the last of each is drawn for its poster."""
    drawn: list[float] = []
    draw = Renderer._drawn

    def counted(self: Renderer, t: float) -> Any:
        drawn.append(t)
        return draw(self, t)

    monkeypatch.setattr(Renderer, "_drawn", counted)
    video = render(recording(), tmp_path / "film.mp4", size=SIZE, clips=True)

    posters = [39 / 10, 79 / 10, 79 / 10]
    moving = Counter(drawn) - Counter([0.0] * 80 + posters)
    assert set(moving.values()) == {1}
    assert len(moving) == 55
    assert [clip.poster != video.poster for clip in video.clips] == [True, False]


def test_a_clips_last_frame_is_its_poster(tmp_path: Path) -> None:
    """Extras are written for each; their captions have the times of the clip."""
    video = made(tmp_path / "film.png", extras=True)

    for clip in video.clips:
        last = iio.imread(max(clip.path.iterdir()))
        poster = clip.path.with_name(f"{clip.path.name}.poster.png")
        np.testing.assert_array_equal(iio.imread(poster), last)
        np.testing.assert_array_equal(iio.imread(clip.poster), last)
    vtt = (video.clips[1].path.parent / "02-late.vtt").read_text(encoding="utf-8")
    assert vtt.splitlines()[2:4] == ["00:00:00.000 --> 00:00:03.000", "On it goes"]


def test_clips_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    """Whatever the threads do meanwhile."""
    one, other = (made(tmp_path / f"{name}.mp4").clips for name in ("one", "other"))

    assert [clip.path.read_bytes() for clip in one] == [clip.path.read_bytes() for clip in other]


def test_a_part_of_a_film_has_the_clips_of_that_part(tmp_path: Path) -> None:
    """Numbered as in the whole."""
    video = made(tmp_path / "film.gif", start=3)

    assert [clip.path.name for clip in video.clips] == ["02-late.gif"]
    assert video.clips[0].frames == video.frames


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"max_bytes": 10**6}, "--max-size is for one file"),
        ({"encoding": Encoding(loop="pingpong")}, "--loop pingpong"),
    ],
)
def test_what_clips_cannot_have_is_refused(more: dict[str, Any], says: str, tmp_path: Path) -> None:
    """Before anything is drawn."""
    with pytest.raises(NnanimError, match=says):
        made(tmp_path / "film.gif", **more)
    assert list(tmp_path.iterdir()) == []


def test_a_film_without_chapters_has_no_clips(tmp_path: Path) -> None:
    """One line says what to do, before the training."""
    plain = recording().with_(timeline=Timeline(seconds=1, fps=10))

    with pytest.raises(NnanimError, match="this one has none: give acts chapters, as Timeline"):
        render(plain, tmp_path / "film.mp4", size=SIZE, clips=True)


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    """It is refused before anything is drawn."""
    (tmp_path / "film.clips").write_text("mine")

    with pytest.raises(WriteError, match=r"film\.clips is in the way"):
        made(tmp_path / "film.mp4")
    assert (tmp_path / "film.clips").read_text() == "mine"


@pytest.mark.parametrize("fails", ["clip", "whole"])
def test_a_failure_leaves_nothing_half_written(fails: str, tmp_path: Path) -> None:
    """Of a clip or of the whole: the error is told, and neither is there."""
    place, given = tmp_path / "film.gif", shots()
    clips = [Clip(folder_of(place) / "01-a.gif", 0, 12)]

    def broken() -> Any:
        yield from given.sample(3)
        raise WriteError("the disk is full")

    def shots_of_clip(clip: Clip) -> Shots:
        del clip
        if fails == "clip":
            raise WriteError("the disk is full")
        return given

    whole = replace(given, frames=broken) if fails == "whole" else given
    with pytest.raises(WriteError, match="the disk is full"):
        write_with_clips(FORMATS["gif"], place, whole, Encoding(), clips, shots_of_clip)
    assert [path.name for path in tmp_path.iterdir()] == ["film.clips"]
    assert list(folder_of(place).iterdir()) == []


def test_the_command_prints_film_and_clips(
    tmp_path: Path, nnanim: Nnanim, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line each, or as JSON."""
    monkeypatch.chdir(tmp_path)
    recording().save("run.safetensors")
    Path("look.py").write_text(
        "from nnanim import Scene, Timeline, acts, datasets, models\n"
        "scene = Scene(dataset=datasets.rings(n=20), model=models.mlp(2, 2, 1),\n"
        "    timeline=Timeline(fps=10, acts=[acts.Train(to=2, seconds=1, chapter='A'),\n"
        "        acts.Train(seconds=1, chapter='B')]))\n"
    )
    told = ("run.safetensors", "--like", "look.py", "-r", "128x72", "-o", "a.gif", "--clips")

    code, out, _ = nnanim("render", *told)
    as_json = nnanim("render", *told, "--json")[1]

    assert code == 0
    assert out.split() == ["a.gif", "a.clips/01-a.gif", "a.clips/02-b.gif"]
    assert [json.loads(line)["frames"] for line in as_json.splitlines()] == [20, 10, 10]
    code, _, err = nnanim("render", "run.safetensors", "-o", "b.gif", "--clips")
    assert (code, err.count("\n")) == (2, 1)
