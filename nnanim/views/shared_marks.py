"""Marks that several views share: the data, the grid, tints, legends."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nnanim.color import Color
from nnanim.film.film import Film
from nnanim.grids.grid import ends_of_two_ways
from nnanim.marks import (
    CLASSES,
    COLORS,
    Anchor,
    Image,
    Lines,
    Mark,
    Points,
    Stop,
    Text,
    class_shape,
)
from nnanim.types import Floats, Limits
from nnanim.view import ColorBar, Panel

# A share of what units give that shows no more than rounding, and how far from 0 dead ones may be.
_STILL, _NOTHING = 2e-5, 1e-6
_FADES, _FAINTEST = 5, 0.2  # steps of distance from a plane, and how opaque the furthest is
_FEW = 400  # points, of which shapes can be told apart, in a picture that is not small
_ONE_UNIT = 2.0  # inputs whose spans differ by more than this factor are drawn each in its own unit
TINT = 0.17  # how strongly a class colours the region where the network is sure


def input_points(film: Film, moment: float, color: Color = None) -> list[Mark]:
    """Return the training data where they stand in the inputs that are shown.

    Of a plane, those that are further from it are fainter, and drawn first.
    """
    away = film.away
    if away is None:
        return data_points(film, film.places, color=color, moment=moment)
    order = np.argsort(-away, kind="stable")
    marks: list[Mark] = []
    for k, part in enumerate(np.array_split(order, _FADES)):
        faint = _FAINTEST ** (1 - (k + 1) / _FADES)
        found = data_points(film, film.places[part], part, color=color, moment=moment)
        marks += [replace(m, alpha=m.alpha * faint) for m in found if isinstance(m, Points)]
    return marks


def data_points(
    film: Film,
    xy: Floats,
    which: NDArray[np.int64] | None = None,
    *,
    color: Color = None,
    moment: float = 0.0,
) -> list[Mark]:
    """Return the training data at `xy` (n, 2 or 3) coloured by class, or by what numbers they have.

    Classes differ in shape too, the first two only where points are few enough to see it. `which`
    are the numbers of those that stand at `xy`, left out all. `color` is as a `Scene` takes it, the
    scene's own where it is left out; what changes in the training is that of the `moment`.
    """
    n = len(xy) if which is None else len(film.places)
    size = min(max(4.6 * (4000 / max(n, 1)) ** 0.25, 2.8), 11.0)
    found = film.coloring(color)
    if found.numbers is not None:
        values = found.numbers(moment)
        values = values if which is None else values[which]
        return [Points(xy, size=size, alpha=0.85, values=values, scale=found.scale,
                       low=found.low, high=found.high)]  # fmt: skip
    if found.classes is None:
        return [Points(xy, "class1", size=size, alpha=0.85)]
    colors = found.classes if which is None else found.classes[which]
    names = class_roles(film, color)
    if n > _FEW or film.fineness < 1:
        return _many(xy, names, colors, size)
    return [
        Points(xy[colors == k], role, size=size, alpha=0.9, shape=class_shape(k, few=True))
        for k, role in enumerate(names)
    ]


def _many(xy: Floats, names: Sequence[str], colors: NDArray[np.int64], size: float) -> list[Mark]:
    """Return the points of all classes, those of one shape in one mark."""
    shapes = [class_shape(k) for k in range(len(names))]
    if len(set(shapes)) == 1:
        return [Points(xy, tuple(names), colors, size, 0.85, shapes[0])]
    marks: list[Mark] = []
    for shape in dict.fromkeys(shapes):
        those = np.array([own == shape for own in shapes])
        own, place = those[colors], those.cumsum() - 1
        roles = tuple(name for name, here in zip(names, those, strict=True) if here)
        index = place[colors[own]]
        marks.append(Points(xy[own], roles, index=index, size=size, alpha=0.85, shape=shape))
    return marks


def joined_points(
    film: Film, xy: Floats, *, color: Color = None, moment: float = 0.0
) -> list[Mark]:
    """Return lines that join the training data at `xy` (n, 2) of each class in their order.

    `color` and `moment` are as of `data_points`.
    """
    found, roles = film.coloring(color), class_roles(film, color)
    if found.numbers is not None:
        values = [found.numbers(moment)]
        return [Lines([xy], "", 1.2, 0.6, values, found.scale, found.low, found.high)]
    colors = found.classes
    if colors is None:
        return [Lines([xy], "class1", width=1.2, alpha=0.6)]
    return [Lines([xy[colors == k]], role, width=1.2, alpha=0.6) for k, role in enumerate(roles)]


def class_roles(film: Film, color: Color = None) -> tuple[str, ...]:
    """Return the colour role of each class that colours the data, else of those to be told."""
    colors = film.coloring(color).classes
    count = int((film.labels if colors is None else colors).max()) + 1
    return tuple(f"class{k}" for k in range(max(2, count)))


def legend(film: Film, color: Color = None) -> tuple[tuple[str, str, str], ...]:
    """Return the names of the classes with the colours and shapes of their points.

    Nothing where numbers colour the data. `color` is as a `Scene` takes it.
    """
    found = film.coloring(color)
    if found.classes is None:
        return ()
    names = zip(found.names, class_roles(film, color), strict=False)
    few = len(found.classes) <= _FEW and film.fineness == 1
    return tuple((name, role, class_shape(k, few=few)) for k, (name, role) in enumerate(names))


def shown_inputs(film: Film) -> str:
    """Return where the inputs are that a plane leaves out; "" where all are shown."""
    return film.words.name(film.plane.others) if film.plane is not None else ""


def second_class(film: Film) -> str:
    """Return the name of class 1."""
    return next(iter(film.header.class_names[1:2]), film.words("class {n}", n=1))


def target_and_network(
    film: Film, target: str = "line", network: str = "line"
) -> tuple[tuple[str, str, str], ...]:
    """Return what the colours of a regression of one output mean, and the shapes of its marks."""
    return (
        (film.words("target"), "class1", target),
        (film.words("network"), "class0", network),
    )


def number_bar(film: Film, color: Color = None) -> ColorBar | None:
    """Return what the colours of the data mean, where they are numbers."""
    found = film.coloring(color)
    if found.numbers is None:
        return None
    return ColorBar(found.scale, found.low, found.high, found.label)


def target_limits(film: Film, room: float) -> Limits:
    """Return the least and the largest target, with so large a share of their span as room."""
    low, high = float(film.data.targets.min()), float(film.data.targets.max())
    beyond = room * (high - low) if low < high else 0.5
    return low - beyond, high + beyond


def output_names(film: Film) -> list[str]:
    """Return the name of each output of a regression, numbered where it has none."""
    names = list(film.header.axis_names[len(film.window) :])
    count = film.network.outputs_width
    return (
        names if len(names) == count else [film.words("output {n}", n=k + 1) for k in range(count)]
    )


def output_roles(film: Film) -> list[str]:
    """Return the colour role of each output of a regression."""
    return [f"class{k}" for k in range(film.network.outputs_width)]


def badge(film: Film, moment: float, panel: Panel) -> list[Mark]:
    """Return the text in a panel's upper left corner: does the decision boundary close in it?

    Raises `SceneError` for other than classes over two inputs.
    """
    closed = film.closed_boundary(moment)
    text = film.words("closed boundary: yes" if closed else "closed boundary: no")
    return [Text(corner(panel.x, panel.y), text, plate=True)]


def stillness(
    film: Film, seen: Sequence[Floats], at: Floats, anchor: Anchor = "left"
) -> list[Mark]:
    """Return a note where units give the same for all that is `seen` (n, units): dead ones, say."""
    each = np.ascontiguousarray(np.concatenate(seen).T)  # along rows, numpy is far faster
    low, high = each.min(axis=1), each.max(axis=1)
    least = _STILL * max(float(np.abs([low, high]).max()), _NOTHING)
    if not np.isfinite(least) or float(np.subtract(high, low, dtype=np.float64).max()) > least:
        return []
    return [Text(at, film.words("the same for every input"), anchor=anchor, plate=True)]


def one_unit(film: Film) -> bool:
    """Return whether two inputs, which differ little in their spans, are drawn in one unit."""
    spans = np.ptp(film.window, axis=1)
    return bool(spans.max() <= _ONE_UNIT * spans.min())


def corner(x: Limits, y: Limits) -> Floats:
    """Return where a note stands in the upper left corner of a panel of those limits."""
    return np.array([x[0] + 0.02 * (x[1] - x[0]), y[1] - 0.08 * (y[1] - y[0])])


def grid_strokes(
    lines: Sequence[Floats],
    outlined: bool | Collection[int] = True,
    roles: Sequence[str] = (),
) -> list[Mark]:
    """Return grid lines (m, 2), those that `outlined` numbers heavier, as `film.followed` does.

    True stands for lines across, then as many up: the first and last of each. Without an outline
    all are alike, at half strength. `roles` are a colour for each; left out all are of the first
    tint. Lines in the colour of a class are as heavy as that needs.
    """
    if not lines:
        return []
    ends: Collection[int] = () if isinstance(outlined, bool) else outlined
    ends = ends_of_two_ways(len(lines)) if outlined is True else ends
    width, alpha = (1.5, 0.5) if outlined is False else (1.2, 0.75)
    told = list(roles) or ["grid"] * len(lines)
    if outlined is False:
        told = [role if role.startswith("class") else "grid" for role in told]
    marks: list[Mark] = []
    for heavy in (False, True):
        for role in dict.fromkeys(told):
            classed = role.startswith("class")
            own = [
                line
                for i, (line, given) in enumerate(zip(lines, told, strict=True))
                if given == role and (classed or i in ends) == heavy
            ]
            drawn = (3.5 if classed else 2.4, 1.0) if heavy else (width, alpha)
            marks += [Lines(own, role, *drawn)] if own else []
    return marks


def winners(probability: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the most probable of more than two classes (n,), and how sure that is.

    0 where all are as probable, 1 where no other is at all.
    """
    classes, winner = probability.shape[1], probability.argmax(axis=1)
    best = probability[np.arange(len(winner)), winner]
    return winner, np.clip((best * classes - 1) / (classes - 1), 0, 1)


def tints(
    film: Film, scores: Floats, side: int, extent: tuple[float, float, float, float]
) -> list[Mark]:
    """Return the predicted regions as tints, from scores (side², outputs) at the cells' middles.

    Full where the network is sure, fading to the panel's ground where it is not.
    """
    assert film.decision is not None
    probability = film.decision.probability(scores)
    if film.decision.binary:
        return [Image(probability.reshape(side, side), extent, _TWO_CLASSES)]
    if probability.shape[1] > CLASSES:
        return []  # points have their colours by their order
    winner, sure = winners(probability)
    fields = [
        np.where(winner == k, sure, 0.0).reshape(side, side) for k in range(probability.shape[1])
    ]
    return [
        Image(field, extent, (Stop(0.0, f"class{k}", 0.0), Stop(1.0, f"class{k}", TINT)))
        for k, field in enumerate(fields)
        if field.any()
    ]


_TWO_CLASSES = (
    Stop(0.0, "class0", TINT),
    Stop(0.5, "class0", 0.0),
    Stop(0.5, "class1", 0.0),
    Stop(1.0, "class1", TINT),
)


_UNITS = COLORS - 2  # colours of units: those of the classes after the first two


def unit_role(unit: int) -> str:
    """Return the colour role of a unit, none that two classes have; every tenth has the same."""
    return f"class{2 + unit % _UNITS}"
