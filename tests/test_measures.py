"""Measures of layers: probes against scikit-learn, ranks and dead units against what is known."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim import Film, datasets, events, models, record
from nnanim.errors import SceneError
from nnanim.events import event_in
from nnanim.film.measures import MEASURES, dead_share, effective_rank, measures_of
from nnanim.film.probes import C, probe_of
from nnanim.marks import Image, Polygons
from nnanim.recording.record import untrained
from nnanim.types import Floats
from nnanim.views import LayerMeasures
from tests.recordings import RINGS, fit_film, rings_film, thirds_film

RNG = np.random.default_rng(3)


def clouds(classes: int, units: int, n: int = 600) -> tuple[Floats, NDArray[np.int64]]:
    """Return points about as many middles that overlap, in units of very different sizes."""
    labels = np.arange(n) % classes
    middles = RNG.normal(0, 1.2, (classes, units))
    return (middles[labels] + RNG.normal(0, 1, (n, units))) * np.geomspace(1e-3, 50, units), labels


@pytest.mark.slow
@pytest.mark.parametrize(("classes", "units"), [(2, 1), (2, 5), (3, 2), (5, 8)])
def test_a_probe_is_scikit_learns(classes: int, units: int) -> None:
    """Of the same C, on standardised units: the same scores but for its tolerance."""
    linear = pytest.importorskip("sklearn.linear_model")
    values, labels = clouds(classes, units)
    rows = (values - values.mean(axis=0)) / values.std(axis=0)
    theirs = linear.LogisticRegression(C=C, max_iter=10_000, tol=1e-8).fit(rows, labels)

    probe = probe_of(values, labels, classes)

    assert probe is not None
    own = probe.scores(values)
    expected = theirs.decision_function(rows)
    found = own[:, 1] if classes == 2 else own - own.mean(axis=1, keepdims=True)
    wanted = expected if classes == 2 else expected - expected.mean(axis=1, keepdims=True)
    assert np.abs(found - wanted).max() < 2e-3 * np.abs(wanted).max()
    assert abs((own.argmax(axis=1) == labels).mean() - theirs.score(rows, labels)) < 0.01


def test_a_probe_parts_what_a_line_parts_and_goes_on_from_the_last_answer() -> None:
    """Also where classes lie far apart, where a step of Newton's alone would go astray."""
    values = np.array([[-3.0, 1.0], [-2.0, 9.0], [2.0, 2.0], [5.0, -4.0]])
    labels = np.array([0, 0, 1, 1])

    probe = probe_of(values, labels, 2)
    again = probe_of(values, labels, 2, probe)

    assert probe is not None
    assert again is not None
    assert (probe.scores(values).argmax(axis=1) == labels).all()
    assert np.allclose(probe.weight, again.weight, rtol=1e-3)


def test_distances_are_those_from_the_nearest_boundary() -> None:
    """In units of the layer: along them the two scores become equal, and no other leads before."""
    values, labels = clouds(3, 2)
    values /= values.std(axis=0)
    probe = probe_of(values, labels, 3)
    assert probe is not None

    found = probe.distances(values, labels)

    right = probe.scores(values).argmax(axis=1) == labels
    assert ((found > 0) == right).all()
    turns = np.linspace(0, 2 * np.pi, 3600)
    round_ = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    for i in np.flatnonzero(right)[:20]:
        within = probe.scores(values[i] + 0.999 * found[i] * round_).argmax(axis=1)
        beyond = probe.scores(values[i] + 1.001 * found[i] * round_).argmax(axis=1)
        assert (within == labels[i]).all()
        assert (beyond != labels[i]).any()


def test_the_effective_rank_is_the_number_of_equal_directions() -> None:
    """Wherever they stand; between them where they differ, 0 of what does not move."""
    ball = RNG.normal(size=(20_000, 3))
    turned = ball @ np.linalg.qr(RNG.normal(size=(6, 3)))[0].T + 100.0

    assert effective_rank(turned) == pytest.approx(3.0, abs=0.01)
    assert effective_rank(ball * [1.0, 1.0, 0.0]) == pytest.approx(2.0, abs=0.01)
    assert 1.0 < effective_rank(ball * [1.0, 0.1, 0.0]) < 2.0
    assert effective_rank(RNG.normal(size=(3, 50))) == pytest.approx(2.0, abs=0.2)
    assert effective_rank(np.ones((9, 4))) == 0.0


def test_units_that_stand_still_are_dead() -> None:
    """Measured by the layer's widest, so that a small layer is not."""
    values = RNG.normal(size=(50, 4)) * 1e-5
    assert dead_share(values) == 0.0

    values[:, 1] = 3.0 + 1e-13 * values[:, 0]
    assert dead_share(values) == 0.25
    assert dead_share(np.full((5, 2), 7.0)) == 1.0


def test_measures_are_of_every_layer_and_epoch_and_scored_on_the_test_part() -> None:
    """The probe learns from the training samples alone."""
    film = rings_film()
    found = measures_of(film.replay, film.decision)
    assert film.decision is not None

    assert found.layers == ("hidden1", "hidden2")
    assert found.epochs.tolist() == list(range(9))
    assert {name: found.values[name].shape for name in MEASURES} == dict.fromkeys(MEASURES, (2, 9))
    probe = probe_of(film.points("hidden1", 8.0).astype(float), film.labels, 2)
    assert probe is not None
    tests = film.outputs("hidden1", film.data.test_inputs, 8.0).astype(float)
    right = probe.scores(tests).argmax(axis=1) == film.decision.labels(film.data.test_targets)
    assert found.values["probe"][0, 8] == pytest.approx(right.mean(), abs=0.01)


def test_three_classes_are_probed_and_a_regression_is_not() -> None:
    """It has rank and dead units alone."""
    classes, fit = thirds_film(), fit_film()

    assert np.isfinite(measures_of(classes.replay, classes.decision).values["margin"]).all()
    found = measures_of(fit.replay, fit.decision).values
    assert np.isnan(found["probe"]).all()
    assert np.isfinite(found["rank"]).all()
    assert len(LayerMeasures().panels(fit)) == 2


def test_heat_comes_with_the_epochs() -> None:
    """A band for each layer, the first one lowest; what is to come is covered."""
    film = rings_film()
    view = LayerMeasures(["probe"])
    (panel,) = view.panels(film)
    values = measures_of(film.replay, film.decision).values["probe"]
    assert panel.subtitle == "epoch →  layer ↑"  # inside it the heat would hide what axes are

    for t in (0.0, 1.0, film.timeline.seconds):
        (marks,) = view.marks(film, t)
        (image,) = [mark for mark in marks if isinstance(mark, Image)]
        (cover,) = [mark for mark in marks if isinstance(mark, Polygons)]
        assert np.array_equal(image.field[[0, -1]], values)
        assert image.extent == pytest.approx((*panel.x, *panel.y))
        assert panel.color_bar is not None
        assert (image.low, image.high) == (panel.color_bar.low, panel.color_bar.high)
        assert cover.paths[0][:, 0].min() == film.moment(t)


@pytest.mark.parametrize(
    ("view", "says"),
    [
        (lambda: LayerMeasures(["prope"]), "unknown measure of LayerMeasures 'prope'"),
        (lambda: LayerMeasures(["probe"]).panels(fit_film()), "there is no 'probe'"),
        (
            lambda: LayerMeasures().panels(
                Film(untrained(replace(RINGS, model=models.mlp(2, 1, output="sigmoid"))))
            ),
            "LayerMeasures needs a hidden layer",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(view: Callable[[], object], says: str) -> None:
    """In one line."""
    with pytest.raises(SceneError, match=says) as error:
        view()
    assert "\n" not in str(error.value)


def test_a_film_can_wait_for_a_probe() -> None:
    """The event is at the end of the first epoch in which the probe reaches the level."""
    film = Film(record(replace(RINGS, dataset=datasets.xor(n=120))))
    values = measures_of(film.replay, film.decision).values["probe"][0]
    level = float(values.max())

    assert event_in(f"probe {level} in hidden1") == events.probe("hidden1", level)
    assert film.happens(events.probe("hidden1", level)) == float(values.argmax())
    assert film.happens("probe 0.01 in hidden2") == 0.0
    with pytest.raises(SceneError, match="'output' is no hidden layer"):
        film.happens("probe 0.9 in output")
    with pytest.raises(SceneError, match="expected a share above 0"):
        events.probe("hidden1", 2.0)


def test_info_tells_the_measures(
    nnanim: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """As plain JSON, by layer, a number for each epoch."""
    path = rings_film().recording.save(tmp_path / "run.safetensors")

    _, out, _ = nnanim("info", path, "--json")

    told = json.loads(out)["measures"]
    assert told["epochs"] == list(range(9))
    assert list(told["layers"]) == ["hidden1", "hidden2"]
    assert {len(numbers) for numbers in told["layers"]["hidden1"].values()} == {9}
