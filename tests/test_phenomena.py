"""Scenes of known phenomena: the number that each paper's picture rests on."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Comparison, Film, Scene, Timeline, record
from nnanim.film.measures import measures_of
from nnanim.scene.files import declared
from nnanim.types import Floats

FOLDER = Path(__file__).parent.parent / "scenes"

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared_cache")]


def scene(name: str) -> Scene:
    """Return one of the scenes."""
    found = declared(FOLDER / f"{name}.py")
    assert isinstance(found, Scene)
    return found


@cache
def film(name: str) -> Film:
    """Return the film of one of the scenes."""
    return Film(record(scene(name)))


def turns(points: Floats) -> Floats:
    """Return the angles in degrees from each point (n, 2) to the next, all the way round."""
    angles = np.degrees(np.arctan2(points[:, 1], points[:, 0]))
    return np.asarray((np.diff(np.append(angles, angles[0])) + 180) % 360 - 180)


def test_what_is_known_by_heart_is_understood_ten_times_later() -> None:
    """Of new sums 99 % are right at ten times the epoch at which known ones are, or later.

    That is by epoch 150; at the first of the two epochs, the tenth at most, hardly any are.
    """
    seen = film("grokking")
    data, epochs = seen.data, np.arange(0.0, 151.0)

    def right(inputs: Floats, targets: Floats) -> Floats:
        told = [(seen.outputs("", inputs, m).argmax(axis=1) == targets).mean() for m in epochs]
        assert max(told) >= 0.99
        return np.array(told)

    known = right(data.inputs[:347], data.targets[:347])
    new = right(data.test_inputs, data.test_targets)
    by_heart, understood = (int(epochs[np.argmax(each >= 0.99)]) for each in (known, new))
    assert by_heart <= 10
    assert understood >= 10 * by_heart
    assert new[by_heart] <= 0.02


def test_numbers_that_are_added_stand_on_a_circle() -> None:
    """Each as far from its middle as any other, one after the other, once around.

    Not yet when the known sums are known by heart, in the plane that is nearest to one.
    """
    timeline = Timeline(seconds=10, pace="epochs")
    seen = Film(film("grokking").recording, timeline=timeline)
    view: Any = seen.recording.scene.rows[0][0]  # type: ignore[union-attr]

    def at(epoch: float) -> Floats:
        return np.asarray(view.marks(seen, 10 * epoch / seen.epochs)[0][1].xy)

    for circle in (at(150), at(seen.epochs)):
        far = np.linalg.norm(circle, axis=1)
        assert far.std() < 0.1 * far.mean()
        assert abs(turns(circle).sum()) == pytest.approx(360)
        assert np.abs(turns(circle)).max() < 3 * 360 / 31
    far = np.linalg.norm(at(10), axis=1)
    assert far.std() > 0.2 * far.mean()


def test_classes_collapse_and_come_to_stand_at_120_degrees() -> None:
    """Their middles within 2; what is within them falls to a third of its share of all.

    That is from when all samples are told right for the first time, long before.
    """
    seen = film("neural_collapse")
    first = next(e for e in np.arange(seen.epochs) if seen.score(float(e)) == 1.0)

    def seen_at(epoch: float) -> tuple[float, Floats]:
        values = seen.points("1", epoch)
        means = np.stack([values[seen.labels == k].mean(axis=0) for k in range(3)])
        within = ((values - means[seen.labels]) ** 2).sum(axis=1).mean()
        off = means - means.mean(axis=0)
        return within / (off**2).sum(axis=1).mean(), np.abs(turns(off))

    (begun, far), (ended, even) = seen_at(float(first)), seen_at(seen.epochs)
    assert first <= seen.epochs / 100
    assert even == pytest.approx([120.0] * 3, abs=2)
    assert np.abs(far - 120.0).max() > 10
    assert ended < 0.4 * begun


def test_five_features_stand_as_a_pentagon() -> None:
    """Neighbours at 72 degrees, all of one length; one that is clearly on is told."""
    seen = film("superposition")
    found = seen.state(seen.epochs)["shared.weight"].T
    order = np.argsort(np.arctan2(found[:, 1], found[:, 0]))

    assert turns(found[order]) == pytest.approx([72.0] * 5, abs=4)
    lengths = np.linalg.norm(found, axis=1)
    assert lengths.std() < 0.05 * lengths.mean()
    clear = seen.data.inputs.max(axis=1) > 0.3
    outputs = seen.points("", seen.epochs)[clear]
    assert (outputs.argmax(axis=1) == seen.data.inputs[clear].argmax(axis=1)).all()


def test_a_lazy_network_hardly_moves() -> None:
    """Of its own size a tenth of what the rich one does, trained alike, and both part the rings."""
    both = declared(FOLDER / "lazy_rich.py")
    assert isinstance(both, Comparison)
    lazy, rich = both.to_train
    assert lazy.training == rich.training
    moved = []
    for each in both.to_train:
        seen = Film(record(each))
        begun, ended = seen.state(0.0), seen.state(seen.epochs)
        way = sum(float(((ended[n] - begun[n]) ** 2).sum()) for n in begun)
        moved.append((way / sum(float((begun[n] ** 2).sum()) for n in begun)) ** 0.5)
        assert seen.score(seen.epochs) > 0.99
    assert moved[0] < 0.1 * moved[1]


def test_deep_and_narrow_relus_are_dead_nine_times_of_ten() -> None:
    """Of forty seeds, nine of ten end as a constant."""
    asked = scene("dead_relus")
    dead = 0
    for seed in range(40):
        seen = Film(record(replace(asked, training=replace(asked.training, seed=seed, epochs=20))))
        dead += bool(np.ptp(seen.points("", seen.epochs)) < 1e-3)
    assert dead >= 36


def test_all_but_two_of_ten_layers_are_born_dead() -> None:
    """And remain so; what the network gives is a constant at first and in the end."""
    seen = film("dead_relus")
    dead = measures_of(seen.recorded, seen.decision).values["dead"]

    assert (dead[:2] == 0).all()
    assert (dead[2:] == 1).all()
    for epoch in (0.0, seen.epochs):
        assert np.ptp(seen.points("", epoch)) < 1e-3


def test_long_waves_are_learnt_first() -> None:
    """Each has nine tenths of its height clearly later than the longer one has."""
    seen = film("spectral_bias")
    x = np.linspace(0, 1, 400, endpoint=False)[:, None]
    epochs = np.unique(np.geomspace(1, seen.epochs, 80).round())
    outputs = [seen.outputs("", x.astype(np.float32), epoch)[:, 0] for epoch in epochs]
    reached = []
    for k in (1, 2, 4):
        heights = [2 * float((y * np.sin(2 * np.pi * k * x[:, 0])).mean()) for y in outputs]
        assert max(heights) >= 0.9
        reached.append(float(epochs[np.argmax(np.array(heights) >= 0.9)]))
    assert all(later >= 1.4 * sooner for sooner, later in pairwise(reached))
