"""Edges in the colour of the ground, by which points and lines stand out on what is filled."""

from collections.abc import Sequence
from dataclasses import replace

from nnanim.film.film import Film
from nnanim.marks import Lines, Mark, Points
from nnanim.types import Floats
from nnanim.views.shared_marks import input_points

_EDGE = 2.6  # pixels: how much wider than a point or a line is what stands out around it


def edged_points(film: Film, moment: float) -> list[Mark]:
    """Return the data with edges in the colour of the ground, on what is filled."""
    marks = [m for m in input_points(film, moment) if isinstance(m, Points)]
    # What is far from a plane stays faint.
    opaque = [1.0 if film.away is None else m.alpha for m in marks]
    edges = [
        replace(m, color="ground", index=None, values=None, size=m.size + _EDGE, alpha=alpha)
        for m, alpha in zip(marks, opaque, strict=True)
    ]
    return [*edges, *(replace(m, alpha=a) for m, a in zip(marks, opaque, strict=True))]


def edged_boundary(lines: Sequence[Floats], width: float) -> list[Mark]:
    """Return a boundary, or a path, that is seen on any colour of a map."""
    edge = Lines(lines, "ground", width=width + _EDGE, alpha=0.85)
    return [edge, Lines(lines, "boundary", width=width)]


def edged_point(at: Floats, size: float) -> list[Mark]:
    """Return the end (1, 2 or 3) of a path, that is seen on any colour of a map."""
    return [Points(at, "ground", size=size + 2 * _EDGE), Points(at, "boundary", size=size)]
