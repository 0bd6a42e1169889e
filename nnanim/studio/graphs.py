"""Graphs, as the page is told of them: in which panels the samples of one input are painted."""

from typing import Any

import numpy as np

from nnanim.page.arrays import Arrays
from nnanim.sheet.sheet import Sheet
from nnanim.views.fit import Fit


def graph_told(sheet: Sheet, arrays: Arrays) -> dict[str, Any] | None:
    """Return the samples of one input and one number that a sheet shows by `Fit`, as JSON holds it.

    None where it shows none. `every` is of how many samples one is drawn.
    """
    film = sheet.film
    data = film.data
    shown, number = [], 0
    for view, panels in zip(sheet.views, sheet.panels, strict=True):
        if isinstance(view, Fit):
            shown.append((number, view))
        number += len(panels)
    if not shown or len(film.tiles) > 1 or data.targets.shape[1:] != (1,):
        return None
    return {
        "panels": [panel for panel, _ in shown],
        "every": -(-len(data.inputs) // shown[0][1].most_points),
        "inputs": arrays.floats(np.asarray(data.inputs)[:, 0]),
        "targets": arrays.floats(np.asarray(data.targets)[:, 0]),
        "scaling": list(film.scaling(0)),
    }
