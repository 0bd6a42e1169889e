"""Grid: what every grid has, and what of it a film follows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError, during
from nnanim.types import Floats

_MOST_LINES, _MOST_POINTS = 1000, 10_000  # each way, and of a line: more than a picture can tell


class Grid(Protocol):
    """What a scene's `grid` has; see `Square`."""

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return lines (points, inputs) over `window`, a row (low, high) for each input."""

    def outline(self, window: Floats) -> Collection[int]:
        """Return which of these lines, counted from 0, are heavier than the others."""


@dataclass(frozen=True, eq=False)
class Followed:
    """What of input space a film follows: `lines` (points, inputs), and how each is drawn.

    Those of the `outline` are heavier; `roles` are a colour for each; `faces` are those that are
    filled, with how bright each is from 0 to 1; None is for the tint of its line.
    """

    lines: Sequence[Floats] = ()
    outline: frozenset[int] = frozenset()
    roles: tuple[str, ...] = ()
    faces: Mapping[int, float | None] = field(default_factory=dict)


def followed(grid: Grid, window: Floats, dataset: Any) -> Followed:
    """Return what a film follows of a grid over the `window`, and over a data set if there is one.

    Raises `SceneError` for what are no lines.
    """
    if not len(window):  # inputs that are no rows, as pictures
        return Followed()
    name = type(grid).__name__
    with during(f"the grid {name}"):
        over, count = getattr(grid, "over", None), len(window)
        own = grid if over is None or count > 2 else over(dataset)
        lines = [np.asarray(line, float) for line in own.lines(window)]
        _check_lines(name, lines, count)
        outline = frozenset(own.outline(window))
        return Followed(lines, outline, tuple(roles_of(own, window)), faces_of(own, window))


def roles_of(grid: Grid, window: Floats) -> Sequence[str]:
    """Return the colour role of each line of a grid."""
    own = getattr(grid, "roles", None)
    return tinted(len(grid.lines(window))) if own is None else own(window)


def faces_of(grid: Grid, window: Floats) -> Mapping[int, float | None]:
    """Return which lines of a grid are filled, and how bright; None: in the line's tint."""
    own = getattr(grid, "faces", None)
    return {} if own is None else own(window)


def _check_lines(name: str, lines: Sequence[Floats], inputs: int) -> None:
    for line in lines:
        if line.ndim != 2 or len(line) < 2 or line.shape[1] != inputs:
            raise SceneError(
                f"the grid {name} gives a line of shape {line.shape}: expected (points, "
                f"{inputs}), at least two points"
            )
    if lines and not np.isfinite(np.concatenate(lines)).all():
        raise SceneError(f"the grid {name} gives a line with points that are no numbers")


def tinted(count: int, family: int = 1) -> list[str]:
    """Return the quiet tint of `count` lines of the first family or the second."""
    return ["grid" if family == 1 else "grid2"] * count


def faces_over(box: Floats, rows: int, columns: int, chords: int) -> NDArray[np.float64]:
    """Return the closed edges (rows × columns, points, 2) of the cells of a box, lowest row first.

    Each side is of so many `chords`.
    """
    way = np.linspace(0.0, 1.0, chords + 1)[:-1]
    none, all_ = np.zeros(chords), np.ones(chords)
    x = np.concatenate([way, all_, 1 - way, none, [0.0]])
    y = np.concatenate([none, way, all_, 1 - way, [0.0]])
    across, up = np.meshgrid(np.arange(columns), np.arange(rows))
    corners = np.stack([across.ravel(), up.ravel()], axis=1)[:, None]
    size = (box[:, 1] - box[:, 0]) / [columns, rows]
    return np.asarray(box[:, 0] + (corners + np.stack([x, y], axis=1)) * size, np.float64)


def expect_count(
    kind: str, name: str, value: object, least: int, example: str, most: int = 0
) -> None:
    most = most or (_MOST_POINTS if name == "points" else _MOST_LINES)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SceneError(
            f"{kind}({name}={value!r}): expected a whole number of at least {least} and at most "
            f"{most:,}, as grids.{kind}({example})"
        )


def ends_of_two_ways(count: int) -> frozenset[int]:
    """Return the first and the last of each half of `count` lines, none of fewer than four."""
    half = count // 2
    return frozenset({0, half - 1, half, count - 1} if half > 1 else ())
