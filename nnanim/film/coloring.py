"""Coloring: what colours the points of a film, found from what a scene or a view says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnanim.color import Color, Input, Unit, expect_color
from nnanim.dataset import advise
from nnanim.errors import SceneError, unknown
from nnanim.marks import CLASSES, Stop
from nnanim.types import Floats

if TYPE_CHECKING:
    from nnanim.film.scored import Scored

NUMBERS = "viridis"  # the scale of numbers that colour points
_SIGNED = (Stop(0.0, "class0"), Stop(0.5, "quiet"), Stop(1.0, "class1"))
_ROUND = (
    Stop(0.0, "class0"), Stop(1 / 3, "class1"), Stop(2 / 3, "class2"), Stop(1.0, "class0"),
)  # fmt: skip
_MOMENTS = 24  # looks over a run for the limits of what changes
_MOST = 98.0  # percentile of such numbers over the run, at which the colours end

At = Callable[[float], Floats]  # moment -> a number for each sample (n,)


@dataclass(frozen=True, eq=False)
class Coloring:
    """What colours each training sample: one of the classes `names`, or numbers.

    `classes` (n,) are the numbers of these; else `numbers` of a moment (n,) run from `low` to
    `high` over the whole film, coloured by `scale`, and `label` says what they are. Where both are
    None, nothing does.
    """

    classes: NDArray[np.int64] | None = None
    names: Sequence[str] = ()
    numbers: At | None = None
    low: float = 0.0
    high: float = 1.0
    label: str = ""
    scale: str | tuple[Stop, ...] = NUMBERS


def coloring_of(film: "Scored", color: Color) -> Coloring:
    """Return what colours the points where a scene, or a view, says `color`; None is the usual.

    Raises `SceneError` for what this film has not.
    """
    expect_color("color", color)
    if color is None:
        return _usual(film)
    if isinstance(color, Input):
        return _of_input(film, color)
    if isinstance(color, Unit):
        return _of_unit(film, color)
    if isinstance(color, str):
        return _NAMED[color](film)
    return _of_values(film, color)


def _usual(film: "Scored") -> Coloring:
    """Return the colours of labels, else of classes, or of the target of a regression."""
    colors, names = film.colors, film.color_names
    if colors is None:
        return Coloring()
    if colors.dtype.kind != "f":
        return _named(colors, names)
    return _constant(colors, str(next(iter(names), "")))


def _constant(values: Floats, label: str) -> Coloring:
    """Return the colours of numbers that do not change; of one alone, somewhat around it."""
    low, high = float(values.min()), float(values.max())
    if not low < high:
        low, high = low - 0.5, high + 0.5
    return Coloring(numbers=lambda _: values, low=low, high=high, label=label)


def _named(classes: NDArray[np.int64], names: Sequence[str]) -> Coloring:
    """Return the colours of classes; of more than can be told apart, by their order."""
    if len(names) <= CLASSES:
        return Coloring(classes, names)
    advise(
        f"{len(names)} classes are more than colour and shape tell apart, {CLASSES}: points are "
        "coloured by the order of their classes, and regions are not tinted"
    )
    return _constant(classes.astype(np.float64), "")


def _of_class(film: "Scored") -> Coloring:
    if film.decision is None:
        raise SceneError(
            f'color="class": this scene has no classes but the task {film.task}: expected '
            '"label", "angle", "loss", Input("…"), Unit("…"), or a value for each sample'
        )
    return _named(film.labels, film.header.class_names)


def _of_label(film: "Scored") -> Coloring:
    if film.data.labels is None:
        raise SceneError(
            'color="label": the data have no labels: give them as from_arrays(…, labels=…), or '
            "color= a value for each sample"
        )
    return _usual(film)


def _of_loss(film: "Scored") -> Coloring:
    if film.task == "none":
        raise SceneError('color="loss": nothing is predicted here: leave color= out')
    high = _most(film, "losses", lambda one: one.losses)
    return Coloring(numbers=film.losses, high=high, label=film.words("loss of each sample"))


def _of_residual(film: "Scored") -> Coloring:
    if film.task != "regression" or film.data.targets.shape[1:] != (1,):
        raise SceneError(
            'color="residual" is of a regression of one output; this scene has the task '
            f'{film.task} of {film.network.outputs_width}: expected "loss"'
        )

    most = _most(film, "residuals", lambda one: lambda at: np.abs(_residuals(one, at)))
    label = film.words("prediction − target")
    residuals = partial(_residuals, film)
    return Coloring(numbers=residuals, low=-most, high=most, label=label, scale=_SIGNED)


def _residuals(film: "Scored", moment: float) -> Floats:
    """Return what the network gives of each sample (n,) beyond its target."""
    return np.asarray(film.errors(moment)[:, 0])


def _of_angle(film: "Scored") -> Coloring:
    if len(film.window) != 2:
        raise SceneError(
            f'color="angle" is of two inputs; this scene has {len(film.window)}: give '
            "plane=Slice(0, 1) too, or a value for each sample"
        )
    x, y = (film.places - film.window.mean(axis=1)).T
    angles = np.degrees(np.arctan2(y, x)) % 360
    label = film.words("angle in the inputs")
    return Coloring(numbers=lambda _: angles, high=360.0, label=label, scale=_ROUND)


def _of_input(film: "Scored", color: Input) -> Coloring:
    inputs, names = film.data.inputs, [str(name) for name in film.inputs]
    if inputs.ndim != 2:
        raise SceneError(f"{color!r}: inputs of shape {inputs.shape[1:]} have no columns")
    which = names.index(color.which) if color.which in names else color.which
    if isinstance(which, bool) or not isinstance(which, int) or which not in range(len(names)):
        raise SceneError(f"{color!r}: " + unknown("input", color.which, [*names]))
    scaling = film.replay.recording.header.scaling
    shift, step = scaling[which] if scaling else (0.0, 1.0)
    return _constant(np.asarray(shift + step * inputs[:, which].astype(np.float64)), names[which])


def _of_unit(film: "Scored", color: Unit) -> Coloring:
    layer, unit = film.network.layer(color.layer), color.unit
    if isinstance(unit, bool) or not isinstance(unit, int) or unit not in range(layer.units):
        raise SceneError(f"{color!r}: {layer.name!r} has units 0 to {layer.units - 1}")
    low, high = film.limits(layer.name, [unit])[0].tolist()
    label = film.words("{layer}, unit {n}", layer=film.layer_name(layer.name), n=unit + 1)

    def given(moment: float) -> Floats:
        return film.replay.points(layer.name, moment)[:, unit]

    return Coloring(numbers=given, low=low, high=high, label=label)


def _of_values(film: "Scored", color: object) -> Coloring:
    values, n = np.asarray(color), len(film.data.inputs)
    if len(values) != n:
        raise SceneError(
            f"color= has {len(values)} values: expected one for each of the {n} training samples"
        )
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise SceneError("color= has values that are no finite numbers: leave color= out")
        return _constant(values, "")
    names, codes = np.unique(values.astype(str) if values.dtype == object else values,
                             return_inverse=True)  # fmt: skip
    if len(names) > CLASSES and values.dtype.kind in "iu":
        return _constant(values.astype(np.float64), "")
    if len(names) > CLASSES:
        raise SceneError(
            f"color= has {len(names)} different names: expected {CLASSES} at most, or numbers"
        )
    return Coloring(codes.astype(np.int64), [str(name) for name in names.tolist()])


def _most(film: "Scored", name: str, values: Callable[["Scored"], At]) -> float:
    """Return the same of all films of one task side by side, so that one number has one colour."""
    alike = [one for one in film.beside if one.task == film.task]
    return max(one.replay.once(name, partial(_highest, one, values(one))) for one in alike)


def _highest(film: "Scored", values: At) -> float:
    """Return a high percentile over the whole run of what is not below 0."""
    moments = film.replay.sampled_moments(_MOMENTS).tolist()
    found = max(float(np.percentile(np.nan_to_num(values(at)), _MOST)) for at in moments)
    return found if found > 0 else 1.0


_NAMED: dict[str, Callable[["Scored"], Coloring]] = {
    "class": _of_class, "label": _of_label, "loss": _of_loss, "residual": _of_residual,
    "angle": _of_angle,
}  # fmt: skip
