"""The camera: where in a picture three coordinates are seen, and the cube about them."""

from typing import Any

import numpy as np
import pytest

from nnanim.camera import Camera
from nnanim.drawing.cube import cube
from nnanim.errors import SceneError
from nnanim.marks import Lines, Text

CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)


def test_from_the_front_the_axes_lie_as_on_paper() -> None:
    """Seen along the first axis: the second to the right, the third up, no depth in the picture."""
    camera = Camera(0, 0, 0)

    seen = camera.project(np.array([[0.7, 0.2, -0.4], [-0.7, 0.2, -0.4]]))

    np.testing.assert_allclose(seen, [[0.2, -0.4], [0.2, -0.4]], atol=1e-12)
    assert np.diff(camera.nearness(np.array([[-0.7, 0, 0], [0.7, 0, 0]])))[0] > 0.3


@pytest.mark.parametrize("azimuth", [-200.0, 0.0, 33.0, 90.0])
def test_without_perspective_lengths_across_the_line_of_sight_are_kept(azimuth: float) -> None:
    """Picture and depth together are a rotation."""
    camera, rng = Camera(azimuth, 25, 0), np.random.default_rng(0)
    points = rng.uniform(-0.9, 0.9, (50, 3))

    depth = (camera.nearness(points) - 0.5) * 2 * np.sqrt(3)

    turned = np.concatenate([camera.project(points), depth[:, None]], axis=1)
    np.testing.assert_allclose(turned @ turned.T, points @ points.T, atol=1e-12)


def test_perspective_is_that_of_a_straight_line_to_the_eye() -> None:
    """Every point between the eye and what is seen is seen at the same place."""
    camera = Camera(50, 20, 0.15)
    seen = np.array([0.4, -0.3, 0.2])

    between = camera.eye + np.linspace(0.86, 1, 5)[:, None] * (seen - camera.eye)

    places = camera.project(between)
    np.testing.assert_allclose(places, places[:1].repeat(5, axis=0), atol=1e-12)
    assert (np.diff(camera.nearness(between)) < 0).all()


def test_a_box_is_seen_as_a_cube() -> None:
    """Each axis is scaled by itself."""
    box = ((0.0, 1.0), (-3.0, 5.0), (10.0, 30.0))
    low, high = np.array(box).T

    seen = Camera(box=box).project(low + (CORNERS + 1) / 2 * (high - low))

    np.testing.assert_allclose(seen, Camera().project(CORNERS), atol=1e-12)


@pytest.mark.parametrize("elevation", [0.0, 20.0, 70.0])
def test_the_cube_stays_within_its_reach_however_it_turns(elevation: float) -> None:
    """And comes close to it."""
    across, up = Camera(0, elevation).reach()

    seen = np.concatenate([Camera(a, elevation).project(CORNERS) for a in range(-180, 180)])

    assert 0.99 * across < np.abs(seen[:, 0]).max() < 1.002 * across
    assert 0.99 * up < np.abs(seen[:, 1]).max() < 1.002 * up


@pytest.mark.parametrize("azimuth", [-150.0, -40.0, 30.0, 100.0])
def test_the_three_nearest_edges_of_the_cube_are_left_out(azimuth: float) -> None:
    """Nine of twelve are drawn: those that end in the corner nearest to the eye are not."""
    camera = Camera(azimuth, 20, 0.1)
    nearest = CORNERS[camera.nearness(CORNERS).argmax()]

    (edges,) = cube(camera)

    assert isinstance(edges, Lines)
    assert len(edges.paths) == 9
    ends = np.concatenate(edges.paths)
    assert np.hypot(*(ends - camera.project(nearest[None])).T).min() > 0.3


@pytest.mark.parametrize("azimuth", [10.0, 40.0, 70.0, 130.0, 250.0])
def test_names_and_limits_stand_outside_of_the_cube(azimuth: float) -> None:
    """Each axis says its name and what it runs from and to, beyond the cube's outline."""
    box = (0.0, 1.0), (-1.0, 1.0), (-0.25, 4.0)
    camera = Camera(azimuth, 20, 0.1, box, ("a", "b", "c"))
    flat = Camera(azimuth, 20, 0.1).project(CORNERS)

    _, *texts = cube(camera)

    said = [mark.text for mark in texts if isinstance(mark, Text)]
    assert said == ["0", "1", "a", "−1", "1", "b", "−0.25", "4", "c"]
    for mark in texts:
        assert isinstance(mark, Text)
        middle = np.asarray(mark.xy) + np.array([0, 0.04])
        turns = np.radians(np.arange(360))
        ways = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        assert (ways @ middle - (flat @ ways.T).max(axis=0)).max() > 0.1


@pytest.mark.parametrize("names", [(), ("a", "b", "c")])
@pytest.mark.parametrize("elevation", [0.0, 20.0, 70.0])
def test_what_stands_about_the_cube_stays_within_the_limits(
    names: tuple[str, ...], elevation: float
) -> None:
    """However it turns; without names there is less about it."""
    camera = Camera(0, elevation, names=names, orbit=360)
    (left, right), (bottom, top) = camera.limits

    for share in np.linspace(0, 1, 37):
        edges, *texts = cube(camera.at(float(share)))
        assert isinstance(edges, Lines)
        middles = [np.asarray(mark.xy) for mark in texts if isinstance(mark, Text)]
        at = np.concatenate([*edges.paths, *(xy[None] for xy in middles)])
        assert (np.abs(at) <= (right, top)).all()
    assert (left, bottom) == (-right, -top)
    assert (right > camera.reach()[0] + 0.2) == bool(names)


def test_it_turns_by_its_orbit_in_a_film() -> None:
    """Half before it comes to its azimuth, half after; then it stands still."""
    camera = Camera(40.0, 25.0, box=((0.0, 1.0),) * 3, names=("a", "b", "c"), orbit=60.0)

    turned = [camera.at(share) for share in (0.0, 0.5, 1.0)]

    assert [still.azimuth for still in turned] == [10.0, 40.0, 70.0]
    assert {still.orbit for still in turned} == {0.0}
    assert turned[1].at(1.0) == turned[1] == Camera(40.0, 25.0, 0.1, camera.box, camera.names)


def test_the_limits_of_a_film_make_a_box() -> None:
    """Arrays or lists come to the same camera, which can be told apart from others."""
    limits = [(0.0, 1.0), (-3.0, 5.0), (10.0, 30.0)]

    assert Camera(box=np.array(limits)) == Camera(box=tuple(limits))  # type: ignore[arg-type]
    assert hash(Camera(box=np.array(limits), names=["a", "b", "c"]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"perspective": 0.7},
            r"perspective=0\.7\): expected a number from 0 to 0\.4",
        ),  # the eye in the cube
        ({"box": ((0, 1), (0, 1))}, r"box=.*expected \(low, high\) of three axes"),
        ({"box": np.zeros((3, 2))}, r"box=array.*expected \(low, high\)"),
        ({"box": ((0, 1), (0, 1), (1, 0))}, r"box=.*expected \(low, high\)"),
        ({"box": "cube"}, r"box='cube'\): expected \(low, high\)"),
        ({"names": ("a", "b")}, r"names=\('a', 'b'\)\): expected three, or none"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(given: dict[str, Any], expected: str) -> None:
    """In one line: what came, what was expected."""
    with pytest.raises(SceneError, match=expected) as raised:
        Camera(**given)

    assert "\n" not in str(raised.value)
