"""The clock: frame number → film time → moment of the training."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnanim import NnanimError, Timeline
from nnanim.film.clock import pace_table
from nnanim.scene.timeline import PACES, Pace
from nnanim.types import Floats


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
    """Where they would take more, both shrink in proportion; else they are what was asked."""
    first, last = timeline.holds

    asked = timeline.hold_first + timeline.hold_last
    assert first + last == pytest.approx(min(asked, timeline.seconds / 2))
    assert first * timeline.hold_last == pytest.approx(last * timeline.hold_first)


def test_the_default_holds_are_kept() -> None:
    """0.8 seconds on the untrained network, 2 on the trained one."""
    assert Timeline().holds == (0.8, 2.0)
    assert Timeline(seconds=2.8).holds == pytest.approx((0.4, 1.0))


# -- progress --------------------------------------------------------------------------------------


@settings(deadline=None)
@given(timeline=timelines())
def test_progress_rises_from_the_first_hold_to_the_last_frame(timeline: Timeline) -> None:
    """Never back, 0 in the first hold, 1 in the last; the last frame always shows the end."""
    times = np.linspace(0, timeline.seconds, 200)

    progress = [timeline.progress(float(t)) for t in times]

    assert (np.diff(progress) >= 0).all()
    assert min(progress) >= 0
    assert progress[-1] == timeline.progress(timeline.time(timeline.frames - 1)) == 1.0
    if timeline.frames > 1:
        assert progress[0] == 0.0


@settings(deadline=None)
@given(timeline=timelines(), share=st.floats(0, 1))
def test_both_holds_stand_still(timeline: Timeline, share: float) -> None:
    """Progress is 0 all through the first, and 1 all through the last."""
    first, last = timeline.holds

    if timeline.frames > 2:
        assert timeline.progress(share * first) == 0.0
    assert timeline.progress(timeline.seconds - share * last) == 1.0


@settings(deadline=None)
@given(timeline=timelines(), progress=st.floats(0, 1))
def test_time_at_is_the_inverse_of_progress(timeline: Timeline, progress: float) -> None:
    """At that time, so much of the training is over."""
    if timeline.frames > 2:
        assert timeline.progress(timeline.time_at(progress)) == pytest.approx(progress, abs=1e-9)


def test_between_the_holds_progress_is_even() -> None:
    """Halfway between them, half is over."""
    timeline = Timeline(seconds=10, fps=10, hold_first=1, hold_last=3)

    assert timeline.progress(4.0) == pytest.approx(0.5)
    assert timeline.progress(2.5) == pytest.approx(0.25)


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


# -- pace ------------------------------------------------------------------------------------------

MOMENTS = np.linspace(0, 20, 101)


def swing(moment: float) -> Floats:
    """Return a picture that moves slowly at first, then ever faster."""
    angle = moment**2 / 50
    return np.array([np.cos(angle), np.sin(angle)])


def moved(moments: Floats) -> Floats:
    """Return how far, in rms, the swinging picture moves from each moment to the next."""
    frames = np.array([swing(moment) for moment in moments])
    return np.asarray(np.sqrt((np.diff(frames, axis=0) ** 2).mean(axis=1)))


def jump(moment: float) -> Floats:
    """Return a picture that moves in the tenth epoch only."""
    return np.array([np.clip(moment - 9, 0, 1)] * 3)


def rest(moment: float) -> Floats:
    """Return a picture that never moves."""
    del moment
    return np.zeros(4)


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("picture", [swing, jump, rest])
def test_every_pace_runs_from_the_start_to_the_end(
    pace: Pace, picture: Callable[[float], Floats]
) -> None:
    """Progress rises strictly from 0 to 1 while moments rise from 0 to the last epoch."""
    progress, moments = pace_table(pace, MOMENTS, 30, picture)

    assert (progress[0], progress[-1]) == (0.0, pytest.approx(1.0))
    assert (moments[0], moments[-1]) == (0.0, 20.0)
    assert (np.diff(progress) > 0).all()
    assert (np.diff(moments) > 0).all()


def test_motion_spreads_the_film_by_the_way_the_picture_goes() -> None:
    """Less the three tenths that run evenly, each frame moves the picture equally far in rms."""
    progress, _ = pace_table("motion", MOMENTS, 30, swing)

    share = (progress - 0.3 * MOMENTS / 20) / 0.7
    even = np.linspace(0, 1, 60)
    paced, unpaced = moved(np.interp(even, share, MOMENTS)), moved(20 * even)
    assert paced.std() < 0.05 * paced.mean()
    assert unpaced.std() > 0.5 * unpaced.mean()


def test_motion_gives_its_time_to_what_moves() -> None:
    """An epoch in which all happens takes seven tenths of the film and its even share."""
    progress, moments = pace_table("motion", MOMENTS, 30, jump)

    before, after = np.interp([9, 10], moments, progress)

    assert after - before == pytest.approx(0.7 + 0.3 / 20)


def test_a_picture_at_rest_runs_evenly() -> None:
    """Where nothing moves, training time still passes."""
    progress, moments = pace_table("motion", MOMENTS, 30, rest)

    np.testing.assert_allclose(progress, moments / 20)


@pytest.mark.parametrize("pace", ["epochs", "steps"])
def test_epochs_and_steps_run_evenly(pace: Pace) -> None:
    """Whatever the picture does."""
    progress, moments = pace_table(pace, MOMENTS, 30, jump)

    np.testing.assert_allclose(progress, moments / 20)


def test_log_runs_evenly_in_the_logarithm_of_steps() -> None:
    """Of 1 + steps, so that the first step is seen."""
    progress, moments = pace_table("log", MOMENTS, 30, rest)

    np.testing.assert_allclose(progress, np.log1p(30 * moments) / np.log1p(600))


@pytest.mark.parametrize("pace", PACES)
def test_a_run_without_training_has_one_moment(pace: Pace) -> None:
    """The untrained network is shown all the time."""
    progress, moments = pace_table(pace, np.zeros(1), 30, rest)

    assert np.interp(0.7, progress, moments) == 0.0
