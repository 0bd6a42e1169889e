"""What a film says where it comes to another verdict than its pixel on a map."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nnanim import Comparison, Scene, Timeline, acts, record
from nnanim.errors import UsageError
from nnanim.recording.recording import Recording
from nnanim.scene.values import Axis
from nnanim.sweeps.mapped import map_planned, mapped
from nnanim.sweeps.verdict import verdict_of, with_verdict
from nnanim.writers import FORMATS
from tests.test_maps import FILE, scene

SAID = "Its pixel on the map diverges, this film converges: rounding decides at the border"
SIZE = (9, 7)
RATES: dict[str, Any] = {"x": ("lr1", Axis("log", 0.1, 1e3)), "y": ("lr2", Axis("log", 0.1, 20))}
MP4 = FORMATS["mp4"]


def captions(subject: Any) -> set[str]:
    """Return what the acts of a recording's film say, "" where one says nothing."""
    assert isinstance(subject, Recording)
    assert subject.scene is not None
    clock = subject.scene.timeline or Timeline()
    return {act.caption for act in clock.sequence}


@pytest.mark.slow
def test_the_verdict_of_a_recording_is_that_of_its_pixel() -> None:
    """On both sides, and of those that have no loss any more."""
    found = mapped(map_planned(scene, **RATES, size=SIZE))

    pairs = [(0, 0), (3, 2), (8, 0), (4, 5), (8, 6), (0, 6)]
    told = [verdict_of(record(found.plan.pixels.scene(i, j))) for i, j in pairs]
    learns = [bool(found.converges[j, i]) for i, j in pairs]
    assert told == ["converges" if each else "diverges" for each in learns]
    assert len(set(learns)) == 2
    lost = record(scene(1e3, 20.0))
    assert lost.header.diverged_at is not None
    assert verdict_of(lost) == "diverges"


@pytest.mark.slow
def test_a_film_says_so_where_its_verdict_is_another(caplog: pytest.LogCaptureFixture) -> None:
    """In every act that says nothing of its own; where both agree, it says nothing."""
    made = scene(0.1, 0.1)

    assert captions(with_verdict(made, "converges", MP4, reuse=False)) == {""}
    assert caplog.text == ""
    assert captions(with_verdict(made, "diverges", MP4, reuse=False)) == {SAID}
    assert SAID in caplog.text

    own = Timeline(acts=[acts.Hold(1.0, caption="At rest"), acts.Train(), acts.Hold(1.0)])
    other = with_verdict(replace(made, timeline=own), "diverges", MP4, reuse=False)
    assert captions(other) == {"At rest", SAID}
    paused = replace(made, timeline=Timeline(8.0, pauses={10: "Ten", "plateau": "Rest"}))
    other = with_verdict(paused, "diverges", MP4, reuse=False)
    assert {"Ten", SAID} <= captions(other)


def test_a_film_without_a_timeline_keeps_the_length_of_its_format() -> None:
    """A GIF is one of eight seconds, whatever it says."""
    told = with_verdict(scene(0.1, 0.1), "diverges", FORMATS["gif"], reuse=False)

    assert isinstance(told, Recording)
    assert told.scene is not None
    assert told.scene.timeline is not None
    clock = told.scene.timeline
    assert (clock.seconds, clock.fps) == (FORMATS["gif"].seconds, FORMATS["gif"].fps)


def test_several_trainings_have_no_pixel() -> None:
    """Nor has a recording."""
    made: list[Scene] = [scene(0.1, 0.1), scene(0.2, 0.1)]
    for subject in (Comparison(made), record(made[0])):
        with pytest.raises(UsageError, match="--pixel diverges is for one scene"):
            with_verdict(subject, "diverges", MP4)


@pytest.mark.slow
def test_the_command_that_a_map_tells_renders_and_says_what_differs(
    tmp_path: Path,
    nnanim: Callable[..., tuple[int, str, str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As it is told, nothing; with the other verdict, the captions beside the film say so."""
    file = tmp_path / "rates.py"
    file.write_text(FILE)
    axes = "--x", "lr1=log:0.01:1e4", "--y", "lr2=log:0.01:1e4", "-r", "12x10", "-o", "map.png"
    code, out, err = nnanim("map", file, *axes, "--pixel", "1,8", "--json")
    assert code == 0, err
    words = shlex.split(out.partition('"command": "')[2].partition('"')[0])
    assert words[-2:] == ["--pixel", "converges"]

    how = ("-q", "l", "--seconds", "1", "--extras")
    assert nnanim(*words[1:], "-o", "a.mp4", *how)[0] == 0
    assert "Its pixel" not in caplog.text
    assert nnanim(*words[1:-1], "diverges", "-o", "b.mp4", *how)[0] == 0
    assert SAID in caplog.text
    assert not [p for p in Path().glob("a*.vtt") if "Its pixel" in p.read_text()]
    assert [p for p in Path().glob("b*.vtt") if "Its pixel" in " ".join(p.read_text().split())]


def test_a_verdict_is_one_of_two(nnanim: Callable[..., tuple[int, str, str]]) -> None:
    """Said in one line."""
    code, out, err = nnanim("render", "rings", "--pixel", "convergs")

    assert (code, out) == (2, "")
    assert "convergs" in err
