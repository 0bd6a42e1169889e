"""Checks: what is wrong with a scene's views is found before the training."""

from nnanim.errors import during
from nnanim.film.film import Film
from nnanim.recording.recording import Declared
from nnanim.view import expect_drawable, marks_of, panels_of


def check_views(scene: Declared, film: Film) -> None:
    """Ask each view once, of an untrained network; `SceneError` says what is wrong with it."""
    for view in (view for row in scene.rows for view in row):
        with during(f"the view {type(view).__name__}"):
            panels = panels_of(view, film)
            for panel, marks in zip(panels, marks_of(view, film, 0.0, len(panels)), strict=True):
                expect_drawable(panel, marks)
