"""What is said in a film and its chapters, beside its frames and in its file."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from nnanim import Film, NnanimError, Recording, Timeline, acts, record, render
from nnanim.rendering.cues import chapters_of, tracks_of
from nnanim.rendering.filming import sheet_of
from nnanim.writers.tracks import Cue
from tests.recordings import RINGS
from tests.test_tracks import captions_in, chapters_in
from tests.test_writers import ffmpeg_says

TIMELINE = Timeline(
    fps=10,
    acts=[
        acts.Hold(1, caption="Nothing is learnt yet"),
        acts.Train(to=2, seconds=2, chapter="Early"),
        acts.Hold(1, caption="Now the line falls"),
        acts.Train(to=6, seconds=2, caption="On it goes", chapter="Late"),
        acts.Train(seconds=1, caption="On it goes"),
        acts.Hold(1),
    ],
)


@cache
def recording() -> Recording:
    """Return rings that are trained for eight epochs."""
    return record(replace(RINGS, timeline=TIMELINE))


def times(count: int = 80) -> list[float]:
    """Return the times of so many frames."""
    return [frame / 10 for frame in range(count)]


def test_a_film_tells_what_is_said_and_where_chapters_begin() -> None:
    """What comes before the first chapter belongs to it; what goes on is one cue."""
    tracks = tracks_of(sheet_of(Film(recording())), times())

    assert tracks.captions == (
        Cue(0.0, 1.0, "Nothing is learnt yet"),
        Cue(3.0, 4.0, "Now the line falls"),
        Cue(4.0, 7.0, "On it goes"),
    )
    assert tracks.chapters == (Cue(0.0, 4.0, "Early"), Cue(4.0, 8.0, "Late"))


def test_a_part_of_a_film_has_them_where_they_are_in_it() -> None:
    """Shifted to its beginning, and cut at its ends."""
    tracks = tracks_of(sheet_of(Film(recording())), times()[35:60])

    assert tracks.captions == (
        Cue(0.0, 0.5, "Now the line falls"),
        Cue(0.5, 2.5, "On it goes"),
    )
    assert tracks.chapters == (Cue(0.0, 0.5, "Early"), Cue(0.5, 2.5, "Late"))


def test_two_chapters_of_one_name_are_two() -> None:
    """And a film without chapters has none."""
    twice = Timeline(
        fps=10, acts=[acts.Train(to=4, seconds=1, chapter="A"), acts.Train(seconds=1, chapter="A")]
    )

    assert chapters_of(Film(recording(), timeline=twice), times(20)) == [
        (0, 10, (1, "A")),
        (10, 20, (2, "A")),
    ]
    assert chapters_of(Film(recording(), timeline=Timeline()), times(20)) == []


def test_an_mp4_and_its_extras_hold_them(tmp_path: Path) -> None:
    """The WebVTT beside it, the track in it, the chapters; a page is told where they are."""
    path = tmp_path / "film.mp4"

    render(recording(), path, size=(160, 90), extras=True)

    vtt = (tmp_path / "film.mp4.vtt").read_text(encoding="utf-8")
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nNothing is learnt yet\n\n")
    assert "00:03.000 --> 00:04.000\nNow the line falls\n" in captions_in(path)
    assert chapters_in(path) == [(0.0, 4.0, "Early"), (4.0, 8.0, "Late")]
    page = (tmp_path / "film.mp4.html").read_text(encoding="utf-8")
    assert '<track kind="captions" src="film.mp4.vtt"></video>' in page


def test_a_film_that_says_nothing_has_no_captions(tmp_path: Path) -> None:
    """Neither in it nor beside it."""
    path = tmp_path / "film.mp4"
    silent = recording().with_(timeline=Timeline(seconds=1, fps=10))

    render(silent, path, size=(160, 90), extras=True)

    assert "Subtitle" not in ffmpeg_says(path)
    assert not (tmp_path / "film.mp4.vtt").exists()
    assert "<track" not in (tmp_path / "film.mp4.html").read_text(encoding="utf-8")


def test_the_length_asked_for_is_that_of_the_part(tmp_path: Path) -> None:
    """From its first frame to its last, whatever length that has in the whole film."""
    path = tmp_path / "part.mp4"

    video = render(
        recording(), path, size=(160, 90), start=0, stop=2, seconds=2, fps=20, extras=True
    )

    assert video.frames == 40
    assert "Duration: 00:00:02.00" in ffmpeg_says(path)
    vtt = (tmp_path / "part.mp4.vtt").read_text(encoding="utf-8")
    assert "00:00:00.000 --> 00:00:00.500\nNothing is learnt yet" in vtt
    assert "00:00:01.500 --> 00:00:02.000\nNow the line falls" in vtt
    said = (tmp_path / "part.mp4.txt").read_text(encoding="utf-8")
    assert "from epoch 0 to 2." in said
    whole = render(recording(), tmp_path / "whole.mp4", size=(160, 90), start=0, stop=2)
    assert whole.frames == 40  # the frame that begins the next act is not among them


def test_a_length_without_a_frame_is_refused(tmp_path: Path) -> None:
    """As for a whole film."""
    with pytest.raises(NnanimError, match="expected a number from"):
        render(recording(), tmp_path / "a.mp4", start=0, stop=2, seconds=0.01)


def test_help_says_which_length_is_meant(nnanim: Callable[..., tuple[int, str, str]]) -> None:
    """That of the file."""
    _, out, _ = nnanim("render", "--help")

    assert "with --from or --to of that part" in " ".join(out.split())
