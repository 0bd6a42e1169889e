"""The views of a scene that names none."""

from nnanim.film.film import Film
from nnanim.view import Rows, View
from nnanim.views.advice import can_show
from nnanim.views.arrows import Arrows
from nnanim.views.fit import Fit
from nnanim.views.hidden_space import HiddenSpace
from nnanim.views.histogram import Histogram
from nnanim.views.input_space import InputSpace
from nnanim.views.loss import Loss
from nnanim.views.output_space import OutputSpace
from nnanim.views.parity import Parity
from nnanim.views.surface import Surface


def default_views(film: Film) -> Rows:
    """Return the views that suit the task, for a scene that names none.

    They show target and prediction, and what a hidden layer makes of the data where it has one.
    """
    if not film.network.runs:  # only what layers gave for some samples is known
        return [[HiddenSpace()]]
    if film.task == "none":
        return [[HiddenSpace()]] if film.layer else [[Loss()]]
    if film.task == "regression" and len(film.window) == 1:
        return [[Fit(), OutputSpace()] if can_show("OutputSpace", film) else [Fit()]]
    hidden: list[View] = [HiddenSpace()] if film.layer else []
    predicted = _predicted(film)
    # The input space comes first, as the network's first layer is fed from it.
    return [[*hidden, predicted] if isinstance(predicted, Histogram) else [predicted, *hidden]]


def _predicted(film: Film) -> View:
    """Return what shows targets and predictions."""
    if film.task != "regression":
        return InputSpace() if can_show("InputSpace", film) else Histogram()
    if can_show("Arrows", film):
        return Arrows()
    return Surface() if can_show("Surface", film) else Parity()
