"""Handles: the parts of a picture that stand for a unit of a network, or for a weight of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from nnanim.film.film import Film
from nnanim.types import Floats
from nnanim.view import View


@dataclass(frozen=True, eq=False)
class Handle:
    """Where in a panel a unit of a layer is, or the weight by which a Linear's unit hears another.

    `outline` (n, 2) are its corners, or the two ends of a line, in the panel's coordinates.
    `source` is the unit that is heard; None where the unit itself is meant.
    """

    outline: Floats
    layer: str
    unit: int
    source: int | None = None


@runtime_checkable
class Handled(Protocol):
    """A view that shows units or weights where they can be taken hold of."""

    def handles(self, film: Any) -> Sequence[Sequence[Handle]]:
        """Return those of each panel, constant over the film."""


def handles_of(view: View, film: Film, panels: int) -> list[Sequence[Handle]]:
    """Return what can be taken hold of in each of a view's panels."""
    return list(view.handles(film)) if isinstance(view, Handled) else [()] * panels
