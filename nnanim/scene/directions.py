"""Directions: how a training is drawn, which changes nothing of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from nnanim.color import Color, expect_color
from nnanim.errors import SceneError
from nnanim.grids import Grid, Square
from nnanim.row import Row
from nnanim.scene.timeline import Timeline
from nnanim.slices import Slice, Slicing
from nnanim.themes import Theme, theme_from
from nnanim.view import View
from nnanim.words import Given, words_from

Views = Sequence[View | Sequence[View]]  # a row, or rows, each a list or a Row

_ROW = (list, tuple, Row)


@dataclass(frozen=True, kw_only=True)
class Directions:
    """What a film asks of a scene, for a training that is done: each as a `Scene` takes it."""

    views: Views | None = None
    timeline: Timeline | None = None
    grid: Grid = field(default_factory=Square)
    theme: str | Theme = "dark"
    words: Given = "en"
    plane: Slicing | None = None
    color: Color = None

    def __post_init__(self) -> None:
        check_plane(self.plane)
        expect_color("color", self.color)
        check_directions(self.views, self.timeline, self.grid, self.theme, self.words)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The views as rows; none where the task decides."""
        return rows_of(self.views)


def rows_of(views: Views | None) -> tuple[Row, ...]:
    """Return views as rows, a list as one of height 1; none where none are given."""
    if not views:
        return ()
    if isinstance(views[0], _ROW):
        return tuple(row if isinstance(row, Row) else Row(row) for row in views)  # type: ignore[arg-type]
    return (Row(views),)  # type: ignore[arg-type]


def check_plane(plane: object) -> None:
    """Raise `SceneError` for what is no plane of inputs."""
    through = getattr(plane, "through", None)
    if plane is not None and (isinstance(plane, type) or not callable(through)):
        raise SceneError(
            f"plane={plane!r:.80}: expected {Slice(0, 1)!r}, Slice.principal(), or an object with "
            "through(inputs, names, scalings)"
        )


def check_directions(
    views: object, timeline: object, grid: object, theme: object, words: Given
) -> None:
    """Raise `SceneError` for what is no list of views, no clock, no grid, no theme, no words."""
    if not isinstance(timeline, Timeline | None):
        raise SceneError(f"timeline={timeline!r}: expected Timeline(seconds=12, …)")
    _check_grid(grid)
    theme_from(theme)
    words_from(words)
    _check_views(views)


def _check_views(views: object) -> None:
    if views is None:
        return
    if not isinstance(views, list | tuple):
        raise SceneError(f"views={views!r}: expected a list, as [views.HiddenSpace()]")
    kinds = {isinstance(entry, _ROW) for entry in views}
    if len(kinds) > 1:
        raise SceneError(
            f"views={views!r} mixes views and rows: expected a list of views, "
            "or a list of rows that are lists themselves, or Row([…], height=2)"
        )
    if views and not any(rows_of(views)):
        raise SceneError(f"views={views!r} hold no view: leave views out, or give some")
    for view in (view for row in rows_of(views) for view in row):
        if isinstance(view, type):
            raise SceneError(
                f"views hold the class {view.__name__}: expected a view, {view.__name__}()"
            )
        if not callable(getattr(view, "panels", None)) or not callable(
            getattr(view, "marks", None)
        ):
            raise SceneError(
                f"views hold {view!r}: expected views, as views.HiddenSpace(), with "
                "panels(film) and marks(film, t)"
            )


def _check_grid(grid: object) -> None:
    methods = [getattr(grid, name, None) for name in ("lines", "outline")]
    if isinstance(grid, type) or not all(map(callable, methods)):
        raise SceneError(
            f"grid={grid!r}: expected a grid, as grids.Square(count=21), or an object with "
            "lines(window) and outline(window)"
        )
