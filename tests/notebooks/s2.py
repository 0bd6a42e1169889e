"""Notebook 002: polynomials and rings."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import imageio.v3 as iio
import numpy as np
from numpy.typing import NDArray

from nnanim import render
from nnanim.marks import Lines, Mark, Points
from nnanim.scene.files import load
from nnanim.themes import theme_from
from tests.notebooks.shows import Shown, filmed, shows

M = TypeVar("M", Lines, Points)

REGRESSIONS = {
    "polynomial_2": (1, 2, 1),
    "polynomial_2_2_2": (1, 2, 2, 2, 1),
    "polynomial_6": (1, 6, 1),
    "polynomial_3_3": (1, 3, 3, 1),
    "polynomial_3_1_3": (1, 3, 1, 3, 1),
    "polynomial_3_3_1_3_3": (1, 3, 3, 1, 3, 3, 1),
}
CLASSIFIERS = {f"rings_{first}_2": (2, first, 2, 1) for first in (1, 2, 3, 4)}


def kinds(shown: Shown) -> set[str]:
    """Return what the hidden layers end with."""
    network = shown.film.network
    return {network.layer(name).kind for name in network.hidden}


@shows("S2.3", "S2.4", "S2.5", "S2.6", "S2.7", "S2.8")
def a_regression_of_these_widths_with_tanh_and_a_linear_output(shown: Shown) -> None:
    network = shown.film.network

    assert tuple(network.widths) == REGRESSIONS[shown.file.stem]
    assert kinds(shown) == {"Tanh"}
    assert network.read_out is not None
    assert network.read_out.link == "identity"
    assert [panel.title for panel in shown.panels] == ["Fit"]


@shows("S2.9", "S2.10", "S2.11", "S2.12")
def a_classifier_of_these_widths_with_a_sigmoid_output(shown: Shown) -> None:
    network = shown.film.network

    assert tuple(network.widths) == CLASSIFIERS[shown.file.stem]
    assert kinds(shown) == {"Tanh"}
    assert network.read_out is not None
    assert network.read_out.link == "sigmoid"
    assert [panel.title for panel in shown.panels] == ["Input space", "Hidden layer 2"]


@shows("S2.1")
def the_polynomial_from_which_4000_points_are_drawn_and_400_spaced_evenly(shown: Shown) -> None:
    data = shown.film.data
    x = data.test_inputs[:, 0].astype(np.float64)

    assert data.inputs.shape == (4000, 1)
    np.testing.assert_allclose(x, np.linspace(-2, 2, 400), atol=1e-6)
    y = data.test_targets[:, 0]
    np.testing.assert_allclose(y, x**4 - 3 * x**2 + x + 1, atol=1e-5)
    assert (round(float(y.min()), 2), round(float(y.max()), 2)) == (-2.51, 7.0)
    counts, _ = np.histogram(data.inputs, bins=8, range=(-2, 2))
    assert counts.sum() == 4000
    assert (abs(counts - 500) < 100).all()


@shows("S2.2")
def two_rings_of_20000_points_with_noise_of_5_thousandths(shown: Shown) -> None:
    data = shown.film.data
    radius = np.hypot(*data.inputs.T)

    for label, expected in ((0, 0.5), (1, 1.0)):
        ring = radius[data.targets[:, 0] == label]
        assert len(ring) == 20_000
        assert abs(ring.mean() - expected) < 1e-3
        assert abs(ring.std() - 0.005) < 2e-4


@shows("S2.13")
def regression_by_plain_sgd_on_the_squared_error_in_batches_of_32(shown: Shown) -> None:
    assert recipe(shown) == ("sgd", 0.01, 0.0, "mse", 32)
    assert shown.film.header.trainer == "kernel"
    assert shown.film.score_name == "R²"


@shows("S2.14")
def classes_by_slow_sgd_on_the_squared_error_of_a_sigmoid(shown: Shown) -> None:
    assert recipe(shown) == ("sgd", 0.001, 0.0, "mse", 32)
    assert shown.film.score_name == "accuracy"
    read_out = shown.film.network.read_out
    assert read_out is not None
    assert read_out.link == "sigmoid"


@shows("S2.15")
def the_untrained_network_and_99_epochs_100_milliseconds_each(shown: Shown) -> None:
    film, timeline = shown.film, shown.film.timeline

    assert (timeline.frames, timeline.fps) == (100, 10)
    moments = [film.moment(timeline.time(frame)) for frame in range(100)]
    np.testing.assert_allclose(moments, np.arange(100), atol=1e-9)
    assert len(film.snapshots) == 100


@shows("S2.16")
def the_target_as_a_line_that_stands_still(shown: Shown) -> None:
    start, end = (colored(shown.at(0, share), Lines, "class1") for share in (0.0, 1.0))

    (first,), (last,) = start[0].paths, end[0].paths
    np.testing.assert_array_equal(first, last)
    x, y = first.T.astype(np.float64)
    np.testing.assert_allclose(y, x**4 - 3 * x**2 + x + 1, atol=1e-5)
    assert len(first) == 400


@shows("S2.17")
def the_points_of_both_rings_each_in_its_color(shown: Shown) -> None:
    space = [panel.title for panel in shown.panels].index("Input space")
    (points,) = [mark for mark in shown.at(space) if isinstance(mark, Points)]

    assert points.color == ("class0", "class1")
    assert points.index is not None
    np.testing.assert_array_equal(points.xy, shown.film.data.inputs)
    assert ((np.hypot(*points.xy.T) > 0.75) == points.index).all()


@shows("S2.18")
def target_and_network_as_lines_with_dots(shown: Shown) -> None:
    gaps = []
    for share in (0.0, 1.0):
        (marks,) = shown.marks(share)
        for role in ("class1", "class0"):
            ((line,),) = [mark.paths for mark in colored(marks, Lines, role)]
            (dots,) = colored(marks, Points, role)
            assert len(dots.xy) == 80
            on_line = np.interp(dots.xy[:, 0], line[:, 0], line[:, 1])
            np.testing.assert_allclose(dots.xy[:, 1], on_line, atol=0.02)
        target, network = (colored(marks, Points, role)[0].xy for role in ("class1", "class0"))
        np.testing.assert_array_equal(target[:, 0], network[:, 0])
        gaps.append(np.abs(target - network)[:, 1].mean())

    assert gaps[1] < 0.1 * gaps[0]  # the curve bends onto its target


@shows("S2.19")
def forty_two_grey_grid_lines_of_100_points_under_a_decision_line(shown: Shown) -> None:
    film = shown.film
    sources = film.grid_lines

    assert [line.shape for line in sources] == [(100, 2)] * 42
    levels = np.round([line[0, 1] for line in sources[:21]], 9)
    np.testing.assert_allclose(levels, np.arange(-10, 11) / 10)
    np.testing.assert_allclose([line[0, 0] for line in sources[21:]], np.arange(-10, 11) / 10)
    for share in (0.0, 0.6, 1.0):
        marks = shown.at(-1, share)
        (grid,) = colored(marks, Lines, "grid")
        assert (grid.alpha, len(grid.paths)) == (0.5, 42)
        for drawn, image in zip(
            grid.paths, film.grid("hidden2", moment(shown, share)), strict=True
        ):
            # Points are added where a line bends; the images of the hundred are all among them.
            gaps = np.abs(drawn[:, None] - image[None]).max(axis=2).min(axis=0)
            assert gaps.max() < 1e-5
        lines = colored(marks, Lines, "boundary")
        assert marks.index(grid) < marks.index(lines[0])
        normal, offset = hyperplane(shown, share)
        for path in (path for line in lines for path in line.paths):
            np.testing.assert_allclose(path @ normal, offset, atol=2e-3)
        rings = [mark for mark in marks if isinstance(mark, Lines) and "class" in mark.color]
        assert [len(path) for mark in rings for path in mark.paths] == [20_000, 20_000]
    assert lines[0].paths, "the decision line is seen at the end"
    theme = theme_from(film.recording.scene.theme if film.recording.scene else "dark")
    assert sum(theme.rgba("boundary")[:3]) < 0.25  # black
    assert np.ptp(theme.rgba("grid")[:3]) < 0.1  # grey


@shows("S2.20")
def a_video_that_a_browser_plays(shown: Shown) -> None:
    with TemporaryDirectory() as folder:
        video = render(shown.film.recording, Path(folder) / "film.mp4", size=(160, 90), seconds=2.0)
        content = video.path.read_bytes()
        frames = iio.imread(video.path)
        page = str(video._repr_mimebundle_()["text/html"])

    assert content[4:8] == b"ftyp"
    assert 0 < content.index(b"moov") < content.index(b"mdat")  # plays before it is all there
    assert b"avc1" in content
    assert len(frames) == video.frames == 20
    assert page.startswith('<video src="data:video/mp4;base64,')


@shows("S2.21")
def two_units_are_too_weak(shown: Shown) -> None:
    cases = measured(shown, "S2.21")

    assert cases["1-2-1"]["median"] < 0.85
    assert cases["1-2-1"]["share"] == 0
    assert scores(shown)[1, 2, 1] < 0.85


@shows("S2.22")
def depth_settles_sooner_and_fits_no_better(shown: Shown) -> None:
    cases = measured(shown, "S2.22")
    shallow, deep = cases["1-2-1"], cases["1-2-2-2-1"]

    assert deep["settled_at_epoch"] < shallow["settled_at_epoch"]
    assert abs(deep["median"] - shallow["median"]) < 0.05
    assert abs(scores(shown)[1, 2, 2, 2, 1] - scores(shown)[1, 2, 1]) < 0.05


@shows("S2.23")
def width_fits_better_but_not_at_every_seed(shown: Shown) -> None:
    cases = measured(shown, "S2.23")

    assert cases["1-6-1"]["median"] > cases["1-2-1"]["median"] + 0.1
    assert 0.2 < cases["1-6-1"]["share"] < 1
    assert scores(shown)[1, 6, 1] > scores(shown)[1, 2, 1] + 0.1


@shows("S2.24")
def some_of_both_fits_best(shown: Shown) -> None:
    cases = measured(shown, "S2.24")

    assert max(cases, key=lambda name: cases[name]["median"]) == "1-3-3-1"
    assert max(scores(shown), key=scores(shown).__getitem__) == (1, 3, 3, 1)
    assert len(scores(shown)) == 6


@shows("S2.25")
def a_chokepoint_costs_much_and_the_wider_net_is_slightly_better(shown: Shown) -> None:
    cases, ends = measured(shown, "S2.25"), scores(shown)

    narrow, wider = cases["1-3-1-3-1"], cases["1-3-3-1-3-3-1"]
    assert max(narrow["median"], wider["median"]) < cases["1-3-3-1"]["median"] - 0.1
    assert narrow["quartiles"][1] < wider["quartiles"][1]
    assert ends[1, 3, 1, 3, 1] < ends[1, 3, 3, 1, 3, 3, 1] < ends[1, 3, 3, 1] - 0.05


@shows("S2.26")
def two_units_cannot_part_the_rings_and_three_can(shown: Shown) -> None:
    cases = measured(shown, "S2.26")

    assert [film.network.widths[1] for film in shown.films] == [1, 2, 3, 4]
    assert [cases[f"width = {width}"]["share"] for width in (1, 2)] == [0, 0]
    assert min(cases[f"width = {width}"]["share"] for width in (3, 4)) > 0.8
    ends = list(scores(shown).values())
    assert max(ends[:2]) < 0.95
    assert min(ends[2:]) > 0.999
    assert [panel.title for panel in shown.panels] == ["Input space", "Hidden layer 2"] * 4
    plane = shown.film.limits("hidden2")
    assert all((film.limits("hidden2") == plane).all() for film in shown.films)


@shows("S2.27")
def one_unit_or_two_is_a_parameter_of_the_scene(shown: Shown) -> None:
    films = {width: filmed(load(shown.file, {"width": str(width)}))[0] for width in (1, 2, 3, 4)}

    assert [films[width].network.widths[1] for width in films] == [1, 2, 3, 4]
    scores = [film.score(film.epochs) for film in films.values()]
    assert max(scores[:2]) < 0.95
    assert min(scores[2:]) > 0.999
    assert tuple(shown.film.network.widths) == (2, 2, 2, 1)


def recipe(shown: Shown) -> tuple[str, float, float, str, int]:
    """Return optimiser, lr, momentum, loss and batch size."""
    training = shown.film.header.training
    named = (training[name] for name in ("optimizer", "lr", "momentum", "loss"))
    return (*named, shown.film.header.batch_size)


def moment(shown: Shown, share: float) -> float:
    """Return the training time at a share of the film."""
    return shown.film.moment(share * shown.film.timeline.seconds)


def hyperplane(shown: Shown, share: float) -> tuple[NDArray[np.float64], float]:
    """Return normal and offset of the decision line, of a unit normal."""
    state = shown.film.state(moment(shown, share))
    weight, bias = state["output.0.weight"][0].astype(float), float(state["output.0.bias"][0])
    length = float(np.hypot(*weight))
    return weight / length, -bias / length


def colored(marks: Sequence[Mark], kind: type[M], role: str) -> list[M]:
    """Return the marks of that kind whose one colour is `role`."""
    return [mark for mark in marks if isinstance(mark, kind) and mark.color == role]


def measured(shown: Shown, name: str) -> dict[str, dict[str, Any]]:
    """Return what was measured of a question over at least 20 seeds, by case."""
    answer = shown.answer(name)
    assert answer["seeds"] >= 20
    cases: dict[str, dict[str, Any]] = answer["cases"]
    return cases


def scores(shown: Shown) -> dict[tuple[int, ...], float]:
    """Return how well each network of a comparison does in the end, by its widths."""
    return {tuple(film.network.widths): film.score(film.epochs) for film in shown.films}
