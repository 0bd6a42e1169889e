"""Pace: how training time passes in a film, evenly or by how far the picture moves."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nnanim import Film, Scene, Timeline, Training, datasets, models, record
from nnanim.acts import PACES, Act, Hold, Pace, Train
from nnanim.dataset import evenly
from nnanim.film.motion import Motion, lengths
from nnanim.film.pace import steady
from nnanim.film.tracked import Tracked
from nnanim.film.walk import EVENLY, planned, walks
from nnanim.rendering.filming import film_of
from nnanim.scene.files import declared
from nnanim.scene.finding import scene_files
from nnanim.types import Floats
from tests.recordings import rings_film

Picture = Callable[[Floats], Floats]  # moments (n,) -> points (n, d)
END = 20.0
FPS = 60.0
FRAMES = 300


def motion(picture: Picture, looked: int = 401, snapshots: int = 401) -> Motion:
    """Return the motion of a picture that moves straight on from snapshot to snapshot."""
    recorded = np.linspace(0, END, snapshots)
    states = picture(recorded)

    def look(moments: Floats) -> Floats:
        return np.stack([np.interp(moments, recorded, column) for column in states.T], axis=1)

    moments = np.linspace(0, END, looked)
    return Motion.whole(moments, look(moments).astype(np.float32), look, recorded)


def swing(moments: Floats) -> Floats:
    """Return a picture that moves slowly at first, then ever faster."""
    angle = moments**2 / 50
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def jump(moments: Floats) -> Floats:
    """Return a picture that moves in the tenth epoch only, slowly before and after."""
    return np.stack([np.clip(moments - 9, 0, 1) + moments / 200] * 3, axis=1)


def shake(moments: Floats) -> Floats:
    """Return a picture that shakes at every snapshot, at first more, as small batches make it."""
    noise = np.random.default_rng(5).standard_normal((len(moments), 8))
    return np.cumsum(noise * np.exp(-moments / 8)[:, None], axis=0) / 40


def swing_to_and_fro(moments: Floats) -> Floats:
    """Return a picture that drifts, and is thrown from side to side by every step."""
    sides = 0.004 * np.where(np.arange(len(moments)) % 2, 1.0, -1.0)
    return np.stack([moments / END, sides * np.clip(moments - 5, 0, 1)], axis=1)


def rest(moments: Floats) -> Floats:
    """Return a picture that never moves."""
    return np.zeros((len(moments), 4))


def steps(picture: Motion, moments: Floats) -> Floats:
    """Return how far the picture really moves from each frame to the next."""
    return lengths(picture.look(moments))


def walk(picture: Motion, frames: int, fps: float) -> Floats:
    """Return the moments of the frames of one act between two holds."""
    return walks([(picture, frames)], fps)[0].moments()


def jumps(taken: Floats) -> Floats:
    """Return by how much each step differs from the one before, as a factor above 1."""
    return np.asarray(np.exp(np.abs(np.diff(np.log(taken)))))


@pytest.mark.parametrize("picture", [swing, jump, shake, swing_to_and_fro, rest])
@pytest.mark.parametrize("frames", [1, 2, 3, 5, 30, FRAMES])
def test_a_walk_goes_from_the_first_moment_to_the_last(picture: Picture, frames: int) -> None:
    """In as many frames as asked for, never back."""
    moments = walk(motion(picture), frames, FPS)

    assert len(moments) == frames + 1
    assert (moments[0], moments[-1]) == (0.0, END)
    assert (np.diff(moments) > 0).all()


@pytest.mark.parametrize("picture", [swing, jump, shake])
def test_the_picture_moves_evenly(picture: Picture) -> None:
    """At most three times as fast as usually, and never much faster than in the frame before."""
    moved = motion(picture)

    taken = steps(moved, walk(moved, FRAMES, FPS))

    assert taken.max() <= 3 * np.median(taken)
    assert jumps(taken).max() <= 1.5


def test_evenly_in_epochs_it_would_not() -> None:
    """The pictures of these tests are ones that move by fits and starts."""
    for picture in (swing, jump, shake):
        moved = motion(picture)
        taken = steps(moved, np.linspace(0, END, FRAMES + 1))
        assert taken.max() > 2.9 * np.median(taken) or jumps(taken).max() > 1.5


def test_a_training_that_is_thrown_from_side_to_side_moves_evenly() -> None:
    """Also where not every snapshot was looked at before the walk."""
    moved = motion(swing_to_and_fro, looked=301, snapshots=6001)

    taken = steps(moved, walk(moved, FRAMES, FPS))

    assert taken.max() <= 3 * np.median(taken)
    assert jumps(taken).max() <= 1.5


def test_a_walk_begins_and_ends_gently() -> None:
    """In a quarter of a second, out of one hold and into the next."""
    moved = motion(swing)
    taken = steps(moved, walk(moved, FRAMES, FPS))
    usual = float(np.median(taken))

    for edge in (taken, taken[::-1]):
        assert edge[0] < 0.3 * usual
        assert edge[30] > 0.5 * usual
        assert (np.diff(edge[2:12]) > 0).all()


@pytest.mark.parametrize("picture", [swing, shake])
@pytest.mark.parametrize("seconds", [(1, 8), (8, 1), (2, 12, 2), (12, 2, 12)])
def test_acts_of_other_speeds_meet_without_a_jump(
    picture: Picture, seconds: tuple[int, ...]
) -> None:
    """However much longer one takes for as many epochs; the picture does not rest between them."""
    moved, ends = motion(picture), np.linspace(0, END, len(seconds) + 1).tolist()
    acts = [
        (moved.between(a, b), s * 60) for (a, b), s in zip(pairwise(ends), seconds, strict=True)
    ]

    walked = [each.moments() for each in walks(acts, FPS)]

    assert [(part[0], part[-1]) for part in walked] == list(pairwise(ends))
    taken = [steps(moved, part) for part in walked]
    assert jumps(np.concatenate(taken)).max() <= 1.5
    for one, other in pairwise(taken):
        assert one[-1] > 0.3 * min(np.median(one), np.median(other))


def test_as_between_holds_they_would_jump() -> None:
    """The speeds of that test are ones that differ where the acts meet."""
    moved = motion(swing)
    acts = [(moved.between(0, 10), 480), (moved.between(10, END), 60)]
    alone = np.concatenate([steps(moved, walk(act, frames, FPS)) for act, frames in acts])

    assert jumps(alone).max() > 1.5


def test_motion_gives_its_time_to_what_moves() -> None:
    """An epoch in which all happens takes three quarters of the time and its even share."""
    moved = motion(jump)

    before, after = np.interp([9, 10], moved.moments, planned(moved, FRAMES))

    assert after - before == pytest.approx(1 - EVENLY + EVENLY / 20, abs=0.1)


def test_a_picture_at_rest_runs_evenly() -> None:
    """Where nothing moves, training time still passes."""
    at_rest = motion(rest)

    np.testing.assert_allclose(planned(at_rest, FRAMES), at_rest.moments / END)


def test_what_comes_and_goes_within_a_frame_is_no_way() -> None:
    """A picture that shakes far less than it moves has hardly more way than one that does not."""
    calm, shaken = (
        motion(lambda m, s=s: swing(m) + s * np.random.default_rng(1).normal(size=(len(m), 2)))  # type: ignore[misc]
        for s in (0.0, 0.01)
    )

    assert lengths(shaken.points).sum() > 1.3 * lengths(calm.points).sum()
    assert shaken.way(60)[-1] < 1.1 * calm.way(60)[-1]


@pytest.mark.parametrize("pace", ["epochs", "steps"])
def test_epochs_and_steps_run_evenly(pace: Pace) -> None:
    """Whatever the picture does."""
    moments = np.linspace(0, END, 101)

    np.testing.assert_allclose(steady(pace, moments, 30), moments / END)


def test_log_runs_evenly_in_the_logarithm_of_steps() -> None:
    """Of 1 + steps, so that the first step is seen."""
    moments = np.linspace(0, END, 101)

    np.testing.assert_allclose(steady("log", moments, 30), np.log1p(30 * moments) / np.log1p(600))


@pytest.mark.parametrize("pace", PACES)
def test_a_run_without_training_has_one_moment(pace: Pace) -> None:
    """The untrained network is shown all the time."""
    assert steady(pace, np.zeros(3), 30).tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("fps", [10.0, 24.0, 60.0])
def test_frames_of_any_rate_are_those_of_the_walk(fps: float) -> None:
    """Between two of them, the moment goes on evenly."""
    timeline = Timeline(seconds=6, fps=fps, acts=[Hold(1), Train(), Hold(1)])
    film = Film(rings_film().recording, timeline=timeline)

    seen = np.array([film.moment(1 + frame / fps) for frame in range(round(4 * fps) + 1)])

    assert (np.diff(seen) > 0).all()
    assert film.moment(1 + 10.5 / fps) == pytest.approx((seen[10] + seen[11]) / 2)


def test_an_act_goes_on_as_fast_as_the_one_before_it_ends() -> None:
    """In a film: where a hold or another pace lies between, each begins out of a rest."""
    begun: list[Act] = [Train(to=1, seconds=1), Train(to=6, seconds=3), Hold(1)]
    timeline = Timeline(seconds=8, acts=[*begun, Train(to=7, pace="epochs"), Train()])
    film = Film(rings_film().recording, timeline=timeline)

    one, other, last = displacements(film)

    assert jumps(np.concatenate([one, other])).max() <= 1.5
    assert one[0] < 0.3 * np.median(one)
    assert other[-1] < 0.3 * np.median(other)
    assert last[0] < 0.3 * np.median(last)


# -- every scene -----------------------------------------------------------------------------------

SCENES = scene_files(Path(__file__).parent.parent / "scenes")
STILL = 1e-5  # panels, a hundredth of a pixel where one has a thousand: that is no motion
EVEN = {"polynomial_faithful", "rings_faithful"}  # in epochs, as the notebook's own animation


def images(film: Film, moment: float) -> list[Floats]:
    """Return of each tile what the layer looked at makes of the grid, in units of its panel.

    Of a regression, the outputs in units of its targets too; without hidden layers, the outputs.
    """
    found: list[Floats] = []
    for tile in film.tiles:
        at = min(moment / tile.stretch, tile.epochs)
        own: list[Floats] = []
        if tile.layer:
            box = tile.limits(tile.layer)
            own.append((tile.image(tile.layer, at) / np.diff(box, axis=1)[:, 0]).ravel())
        if tile.task == "regression":
            own.append((tile.image("", at) / np.ptp(tile.data.targets, axis=0)).ravel())
        elif not own:
            own.append(tile.image("", at).ravel())
        found.append(np.concatenate(own))
    return found


def displacements(film: Film) -> list[Floats]:
    """Return of each act that trains by motion the rms displacement of each frame."""
    found = []
    for act in film.acts:
        if not isinstance(act.act, Train) or act.act.pace != "motion":
            continue
        first, last = (round(t * film.timeline.fps) for t in (act.begin, act.whole))
        # At its end the film may cut to a state that was kept: the picture fades to it.
        shown = [act.shown(film, film.timeline.time(frame)) for frame in range(first, last + 1)]
        moments = [each.moment for each in shown]
        if moments[-1] in film.clock.cuts:
            moments[-1] = float(np.nextafter(moments[-1], 0.0))
        seen = [images(film, moment) for moment in moments]
        found.append(
            np.array(
                [
                    np.sqrt(np.mean([np.mean((b - a) ** 2) for a, b in zip(*pair, strict=True)]))
                    for pair in pairwise(seen)
                ]
            )
        )
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("file", SCENES, ids=lambda file: file.stem)
def test_no_scene_flickers_or_stutters(file: Path) -> None:
    """At 60 frames a second, of its own trainings, over the whole grid."""
    scene = declared(file)
    timeline = scene.timeline or Timeline()
    if file.stem in EVEN:
        assert timeline.pace == "epochs"
        return
    acts = displacements(film_of(scene, timeline))

    moved = np.concatenate(acts)
    going = moved[moved > STILL]
    assert len(going) > 0.9 * len(moved)
    assert going.max() <= 3 * np.median(going)
    assert np.quantile(going, 0.9) <= 0.06
    assert max(jumps(act[act > STILL]).max() for act in acts) <= 1.5


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_motion_of_a_network_without_hidden_layers_is_that_of_all_its_outputs(
    classes: int,
) -> None:
    """Each has its own columns in the picture that is tracked."""
    scene = Scene(
        dataset=datasets.blobs(n=120, classes=classes),
        model=models.mlp(2, classes),
        training=Training(epochs=3, lr=0.05, loss="cross_entropy"),
    )
    film = Film(record(scene))
    assert not film.network.hidden

    tracked = Tracked.of([film.clock.longest], lambda _: 1.0, 100)
    whole = tracked(np.array([0.0, 1.0, 3.0]))
    points = film.replay.grid_points[evenly(len(film.replay.grid_points), 100)]
    given = np.stack([film.outputs("", points, moment).ravel() for moment in (0.0, 1.0, 3.0)])

    assert whole.shape == (3, tracked.count) == given.shape
    expected = np.clip(given, -1, 2) / np.sqrt(given.shape[1])
    np.testing.assert_allclose(whole, expected, atol=1e-5)
    assert film.moment(film.timeline.seconds) == 3
