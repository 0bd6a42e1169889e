"""Painter: marks of three coordinates, seen by a camera, become marks of two, back to front.

What lies nearer is drawn later (painter's order), so that films, stills and vector graphics agree
without a buffer of depths. Points, pieces of lines and faces are sorted by depth; so that they stay
few marks, they are gathered in slabs, and within a slab faces come first, then lines, then points.
Cells need no sorting: of two, that in which the score is larger at the eye lies before the wall
between them, so that cell by cell, by rising score at the eye, is exact; a plane parts two. Depth
on a height field is counted in its cells, which is exact too; lines and points that it does not
hide are drawn over all of it, so that no nearer face cuts a disc in half.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nnanim.camera import Camera
from nnanim.drawing.cube import cube
from nnanim.drawing.pieces import FACES, LINES, POINTS, Indices, Pieces, pieces_of
from nnanim.drawing.relief import hides
from nnanim.marks import Cells, HeightField, Mark, Plane, Text
from nnanim.types import Floats
from nnanim.view import Panel, expect_drawable

Nearness = Callable[[Floats], Floats]  # (n, 3) points -> (n,) from 0, the furthest, to 1
M = TypeVar("M", bound=Mark)

_SLABS = 8
_LEVELS = 1 << 16  # of depth, in all cells together: one sort of 16 bits serves
_LEAST = 512  # points of a slab: so many are drawn at once in less time than one by one


def seen(panel: Panel, marks: Sequence[Mark], share: float, decimal: str = ".") -> Sequence[Mark]:
    """Return a panel's marks when a `share` of the film is over, in two coordinates, back to front.

    A panel with a camera shows its cube, its numbers with this decimal sign, then the marks as the
    camera sees them. Raises `SceneError` for marks that the panel has no place for.
    """
    expect_drawable(panel, marks)
    if panel.camera is None:
        return marks
    camera = panel.camera.at(share)
    return [*cube(camera, decimal), *flattened(marks, camera)]


def flattened(marks: Sequence[Mark], camera: Camera, *, slabs: int = _SLABS) -> list[Mark]:
    """Return marks of two coordinates, back to front, of marks of three.

    Pieces of lines and faces are sorted by their middles: they must be short, but they are cut
    where they cross a `Plane`. Texts come last.
    """
    parts, field = _parts(marks, camera), _first(HeightField, marks)
    found = [pieces for mark in marks if (pieces := pieces_of(mark, camera, parts.cells))]
    found.sort(key=lambda pieces: pieces.drawn)
    near: list[Nearness] = [camera.nearness] * len(found)
    if field is not None:
        found = [_unhidden(pieces, field, _eye(camera)) for pieces in found]
        under, over, slabs = _cell_by_cell(field, camera)
        near = [under if pieces.drawn == FACES else over for pieces in found]
    levels = [
        parts.levels(pieces.middles, nearness) for pieces, nearness in zip(found, near, strict=True)
    ]
    edges = _edges(found, levels, slabs, parts)
    drawn: list[tuple[float, Mark]] = [
        slab
        for pieces, level in zip(found, levels, strict=True)
        for slab in _slabs(pieces, level, edges)
    ]
    drawn += parts.walls(camera)
    drawn.sort(key=lambda slab: slab[0])
    return [*(mark for _, mark in drawn), *_texts(marks, camera)]


@dataclass(frozen=True, eq=False)
class _Parts:
    """The cells that part a panel's space, none or one where nothing does, from the furthest."""

    cells: Cells | None
    ranks: NDArray[np.uint16]  # (cells,): how many are further

    @property
    def count(self) -> int:
        return max(2, len(self.ranks))

    @property
    def deep(self) -> int:
        """How many levels of depth each has."""
        return _LEVELS // self.count

    def levels(self, middles: Floats, nearness: Nearness) -> Indices:
        """Return the level (n,) of each piece, rising towards the eye, cell by cell."""
        level = (np.nan_to_num(nearness(middles)) * (self.deep - 1)).astype(np.uint16)
        if self.cells is None:
            return level
        own = self.ranks[self.cells.scores(middles).argmax(axis=1)]
        return np.asarray(level + own * np.uint16(self.deep))

    def walls(self, camera: Camera) -> list[tuple[float, Mark]]:
        """Return what lies in the walls, each just before the nearer of the two cells it parts."""
        if self.cells is None:
            return []
        found = []
        for mark in self.cells.marks:
            pieces = pieces_of(mark, camera, None)
            if pieces is None:
                continue
            scores = self.cells.scores(pieces.middles)
            nearer = self.ranks[np.argsort(scores, axis=1, kind="stable")[:, -2:]].max(axis=1)
            for rank in np.unique(nearer).tolist():
                mark = pieces.mark(np.flatnonzero(nearer == rank))
                found.append((rank * self.deep - 0.5, mark))
        return found


def _parts(marks: Sequence[Mark], camera: Camera) -> _Parts:
    plane = _first(Plane, marks)
    cells = plane.cells if plane is not None else _first(Cells, marks)
    if cells is None:
        return _Parts(None, np.zeros(1, np.uint16))
    at_eye = cells.scores(_eye(camera)[None])[0]
    order = np.argsort(at_eye, kind="stable")
    return _Parts(cells, np.argsort(order).astype(np.uint16))


def _first(kind: type[M], marks: Sequence[Mark]) -> M | None:
    return next((mark for mark in marks if isinstance(mark, kind)), None)


def _unhidden(pieces: Pieces, field: HeightField, eye: Floats) -> Pieces:
    """Return faces, and those lines and points that the surface does not hide."""
    if pieces.drawn == FACES:
        return pieces
    return pieces.some(~hides(field, eye, pieces.middles))


def _texts(marks: Sequence[Mark], camera: Camera) -> list[Mark]:
    return [
        replace(mark, xy=camera.project(np.asarray(mark.xy)[None])[0])
        for mark in marks
        if isinstance(mark, Text)
    ]


def _cell_by_cell(field: HeightField, camera: Camera) -> tuple[Nearness, Nearness, int]:
    """Return how near faces are by steps over the field's cells, then how near what lies over them.

    And how many slabs that makes. A line of sight passes over the cells towards the camera's own
    column and row, and never back, so this is exact for any heights. What lies on an edge is as
    near as the nearer cell.
    """
    low, high = np.array(field.extent).reshape(2, 2).T
    counts = np.array(field.heights.shape[::-1]) - 1
    own = np.clip(np.floor((_eye(camera)[:2] - low) / (high - low) * counts), -1, counts)
    slabs = 2 * (int(counts.sum()) + 1)

    def under(middles: Floats) -> Floats:
        at = (middles[:, :2] - low) / (high - low) * counts
        cells = np.clip(np.floor(at + 1e-6 * np.sign(own - at)), 0, counts - 1)
        # Half a step on, so that each step has a slab of its own however it is rounded.
        return np.asarray(0.5 - (np.abs(cells - own).sum(axis=1) + 0.5) / slabs)

    return under, lambda middles: 0.5 + under(middles), slabs


def _eye(camera: Camera) -> Floats:
    """Return where the camera stands (3,), in the coordinates of what it looks at."""
    low, high = np.array(camera.box).T
    return np.asarray(camera.eye * (high - low) / 2 + (low + high) / 2)


def _edges(
    found: Sequence[Pieces], levels: Sequence[Indices], slabs: int, parts: _Parts
) -> Indices:
    """Return the level at which each slab begins, in all cells.

    Faces hide what is behind them: with them, slabs are evenly deep. Else each has many points.
    """
    solid = any(pieces.drawn == FACES for pieces in found)
    points = [level for pieces, level in zip(found, levels, strict=True) if pieces.drawn == POINTS]
    level = np.sort(np.concatenate([np.zeros(0, np.uint16), *points]), kind="stable")
    starts = np.arange(parts.count) * parts.deep
    ends = np.append(np.searchsorted(level, starts[1:]), len(level))
    edges = []
    for start, own in zip(starts.tolist(), np.split(level, ends[:-1]), strict=True):
        if solid:
            edges.append(start + np.arange(slabs) * parts.deep // slabs)
        else:
            count = int(np.clip(len(own) // _LEAST, 1, slabs))
            edges.append(np.append(start, own[np.arange(1, count) * len(own) // count]))
    return np.concatenate(edges)


def _slabs(pieces: Pieces, level: Indices, edges: Indices) -> list[tuple[int, Mark]]:
    """Return a mark for each slab that holds any pieces, with the level where it begins."""
    if pieces.drawn == LINES:  # lines stay in one piece as far as they can
        slab = np.searchsorted(edges, level, side="right").astype(np.uint16)
        order = np.argsort(slab, kind="stable")
        ends = np.searchsorted(slab[order], np.arange(1, len(edges) + 2))
    else:
        order = np.argsort(level, kind="stable")
        ends = np.searchsorted(level[order], np.append(edges, _LEVELS))
    groups = zip(edges.tolist(), ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    return [(edge, pieces.mark(order[i:j])) for edge, i, j in groups if i < j]
