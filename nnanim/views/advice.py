"""Which views can show a film: the one place that knows, for their own checks and for advice."""

from collections.abc import Callable

from nnanim.errors import SceneError
from nnanim.film.film import Film

_MOST_NAMED = 3  # views in an advice
_NARROW = 32  # units of a layer that a diagram has room for


def _regression(film: Film, inputs: int | None = None, outputs: int | None = None) -> bool:
    """Return whether numbers are predicted, of so many inputs and outputs; None is any number."""
    fits = inputs in (None, len(film.window)) and outputs in (None, film.network.outputs_width)
    return film.task == "regression" and fits


def _one_prediction(film: Film) -> bool:
    classified = film.decision is not None
    return len(film.window) == 2 and (classified or _regression(film, outputs=1))


# What can show a film, the most telling first. Views that show any film are no advice.
_CAN: dict[str, Callable[[Film], bool]] = {
    "InputSpace": lambda film: len(film.window) == 2 and film.decision is not None,
    "Fit": lambda film: _regression(film, inputs=1),
    "HiddenSpace": lambda film: bool(film.layer),
    "Surface": _one_prediction,
    "Arrows": lambda film: _regression(film, inputs=2, outputs=2),
    "OutputSpace": lambda film: _regression(film, outputs=2),
    "Parity": _regression,
    "Probability": lambda film: len(film.window) == 2 and film.decision is not None,
    "Network": lambda film: film.network.stack is not None and max(film.network.widths) <= _NARROW,
    "Histogram": lambda film: film.decision is not None,
    "Prediction": lambda film: _regression(film, inputs=2, outputs=1),
}


def can_show(view: str, film: Film) -> bool:
    """Return whether the view of this name, as it comes, can show a film."""
    return _CAN[view](film)


def expect_can_show(view: str, film: Film, shows: str) -> None:
    """Raise `SceneError` where the view of this name, which shows what `shows` says, cannot."""
    if not can_show(view, film):
        raise refusal(view, film, shows)


def expect_one_hidden_layer(view: str, film: Film) -> None:
    """Raise `SceneError` unless one hidden layer alone leads from one input to one number."""
    film.network.expect_running()
    read_out = film.network.read_out
    through = read_out is not None and film.network.hidden == (read_out.layer,)
    if not through or not _regression(film, inputs=1, outputs=1):
        shows = "regression of one output over one input through one hidden layer"
        raise refusal(view, film, shows)


def refusal(view: str, film: Film, shows: str, first: str = "") -> SceneError:
    """Return the error of a view that `shows` something else than this film.

    It names views that can show it, before them `first` where that is one.
    """
    inputs, outputs = len(film.window), film.network.outputs_width
    return SceneError(
        f"{view} shows {shows}; this scene has {inputs} input{'s' * (inputs != 1)} and the task "
        f"{film.task} of {outputs} output{'s' * (outputs != 1)}{advice(film, first)}"
    )


def advice(film: Film, first: str = "") -> str:
    """Return the end of an error: which views can show this film; nothing where there is none."""
    able = [*[first] * bool(first), *(name for name in _CAN if can_show(name, film))]
    able = able[:_MOST_NAMED]
    if not able:
        return ""
    return ": use " + (" or ".join([", ".join(able[:-1]), able[-1]]) if able[1:] else able[0])
