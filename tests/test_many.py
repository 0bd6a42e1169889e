"""Many trainings are the same ones wherever a `map` takes them."""

import pickle
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import pytest

from nnanim import Comparison, Film, Recording, Scene, record, record_many
from nnanim.recording.many import record_each
from nnanim.rendering.filming import film_of
from nnanim.threads import Map, on_all_cores
from nnanim.training.run import prepare
from tests.recordings import FIT, NORMED, RINGS

S = TypeVar("S")
T = TypeVar("T")

SHORT = [replace(s, training=replace(s.training, epochs=2)) for s in (RINGS, FIT, NORMED)]


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
@pytest.mark.parametrize("scene", SHORT, ids=["stack", "fit", "module"])
def test_seeds_are_trained_alike_wherever_a_map_takes_them(scene: Scene, spread: Map) -> None:
    """In their order; each can be drawn as if it had been trained here."""
    seeds = (3, 1, 2)

    made = record_many(scene, seeds, map=spread)

    for seed, recording in zip(seeds, made, strict=True):
        alone = record(scene.with_seed(seed))
        assert recording == alone
        assert recording.scene == alone.scene
        assert Film(recording).moment(2.0) == Film(alone).moment(2.0)


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
