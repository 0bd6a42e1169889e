"""Differences: gradients of scores by central differences along each input."""

from collections.abc import Callable

import numpy as np

from nnanim.types import Floats

Run = Callable[[Floats], Floats]  # inputs (ways, n, inputs) -> scores (ways, n, outputs)


def gradient(run: Run, inputs: Floats, weight: Floats, step: float) -> tuple[Floats, Floats]:
    """Return the scores z·weight (n,) at `inputs` (n, inputs), and their gradients (n, inputs).

    `weight` is one (outputs,) for all, or one (n, outputs) for each. Along each input, scores are
    asked `step` to both sides.
    """
    n, ways = inputs.shape
    places = np.empty((1 + 2 * ways, n, ways))
    places[:] = inputs
    for way in range(ways):
        places[1 + way, :, way] += step
        places[1 + ways + way, :, way] -= step
    each = run(places).astype(np.float64) * weight
    values = each[:, :, 0] if each.shape[2] == 1 else each.sum(axis=2)
    return values[0], ((values[1 : 1 + ways] - values[1 + ways :]) / (2 * step)).T
