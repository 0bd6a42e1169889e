"""Weights, Spectrum and Loss: what a training does to the matrices, and to the loss."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import Film, models, record
from nnanim.errors import SceneError
from nnanim.marks import Lines, Points, Polygons, Text
from nnanim.recording.record import untrained
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views import Loss, Spectrum, Weights
from tests.recordings import RINGS, normed_film, rings_film, thirds_film, with_parameters

TIMES = (0.0, 1.3, 3.9)


@cache
def by_hand() -> Film:
    """Return a 2-3-1 network whose matrices are known."""
    return Film(
        with_parameters(
            untrained(replace(RINGS, model=models.mlp(2, 3, 1, output="sigmoid"))),
            hidden1__0__weight=np.array([[1.0, -2.0], [3.0, 4.0], [0.0, -6.0]]),
            output__0__weight=np.array([[2.0, 0.0, -1.5]]),
        )
    )


@cache
def segmented() -> Film:
    """Return a training of three segments of four epochs."""
    training = replace(RINGS.training, epochs=12, segments=3, restart_optimizer=True)
    return Film(record(replace(RINGS, training=training)))


def only_points(film: Film, view: Spectrum, t: float) -> Floats:
    """Return the points of a spectrum."""
    (marks,) = view.marks(film, t)
    (points,) = (mark for mark in marks if isinstance(mark, Points))
    return points.xy


def curve_of(film: Film, view: Loss, t: float) -> Floats:
    """Return the loss curve over the training data, in one piece."""
    (marks,) = view.marks(film, t)
    (path,) = [p for m in marks if isinstance(m, Lines) and m.color == "class1" for p in m.paths]
    return path


# -- weights ---------------------------------------------------------------------------------------


def test_each_matrix_is_a_panel_of_its_own() -> None:
    """Columns are inputs, rows outputs, all cells equally large."""
    panels = Weights().panels(by_hand())

    assert [panel.title for panel in panels] == ["W1", "W2"]
    assert [(panel.x, panel.y) for panel in panels] == [((0, 2), (0, 3)), ((0, 3), (0, 3))]
    assert all(panel.equal for panel in panels)


def test_a_weight_lies_in_the_column_of_its_input_and_the_row_of_its_output() -> None:
    """The first unit uppermost, the matrix amid its panel."""
    (first, *_), (second, *_) = Weights().marks(by_hand(), 0.0)
    assert isinstance(first, Polygons)
    assert isinstance(second, Polygons)
    assert first.values is not None
    assert second.values is not None

    middles = np.mean(first.paths, axis=1).tolist()
    assert dict(zip(map(tuple, middles), first.values.tolist(), strict=True)) == {
        (0.5, 2.5): 1, (1.5, 2.5): -2, (0.5, 1.5): 3, (1.5, 1.5): 4, (0.5, 0.5): 0, (1.5, 0.5): -6,
    }  # fmt: skip
    assert np.mean(second.paths, axis=1).tolist() == [[0.5, 1.5], [1.5, 1.5], [2.5, 1.5]]
    assert second.values.tolist() == [2, 0, -1.5]
    assert np.ptp(first.paths[0], axis=0).tolist() == [1, 1]


def test_each_weight_of_a_small_matrix_is_written_in_its_cell() -> None:
    """Where its cell is full of colour, in that of the ground; none of 81."""
    cells, *numbers = Weights().marks(by_hand(), 0.0)[0]
    large = Film(untrained(replace(RINGS, model=models.mlp(2, 9, 9, 1, output="sigmoid"))))

    assert isinstance(cells, Polygons)
    said = [(mark.text, mark.color) for mark in numbers if isinstance(mark, Text)]
    assert said == [
        ("1.0", "ink"), ("−2.0", "ink"), ("3.0", "ink"), ("4.0", "ground"), ("0.0", "ink"),
        ("−6.0", "ground"),
    ]  # fmt: skip
    for mark, cell in zip(numbers, cells.paths, strict=True):
        assert isinstance(mark, Text)
        assert (cell.min(axis=0) < mark.xy).all()
        assert (mark.xy < cell.max(axis=0)).all()
    assert [len(marks) for marks in Weights().marks(large, 0.0)] == [1 + 18, 1, 1 + 9]


def test_the_colours_of_weights_are_the_same_over_the_run_and_the_panels() -> None:
    """Up to the largest of all snapshots to both sides of 0, or as given; the bar says so."""
    film = rings_film()
    states = film.recording.states
    largest = float(max(np.abs(states[f"{n}.weight"]).max() for n in film.network.linears))

    for view, high in ((Weights(), largest), (Weights(high=5.0), 5.0)):
        shown = {(m.low, m.high) for t in TIMES for (m, *_) in view.marks(film, t)}  # type: ignore[union-attr]
        assert shown == {(-high, high)}
        *others, bar = [panel.color_bar for panel in view.panels(film)]
        assert others == [None] * (len(film.network.linears) - 1)
        assert bar is not None
        assert (bar.low, bar.high) == (-high, high)


# -- spectrum --------------------------------------------------------------------------------------


@pytest.mark.parametrize("t", TIMES)
@pytest.mark.parametrize("film_of", [rings_film, normed_film, thirds_film])
def test_the_points_of_a_spectrum_are_numpys_singular_values(film_of, t: float) -> None:  # type: ignore[no-untyped-def]
    """Of the Linear layers alone, whatever else stands between them."""
    film = film_of()
    state = film.state(film.moment(t))
    weights = [state[f"{name}.weight"].astype(float) for name in film.network.linears]
    expected = [
        (layer, value)
        for layer, weight in enumerate(weights, start=1)
        for value in np.linalg.svd(weight)[1]
    ]

    for view in (Spectrum(), Spectrum(log=True)):
        shown = only_points(film, view, t)

        values = 10 ** shown[:, 1] if view.log else shown[:, 1]
        np.testing.assert_allclose(np.stack([shown[:, 0], values], axis=1), expected, rtol=1e-6)


def test_batch_normalisation_has_no_place_in_a_spectrum() -> None:
    """Its weight is a row of factors, no matrix."""
    assert normed_film().network.linears == ("body.0", "head")
    assert only_points(normed_film(), Spectrum(), 0.0)[:, 0].tolist() == [1, 1, 2]


def test_values_of_one_rank_are_joined_from_layer_to_layer() -> None:
    """The second one ends where a layer has but one."""
    (marks,) = Spectrum().marks(rings_film(), 1.3)
    points = only_points(rings_film(), Spectrum(), 1.3)

    joined = [path.tolist() for mark in marks if isinstance(mark, Lines) for path in mark.paths]

    # Three units, then two, then one.
    expected = [points[[0, 2]], points[[1, 3]], points[[2, 4]]]
    assert sorted(joined) == sorted(path.tolist() for path in expected)


def test_the_largest_and_the_smallest_value_of_a_layer_have_a_colour_each() -> None:
    """The legend's; what joins two largest has it too, and a lone value is a largest."""
    film = Film(untrained(replace(RINGS, model=models.mlp(2, 3, 3, 1, output="sigmoid"))))
    (panel,), (marks,) = Spectrum().panels(film), Spectrum().marks(film, 0.0)
    largest, smallest = (role for _, role, _ in panel.legend)
    (points,) = (mark for mark in marks if isinstance(mark, Points))

    assert [text for text, *_ in panel.legend] == ["largest", "smallest"]
    assert points.index is not None
    roles = [points.color[i] for i in points.index]
    assert roles == [largest, smallest, largest, "quiet", smallest, largest]
    counts = {mark.color: len(mark.paths) for mark in marks if isinstance(mark, Lines)}
    assert counts == {largest: 2, "quiet": 1}


@pytest.mark.parametrize("log", [False, True])
def test_a_spectrums_panel_holds_all_of_the_run(log: bool) -> None:
    """And a singular value of 0, which has no logarithm, lies on its lower edge."""
    for film in (rings_film(), by_hand()):
        (panel,) = Spectrum(log=log).panels(film)

        heights = [only_points(film, Spectrum(log=log), t)[:, 1] for t in np.linspace(0, 4, 41)]

        assert panel.y[0] < np.min(heights)
        assert np.max(heights) < panel.y[1]
    flat = with_parameters(by_hand().recording, hidden1__0__weight=np.ones((3, 2)))
    assert only_points(Film(flat), Spectrum(log=log), 0.0)[1, 1] == pytest.approx(
        -4 if log else 0, abs=1e-6
    )


def test_a_network_without_a_matrix_is_refused() -> None:
    """In words, by the panels."""
    scene = replace(RINGS, model=lambda: nn.Sequential(Flat(), nn.Sigmoid()))

    for view in (Weights(), Spectrum()):
        with pytest.raises(SceneError, match="no weight matrix"):
            view.panels(Film(untrained(scene)))


class Flat(nn.Module):
    """Two factors of the inputs' sum."""

    def __init__(self) -> None:
        super().__init__()
        self.factors = nn.Parameter(nn.Linear(2, 1).weight.detach()[0])

    def forward(self, x):  # type: ignore[no-untyped-def]
        """Return one score."""
        return (x * self.factors).sum(dim=1, keepdim=True)


# -- loss ------------------------------------------------------------------------------------------


def test_the_loss_of_an_epoch_is_the_mean_of_its_batches() -> None:
    """At its end; before it, the first batch's, which is all that is known."""
    film = rings_film()
    batches = film.recording.batch_loss.reshape(8, -1)

    curve = curve_of(film, Loss(), 4.0)

    np.testing.assert_allclose(curve[:9, 0], np.arange(9))
    np.testing.assert_allclose(curve[:9, 1], [batches[0, 0], *batches.mean(axis=1)])


def test_the_loss_of_each_step_is_its_batchs() -> None:
    """On the same axis of epochs."""
    film = rings_film()
    batches = film.recording.batch_loss

    curve = curve_of(film, Loss(per="step"), 4.0)

    np.testing.assert_allclose(curve[1 : len(batches) + 1, 1], batches)
    np.testing.assert_allclose(curve[1 : len(batches) + 1, 0], np.arange(1, 81) / 10)


def test_a_curve_of_many_steps_keeps_their_mean() -> None:
    """It has at most 2,000 points."""
    film = rings_film()
    many = np.random.default_rng(0).random(80_000)
    header = replace(film.header, steps_per_epoch=1000 * film.header.steps_per_epoch)
    steps = film.recording.steps * 1000
    recording = replace(film.recording, header=header, steps=steps, batch_loss=many)

    curve = curve_of(Film(recording), Loss(per="step"), 4.0)

    assert 1000 < len(curve) <= 2002
    assert curve[1:, 1].mean() == pytest.approx(many.mean(), abs=1e-6)


def test_a_logarithmic_loss_is_the_linear_ones_logarithm() -> None:
    """The panel says that its axis is one."""
    film = rings_film()

    linear, log = (curve_of(film, Loss(log=log), 4.0) for log in (False, True))

    np.testing.assert_allclose(10 ** log[:, 1], linear[:, 1])
    assert [Loss(log=log).panels(film)[0].y_log for log in (False, True)] == [False, True]


@pytest.mark.parametrize("log", [False, True])
def test_the_playhead_stands_at_the_end_of_the_curve_inside_the_panel(log: bool) -> None:
    """At the moment shown."""
    film = rings_film()
    (panel,) = Loss(log=log).panels(film)

    for t in TIMES:
        (marks,) = Loss(log=log).marks(film, t)
        (playhead,) = (mark for mark in marks if isinstance(mark, Points))
        curve = curve_of(film, Loss(log=log), t)
        assert playhead.xy[0].tolist() == curve[-1].tolist()
        assert curve[-1, 0] == pytest.approx(film.moment(t))
        assert inside(panel, curve)


def inside(panel: Panel, path: Floats) -> bool:
    """Return whether a path lies inside a panel."""
    box = np.array([panel.x, panel.y])
    return bool((box[:, 0] <= path).all() and (path <= box[:, 1]).all())


@pytest.mark.parametrize("log", [False, True])
def test_the_loss_over_the_test_part_is_another_curve(log: bool) -> None:
    """That of the network shown, at each moment, up to now; a legend says which is which."""
    film = rings_film()
    (marks,), (panel,) = Loss(log=log).marks(film, 2.0), Loss(log=log).panels(film)

    (curve,) = next(m for m in marks if isinstance(m, Lines) and m.color == "class0").paths

    assert len(film.data.test_inputs)
    assert curve[-1, 0] == pytest.approx(film.moment(2.0))
    for at, value in curve[:-1:20].tolist():
        given = torch.tensor(film.outputs("", film.data.test_inputs, at))
        loss = nn.functional.binary_cross_entropy(given, torch.tensor(film.data.test_targets))
        assert (10**value if log else value) == pytest.approx(float(loss), rel=1e-4)
    assert inside(panel, curve)
    assert [name for name, *_ in panel.legend] == ["training samples", "test samples"]


def test_without_a_test_part_there_is_one_curve() -> None:
    """And no legend."""
    film = thirds_film()
    (marks,), (panel,) = Loss().marks(film, 2.0), Loss().panels(film)

    assert not len(film.data.test_inputs)
    assert [m.color for m in marks if isinstance(m, Lines)] == ["class1"]
    assert panel.legend == ()


def test_a_quiet_line_stands_where_a_segment_begins() -> None:
    """Three segments have two borders; one curve runs over all of them."""
    (marks,) = Loss().marks(segmented(), 4.0)
    (borders,) = (m for m in marks if isinstance(m, Lines) and m.color == "hairline")

    assert [path[:, 0].tolist() for path in borders.paths] == [[4, 4], [8, 8]]
    assert len(curve_of(segmented(), Loss(), 4.0)) >= 13
    assert not any(
        isinstance(m, Lines) and m.color == "hairline" for m in Loss().marks(rings_film(), 4.0)[0]
    )


def test_a_loss_that_is_not_finite_parts_the_curve() -> None:
    """Limits are those of the rest."""
    film = rings_film()
    loss = film.recording.batch_loss.copy()
    loss[32] = np.inf
    broken = Film(replace(film.recording, batch_loss=loss))

    (marks,) = Loss().marks(broken, 4.0)

    lines = [mark for mark in marks if isinstance(mark, Lines) and mark.color == "class1"]
    parts = [path for mark in lines for path in mark.paths]
    assert [path[[0, -1], 0].tolist() for path in parts] == [[0, 3], [5, 8]]
    assert np.isfinite(Loss().panels(broken)[0].y).all()


def test_a_loss_per_year_is_refused() -> None:
    """With the names there are."""
    with pytest.raises(SceneError, match="epoch"):
        Loss(per="year")  # type: ignore[arg-type]
