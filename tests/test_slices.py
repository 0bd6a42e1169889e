"""Slices: a plane through more than two inputs, which all views of a scene show."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from nnanim import Film, Scene, Slice, datasets, models, record, views
from nnanim.cli import cli
from nnanim.errors import SceneError
from nnanim.marks import Points
from nnanim.network.modules import state_of
from nnanim.network.traced import network_of
from nnanim.slices import Principal
from nnanim.types import Floats
from nnanim.view import View
from tests.recordings import RINGS, Given

PLANE = Slice(0, 3)
NAMES = ("a", "b", "c", "d")
END = 3.9


def samples() -> Floats:
    """Return 300 samples of four inputs of different spreads."""
    rng = np.random.default_rng(0)
    return (rng.normal(size=(300, 4)) * (1.0, 3.0, 0.5, 2.0) + (0, 1, 5, -2)).astype(np.float32)


def scene(plane: Any = None, classes: int = 3, **given: Any) -> Scene:
    """Return classes of four inputs, which are all needed to tell them apart."""
    inputs = samples()
    scores = (inputs - inputs.mean(axis=0)) @ np.random.default_rng(1).normal(size=(4, classes))
    window = tuple(
        (float(low), float(high)) for low, high in zip(inputs.min(0), inputs.max(0), strict=True)
    )
    data = Given(inputs, scores.argmax(axis=1), "classes", window, axis_names=NAMES)
    training = replace(RINGS.training, loss="cross_entropy", lr=0.02, epochs=6)
    model = models.mlp(4, 6, 2, classes)
    return replace(RINGS, dataset=data, model=model, training=training, plane=plane, **given)


@cache
def sliced(plane: Any = PLANE) -> Film:
    """Return a film of a slice."""
    return Film(record(scene(plane)))


@pytest.mark.parametrize("plane", [Slice("d", 1), Slice(0, 2, (2.0, -1.0)), Slice.principal()])
def test_a_plane_takes_points_to_inputs_and_back(plane: Any) -> None:
    """Straight back: what lies in it comes to where it was, and nothing is nearer to a sample."""
    found = plane.through(samples(), NAMES, ((0.0, 1.0),) * 4)
    points = np.random.default_rng(2).normal(size=(50, 2))

    lifted = found.lifted(points)

    np.testing.assert_allclose(found.projected(lifted), points, atol=1e-8)
    np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(2), atol=1e-8)
    at = found.projected(samples())
    away = np.linalg.norm(samples() - found.lifted(at), axis=1)
    np.testing.assert_allclose(found.distance(samples()), away, atol=1e-5)
    beside = np.linalg.norm(samples() - found.lifted(at + 0.1), axis=1)
    assert (away <= beside).all()


def test_the_others_stay_at_their_median_or_where_they_are_told() -> None:
    """In the units of the data, whatever the scaling."""
    inputs, plain = samples(), ((0.0, 1.0),) * 4
    scaled = ((0.0, 1.0), (10.0, 2.0), (0.0, 1.0), (0.0, 1.0))

    median = Slice(0, 3).through(inputs, NAMES, plain)
    told = Slice(0, 3, others=(12.0, 5.0)).through(inputs, NAMES, scaled)

    np.testing.assert_allclose(median.origin, [0, *np.median(inputs, axis=0)[1:3], 0])
    np.testing.assert_allclose(told.origin, [0, 1, 5, 0])
    assert median.names == ("a", "d")
    np.testing.assert_array_equal(median.projected(inputs), inputs[:, [0, 3]].astype(float))
    np.testing.assert_allclose(median.window[:, 0], inputs[:, [0, 3]].min(axis=0))


def test_the_principal_plane_has_the_most_variance() -> None:
    """Of all planes that chance gives."""
    inputs = samples().astype(float)
    plane = Principal().through(inputs, NAMES, ((0.0, 1.0),) * 4)
    centred = inputs - inputs.mean(axis=0)

    rng = np.random.default_rng(4)
    others = [np.linalg.qr(rng.normal(size=(4, 2)))[0] for _ in range(100)]
    assert all(
        ((centred @ other) ** 2).sum() <= (plane.projected(inputs) ** 2).sum() for other in others
    )


def test_what_a_film_of_a_slice_gives_is_what_the_network_gives_there() -> None:
    """Scores over the plane, the grid, and the samples from all of their inputs."""
    film = sliced()
    assert film.plane is not None
    whole = Film(record(scene()))
    moment = film.moment(END)
    points = film.window.mean(axis=1) + np.random.default_rng(3).normal(size=(40, 2))

    np.testing.assert_allclose(
        film.scores(points, moment), whole.scores(film.plane.lifted(points), moment), atol=1e-5
    )
    np.testing.assert_array_equal(film.points("hidden2", moment), whole.points("hidden2", moment))
    assert film.score(moment) == whole.score(moment)
    lines = np.concatenate(film.grid_lines)
    np.testing.assert_allclose(
        film.image("hidden2", moment),
        whole.outputs("hidden2", film.plane.lifted(lines), moment),
        atol=1e-5,
    )
    assert list(film.header.axis_names[:2]) == ["a", "d"]


@pytest.mark.parametrize("plane", [Slice(0, 3), Slice(1, 2), Slice.principal()])
def test_a_boundary_in_a_slice_lies_on_its_hyperplane(plane: Any) -> None:
    """To 1e-5 of the layer's span, pushed into the last hidden layer."""
    film = sliced(plane)
    moment = film.moment(END)
    state = film.state(moment)
    weight, bias = (np.asarray(state[f"output.0.{part}"], float) for part in ("weight", "bias"))

    pushed = np.concatenate(film.boundary(moment, "hidden2")).astype(float)

    scores = pushed @ weight.T + bias
    order = np.argsort(scores, axis=1)[:, -2:]
    best = np.take_along_axis(scores, order, axis=1)
    normals = weight[order[:, 1]] - weight[order[:, 0]]
    away = (best[:, 1] - best[:, 0]) / np.linalg.norm(normals, axis=1)
    assert len(pushed) > 50
    assert away.max() < 1e-5 * float(np.ptp(film.limits("hidden2"), axis=1).max())


class Bent(nn.Module):
    """A network that is no stack."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 5), nn.Linear(5, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return two scores."""
        return self.last(torch.sin(self.first(x)))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "build", [Bent, lambda: nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))]
)
def test_slopes_are_those_within_the_plane(build: Any) -> None:
    """Of a stack and of any other module, as steps in the plane say."""
    torch.manual_seed(0)
    module = build()
    network, state = network_of(module, samples()), state_of(module)
    network.plane = Slice(1, 3).through(samples(), NAMES, ((0.0, 1.0),) * 4)
    points, weight, step = (
        np.random.default_rng(0).normal(size=(20, 2)),
        np.array([1.0, -1.0]),
        1e-2,
    )

    values, slopes = network.gradient(state, points, weight, step)

    def at(where: Floats) -> Floats:
        assert network.plane is not None
        given = network.outputs(state, network.plane.lifted(where), [network.scores])
        return np.asarray(given[network.scores].astype(float) @ weight)

    np.testing.assert_allclose(values, at(points), atol=1e-5)
    for axis, way in enumerate(step * np.eye(2)):
        expected = (at(points + way) - at(points - way)) / (2 * step)
        np.testing.assert_allclose(slopes[:, axis], expected, atol=2e-3)


@pytest.mark.parametrize(
    "view", [views.InputSpace(), views.Probability(), views.UnitLines(), views.Surface()]
)
def test_every_view_of_the_inputs_shows_the_slice(view: View) -> None:
    """All samples are there, seen from before the plane."""
    film = sliced()
    (marks,) = view.marks(film, END)

    shown = [mark for mark in marks if isinstance(mark, Points)]
    assert film.plane is not None
    places = film.plane.projected(np.asarray(film.data.inputs))
    there = {tuple(row) for mark in shown for row in mark.xy[:, :2].round(5).tolist()}
    assert there >= {tuple(row) for row in places.round(5).tolist()}


def test_what_is_further_from_the_plane_is_fainter() -> None:
    """And drawn first; the subtitle says where the others are."""
    film = sliced()
    (marks,), (panel,) = views.InputSpace().marks(film, END), views.InputSpace().panels(film)
    assert film.plane is not None
    assert film.away is not None
    place = {tuple(p): a for p, a in zip(film.places.round(6).tolist(), film.away, strict=True)}

    alphas = [
        (mark.alpha, [place[tuple(row)] for row in mark.xy.round(6).tolist()])
        for mark in marks
        if isinstance(mark, Points) and len(mark.xy)
    ]

    assert sum(len(found) for _, found in alphas) == 300
    assert [alpha for alpha, _ in alphas] == sorted(alpha for alpha, _ in alphas)
    steps = sorted({alpha for alpha, _ in alphas})
    nearest = [max(max(found) for alpha, found in alphas if alpha == step) for step in steps]
    assert nearest == sorted(nearest, reverse=True)
    assert len(steps) == 5
    assert panel.subtitle == "others at their median"
    assert (panel.x_label, panel.y_label) == ("a", "d")


@pytest.mark.parametrize(
    ("plane", "says"),
    [
        (Slice(0, 4), "4 is no input, expected one from 0 to 3"),
        (Slice(1, 1), "expected two different inputs"),
        (Slice("a", "height"), "unknown input of Slice"),
        (
            Slice(0, 3, others=(99.0, 5.0)),
            "holds 'b' at 99, where there are no data: they run from",
        ),
        (Slice(0, 3, others=(1.0,)), 'expected "median" or 2 numbers, of b, c'),
        (Slice(0, 3, others="mean"), 'expected "median" or 2 numbers'),
    ],
)
def test_a_slice_that_the_data_have_not_is_refused(plane: Any, says: str) -> None:
    """In one line."""
    with pytest.raises(SceneError, match=says) as raised:
        plane.through(samples(), NAMES, ((0.0, 1.0),) * 4)
    assert "\n" not in str(raised.value)


def test_two_inputs_have_no_slice_and_a_number_is_none() -> None:
    """Before anything is trained."""
    with pytest.raises(SceneError, match="more than two inputs"):
        Film(record(replace(RINGS, plane=Slice(0, 1), training=replace(RINGS.training, epochs=1))))
    with pytest.raises(SceneError, match="expected Slice"):
        replace(RINGS, plane=3)  # type: ignore[arg-type]


def test_a_scene_file_with_a_bad_slice_ends_before_the_training(tmp_path: Path) -> None:
    """With exit code 3 and one line."""
    file = tmp_path / "scene.py"
    file.write_text(
        '"""A slice."""\n'
        "import numpy as np\n"
        "from nnanim import Scene, Slice, Training, datasets, models\n"
        "x = np.random.default_rng(0).normal(size=(60, 3))\n"
        "scene = Scene(dataset=datasets.from_arrays(x, x[:, 0] > 0), plane=Slice(0, 7),\n"
        '    model=models.mlp(3, 2, 1, output="sigmoid"),\n'
        '    training=Training(epochs=10**6, loss="bce"))\n',
        encoding="utf-8",
    )

    result = CliRunner().invoke(cli, ["still", str(file), "-o", str(tmp_path / "x.png")])

    assert isinstance(result.exception, SceneError)
    assert "7 is no input" in str(result.exception)


def test_data_of_a_file_keep_their_names() -> None:
    """Those of a table, by which a slice may call its inputs."""
    x = samples()
    data = datasets.from_arrays(x, x[:, 0] > 0)
    model = models.mlp(4, 2, 1, output="sigmoid")
    training = replace(RINGS.training, epochs=1)
    film = Film(
        record(replace(RINGS, dataset=data, model=model, training=training, plane=Slice(0, 3)))
    )

    (panel, *_) = views.InputSpace().panels(film)

    assert (panel.x_label, panel.y_label) == ("x1", "x4")
