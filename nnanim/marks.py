"""Marks: what a view puts on the sheet, in the coordinates of its panel.

A mark is plain numbers with colour *roles* ("class0", "grid", "boundary" …) that the theme turns
into colours, and sizes in pixels of a sheet 1080 pixels high. It knows nothing of drawing. Points,
Lines, Polygons and Text may have three coordinates in a panel with a camera, which draws what is
nearer later; Plane, Cells and HeightField are there only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nnanim import mark_checks as checks
from nnanim.errors import SceneError, unknown
from nnanim.scales import Stop as Stop
from nnanim.scales import expect_scale
from nnanim.types import Floats

Shape = Literal["disc", "square", "triangle", "cross"]
Anchor = Literal["left", "center", "right"]
SHAPES: tuple[Shape, ...] = ("disc", "square", "triangle", "cross")
COLORS = 12  # classes that each theme of nnanim's tells apart; the next begin anew
CLASSES = 2 * COLORS  # that differ in colour or shape

FIGURE_SPACE = "\u2007"  # in a text, a space as wide as a digit


@dataclass(frozen=True, eq=False)
class Points:
    """Points at `xy` (n, 2 or 3); `color` is one role, or several of which `index` (n,) picks.

    Or `values` (n,) gives each a value that `scale`, opaque all along, colours as in an `Image`.
    """

    xy: Floats
    color: str | Sequence[str] = "ink"
    index: NDArray[np.integer] | None = None
    size: float = 6.0  # diameter
    alpha: float = 1.0
    shape: Shape = "disc"
    values: Floats | None = None
    scale: str | tuple[Stop, ...] = "viridis"
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        checks.expect_points("Points(xy)", self.xy)
        checks.expect_roles("Points(color", self.color)
        roles = 1 if isinstance(self.color, str) else len(self.color)
        if self.index is not None:
            checks.expect_index("Points(index)", self.index, len(self.xy), roles)
        if self.shape not in SHAPES:
            raise SceneError(unknown("shape of points", self.shape, SHAPES))
        checks.expect_number("Points(size", self.size, 0.0, checks.LARGEST)
        checks.expect_number("Points(alpha", self.alpha, 0.0, 1.0)
        if self.values is not None and np.shape(self.values) != (len(self.xy),):
            raise SceneError(
                f"Points(values) of shape {np.shape(self.values)}: expected one for each of the "
                f"{len(self.xy)} points, ({len(self.xy)},)"
            )
        if not isinstance(self.scale, str) and any(stop.alpha < 1 for stop in self.scale):
            raise SceneError(
                "Points(scale) with stops that are not opaque: expected an alpha of 1 at each, and "
                "Points(alpha=…) for all"
            )


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
        checks.expect_paths("Lines(paths)", self.paths)
        checks.expect_roles("Lines(color", self.color)
        checks.expect_number("Lines(width", self.width, 0.0, checks.LARGEST)
        checks.expect_number("Lines(alpha", self.alpha, 0.0, 1.0)
        if self.values is not None:
            checks.expect_values_along("Lines(values)", self.values, self.paths)
            expect_scale("Lines", self.scale, self.low, self.high)


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
        checks.expect_paths("Polygons(paths)", self.paths)
        checks.expect_roles("Polygons(color", self.color)
        checks.expect_number("Polygons(alpha", self.alpha, 0.0, 1.0)
        if self.values is not None:
            checks.expect_values("Polygons(values)", self.values, self.paths)
            expect_scale("Polygons", self.scale, self.low, self.high)


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
        checks.expect_field("Image(field)", self.field)
        checks.expect_extent("Image(extent", self.extent)
        expect_scale("Image", self.scale, self.low, self.high)


@dataclass(frozen=True, eq=False)
class Bars:
    """Upright bars from `base` to `heights` (n,), centred at `positions` (n,)."""

    positions: Floats
    heights: Floats
    width: float = 0.8  # in data units
    base: float = 0.0
    color: str = "quiet"
    alpha: float = 1.0

    def __post_init__(self) -> None:
        checks.expect_row("Bars(positions)", self.positions)
        checks.expect_row("Bars(heights)", self.heights, len(self.positions))
        checks.expect_number("Bars(width", self.width, 0.0, inf)
        checks.expect_number("Bars(base", self.base, -inf, inf)
        checks.expect_roles("Bars(color", self.color)
        checks.expect_number("Bars(alpha", self.alpha, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Text:
    """A text at `xy` (2 or 3,), its baseline there; it lies over all else in its panel.

    `colors` are a role for each of its letters, in place of `color`. With a `plate`, the panel's
    ground is laid behind it. One that would leave its panel is moved inside; one that has no room
    there, or would meet another before it, is left out. One with a `short` form is not moved to a
    side: where it has no room in bold letters, that stands in its place, "" for nothing.
    """

    xy: Floats | tuple[float, ...]
    text: str
    color: str = "ink"
    size: float = 24.0
    anchor: Anchor = "left"
    bold: bool = field(default=False)
    plate: bool = field(default=False)
    colors: Sequence[str] = ()
    short: str | None = None

    def __post_init__(self) -> None:
        checks.expect_place("Text(xy", self.xy)
        checks.expect_roles("Text(color", self.color)
        checks.expect_number("Text(size", self.size, 0.0, checks.LARGEST)
        checks.expect_text("Text(text", self.text)
        checks.expect_text("Text(short", self.short or "")
        checks.expect_role_of_each("Text(colors", self.colors, self.text)
        if self.anchor not in get_args(Anchor):
            raise SceneError(unknown("anchor of a text", self.anchor, get_args(Anchor)))


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
        checks.expect_direction("Plane(normal", self.normal)
        checks.expect_number("Plane(offset", self.offset, -inf, inf)

    def side(self, xyz: Floats) -> Floats:
        """Return how far (n,) points (n, 3) are beyond the plane, in units of the normal."""
        return np.asarray(xyz @ self.normal - self.offset)

    @property
    def cells(self) -> "Cells":
        """The two cells that the plane parts."""
        weight = np.stack([np.zeros(3), np.asarray(self.normal, float)])
        return Cells(weight, np.array([0.0, -self.offset]), self.marks)


@dataclass(frozen=True, eq=False)
class Cells:
    """Space parted into the cells where each score, weight[k]·x + bias[k], is the largest.

    One in a panel. The cells are drawn one after another, that with the eye in it last; what
    crosses a wall between two is cut there. `marks` are those that lie in the walls, and show them.
    """

    weight: Floats  # (cells, 3)
    bias: Floats  # (cells,)
    marks: "Sequence[Mark]" = ()

    def __post_init__(self) -> None:
        checks.expect_scores("Cells(weight, bias)", self.weight, self.bias)

    def scores(self, xyz: Floats) -> Floats:
        """Return the scores (n, cells) of points (n, 3)."""
        return np.asarray(xyz @ self.weight.T + self.bias)


@dataclass(frozen=True, eq=False)
class HeightField:
    """Heights (rows, columns) over `extent` = (x0, x1, y0, y1) as a surface; one in a panel.

    `heights[i, j]` stands on a corner of the lattice that fills the extent; row 0 lies at y0,
    column 0 at x0. `scale` colours them as in an `Image`, or the `values` (rows - 1, columns - 1)
    of the faces between them. Points, and lines that go on in steps shorter than a cell, are drawn
    over it where it does not hide them.
    """

    heights: Floats
    extent: tuple[float, float, float, float]
    scale: str | tuple[Stop, ...] = "viridis"
    low: float = 0.0
    high: float = 1.0
    values: Floats | None = None

    def __post_init__(self) -> None:
        checks.expect_field("HeightField(heights)", self.heights, least=2)
        faces = tuple(side - 1 for side in np.shape(self.heights))
        if self.values is not None and np.shape(self.values) != faces:
            raise SceneError(
                f"HeightField(values) of shape {np.shape(self.values)}: expected one for each face "
                f"between the heights, {faces}"
            )
        checks.expect_extent("HeightField(extent", self.extent)
        expect_scale("HeightField", self.scale, self.low, self.high)


def class_shape(k: int, *, few: bool = False) -> Shape:
    """Return the shape of the points of class `k`, one of its own from the third class on.

    Of `few` points, which are large enough to see it, from the second. Classes of one colour have
    another one.
    """
    turn = k if few else max(k - 1, 0)
    return SHAPES[(turn + 2 * (k // COLORS)) % len(SHAPES)]


Mark = Points | Lines | Polygons | Image | Bars | Text | Plane | Cells | HeightField


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
        case Plane() | Cells() | HeightField():
            return 3
