"""Card: what is said over the last picture of a film whose training broke off."""

from collections.abc import Sequence

import numpy as np

from nnanim.drawing.surface import Box, Placement, Surface
from nnanim.film.film import Film
from nnanim.marks import Lines, Mark, Polygons, Text
from nnanim.sheet.labels import draw_in_panel
from nnanim.sheet.look import Look

_SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
_ASPECT = 5.2  # width over height


def card(film: Film, t: float) -> Sequence[Mark]:
    """Return the marks of the card over a unit square, none while the training goes on.

    It stands from the moment at which the training diverged to the end of the film.
    """
    epoch = film.header.diverged_at
    if epoch is None or film.moment(t) < film.epochs:
        return []
    happened = film.words("The training diverged in epoch {n}", n=epoch)
    advised = film.words("numbers beyond all bounds; try a lower lr")
    return [
        Polygons([_SQUARE], "panel"),
        Lines([np.concatenate([_SQUARE, _SQUARE[:1]])], "boundary", width=3.0),
        Text(np.array([0.5, 0.54]), happened, "ink", 30.0, "center"),
        Text(np.array([0.5, 0.22]), advised, "quiet", 24.0, "center"),
    ]


def draw_card(film: Film, look: Look, surface: Surface, t: float) -> None:
    """Draw the card in the middle of the sheet."""
    (wide, height), scale = look.size, look.scale
    broad = min(round(0.8 * wide), round(660 * scale.text))
    high = round(broad / _ASPECT)
    box = Box((wide - broad) // 2, (height - high) // 2, broad, high)
    place = Placement(box, (0.0, 1.0), (0.0, 1.0))
    draw_in_panel(surface, card(film, t), place, scale, look.theme.font)
