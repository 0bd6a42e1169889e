"""The lecture: a film of a minute with seven acts, three chapters, two events and a kept ending."""

from functools import cache
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from nnanim import Film, acts, record, render
from nnanim.events import Event
from nnanim.rendering.filming import renderer_of, sheet_of
from nnanim.scene.files import load
from nnanim.sheet.look import Look
from nnanim.themes import THEMES
from tests.test_tracks import captions_in, chapters_in

LECTURE = Path(__file__).parent.parent / "scenes" / "lecture_rings.py"
FONT = Path(__file__).parent / "fonts" / "TestGothic.otf"
pytestmark = pytest.mark.slow


@cache
def film() -> Film:
    """Return the lecture."""
    return Film(record(load(LECTURE)))


def test_it_has_seven_acts_three_chapters_and_two_events() -> None:
    """And lasts a minute, to the frame; each act begins on a frame of its own."""
    declared = film().timeline.sequence

    assert (len(declared), film().timeline.seconds) == (7, 60.0)
    assert [act.chapter for act in declared if act.chapter] == ["Before", "The fold", "The line"]
    events = [act.to for act in declared if isinstance(act, acts.Train)]
    assert [str(event) for event in events if isinstance(event, Event)] == [
        "accuracy 0.8",
        "boundary closes",
    ]
    assert [act.begin for act in film().acts] == [0, 7, 19, 25, 37, 44, 52]


def test_its_events_are_where_it_pauses() -> None:
    """At the first the accuracy is reached, at the second the boundary closes."""
    fold, closed = film().moment(22), film().moment(40)

    assert film().score(fold) >= 0.8 > film().score(fold - 0.1)
    assert film().closed_boundary(closed + 1e-3)
    assert not film().closed_boundary(closed - 0.1)


def test_it_ends_on_the_state_that_was_kept() -> None:
    """Its last act says of which epoch that is, and the clock shows it."""
    (kept,) = film().recording.kept
    assert kept.epoch is not None
    assert kept.epoch < 99

    assert film().acts[-1].act.caption == f"kept: epoch {kept.epoch:g}"
    assert film().shown(60).kept
    assert not film().shown(51.9).kept


def test_its_file_holds_captions_and_chapters_and_has_a_clip_of_each(tmp_path: Path) -> None:
    """As players and other programs read them."""
    recording = film().recording
    video = render(
        recording, tmp_path / "film.mp4", size=(320, 180), fps=5, clips=True, extras=True
    )

    assert video.frames == 300
    names = [clip.path.name for clip in video.clips]
    assert names == ["01-before.mp4", "02-the-fold.mp4", "03-the-line.mp4"]
    assert [clip.frames for clip in video.clips] == [35, 185, 80]
    told = captions_in(video.path)
    captions = [act.act.caption for act in film().acts]
    assert all(caption in told for caption in captions)
    assert chapters_in(video.path) == [
        (0.0, 7.0, "Before"),
        (7.0, 44.0, "The fold"),
        (44.0, 60.0, "The line"),
    ]
    vtt = (tmp_path / "film.mp4.vtt").read_text(encoding="utf-8")
    assert "00:00:37.000 --> 00:00:44.000\nNow it is closed: no way leads out" in vtt
    for clip in video.clips:
        poster = iio.imread(clip.path.with_name(f"{clip.path.name}.poster.png"))
        *_, last = iio.imiter(clip.path)
        assert np.abs(poster[..., :3].astype(int) - last.astype(int)).mean() < 3


@pytest.mark.parametrize(
    ("words", "clock", "font"), [("de", "Epoche", None), ("ja", "エポック", FONT)]
)
def test_it_speaks_other_languages(words: str, clock: str, font: Path | None) -> None:
    """What nnanim says is in them; what its author says stays as it was written."""
    theme = THEMES["dark"] if font is None else THEMES["dark"].replace(font=str(font))
    spoken = Film(film().recording.with_(words=words))
    sheet = sheet_of(spoken, Look((640, 360), theme))

    assert spoken.words("epoch") == clock
    assert sheet.said is not None
    assert "Now it is closed: no way leads out" in sheet.said.lines
    ours = set(sheet.said.lines) - {act.caption for act in spoken.timeline.sequence}
    assert len(ours) == 1
    assert "kept" not in ours.pop()
    picture = renderer_of(spoken, Look((640, 360), theme)).frame(60)
    assert (picture != renderer_of(film(), Look((640, 360), THEMES["dark"])).frame(60)).any()
