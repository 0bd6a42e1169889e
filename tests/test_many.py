"""Many trainings are the same ones wherever a `map` takes them."""

import pickle
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import TypeVar

import pytest

from nnanim import Comparison, Film, Recording, record, record_many
from nnanim.recording.many import record_each
from nnanim.rendering.filming import film_of
from nnanim.threads import Map, on_all_cores
from nnanim.training.run import prepare
from tests.recordings import FIT, NORMED, RINGS

S = TypeVar("S")
T = TypeVar("T")

SHORT = [replace(s, training=replace(s.training, epochs=2)) for s in (RINGS, FIT, NORMED)]
NAMES = ["stack", "fit", "module"]
SEEDS = (3, 1, 2)


@cache
def alone(name: str) -> list[tuple[Recording, float]]:
    """Return the trainings of a scene of `SHORT`, and a moment of their films."""
    scene = SHORT[NAMES.index(name)]
    made = [record(scene.with_seed(seed)) for seed in SEEDS]
    return [(recording, Film(recording).moment(2.0)) for recording in made]


def elsewhere(make: Callable[[S], T], items: Iterable[S], /) -> Iterable[T]:
    """Give what another process would: nothing but bytes goes there and comes back."""
    for item in items:
        there: tuple[Callable[[S], T], S] = pickle.loads(pickle.dumps((make, item)))
        made: T = pickle.loads(pickle.dumps(there[0](there[1])))
        yield made


def in_threads(make: Callable[[S], T], items: Iterable[S], /) -> Iterable[T]:
    """Give what an executor's map gives."""
    with ThreadPoolExecutor(3) as threads:
        yield from threads.map(make, items)


MAPS = pytest.mark.parametrize("spread", [map, in_threads, on_all_cores, elsewhere])


@MAPS
@pytest.mark.parametrize("name", NAMES)
def test_seeds_are_trained_alike_wherever_a_map_takes_them(name: str, spread: Map) -> None:
    """In their order; each can be drawn as if it had been trained here."""
    made = record_many(SHORT[NAMES.index(name)], SEEDS, map=spread)

    for recording, (expected, moment) in zip(made, alone(name), strict=True):
        assert recording == expected
        assert recording.scene == expected.scene
        assert Film(recording).moment(2.0) == moment


def test_seeds_done_are_counted_whoever_trains() -> None:
    """One after the other, as they come back."""
    told: list[tuple[str, int, int]] = []

    record_many(SHORT[0], range(3), map=elsewhere, progress=lambda *step: told.append(step))

    assert told == [("seeds", 1, 3), ("seeds", 2, 3), ("seeds", 3, 3)]


@MAPS
def test_a_comparisons_scenes_are_trained_by_the_map_that_is_given(spread: Map) -> None:
    """And the film of them is the same."""
    comparison = Comparison([SHORT[0], SHORT[2]])
    counted: list[int] = []

    def spy(make: Callable[[S], T], items: Iterable[S], /) -> Iterable[T]:
        given = list(items)
        counted.append(len(given))
        return spread(make, given)

    film = film_of(comparison, cache=False, map=spy)

    assert counted == [2]
    for tile, scene in zip(film.tiles, comparison.scenes, strict=True):
        assert tile.recording.scene == scene
        assert tile.recording == replace(record(scene), header=tile.header)


def test_with_reuse_what_the_cache_holds_is_not_trained_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once it was trained, it is there."""
    scene = replace(SHORT[0], training=replace(SHORT[0].training, lr=0.0123))

    def once() -> Recording:
        (recording,) = record_each([(scene, prepare(scene), None)], map, reuse=True)
        return recording

    first = once()
    monkeypatch.setattr("nnanim.recording.record.train", None)

    assert once() == first
