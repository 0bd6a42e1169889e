"""What a view is.

A view is a frozen dataclass with two methods. `panels(film)` says what stands still over the whole
film: titles, limits, legends. `marks(film, t)` gives the marks of each panel at film time `t`; the
same t always gives the same marks, in any order, on any thread. A view keeps no state and draws
nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from nnanim.camera import Camera
from nnanim.errors import SceneError
from nnanim.marks import HeightField, Mark, Plane, Stop, coordinates
from nnanim.types import Limits


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


@dataclass(frozen=True)
class Panel:
    """One panel of the sheet: what of it is constant over the film.

    Along an axis that is `log`, limits and marks are logarithms to base 10; its ticks say what they
    stand for. Ticks may be given, as numbers in the panel's coordinates, or be left out by False.

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
    legend: tuple[tuple[str, str], ...] = ()  # (label, colour role)
    color_bar: ColorBar | None = None  # beside the panel, to its right
    camera: Camera | None = None

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
        # Plain tuples, whatever came, can be told apart from those of other panels.
        object.__setattr__(self, "x", _limits("x", self.x))
        object.__setattr__(self, "y", _limits("y", self.y))
        object.__setattr__(self, "legend", tuple(map(tuple, self.legend)))


def _limits(axis: str, limits: object) -> Limits:
    """Return the limits of an axis as two floats."""
    try:
        ends = np.asarray(limits)
    except ValueError:  # parts of different lengths
        ends = np.empty(0)
    if ends.shape != (2,) or ends.dtype.kind not in "iuf" or ends[0] == ends[1]:
        raise SceneError(
            f"Panel({axis}={' '.join(repr(limits).split())}): expected two numbers that differ, "
            "low and high, as (-1.0, 1.0)"
        )
    return float(ends[0]), float(ends[1])


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
        if isinstance(mark, Plane):
            expect_drawable(panel, mark.marks)
    for kind in (Plane, HeightField):
        if (count := sum(isinstance(mark, kind) for mark in marks)) > 1:
            raise SceneError(
                f"{count} marks {kind.__name__} in the panel {panel.title!r}: expected one at most"
            )


class View(Protocol):
    """Something to look at: any object with these two methods; `film` is a `nnanim.Film`."""

    def panels(self, film: Any) -> Sequence[Panel]:
        """Return the panels, constant over the film."""

    def marks(self, film: Any, t: float) -> Sequence[Sequence[Mark]]:
        """Return for each panel its marks at `t` seconds, back to front."""


Rows = Sequence[Sequence[View]]


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
