"""What a view is.

A view is a frozen dataclass with two methods. `panels(film)` says what stands still over the whole
film: titles, limits, legends. `marks(film, t)` gives the marks of each panel at film time `t`; the
same t always gives the same marks, in any order, on any thread. A view keeps no state and draws
nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf
from typing import Any, Protocol, runtime_checkable

import numpy as np

from nnanim.camera import Camera
from nnanim.errors import SceneError, unknown
from nnanim.mark_checks import LONGEST, expect_text
from nnanim.marks import SHAPES, Cells, HeightField, Mark, Plane, coordinates
from nnanim.scales import Stop, expect_scale
from nnanim.titled import told
from nnanim.types import Limits, Scaling

SWATCHES = (*SHAPES, "line")  # of a legend

_SPAN = 1e-300  # of limits: one over less is no number
_RESOLUTION = 1e-12  # of limits, as a share of their distance from 0


@dataclass(frozen=True)
class ColorBar:
    """What the colours of a field mean: `scale` from `low` to `high`, as in `Image`.

    With `log`, `low` and `high` are logarithms to base 10, and the bar is marked with what they
    stand for.
    """

    scale: str | tuple[Stop, ...]
    low: float
    high: float
    label: str = ""
    log: bool = False

    def __post_init__(self) -> None:
        expect_scale("ColorBar", self.scale, self.low, self.high)
        expect_text("ColorBar(label", self.label)


@dataclass(frozen=True)
class Panel:
    """One panel of the sheet: what of it is constant over the film.

    Along an axis that is `log`, limits and marks are logarithms to base 10; its ticks say what they
    stand for. Ticks may be given, as numbers in the panel's coordinates, or be left out by False.
    Along an axis with a scaling (shift, step), what a tick says is shift + step times where it is:
    `film.scaling(0)` is that of the first input, whose axis so has the data's own units.

    Panels of one shape and one `block`, a name, stand together under it; where their own titles
    have no room, the block's name serves for all. An entry of the `legend` is a label and a colour
    role, and the shape of its mark: "square" if it is left out, "line" or one of points.

    A panel with a `camera` holds marks of three coordinates in the camera's cube; x and y are those
    of the picture, as `Panel("Three units", *camera.limits, camera=camera)`, and have no ticks.
    """

    title: str
    x: Limits
    y: Limits
    subtitle: str = ""
    equal: bool = True  # one unit of x is as long as one of y; else the panel takes what room is
    x_label: str = ""
    y_label: str = ""
    x_ticks: bool | tuple[float, ...] = True
    y_ticks: bool | tuple[float, ...] = True
    x_log: bool = False
    y_log: bool = False
    x_scaling: Scaling = (0.0, 1.0)
    y_scaling: Scaling = (0.0, 1.0)
    legend: tuple[tuple[str, ...], ...] = ()
    color_bar: ColorBar | None = None  # beside the panel, to its right
    camera: Camera | None = None
    block: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.color_bar, ColorBar | None):
            raise SceneError(
                f"Panel(color_bar={self.color_bar!r}): expected a bar of nnanim.view, as "
                'ColorBar("viridis", 0.0, 1.0, "probability")'
            )
        if not isinstance(self.camera, Camera | None):
            raise SceneError(
                f"Panel(camera={self.camera!r}): expected one of nnanim.camera, as "
                "Camera(box=film.limits(layer))"
            )
        if self.camera is not None:
            object.__setattr__(self, "x_ticks", False)
            object.__setattr__(self, "y_ticks", False)
        for name in ("title", "subtitle", "x_label", "y_label", "block"):
            expect_text(f"Panel({name}", getattr(self, name))
        # Plain tuples, whatever came, can be told apart from those of other panels.
        object.__setattr__(self, "x", _limits("x", self.x))
        object.__setattr__(self, "y", _limits("y", self.y))
        object.__setattr__(self, "x_ticks", _ticks("x_ticks", self.x_ticks))
        object.__setattr__(self, "y_ticks", _ticks("y_ticks", self.y_ticks))
        object.__setattr__(self, "legend", _legend(self.legend))
        object.__setattr__(self, "x_scaling", _scaling("x_scaling", self.x_scaling))
        object.__setattr__(self, "y_scaling", _scaling("y_scaling", self.y_scaling))


def _scaling(name: str, scaling: object) -> Scaling:
    """Return the shift and the step of an axis as two floats."""
    try:
        pair = np.asarray(scaling)
    except ValueError:  # parts of different lengths
        pair = np.empty(0)
    numbers = pair.shape == (2,) and pair.dtype.kind in "iuf" and np.isfinite(pair).all()
    if not numbers or pair[1] <= 0:
        raise SceneError(
            f"Panel({name}={' '.join(repr(scaling).split())}): expected shift and step, two "
            "numbers with step > 0, as film.scaling(0) gives them"
        )
    return float(pair[0]), float(pair[1])


def _limits(axis: str, limits: object) -> Limits:
    """Return the limits of an axis as two floats."""
    ends = _numbers(limits)
    if ends is None or len(ends) != 2 or not _SPAN < abs(ends[1] - ends[0]) < inf:
        raise SceneError(
            f"Panel({axis}={' '.join(repr(limits).split()):.100}): expected two numbers, "
            "low and high, with a difference that floats hold, as (-1.0, 1.0)"
        )
    if abs(ends[1] - ends[0]) < _RESOLUTION * max(map(abs, ends)):
        raise SceneError(
            f"Panel({axis}={ends}): so far from 0, floats do not tell such small steps apart: "
            f"subtract {ends[0]:g} from what it shows"
        )
    return ends[0], ends[1]


def _ticks(name: str, ticks: object) -> bool | tuple[float, ...]:
    """Return whether an axis is marked, or where."""
    if isinstance(ticks, bool | np.bool_):
        return bool(ticks)
    values = _numbers(ticks)
    if values is None:
        raise SceneError(
            f"Panel({name}={' '.join(repr(ticks).split()):.100}): expected numbers, as (0.0, 1.0), "
            "or True or False"
        )
    return values


def _legend(legend: object) -> tuple[tuple[str, ...], ...]:
    """Return entries: a label and a colour role, or these and the shape of its mark."""
    entries = legend if isinstance(legend, list | tuple) else (None,)
    for entry in entries:
        fits = isinstance(entry, list | tuple) and len(entry) in (2, 3)
        if not fits or not all(isinstance(text, str) and len(text) <= LONGEST for text in entry):
            raise SceneError(
                f"Panel(legend={' '.join(repr(legend).split()):.100}): expected pairs of a label "
                f'of at most {LONGEST:,} letters and a colour role, as [("inner", "class0")]'
            )
        if len(entry) == 3 and entry[2] not in SWATCHES:
            raise SceneError(unknown("shape in a legend", entry[2], SWATCHES))
    return tuple(tuple(entry) for entry in entries)


def _numbers(given: object) -> tuple[float, ...] | None:
    """Return finite numbers as floats; None for anything else."""
    try:
        found = np.asarray(given)
    except ValueError:  # parts of different lengths
        return None
    if found.ndim != 1 or found.dtype.kind not in "iuf" or not np.isfinite(found).all():
        return None
    return tuple(found.astype(np.float64).tolist())


def expect_drawable(panel: Panel, marks: Iterable[Mark]) -> None:
    """Raise `SceneError` for marks of three coordinates without a camera, or of two with one.

    Of what parts the whole panel, there may be one only.
    """
    marks = list(marks)
    if panel.camera is None:
        expected, cure = 2, "2, or Panel(…, camera=Camera(box=…)) of nnanim.camera"
    else:
        expected, cure = 3, "3, as the panel has a camera"
    for mark in marks:
        if (came := coordinates(mark)) not in (None, expected):
            raise SceneError(
                f"{type(mark).__name__} of {came} coordinates in the panel {panel.title!r}: "
                f"expected {cure}"
            )
        if isinstance(mark, Plane | Cells):
            expect_drawable(panel, mark.marks)
    for kind in (Plane | Cells, HeightField):
        if len(found := [type(mark).__name__ for mark in marks if isinstance(mark, kind)]) > 1:
            names = " and ".join(dict.fromkeys(found))
            raise SceneError(
                f"{len(found)} marks {names} in the panel {panel.title!r}: expected one at most"
            )


class View(Protocol):
    """Something to look at: any object with these two methods; `film` is a `nnanim.Film`."""

    def panels(self, film: Any) -> Sequence[Panel]:
        """Return the panels, constant over the film."""

    def marks(self, film: Any, t: float) -> Sequence[Sequence[Mark]]:
        """Return for each panel its marks at `t` seconds, back to front."""


@runtime_checkable
class Figured(Protocol):
    """A view that also tells a figure, which stands below the strip beside loss and accuracy."""

    def strip_figure(self, film: Any, t: float) -> str:
        """Return the figure at `t` seconds, always as many characters; "" where there is none."""


Rows = Sequence[Sequence[View]]


def panels_of(view: View, film: Any) -> list[Panel]:
    """Return the panels of a view; `SceneError` where it gives anything else."""
    name, came = type(view).__name__, view.panels(film)
    if not isinstance(came, Iterable):
        raise SceneError(
            f"panels(film) of the view {name} returns {type(came).__name__}: expected a list of "
            "panels, as [Panel(title, x, y)]"
        )
    panels = list(came)
    if not panels:
        raise SceneError(
            f"the view {name} has no panels: expected at least one, as [Panel(title, x, y)]"
        )
    for panel in panels:
        if not isinstance(panel, Panel):
            raise SceneError(
                f"the view {name} holds {type(panel).__name__} as a panel: expected "
                "Panel(title, x, y) of nnanim.view"
            )
    return told(view, panels)


def marks_of(view: View, film: Any, t: float, panels: int) -> list[list[Mark]]:
    """Return the marks of each of so many panels at `t` seconds.

    Raises `SceneError` where the view gives anything else.
    """
    name, came = type(view).__name__, view.marks(film, t)
    rows = list(came) if isinstance(came, Iterable) else [came]
    for row in rows:
        if isinstance(row, Mark) or not isinstance(row, Iterable):
            kind = "marks" if isinstance(row, Mark) else type(row).__name__
            raise SceneError(
                f"marks(film, t) of the view {name} returns {kind} at {t:g} s: expected a list of "
                "marks for each panel, as [[Points(xy)]]"
            )
    marks = [list(row) for row in rows]
    if len(marks) != panels:
        raise SceneError(
            f"the view {name} has {panels} panels but marks for {len(marks)} at {t:g} s: "
            "expected marks(film, t) to return one list of marks for each panel"
        )
    for mark in chain(*marks):
        if not isinstance(mark, Mark):
            raise SceneError(
                f"the view {name} holds {type(mark).__name__} as a mark at {t:g} s: expected one "
                'of nnanim.marks, as Points(xy, "ink")'
            )
    return marks


_SHARED = (
    "badge",
    "class_roles",
    "data_points",
    "grid_strokes",
    "joined_points",
    "legend",
    "tints",
)


def __getattr__(name: str) -> object:
    if name in _SHARED:
        return _shared(name)
    raise AttributeError(f"module 'nnanim.view' has no attribute {name!r}")


def _shared(name: str) -> object:
    """Return one of the marks that the built-in views share, for views of anyone's own."""
    from nnanim.views import shared_marks

    return getattr(shared_marks, name)
