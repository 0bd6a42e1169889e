"""In which layer classes tear: their pieces and holes as heat, by layer and epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.errors import SceneError, unknown
from nnanim.film.betti import BETTI
from nnanim.film.film import Film
from nnanim.film.topology import Topology as Numbers
from nnanim.film.topology import topology_of
from nnanim.marks import Mark
from nnanim.titled import Titled
from nnanim.types import Limits
from nnanim.view import Panel
from nnanim.views.strips import strip_marks, strip_panel

_TITLES = {"pieces": "Pieces", "holes": "Holes"}
_MOST = 9  # that colours tell apart
_LEAST = 2  # the upper end of the scale


@dataclass(frozen=True)
class Topology(Titled):
    """A strip of heat for each class and Betti number: a row for each layer, the data lowest.

    `of` names them: "pieces", in how many a class lies in what a layer gives, and "holes", how many
    loops in it cannot be drawn together: a ring has one of each, and one that is torn or filled no
    hole. Left out, both. They are numbers of at most 2,000 samples of each class, by persistent
    homology: what is narrower than a few of their distances is not seen. Needs
    `nnanim[topology]`.
    """

    of: Sequence[str] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.of or ():
            if name not in BETTI:
                raise SceneError(unknown("Betti number of Topology", name, BETTI))

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return a panel for each class and number; `SceneError` where nothing is classified."""
        found = _numbers(film)
        return [
            strip_panel(
                film,
                f"{film.words(_TITLES[betti])}: {name}",
                found.epochs,
                range(len(found.layers)),
                _span(found, betti),
            )
            for betti in self.of or BETTI
            for name in _classes(film, found)
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the heat, what is to come covered, and an upright line between."""
        found = _numbers(film)
        return [
            strip_marks(
                film, film.moment(t), found.epochs, found.values[betti][k], _span(found, betti), 0
            )
            for betti in self.of or BETTI
            for k in range(len(found.classes))
        ]


def _numbers(film: Film) -> Numbers:
    return topology_of(film.recorded, film.decision)


def _classes(film: Film, found: Numbers) -> list[str]:
    """Return what the picture calls each class."""
    names = film.header.class_names
    return [
        names[k] if k < len(names) else film.words("class {n}", n=k)
        for k in range(len(found.classes))
    ]


def _span(found: Numbers, betti: str) -> Limits:
    """Return what the ends of a number's scale stand for, in all classes."""
    values = found.values[betti][np.isfinite(found.values[betti])]
    most = float(values.max()) if len(values) else 0.0
    return 0.0, min(max(most, _LEAST), _MOST)
