"""Marks and panels that cannot be drawn are refused where a view makes them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnanim.camera import Camera
from nnanim.errors import SceneError
from nnanim.marks import HeightField, Image, Lines, Plane, Points, Polygons, Text
from nnanim.view import ColorBar, Panel

LINE = np.zeros((3, 2))


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (Points, ([[0.0, 1.0]],), r"Points\(xy\) of list: expected an array \(n, 2\)"),
        (Points, (np.zeros(4),), r"of shape \(4,\): expected an array \(n, 2\)"),
        (Lines, (LINE,), r"Lines\(paths\) of shape \(3, 2\): expected a list .* as \[line\]"),
        (Lines, ([np.zeros(3)],), r"the first of shape \(3,\)"),
        (Polygons, ("square",), r"Polygons\(paths\) of str: expected a list"),
        (Image, (np.zeros(9), (0, 1, 0, 1)), r"shape \(9,\): expected rows and columns"),
        (Image, (np.eye(3), ((0, 1), (0, 1))), r"expected \(x0, x1, y0, y1\)"),
        (HeightField, (np.zeros(9), (0, 1, 0, 1)), r"shape \(9,\): expected rows and columns"),
        (HeightField, (np.zeros((1, 9)), (0, 1, 0, 1)), r"\(1, 9\): .* two of each at least"),
        (HeightField, (np.eye(3), ((0, 1), (0, 1))), r"HeightField\(extent=.* expected \(x0, x1"),
        (Plane, (np.ones(2), 0.0), r"Plane\(normal=.*expected the three coordinates"),
        (Plane, (np.zeros(3), 0.0), r"Plane\(normal=.*expected the three coordinates"),
        (Text, (1.0, "one"), r"Text\(xy=1\.0\): expected a place"),
        (Text, (np.zeros(2), 1), r"Text\(text=1\): expected a string"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(
    kind: Callable[..., Any], given: tuple[Any, ...], expected: str
) -> None:
    """What came and what was expected."""
    with pytest.raises(SceneError, match=expected) as raised:
        kind(*given)

    assert "\n" not in str(raised.value)


def test_a_colour_bar_is_no_switch() -> None:
    """It says what its colours mean."""
    bar: Any = True

    with pytest.raises(SceneError, match=r"color_bar=True\): expected a bar"):
        Panel("t", (0, 1), (0, 1), color_bar=bar)


def test_a_camera_is_no_switch() -> None:
    """It says from where three coordinates are seen; then the picture's axes have no ticks."""
    camera: Any = True

    with pytest.raises(SceneError, match=r"camera=True\): expected one of nnanim\.camera"):
        Panel("t", (0, 1), (0, 1), camera=camera)

    panel = Panel("t", (0, 1), (0, 1), camera=Camera())
    assert (panel.x_ticks, panel.y_ticks) == (False, False)


def test_what_can_be_drawn_is_taken() -> None:
    """Also nothing at all, marks in space, and many polygons as one array."""
    Points(np.zeros((0, 2)))
    Points(np.zeros((4, 3)))
    Lines([])
    Lines([LINE, LINE])
    Polygons(np.zeros((5, 4, 2)))
    Panel("t", (0, 1), (0, 1), color_bar=ColorBar("viridis", 0.0, 1.0))


@pytest.mark.parametrize(
    "limits", [None, 5, (1, 2, 3), ("0", "1"), "01", (1, 1), ((1, 2), (3,)), np.eye(2), (0, None)]
)
def test_limits_that_are_no_pair_of_numbers_are_refused(limits: Any) -> None:
    """When the panel is made; the line says for which axis."""
    for axis in ("x", "y"):
        given: Any = {"x": (0, 1), "y": (0, 1)} | {axis: limits}
        with pytest.raises(SceneError, match=rf"^Panel\({axis}=.*: expected two numbers that"):
            Panel("t", **given)


@pytest.mark.parametrize("limits", [(1, 0), [1, 0], np.array([1, 0]), np.array([1.0, 0.0])])
def test_limits_are_two_floats_whatever_came(limits: Any) -> None:
    """So that panels can be told apart; they may run downwards."""
    panel = Panel("t", limits, (0, 1), legend=[["ring", "class0"]])  # type: ignore[arg-type]

    assert (panel.x, panel.y) == ((1.0, 0.0), (0.0, 1.0))
    assert {type(end) for end in (*panel.x, *panel.y)} == {float}
    assert panel.legend == (("ring", "class0"),)
