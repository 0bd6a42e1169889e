"""Strips of heat: layers upwards, epochs to the right, what is to come covered."""

import numpy as np

from nnanim.film.film import Film
from nnanim.marks import Image, Lines, Mark, Polygons
from nnanim.types import Floats, Limits
from nnanim.view import ColorBar, Panel

_SCALE = "viridis"
_SHARP = 16  # rows of a layer's band: colours run together between rows
_TICKED = 8  # layers, each of which has a number


def strip_panel(film: Film, title: str, epochs: Floats, layers: range, span: Limits) -> Panel:
    """Return the panel of a strip over recorded epochs, its layers so numbered, the first lowest.

    The ends of the scale stand for the ends of `span`.
    """
    half = _half(epochs)
    return Panel(
        title,
        (-half, max(film.epochs, 1e-9) + half),
        (layers[0] - 0.5, layers[-1] + 0.5),
        subtitle=f"{film.words('epoch')} →  {film.words('layer')} ↑",
        equal=False,
        y_ticks=tuple(layers) if len(layers) <= _TICKED else True,
        color_bar=ColorBar(_SCALE, *span),
    )


def strip_marks(
    film: Film, moment: float, epochs: Floats, values: Floats, span: Limits, first: int = 1
) -> list[Mark]:
    """Return values (layers, epochs) as heat, what is to come at a moment covered, a line between.

    `first` is the number of the first layer; what is not finite is as the lower end of `span`.
    """
    half, (low, high) = _half(epochs), span
    bottom, top = first - 0.5, first + len(values) - 0.5
    evenly = np.linspace(epochs[0], epochs[-1], len(epochs))
    own = np.abs(epochs - evenly[:, None]).argmin(axis=1)
    end = max(film.epochs, 1e-9) + half
    ahead = np.array([[moment, bottom], [end, bottom], [end, top], [moment, top]])
    bands = np.repeat(np.nan_to_num(values[:, own], nan=low), _SHARP, axis=0)
    return [
        Image(bands, (-half, end, bottom, top), _SCALE, low, high),
        Polygons([ahead], "panel"),
        Lines([ahead[[0, 3]]], "ink", width=2.5),
    ]


def _half(epochs: Floats) -> float:
    """Return half of the room of an epoch, across."""
    return float(epochs[-1] - epochs[0]) / max(len(epochs) - 1, 1) / 2 or 0.5
