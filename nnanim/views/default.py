"""The views of a scene that names none."""

from nnanim.film.film import Film
from nnanim.view import Rows, View
from nnanim.views.fit import Fit
from nnanim.views.hidden_space import HiddenSpace
from nnanim.views.input_space import InputSpace


def default_views(film: Film) -> Rows:
    """Return the views that suit the task, for a scene that names none."""
    if film.task == "regression" and len(film.window) == 1:
        return [[Fit()]]
    spaces: list[View] = []
    if film.decision is not None and len(film.window) == 2:
        spaces.append(InputSpace())
    if film.layer:
        spaces.append(HiddenSpace())
    return [spaces or [HiddenSpace()]]
