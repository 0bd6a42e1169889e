"""Steady films: means of the parameters over some seconds, and what they say of themselves."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim.swa_utils import update_bn

from nnanim import Comparison, Film, NnanimError, Recorder, Recording, Scene, models, record, render
from nnanim.acts import Act, Hold, Pace, Train
from nnanim.drawing.typesetter import width
from nnanim.film.tiles import film_of_tiles
from nnanim.marks import FIGURE_SPACE
from nnanim.network.losses import LOSSES
from nnanim.scene.timeline import ClockFace, Timeline
from nnanim.sheet.recipe import clock_text
from tests.pages import Page, made
from tests.recordings import NORMED, RINGS, Normed, rings_film
from tests.test_pace import displacements, jumps

STEADY = Timeline(seconds=4.0, fps=10.0, smooth=0.8, pace="epochs")
RESTLESS = replace(
    RINGS, timeline=None, training=replace(RINGS.training, epochs=20, lr=0.5, snapshots="epochs")
)
NARROW = models.mlp(2, 3, 2, 1, output="sigmoid", batch_norm=True)
NETWORKS: dict[str, tuple[Scene, Callable[[], nn.Module]]] = {
    "plain": (RINGS, RINGS.model),
    "normed": (replace(RINGS, model=NARROW), NARROW),
    "traced": (NORMED, Normed),
}


@cache
def recording(name: str) -> Recording:
    """Return one of the trainings."""
    return record(NETWORKS[name][0])


def mean_of(recording: Recording, low: float, high: float) -> dict[str, NDArray[np.float64]]:
    """Return the mean of each tensor over moments that pass evenly, by all states between."""
    film = Film(recording, timeline=replace(STEADY, smooth=0.0))
    between = recording.epochs[(recording.epochs > low) & (recording.epochs < high)]
    moments = np.array([low, *between, high])
    states = [film.state(moment) for moment in moments.tolist()]
    found = {}
    for name in states[0]:
        values = np.array([state[name] for state in states], np.float64)
        steps = np.diff(moments).reshape(-1, *[1] * (values.ndim - 1))
        found[name] = ((values[1:] + values[:-1]) / 2 * steps).sum(axis=0) / (high - low)
    return found


@pytest.mark.parametrize("keep", ["last", pytest.param("best", marks=pytest.mark.slow)])
def test_a_film_of_means_moves_evenly(keep: Literal["last", "best"]) -> None:
    """Of a restless training in two segments, single or beside another, as one of its states."""
    training = replace(RESTLESS.training, segments=2, keep=keep)
    trained = record(replace(RESTLESS, training=training))
    usual = Timeline(seconds=6, fps=30, smooth=0.5)
    both = film_of_tiles(
        Comparison([trained, recording("plain")]), [trained, recording("plain")], usual
    )

    for film in (Film(trained, timeline=usual), both):
        acts = displacements(film)
        moved = np.concatenate(acts)
        assert moved.max() <= 3 * np.median(moved)
        assert max(jumps(act).max() for act in acts) <= 1.5**2  # 30 frames a second


@pytest.mark.parametrize("seconds", [0.3, 0.6])
def test_a_mean_is_over_as_many_seconds_of_the_film_as_asked_for(seconds: float) -> None:
    """About so many, where the pace is that of what it shows; the acts are as long as ever."""
    trained = record(RESTLESS)
    usual = Timeline(seconds=6, fps=30, smooth=seconds)
    film, single = (Film(trained, timeline=replace(usual, smooth=s)) for s in (seconds, 0.0))
    assert film.acts == single.acts
    times = np.arange(1.2, 3.6, 1 / 30)
    moments = [film.moment(t) for t in usual.times]
    first, at = np.unique(moments, return_index=True)
    wide = [
        np.ptp(np.interp(film.clock.windows.span(film.moment(t)), first, at / 30))  # type: ignore[union-attr]
        for t in times
    ]

    assert np.median(wide) == pytest.approx(seconds, rel=0.1)
    assert np.quantile(np.abs(np.log(np.array(wide) / seconds)), 0.8) < 0.3


@pytest.mark.parametrize("name", NETWORKS)
def test_the_mean_networks_figures_are_torchs(name: str) -> None:
    """Parameters averaged by hand, statistics of BatchNorm by torch's own `update_bn`."""
    film = Film(recording(name), timeline=STEADY)
    moment = film.moment(2.0)
    low, high = film.clock.windows.span(moment)  # type: ignore[union-attr]
    module, mean = NETWORKS[name][1](), mean_of(film.recording, low, high)
    state = {
        n: torch.as_tensor(mean[n]).to(old.dtype) if n in mean else old
        for n, old in module.state_dict().items()
    }
    module.load_state_dict(state)
    inputs, targets = (torch.as_tensor(a) for a in (film.data.inputs, film.data.targets))
    update_bn([inputs], module)
    module.eval()
    with torch.no_grad():
        outputs = module(inputs)
        loss = float(LOSSES[film.header.loss].function(outputs, targets))
        tested = module(torch.as_tensor(film.data.test_inputs)).numpy()

    assert high - low > film.epochs / 8
    assert film.loss(moment) == pytest.approx(loss, rel=1e-5)
    right = (tested > 0.5) == (film.data.test_targets > 0.5)
    assert film.score(moment) == pytest.approx(right.mean(), abs=1e-9)
    seen = module(inputs).detach().numpy()
    np.testing.assert_allclose(film.points("", moment), seen, atol=1e-5)
    history = np.interp(moment, film.history.moments, film.history.loss)
    assert history == pytest.approx(loss, rel=0.05)


@pytest.mark.parametrize("pace", ["motion", "epochs"])
def test_a_film_that_stands_still_shows_the_network_itself(pace: Pace) -> None:
    """Its first and its last picture, and the middle of a hold that is longer than the mean."""
    acts: list[Act] = [Hold(1.0), Train(to=4, pace=pace), Hold(1.2), Train(pace=pace)]
    timeline = Timeline(seconds=6, fps=10, smooth=0.6, acts=acts)
    film, single = (
        Film(recording("plain"), timeline=each) for each in (timeline, replace(timeline, smooth=0))
    )
    (hold,) = (act for act in film.acts[1:] if isinstance(act.act, Hold))
    for t in (0.0, (hold.begin + hold.end) / 2, timeline.times[-1]):
        moment = film.moment(t)
        assert moment == single.moment(t)
        assert clock_text(film, moment).startswith("epoch ")
        assert "mean" not in clock_text(film, moment)
        for name, array in single.state(moment).items():
            np.testing.assert_array_equal(film.state(moment)[name], array)


def test_the_clock_says_over_which_epochs_a_mean_is() -> None:
    """And which it is of one epoch; all moments shown rise with the film."""
    film = Film(recording("plain"), timeline=STEADY)
    said = [clock_text(film, film.moment(t)) for t in STEADY.times]

    assert said[0] == "epoch 0.0"
    assert said[-1] == "epoch 8.0"
    assert "mean of epochs 2.4–5.6" in said
    assert (np.diff([film.moment(t) for t in STEADY.times]) >= 0).all()


@pytest.mark.parametrize("clock", ["epochs", "share"])
def test_no_word_of_the_clock_moves_as_its_numbers_grow(clock: ClockFace) -> None:
    """What it says of means is as wide with fewer digits, with room for more behind the last."""
    trained = record(replace(RINGS, training=replace(RINGS.training, epochs=24)))
    film = film_of_tiles(Comparison([trained, trained], clock=clock), [trained, trained], STEADY)
    said = [clock_text(film, film.moment(t)) for t in STEADY.times]
    forms = rf"mean of (epochs \d+–\d+|training \d+ % to \d+ %){FIGURE_SPACE}*"
    spans = [text for text in said if re.fullmatch(forms, text)]

    assert len({sum(map(str.isdigit, text)) for text in spans}) > 1
    assert len({width(text, "DejaVu Sans", 40.0) for text in spans}) == 1
    others = {text for text in said if text.startswith("mean") and text not in spans}
    assert len({width(text, "DejaVu Sans", 40.0) for text in others}) <= 1


@pytest.mark.parametrize("pace", ["motion", "epochs"])
def test_no_mean_reaches_across_the_end_of_a_segment(pace: Pace) -> None:
    """Not where a state was kept there, nor where none was; that state is shown as it is."""
    training = replace(RINGS.training, epochs=8, segments=2)
    timeline = replace(STEADY, pace=pace)
    for keep in ("last", "best"):
        trained = record(replace(RINGS, training=replace(training, keep=keep)))
        film, single = (Film(trained, timeline=replace(timeline, smooth=s)) for s in (0.8, 0.0))
        spans = [film.clock.windows.span(film.moment(t)) for t in STEADY.times]  # type: ignore[union-attr]

        assert any(high - low > 1 for low, high in spans)
        assert not any(low < 4.0 - 1e-6 and high > 4.0 + 1e-6 for low, high in spans)
        for at in [*(kept.at for kept in trained.kept), 0.0, 8.0]:
            for moment in (at, max(0.0, float(np.nextafter(at, 0.0)))):
                for name, array in single.state(moment).items():
                    np.testing.assert_allclose(film.state(moment)[name], array, atol=1e-6)


@pytest.mark.slow
def test_what_happened_in_the_training_stays_what_it_was() -> None:
    """Its events and its snapshots are not those of means."""
    film, single = (Film(recording("plain"), timeline=replace(STEADY, smooth=s)) for s in (0.8, 0))
    assert film.events == single.events
    for one, other in zip(film.snapshots, single.snapshots, strict=True):
        np.testing.assert_array_equal(one.points("hidden2"), other.points("hidden2"))


def test_a_moment_shown_again_is_the_same_picture() -> None:
    """At another pace, or backwards: what it shows is a function of the moment."""
    acts: list[Act] = [Train(to=6), Hold(0.5, at=2.0), Train(start=1.0)]
    film = Film(recording("plain"), timeline=Timeline(seconds=6, fps=10, smooth=0.6, acts=acts))
    moments = np.array([film.moment(t) for t in film.timeline.times])
    assert (np.diff(moments) < 0).any()
    epochs = film.replay.recording.epochs
    assert (np.diff(epochs) > 0).all()
    assert epochs[[0, -1]].tolist() == [0.0, 8.0]


def test_films_side_by_side_show_means_of_each() -> None:
    """On the clock of them all, as share too; one that ends sooner shows its own end."""
    short = record(replace(RINGS, training=replace(RINGS.training, epochs=4)))
    for face in ("epochs", "share"):
        both = Comparison([recording("plain"), short], clock=face)
        film = film_of_tiles(both, [recording("plain"), short], STEADY)
        said = [clock_text(film, film.moment(t)) for t in STEADY.times]
        first, second = film.tiles

        assert any("mean" in text for text in said)
        assert first.replay is not first.recorded
        np.testing.assert_allclose(
            second.points("", second.moment(4.0)), Film(short).points("", 4.0), atol=1e-6
        )


def test_a_page_has_the_means() -> None:
    """The networks in it are those that the film shows."""
    film = Film(recording("normed"), timeline=STEADY)
    page = Page.of(made(film).content)
    network, times = page.page["networks"][0], page.array(page.page["times"])
    inputs = film.data.inputs[:50]

    for k in range(0, len(times), 5):
        seen = page.outputs(network, "input", "hidden2", inputs, k)
        shown = film.outputs("hidden2", inputs, film.moment(float(times[k])))
        np.testing.assert_allclose(seen, shown, atol=1e-4)


def test_a_film_that_flickers_is_told_how_to_be_steady(
    path: Path, said: Callable[[], list[str]]
) -> None:
    """Once, in one line; what it proposes is steadier, and tells nothing."""
    trained = record(RESTLESS)
    usual = Timeline(seconds=5, fps=20, pace="epochs")

    render(trained.with_(timeline=usual), path.with_suffix(".gif"), size=(128, 72))

    (line,) = [each for each in said() if "flickers" in each]
    assert "Timeline(smooth=0.4)" in line
    steady = Film(trained, timeline=replace(usual, smooth=0.4))
    single = Film(trained, timeline=usual)
    assert single.clock.restlessness() > 0.05
    tells = len(said())
    render(trained.with_(timeline=steady.timeline), path.with_suffix(".gif"), size=(128, 72))
    assert len(said()) == tells
    assert _steps(steady) < 0.6 * _steps(single)


def _steps(film: Film) -> float:
    """Return the 90th percentile of how far the grid moves from frame to frame."""
    moments = np.unique([film.moment(t) for t in film.timeline.times])
    images = np.stack([film.replay.image(film.layer, float(m)) for m in moments])
    return float(np.percentile(np.sqrt((np.diff(images, axis=0) ** 2).mean(axis=(1, 2))), 90))


def test_a_calm_film_is_told_nothing(path: Path, said: Callable[[], list[str]]) -> None:
    """Nor is one that is merely fast, or has few frames."""
    for timeline in (Timeline(4), Timeline(0.5, 30), Timeline(5, 4, pace="epochs", smooth=0)):
        trained = rings_film().recording.with_(timeline=timeline)
        render(trained, path.with_suffix(".gif"), size=(128, 72))
    assert not [line for line in said() if "flickers" in line]


def test_a_mean_over_more_than_the_film_is_refused(scene_refused: Callable[..., None]) -> None:
    """In one line, with exit code 3."""
    scene_refused(
        {"more": "timeline=Timeline(seconds=2, smooth=3),  # here"},
        ("Timeline(smooth=3): a mean over more than the film's 2 seconds",),
    )


def test_means_of_activations_are_refused(path: Path) -> None:
    """There are no parameters to take them of."""
    module, data = RINGS.model(), rings_film().data
    with Recorder(
        path, module, (data.inputs, data.targets), loss="bce", record="activations"
    ) as recorder:
        recorder.snapshot(loss=1.0)
        recorder.snapshot(loss=0.5)
    film = Film(Recording.load(path), timeline=STEADY)
    with pytest.raises(NnanimError, match="keeps activations: leave smooth out"):
        film.points("hidden2", 0.0)
