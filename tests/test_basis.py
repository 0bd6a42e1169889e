"""Bases of wide layers: what moves in a picture moves in the layer, and no further."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nnanim import Film, datasets, models, record
from nnanim.errors import SceneError
from nnanim.film.basis import Basis, basis_of
from nnanim.marks import Cells, Image, Lines, Plane, Points
from nnanim.types import Floats
from nnanim.views import HiddenSpace, HiddenSpace3D
from tests.recordings import RINGS, with_parameters

TIMES = np.linspace(0.0, 4.0, 41)
ALL = [("pca", 2), ("pca", 3), ("boundary", 2), ("boundary", 3), ("tour", 2), ("tour", 3)]


@cache
def wide(classes: int = 2, units: int = 12) -> Film:
    """Return two inputs seen by a layer of many units."""
    loss = "bce" if classes == 2 else "cross_entropy"
    model = models.mlp(2, 6, units, *((1,) if classes == 2 else (classes,)),
                       output="sigmoid" if classes == 2 else "identity")  # fmt: skip
    data = RINGS.dataset if classes == 2 else datasets.blobs(n=200, classes=classes)
    training = replace(RINGS.training, loss=loss, epochs=6)
    return Film(record(replace(RINGS, dataset=data, model=model, training=training)))


def basis(kind: str | None, count: int = 2, film: Film | None = None, **given: Any) -> Basis:
    """Return a basis of the wide layer."""
    film = film or wide()
    return basis_of("View", film, film.network.layer("hidden2"), count, given.get("units"), kind)


@pytest.mark.parametrize(("kind", "count"), ALL)
@pytest.mark.parametrize("classes", [2, 3])
def test_directions_have_length_one_and_are_upright_to_each_other(
    kind: str, count: int, classes: int
) -> None:
    """At every time, so that nothing moves further in the picture than in the layer."""
    shown = basis(kind, count, wide(classes))

    for t in TIMES:
        matrix = shown.matrix(float(t))
        assert matrix.shape == (12, count)
        np.testing.assert_allclose(matrix.T @ matrix, np.eye(count), atol=1e-7)


def test_a_fixed_basis_never_moves_more_than_the_data() -> None:
    """From frame to frame, point for point."""
    film, shown = wide(), basis("pca")
    seen = [film.points("hidden2", film.moment(float(t))) for t in TIMES]
    drawn = [
        shown.of(values, shown.matrix(float(t))) for values, t in zip(seen, TIMES, strict=True)
    ]

    assert shown.fixed
    for (a, b), (p, q) in zip(pairwise(seen), pairwise(drawn), strict=True):
        moved, shown_moved = np.linalg.norm(b - a, axis=1), np.linalg.norm(q - p, axis=1)
        assert (shown_moved <= moved * (1 + 1e-5) + 1e-6).all()


def test_principal_directions_have_the_most_variance_of_the_run() -> None:
    """Of all pairs of directions, as brute force finds; their shares are those of the whole."""
    film, shown = wide(), basis("pca")
    moments = film.sampled_moments(32)
    pooled = np.concatenate([film.points("hidden2", float(m)) for m in moments]).astype(float)
    pooled -= pooled.mean(axis=0)
    whole = (pooled**2).sum()

    shares = ((pooled @ shown.matrix(0.0)) ** 2).sum(axis=0) / whole

    np.testing.assert_allclose(shown.shares, shares, rtol=1e-6)
    rng = np.random.default_rng(0)
    for _ in range(200):
        other = np.linalg.qr(rng.normal(size=(12, 2)))[0]
        assert ((pooled @ other) ** 2).sum() / whole <= shares.sum() + 1e-9


@pytest.mark.slow
def test_of_very_wide_layers_a_few_samples_say_the_same() -> None:
    """Their products are as many as the samples, not as the units."""
    film = wide(units=600)

    shown = basis("pca", 3, film)

    pooled = np.concatenate(
        [film.points("hidden2", float(m)) for m in film.sampled_moments(32)]
    ).astype(float)
    pooled -= pooled.mean(axis=0)
    best = (np.linalg.svd(pooled, compute_uv=False)[:3] ** 2).sum()
    matrix = shown.matrix(0.0)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(3), atol=1e-6)
    assert ((pooled @ matrix) ** 2).sum() > 0.98 * best


@pytest.mark.parametrize("count", [2, 3])
def test_the_boundary_is_upright_in_its_own_basis(count: int) -> None:
    """The first direction is the normal of the moment, w/|w|, at recorded moments and between."""
    film, shown = wide(), basis("boundary", count)

    for t in TIMES:
        plane = film.hyperplane(film.moment(float(t)))
        assert plane is not None
        np.testing.assert_allclose(
            shown.matrix(float(t))[:, 0], plane[0] / np.linalg.norm(plane[0]), atol=1e-9
        )


@pytest.mark.parametrize(("classes", "count"), [(2, 2), (2, 3), (3, 2), (3, 3), (4, 3)])
def test_carried_directions_are_those_of_the_moment_alone_and_do_not_jump(
    classes: int, count: int
) -> None:
    """The same at a time in whatever order it is asked for; small steps turn them a little."""
    film = Film(wide(classes).recording)
    shown = basis("boundary", count, film)
    later = [shown.matrix(float(t)) for t in TIMES[::-1]][::-1]
    fresh = basis("boundary", count, Film(wide(classes).recording))

    for t, matrix in zip(TIMES, later, strict=True):
        np.testing.assert_array_equal(fresh.matrix(float(t)), matrix)
    moments = np.linspace(0.0, film.epochs, 4001)
    frames = [shown._along(float(moment)) for moment in moments]
    steps = [np.abs(b - a).max() for a, b in pairwise(frames)]
    assert max(steps) < 0.05
    assert np.abs(frames[-1] - frames[0]).max() > 0.05


def test_where_there_is_no_boundary_the_last_directions_stay() -> None:
    """A read-out of zeros has none."""
    recording = wide().recording
    states = {name: array.copy() for name, array in recording.states.items()}
    middle = len(recording.epochs) // 2
    states["output.0.weight"][middle:] = 0.0
    film = Film(replace(recording, states=states))
    shown = basis("boundary", 2, film)

    at = float(recording.epochs[middle])
    before = shown._along(float(recording.epochs[middle - 1]))
    np.testing.assert_allclose(shown._along(at), shown._along(film.epochs), atol=1e-9)
    np.testing.assert_allclose(shown._along(film.epochs)[:, 0], before[:, 0], atol=1e-9)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("units", [12, 4])
def test_a_tour_is_a_closed_loop(count: int, units: int) -> None:
    """It ends where it began, goes all the way smoothly, and shows the principal ones first."""
    film = wide(units=units)
    shown = basis("tour", count, film)

    frames = [shown.matrix(float(t)) for t in np.linspace(0, film.timeline.seconds, 401)]

    np.testing.assert_allclose(frames[0], frames[-1], atol=1e-9)
    np.testing.assert_allclose(frames[0], basis("pca", count, film).matrix(0.0), atol=1e-9)
    steps = np.array([np.abs(b - a).max() for a, b in pairwise(frames)])
    assert steps.min() > 0
    assert steps.max() < 0.05


@pytest.mark.parametrize(("kind", "count"), ALL)
def test_limits_hold_what_is_shown_and_little_more(kind: str, count: int) -> None:
    """Over all moments: 98 of 100 points lie in them, and fill half of an axis."""
    film, shown = wide(), basis(kind, count)
    low, high = shown.limits().T
    found = [
        shown.of(film.points("hidden2", film.moment(float(t))), shown.matrix(float(t)))
        for t in TIMES
    ]
    points: Floats = np.concatenate(found)

    assert ((points >= low) & (points <= high)).all(axis=1).mean() > 0.98
    assert np.ptp(high - low) < 1e-9
    assert (np.ptp(points, axis=0) / (high - low)).max() > 0.5


# -- views -----------------------------------------------------------------------------------------


def test_wide_layers_are_shown_in_their_principal_directions() -> None:
    """With the share of the variance on the axes; narrow ones by their units."""
    film = wide()
    (panel,), (marks,) = HiddenSpace().panels(film), HiddenSpace().marks(film, 3.9)
    (space,) = HiddenSpace3D().panels(film)
    assert space.camera is not None

    shares = basis("pca", 3).shares
    said = [f"direction {k + 1}: {100 * share:.0f} %" for k, share in enumerate(shares)]
    assert [panel.x_label, panel.y_label] == said[:2]
    assert list(space.camera.names) == said
    assert panel.subtitle == "12 units, principal directions"
    points = np.concatenate([mark.xy for mark in marks if isinstance(mark, Points)])
    expected = film.points("hidden2", film.moment(3.9)) @ basis("pca").matrix(0.0)
    np.testing.assert_allclose(np.sort(points[:, 0]), np.sort(expected[:, 0]), atol=1e-5)
    assert HiddenSpace(units=(3, 1)).panels(film)[0].title == "Hidden layer 2, units 4 and 2"


@pytest.mark.parametrize(
    "view", [HiddenSpace(), HiddenSpace(units=(0, 1)), HiddenSpace(basis="tour")]
)
def test_a_hyperplane_that_the_basis_does_not_contain_is_not_drawn(view: HiddenSpace) -> None:
    """Of it there is what the window reaches, no line and no tint."""
    film = wide()
    (marks,) = view.marks(film, 3.9)

    assert not any(isinstance(mark, Image) for mark in marks)
    (boundary,) = [m for m in marks if isinstance(m, Lines) and m.color == "boundary"]
    assert sum(map(len, boundary.paths)) > 20


def test_in_its_own_basis_the_boundary_is_a_line_or_a_plane() -> None:
    """On it lies all that the window reaches; the tint changes there."""
    film = wide()
    (marks,) = HiddenSpace(basis="boundary").marks(film, 3.9)
    (space,) = HiddenSpace3D(basis="boundary").marks(film, 3.9)

    whole, reached = [m for m in marks if isinstance(m, Lines) and m.color == "boundary"]
    plane = film.hyperplane(film.moment(3.9))
    assert plane is not None
    at = plane[1] / np.linalg.norm(plane[0])
    for line in (*whole.paths, *reached.paths):
        np.testing.assert_allclose(line[:, 0], at, atol=1e-4)
    assert len(whole.paths) == 1
    assert any(isinstance(mark, Image) for mark in marks)
    assert any(isinstance(mark, Plane) for mark in space)


def test_the_boundary_of_three_classes_is_exact_in_its_plane_and_of_four_in_space() -> None:
    """All cells are there, and what the window reaches lies between them."""
    (flat,) = HiddenSpace(basis="boundary").marks(wide(3), 3.9)
    (space,) = HiddenSpace3D(basis="boundary").marks(wide(4), 3.9)

    whole, reached = [m for m in flat if isinstance(m, Lines) and m.color == "boundary"]
    assert len(whole.paths) == 3
    assert len(reached.paths) >= 2
    (cells,) = [mark for mark in space if isinstance(mark, Cells)]
    lines = [m for m in cells.marks if isinstance(m, Lines)][-1]
    best = np.sort(cells.scores(np.concatenate(lines.paths).astype(float)), axis=1)
    np.testing.assert_allclose(best[:, -1], best[:, -2], atol=1e-3)


@pytest.mark.parametrize(
    ("view", "film", "says"),
    [
        (HiddenSpace("hidden2", basis="pca"), lambda: wide(units=1), "has 1 unit, expected 2"),
        (HiddenSpace(basis="umap"), wide, "unknown basis of HiddenSpace"),  # type: ignore[arg-type]
        (HiddenSpace(units=(0, 1), basis="pca"), wide, "expected one of them"),
        (HiddenSpace("hidden1", basis="boundary"), wide, "no linear read-out decides"),
        (HiddenSpace(basis="boundary"), lambda: wide(4), "room for the boundary of 3 classes"),
        (HiddenSpace(units=(0, 12)), wide, "has units 0 to 11"),
    ],
)
def test_a_basis_that_a_layer_has_not_is_refused(view: Any, film: Any, says: str) -> None:
    """In one line, by the panels, before anything is trained."""
    with pytest.raises(SceneError, match=says) as raised:
        view.panels(film())
    assert "\n" not in str(raised.value)


def test_dead_units_have_limits_too() -> None:
    """Nothing is spread there, and nothing breaks."""
    zeros = with_parameters(wide().recording, hidden2__0__weight=0.0, hidden2__0__bias=0.0)  # type: ignore[arg-type]

    shown = basis("pca", 2, Film(zeros))

    low, high = shown.limits().T
    assert (high > low).all()
    np.testing.assert_array_equal(shown.shares, 0.0)
