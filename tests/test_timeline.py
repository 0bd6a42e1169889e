"""The timeline: how long a film lasts, and the acts that it is a sum of."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnanim import NnanimError, Timeline
from nnanim.acts import Hold, Shown, Train


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Draw any timeline that can be."""
    fps = draw(st.floats(1, 240))
    return Timeline(
        fps=fps,
        seconds=draw(st.floats(max(0.05, 0.6 / fps), 60)),
        hold_first=draw(st.floats(0, 100)),
        hold_last=draw(st.floats(0, 100)),
    )


# -- frames and holds ------------------------------------------------------------------------------


@settings(deadline=None)
@given(timeline=timelines())
def test_the_number_of_frames_is_rate_times_length(timeline: Timeline) -> None:
    """Rounded to the nearest whole one."""
    assert abs(timeline.frames - timeline.fps * timeline.seconds) <= 0.5
    assert isinstance(timeline.frames, int)


@settings(deadline=None)
@given(timeline=timelines())
def test_holds_take_at_most_half_the_film(timeline: Timeline) -> None:
    """Where they would take more, all shrink in proportion; else they are what was asked."""
    holds = [act.seconds for act in timeline.sequence if isinstance(act, Hold)]
    asked = [s for s in (timeline.hold_first, timeline.hold_last) if s]

    assert sum(holds) == pytest.approx(min(sum(asked), timeline.seconds / 2))
    assert np.array(holds) * sum(asked) == pytest.approx(np.array(asked) * sum(holds))


def test_the_default_holds_are_kept() -> None:
    """0.8 seconds on the untrained network, 2 on the trained one."""
    assert Timeline().sequence == (Hold(0.8), Train(), Hold(2.0))
    assert Timeline(seconds=2.8).ends([0, 1, 0]) == [24, 108, 168]


@settings(deadline=None)
@given(timeline=timelines(), share=st.floats(0, 1))
def test_acts_end_on_frames(timeline: Timeline, share: float) -> None:
    """In order, half a frame at most from where their seconds end, the last at the film's end."""
    acts = timeline.sequence
    ends = timeline.ends([share] * len(acts))

    assert ends == sorted(ends)
    assert ends[-1] == timeline.frames
    held = acts[0].seconds or 0.0 if timeline.hold_first else 0.0
    assert abs((ends[0] if timeline.hold_first else 0) - held * timeline.fps) <= 0.5


# -- acts ------------------------------------------------------------------------------------------


def test_pauses_are_short_for_holds_with_captions() -> None:
    """At their epochs, in order, each as long as the other, the training going on between them."""
    short = Timeline(seconds=30, pauses={40: "Now the line falls", 0: "Nothing yet"}, pause=1.5)

    assert short.sequence == (
        Hold(0.8),
        Hold(1.5, "Nothing yet"),
        Train(to=40),
        Hold(1.5, "Now the line falls"),
        Train(),
        Hold(2.0),
    )


def test_pauses_at_one_epoch_follow_one_another() -> None:
    """Neither takes the other's place."""
    short = Timeline(seconds=30, pauses=[(40, "Then"), (9, "First"), (40, "Now")], pause=1.5)

    said = [act.caption for act in short.sequence if act.caption]
    assert said == ["First", "Then", "Now"]
    assert short.captions == ("First", "Then", "Now")


def test_what_is_said_at_events_is_known_before_they_are_found() -> None:
    """As what acts say; each once."""
    paused = Timeline(pauses={"boundary closes": "It closes", 3: "Three"})
    acted = Timeline(acts=[Hold(1, "One"), Train(), Hold(1, "One"), Hold(1)])

    assert paused.captions == ("Three", "It closes")
    assert acted.captions == ("One",)


def test_acts_without_seconds_share_what_is_left() -> None:
    """In the proportion asked for; evenly where nothing moves in any of them."""
    timeline = Timeline(seconds=10, fps=10, acts=[Hold(1), Train(to=4), Hold(2), Train(), Hold(1)])

    assert timeline.ends([0, 2, 0, 1, 0]) == [10, 50, 70, 90, 100]
    assert timeline.ends([0, 0, 0, 0, 0]) == [10, 40, 60, 90, 100]


def test_acts_with_seconds_of_their_own_say_how_long_the_film_is() -> None:
    """Then the film's need not be said."""
    assert Timeline(acts=[Hold(1), Train(seconds=3.5), Hold(2)]).seconds == 6.5
    assert Timeline(acts=[Hold(1), Train(), Hold(2)]).seconds == 12.0


@pytest.mark.parametrize(
    "timeline",
    [
        Timeline(seconds=20, fps=10, acts=[Hold(2), Train(to=3, seconds=6), Train(), Hold(4)]),
        Timeline(seconds=20, fps=10, hold_first=2, pauses={3: "Now"}, hold_last=4),
    ],
)
def test_another_length_makes_all_acts_longer_by_one_factor(timeline: Timeline) -> None:
    """Holds and trainings alike."""
    shares = [1.0] * len(timeline.sequence)
    half, twice = timeline.lasting(10), timeline.lasting(40)

    assert half.seconds == 10
    assert half.lasting(20).ends(shares) == timeline.ends(shares)
    assert [2 * end for end in half.ends(shares)] == timeline.ends(shares)
    assert twice.ends(shares) == [2 * end for end in timeline.ends(shares)]


class Bare:
    """No act: nothing of one."""


@dataclass
class Loose:
    """An act that can change."""

    seconds: float = 1.0
    caption: str = ""
    chapter: str = ""

    def shown(self, film: object, u: float) -> Shown:
        """Return the start."""
        del film, u
        return Shown(0.0)


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "no list": ({"acts": Train()}, r"expected a list, as \[acts.Train\(\)\]"),
    "a word": ({"acts": ["hold"]}, "the act 'hold' has no seconds, caption, chapter, shown"),
    "a class": ({"acts": [Hold]}, "the act <class .*Hold'>: expected acts, as acts.Hold"),
    "nothing of an act": (
        {"acts": [Bare()]},
        r"has no seconds, caption, chapter, shown\(film, u\)",
    ),
    "one that can change": ({"acts": [Loose()]}, "the act Loose is no frozen value"),
    "no seconds": ({"acts": [Hold(0)]}, r"Hold\(seconds=0\): expected a number above 0"),
    "seconds that are none": ({"acts": [Hold(True)]}, r"Hold\(seconds=True\): expected a number"),
    "seconds of a hold left open": ({"acts": [Hold(None)]}, "only what moves has a share"),  # type: ignore[arg-type]
    "no caption": ({"acts": [Train(caption=3)]}, r"Train\(caption=3\): expected a text"),  # type: ignore[arg-type]
    "out of order": (
        {"acts": [Train(to=40), Hold(1), Train(to=20)]},
        "act 3 trains to epoch 20, but begins at epoch 40: expected acts in the order",
    ),
    "after the end": ({"acts": [Train(), Train(to=9)]}, "act 2 trains to epoch 9, but begins at"),
    "the end twice": (
        {"acts": [Train(seconds=2), Train()]},
        "act 2 trains to the end, but begins at the end",
    ),
    "more than the film": (
        {"seconds": 4, "acts": [Hold(3), Train(to=3, seconds=2), Train()]},
        r"Timeline\(seconds=4\): its acts alone take 5; make the film longer",
    ),
    "nothing left": (
        {"seconds": 5, "acts": [Hold(3), Train(to=3, seconds=2), Train()]},
        r"Timeline\(seconds=5\): its acts take 5, which leaves nothing for act 3; make the film",
    ),
    "less than the film": (
        {"seconds": 9, "acts": [Hold(3), Train(seconds=2)]},
        r"Timeline\(seconds=9\): its acts take only 5; leave the film's seconds out",
    ),
    "acts and the short form": (
        {"acts": [Train()], "hold_last": 1.0},
        r"Timeline\(acts=\[…\], hold_last=1.0\): the acts say it all",
    ),
    "pauses without captions": ({"pauses": {40: 3}}, "expected captions by their epochs"),
    "pauses that are none": ({"pauses": 40}, "expected captions by their epochs"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_acts_that_cannot_be_are_refused(case: str) -> None:
    """When they are declared, with what was expected."""
    given, told = REFUSED[case]

    with pytest.raises(NnanimError, match=told):
        Timeline(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Train(to=-1), r"Train\(to=-1\): expected an epoch of 0 or more"),
        (lambda: Train(to="40"), "unknown event '40'"),
        (lambda: Train(start=float("nan")), r"Train\(start=nan\): expected an epoch"),
        (lambda: Hold(1, at=Shown(-1)), r"Hold\(at=-1\): expected an epoch"),
        (lambda: Hold(1, at=True), r"Hold\(at=True\): expected an epoch"),
        (
            lambda: Train(pace="fast"),  # type: ignore[arg-type]
            "unknown pace 'fast'",
        ),
    ],
)
def test_an_act_of_no_epoch_is_refused(make: Callable[[], object], told: str) -> None:
    """Where it is made."""
    with pytest.raises(NnanimError, match=told):
        make()


def test_an_act_that_begins_where_the_training_ends_is_refused() -> None:
    """It has nothing to show; a pause there is a hold."""
    Timeline(acts=[Train(to=40), Train()]).check(60)
    Timeline(pauses={40: "The end"}).check(40)

    with pytest.raises(NnanimError, match="act 2 trains to epoch 40, but begins at epoch 40"):
        Timeline(acts=[Train(to=40), Train()]).check(40)


def test_an_act_beyond_the_training_is_refused() -> None:
    """Once it is known how long that is; one that ends with it is not."""
    timeline = Timeline(acts=[Train(to=40), Hold(1, at=60)])

    timeline.check(60)
    for last, told in ((59, "act 2 goes to epoch 60: expected .* from 0 to 59"), (39, "act 1 ")):
        with pytest.raises(NnanimError, match=told):
            timeline.check(last)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0},
        {"fps": float("nan")},
        {"hold_first": -1},
        {"hold_last": "long"},
        {"pace": "fast"},
        {"seconds": 0.05, "fps": 1},
    ],
)
def test_a_timeline_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    """With the name of what is wrong, when it is declared."""
    with pytest.raises(NnanimError, match=next(iter(wrong))):
        Timeline(**wrong)  # type: ignore[arg-type]
