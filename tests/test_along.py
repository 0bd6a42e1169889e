"""Along: layers at many moments together, and the kernels that a walk along a run takes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from nnanim import Film, Recording, Scene, Timeline, Training, datasets, models, record
from nnanim.film import along
from nnanim.film.along import Along
from nnanim.film.motion import Motion, lengths, motion_of
from nnanim.film.replay import replay_of
from nnanim.film.spans import Spans
from nnanim.film.tracked import Tracked
from nnanim.film.walk import walks
from nnanim.kernels.walks import apart, asunder, chosen, strides
from nnanim.types import Floats
from tests.recordings import FIT, NORMED, RINGS
from tests.test_strategies import RINGS as ONCE


def kept() -> Recording:
    """Return a training of two segments, each of which ends on the best of its states."""
    return record(
        replace(ONCE, training=replace(ONCE.training, epochs=20, segments=2, keep="best"))
    )


def normed() -> Recording:
    """Return a training of known layers with running statistics."""
    model = models.mlp(2, 3, 2, 1, output="sigmoid", batch_norm=True)
    return record(replace(RINGS, model=model))


def wide() -> Recording:
    """Return a training of known layers that torch runs."""
    return record(replace(RINGS, model=models.mlp(2, 65, 2, 1, output="sigmoid")))


def of_ones_own() -> Recording:
    """Return a training of a module that the kernels do not know."""
    return record(NORMED)


@pytest.mark.parametrize(
    ("made", "near"), [(kept, 0), (normed, 0), (wide, 1e-6), (of_ones_own, 1e-6)]
)
@pytest.mark.parametrize("most", [2**21, 300])
def test_what_is_given_along_a_run_is_what_is_given_at_each_moment(
    made: Callable[[], Recording], near: float, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At snapshots and between them, where a segment ends, in pieces of any size.

    To the bit by the kernels, and but for rounding by torch, which is given fewer rows at a time.
    """
    monkeypatch.setattr(along, "_NUMBERS", most)
    replay = replay_of(made())
    end = replay.epochs
    cuts = [*replay.cuts, *np.nextafter(replay.cuts, 0.0)]
    moments = np.array([0.0, *np.linspace(0.1, end - 0.1, 40), end / 2, end, 1.0, *cuts])
    names = [*replay.network.hidden, "", replay.network.scores]
    inputs = replay.data.inputs[:50]

    found = list(Along(replay, names, inputs)(moments))

    assert (made is kept) == bool(len(replay.cuts))
    for name in names:
        each = np.concatenate([some[name] for some in found])
        assert len(each) == len(moments)
        for values, moment in zip(each, moments.tolist(), strict=True):
            known = replay.outputs(name, inputs, moment)
            np.testing.assert_allclose(values, known, rtol=0, atol=near)


def test_a_pace_asks_torch_for_few_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes a pass of the module; a kernel is asked for thousands, in one call each time."""
    asked: list[float] = []
    known = Along._at

    def at(self: Along, moment: float) -> dict[str, Floats]:
        asked.append(moment)
        return known(self, moment)

    monkeypatch.setattr(Along, "_at", at)
    film = Film(of_ones_own(), timeline=Timeline(seconds=8.0))
    shown = [film.moment(t) for t in film.timeline.times]

    assert np.all(np.diff(shown) >= 0)
    assert len(set(shown)) > 240
    assert 200 < len(asked) < 2000


def fitted() -> Recording:
    """Return a regression, whose picture has two parts."""
    return record(FIT)


@pytest.mark.parametrize("made", [(normed,), (fitted,), (kept, normed, wide), (kept, normed)])
def test_a_walk_in_which_kernels_run_the_networks_goes_as_one_that_asks(
    made: Sequence[Callable[[], Recording]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the bit, of one film or of several that are not as long."""
    spans = [Spans(replay_of(each())) for each in made]
    longest = max(each.replay.epochs for each in spans)

    def walked() -> tuple[Motion, Floats]:
        motion = motion_of(spans, lambda epochs: longest / epochs, 60)
        return motion, walks([(motion, 60)], 10.0)[0].moments()

    motion, moments = walked()
    monkeypatch.setattr(Tracked, "runs", None)
    asked, known = walked()

    np.testing.assert_array_equal(motion.points[motion.rows], asked.points[asked.rows])
    np.testing.assert_array_equal(moments, known)


def stridden(points: Floats, stride: float) -> list[int]:
    """Return at which points the kernel stands."""
    rows = np.arange(len(points))
    gaps = apart(points, points[:0], rows[:-1], rows[1:], points[:0, 0])
    ends, away = strides(points, points[:0], rows, gaps, stride)
    np.testing.assert_array_equal(away, lengths(points[ends]))
    return list(ends)


def walked(points: Floats, stride: float) -> list[int]:
    """Return at which points one stands who goes on once a stride away, as numpy adds up."""
    ends = [0]
    while ends[-1] < len(points) - 1:
        here = ends[-1]
        away = ((points[here + 1 :] - points[here]) ** 2).sum(axis=1)
        far = np.flatnonzero(away >= np.float64(stride) ** 2)
        ends.append(here + 1 + int(far[0]) if len(far) else len(points) - 1)
    return ends


@pytest.mark.parametrize("numbers", [1, 7, 8, 100, 128, 129, 300, 2001])
def test_strides_are_those_that_numpy_measures(numbers: int) -> None:
    """To the bit, also where a stride is exactly as long as it is between two points."""
    rng = np.random.default_rng(numbers)
    points = np.cumsum(rng.normal(size=(120, numbers)), axis=0).astype(np.float32)
    exact = np.sqrt(np.float64(((points[40:41] - points[0]) ** 2).sum(axis=1)[0]))

    for stride in (0.0, 1.0, 3.0 * numbers**0.5, float(exact), 1e9):
        assert stridden(points, stride) == walked(points, stride)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_distances_are_those_that_numpy_measures(kind: type) -> None:
    """To the bit, in either type, from rows that are kept and from those of one's own."""
    rng = np.random.default_rng(5)
    points, own = rng.normal(size=(9, 300)).astype(np.float32), rng.normal(size=(2, 300))
    rows = np.array([~0, 3, 4, 8, 2, ~1, 0])

    found = apart(points, own, rows[:-1], rows[1:], np.empty(0, kind))

    pictures: Floats = np.stack([points[row] if row >= 0 else own[~row] for row in rows])
    np.testing.assert_array_equal(found, lengths(pictures.astype(kind)))
    assert found.dtype == kind


def test_points_that_are_far_asunder_are_told_so() -> None:
    """Each from those after it alone, by the logarithm."""
    points = np.random.default_rng(7).normal(size=(19, 40))

    found = asunder(np.ascontiguousarray(points.T))

    away = np.linalg.norm(points[:, None] - points, axis=2)
    after = np.triu_indices(19, 1)
    np.testing.assert_allclose(found[after], np.log(away[after]), rtol=1e-12)
    assert (found[np.tril_indices(19)] == np.inf).all()


def test_places_are_chosen_so_that_least_is_off() -> None:
    """Of all ways of so many steps; of several that are as good, by the earliest."""
    rng = np.random.default_rng(3)
    after = rng.normal(size=(7, 7))
    after[np.tril_indices(7)] = np.inf
    steps = np.array([0.3, -0.2, 0.1])

    ways = [(0, i, j, 6) for i in range(1, 6) for j in range(i + 1, 6)]
    off = [
        sum((after[a, b] - s) ** 2 for a, b, s in zip(w, w[1:], steps, strict=False)) for w in ways
    ]

    for most in (np.inf, min(off)):
        assert tuple(chosen(after, steps, most)) == ways[int(np.argmin(off))]
    level = np.where(np.isfinite(after), 0.0, np.inf)
    assert chosen(level, np.zeros(3), 0.0).tolist() == [0, 1, 2, 6]


@pytest.mark.parametrize("made", [kept, normed, wide, of_ones_own])
def test_scores_at_many_moments_are_those_at_each(made: Callable[[], Recording]) -> None:
    """To the bit, by the kernels, and by torch, which is asked for one after another."""
    figures = Film(made()).happenings.figures
    moments = np.arange(int(figures.replay.epochs) + 1).astype(float)

    assert list(figures.scores(moments)) == [figures.score(m) for m in moments.tolist()]


def test_scores_are_of_the_test_part_where_there_is_one() -> None:
    """As they are at one moment."""
    scene = Scene(
        dataset=datasets.moons(400, seed=1),
        model=models.mlp(2, 3, 1, output="sigmoid"),
        training=Training(epochs=4, lr=0.5, loss="bce"),
    )
    figures = Film(record(scene)).happenings.figures
    assert len(figures.replay.data.test_inputs)
    moments = np.arange(5.0)

    assert list(figures.scores(moments)) == [figures.score(m) for m in moments.tolist()]
