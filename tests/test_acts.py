"""Acts: what a film that is a sum of them shows, frame by frame."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Film, NnanimError, Timeline, acts, render
from nnanim.acts import Hold, Shown, Train
from tests.recordings import rings_film

TINY = (128, 72)
EIGHT = Timeline(
    seconds=8,
    fps=10,
    acts=[Hold(1), Train(to=2, seconds=2), Hold(1.5), Train(), Hold(1, at=4), Hold(0.5)],
)


def filmed(timeline: Timeline) -> Film:
    """Return the film of eight epochs of the rings on a timeline."""
    return Film(rings_film().recording, timeline=timeline)


def moments(film: Film) -> list[float]:
    """Return the moment that each frame shows."""
    timeline = film.timeline
    return [film.moment(timeline.time(i)) for i in range(timeline.frames)]


def test_acts_follow_one_another_and_the_first_frame_of_each_belongs_to_it() -> None:
    """A hold shows where the act before it ended, or its own epoch; training goes on from there."""
    film = filmed(EIGHT)
    seen = moments(film)

    assert [(act.begin, act.end) for act in film.acts] == [
        (0, 1), (1, 3), (3, 4.5), (4.5, 6.5), (6.5, 7.5), (7.5, 8)
    ]  # fmt: skip
    assert seen[:11] == [0.0] * 11
    assert seen[30:46] == [2.0] * 16
    assert seen[65:] == [4.0] * 15
    assert (np.diff(seen[10:31]) > 0).all()
    assert (np.diff(seen[45:65]) > 0).all()
    # What follows does not go on from there, so the training comes to its end in its last frame.
    assert seen[63] < seen[64] == 8.0


def test_the_last_frame_shows_the_end_of_the_last_act() -> None:
    """Without a hold there, the training comes to its end one frame before that of the film."""
    film = filmed(Timeline(seconds=2, fps=10, acts=[Train(to=4), Train()]))

    assert moments(film)[-1] == film.moment(1.9) == 8.0
    assert film.moment(1.8) < 8.0


def test_acts_of_training_share_the_time_by_how_much_moves_in_them() -> None:
    """So that the picture moves as fast in one as in the other."""
    film = filmed(Timeline(seconds=6, fps=10, acts=[Train(to=2), Train(to=5), Train()]))

    lengths = [act.end - act.begin for act in film.acts]
    ways = [film.clock.way("motion", part) for part in ((0, 2), (2, 5), (5, 8))]
    assert lengths == pytest.approx([6 * way for way in ways], abs=0.11)
    assert ways[0] != pytest.approx(2 / 8, abs=0.05)


@pytest.mark.parametrize("pace", acts.PACES)
def test_the_short_form_is_the_acts_that_it_builds(pace: acts.Pace) -> None:
    """To the byte."""
    short = Timeline(seconds=4, fps=10, pace=pace, pauses={3: "Now"}, pause=0.4)
    film, same = filmed(short), filmed(Timeline(seconds=4, fps=10, acts=short.sequence))

    assert moments(film) == moments(same)
    assert film.acts == same.acts
    for t in (0.0, 1.3, 2.2, 3.9):
        np.testing.assert_array_equal(film.frame(t, TINY), same.frame(t, TINY))


@pytest.mark.parametrize("epoch", [1.3, 2.0, 4.0, 7.9])
def test_the_time_of_an_epoch_is_the_first_that_shows_it(epoch: float) -> None:
    """Wherever it is shown again later."""
    film = filmed(EIGHT)
    t = film.time_at(epoch)

    assert film.moment(t) == pytest.approx(epoch, abs=1e-9)
    early = np.array([film.moment(float(s)) for s in np.linspace(0, t, 300)[:-1]])
    assert (early < epoch).all()
    assert film.time_at(0.0) == 0.0


def test_an_epoch_that_no_act_shows_has_no_time() -> None:
    """Neither one left out, nor one beyond the training."""
    film = filmed(Timeline(seconds=3, fps=10, acts=[Train(to=2), Train(start=5, to=6)]))

    assert film.moment(film.time_at(5.5)) == pytest.approx(5.5)
    for epoch, told in ((4, "none of its acts shows it"), (9, "it runs from 0 to 8")):
        with pytest.raises(NnanimError, match=f"epoch {epoch} is not in the film: {told}"):
            film.time_at(epoch)


@dataclass(frozen=True)
class Rewind:
    """An act of one's own: the training, backwards."""

    seconds: float | None = 1.0
    caption: str = ""
    chapter: str = ""

    def shown(self, film: Any, u: float) -> Shown:
        """Return the moment, from the end to the start."""
        return Shown(film.epochs * (1 - u))


def test_an_act_of_ones_own_is_any_frozen_value() -> None:
    """It has time as others have, and what follows it goes on where it ended."""
    film = filmed(Timeline(seconds=8, fps=10, acts=[Train(), Rewind(None), Hold(1), Train(to=4)]))
    train, back, hold, again = film.acts

    assert film.moment(back.begin) == 8.0
    assert (np.diff([film.moment(t) for t in np.linspace(back.begin, back.end, 9)]) < 0).all()
    assert film.moment(hold.begin) == film.moment(again.begin) == 0.0
    assert moments(film)[-1] == 4.0
    # There and back it is as far.
    assert back.end - back.begin == pytest.approx(train.end - train.begin, abs=0.2)
    assert again.end - again.begin < train.end - train.begin


@dataclass(frozen=True)
class Odd(Rewind):
    """An act that shows what is no moment."""

    gives: Any = None

    def shown(self, film: Any, u: float) -> Shown:
        """Return what it was given, or fail."""
        del film, u
        return self.gives or {"yes": Shown(0.0)}["no"]


@pytest.mark.parametrize(
    ("gives", "told"),
    [
        (None, "the act Odd failed: KeyError: 'no'"),
        (3.0, r"the act Odd shows 3.0: expected acts.Shown\(moment\)"),
        (Shown(float("nan")), r"the act Odd shows Shown\(moment=nan, .*: expected acts.Shown"),
    ],
)
def test_an_act_that_shows_no_moment_is_refused_by_name(gives: object, told: str) -> None:
    """In one line, before a picture is drawn."""
    film = filmed(Timeline(acts=[Odd(gives=gives), Train()]))

    with pytest.raises(NnanimError, match=told):
        film.frame(0.0, TINY)


def test_a_training_that_stopped_early_ends_the_acts_beyond_it(
    said: Callable[[], list[str]],
) -> None:
    """They show its end, and one line says so, of the first of them; of all that fits, none."""
    film = filmed(Timeline(seconds=4, fps=10, acts=[Train(to=6), Hold(1, at=20), Train(to=30)]))

    assert film.moment(3.9) == film.epochs == 8.0
    assert film.on(film.timeline).acts
    assert said() == [
        "the training ended at epoch 8, before epoch 20, to which act 2 of the film goes: from "
        "there on, its end is shown"
    ]
    assert filmed(Timeline(seconds=4, acts=[Train(to=8), Hold(1, at=8)])).acts
    assert len(said()) == 1


@pytest.mark.parametrize(
    ("cut", "kept"), [((None, None), 13), ((None, 2), 9), ((2, 2), 3), ((2, None), 7)]
)
def test_a_cut_keeps_the_holds_of_the_epochs_that_it_keeps(
    cut: tuple[float | None, float | None], kept: int, tmp_path: Path
) -> None:
    """As long as they are in the whole film."""
    timeline = replace(EIGHT, acts=EIGHT.acts[:4], seconds=6.5)
    recording = rings_film().recording.with_(timeline=timeline)

    start, stop = cut
    video = render(recording, tmp_path / "cut.gif", size=TINY, fps=2, start=start, stop=stop)

    assert video.frames == kept


def test_another_length_stretches_every_act() -> None:
    """Each lasts twice as long, and shows what it showed at its ends."""
    film, longer = filmed(EIGHT), filmed(EIGHT.lasting(16))

    for act, stretched in zip(film.acts, longer.acts, strict=True):
        assert (stretched.begin, stretched.end) == (2 * act.begin, 2 * act.end)
        assert longer.shown(stretched.begin) == film.shown(act.begin)


def test_a_film_of_another_length_is_asked_for_in_seconds(tmp_path: Path) -> None:
    """Its acts are stretched with it."""
    recording = rings_film().recording.with_(timeline=EIGHT)

    video = render(recording, tmp_path / "long.gif", size=TINY, fps=2, seconds=12)

    assert video.frames == 24


def test_the_acts_of_the_docs_are_filmed_as_written() -> None:
    """The timeline of the page, and its act of one's own at the end of it."""
    page = (Path(__file__).parents[1] / "docs" / "directing.md").read_text(encoding="utf-8")
    declared, own = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    for block in (declared, own):
        exec(compile(block, "directing.md", "exec"), names)

    timeline: Timeline = names["timeline"]
    made = replace(timeline, acts=[*timeline.acts, names["Rewind"]()])
    film = Film(rings_film().recording, timeline=made)

    assert film.acts[-1].act == names["Rewind"]()
    assert film.moment(29.99) == 0.0
