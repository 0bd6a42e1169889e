"""What a view is, and the strokes that several views share.

A view is a frozen dataclass with two methods. `panels(film)` says what stands still over the whole
film: titles, limits, legends. `marks(film, t)` gives the marks of each panel at film time `t`; the
same t always gives the same marks, in any order, on any thread. A view keeps no state and draws
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from nnanim.errors import SceneError
from nnanim.marks import Image, Lines, Mark, Points, Shape, Stop, Text
from nnanim.types import Floats

if TYPE_CHECKING:
    from nnanim.film import Film

Limits = tuple[float, float]


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

    def __post_init__(self) -> None:
        if not isinstance(self.color_bar, ColorBar | None):
            raise SceneError(
                f"Panel(color_bar={self.color_bar!r}): expected a bar of nnanim.view, as "
                'ColorBar("viridis", 0.0, 1.0, "probability")'
            )


class View(Protocol):
    """Something to look at: any object with these two methods."""

    def panels(self, film: "Film") -> Sequence[Panel]:
        """Return the panels, constant over the film."""

    def marks(self, film: "Film", t: float) -> Sequence[Sequence[Mark]]:
        """Return for each panel its marks at `t` seconds, back to front."""


SHAPES: tuple[Shape, ...] = ("disc", "square", "triangle", "cross")
TINT = 0.17  # how strongly a class colours the region where the network is sure


def data_points(film: "Film", xy: Floats) -> list[Mark]:
    """Return the training data at `xy` (n, 2) in their classes' colours.

    Classes differ in shape too where points are few enough to see it.
    """
    n = len(xy)
    size = float(np.clip(4.6 * (4000 / max(n, 1)) ** 0.25, 2.8, 11.0))
    if film.decision is None:
        return [Points(xy, "class1", size=size, alpha=0.85)]
    names = class_roles(film)
    if n > 400:
        return [Points(xy, names, index=film.labels, size=size, alpha=0.85)]
    return [
        Points(xy[film.labels == k], role, size=size, alpha=0.9, shape=SHAPES[k % len(SHAPES)])
        for k, role in enumerate(names)
    ]


def joined_points(film: "Film", xy: Floats) -> list[Mark]:
    """Return lines that join the training data at `xy` (n, 2) of each class in their order."""
    roles = class_roles(film)
    return [
        Lines([xy[film.labels == k]], role, width=1.2, alpha=0.6) for k, role in enumerate(roles)
    ]


def tile_role(k: int) -> str:
    """Return the colour role of the `k`-th of several films in one picture."""
    return f"class{k + 2}"  # after those of two classes


def tile_shape(k: int) -> Shape:
    """Return the shape of the `k`-th film's points, another when the colours come round again."""
    return SHAPES[k // 7 % len(SHAPES)]


def class_roles(film: "Film") -> tuple[str, ...]:
    """Return the colour role of each class."""
    return tuple(f"class{k}" for k in range(max(2, int(film.labels.max()) + 1)))


def legend(film: "Film") -> tuple[tuple[str, str], ...]:
    """Return the names of the classes with their colours."""
    return tuple(zip(film.header["class_names"], class_roles(film), strict=False))


def badge(film: "Film", moment: float, panel: Panel) -> list[Mark]:
    """Return the text in a panel's upper left corner: does the decision boundary close in it?

    Raises `SceneError` for other than two classes over two inputs.
    """
    answer = "yes" if film.closed_boundary(moment) else "no"
    (x0, x1), (y0, y1) = panel.x, panel.y
    at = np.array([x0 + 0.02 * (x1 - x0), y1 - 0.08 * (y1 - y0)])
    return [Text(at, f"closed boundary: {answer}", size=18.0)]


def grid_strokes(lines: Sequence[Floats], outlined: bool = True) -> list[Mark]:
    """Return grid lines (m, 2), across then up, the first and last of each heavier: the outline.

    Without an outline all are alike, at half strength.
    """
    if not lines:
        return []
    if not outlined:
        return [Lines(lines, "grid", width=1.5, alpha=0.5)]
    half = len(lines) // 2
    ends = {0, half - 1, half, len(lines) - 1} if half > 1 else set()
    inner = [line for i, line in enumerate(lines) if i not in ends]
    outer = [line for i, line in enumerate(lines) if i in ends]
    return [Lines(inner, "grid", width=1.2, alpha=0.75), Lines(outer, "grid", width=2.4)]


def tints(
    film: "Film", scores: Floats, side: int, extent: tuple[float, float, float, float]
) -> list[Mark]:
    """Return the predicted regions as tints, from scores (side², outputs) at the cells' middles.

    Full where the network is sure, fading to the panel's ground where it is not.
    """
    assert film.decision is not None
    probability = film.decision.probability(scores)
    if film.decision.binary:
        return [Image(probability.reshape(side, side), extent, _TWO_CLASSES)]
    classes = probability.shape[1]
    sure = np.clip((probability * classes - 1) / (classes - 1), 0, 1)
    winner = probability.argmax(axis=1)
    fields = [np.where(winner == k, sure[:, k], 0.0).reshape(side, side) for k in range(classes)]
    return [
        Image(field, extent, (Stop(0.0, f"class{k}", 0.0), Stop(1.0, f"class{k}", TINT)))
        for k, field in enumerate(fields)
    ]


_TWO_CLASSES = (
    Stop(0.0, "class0", TINT),
    Stop(0.5, "class0", 0.0),
    Stop(0.5, "class1", 0.0),
    Stop(1.0, "class1", TINT),
)
