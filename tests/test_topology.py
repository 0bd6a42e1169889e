"""Betti numbers of classes by layer and epoch, against shapes whose numbers are known."""

import importlib.util
import json
import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Film, NnanimError, datasets, events, models, record
from nnanim.errors import SceneError
from nnanim.events import event_in
from nnanim.film.betti import FEWEST, betti_numbers
from nnanim.film.topology import topology_of
from nnanim.kernels.landmarks import landmarks, pairs_within
from nnanim.marks import Image, Polygons
from nnanim.recording.record import untrained
from nnanim.scene.timeline import Timeline
from nnanim.types import Floats
from nnanim.views import Topology
from tests.recordings import RINGS, fit_film

Random = np.random.Generator


def on_circle(rng: Random, n: int) -> Floats:
    """Return points on the circle of radius 1."""
    turn = rng.uniform(0, 2 * np.pi, n)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def noisy(points: Floats, rng: Random, deviation: float) -> Floats:
    """Return points moved at random, by that much in every direction."""
    return points + rng.normal(0, deviation, points.shape)


def circle(rng: Random) -> Floats:
    """Return a circle, its noise 5 % of its radius."""
    return noisy(on_circle(rng, 1_000), rng, 0.05)


def annulus(rng: Random) -> Floats:
    """Return an annulus from 0.5 to 1, its noise 5 % of its radius."""
    radius = np.sqrt(rng.uniform(0.25, 1, (1_000, 1)))
    return noisy(radius * on_circle(rng, 1_000), rng, 0.05)


def torus(rng: Random, upright: int = 0, room: int = 3) -> Floats:
    """Return one of two linked tori, its noise 5 % of its tube, turned into so many dimensions."""
    data = datasets.linked_tori(n=4_000)
    drawn = data.arrays(int(rng.integers(2**31)))
    points = drawn.inputs[drawn.targets[:, 0] == upright].astype(float)
    if room > 3:
        points = points @ np.linalg.qr(rng.normal(size=(room, room)))[0][:3]
    return noisy(points, rng, 0.05 * data.tube)


SHAPES: dict[str, tuple[Callable[[Random], Floats], tuple[float, float]]] = {
    "circle": (circle, (1, 1)),
    "annulus": (annulus, (1, 1)),
    "first torus": (torus, (1, 2)),
    "second torus": (lambda rng: torus(rng, upright=1), (1, 2)),
    "torus in four dimensions": (lambda rng: torus(rng, room=4), (1, 2)),
    "disc": (lambda rng: np.sqrt(rng.uniform(0, 1, (1_000, 1))) * on_circle(rng, 1_000), (1, 0)),
    "cloud": (lambda rng: rng.normal(size=(1_000, 2)), (1, 0)),
    "cloud in sixteen dimensions": (lambda rng: rng.normal(size=(1_000, 16)), (1, 0)),
    "two clouds": (
        lambda rng: noisy(np.sign(rng.normal(size=(1_000, 1))) * [1, 1], rng, 0.2),
        (2, 0),
    ),
    "circle into corners": (lambda rng: np.tanh(4 * circle(rng)), (1, 1)),
    "line": (lambda rng: rng.uniform(size=(1_000, 1)), (1, 0)),
    "half a circle": (
        lambda rng: noisy(np.abs(on_circle(rng, 1_000)) * [1, 2] - [0, 1], rng, 0.05),
        (1, 0),
    ),
    "three places": (lambda rng: np.eye(3)[rng.integers(0, 3, 1_000)], (3, 0)),
    "one place": (lambda rng: 0.3 + rng.normal(0, 1e-9, (1_000, 2)), (1, 0)),
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_betti_numbers_are_right_in_a_hundred_of_a_hundred_seeds(shape: str) -> None:
    """Pieces and holes, whatever the noise and the sample, of what has holes and what has none."""
    draw, expected = SHAPES[shape]
    found = [betti_numbers(draw(np.random.default_rng(seed))) for seed in range(100)]
    assert found == [expected] * 100


@pytest.mark.parametrize("shape", ["circle", "annulus", "disc", "two clouds", "three places"])
def test_betti_numbers_of_known_shapes(shape: str) -> None:
    """Moved and enlarged, they stay what they are."""
    draw, expected = SHAPES[shape]
    points = draw(np.random.default_rng(0))
    assert betti_numbers(points) == expected
    assert betti_numbers(1e3 * points + 50) == expected


def test_of_few_points_or_no_numbers_nothing_is_said() -> None:
    """Neither of a class too small nor of a training that diverged."""
    few = on_circle(np.random.default_rng(0), FEWEST - 1)
    assert np.isnan(betti_numbers(few)).all()
    assert np.isnan(betti_numbers(np.full((100, 2), np.inf))).all()


def test_landmarks_are_far_apart_and_near_to_all() -> None:
    """No two are nearer than the last was from those before it; each point has its nearest."""
    points = np.random.default_rng(0).normal(size=(300, 3))

    rows, owners, radius = landmarks(points, 40)

    away = np.linalg.norm(points[:, None] - points[rows], axis=2)
    assert len(set(rows.tolist())) == 40
    assert (away.argmin(axis=1) == owners).all()
    assert away.min(axis=1).max() == pytest.approx(radius)
    first, second, lengths = pairs_within(points[rows], np.inf)
    assert lengths.min() >= radius
    assert len(lengths) == 40 * 39 // 2
    assert lengths == pytest.approx(
        np.linalg.norm(points[rows[first]] - points[rows[second]], axis=1)
    )
    assert len(landmarks(np.zeros((50, 2)), 9)[0]) == 1


@cache
def film() -> Film:
    """Return rings through a wide layer and through one of a single unit, which has no holes."""
    data = datasets.rings(n=400, noise=0.02)
    model = models.mlp(2, 6, 1, 1, activation="tanh", output="sigmoid")
    return Film(record(replace(RINGS, dataset=data, model=model)))


def test_a_ring_is_torn_in_the_layer_of_one_unit() -> None:
    """There it is a line; the data have a hole, and so has what the wide layer makes of them."""
    found = topology_of(film().replay, film().decision)

    assert found.layers == ("input", "hidden1", "hidden2")
    assert found.classes == ("inner", "outer")
    assert found.epochs.tolist() == list(range(9))
    assert (found.values["holes"][:, 0] == 1).all()
    assert (found.values["holes"][:, 1] == 1).any()
    assert (found.values["holes"][:, 2] == 0).all()
    assert (found.values["pieces"][:, :2] == 1).all()
    assert film().happens(events.tears("inner", "hidden2")) == 0.0
    torn = found.torn("inner", "hidden1")
    happened = film().happens("inner tears in hidden1")
    assert happened == (torn[0] if len(torn) else None)


def test_heat_comes_with_the_epochs_for_each_class() -> None:
    """A band for each layer, the data lowest; what is to come is covered."""
    found = topology_of(film().replay, film().decision)
    view = Topology(["holes"])
    panels = view.panels(film())

    assert [panel.title for panel in panels] == ["Holes: inner", "Holes: outer"]
    assert panels[0].y_ticks == (0.0, 1.0, 2.0)
    for t in (0.0, 1.0, film().timeline.seconds):
        for k, marks in enumerate(view.marks(film(), t)):
            (image,) = [mark for mark in marks if isinstance(mark, Image)]
            (cover,) = [mark for mark in marks if isinstance(mark, Polygons)]
            assert np.array_equal(image.field[::16], found.values["holes"][k])
            assert image.extent == pytest.approx((*panels[k].x, *panels[k].y))
            assert cover.paths[0][:, 0].min() == film().moment(t)
    assert len(Topology().panels(film())) == 4


def test_a_film_can_pause_at_a_tear() -> None:
    """The event's text form is read again, whatever the class is called."""
    event = events.tears("my class, old", "hidden1")
    assert event_in(str(event)) == event
    timeline = Timeline(4, 10, pauses={events.tears("outer", "hidden2"): "Torn"})
    assert "Torn" in {
        placed.act.caption for placed in Film(film().recording, timeline=timeline).acts
    }


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: Topology(["hole"]), "unknown Betti number of Topology 'hole'"),
        (lambda: Topology().panels(fit_film()), "this training has no classes"),
        (
            lambda: Topology().panels(
                Film(untrained(replace(RINGS, model=models.mlp(2, 1, output="sigmoid"))))
            ),
            "no hidden layer",
        ),
        (
            lambda: Topology().panels(Film(untrained(replace(RINGS, dataset=datasets.rings(90))))),
            "need 60 samples of a class at least, and 'inner' has 45: take a larger n",
        ),
        (lambda: film().happens("middle tears in hidden1"), "the classes are inner, outer"),
        (lambda: film().happens("inner tears in output"), "'output' is no hidden layer"),
        (lambda: events.tears("", "hidden1"), "expected the name of a class"),
    ],
)
def test_what_has_no_betti_numbers_is_refused(ask: Callable[[], object], says: str) -> None:
    """In one line."""
    with pytest.raises(SceneError, match=re.escape(says)) as error:
        ask()
    assert "\n" not in str(error.value)


def test_info_tells_them_where_they_are_asked_for(
    nnanim: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """As plain JSON, by class and layer; without JSON, or of a film, the option is refused."""
    path = film().recording.save(tmp_path / "run.safetensors")

    told = json.loads(nnanim("info", path, "--json", "--topology")[1])["topology"]

    assert told["epochs"] == list(range(9))
    assert list(told["classes"]) == ["inner", "outer"]
    assert told["classes"]["inner"]["hidden2"] == {
        "pieces": topology_of(film().replay, film().decision).values["pieces"][0, 2].tolist(),
        "holes": [0.0] * 9,
    }
    assert "topology" not in json.loads(nnanim("info", path, "--json")[1])
    code, _, err = nnanim("info", path, "--topology")
    assert code == 2
    assert "--topology is told of a recording, and with --json" in err


def test_without_ripser_it_is_told_in_one_line_how_to_install_it(
    nnanim: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the view, the event and the command, and before a training."""
    path = film().recording.save(tmp_path / "run.safetensors")
    find = importlib.util.find_spec

    def lacking(name: str, *rest: Any) -> Any:
        return None if name == "ripser" else find(name, *rest)

    monkeypatch.setattr("nnanim.errors.find_spec", lacking)
    again = Film(film().recording)
    asked: list[Callable[[], object]] = [
        lambda: Topology().panels(again),
        lambda: again.happens("inner tears in hidden1"),
    ]
    for ask in asked:
        with pytest.raises(NnanimError, match="-m pip install ripser, or leave it out"):
            ask()
    code, _, err = nnanim("info", path, "--json", "--topology")
    assert code == 3
    assert err.count("\n") == 1
    assert f"{shlex.quote(sys.executable)} -m pip install ripser, or leave it out" in err
