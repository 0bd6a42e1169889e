"""Marks and panels that cannot be drawn are refused where a view makes them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnanim.camera import Camera
from nnanim.errors import SceneError
from nnanim.marks import Bars, HeightField, Image, Lines, Plane, Points, Polygons, Stop, Text
from nnanim.view import ColorBar, Panel

LINE, FACES = np.zeros((3, 2)), np.zeros((5, 4, 2))
PAIR, ROLES, ONES = ("ink", "grid"), np.array([0, 1]), np.ones(3, int)


def valued(values: Any, scale: Any = "viridis") -> Points:
    """Return three points with these values."""
    return Points(LINE, values=values, scale=scale)


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (Points, ([[0.0, 1.0]],), r"Points\(xy\) of list: expected an array \(n, 2\)"),
        (Points, (np.zeros(4),), r"of shape \(4,\): expected an array \(n, 2\)"),
        (valued, (np.zeros(4),), r"Points\(values\) of shape \(4,\): .* the 3 points, \(3,\)"),
        (valued, (np.zeros(3), (Stop(0, "ink", 0.5),)), r"Points\(scale\) with stops that are not"),
        (Lines, (LINE,), r"Lines\(paths\) of shape \(3, 2\): expected a list .* as \[line\]"),
        (Lines, ([np.zeros(3)],), r"number 0 of shape \(3,\): expected an array"),
        (Lines, ([LINE, np.zeros((3, 3))],), r"of 2 and of 3 coordinates: expected all in one"),
        (Lines, ([LINE, LINE.astype(str)],), r"number 1 of <U32 shape \(3, 2\): expected an array"),
        (Lines, ([LINE, None],), r"number 1 of NoneType: expected an array \(n, 2\)"),
        (Lines, ([LINE], "grid", 1.5, 1.0, [np.zeros(2)]), r"values\), number 0 of shape \(2,\)"),
        (Lines, ([LINE], "grid", 1.5, 1.0, []), r"Lines\(values\) of list: expected a list of 1"),
        (Lines, ([LINE], "grid", np.inf), r"Lines\(width=inf\): expected a number from 0 to 10000"),
        (Lines, ([LINE], "grid", 1.5, 2.0), r"Lines\(alpha=2\.0\): expected a number from 0 to 1"),
        (
            Points,
            (LINE, "ink", ROLES),
            r"Points\(index\) of shape \(2,\): expected an array \(3,\)",
        ),
        (
            Points,
            (LINE, "ink", ONES),
            r"Points\(index\) from 1 to 1: expected 0 to 0, as there are 1",
        ),
        (Points, (LINE, PAIR, ONES + 1), r"Points\(index\) from 2 to 2: expected 0 to 1"),
        (Points, (LINE, PAIR, -ONES), r"Points\(index\) from -1 to -1: expected 0 to 1"),
        (Points, (LINE, PAIR, ONES * 10**9), r"Points\(index\) from 1000000000 to 1000000000"),
        (Points, (LINE, PAIR, ONES * 1.0), r"of float64 .* expected an array of whole numbers"),
        (Points, (LINE, PAIR, [0, 1, 1]), r"Points\(index\) of list: expected an array of whole"),
        (Points, (LINE, ()), r"Points\(color=\(\)\): expected a colour role, as \"class0\""),
        (Points, (LINE, None), r"Points\(color=None\): expected a colour role"),
        (Points, (LINE, "ink", None, np.nan), r"Points\(size=nan\): expected a number from 0"),
        (Points, (LINE, "ink", None, "6"), r"Points\(size='6'\): expected a number from 0"),
        (Points, (LINE * 1j,), r"Points\(xy\) of complex128 shape \(3, 2\): expected an array"),
        (Points, (LINE, "ink", None, 6.0, 1.0, "disk"), r"points 'disk'.* did you mean 'disc'"),
        (Polygons, ("square",), r"Polygons\(paths\) of str: expected a list"),
        (Image, (np.zeros(9), (0, 1, 0, 1)), r"shape \(9,\): expected rows and columns"),
        (Image, ([[1.0]], (0, 1, 0, 1)), r"Image\(field\) of list: expected rows and columns"),
        (Image, (np.eye(3), (0, "1", 0, "a")), r"extent=.* expected \(x0, x1, y0, y1\), four"),
        (Image, (np.eye(3), (0, 1, 0, 1), ["ink"]), r"Image\(scale=\['ink'\]\): expected a colour"),
        (
            Image,
            (np.eye(3), (0, 1, 0, 1), "viridis", None),
            r"Image\(low=None\): expected a number",
        ),
        (
            Polygons,
            (FACES, "ink", 1.0, np.zeros(4)),
            r"values\) of shape \(4,\): expected .*\(5,\)",
        ),
        (Polygons, (np.zeros((5, 4, 4)),), r"of shape \(5, 4, 4\): expected an array \(n, m, 2\)"),
        (Bars, ([1.0], ONES), r"Bars\(positions\) of list: expected an array \(n,\)"),
        (Bars, (np.zeros(2), ONES), r"Bars\(heights\) of shape \(3,\): expected an array \(2,\)"),
        (Bars, (ONES, ONES, np.inf), r"Bars\(width=inf\): expected a number"),
        (Image, (np.eye(3), ((0, 1), (0, 1))), r"expected \(x0, x1, y0, y1\)"),
        (HeightField, (np.zeros(9), (0, 1, 0, 1)), r"shape \(9,\): expected rows and columns"),
        (HeightField, (np.zeros((1, 9)), (0, 1, 0, 1)), r"\(1, 9\): .* 2 of each at least"),
        (HeightField, (np.eye(3), ((0, 1), (0, 1))), r"HeightField\(extent=.* expected \(x0, x1"),
        (Plane, (np.ones(2), 0.0), r"Plane\(normal=.*expected the three coordinates"),
        (Plane, (np.zeros(3), 0.0), r"Plane\(normal=.*expected the three coordinates"),
        (Text, (1.0, "one"), r"Text\(xy=1\.0\): expected a place"),
        (Text, (np.zeros(2), 1), r"Text\(text=1\): expected a string"),
        (Text, ([[1.0], [2.0, 3.0]], "one"), r"Text\(xy=.*: expected a place"),
        (Text, (np.zeros(2), "one", "ink", -5), r"Text\(size=-5\): expected a number from 0"),
        (Text, (np.zeros(2), "A", "ink", 1e6), r"Text\(size=1000000\.0\): expected a number"),
        (
            Text,
            (np.zeros(2), "A" * 10**6),
            r"Text\(text\) of 1,000,000 letters: expected at most 1,000",
        ),
        (Text, (np.zeros(2), "A", "ink", 20.0, "middle"), r"unknown anchor of a text 'middle'"),
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
    Points(LINE, PAIR, ONES.astype(np.uint8), size=0)
    Points(LINE, PAIR, np.array([[0, 9], [1, 9], [1, 9]])[:, 0], size=2.0)
    Lines([LINE, LINE.astype(np.float32)[:1]], values=[np.full(3, np.nan), np.zeros(1)])
    Polygons(FACES, values=np.zeros(5))
    Polygons([])
    Bars(np.zeros(0), np.zeros(0))
    Text(np.array([0, 1]), "")
    Panel("t", (0, 1), (0, 1), color_bar=ColorBar("viridis", 0.0, 1.0))


@pytest.mark.parametrize(
    "limits", [None, 5, (1, 2, 3), ("0", "1"), "01", (1, 1), ((1, 2), (3,)), np.eye(2), (0, None)]
)
def test_limits_that_are_no_pair_of_numbers_are_refused(limits: Any) -> None:
    """When the panel is made; the line says for which axis."""
    for axis in ("x", "y"):
        given: Any = {"x": (0, 1), "y": (0, 1)} | {axis: limits}
        with pytest.raises(SceneError, match=rf"^Panel\({axis}=.*: expected two numbers, low and"):
            Panel("t", **given)


@pytest.mark.parametrize("limits", [(1, 0), [1, 0], np.array([1, 0]), np.array([1.0, 0.0])])
def test_limits_are_two_floats_whatever_came(limits: Any) -> None:
    """So that panels can be told apart; they may run downwards."""
    panel = Panel("t", limits, (0, 1), legend=[["ring", "class0"]])  # type: ignore[arg-type]

    assert (panel.x, panel.y) == ((1.0, 0.0), (0.0, 1.0))
    assert {type(end) for end in (*panel.x, *panel.y)} == {float}
    assert panel.legend == (("ring", "class0"),)
