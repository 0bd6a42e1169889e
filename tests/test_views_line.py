"""Line1D and Histogram, on recordings whose weights are set by hand."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from nnanim import Film, Scene, Training, datasets, models, record
from nnanim.errors import SceneError
from nnanim.marks import Bars, Image, Lines, Points, Text
from nnanim.recording.record import untrained
from nnanim.view import View
from nnanim.views import Histogram, Line1D
from tests.recordings import Given, fit_film, rings_film, thirds_film, with_parameters

LINE = Scene(
    dataset=datasets.line(n=1000),
    model=models.mlp(1, 2, 1, output="sigmoid"),
    training=Training(epochs=12, batch_size=50, optimizer="adam", lr=0.05, loss="bce"),
)


@cache
def bump() -> Film:
    """Return a network that says "inside" between two thresholds, -0.25 and 0.5."""
    recording = with_parameters(
        untrained(LINE),
        hidden1__0__weight=np.array([[40.0], [-40.0]]),
        hidden1__0__bias=np.array([10.0, 20.0]),
        output__0__weight=np.array([[9.0, 9.0]]),
        output__0__bias=np.array([-9.0]),
    )
    return Film(recording)


@cache
def trained() -> Film:
    """Return a short training on the line."""
    return Film(record(LINE))


def upright(view: View, film: Film, t: float = 0.0) -> list[float]:
    """Return where lines stand, each from the panel's foot to its top."""
    (marks,) = view.marks(film, t)
    (lines,) = (mark for mark in marks if isinstance(mark, Lines))
    assert all(np.ptp(path[:, 0]) == 0 and path[:, 1].tolist() == [-3, 3] for path in lines.paths)
    return [float(path[0, 0]) for path in lines.paths]


def points_of(view: View, film: Film, t: float) -> Points:
    """Return the only points of a view."""
    (marks,) = view.marks(film, t)
    (points,) = (mark for mark in marks if isinstance(mark, Points))
    return points


def test_the_line_shows_the_inputs_with_heights_of_half_a_standard_deviation() -> None:
    """Coloured by class, the same heights in every frame and in both panels."""
    film = trained()

    first, last = (points_of(Line1D(), film, t) for t in (0.0, 11.9))

    assert first.index is not None
    np.testing.assert_array_equal(first.xy[:, 0], film.data.inputs[:, 0])
    np.testing.assert_array_equal(first.index, film.labels)
    np.testing.assert_array_equal(first.xy, last.xy)
    assert first.xy[:, 1].std() == pytest.approx(0.5, abs=0.04)
    np.testing.assert_array_equal(first.xy[:, 1], points_of(Line1D("output"), film, 3.0).xy[:, 1])
    assert all(panel.y == (-3.0, 3.0) for panel in Line1D().panels(film))


def test_lines_stand_where_the_decision_changes() -> None:
    """At the two thresholds; of the output at one half."""
    assert upright(Line1D(), bump()) == pytest.approx([-0.25, 0.5], abs=1e-3)
    assert upright(Line1D("output"), bump()) == [0.5]


def test_the_tint_is_the_decision_at_each_place() -> None:
    """Full inside, full outside, from left to right."""
    (marks,) = Line1D().marks(bump(), 0.0)
    (image,) = (mark for mark in marks if isinstance(mark, Image))

    middles = np.linspace(image.extent[0], image.extent[1], image.field.shape[1] * 2 + 1)[1::2]
    inside = (middles > -0.25) & (middles < 0.5)
    clear = np.minimum(np.abs(middles + 0.25), np.abs(middles - 0.5)) > 0.02
    np.testing.assert_array_equal(image.field[0, clear] > 0.5, inside[clear])


def test_the_output_is_the_probability_from_0_to_1() -> None:
    """As the network gives it."""
    film = trained()

    points = points_of(Line1D("output"), film, 5.0)

    np.testing.assert_allclose(points.xy[:, 0], film.points("", film.moment(5.0))[:, 0], atol=1e-6)
    assert Line1D("output").panels(film)[0].x == (0.0, 1.0)


def bars(view: Histogram, film: Film, t: float) -> list[Bars]:
    """Return the bars, the first class first."""
    (marks,) = view.marks(film, t)
    return [mark for mark in reversed(marks) if isinstance(mark, Bars)]


@pytest.mark.parametrize("t", [0.0, 4.0, 11.9])
@pytest.mark.parametrize("film_of", [trained, rings_film])
def test_a_histogram_counts_what_a_loop_counts(film_of: Callable[[], Film], t: float) -> None:
    """Each class's share in each bin, one class on the other."""
    film, view = film_of(), Histogram(bins=10)
    probability = film.points("", film.moment(t))[:, 0].astype(float)

    first, second = bars(view, film, t)

    for k in range(10):
        inside = [k / 10 <= p < (k + 1) / 10 or (k == 9 and p == 1) for p in probability]
        of_first = sum(i and label == 0 for i, label in zip(inside, film.labels, strict=True))
        assert first.heights[k] == pytest.approx(of_first / len(probability))
        assert second.heights[k] == pytest.approx(sum(inside) / len(probability))


@pytest.mark.parametrize("t", [0.0, 4.0, 11.9])
@pytest.mark.parametrize(
    ("view", "film_of"),
    [
        (Histogram(), trained),
        (Histogram(), thirds_film),
        (Histogram("loss"), trained),
        (Histogram("loss"), thirds_film),
        (Histogram("loss", bins=7), fit_film),
    ],
)
def test_bins_and_limits_stand_still_and_hold_all_samples(
    view: Histogram, film_of: Callable[[], Film], t: float
) -> None:
    """Whatever the moment; a bar that leaves the panel says how high it is."""
    film = film_of()
    (panel,) = view.panels(film)

    found = bars(view, film, t)

    last, edges = found[-1], np.linspace(panel.x[0], panel.x[1], view.bins + 1)
    np.testing.assert_allclose(last.positions, (edges[:-1] + edges[1:]) / 2)
    assert last.heights.sum() == pytest.approx(1.0)
    (marks,) = view.marks(film, t)
    told = {float(mark.xy[0]): mark.text for mark in marks if isinstance(mark, Text)}
    beyond = last.heights > panel.y[1]
    assert told == {
        x: f"{100 * height:.0f} %"
        for x, height in zip(last.positions[beyond], last.heights[beyond], strict=True)
    }
    assert panel.x_log == (view.of == "loss")


def test_a_bar_that_is_high_for_a_moment_alone_leaves_the_panel_to_the_others() -> None:
    """As at the start, when all losses are alike."""
    film, view = trained(), Histogram("loss")
    (panel,) = view.panels(film)
    times = np.linspace(0.0, film.timeline.seconds, 24)

    highest = np.array([bars(view, film, float(t))[-1].heights.max() for t in times])

    assert highest.max() > panel.y[1]
    assert np.mean(highest < panel.y[1]) >= 0.75
    assert np.median(highest) > 0.2 * panel.y[1]


def test_the_mean_of_the_losses_is_the_films_loss() -> None:
    """To the width of a bin."""
    film, view = trained(), Histogram("loss", bins=300)
    (marks,) = view.marks(film, 11.9)
    total = next(mark for mark in marks if isinstance(mark, Bars))
    mean = float((10.0**total.positions * total.heights).sum())

    assert mean == pytest.approx(film.loss(film.moment(11.9)), rel=0.03)


@pytest.mark.parametrize(
    ("view", "film_of"),
    [
        (Line1D(), rings_film),
        (Line1D(), fit_film),
        (Line1D("output"), fit_film),
        (Line1D("hidden1"), trained),
        (Histogram(), fit_film),
        (Histogram("losses"), trained),
        (Histogram(bins=0), trained),
    ],
)
def test_what_cannot_be_shown_is_refused(view: View, film_of: Callable[[], Film]) -> None:
    """By the panels, before anything is drawn."""
    with pytest.raises(SceneError):
        view.panels(film_of())


def test_the_output_of_a_network_that_gives_logits_is_a_probability_too() -> None:
    """Its loss holds the sigmoid."""
    scene = replace(
        LINE, model=models.mlp(1, 2, 1), training=replace(LINE.training, loss="bce_with_logits")
    )
    film = Film(untrained(scene))

    points = points_of(Line1D("output"), film, 0.0)

    expected = 1 / (1 + np.exp(-film.points("", 0.0)[:, 0]))
    np.testing.assert_allclose(points.xy[:, 0], expected, atol=1e-6)


def test_of_three_classes_each_sample_has_the_probability_of_its_own() -> None:
    """No line: less than half of it may win."""
    film = thirds_film()

    (marks,), (panel,) = Line1D("output").marks(film, 3.9), Line1D("output").panels(film)

    scores = film.scores(film.data.inputs, film.moment(3.9))
    own = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    own = own[np.arange(len(own)), film.labels]
    shown = np.concatenate([mark.xy[:, 0] for mark in marks if isinstance(mark, Points)])
    np.testing.assert_allclose(np.sort(shown), np.sort(own), atol=1e-5)
    assert upright(Line1D("output"), film) == []
    assert panel.x_label == "probability of their own class"


def test_three_classes_on_a_line_change_where_two_scores_are_equal() -> None:
    """With a line at each such place, and nowhere else."""
    x = np.linspace(-1, 1, 90, dtype=np.float32)[:, None]
    data = Given(x, (1.5 * (x[:, 0] + 1)).clip(0, 2).astype(np.int64), "classes", ((-1.0, 1.0),))
    model = models.mlp(1, 4, 3)
    training = replace(LINE.training, loss="cross_entropy", epochs=40, lr=0.05)
    film = Film(record(replace(LINE, dataset=data, model=model, training=training)))

    found = upright(Line1D(), film, 11.9)

    assert len(found) == 2
    best = np.sort(film.scores(np.array(found)[:, None], film.moment(11.9)), axis=1)
    np.testing.assert_allclose(best[:, 2], best[:, 1], atol=1e-3)
