"""States that are kept: a segment may end on its best state, and the film says which it shows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Comparison, Film, NnanimError, Recording, acts, record
from nnanim.film.export import export
from nnanim.film.tiles import film_of_tiles
from nnanim.recording import container
from nnanim.recording.journal import unfinished
from nnanim.rendering.filming import renderer_of
from nnanim.rendering.results import results
from nnanim.scene.timeline import Timeline
from nnanim.sheet.recipe import clock_text
from nnanim.sheet.renderer import Renderer
from nnanim.threads import Progress
from tests.pictures import look
from tests.test_strategies import RINGS as ONCE

RINGS = replace(ONCE, training=replace(ONCE.training, epochs=60, segments=2, keep="best"))
END: list[acts.Act] = [acts.Hold(1), acts.Train(seconds=2), acts.Hold(3)]
BEFORE = float(np.nextafter(30.0, 0.0))


@pytest.fixture(scope="module")
def recording() -> Recording:
    """Return a training of two segments, neither of which ends on its last state."""
    found = record(RINGS)
    assert [kept.at for kept in found.kept] == [30, 60]
    assert all(kept.epoch is not None and kept.epoch < kept.at for kept in found.kept)
    return found


def as_earlier(recording: Recording, path: Path) -> Recording:
    """Return a recording as an earlier nnanim has kept it: the last state is the kept one."""
    film, header = Film(recording), recording.header.as_json()
    tensors = {f"state/{n}": np.array(a) for n, a in recording.states.items()}
    for at in (30.0, 60.0):
        i = int(np.flatnonzero(recording.epochs == at)[0])
        for name, array in film.state(at).items():
            tensors[f"state/{name}"][i] = array
    for part in ("inputs", "targets", "test_inputs", "test_targets"):
        tensors[f"data/{part}"] = getattr(recording.data, part)
    tensors |= {"steps": recording.steps, "batch_loss": recording.batch_loss}
    last = header["kept"][-1]
    told = {"epoch": last["epoch"], "score": last["score"]}
    container.write(path, tensors, {**header, "format": 2, "kept": told})
    return Recording.load(path)


def test_the_next_segment_goes_on_from_the_kept_state(recording: Recording) -> None:
    """Between two snapshots is a network between the kept one and the next, not the last one."""
    film, kept = Film(recording), recording.kept[0]
    begun, after = (
        film.state(float(kept.epoch or 0)),
        recording.state(int(np.flatnonzero(recording.epochs > 30)[0])),
    )
    step = float(recording.epochs[recording.epochs > 30][0]) - 30

    for name, array in film.state(30 + step / 2).items():
        np.testing.assert_allclose(array, (begun[name] + after[name]) / 2, rtol=1e-5, atol=1e-7)


def test_both_states_are_at_hand(recording: Recording, tmp_path: Path) -> None:
    """The end of a segment is the kept state; its snapshot, the moment before, is the last one."""
    film = Film(Recording.load(recording.save(tmp_path / "run.safetensors")))
    snapshot = film.snapshots[30]

    assert film.recording == recording
    assert snapshot.epoch == 30
    np.testing.assert_array_equal(snapshot.points("hidden1"), film.points("hidden1", BEFORE))
    np.testing.assert_array_equal(
        film.points("hidden1", 30), film.points("hidden1", float(recording.kept[0].epoch or 0))
    )
    assert np.abs(snapshot.points("hidden1") - film.points("hidden1", 30)).max() > 1e-3
    exported = np.load(export(film, "hidden1", tmp_path / "run.npz"))["points"]
    np.testing.assert_array_equal(exported[30], film.points("hidden1", BEFORE))


def test_the_clock_shows_the_epoch_of_the_state_that_is_shown(recording: Recording) -> None:
    """The kept one's where a segment ends, the last one's just before, then on as ever."""
    film = Film(recording)

    for kept in recording.kept:
        assert clock_text(film, kept.at) == f"{kept.epoch:g}"
    assert clock_text(film, BEFORE) == "30"
    assert clock_text(film, 30.2) == "30"
    assert clock_text(film, 59.99999999) == "60"


def test_a_film_of_an_earlier_recording_says_best(recording: Recording, tmp_path: Path) -> None:
    """It opens as before; which epoch its last state is of it does not show."""
    old = as_earlier(recording, tmp_path / "old.safetensors")
    film = Film(old)

    assert clock_text(film, 60.0) == "best"
    assert clock_text(film, 59.9) == "59"
    for name, array in film.state(60.0).items():
        np.testing.assert_array_equal(array, Film(recording).state(60.0)[name])
    again = Recording.load(old.save(tmp_path / "again.safetensors"))
    assert again == old
    assert clock_text(Film(again), 60.0) == "best"


def test_films_side_by_side_show_best_where_their_epochs_differ(recording: Recording) -> None:
    """Where all show the same one, they show that."""
    other = record(replace(RINGS, training=replace(RINGS.training, seed=4)))
    assert other.kept[-1].epoch != recording.kept[-1].epoch, "the case is chosen so"

    def shown(*parts: Recording) -> str:
        film = film_of_tiles(Comparison(parts), parts, Timeline())
        return clock_text(film, 60.0)

    assert shown(recording, other) == "best"
    assert shown(recording, recording) == f"{recording.kept[-1].epoch:g}"


def test_a_table_tells_of_the_kept_state(recording: Recording) -> None:
    """The final score is that of the state on which the training ended."""
    film = Film(recording)
    (row,) = results(film)

    assert row["score"] == recording.header.kept[-1]["score"]
    assert row["loss"] == film.loss(float(recording.kept[-1].epoch or 0))


def test_the_cut_to_the_kept_state_takes_no_time(recording: Recording) -> None:
    """The film's pace follows what moves between states, not how far one lies from the other."""
    film = Film(recording)
    cut = recording.kept[0].at
    before = float(np.nextafter(cut, 0.0))

    apart = np.abs(film.image("hidden1", cut) - film.image("hidden1", before)).max()
    assert apart > 0.01
    assert film.clock.way("motion", [before, cut]) == pytest.approx(0.0, abs=1e-9)
    assert film.clock.way("motion", [0.0, before, film.epochs]) == pytest.approx(1.0)


def test_what_a_killed_run_has_left_goes_on_from_the_kept_state(tmp_path: Path) -> None:
    """Its blocks know what was kept before them, and nothing of what was not yet."""
    path = tmp_path / "run.safetensors"
    with pytest.raises(KeyboardInterrupt):
        record(RINGS, path, progress=_until(6 * 50))

    found = unfinished(path)

    assert found.epochs[-1] > 30
    assert [kept.at for kept in found.kept] == [30]
    assert found.kept[0] == record(RINGS).kept[0]


def _until(steps: int) -> Progress:
    def told(stage: str, done: int, total: int) -> None:
        del stage, total
        if done >= steps:
            raise KeyboardInterrupt

    return told


@pytest.mark.parametrize(
    "kept",
    [
        [{"at": 30.0, "epoch": 31}],
        [{"at": 30.55, "epoch": 30}],
        [{"at": 60.0, "epoch": 40}, {"at": 30.0, "epoch": 20}],
        [{"at": 30.0, "epoch": 20}, {"at": 60.0, "epoch": 30}],
        [{"at": 30.0, "epoch": "20"}],
        [{"at": [], "epoch": {}}],
        [{"at": 10**19, "epoch": -1}],
        [{}, {}],
    ],
    ids=str,
)
def test_a_header_that_tells_of_states_that_there_are_not_is_refused(
    kept: list[dict[str, Any]], recording: Recording, tmp_path: Path
) -> None:
    """In one line that says which."""
    path = recording.save(tmp_path / "run.safetensors")
    header, tensors = container.read(path)
    container.write(tmp_path / "odd.safetensors", tensors, {**header, "kept": kept})

    with pytest.raises(NnanimError, match="is not a recording: no segment ends at epoch"):
        Recording.load(tmp_path / "odd.safetensors")


# -- in the film -----------------------------------------------------------------------------------


def held(film: Film) -> list[tuple[float, float, float, str]]:
    """Return begin, end, moment and caption of each hold of a kept state."""
    shown = [(each, each.shown(film, each.begin)) for each in film.acts]
    return [
        (each.begin, each.end, at.moment, each.act.caption)
        for each, at in shown
        if at.kept and isinstance(each.act, acts.Hold)
    ]


def test_a_film_holds_each_state_that_was_kept(recording: Recording) -> None:
    """In the midst of the training by taking of its time, at its end by the last hold."""
    film = Film(recording, timeline=Timeline(seconds=12, fps=10))
    first, last = recording.kept

    (begin, end, moment, caption), (later, over, final, said) = held(film)

    assert (moment, final) == (30, 60)
    assert (caption, said) == (f"kept: epoch {first.epoch:g}", f"kept: epoch {last.epoch:g}")
    assert end - begin == pytest.approx(1.2)
    assert (later, over) == (10.0, 12.0)
    assert film.acts[-1].end == 12
    times = [frame / 10 for frame in range(120)]
    clocks = [clock_text(film, film.moment(t)) for t in times]
    assert set(clocks[round(10 * begin) : round(10 * end)]) == {f"{first.epoch:g}"}
    assert set(clocks[100:]) == {f"{last.epoch:g}"}
    assert clocks[round(10 * begin) - 1] == "30"
    assert clocks[99] == "60"
    assert film.moment(end) == 30  # goes on from the kept state
    assert 30 < film.moment(end + 0.1) < 60


def test_every_frame_shows_a_network_that_was_on_the_way(recording: Recording) -> None:
    """Between two snapshots that follow each other, never between the last state and the kept."""
    film = Film(recording, timeline=Timeline(seconds=12, fps=10))
    weights = recording.states["hidden1.0.weight"].reshape(len(recording), -1).astype(float)
    onward = weights.copy()
    for kept in recording.kept:
        onward[recording.epochs == kept.at] = weights[recording.epochs == kept.epoch]

    for frame in range(120):
        shown = film.state(film.moment(frame / 10))["hidden1.0.weight"].ravel()
        begun, ended = onward[:-1], weights[1:]
        way = np.maximum((ended - begun) ** 2, 1e-30).sum(axis=1)
        share = np.clip(((shown - begun) * (ended - begun)).sum(axis=1) / way, 0, 1)
        nearest = begun + share[:, None] * (ended - begun)
        assert (
            min(np.abs(nearest - shown).max(axis=1).min(), np.abs(onward - shown).max(axis=1).min())
            < 1e-5
        )


@pytest.mark.parametrize("theme", ["dark", "transparent"])
def test_it_is_reached_by_a_cross_fade_of_pictures(recording: Recording, theme: str) -> None:
    """Of the last frame before it and its own; what comes after is drawn over none of it."""
    film = Film(recording, timeline=Timeline(seconds=6, fps=10, acts=END))
    renderer = renderer_of(film, look((160, 90), theme))
    begin = held(film)[-1][0]
    before, after = renderer.frame(begin - 0.1), renderer.frame(begin + 2.0)
    assert (before != after).any()

    fading = [renderer.frame(begin + k / 10) for k in range(6)]

    shares = [np.float64((k + 1) / 6) for k in range(6)]
    for frame, share in zip(fading, shares, strict=True):
        weight = round(256 * share * share * (3 - 2 * share))
        expected = (before * (256.0 - weight) + after * float(weight)) / 256
        assert np.abs(frame - expected).max() <= 0.5
    np.testing.assert_array_equal(fading[-1], after)
    np.testing.assert_array_equal(renderer.frame(begin - 0.1), before)
    yuv = (
        [array.copy() for array in renderer.yuv420([begin - 0.1, begin + 0.2, begin + 2.0])]
        if theme == "dark"
        else []
    )
    alone = (
        [
            next(iter(Renderer(renderer.sheet).yuv420([t]))).copy()
            for t in (begin - 0.1, begin + 0.2, begin + 2.0)
        ]
        if theme == "dark"
        else []
    )
    for one, other in zip(yuv, alone, strict=True):
        np.testing.assert_array_equal(one, other)


def test_acts_of_ones_own_choice_hold_it_with_their_own_words(recording: Recording) -> None:
    """A hold after the end of a segment is of the kept state; one of an epoch is of that epoch."""
    film = Film(
        recording,
        timeline=Timeline(
            fps=10,
            seconds=12,
            acts=[
                acts.Train(to=30, seconds=3),
                acts.Hold(2, caption="The best so far"),
                acts.Train(seconds=3),
                acts.Hold(2),
                acts.Hold(2, at=60),
            ],
        ),
    )

    assert [each[2:] for each in held(film)] == [
        (30, "The best so far"),
        (60, f"kept: epoch {recording.kept[-1].epoch:g}"),
    ]
    assert clock_text(film, film.moment(11.0)) == "60"
    assert film.acts[-1].act.caption == ""


def test_a_training_that_ends_the_film_ends_on_the_kept_state(recording: Recording) -> None:
    """Where no hold follows, one is taken of its time."""
    film = Film(recording, timeline=Timeline(seconds=8, fps=10, hold_last=0.0))

    assert film.moment(7.9) == 60
    assert [each[2] for each in held(film)] == [30, 60]
    assert film.acts[-1].end == 8


def test_films_side_by_side_hold_the_kept_state_of_each(recording: Recording) -> None:
    """At the end of each one's segments, also where one is over before the others."""
    short = record(
        replace(RINGS, training=replace(RINGS.training, epochs=20, segments=1, seed=3, lr=0.4))
    )
    assert short.kept[-1].epoch != 20, "the case is chosen so"
    parts = [recording, short]
    film = film_of_tiles(Comparison(parts, clock="epochs"), parts, Timeline(seconds=20, fps=10))
    long, brief = film.tiles

    assert [each[2] for each in held(film)] == [20, 30, 60]
    times = np.arange(200) / 10
    assert {long.moment(t) for t in times if film.moment(t) == 60} == {60}
    ended = [brief.moment(t) for t in times if brief.moment(t) > 19.999]
    assert ended[-1] == 20
    assert clock_text(film, 20.0) == "best"
    said = [caption for *_, caption in held(film)]
    assert said[0] == f"{film.names[1]} · kept: epoch {short.kept[-1].epoch:g}"
    assert said[-1] == f"{film.names[0]} · kept: epoch {recording.kept[-1].epoch:g}"


def test_a_film_in_shares_comes_to_the_kept_states_too(recording: Recording) -> None:
    """Whatever rounding makes of the ends of segments on the clock of the longest."""
    short = record(
        replace(RINGS, training=replace(RINGS.training, epochs=14, segments=2, seed=4, lr=0.3))
    )
    parts = [recording, short]
    film = film_of_tiles(Comparison(parts), parts, Timeline(seconds=20, fps=10))

    assert film.clock.face == "share"
    assert all(tile.moment(19.9) == tile.epochs for tile in film.tiles)


def test_a_film_without_kept_states_is_as_ever() -> None:
    """No hold is added, nothing fades."""
    film = Film(record(replace(RINGS, training=replace(RINGS.training, keep="last"))))

    assert film.clock.cuts == ()
    assert held(film) == []
    assert [film.clock.fade(t / 4) for t in range(48)] == [None] * 48
