"""Color: what colours the points of a scene's data.

    scene = Scene(…, color="loss")
    scene = Scene(…, views=[views.HiddenSpace(color=Unit("hidden1", 0))])

It is a matter of the picture: no training hangs on it.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from nnanim.errors import SceneError, unknown

Named = Literal["class", "label", "loss", "residual", "angle"]


@dataclass(frozen=True)
class Input:
    """What a sample has as one of its inputs, by number from 0 or by name."""

    which: int | str


@dataclass(frozen=True)
class Unit:
    """What a unit of a layer, counted from 0, gives for a sample at the moment that is shown."""

    layer: str
    unit: int = 0


# Or numbers, or names of classes, (n,) of the training data; None leaves it open.
Color = Named | Input | Unit | Any | None


def expect_color(what: str, color: object) -> None:
    """Expect what colours points, as `Scene` takes it; None leaves it open."""
    if color is None or isinstance(color, Input | Unit):
        return
    if isinstance(color, str):
        if color not in get_args(Named):
            raise SceneError(f"{what}: " + unknown("color", color, get_args(Named)))
        return
    try:
        values = np.asarray(color)
    except Exception:  # whatever a foreign class raises
        values = np.empty(())
    if values.ndim == 1 and values.dtype.kind in "biufUO":
        return
    raise SceneError(
        f"{what}={' '.join(repr(color).split()):.80}: expected {' | '.join(get_args(Named))}, "
        'Input("x"), Unit("hidden1", 0), or one value for each training sample'
    )
