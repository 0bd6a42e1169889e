"""Handles, as the page is told of them: what of its picture stands for a unit or a weight."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from nnanim.sheet.sheet import Sheet
from nnanim.views.handles import Handle, handles_of

_MOST = 3000  # of larger networks, none could be hit


def handles_told(sheet: Sheet) -> list[list[dict[str, Any]]]:
    """Return what can be taken hold of in each panel of a sheet, as JSON holds it."""
    film = sheet.film
    stack = film.network.stack
    if len(film.tiles) > 1 or stack is None:
        return []
    found = [
        list(handles_of(view, film, len(panels)))
        for view, panels in zip(sheet.views, sheet.panels, strict=True)
    ]
    panels = list(chain(*found))
    if sum(map(len, panels)) > _MOST:
        return []
    return [[_told(each, stack.places) for each in panel] for panel in panels]


def _told(handle: Handle, places: Mapping[str, tuple[int, tuple[int, ...]]]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "layer": handle.layer,
        "unit": handle.unit,
        "outline": handle.outline.tolist(),
    }
    if handle.source is None:
        return told
    start, shape = places[f"{handle.layer}.weight" if handle.layer else "weight"]
    place = start + handle.unit * shape[1] + handle.source  # among all parameters in a row
    return {**told, "source": handle.source, "place": place}
