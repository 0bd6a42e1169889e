"""Folding: polygons on which a network is linear, against torch in double precision."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import Film, Slice, models
from nnanim.errors import SceneError
from nnanim.film.folds import folds_of
from nnanim.marks import FIGURE_SPACE, Lines, Polygons, Text
from nnanim.network.bends import bend_of
from nnanim.page.capture import captured
from nnanim.recording.record import untrained
from nnanim.sheet.sheet import Sheet
from nnanim.types import Floats
from nnanim.view import View
from nnanim.views import Folding, InputSpace
from tests.pictures import look
from tests.recordings import RINGS, Given, fit_film, rings_film, thirds_scene


class Absolute(nn.Module):
    """An activation of one's own."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sizes of numbers."""
        return x.abs()


def chain(*activations: Callable[[], nn.Module]) -> nn.Sequential:
    """Return Linear layers with these between them, of large weights."""
    parts: list[nn.Module] = []
    for i, activation in enumerate(activations):
        parts += [nn.Linear(2 if i == 0 else 7, 7), activation()]
    made = nn.Sequential(*parts, nn.Linear(7, 1))
    for part in parts:
        if isinstance(part, nn.Linear):
            part.weight.data.mul_(2.0)
    return made


def normed(activation: str) -> nn.Sequential:
    """Return a network with BatchNorms that have seen something."""
    made = models.mlp(2, 12, 6, 1, activation=activation, scale=2.0, batch_norm=True)()
    for part in made.modules():
        if isinstance(part, nn.BatchNorm1d):
            for tensor in (part.running_mean, part.weight, part.bias):
                assert tensor is not None
                tensor.data.uniform_(-0.7, 0.7)
            assert part.running_var is not None
            part.running_var.uniform_(0.3, 2.0)
    return made


def learnt() -> nn.Sequential:
    """Return a network whose slopes were learnt: one of a whole layer, and one for each unit."""
    made = chain(nn.PReLU, partial(nn.PReLU, 7))
    for part in made:
        if isinstance(part, nn.PReLU):
            part.weight.data.uniform_(-0.6, 1.6)
    return made


class Case(NamedTuple):
    """A model, and where its activations have their breakpoints, one after the other."""

    model: Callable[[], nn.Module]
    breaks: list[list[float]]


CASES = {
    "relu": Case(models.mlp(2, 16, 16, 1, activation="relu", scale=2.0), [[0.0], [0.0]]),
    "leaky": Case(
        models.mlp(2, 9, 2, 5, 1, activation="leaky_relu", output="sigmoid", scale=2.0), [[0.0]] * 3
    ),
    "normed": Case(partial(normed, "relu"), [[0.0], [0.0]]),
    "own": Case(partial(chain, nn.Hardtanh, Absolute), [[-1.0, 1.0], [0.0]]),
    "learnt": Case(learnt, [[0.0], [0.0]]),
    "last": Case(partial(chain, Absolute, nn.Identity, nn.Hardsigmoid), [[0.0], [], [-3.0, 3.0]]),
}


def film_of(case: str, seed: int = 3) -> Film:
    """Return an untrained network of that kind."""
    loss = "bce" if case == "leaky" else "bce_with_logits"
    training = replace(RINGS.training, seed=seed, loss=loss)
    return Film(untrained(replace(RINGS, model=CASES[case].model, training=training)))


def told(case: str, film: Film, points: Floats) -> tuple[Floats, Floats]:
    """Return what torch says of points (n, 2): which piece each unit is on, and the scores."""
    module = CASES[case].model().eval()
    state = {name: torch.as_tensor(array) for name, array in film.state(0.0).items()}
    module.load_state_dict(state)
    module.double()
    given, breaks = torch.as_tensor(points, dtype=torch.float64), iter(CASES[case].breaks)
    pieces, scores = [], given
    with torch.no_grad():
        leaves = [part for part in module.modules() if not list(part.children())]
        for leaf in leaves:
            if isinstance(leaf, nn.Sigmoid):
                break
            if not isinstance(leaf, nn.Linear | nn.BatchNorm1d):
                places = next(breaks)
                piece = np.searchsorted(places, scores.numpy()) if places else None
                pieces += [] if piece is None else [piece]
            scores = leaf(scores)
    return np.concatenate(pieces, axis=1), scores.numpy()


def areas(polygons: list[Floats]) -> Floats:
    """Return the area of each polygon, positive where it runs anticlockwise."""
    found = []
    for polygon in polygons:
        x, y = (polygon - polygon[0]).T
        found.append((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)
    return np.array(found)


def check_samples(case: str, count: int, seed: int = 3) -> None:
    """Look at sampled points: each lies in the polygon of its code, which has the value there."""
    film = film_of(case, seed)
    folded = folds_of(film).at(0.0)
    low, high = film.window.T
    points = np.random.default_rng(0).uniform(low, high, (count, 2))
    codes, values = told(case, film, points)

    known = {tuple(code): i for i, code in enumerate(folded.pieces.tolist())}
    own = np.array([known[tuple(code)] for code in codes.tolist()])
    assert len(known) == len(folded)
    assert len(np.unique(own)) > len(folded) / 2  # most are hit
    scores = folded.images("", points[:, None], own)[:, 0]
    assert np.abs(scores - values).max() <= 1e-9 * np.abs(values).max()
    for i, polygon in enumerate(folded.polygons):
        inside = points[own == i]
        for a, b in pairwise([*polygon, polygon[0]]):
            way = b - a
            across = way[0] * (inside[:, 1] - a[1]) - way[1] * (inside[:, 0] - a[0])
            assert (across >= -1e-9).all()


@pytest.mark.parametrize("case", CASES)
def test_polygons_tile_the_window(case: str) -> None:
    """None overlaps another: all run anticlockwise, and their areas add up to the window's."""
    film = film_of(case)

    found = areas(folds_of(film).at(0.0).polygons)

    whole = float(np.ptp(film.window, axis=1).prod())
    assert len(found) > 10
    assert found.min() > 0
    assert found.sum() == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_a_point_lies_in_the_polygon_of_its_code_and_has_its_value(case: str) -> None:
    """As torch has both."""
    check_samples(case, 3_000)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("case", CASES)
def test_very_many_points_lie_where_their_codes_are(case: str, seed: int) -> None:
    """A hundred thousand of them, of five networks of each kind."""
    check_samples(case, 100_000, seed)


@pytest.mark.parametrize("case", CASES)
def test_layers_have_the_corners_where_the_network_has_them(case: str) -> None:
    """A corner belongs to several polygons, which all carry it there: folds are continuous."""
    film = film_of(case)
    folded = folds_of(film).at(0.0)

    for layer in film.network.hidden:
        given = film.outputs(layer, folded.corners, 0.0)
        assert np.abs(folded.image(layer) - given).max() <= 1e-5 * np.abs(given).max()


def test_the_boundary_is_where_the_score_changes_sign() -> None:
    """Every piece is on it, and together they are as long as the contour that others draw."""
    film = film_of("relu")

    ends, owners = folds_of(film).boundary(0.0)

    scores = folds_of(film).at(0.0).images("", ends, owners)
    assert len(ends) > 5
    assert film.decision is not None
    assert np.abs(scores - film.decision.level).max() < 1e-12
    contour = film.boundary(0.0)
    low, high = film.window.T
    length = 0.0
    for line in contour:
        inside = ((line[1:] >= low) & (line[1:] <= high)).all(axis=1)
        length += float(np.hypot(*np.diff(line, axis=0).T)[inside].sum())
    assert np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum() == pytest.approx(length, rel=0.01)


def test_the_boundary_of_three_classes_is_where_the_two_best_are_equal() -> None:
    """And no third is better."""
    model = models.mlp(2, 8, 3, activation="relu", scale=3.0)
    film = Film(untrained(replace(thirds_scene(), model=model)))

    ends, owners = folds_of(film).boundary(0.0)

    scores = np.sort(folds_of(film).at(0.0).images("", ends, owners), axis=2)
    assert len(ends) > 5
    assert np.abs(scores[..., 2] - scores[..., 1]).max() < 1e-12


def test_a_plane_of_more_inputs_is_cut_as_it_is_seen() -> None:
    """The network of three inputs is linear on the polygons of the plane of two of them."""
    points = np.random.default_rng(0).uniform(-1, 1, (60, 3)).astype(np.float32)
    data = Given(points, (points[:, :1] > 0).astype(np.float32), window=((-1.0, 1.0),) * 3)
    model = models.mlp(3, 9, 1, activation="relu", scale=2.0)
    training = replace(RINGS.training, loss="bce_with_logits")
    scene = replace(RINGS, dataset=data, model=model, plane=Slice(0, 2), training=training)
    film = Film(untrained(scene))

    folded = folds_of(film).at(0.0)

    given = film.outputs("", folded.corners, 0.0)
    assert len(folded) > 10
    assert np.abs(folded.image("") - given).max() < 1e-5
    assert areas(folded.polygons).sum() == pytest.approx(np.ptp(film.window, axis=1).prod())


def test_units_that_switch_along_one_line_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding between them leaves no slivers; a unit that never switches cuts nothing."""
    film = film_of("relu")
    state = {name: array.copy() for name, array in film.state(0.0).items()}
    many = 2.0 ** np.arange(-8, 8) * (-1) ** np.arange(16)
    state["hidden1.0.weight"][:] = state["hidden1.0.weight"][:1] * many[:, None]
    state["hidden1.0.bias"][:] = state["hidden1.0.bias"][0] * many
    state["hidden2.0.weight"][:] = 0.0

    monkeypatch.setattr(film.replay, "state", lambda _: state)
    folded = folds_of(film).at(0.0)

    assert len(folded) == 2


@pytest.mark.parametrize(
    ("module", "breaks", "slopes"),
    [
        (nn.ReLU(), [0.0], [0.0, 1.0]),
        (nn.LeakyReLU(0.1), [0.0], [0.1, 1.0]),
        (nn.Hardtanh(-2.0, 0.5), [-2.0, 0.5], [0.0, 1.0, 0.0]),
        (nn.ReLU6(), [0.0, 6.0], [0.0, 1.0, 0.0]),
        (nn.Hardsigmoid(), [-3.0, 3.0], [0.0, 1 / 6, 0.0]),
        (Absolute(), [0.0], [-1.0, 1.0]),
        (nn.Softshrink(0.25), [-0.25, 0.25], [1.0, 0.0, 1.0]),
        (nn.RReLU(0.1, 0.3), [0.0], [0.2, 1.0]),
        (nn.Threshold(0.5, 0.5), [0.5], [0.0, 1.0]),
        (nn.Dropout(0.5), [], [1.0]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_breakpoints_of_any_activation_are_found(
    module: nn.Module, breaks: list[float], slopes: list[float]
) -> None:
    """And the slopes between them."""
    found = bend_of(module)

    assert found is not None
    assert found.breaks == pytest.approx(breaks, abs=1e-9)
    assert found.slopes == pytest.approx(slopes, abs=1e-9)


@pytest.mark.parametrize(
    "module",
    [
        nn.Tanh(), nn.GELU(), nn.Softplus(), nn.Hardswish(), nn.Hardshrink(), nn.Softmax(dim=1),
        nn.ELU(), nn.Mish(), nn.LogSigmoid(), nn.Softsign(), nn.Threshold(0.5, 0.0), nn.GLU(),
        nn.LayerNorm(3, elementwise_affine=False),
    ],
    ids=lambda module: type(module).__name__,
)  # fmt: skip
def test_what_is_smooth_or_jumps_or_mixes_units_has_none(module: nn.Module) -> None:
    """Nothing straight is made of it."""
    assert bend_of(module) is None


class Functional(nn.Module):
    """A network whose activation is no module."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = nn.Linear(2, 4), nn.Linear(4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return scores."""
        scores: torch.Tensor = self.out(torch.relu(self.hidden(x)))
        return scores


@pytest.mark.parametrize(
    ("model", "layers", "says"),
    [
        (models.mlp(2, 3, 1), None, "is Tanh: expected Linear, BatchNorm1d and activations"),
        (partial(chain, nn.SiLU), None, "is SiLU: expected Linear"),
        (Functional, None, "nn.ReLU() rather than F.relu"),
        (models.mlp(2, 150, 150, 1, activation="relu"), None, "300 breakpoints"),
        (models.mlp(2, 3, 1, 1, activation="relu"), ["hidden2"], "expected some of hidden1"),
        (models.mlp(2, 3, 1, activation="relu"), ["output"], "'output' is no hidden layer"),
    ],
)
def test_what_has_no_polygons_is_refused(
    model: Callable[[], nn.Module], layers: list[str] | None, says: str
) -> None:
    """In one line that says what would have."""
    training = replace(RINGS.training, loss="bce_with_logits")
    film = Film(untrained(replace(RINGS, model=model, training=training)))

    with pytest.raises(SceneError) as error:
        Folding(layers).panels(film)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_one_input_is_no_plane() -> None:
    """The advice names what can show it."""
    with pytest.raises(SceneError, match=r"Folding shows a plane of two inputs.*use Fit"):
        Folding().panels(fit_film())


@pytest.mark.parametrize("color", ["units", "slope"])
def test_neighbours_differ_and_layers_show_the_same_polygons(color: str) -> None:
    """A polygon has one colour in all panels, one number of corners, and no code but its own."""
    film = film_of("leaky")
    view = Folding(color=color)  # type: ignore[arg-type]

    rows = view.marks(film, 0.0)

    faces = [next(mark for mark in marks if isinstance(mark, Polygons)) for marks in rows]
    assert [panel.camera is None for panel in view.panels(film)] == [True, False, True, False]
    assert [len(face.paths[0][0]) for face in faces] == [2, 3, 2, 3]
    first = faces[0]
    assert first.values is not None
    assert len(np.unique(first.values.round(9))) == len(first.paths)
    for face in faces[1:]:
        assert face.values is not None
        assert np.array_equal(face.values, first.values)
        assert [len(p) for p in face.paths] == [len(p) for p in first.paths]
    borders = [mark for mark in rows[0] if isinstance(mark, Lines) and mark.color == "boundary"]
    assert len(borders[0].paths) == len(folds_of(film).boundary(0.0)[0])


def test_the_number_of_polygons_stands_below_the_strip() -> None:
    """Beside loss and accuracy; views without such a figure leave the line as it was."""
    film = film_of("relu")
    count = len(folds_of(film).at(0.0))

    def below(film: Film, view: View) -> str:
        _, drawn = captured(Sheet(film, [[view]], look()), 0.0)
        return max((mark.text for mark in drawn if isinstance(mark, Text)), key=len)

    assert below(film, Folding()).endswith(f"    {count:{FIGURE_SPACE}>4} regions")
    assert "regions" not in below(rings_film(), InputSpace())
