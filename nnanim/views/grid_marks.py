"""Marks of the grid: its lines in their tints, the faces of a texture in their greys."""

from collections.abc import Sequence

import numpy as np

from nnanim.film.film import Film
from nnanim.marks import Mark, Polygons
from nnanim.types import Floats
from nnanim.views.shared_marks import grid_strokes

_FACES, _TINTED = 0.3, 0.4  # how opaque faces are: what lies on them is seen first


def grid_marks(film: Film, curves: Sequence[Floats], *, outline: bool = True) -> list[Mark]:
    """Return what shows a film's grid, of which `curves` (m, 2 or 3) are the lines as seen."""
    given = film.followed
    rest = [i for i in range(len(curves)) if i not in given.faces]
    heavier = {k for k, i in enumerate(rest) if i in given.outline} if outline else False
    roles = [given.roles[i] for i in rest]
    return [*face_marks(film, curves), *grid_strokes([curves[i] for i in rest], heavier, roles)]


def face_marks(film: Film, curves: Sequence[Floats]) -> list[Mark]:
    """Return the faces of a film's grid alone, those of `curves` that are filled."""
    given = film.followed
    marks: list[Mark] = []
    grey = {i: bright for i, bright in given.faces.items() if bright is not None}
    if grey:
        values = np.array(list(grey.values()))
        marks.append(Polygons([curves[i] for i in grey], "", _FACES, values, "gray"))
    tinted = [i for i in given.faces if i not in grey]
    if tinted:
        marks.append(Polygons([curves[i] for i in tinted], given.roles[tinted[0]], _TINTED))
    return marks
