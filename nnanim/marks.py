"""Marks: what a view puts on the sheet, in the coordinates of its panel.

A mark is plain numbers with colour *roles* ("class0", "grid", "boundary" …) that the theme turns
into colours, and sizes in pixels of a sheet 1080 pixels high. It knows nothing of drawing. Points,
Lines, Polygons and Text may have three coordinates in a panel with a camera, which draws what is
nearer later; Plane and HeightField are there only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError
from nnanim.types import Floats

Shape = Literal["disc", "square", "triangle", "cross"]
Anchor = Literal["left", "center", "right"]
SHAPES: tuple[Shape, ...] = ("disc", "square", "triangle", "cross")

FIGURE_SPACE = "\u2007"  # in a text, a space as wide as a digit


@dataclass(frozen=True, eq=False)
class Points:
    """Points at `xy` (n, 2 or 3); `color` is one role, or several of which `index` (n,) picks."""

    xy: Floats
    color: str | Sequence[str] = "ink"
    index: NDArray[np.integer] | None = None
    size: float = 6.0  # diameter
    alpha: float = 1.0
    shape: Shape = "disc"

    def __post_init__(self) -> None:
        _expect_points("Points(xy)", self.xy)


@dataclass(frozen=True)
class Stop:
    """One stop of a colour scale: at `position` in [0, 1] this role, this opaque."""

    position: float
    color: str
    alpha: float = 1.0


@dataclass(frozen=True, eq=False)
class Lines:
    """Open polylines, each (m, 2 or 3), all of one width, of one colour where `values` are None.

    `values` gives each line's values (m,), one a point, which `scale` colours as in an `Image`. A
    point that is not finite parts its line.
    """

    paths: Sequence[Floats]
    color: str = "grid"
    width: float = 1.5
    alpha: float = 1.0
    values: Sequence[Floats] | None = None
    scale: str | tuple[Stop, ...] = "viridis"
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        _expect_paths("Lines(paths)", self.paths)


@dataclass(frozen=True, eq=False)
class Polygons:
    """Filled polygons, each (m, 2 or 3) with edges that do not cross, drawn in the order given.

    All are of one colour, or `values` (polygons,) gives each a value that `scale` colours as in an
    `Image`; then those that share an edge show no seam between them. Many of as many corners are
    drawn fastest as one array (polygons, corners, 2 or 3).
    """

    paths: Sequence[Floats] | Floats
    color: str = "class0"
    alpha: float = 1.0
    values: Floats | None = None
    scale: str | tuple[Stop, ...] = "viridis"
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        _expect_paths("Polygons(paths)", self.paths)


@dataclass(frozen=True, eq=False)
class Image:
    """A field (rows, columns) over `extent` = (x0, x1, y0, y1), coloured by `scale`.

    `field[i, j]` belongs to the middle of cell (i, j); row 0 lies at y0, column 0 at x0. Values run
    from `low` to `high`; `scale` is a matplotlib colour map by name, or stops of theme roles.
    """

    field: Floats
    extent: tuple[float, float, float, float]
    scale: str | tuple[Stop, ...] = "viridis"
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if np.ndim(self.field) != 2:
            raise SceneError(
                f"Image(field) of shape {np.shape(self.field)}: expected rows and columns, as "
                "values.reshape(side, side)"
            )
        _expect_extent("Image", self.extent)


@dataclass(frozen=True, eq=False)
class Bars:
    """Upright bars from `base` to `heights` (n,), centred at `positions` (n,)."""

    positions: Floats
    heights: Floats
    width: float = 0.8  # in data units
    base: float = 0.0
    color: str = "quiet"
    alpha: float = 1.0


@dataclass(frozen=True, eq=False)
class Text:
    """A text at `xy` (2 or 3,), its baseline there; in space nothing hides it."""

    xy: Floats | tuple[float, ...]
    text: str
    color: str = "ink"
    size: float = 20.0
    anchor: Anchor = "left"
    bold: bool = field(default=False)

    def __post_init__(self) -> None:
        if np.shape(self.xy) != (2,) and np.shape(self.xy) != (3,):
            raise SceneError(f"Text(xy={self.xy!r}): expected a place, as np.array([x, y])")
        if not isinstance(self.text, str):
            raise SceneError(f"Text(text={self.text!r}): expected a string")


@dataclass(frozen=True, eq=False)
class Plane:
    """The plane normal·x = offset in space, with the `marks` that lie in it; one in a panel.

    What lies beyond it is drawn first, then what lies in it, then what is before it. What crosses
    it is cut there. It is not seen itself: give the marks of what shows it.
    """

    normal: Floats  # (3,)
    offset: float
    marks: "Sequence[Mark]" = ()

    def __post_init__(self) -> None:
        if np.shape(self.normal) != (3,) or not np.any(self.normal):
            raise SceneError(
                f"Plane(normal={self.normal!r}): expected the three coordinates of a direction"
            )

    def side(self, xyz: Floats) -> Floats:
        """Return how far (n,) points (n, 3) are beyond the plane, in units of the normal."""
        return np.asarray(xyz @ self.normal - self.offset)


@dataclass(frozen=True, eq=False)
class HeightField:
    """Heights (rows, columns) over `extent` = (x0, x1, y0, y1) as a surface; one in a panel.

    `heights[i, j]` stands on a corner of the lattice that fills the extent; row 0 lies at y0,
    column 0 at x0. `scale` colours them as in an `Image`. The panel's other marks are as near as
    the cell over which they are: of what lies on the surface, exactly what it hides is hidden, if
    lines go on in steps shorter than a cell.
    """

    heights: Floats
    extent: tuple[float, float, float, float]
    scale: str | tuple[Stop, ...] = "viridis"
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if np.ndim(self.heights) != 2 or min(np.shape(self.heights)) < 2:
            raise SceneError(
                f"HeightField(heights) of shape {np.shape(self.heights)}: expected rows and "
                "columns, two of each at least, as values.reshape(side, side)"
            )
        _expect_extent("HeightField", self.extent)


Mark = Points | Lines | Polygons | Image | Bars | Text | Plane | HeightField


def coordinates(mark: Mark) -> int | None:
    """Return in how many coordinates a mark lies, 2 or 3; None where there is nothing of it."""
    match mark:
        case Points():
            return int(mark.xy.shape[1])
        case Text():
            return len(mark.xy)
        case Lines() | Polygons():
            return int(mark.paths[0].shape[1]) if len(mark.paths) else None
        case Image() | Bars():
            return 2
        case Plane() | HeightField():
            return 3


def _expect_extent(mark: str, extent: tuple[float, ...]) -> None:
    if np.shape(extent) != (4,):
        raise SceneError(f"{mark}(extent={extent!r}): expected (x0, x1, y0, y1)")


def _expect_points(what: str, xy: object) -> None:
    if not isinstance(xy, np.ndarray) or xy.ndim != 2 or xy.shape[1] not in (2, 3):
        came = f"of shape {xy.shape}" if isinstance(xy, np.ndarray) else f"of {type(xy).__name__}"
        raise SceneError(f"{what} {came}: expected an array (n, 2) of x and y")


def _expect_paths(what: str, paths: object) -> None:
    if isinstance(paths, np.ndarray) and paths.ndim != 3:
        raise SceneError(
            f"{what} of shape {paths.shape}: expected a list of arrays (m, 2), as [line]"
        )
    if not isinstance(paths, np.ndarray | list | tuple):
        raise SceneError(f"{what} of {type(paths).__name__}: expected a list of arrays (m, 2)")
    for path in paths[:1]:  # of many, the first tells
        _expect_points(f"{what}, the first", path)
