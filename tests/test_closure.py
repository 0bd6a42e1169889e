"""Whether a boundary closes inside the window, on fields whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from nnanim import Film, models
from nnanim.errors import SceneError
from nnanim.film.closure import Field, closes
from nnanim.marks import Text
from nnanim.recording.record import untrained
from nnanim.types import Floats
from nnanim.views import InputSpace
from tests.recordings import RINGS, fit_film, thirds_film, with_parameters

BOX = np.array([[-1.2, 1.2], [-1.2, 1.2]])


def ring(points: Floats) -> Floats:
    """Return a field whose zero is a circle of radius ½, positive inside."""
    return np.asarray(0.5 - np.hypot(*points.T))


def with_tunnel(width: float, angle: float = 0.4, end: float = 9.0, floor: float = -1.0) -> Field:
    """Return the ring with a straight tunnel of that width outwards, up to the radius `end`."""
    along, across = (
        np.array([np.cos(angle), np.sin(angle)]),
        np.array([-np.sin(angle), np.cos(angle)]),
    )

    def field(points: Floats) -> Floats:
        tunnel = np.where(
            (points @ along > 0) & (points @ along < end), width / 2 - np.abs(points @ across), -9.0
        )
        return np.maximum(ring(points), np.maximum(tunnel, floor))

    return field


def test_a_ring_closes_whatever_its_sign() -> None:
    """It does not matter which class is inside."""
    assert closes(ring, BOX)
    assert closes(lambda points: -ring(points), BOX)


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.1, 2.0, 3.9, 5.5])
@pytest.mark.parametrize("width", [0.2, 0.02, 2e-3, 2e-4, 2e-5])
def test_a_ring_with_a_tunnel_does_not_close(width: float, angle: float) -> None:
    """Down to a tunnel a thousandth of a lattice cell wide."""
    assert not closes(with_tunnel(width, angle), BOX)
    assert not closes(lambda points: -with_tunnel(width, angle)(points), BOX)


@pytest.mark.parametrize("angle", [0.0, 0.4, 3.9])
def test_a_tunnel_is_found_whose_own_rise_is_narrower_than_a_cell(angle: float) -> None:
    """A third of a cell, all around it a plain."""
    assert not closes(with_tunnel(2e-4, angle, floor=-2.5e-3), BOX)


def test_a_finger_that_ends_does_not_open_the_ring() -> None:
    """Shorter than the furthest loop, it leads nowhere."""
    assert closes(with_tunnel(2e-3, end=0.53), BOX)


def test_a_tunnel_into_a_neighbouring_bounded_region_leaves_a_closed_curve() -> None:
    """Two rings joined by a wide bridge are bounded together."""

    def field(points: Floats) -> Floats:
        left, right = points - [-0.5, 0], points - [0.5, 0]
        rings = np.maximum(0.3 - np.hypot(*left.T), 0.3 - np.hypot(*right.T))
        bridge = np.minimum(0.5 - np.abs(points[:, 0]), 0.05 - np.abs(points[:, 1]))
        return np.asarray(np.maximum(rings, bridge))

    assert closes(field, BOX)


def test_a_curve_that_leaves_the_window_does_not_close() -> None:
    """What it does outside is not seen."""
    assert not closes(lambda points: points[:, 0] - points[:, 1] ** 2, BOX)
    assert not closes(lambda points: ring(points - [1.0, 0.0]), BOX)
    assert not closes(lambda points: np.hypot(*points.T) - 1.3, BOX)


def test_nested_curves_close() -> None:
    """An annulus has two, and a tunnel into its hole leaves the outer one."""

    def annulus(points: Floats) -> Floats:
        return np.asarray(0.25 - np.abs(np.hypot(*points.T) - 0.6))

    def cut(points: Floats) -> Floats:
        return np.where((points[:, 0] > 0) & (np.abs(points[:, 1]) < 1e-3), -0.1, annulus(points))

    assert closes(annulus, BOX)
    assert closes(cut, BOX)


def test_one_glimpse_of_a_long_thin_region_is_no_closed_curve() -> None:
    """On a plain, only one point of the lattice sees it."""
    step = 2.4 / 159
    middle = -1.2 + 80 * step

    def ray(points: Floats) -> Floats:
        across = np.abs(points[:, 1] - middle - 0.37 * (points[:, 0] - middle))
        return np.maximum(1e-6 - across, -1e-5)

    assert not closes(ray, BOX)


def test_a_line_through_the_window_beside_a_ring_changes_nothing() -> None:
    """One closed curve is enough."""
    assert closes(lambda points: np.maximum(ring(points), points[:, 0] - 0.9), BOX)


@pytest.mark.parametrize("value", [1.0, -1.0, np.nan])
def test_a_field_without_a_boundary_does_not_close(value: float) -> None:
    """Neither one class everywhere nor a training that diverged."""
    assert not closes(lambda points: np.full(len(points), value), BOX)


# -- in the picture --------------------------------------------------------------------------------


def box_film(closed: bool) -> Film:
    """Return a film whose network decides for a triangle, or for a strip that leaves the window."""
    steep = 12.0 * np.array([[1, 0], [0, 1], [-1, -1 if closed else 0]], np.float32)
    scene = replace(RINGS, model=models.mlp(2, 3, 1, output="sigmoid"))
    return Film(
        with_parameters(
            untrained(scene),
            hidden1__0__weight=steep,
            hidden1__0__bias=np.full(3, 4.0),
            output__0__weight=np.ones((1, 3), np.float32),
            output__0__bias=np.full(1, -2.5),
        )
    )


@pytest.mark.parametrize("closed", [True, False])
def test_the_badge_says_what_the_contour_does(closed: bool) -> None:
    """Three steep units about a triangle; with one turned, the region runs out of the window."""
    film = box_film(closed)
    (panel,) = InputSpace(badge=True).panels(film)

    (marks,) = InputSpace(badge=True).marks(film, 0.0)

    texts = [mark for mark in marks if isinstance(mark, Text)]
    assert [text.text for text in texts] == [f"closed boundary: {'yes' if closed else 'no'}"]
    assert panel.x[0] < texts[0].xy[0] < panel.x[1]
    assert panel.y[0] < texts[0].xy[1] < panel.y[1]
    assert not any(isinstance(mark, Text) for mark in InputSpace().marks(film, 0.0)[0])


def test_a_badge_needs_classes_over_two_inputs() -> None:
    """Numbers have no boundary."""
    with pytest.raises(SceneError, match="asked of classes over two inputs"):
        fit_film().closed_boundary(0.0)


@pytest.mark.parametrize("pit", [0.0, 3.0])
def test_of_several_classes_it_is_enough_that_one_closes(pit: float) -> None:
    """Three classes: an island that one wins in the middle, or none."""
    film = Film(thirds_film().recording)

    def scores(layer: str, inputs: Floats, moment: float) -> Floats:
        del layer, moment
        island = pit - 8 * np.hypot(*inputs.T)
        return np.stack([inputs[:, 0], -inputs[:, 0], island], axis=1)

    film.replay.outputs = scores  # type: ignore[method-assign]

    assert film.closed_boundary(0.0) == (pit > 0)
