"""Which views can show a film: the one place that knows, for their own checks and for advice."""

from collections.abc import Callable

from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.layer import Layer

_MOST_NAMED = 3  # views in an advice
_PLANE = "plane=Slice(0, 1)"  # the first that there is
_NARROW = 32  # units of a layer that a diagram has room for


def _regression(film: Film, outputs: int | None = None) -> bool:
    """Return whether numbers are predicted, and so many; None is any number."""
    fits = outputs in (None, film.network.outputs_width)
    return film.task == "regression" and fits


def _classes(film: Film) -> bool:
    return film.decision is not None


# What can show a film of so many inputs, the most telling first. Views that show any are no advice.
_CAN: dict[str, Callable[[Film, int], bool]] = {
    "InputSpace": lambda film, inputs: inputs == 2 and _classes(film),
    "Fit": lambda film, inputs: inputs == 1 and _regression(film),
    "HiddenSpace": lambda film, _: bool(film.layer),
    "Surface": lambda film, inputs: inputs == 2 and (_classes(film) or _regression(film, 1)),
    "Arrows": lambda film, inputs: inputs == 2 and _regression(film, 2),
    "OutputSpace": lambda film, _: _regression(film, 2),
    "Parity": lambda film, _: _regression(film),
    "Probability": lambda film, inputs: inputs == 2 and _classes(film),
    "Network": lambda film, _: (
        film.network.stack is not None and max(film.network.widths) <= _NARROW
    ),
    "Histogram": lambda film, _: _classes(film),
    "Prediction": lambda film, inputs: inputs == 2 and _regression(film, 1),
}

_OF_HIDDEN_LAYERS = frozenset({"Activations", "ActiveUnits", "Jacobian", "UnitLines"})  # over two


def can_show(view: str, film: Film) -> bool:
    """Return whether the view of this name, as it comes, can show a film."""
    return _CAN[view](film, len(film.window))


def _plane_would_do(view: str, film: Film) -> bool:
    """Return whether the view of this name could show a plane of the film's inputs."""
    of_a_plane = len(film.window) > 2 and film.plane is None and film.data.inputs.ndim == 2
    if view in _OF_HIDDEN_LAYERS:
        return of_a_plane and bool(film.network.hidden)
    return of_a_plane and view in _CAN and _CAN[view](film, 2)


def expect_can_show(view: str, film: Film, shows: str) -> None:
    """Raise `SceneError` where the view of this name, which shows what `shows` says, cannot."""
    if not can_show(view, film):
        raise refusal(view, film, shows)


def expect_one_hidden_layer(view: str, film: Film) -> None:
    """Raise `SceneError` unless one hidden layer alone leads from one input to one number."""
    film.network.expect_running()
    read_out = film.network.read_out
    through = read_out is not None and film.network.hidden == (read_out.layer,)
    through = through and not Layer.of(film.network.hidden[0]).picks  # as a recurrent layer's step
    if not through or len(film.window) != 1 or not _regression(film, 1):
        shows = "regression of one output over one input through one hidden layer"
        raise refusal(view, film, shows)


def refusal(view: str, film: Film, shows: str, first: str = "") -> SceneError:
    """Return the error of a view that `shows` something else than this film.

    It names views that can show it, before them `first` where that is one, and a plane of its
    inputs where the view could show that.
    """
    told = advice(film, first)
    if _plane_would_do(view, film):
        told += f"{', or' if told else ':'} give the scene {_PLANE}"
    inputs, outputs = len(film.window), film.network.outputs_width
    return SceneError(
        f"{view} shows {shows}; this scene has {inputs} input{'s' * (inputs != 1)} and the task "
        f"{film.task} of {outputs} output{'s' * (outputs != 1)}{told}"
    )


def advice(film: Film, first: str = "") -> str:
    """Return the end of an error: which views can show this film; nothing where there is none."""
    able = [*[first] * bool(first), *(name for name in _CAN if can_show(name, film))]
    able = able[:_MOST_NAMED]
    if not able:
        return ""
    return ": use " + (" or ".join([", ".join(able[:-1]), able[-1]]) if able[1:] else able[0])
