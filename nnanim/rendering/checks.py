"""Checks: what is wrong with a scene's views is found before the training."""

from itertools import chain

from nnanim.acts import Morph
from nnanim.errors import NotKeptError, SceneError, during
from nnanim.film.film import Film
from nnanim.recording.recording import Declared
from nnanim.sheet.named_colors import colors_in
from nnanim.view import Rows, expect_drawable, marks_of, panels_of


def check_kept(rows: Rows, film: Film) -> None:
    """Refuse by name what needs the network itself, where a recording keeps activations."""
    if film.network.runs:
        return
    refused = []
    for view in (view for row in rows for view in row):
        try:
            view.panels(film)
            view.marks(film, 0.0)
        except NotKeptError:
            refused.append(type(view).__name__)
    if refused:
        one = len(refused) == 1
        raise SceneError(
            f"{', '.join(refused)} need{'s' * one} the network itself, but this recording keeps "
            f"activations: leave {'it' if one else 'them'} out, or record with "
            'record="parameters"'
        )


def check_views(scene: Declared, film: Film) -> list[str]:
    """Ask each view once and return what colours it names; `SceneError` says what is wrong."""
    check_kept(scene.rows, film)
    _check_depth(scene.rows, film)
    named: list[str] = []
    for view in (view for row in scene.rows for view in row):
        with during(f"the view {type(view).__name__}"):
            panels = panels_of(view, film)
            shown = marks_of(view, film, 0.0, len(panels))
            for panel, marks in zip(panels, shown, strict=True):
                expect_drawable(panel, marks)
        named += colors_in(panels, chain.from_iterable(shown))
    return list(dict.fromkeys(named))


def _check_depth(rows: Rows, film: Film) -> None:
    """Refuse an act that goes through the layers where no view shows that."""
    acts = [act for act in film.clock.timeline.sequence if isinstance(act, Morph)]
    seen = any(getattr(view, "shows_depth", False) for row in rows for view in row)
    if acts and not seen:
        raise SceneError(
            "the act Morph goes through the layers, but no view shows that: add views.Depth() to "
            "the scene's views, or leave Morph out"
        )
