"""A vector field: two outputs over two inputs, true and predicted, as arrows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.film.film import Film
from nnanim.marks import Lines, Mark
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import expect_can_show
from nnanim.views.shared_marks import one_unit, target_and_network

_SIDE = 20  # cells each way, of which each shows an arrow at most
_HEAD = 0.35  # length of an arrow's head, as a share of the whole


@dataclass(frozen=True)
class Arrows(Titled):
    """The vectors that samples have as targets, and those that the network gives in their places.

    Of samples that crowd, one in each of `side` × `side` cells is shown. All arrows are drawn to
    one scale: the longest target is as long as 1.5 cells.
    """

    side: int = _SIDE

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than regression of two outputs over two."""
        expect_can_show("Arrows", film, "regression of two outputs over two inputs")
        (x, y) = geometry.widen(film.window, 0.06).tolist()
        names = [*film.header.axis_names, "", ""]
        return [
            Panel(
                film.words("Vector field"),
                (x[0], x[1]),
                (y[0], y[1]),
                equal=one_unit(film),
                x_label=names[0],
                y_label=names[1],
                legend=target_and_network(film),
                x_scaling=film.scaling(0),
                y_scaling=film.scaling(1),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the true arrows, then the predicted ones over them."""
        shown = film.once(("arrows", self.side), lambda: self._shown(film))
        steps = np.array([film.scaling(0)[1], film.scaling(1)[1]])  # arrows go by what axes say
        places, targets = film.places[shown], film.data.targets[shown] / steps
        given = film.predictions(film.data.inputs[shown], film.moment(t)) / steps
        longest = max(float(np.hypot(*(film.data.targets / steps).T).max()), 1e-30)
        scale = 1.5 * float(np.ptp(film.window, axis=1).min()) / self.side / longest
        return [
            [
                Lines(_arrows(places, scale * targets), "class1", width=4.5, alpha=0.7),
                Lines(_arrows(places, scale * given), "class0", width=3.0),
            ]
        ]

    def _shown(self, film: Film) -> Floats:
        """Return the numbers of the samples that are shown: the first in each cell."""
        low, high = film.window.T
        cells = np.floor((film.places - low) / (high - low) * self.side).astype(int)
        return np.sort(np.unique(cells, axis=0, return_index=True)[1])


def _arrows(places: Floats, vectors: Floats) -> list[Floats]:
    """Return each arrow as one line: along its shaft to the tip, then the head's two sides."""
    back = -_HEAD * vectors
    aside = 0.5 * np.stack([-back[:, 1], back[:, 0]], axis=1)
    tips = places + vectors
    corners = [places, tips, tips + back + aside, tips, tips + back - aside]
    return list(np.stack(corners, axis=1))
