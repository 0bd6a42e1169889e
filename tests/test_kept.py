"""States that are kept: a segment may end on its best state, and the film says which it shows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import (
    Comparison,
    Film,
    NnanimError,
    Recording,
    Scene,
    Training,
    datasets,
    models,
    record,
)
from nnanim.film.export import export
from nnanim.film.pace import pace_table
from nnanim.film.tiles import film_of_tiles
from nnanim.recording import container
from nnanim.recording.journal import unfinished
from nnanim.rendering.results import results
from nnanim.scene.timeline import Timeline
from nnanim.sheet.recipe import clock_text
from nnanim.threads import Progress

RINGS = Scene(
    dataset=datasets.rings(n=120, noise=0.05, seed=5),
    model=models.mlp(2, 3, 1, output="sigmoid"),
    training=Training(
        epochs=60,
        segments=2,
        batch_size=20,
        optimizer="adam",
        lr=0.2,
        loss="bce",
        seed=3,
        keep="best",
    ),
)
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


def test_the_cut_to_the_kept_state_takes_no_time() -> None:
    """The film's pace follows what moves between states, not how far one lies from the other."""
    moments = np.array([0.0, 1.0, np.nextafter(2.0, 0.0), 2.0, 3.0])
    heights = dict(zip(moments.tolist(), [0.0, 1.0, 2.0, 50.0, 51.0], strict=True))

    progress, _ = pace_table("motion", moments, 10, lambda moment: np.array([heights[moment]]))

    np.testing.assert_allclose(progress, [0, 1 / 3, 2 / 3, 2 / 3, 1], atol=1e-12)


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
