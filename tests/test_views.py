"""Views, asked for their marks: what is on the sheet, in the coordinates of its panel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from nnanim import Film, Scene, Training, datasets, models, record, views
from nnanim.errors import SceneError
from nnanim.marks import Image, Lines, Mark, Points, Polygons
from nnanim.recording.record import untrained
from nnanim.rendering.filming import renderer_of
from nnanim.sheet.strip import Strip
from nnanim.themes import THEMES
from nnanim.types import Floats
from nnanim.view import Panel, View
from nnanim.views import (
    Contributions,
    Fit,
    HiddenSpace,
    Histogram,
    InputSpace,
    Line1D,
    Network,
    Thresholds,
    UnitLines,
)
from nnanim.views.shared_marks import TINT, data_points, grid_strokes, legend, unit_role
from tests.pictures import look
from tests.recordings import FIT, RINGS, bent_film, fit_film, rings_film, thirds_film, thirds_scene

M = TypeVar("M")

END = 3.9  # seconds: in the last hold of all these films
TIMES = (0.0, 1.3, END)


@cache
def filmed(*widths: int, activation: str = "tanh") -> Film:
    """Return the rings, seen by a network of these widths."""
    model = models.mlp(*widths, activation=activation, output="sigmoid")
    training = replace(RINGS.training, epochs=20, seed=3)
    return Film(record(replace(RINGS, model=model, training=training)))


@cache
def large() -> Film:
    """Return more points than can be told apart by shape."""
    return Film(record(replace(RINGS, dataset=replace(RINGS.dataset, n=500))))  # type: ignore[type-var]


def marks_of(view: View, film: Film, t: float) -> list[Mark]:
    """Return the marks of a view's only panel."""
    (marks,) = view.marks(film, t)
    return list(marks)


def only(marks: Sequence[Mark], kind: type[M]) -> list[M]:
    """Return the marks of one kind, in their order."""
    return [mark for mark in marks if isinstance(mark, kind)]


def lines(marks: Sequence[Mark], color: str) -> list[Floats]:
    """Return all lines of a colour, those of the grid in both its tints."""
    colors = ("grid", "grid2") if color == "grid" else (color,)
    return [path for mark in only(marks, Lines) if mark.color in colors for path in mark.paths]


def content(mark: Mark) -> dict[str, object]:
    """Return what a mark says, its arrays as bytes."""
    values = vars(mark).copy()
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            values[name] = value.tobytes()
    if isinstance(mark, Lines | Polygons):
        values["paths"] = [np.asarray(path).tobytes() for path in mark.paths]
    return values


def points(marks: Sequence[Mark]) -> list[tuple[float, ...]]:
    """Return all points with the class that their colour says, 0 where it says a number."""
    found = []
    for mark in only(marks, Points):
        if mark.values is not None:
            found += [(*map(float, at), 0.0) for at in mark.xy]
            continue
        roles = (mark.color,) if isinstance(mark.color, str) else mark.color
        index = np.zeros(len(mark.xy), int) if mark.index is None else mark.index
        found += [
            (*map(float, at), float(roles[i][-1])) for at, i in zip(mark.xy, index, strict=True)
        ]
    return found


def with_classes(film: Film, xy: Floats) -> list[tuple[float, ...]]:
    """Return points with their classes."""
    return [(*map(float, at), float(k)) for at, k in zip(xy, film.labels, strict=True)]


@cache
def one_layer_film() -> Film:
    """Return the regression of one input through one hidden layer."""
    return Film(record(replace(FIT, model=models.mlp(1, 4, 1))))


# -- every view ------------------------------------------------------------------------------------

EVERY: list[tuple[View, Callable[[], Film]]] = [
    (InputSpace(), rings_film),
    (InputSpace(), thirds_film),
    (HiddenSpace(), rings_film),
    (HiddenSpace(layer="hidden1", units=(0, 2)), rings_film),
    (HiddenSpace(), thirds_film),
    (HiddenSpace(), fit_film),
    (HiddenSpace(layer="hidden1"), lambda: filmed(2, 1, 2, 1)),
    (HiddenSpace(), lambda: filmed(2, 3, 1, 1)),
    (Fit(), fit_film),
    (Strip(), rings_film),
    (Strip(), fit_film),
    (UnitLines(), rings_film),
    (UnitLines("hidden2"), rings_film),
    (Network(), rings_film),
    (Network(), fit_film),
    (Histogram(), thirds_film),
    (Histogram("loss"), fit_film),
    (Line1D("output"), rings_film),
    (Thresholds(), one_layer_film),
    (Contributions(), one_layer_film),
]


@pytest.mark.parametrize(("view", "film_of"), EVERY)
def test_a_view_is_a_function_of_time(view: View, film_of: Callable[[], Film]) -> None:
    """The same t gives the same marks, whatever was asked before."""
    film = film_of()
    first = [marks_of(view, film, t) for t in TIMES]

    again = [marks_of(view, Film(film.recording), t) for t in reversed(TIMES)][::-1]

    for one, other in zip(first, again, strict=True):
        assert [type(mark) for mark in one] == [type(mark) for mark in other]
        assert [content(mark) for mark in one] == [content(mark) for mark in other]


@pytest.mark.parametrize(("view", "film_of"), EVERY)
def test_a_views_panels_stand_still(view: View, film_of: Callable[[], Film]) -> None:
    """They are the same before and after any picture, one for each list of marks."""
    film = film_of()
    before = view.panels(film)

    marks = [view.marks(film, t) for t in TIMES]

    assert view.panels(film) == before
    assert [len(rows) for rows in marks] == [len(before)] * 3
    for panel in before:
        assert panel.x[0] < panel.x[1]
        assert panel.y[0] < panel.y[1]


@pytest.mark.parametrize(
    ("view", "film_of"),
    [
        (InputSpace(), fit_film),
        (Fit(), rings_film),
        (HiddenSpace(layer="hidden3"), rings_film),
        (HiddenSpace(layer="hidden1", units=(0, 3)), rings_film),
        (HiddenSpace(units=(-1, 0)), rings_film),
        (HiddenSpace(), lambda: filmed(2, 1)),
    ],
)
def test_a_view_of_what_is_not_there_is_refused(view: View, film_of: Callable[[], Film]) -> None:
    """By its panels, before anything is drawn."""
    with pytest.raises(SceneError):
        view.panels(film_of())


@pytest.mark.parametrize(
    "view",
    [
        views.Activations(),
        HiddenSpace(),
        views.HiddenSpace3D(),
        views.HiddenTriples(),
        views.Jacobian(),
    ],
)
def test_a_view_of_a_hidden_layer_names_itself_where_there_is_none(view: View) -> None:
    """And says which layer to give, where one has enough units: the view draws that."""
    name = type(view).__name__
    hint = (
        "" if "3D" in name or "Triples" in name else ": give a layer that it has, as layer='output'"
    )
    said = f"^{name} needs a hidden layer; this model has none{hint}$"

    with pytest.raises(SceneError, match=said):
        view.panels(filmed(2, 1))


# -- the input space -------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [InputSpace(), HiddenSpace()])
def test_back_to_front_are_tint_grid_points_and_boundary(view: View) -> None:
    """The grid never hides the decision line."""
    marks = marks_of(view, rings_film(), END)

    kinds = [mark.color if isinstance(mark, Lines) else type(mark).__name__ for mark in marks]
    kinds = [kind.removesuffix("2") for kind in kinds]
    order = ["Image", "grid", "Points", "boundary"]
    assert list(dict.fromkeys(kinds)) == order
    assert kinds == sorted(kinds, key=order.index)


@pytest.mark.parametrize("view", [InputSpace(), HiddenSpace()])
@pytest.mark.parametrize("t", TIMES)
def test_the_grid_has_42_lines_and_a_heavier_outline(view: View, t: float) -> None:
    """The outline of the input window is the first and the last line each way, of two tints."""
    strokes = [m for m in only(marks_of(view, rings_film(), t), Lines) if "grid" in m.color]

    assert [m.color for m in strokes] == ["grid", "grid2"] * 2
    assert [len(m.paths) for m in strokes] == [19, 19, 2, 2]
    assert strokes[2].width == strokes[3].width > strokes[1].width == strokes[0].width


def test_the_input_spaces_outline_is_the_window() -> None:
    """Its corners are the window's."""
    film = rings_film()

    outlines = only(marks_of(InputSpace(), film, END), Lines)[2:4]

    ends = [end for outline in outlines for path in outline.paths for end in path]
    corners = {tuple(np.round(end, 6)) for end in ends}
    assert corners == {(x, y) for x in (-1.2, 1.2) for y in (-1.2, 1.2)}


@pytest.mark.parametrize("film_of", [rings_film, large, thirds_film])
def test_the_input_space_shows_the_data_where_they_are(film_of: Callable[[], Film]) -> None:
    """Each in the colour of its class."""
    film = film_of()

    shown = points(marks_of(InputSpace(), film, 1.3))

    assert sorted(shown) == sorted(with_classes(film, film.data.inputs))


def test_few_points_differ_in_shape_too() -> None:
    """Many would be too small to see it."""
    few, many = (marks_of(InputSpace(), film, END) for film in (thirds_film(), large()))

    assert [mark.shape for mark in only(few, Points)] == ["disc", "square", "triangle"]
    assert [mark.shape for mark in only(many, Points)] == ["disc"]


@pytest.mark.parametrize(("classes", "theme"), [(12, "paper"), (24, "dark"), (24, "light")])
def test_classes_differ_in_colour_or_shape_however_many_points_there_are(
    classes: int, theme: str
) -> None:
    """On paper twelve, of four greys; the legend says so too."""
    x, y = np.random.default_rng(0).normal(size=(900, 2)), np.arange(900) % classes
    scene = Scene(
        dataset=datasets.from_arrays(x, y),
        model=models.mlp(2, 2, classes),
        training=Training(epochs=1, loss="cross_entropy"),
    )
    film = Film(untrained(scene))

    shown = only(marks_of(InputSpace(), film, 0.0), Points)

    looks = {}
    for mark in shown:
        for k, role in enumerate(mark.color):
            theirs = mark.xy[mark.index == k]
            (own,) = {int(y[np.abs(x - at).sum(axis=1).argmin()]) for at in theirs[:5]}
            looks[own] = (THEMES[theme].color(role), mark.shape)
    assert len(set(looks.values())) == classes
    named = [(THEMES[theme].color(role), shape) for _, role, shape in legend(film)]
    assert named == [looks[k] for k in range(classes)]


def test_the_gap_between_target_and_curve_is_filled() -> None:
    """Its parts do not cross the curves, and are as large together as the mean error is long."""
    film = fit_film()
    (panel,) = Fit().panels(film)
    inputs, targets = film.data.test_inputs[:, 0], film.data.test_targets[:, 0]
    x = np.linspace(inputs.min(), inputs.max(), 20_001)
    order = np.argsort(inputs)
    target = np.interp(x, inputs[order], targets[order])
    network = film.outputs("", x[:, None].astype(np.float32), 0.0)[:, 0]

    (gap,) = only(marks_of(Fit(), film, 0.0), Polygons)

    areas = []
    for part in gap.paths:
        across, up = part.T
        areas.append(0.5 * abs(np.dot(across, np.roll(up, -1)) - np.dot(np.roll(across, -1), up)))
    expected = np.abs(network - target).mean() * np.ptp(x)
    assert sum(areas) == pytest.approx(expected, rel=0.01)
    assert gap.color == "class0"
    assert panel.legend[1][1] == "class0"


def test_a_fit_shows_its_hidden_units_beneath_if_asked() -> None:
    """Each as the last hidden layer gives it, in a unit's colour, before all else."""
    film = fit_film()
    units = film.network.widths[-2]

    plain, told = (marks_of(Fit(hidden=hidden), film, 0.0) for hidden in (False, True))

    beneath = only(told[:units], Lines)
    assert len(told) == len(plain) + units
    assert [mark.color for mark in beneath] == [unit_role(unit) for unit in range(units)]
    for unit, mark in enumerate(beneath):
        (curve,) = mark.paths
        given = film.outputs(film.network.hidden[-1], curve[:, :1].astype(np.float32), 0.0)
        np.testing.assert_allclose(curve[:, 1], given[:, unit], atol=1e-5)


@pytest.mark.parametrize("t", TIMES)
def test_the_input_spaces_boundary_is_the_films(t: float) -> None:
    """At the moment of that time."""
    film = rings_film()

    shown = lines(marks_of(InputSpace(), film, t), "boundary")

    expected = film.boundary(film.moment(t))
    assert [path.tolist() for path in shown] == [line.tolist() for line in expected]


@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1)])
def test_a_tints_cell_is_what_the_network_says_at_its_middle(corner: tuple[int, int]) -> None:
    """Row 0 lies below, column 0 at the left."""
    film = rings_film()

    (image,) = only(marks_of(InputSpace(), film, END), Image)

    x0, x1, y0, y1 = image.extent
    rows, columns = image.field.shape
    row, column = corner[0] % rows, corner[1] % columns
    middle = [x0 + (column + 0.5) / columns * (x1 - x0), y0 + (row + 0.5) / rows * (y1 - y0)]
    value = film.outputs("", np.array([middle]), film.epochs)[0, 0]
    assert image.field[corner] == pytest.approx(value, abs=1e-5)
    assert (image.low, image.high) == (0, 1)


def test_a_tint_is_full_where_sure_and_clear_where_not() -> None:
    """Class 0 below a half, class 1 above, nothing at it."""
    (image,) = only(marks_of(InputSpace(), rings_film(), END), Image)
    assert not isinstance(image.scale, str)

    stops = [(stop.position, stop.color, stop.alpha) for stop in image.scale]

    assert stops[0] == (0.0, "class0", TINT)
    assert {stop[2] for stop in stops[1:-1]} == {0.0}
    assert stops[-1] == (1.0, "class1", TINT)


def test_three_classes_have_a_tint_each_that_never_overlap() -> None:
    """Each only where its class wins, from 0 at even odds to 1 where it is sure."""
    film = thirds_film()

    images = only(marks_of(InputSpace(), film, END), Image)

    fields = np.stack([image.field for image in images])
    assert fields.shape == (3, 160, 160)
    assert ((fields > 0).sum(axis=0) <= 1).all()
    x0, x1, y0, y1 = images[0].extent
    k, row, column = np.unravel_index(fields.argmax(), fields.shape)
    middle = [x0 + (column + 0.5) / 160 * (x1 - x0), y0 + (row + 0.5) / 160 * (y1 - y0)]
    scores = film.scores(np.array([middle]), film.epochs)[0].astype(float)
    probability = np.exp(scores) / np.exp(scores).sum()
    assert scores.argmax() == k
    assert fields.max() == pytest.approx((3 * probability[k] - 1) / 2, abs=1e-5)


# -- the hidden space ------------------------------------------------------------------------------


@pytest.mark.parametrize("t", TIMES)
@pytest.mark.parametrize("units", [(0, 1), (1, 0)])
def test_the_decision_line_lies_on_the_hyperplane_and_the_box(
    t: float, units: tuple[int, int]
) -> None:
    """w·h + c = 0 at both ends, each on an edge of the panel; the reached part is on it too."""
    film, view = rings_film(), HiddenSpace(units=units)
    state = film.replay.state(film.moment(t))
    weight, bias = state["output.0.weight"][0].astype(float), float(state["output.0.bias"][0])
    (panel,) = view.panels(film)

    whole, reached = (m for m in only(marks_of(view, film, t), Lines) if m.color == "boundary")

    for path in [*whole.paths, *reached.paths]:
        at = path if units == (0, 1) else path[:, ::-1]
        np.testing.assert_allclose(at @ weight + bias, 0, atol=1e-3 * np.hypot(*weight))
    for end in np.concatenate([*whole.paths, np.zeros((0, 2))]):
        edges = np.abs([*(np.array(panel.x) - end[0]), *(np.array(panel.y) - end[1])])
        assert edges.min() < 1e-9
    assert len(whole.paths) == 1 or t == 0.0


@pytest.mark.parametrize("units", [(0, 1), (1, 0)])
@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1)])
def test_a_hidden_tints_cell_is_what_the_read_out_says(
    units: tuple[int, int], corner: tuple[int, int]
) -> None:
    """Of the layer's outputs at the cell's middle, whichever unit lies across."""
    film = rings_film()
    state = film.replay.state(film.epochs)

    (image,) = only(marks_of(HiddenSpace(units=units), film, END), Image)

    x0, x1, y0, y1 = image.extent
    rows, columns = image.field.shape
    row, column = corner[0] % rows, corner[1] % columns
    across = x0 + (column + 0.5) / columns * (x1 - x0)
    up = y0 + (row + 0.5) / rows * (y1 - y0)
    weight = state["output.0.weight"][0]
    score = weight[units[0]] * across + weight[units[1]] * up + state["output.0.bias"][0]
    assert image.field[corner] == pytest.approx(1 / (1 + np.exp(-score)), abs=1e-6)


@pytest.mark.parametrize("t", TIMES)
def test_hidden_points_and_grid_are_the_films(t: float) -> None:
    """Points are the layer's outputs of the data; grid lines end where their own ends go."""
    film = rings_film()
    moment = film.moment(t)

    marks = marks_of(HiddenSpace(), film, t)

    xy = film.points("hidden2", moment)
    assert sorted(points(marks)) == sorted(with_classes(film, xy))
    ends = {tuple(np.round(line[i], 5)) for line in lines(marks, "grid") for i in (0, -1)}
    expected = {
        tuple(np.round(line[i].astype(float), 5))
        for line in film.grid("hidden2", moment)
        for i in (0, -1)
    }
    assert ends == expected


def test_grid_lines_bend_as_the_layer_bends_them() -> None:
    """Between their points too, no true point is further off than a fraction of a pixel."""
    film = bent_film()
    (panel,) = HiddenSpace().panels(film)

    curve = next(
        line for line in lines(marks_of(HiddenSpace(), film, 0.0), "grid") if len(line) > 100
    )

    source = next(
        line
        for line, image in zip(film.grid_lines, film.grid("hidden2", 0.0), strict=True)
        if (image[[0, -1]] == curve[[0, -1]]).all()
    )
    dense = np.linspace(source[0], source[-1], 4001)
    image = film.outputs("hidden2", dense, 0.0)
    starts, ways = curve[:-1], np.diff(curve, axis=0)
    off = image[:, None] - starts[None]
    along = np.clip((off * ways).sum(2) / np.maximum((ways**2).sum(1), 1e-30), 0, 1)
    distance = np.hypot(*(off - along[..., None] * ways).transpose(2, 0, 1)).min(axis=1)
    assert distance.max() <= (panel.x[1] - panel.x[0]) / 8000


def test_a_wider_layer_shows_the_units_that_are_picked() -> None:
    """Its boundary is what the window reaches, no straight line."""
    film, view = rings_film(), HiddenSpace(layer="hidden1", units=(2, 0))

    marks = marks_of(view, film, END)

    assert sorted(points(marks)) == sorted(
        with_classes(film, film.points("hidden1", film.epochs)[:, [2, 0]])
    )
    pushed = [line[:, [2, 0]].tolist() for line in film.boundary(film.epochs, "hidden1")]
    assert [line.tolist() for line in lines(marks, "boundary")] == pushed
    assert not only(marks, Image)
    assert view.panels(film)[0].title == "Hidden layer 1, units 3 and 1"


def test_a_wide_last_layer_has_no_straight_line() -> None:
    """A hyperplane of more than two dimensions is not a line in the picture."""
    film = filmed(2, 4, 1)

    marks = marks_of(HiddenSpace(units=(0, 1)), film, END)

    pushed = [line[:, :2].tolist() for line in film.boundary(film.epochs, "hidden1")]
    assert pushed
    assert [line.tolist() for line in lines(marks, "boundary")] == pushed
    assert not only(marks, Image)


def test_an_earlier_layer_shows_its_curved_boundary() -> None:
    """Two units wide, but not what the read-out sees."""
    film = filmed(2, 2, 2, 1)

    marks = marks_of(HiddenSpace(layer="hidden1"), film, END)

    pushed = [line.tolist() for line in film.boundary(film.epochs, "hidden1")]
    assert pushed
    assert [line.tolist() for line in lines(marks, "boundary")] == pushed
    assert not only(marks, Image)


def test_a_layer_of_one_unit_is_a_line_with_its_threshold() -> None:
    """Points lie at their values, the threshold upright where w·h + c = 0."""
    film, view = filmed(2, 3, 1, 1), HiddenSpace()
    state = film.replay.state(film.epochs)

    marks = marks_of(view, film, END)

    values = [(x, k) for x, _, k in points(marks)]
    expected = with_classes(film, film.points("hidden2", film.epochs))
    assert sorted(values) == sorted(expected)
    (threshold,) = lines(marks, "boundary")
    at = -state["output.0.bias"][0] / state["output.0.weight"][0, 0]
    np.testing.assert_allclose(threshold[:, 0], at, rtol=1e-5)
    (panel,) = view.panels(film)
    assert (panel.y_ticks, panel.equal) == (False, False)
    assert tuple(threshold[:, 1]) == panel.y


def test_an_earlier_layer_of_one_unit_has_its_thresholds() -> None:
    """Where what follows decides otherwise, an upright line at each change."""
    film = filmed(2, 1, 2, 1)

    marks = marks_of(HiddenSpace(layer="hidden1"), film, END)

    found = {round(float(line[0, 0]), 3) for line in lines(marks, "boundary")}
    values = film.outputs("hidden1", film.data.inputs, film.epochs)[:, 0]
    decided = film.outputs("", film.data.inputs, film.epochs)[:, 0] > 0.5
    order = values.argsort()
    changes = np.flatnonzero(np.diff(decided[order]))
    assert len(found) == len(changes) > 0
    for i, at in zip(changes, sorted(found), strict=True):
        assert values[order][i] - 1e-3 <= at <= values[order][i + 1] + 1e-3


def test_regression_in_hidden_space_has_no_regions() -> None:
    """One bent line of inputs, the samples, and no boundary."""
    film = fit_film()

    marks = marks_of(HiddenSpace(), film, END)

    assert not only(marks, Image)
    assert not lines(marks, "boundary")
    assert len(lines(marks, "grid")) == 1
    xy = [point[:2] for point in points(marks)]
    assert sorted(xy) == sorted(map(tuple, film.points("hidden2", film.epochs).tolist()))


def test_points_and_grid_can_be_left_out() -> None:
    """The rest stays."""
    bare: list[View] = [
        InputSpace(points=False, grid=False),
        HiddenSpace(points=False, grid=False),
    ]

    for view in bare:
        marks = marks_of(view, rings_film(), END)
        assert {type(mark) for mark in marks} == {Image, Lines}
        assert {mark.color for mark in only(marks, Lines)} == {"boundary"}


# -- the fit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("t", TIMES)
def test_the_curve_of_a_fit_is_the_network(t: float) -> None:
    """Its outputs over the whole window, in front of gap, target and samples."""
    film = fit_film()

    marks = marks_of(Fit(), film, t)

    colors = [getattr(mark, "color", None) for mark in marks]
    assert colors == ["class0", "class1", "class1", "class0"]
    (curve,) = lines(marks, "class0")
    assert (curve[0, 0], curve[-1, 0]) == (-2.0, 2.0)
    outputs = film.outputs("", curve[:, :1], film.moment(t))
    np.testing.assert_allclose(curve[:, 1], outputs[:, 0], atol=1e-6)


def test_the_target_of_a_fit_is_the_polynomial() -> None:
    """From the test part, from left to right."""
    (target,) = lines(marks_of(Fit(), fit_film(), 0.0), "class1")

    x, y = target.astype(float).T
    assert (np.diff(x) > 0).all()
    np.testing.assert_allclose(y, 1 + x - 3 * x**2 + x**4, atol=1e-4)


@pytest.mark.parametrize("most", [10, 33, 79, 80, 500])
def test_a_fit_shows_samples_evenly_and_not_too_many(most: int) -> None:
    """Of eighty, as many as asked at most."""
    film = fit_film()

    (samples,) = only(marks_of(Fit(most_points=most), film, END), Points)

    pairs = {tuple(pair) for pair in np.concatenate([film.data.inputs, film.data.targets], 1)}
    assert min(most, 80) / 2 <= len(samples.xy) <= min(most, 80)
    assert {tuple(point) for point in samples.xy} <= pairs


# -- the strip -------------------------------------------------------------------------------------


@pytest.mark.parametrize("film_of", [rings_film, fit_film])
def test_the_strips_curve_grows_up_to_the_playhead(film_of: Callable[[], Film]) -> None:
    """It ends at the present moment and keeps what it was before."""
    film = film_of()
    before: Floats = np.zeros((0, 2))

    for t in np.linspace(0, END, 12):
        *tested, curve, playhead = marks_of(Strip(), film, float(t))
        assert len(tested) == 1
        assert isinstance(curve, Lines)
        assert isinstance(playhead, Points)
        (line,) = curve.paths
        assert playhead.xy[0, 0] == film.moment(float(t))
        assert (np.diff(line[:, 0]) > 0).all()
        np.testing.assert_array_equal(line[-1], playhead.xy[0])
        np.testing.assert_array_equal(line[: max(0, len(before) - 1)], before[:-1])
        before = line


@pytest.mark.parametrize("film_of", [rings_film, fit_film])
def test_the_strip_shows_the_loss_from_its_least_to_its_most(film_of: Callable[[], Film]) -> None:
    """Higher loss stands higher, and all of it, over the test part too, lies in the panel."""
    film = film_of()
    (panel,) = Strip().panels(film)

    tested, curve = (
        mark.paths[0] for mark in only(marks_of(Strip(), film, film.timeline.seconds), Lines)
    )

    assert panel.x[0] < 0.0 < film.epochs < panel.x[1]
    assert film.test_losses is not None
    for line, losses in ((curve, film.history.loss), (tested, film.test_losses)):
        assert (panel.y[0] <= line[:, 1]).all()
        assert (line[:, 1] <= panel.y[1]).all()
        past = losses[: len(line) - 1]
        assert (np.diff(line[:-1, 1][past.argsort()]) >= 0).all()
    assert max(curve[:, 1].max(), tested[:, 1].max()) == pytest.approx(1.0)


@pytest.mark.parametrize("film_of", [rings_film, fit_film])
def test_the_figures_are_those_of_the_moment(film_of: Callable[[], Film]) -> None:
    """The loss takes as much room at the end as at the start, so that nothing moves."""
    film = film_of()

    texts = [Strip().figures(film, moment) for moment in np.linspace(0, film.epochs, 9)]

    places = {text.index(film.score_name) for text in texts}
    assert len(places) == 1
    for text, moment in zip(texts, np.linspace(0, film.epochs, 9), strict=True):
        loss = float(text.split()[1].replace("\u2007", ""))
        assert loss == pytest.approx(film.loss(moment), abs=1e-3)


# -- a view of one's own ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Traces:
    """The way of each sample through the hidden layer, from the start until now."""

    layer: str

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel over the layer's limits."""
        (x0, x1), (y0, y1) = film.limits(self.layer)
        return [Panel("Traces", (x0, x1), (y0, y1))]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return a line for each sample."""
        ways = [film.points(self.layer, m) for m in np.linspace(0, film.moment(t), 20)]
        return [[Lines(list(np.stack(ways, axis=1)), "class1", alpha=0.3)]]


def test_a_view_of_ones_own_works_like_any_other() -> None:
    """Fifteen lines in a scene file; the package knows nothing of it."""
    views: list[View] = [Traces("hidden2"), HiddenSpace()]
    scene = Scene(
        dataset=RINGS.dataset,
        model=RINGS.model,
        training=Training(epochs=3, optimizer="adam", loss="bce"),
        views=views,
    )

    renderer = renderer_of(Film(record(scene)), look(size=(320, 180)))

    box = renderer.sheet.layout.panels[0]
    start, end = (
        frame[box.top : box.bottom, box.left : box.right]
        for frame in (renderer.frame(0.0), renderer.frame(6.0))
    )
    assert len(np.unique(start.reshape(-1, 4), axis=0)) == 1  # no way has been gone yet
    assert len(np.unique(end.reshape(-1, 4), axis=0)) > 10


@dataclass(frozen=True)
class Spread:
    """A wide layer in the plane of its two largest spreads at the end of the training."""

    layer: str

    def plane(self, film: Film) -> tuple[Floats, Floats]:
        """Return the middle (units,) and the two directions (units, 2)."""

        def found() -> tuple[Floats, Floats]:
            points = film.points(self.layer, film.epochs)
            middle = points.mean(axis=0)
            return middle, np.linalg.svd(points - middle, full_matrices=False)[2][:2].T

        return film.once(("spread", self.layer), found)

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel around the data as they lie at the end."""
        middle, directions = self.plane(film)
        points = (film.points(self.layer, film.epochs) - middle) @ directions
        low, high = points.min(axis=0), points.max(axis=0)
        return [Panel("Spread", (low[0], high[0]), (low[1], high[1]), legend=legend(film))]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return grid and data."""
        (middle, directions), at = self.plane(film), film.moment(t)
        grid = [(line - middle) @ directions for line in film.grid(self.layer, at)]
        points = (film.points(self.layer, at) - middle) @ directions
        return [[*grid_strokes(grid), *data_points(film, points)]]


def test_a_view_of_ones_own_shows_a_wide_layer_in_a_plane() -> None:
    """What it computes once is computed once; grid and data lie where the plane has them."""
    data = datasets.blobs(n=500, classes=5)
    scene = Scene(
        dataset=data,
        model=models.mlp(2, 24, 24, 5, activation="relu", output="identity"),
        training=Training(epochs=4, optimizer="adam", lr=0.003, loss="cross_entropy"),
        views=[HiddenSpace(), Spread("hidden2")],
    )
    film, view = Film(record(scene)), Spread("hidden2")

    (marks,) = view.marks(film, film.timeline.seconds)
    middle, directions = view.plane(film)
    points, strokes = only(marks, Points), only(marks, Lines)

    assert view.plane(film)[0] is middle
    seen = film.points("hidden2", film.epochs)
    for mark in points:
        for place, role in enumerate(mark.color):
            theirs = ((seen - middle) @ directions)[film.labels == int(role[5:])]
            own = mark.xy[mark.index == place]
            np.testing.assert_allclose(own, theirs, rtol=1e-5, atol=1e-5)
    xy = np.concatenate([mark.xy for mark in points])
    assert len(xy) == len(seen)
    shown = np.var(xy, axis=0).sum()
    assert shown > np.var(seen[:, :2], axis=0).sum()
    assert shown > np.sort(np.var(seen, axis=0))[-2:].sum()
    assert sum(len(mark.paths) for mark in strokes) == len(film.grid("hidden2", 1.0)) == 42
    renderer = renderer_of(film, look(size=(640, 360)))
    box = renderer.sheet.layout.panels[1]
    frame = renderer.frame(film.timeline.seconds)
    inside = frame[box.top : box.bottom, box.left : box.right]
    assert len(np.unique(inside.reshape(-1, 4), axis=0)) > 100


def test_a_scene_without_views_shows_what_suits_its_task() -> None:
    """Classes of two inputs: input and hidden space; regression of one: the fit; and the strip."""
    classes = renderer_of(rings_film(), look(size=(320, 180))).sheet.views
    regression = renderer_of(fit_film(), look(size=(320, 180))).sheet.views
    logistic = renderer_of(filmed(2, 1), look(size=(320, 180))).sheet.views

    assert [type(view) for view in classes] == [InputSpace, HiddenSpace, Strip]
    assert [type(view) for view in regression] == [Fit, Strip]
    assert [type(view) for view in logistic] == [InputSpace, Strip]
    assert FIT.views is None


def test_the_cells_of_three_classes_meet_in_the_hidden_plane() -> None:
    """Each edge between two cells is where their scores are equal and no other is larger."""
    scene = thirds_scene()
    scene = replace(scene, model=models.mlp(2, 2, 3), layer=None)
    film = Film(record(scene))
    moment = film.epochs

    edges = only(marks_of(HiddenSpace(), film, film.timeline.seconds), Lines)[-1].paths

    weight = film.state(moment)["output.0.weight"].astype(float)
    bias = film.state(moment)["output.0.bias"].astype(float)
    for edge in edges:
        scores = np.sort(edge.mean(axis=0) @ weight.T + bias)
        assert scores[-1] == pytest.approx(scores[-2], abs=1e-5)


# -- own data --------------------------------------------------------------------------------------


def own_film(inputs: Floats, names: list[str]) -> Film:
    """Return an untrained film of own data, a third of the samples in each of three classes."""
    labels = (["plum", "pear", "fig"] * len(inputs))[: len(inputs)]
    scene = Scene(
        dataset=datasets.from_arrays(inputs, labels, axis_names=names),
        model=models.mlp(inputs.shape[1], 3, 2, 3),
        training=Training(loss="cross_entropy"),
    )
    return Film(untrained(scene))


def test_inputs_of_different_units_are_drawn_each_in_its_own() -> None:
    """Where one span is more than twice the other; else one unit is as long as the other."""
    inputs = np.random.default_rng(0).uniform(0, 1, (30, 2))

    (alike,) = InputSpace().panels(own_film(inputs * [1.0, 1.5], ["x", "y"]))
    (different,) = InputSpace().panels(own_film(inputs * [1.0, 50.0], ["x", "y"]))

    assert (alike.equal, different.equal) == (True, False)


def test_axes_are_named_where_they_have_names() -> None:
    """x and y go without saying."""
    inputs = np.random.default_rng(0).uniform(0, 1, (30, 2))

    (named,) = InputSpace().panels(own_film(inputs, ["width", "height"]))
    (plain,) = InputSpace().panels(own_film(inputs, ["x", "y"]))

    assert (named.x_label, named.y_label) == ("width", "height")
    assert (plain.x_label, plain.y_label) == ("", "")


@pytest.mark.parametrize("width", [1, 3])
def test_a_hidden_space_alone_says_which_colour_is_which_class(width: int) -> None:
    """There is no input space beside it unless there are two inputs."""
    inputs = np.random.default_rng(0).uniform(0, 1, (30, width))

    (alone,) = HiddenSpace().panels(own_film(inputs, [f"x{i}" for i in range(width)]))
    (beside,) = HiddenSpace().panels(thirds_film())

    assert alone.legend == (
        ("fig", "class0", "disc"),
        ("pear", "class1", "square"),
        ("plum", "class2", "triangle"),
    )
    assert beside.legend == ()


def test_the_legend_of_two_classes_is_shown_when_asked_for() -> None:
    """Of more than two it always is, unless it is not wanted."""
    two, three = rings_film(), thirds_film()

    def legends(view: InputSpace) -> list[int]:
        return [len(panel.legend) for film in (two, three) for panel in view.panels(film)]

    assert legends(InputSpace()) == [0, 3]
    assert legends(InputSpace(legend=True)) == [2, 3]
    assert legends(InputSpace(legend=False)) == [0, 0]


def test_the_page_of_views_names_every_view() -> None:
    """A view that no page tells of is not found by anyone; the strip is in every film anyway."""
    page = (Path(__file__).parents[1] / "docs" / "views.md").read_text(encoding="utf-8")

    assert [name for name in views.__all__ if f"`{name}`" not in page] == []
