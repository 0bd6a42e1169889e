"""Captions of acts in the picture: in a place of their own, one after the other."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnanim import Film, Timeline, acts, record, render
from nnanim.errors import SceneError, UsageError
from nnanim.rendering.filming import renderer_of, sheet_of
from nnanim.rendering.pictures import shots_of
from nnanim.sheet.look import Look
from nnanim.sheet.said import Said
from nnanim.themes import THEMES
from tests.recordings import RINGS
from tests.test_cues import recording
from tests.test_tracks import captions_in, is_shown

LOOK = Look((640, 360), THEMES["dark"])
Nnanim = Callable[..., tuple[int, str, str]]


def film(*sequence: acts.Act) -> Film:
    """Return rings whose film has these acts."""
    return Film(recording().with_(timeline=Timeline(fps=10, acts=sequence)))


def said(caption: str, look: Look = LOOK) -> Said:
    """Return what a film says that has one caption."""
    found = sheet_of(film(acts.Hold(1, caption=caption), acts.Train(seconds=1)), look).said
    assert found is not None
    return found


def test_a_caption_stands_in_a_place_that_the_layout_keeps_free() -> None:
    """Below the panels and above the strip, while its act lasts and at no other time."""
    shown = renderer_of(film(acts.Hold(1, caption="So far"), acts.Train(seconds=3)), LOOK)
    box = shown.sheet.layout.caption
    assert box is not None
    assert max(panel.bottom for panel in shown.sheet.layout.panels) <= box.top
    assert shown.sheet.layout.strip is not None
    assert box.bottom <= shown.sheet.layout.strip.top

    place = slice(box.top, box.bottom), slice(box.left, box.right)
    ground = shown.frame(3.5)[place]
    assert len(np.unique(ground.reshape(-1, 4), axis=0)) == 1
    assert (shown.frame(0.5)[place] != ground).any()


def test_a_film_that_says_nothing_keeps_no_place() -> None:
    """Nor does a bare one, nor one whose captions go into the file alone."""
    silent, spoken = film(acts.Train(seconds=1)), film(acts.Train(seconds=1, caption="So far"))

    assert sheet_of(silent, LOOK).layout.caption is None
    assert sheet_of(spoken, LOOK).layout.caption is not None
    assert sheet_of(spoken, replace(LOOK, bare=True)).layout.caption is None
    assert sheet_of(spoken, replace(LOOK, captions="file")).layout.caption is None


def test_one_caption_fades_into_the_next() -> None:
    """Over a fifth of a second; what the film begins with is there at once."""
    both = sheet_of(
        film(acts.Hold(1, caption="One"), acts.Hold(1, caption="Two"), acts.Train(seconds=1)), LOOK
    ).said
    assert both is not None

    assert both.texts(0.0) == [("One", 1.0)]
    assert both.texts(1.0) == [("One", 0.5), ("Two", 0.5)]
    assert both.texts(1.1) == [("Two", 1.0)]
    assert both.texts(2.0) == [("Two", 0.5)]
    assert both.texts(2.5) == []


def test_a_caption_that_goes_on_does_not_fade() -> None:
    """An act that says the same as the one before goes on saying it."""
    same = film(acts.Hold(1, caption="One"), acts.Train(seconds=1, caption="One"))
    found = sheet_of(same, LOOK).said
    assert found is not None

    assert found.texts(1.0) == [("One", 1.0)]


def test_a_long_caption_has_two_lines() -> None:
    """Parted between words, about where both are alike; its author's own lines stay."""
    long = "The boundary bends around the inner ring until it meets itself, and closes there"

    first, second = said(long).lines[long]
    assert f"{first} {second}" == long
    assert abs(len(first) - len(second)) < 12
    assert said("One\nand two").lines == {"One\nand two": ("One", "and two")}


@pytest.mark.parametrize("text", ["word " * 60, "one\ntwo\nthree"])
def test_a_caption_that_has_no_room_is_refused(text: str) -> None:
    """With what room there is, at the size asked for."""
    with pytest.raises(SceneError, match=r"the caption .*: expected two lines of \d+ .*at 640x360"):
        _ = said(text).lines


def test_a_caption_is_refused_before_the_training(nnanim: Nnanim, tmp_path: Path) -> None:
    """In one line, with the exit code of a scene."""
    (tmp_path / "long.py").write_text(
        "from nnanim import Scene, Timeline, Training, acts, datasets, models\n"
        "scene = Scene(dataset=datasets.rings(n=50), model=models.mlp(2, 2, 1, output='sigmoid'),\n"
        "    training=Training(epochs=10**6, loss='bce'),\n"
        "    timeline=Timeline(acts=[acts.Train(seconds=1, caption='word ' * 60)]))\n"
    )

    code, out, err = nnanim("render", "long.py", "-o", "long.gif")

    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "the caption 'word word" in err


def test_a_caption_at_an_event_is_refused_before_it_is_found() -> None:
    """It is the author's, and not cut to its place, whether or not the event happens."""
    clock = Timeline(seconds=2, pauses={"accuracy 0.1": "word " * 60, "accuracy 1": "word " * 60})

    with pytest.raises(SceneError, match=r"the caption .* takes 1 line, the longest \d+ pixels"):
        assert sheet_of(Film(recording(), timeline=clock), LOOK).said.most  # type: ignore[union-attr]


def test_what_nnanim_itself_says_is_cut_where_it_has_no_room() -> None:
    """It is no one's to make shorter."""
    kept = replace(RINGS, training=replace(RINGS.training, keep="best", trainer="auto"))
    shown = Film(record(kept))
    told = Said(shown, LOOK, 40.0)

    assert all(len(lines) == 1 for lines in told.lines.values())


@pytest.mark.parametrize(("place", "drawn", "told"), [
    ("picture", True, True), ("file", False, True), ("none", False, False),
])  # fmt: skip
def test_captions_go_where_they_are_asked_for(
    place: str, drawn: bool, told: bool, tmp_path: Path
) -> None:
    """Into picture and file, into the file alone, or nowhere."""
    path = tmp_path / "film.mp4"
    render(recording(), path, size=(320, 180), fps=5, captions=place, extras=True)

    look = Look((320, 180), THEMES["dark"], captions=place)
    shots = shots_of(renderer_of(Film(recording()), look), [0.5], None)
    assert (sheet_of(Film(recording()), look).layout.caption is not None) is drawn
    assert bool(shots.tracks.captions) is told
    assert path.with_name("film.mp4.vtt").exists() is told
    if told:
        assert "Now the line falls" in captions_in(path)
        assert is_shown(path) is not drawn


def test_a_place_that_is_none_is_refused(tmp_path: Path) -> None:
    """With those that there are."""
    with pytest.raises(UsageError, match=r"place of captions 'pictures': .*picture"):
        render(recording(), tmp_path / "film.mp4", captions="pictures")


def test_a_still_says_what_its_moment_says() -> None:
    """As the film does then."""
    size = (320, 180)
    spoken = film(acts.Hold(1, caption="So far"), acts.Train(seconds=1)).frame(0.0, size)
    silent = film(acts.Hold(1), acts.Train(seconds=1)).frame(0.0, size)

    assert (spoken != silent).any()
