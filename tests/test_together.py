"""Together: what small tiles are asked together is what each answers alone, to the bit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnanim import Comparison, Film, Scene, Timeline, Training, datasets, models, record
from nnanim.film.along import course_through
from nnanim.film.replay import Replay, replay_of
from nnanim.film.tiles import film_of_tiles
from nnanim.film.together import Asked, members_of
from nnanim.network.ensemble import Ensemble
from nnanim.network.input_boundary import input_boundary
from tests.recordings import NORMED

BOX = np.array([[-1.2, 1.2], [-1.3, 1.1]])
SIDE = 24


def rings(width: int = 2, seed: int = 0, *, norm: bool = False, **training: Any) -> Scene:
    """Return two rings and what is trained on them."""
    told: dict[str, Any] = {"epochs": 4, "lr": 0.3, "seed": seed, **training}
    return Scene(
        dataset=datasets.rings(60, noise=0.05, seed=7),
        model=models.mlp(2, width, 2, 1, output="sigmoid", batch_norm=norm),
        training=Training(**told),
    )


def blobs(width: int = 3, seed: int = 0) -> Scene:
    """Return three clouds and what is trained on them."""
    training = Training(epochs=4, loss="cross_entropy", seed=seed)
    return Scene(
        dataset=datasets.blobs(60, seed=7), model=models.mlp(2, width, 3), training=training
    )


def film_of_small(scenes: Sequence[Scene]) -> Film:
    """Return the film of small multiples of scenes."""
    recordings = [record(scene) for scene in scenes]
    return film_of_tiles(Comparison(scenes, shown="tiles"), recordings, Timeline())


CASES = {
    "two classes": [rings(1), rings(3), rings(3, seed=1), rings(2, norm=True)],
    "three classes": [blobs(2), blobs(5), blobs(2, seed=1)],
    "numbers that are lost": [rings(2), rings(2, lr=1e30, optimizer="sgd"), rings(4)],
}
KEPT = {"states that were kept": [rings(s, segments=2, keep="best", epochs=6) for s in (1, 2, 3)]}


@pytest.mark.parametrize("scenes", [*CASES.values(), *KEPT.values()], ids=[*CASES, *KEPT])
def test_networks_of_an_ensemble_give_what_each_gives_alone(scenes: Sequence[Scene]) -> None:
    """Scores and gradients at recorded moments, between them, and where a segment ends."""
    replays = [replay_of(record(scene)) for scene in scenes]
    networks = [replay.network for replay in replays]
    courses = [course for each in replays if (course := course_through(each)) is not None]
    ensemble = Ensemble(courses, [network.scores for network in networks])
    points = np.random.default_rng(3).uniform(-1, 1, (300, 2))
    counts = [300 // len(scenes)] * len(scenes)
    weight = np.ones(networks[0].outputs_width)
    end = replays[0].epochs

    for moment in [0.0, 1.0, 1.37, end / 2, *np.nextafter(replays[0].cuts, 0.0), end]:
        state = ensemble.at(moment)
        scores = ensemble.outputs(state, points)
        values, slopes = ensemble.gradient(state, counts, points, weight, 0.01)

        for k, (replay, network) in enumerate(zip(replays, networks, strict=True)):
            own = slice(k * counts[0], (k + 1) * counts[0])
            known = replay.outputs(network.scores, points, moment)
            value, slope = network.gradient(replay.state(moment), points[own], weight, 0.01)
            np.testing.assert_array_equal(scores[k], known)
            np.testing.assert_array_equal(values[own], value)
            np.testing.assert_array_equal(slopes[own], slope)


@pytest.mark.parametrize("scenes", CASES.values(), ids=CASES)
def test_a_small_tile_shows_what_it_shows_alone(scenes: Sequence[Scene]) -> None:
    """Its boundary and its tint, whichever tile was asked first."""
    film = film_of_small(scenes)

    for moment in (0.0, 1.37, film.epochs):
        for tile in reversed(film.tiles):
            assert tile._member is not None
            assert tile.decision is not None
            cells = tile.cell_scores(BOX, SIDE, moment)
            lines = tile._member.boundary(BOX, SIDE, moment)

            scored = Film(tile.recording).cell_scores(BOX, SIDE, moment)
            known = input_boundary(tile.network, tile.state(moment), tile.decision, BOX, SIDE)
            np.testing.assert_array_equal(cells, scored)
            assert len(lines) == len(known)
            for line, other in zip(lines, known, strict=True):
                np.testing.assert_array_equal(line, other)


def test_tiles_are_asked_together_only_where_they_are_asked_the_same() -> None:
    """At one moment, over one window, through as many outputs, by the kernels."""
    shared = [rings(1), rings(2)]
    others = [
        rings(2, epochs=3),
        replace(rings(2), dataset=datasets.rings(60, half_window=3.0)),
        NORMED,
        replace(rings(), model=models.mlp(2, 65, 1, output="sigmoid")),
    ]
    replays = [replay_of(record(scene)) for scene in [*shared, *others]]

    def asked(replay: Replay) -> Asked:
        return Asked(replay, Film(replay.recording).decision)

    assert set(members_of(list(map(asked, replays)))) == set(replays[:2])


def test_films_that_are_not_small_multiples_are_asked_alone() -> None:
    """Columns are few, and each is drawn as finely as a film alone."""
    scenes = [rings(1), rings(2)]
    recordings = [record(scene) for scene in scenes]
    film = film_of_tiles(Comparison(scenes), recordings, Timeline())

    assert [tile._member for tile in film.tiles] == [None, None]
