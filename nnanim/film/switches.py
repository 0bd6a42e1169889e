"""Units: where those of a hidden layer switch, and the regions into which they cut the inputs.

A unit is on where what its activation is given is above zero: for a sigmoid, where it gives more
than 0.5.
"""

from typing import TYPE_CHECKING

import numpy as np

from nnanim.errors import SceneError
from nnanim.layer import Layer
from nnanim.types import Floats

if TYPE_CHECKING:
    from nnanim.film.film import Film


_AFFINE = ("Linear", "BatchNorm1d")


def pre_activation(film: "Film", layer: str) -> str:
    """Return the name of the module that gives what the activation of a hidden `layer` is given.

    Raises `SceneError` where no Linear or BatchNorm gives it.
    """
    film.network.expect_running()
    affine = _affine_before(film, layer)
    if layer not in film.network.hidden or not affine:
        known = ", ".join(name for name in film.network.hidden if _affine_before(film, name))
        raise SceneError(
            f"the layer {layer!r} has no units that switch: "
            + (f"expected a hidden layer, one of {known}" if known else "leave this view out")
        )
    return affine[-1]


def _affine_before(film: "Film", layer: str) -> list[str]:
    """Return the Linears and BatchNorms up to a layer; of what is picked of a module, none."""
    if Layer.of(layer).picks:
        return []
    names = [known.name for known in film.network.layers]
    before = film.network.layers[: names.index(film.network.layer(layer).name) + 1]
    return [known.name for known in before if known.kind in _AFFINE]


def hyperplanes(film: "Film", moment: float) -> tuple[Floats, Floats]:
    """Return weight (units, inputs) and bias (units,): the first hidden layer's switch at zero.

    Read off from what the layer gives at the middle of the window and one step along each axis,
    so that a BatchNorm after the Linear is in them.
    """
    middle, step = film.window.mean(axis=1), np.ptp(film.window, axis=1) / 2
    probes = np.concatenate([middle[None], middle + np.diag(step)])
    given = film.outputs(pre_activation(film, film.network.hidden[0]), probes, moment)
    given = given.astype(np.float64)
    weight = ((given[1:] - given[0]) / step[:, None]).T
    return weight, given[0] - weight @ middle
