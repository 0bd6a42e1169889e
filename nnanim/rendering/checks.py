"""Checks: what is wrong with a scene's views is found before the training."""

from nnanim.errors import SceneError, during
from nnanim.film.film import Film
from nnanim.marks import Mark
from nnanim.scene.scene import Scene
from nnanim.view import Panel, View, expect_drawable


def check_views(scene: Scene, film: Film) -> None:
    for view in (view for row in scene.rows for view in row):
        _check_view(view, film)


def _check_view(view: View, film: Film) -> None:
    name = type(view).__name__
    with during(f"the view {name}"):
        panels, rows = list(view.panels(film)), list(view.marks(film, 0.0))
    if any(isinstance(row, Mark) for row in rows):
        raise SceneError(
            f"marks(film, t) of the view {name} returns marks: expected a list of marks for each "
            "panel, as [[Points(xy)]]"
        )
    with during(f"the view {name}"):
        marks = [list(row) for row in rows]
    if len(panels) != len(marks):
        raise SceneError(
            f"the view {name} has {len(panels)} panels but marks for {len(marks)}: "
            "expected marks(film, t) to return one list of marks for each panel"
        )
    for panel in panels:
        if not isinstance(panel, Panel):
            raise SceneError(
                f"the view {name} holds {type(panel).__name__} as a panel: expected "
                "Panel(title, x, y) of nnanim.view"
            )
    for mark in (mark for row in marks for mark in row):
        if not isinstance(mark, Mark):
            raise SceneError(
                f"the view {name} holds {type(mark).__name__} as a mark: expected one of "
                'nnanim.marks, as Points(xy, "ink")'
            )
    for panel, row in zip(panels, marks, strict=True):
        expect_drawable(panel, row)
