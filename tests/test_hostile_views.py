"""A view that gives what cannot be drawn ends in one line that names it; nothing crashes or hangs.

Whether it does so at once or late in the film: the exit code is 3, and no half film is left.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

SceneFile = Callable[..., Path]
Refused = Callable[..., str]

FILM = ("-r", "128x72", "--seconds", "0.4", "--fps", "10", "--no-cache")
VIEW = """
from nnanim.marks import Bars, Image, Lines, Points, Polygons, Stop, Text
from nnanim.view import ColorBar


@dataclass(frozen=True)
class Mine:
    def panels(self, film):
        return {panels}

    def marks(self, film, t):
        return {marks}
"""
PANEL = 'Panel("Mine", (0, 1), (0, 1){})'
XY, WELL = "np.zeros((3, 2))", "[[]]"


def one(more: str) -> str:
    return f"[{PANEL.format(', ' + more)}]"


PANELS: dict[str, tuple[str, tuple[str, ...]]] = {
    "none": ("None", ("panels(film) of the view Mine returns NoneType", "a list of panels")),
    "no panel at all": ("[]", ("the view Mine has no panels", "expected at least one")),
    "a span of nothing": (
        '[Panel("p", (0, 0), (0, 1))]',
        ("Panel(x=(0, 0)): expected two numbers",),
    ),
    "no number": ('[Panel("p", (0, np.nan), (0, 1))]', ("Panel(x=(0, nan)): expected two",)),
    "infinity": ('[Panel("p", (0, 1), (-np.inf, 0))]', ("Panel(y=(-inf, 0)): expected two",)),
    "beyond all numbers": (
        '[Panel("p", (-1e308, 1e308), (0, 1))]',
        ("Panel(x=(-1e+308, 1e+308))",),
    ),
    "less than any number": ('[Panel("p", (0, 1e-320), (0, 1))]', ("Panel(x=(0, 1e-320))",)),
    "finer than floats": (
        '[Panel("p", (1e8, 1e8 + 1e-7), (0, 1))]',
        ("so far from 0", "subtract 1e+08 from what it shows"),
    ),
    "a title that is none": (
        "[Panel(None, (0, 1), (0, 1))]",
        ("Panel(title=None): expected a string",),
    ),
    "a title of a megabyte": (
        '[Panel("x" * 10**6, (0, 1), (0, 1))]',
        ("Panel(title) of 1,000,000 letters",),
    ),
    "ticks that are words": (
        one('x_ticks=("0", "1")'),
        ("Panel(x_ticks=('0', '1')): expected numbers",),
    ),
    "a tick that is no number": (
        one("y_ticks=(0.0, np.nan)"),
        ("Panel(y_ticks=(0.0, nan)): expected",),
    ),
    "a legend of words": (one('legend=("inner", "outer")'), ("expected pairs of a label",)),
    "a legend of a strange colour": (
        one('legend=(("inner", "rad"),)'),
        ("unknown colour 'rad'",),
    ),
    "a colour bar of no numbers": (
        one('color_bar=ColorBar("viridis", 0.0, np.nan)'),
        ("ColorBar(high=nan): expected a number",),
    ),
    "a colour bar of no map": (
        one('color_bar=ColorBar("virids", 0.0, 1.0)'),
        ("unknown colour map 'virids'", "did you mean 'viridis'?"),
    ),
}

MARKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "none": ("None", ("marks(film, t) of the view Mine returns NoneType", "[[Points(xy)]]")),
    "none for its panel": ("[None]", ("marks(film, t) of the view Mine returns NoneType",)),
    "marks without a list": (f"[Points({XY})]", ("marks(film, t) of the view Mine returns marks",)),
    "one list too many": ("[[], []]", ("has 1 panels but marks for 2",)),
    "a word": ("[['x']]", ("holds str as a mark",)),
    "the class of a mark": ("[[Points]]", ("holds type as a mark",)),
    "too short an index": (
        f"[[Points({XY}, ('ink', 'grid'), np.array([0]))]]",
        ("in Mine.marks: Points(index) of shape (1,): expected an array (3,)",),
    ),
    "an index out of range": (
        f"[[Points({XY}, ('ink', 'grid'), np.array([0, 1, 10**9]))]]",
        ("Points(index) from 0 to 1000000000: expected 0 to 1, as there are 2 colours",),
    ),
    "values for other lines": (
        "[[Lines([np.eye(2)], values=[np.zeros(5)])]]",
        ("Lines(values), number 0 of shape (5,): expected an array (2,)",),
    ),
    "values for other faces": (
        "[[Polygons(np.zeros((2, 3, 2)), values=np.zeros(1))]]",
        ("Polygons(values) of shape (1,): expected an array (2,)",),
    ),
    "bars of two minds": (
        "[[Bars(np.zeros(2), np.zeros(3))]]",
        ("Bars(heights) of shape (3,): expected an array (2,)",),
    ),
    "a strange colour": (f"[[Points({XY}, 'rad')]]", ("unknown colour 'rad'",)),
    "a strange colour map": (
        "[[Image(np.eye(2), (0, 1, 0, 1), 'jett')]]",
        ("unknown colour map 'jett'", "did you mean 'jet'?"),
    ),
    "stops that fall": (
        "[[Image(np.eye(2), (0, 1, 0, 1), (Stop(1, 'ink'), Stop(0, 'grid')))]]",
        ("Image(scale) has stops at [1, 0]",),
    ),
    "a text of negative size": (
        "[[Text((0, 0), 'A', size=-5)]]",
        ("Text(size=-5): expected a number from 0 to 10000",),
    ),
    "a text of a vast size": (
        "[[Text((0, 0), 'A', size=1e6)]]",
        ("Text(size=1000000.0): expected a number",),
    ),
    "a text of a size that is none": (
        "[[Text((0, 0), 'A', size=float('nan'))]]",
        ("Text(size=nan): expected a number",),
    ),
}


@pytest.mark.parametrize("name", PANELS)
def test_panels_that_cannot_be_drawn_are_refused(
    name: str, scene_file: SceneFile, refused: Refused
) -> None:
    """Before the training; the line says what came and what was expected."""
    panels, says = PANELS[name]
    file = scene_file(before=VIEW.format(panels=panels, marks=WELL), more="views=[Mine()],")

    refused("render", file, *FILM, code=3, says=says)


def test_more_panels_than_anyone_sees_are_refused(scene_file: SceneFile, refused: Refused) -> None:
    """Laying them out would have no end."""
    panels = "[Panel(str(i), (0, 1), (0, 1)) for i in range(20_000)]"
    view = VIEW.format(panels=panels, marks="[[]] * 20_000")
    file = scene_file(before=view, more="views=[Mine()],")

    says = ("a sheet of 20,001 panels: expected at most 400", "show fewer layers or units")
    refused("render", file, *FILM, code=3, says=says)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("name", MARKS)
def test_marks_that_cannot_be_drawn_are_refused(
    name: str, late: bool, scene_file: SceneFile, refused: Refused
) -> None:
    """At the first picture or at a later one, on whichever thread."""
    marks, says = MARKS[name]
    shown = f"{WELL} if t < 0.2 else {marks}" if late else marks
    file = scene_file(
        before=VIEW.format(panels=one("equal=False"), marks=shown), more="views=[Mine()],"
    )

    refused("render", file, *FILM, code=3, says=says)


ODD = {
    "a text of no size": "[[Text((0, 0), 'A', size=0)]]",
    "a text of hardly any size": "[[Text((0, 0), 'A', size=1e-9)]]",
    "a text of strange letters": r"[[Text((0, 0), '$' * 900 + '\\frac{\n\x00\x1b\ud800\t\uffff')]]",
    "a text nowhere": "[[Text((np.nan, 1e300), 'A')]]",
    "points of no size": f"[[Points({XY}, size=0), Points(np.zeros((900, 2)), size=1e-30)]]",
    "points of a vast size": f"[[Points({XY}, size=1e4), Points(np.zeros((300, 2)), size=9e3)]]",
    "lines of a vast width": "[[Lines([np.eye(2) * 1e30, np.eye(2)], width=1e4)]]",
    "nothing": "[[Points(np.zeros((0, 2))), Lines([]), Polygons([])]]",
    "an image of nothing": "[[Image(np.zeros((0, 3)), (0, 1, 0, 1))]]",
    "an image of no number": "[[Image(np.full((3, 3), np.nan), (0, 1, 0, 1), low=5, high=5)]]",
    "an image of a vast extent": "[[Image(np.eye(3), (-1e300, 1e300, 0, 1))]]",
    "an image upside down": "[[Image(np.eye(3), (1, 0, 1, 0))]]",
    "bars of no height": "[[Bars(np.array([0, np.nan]), np.array([np.inf, 0]), width=1e300)]]",
}


@pytest.mark.parametrize("suffix", ["png", "svg"])
@pytest.mark.parametrize("name", ODD)
def test_odd_marks_are_drawn(
    name: str, suffix: str, scene_file: SceneFile, nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """What is only strange makes a picture, in pixels and in vectors, without a word."""
    file = scene_file(
        before=VIEW.format(panels=one("equal=False"), marks=ODD[name]), more="views=[Mine()],"
    )

    code, out, err = nnanim("still", file, "-o", f"odd.{suffix}", "-r", "128x72", "--no-cache")

    assert (code, out, err) == (0, f"odd.{suffix}\n", "")
