"""Painter: marks of three coordinates, seen by a camera, become marks of two, back to front.

What lies nearer is drawn later (painter's order), so that films, stills and vector graphics agree
without a buffer of depths. Points, pieces of lines and faces are sorted by depth; so that they stay
few marks, they are gathered in slabs, and within a slab faces come first, then lines, then points.
A plane needs no sorting: it parts space, so the half beyond it, the plane, then the half before it
is exact. What crosses the plane is cut there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnanim.camera import Camera
from nnanim.errors import UsageError
from nnanim.geometry import clip_polygon
from nnanim.marks import Lines, Mark, Points, Polygons, Text
from nnanim.types import Floats

Indices = NDArray[np.integer]
Nearness = Callable[[Floats], Floats]  # (n, 3) points -> (n,) from 0, the furthest, to 1

_LEVELS = 1 << 15  # of depth, on each side of a plane: one sort of 16 bits serves
_LEAST = 512  # points of a slab: so many are drawn at once in less time than one by one


@dataclass(frozen=True, eq=False)
class Plane:
    """The plane normal·x = offset, with what is drawn in it: `marks` of three coordinates."""

    normal: Floats  # (3,)
    offset: float
    marks: Sequence[Mark] = field(default=())

    def side(self, xyz: Floats) -> Floats:
        """Return how far (n,) points (n, 3) are beyond the plane, in units of the normal."""
        return np.asarray(xyz @ self.normal - self.offset)


class _Part(NamedTuple):
    """One mark in pieces: where each is (n, 3), and the mark of some of them, in two coordinates.

    What is `drawn` first in a slab has the lower number.
    """

    middles: Floats
    mark: Callable[[Indices], Mark]
    drawn: int


def flattened(
    marks: Sequence[Mark],
    camera: Camera,
    plane: Plane | None = None,
    *,
    slabs: int = 8,
    nearness: Nearness | None = None,
) -> list[Mark]:
    """Return marks of two coordinates, back to front, of marks of three.

    Pieces of lines and faces are sorted by their middles: they must be short, but they are cut
    where they cross `plane`. `nearness` says what is how near, left out the camera does. Texts come
    last. Raises `UsageError` for marks that have no three coordinates.
    """
    parts, texts = [], []
    for mark in marks:
        match mark:
            case Points():
                parts.append(_points(mark, camera))
            case Lines():
                parts.append(_segments(mark, camera, plane))
            case Polygons():
                parts.append(_faces(mark, camera, plane))
            case Text():
                texts.append(replace(mark, xy=camera.project(np.asarray(mark.xy)[None])[0]))
            case _:
                raise UsageError(
                    f"{type(mark).__name__} has no place in space: expected Points, Lines, "
                    "Polygons or Text of three coordinates"
                )
    parts = sorted((part for part in parts if len(part.middles)), key=lambda part: part.drawn)
    near = nearness or camera.nearness
    levels = [_levels(part.middles, near, camera, plane) for part in parts]
    edges = _edges(parts, levels, slabs)
    found = [
        piece
        for part, level in zip(parts, levels, strict=True)
        for piece in _slabs(part, level, edges)
    ]
    found.sort(key=lambda piece: piece[0])
    beyond = [mark for level, mark in found if level < _LEVELS]
    before = [mark for level, mark in found if level >= _LEVELS]
    inside = [] if plane is None else flattened(plane.marks, camera, slabs=1)
    return [*beyond, *inside, *before, *texts]


def _levels(middles: Floats, nearness: Nearness, camera: Camera, plane: Plane | None) -> Indices:
    """Return the level (n,) of each piece: up to _LEVELS beyond the plane, from there before it."""
    level = (np.nan_to_num(nearness(middles)) * (_LEVELS - 1)).astype(np.uint16)
    if plane is None:
        return level
    low, high = np.array(camera.box, float).T
    eye = camera.eye * (high - low) / 2 + (low + high) / 2
    before = (plane.side(middles) > 0) == bool(plane.side(eye) > 0)
    return np.asarray(level + before.astype(np.uint16) * np.uint16(_LEVELS))


def _edges(parts: Sequence[_Part], levels: Sequence[Indices], slabs: int) -> Indices:
    """Return the level at which each slab begins, on both sides of the plane.

    Faces hide what is behind them: with them, slabs are evenly deep. Else each has many points.
    """
    solid = any(part.drawn == _FACES for part in parts)
    points = [level for part, level in zip(parts, levels, strict=True) if part.drawn == _POINTS]
    level = np.sort(np.concatenate([np.zeros(0, np.uint16), *points]), kind="stable")
    middle = int(np.searchsorted(level, _LEVELS))
    edges = []
    for start, half in ((0, level[:middle]), (_LEVELS, level[middle:])):
        if solid:
            edges.append(start + np.arange(slabs) * _LEVELS // slabs)
        else:
            count = int(np.clip(len(half) // _LEAST, 1, slabs))
            edges.append(np.append(start, half[np.arange(1, count) * len(half) // count]))
    return np.concatenate(edges)


def _slabs(part: _Part, level: Indices, edges: Indices) -> list[tuple[int, Mark]]:
    """Return a mark for each slab in which a part has pieces, with the level where that begins."""
    if part.drawn == _LINES:  # lines stay in one piece as far as they can
        slab = np.searchsorted(edges, level, side="right").astype(np.uint16)
        order = np.argsort(slab, kind="stable")
        ends = np.searchsorted(slab[order], np.arange(1, len(edges) + 2))
    else:
        order = np.argsort(level, kind="stable")
        ends = np.searchsorted(level[order], np.append(edges, 2 * _LEVELS))
    groups = zip(edges.tolist(), ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    return [(edge, part.mark(order[i:j])) for edge, i, j in groups if i < j]


_FACES, _LINES, _POINTS = range(3)


def _points(mark: Points, camera: Camera) -> _Part:
    finite = np.isfinite(_spatial(mark.xy)).all(axis=1)
    xyz, index = (
        (mark.xy, mark.index)
        if finite.all()
        else (mark.xy[finite], None if mark.index is None else mark.index[finite])
    )
    seen = camera.project(xyz)

    def some(pieces: Indices) -> Mark:
        picked = None if index is None else index[pieces]
        return replace(mark, xy=seen[pieces], index=picked)

    return _Part(xyz, some, _POINTS)


def _segments(mark: Lines, camera: Camera, plane: Plane | None) -> _Part:
    """Return a line's segments; a piece is the number of the point at which it begins."""
    if not mark.paths:
        return _Part(np.zeros((0, 3)), lambda _: mark, _LINES)
    points: Floats = np.concatenate([_spatial(path) for path in mark.paths]).astype(np.float64)
    if mark.values is not None:
        points = np.concatenate([points, np.concatenate(mark.values)[:, None]], axis=1)
    goes_on = np.ones(len(points), bool)  # to the next point
    goes_on[np.cumsum([len(path) for path in mark.paths]) - 1] = False
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(points).all(axis=1))
    goes_on &= finite & np.append(finite[1:], False)
    points[~finite] = 0.0
    if plane is not None:
        points, goes_on = _cut(points, goes_on, plane)
    begins = np.flatnonzero(goes_on)
    middles = (points[begins, :3] + points[begins + 1, :3]) / 2
    seen = np.concatenate([camera.project(points[:, :3]), points[:, 3:]], axis=1)

    def some(pieces: Indices) -> Mark:
        chains = _chains(seen, begins[pieces])
        values = None if mark.values is None else [chain[:, 2] for chain in chains]
        return replace(mark, paths=[chain[:, :2] for chain in chains], values=values)

    return _Part(middles, some, _LINES)


def _cut(
    points: Floats, goes_on: NDArray[np.bool_], plane: Plane
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the points of lines with one more wherever a line crosses the plane."""
    side = plane.side(points[:, :3])
    crosses = np.flatnonzero(goes_on[:-1] & (np.sign(side[:-1]) * np.sign(side[1:]) < 0))
    share = (side[crosses] / (side[crosses] - side[crosses + 1]))[:, None]
    middles = points[crosses] + share * (points[crosses + 1] - points[crosses])
    return np.insert(points, crosses + 1, middles, axis=0), np.insert(goes_on, crosses + 1, True)


def _chains(points: Floats, begins: Indices) -> list[Floats]:
    """Return the segments that begin at the points `begins`, rising, joined where they meet."""
    breaks = np.flatnonzero(np.diff(begins) > 1) + 1
    firsts, lasts = begins[np.append(0, breaks)], begins[np.append(breaks, len(begins)) - 1]
    return [points[i : j + 2] for i, j in zip(firsts.tolist(), lasts.tolist(), strict=True)]


def _faces(mark: Polygons, camera: Camera, plane: Plane | None) -> _Part:
    paths, source = _whole_faces(mark.paths)
    if plane is not None and paths:
        paths, source = _halved(paths, source, plane)
    if not paths:
        return _Part(np.zeros((0, 3)), lambda _: mark, _FACES)
    corners, starts = _joined(paths)
    middles = np.add.reduceat(corners, starts) / np.diff(starts, append=len(corners))[:, None]
    seen = camera.project(corners)
    ends = [*starts[1:].tolist(), len(corners)]
    outlines = [seen[i:j] for i, j in zip(starts.tolist(), ends, strict=True)]
    values = None if mark.values is None else np.asarray(mark.values)[source]

    def some(pieces: Indices) -> Mark:
        shades = None if values is None else values[pieces]
        return replace(mark, paths=[outlines[i] for i in pieces.tolist()], values=shades)

    return _Part(middles, some, _FACES)


def _whole_faces(paths: Sequence[Floats] | Floats) -> tuple[list[Floats], Indices]:
    """Return the faces that have an area and only finite corners, and which those are."""
    sized = [i for i, path in enumerate(paths) if len(path) > 2]
    if not sized:
        return [], np.zeros(0, np.int64)
    corners, starts = _joined([_spatial(paths[i]) for i in sized])
    finite = np.logical_and.reduceat(np.isfinite(corners).all(axis=1), starts)
    source = np.array(sized)[finite]
    return [paths[i] for i in source.tolist()], source


def _halved(paths: list[Floats], source: Indices, plane: Plane) -> tuple[list[Floats], Indices]:
    """Return faces with those that cross the plane cut in two, and the source of each."""
    corners, starts = _joined(paths)
    side = plane.side(corners)
    lowest, highest = np.minimum.reduceat(side, starts), np.maximum.reduceat(side, starts)
    crosses = (lowest < 0) & (highest > 0)
    whole = [paths[i] for i in np.flatnonzero(~crosses)]
    halves = [
        clip_polygon(paths[i], sign * plane.normal, -sign * plane.offset)
        for i in np.flatnonzero(crosses)
        for sign in (1.0, -1.0)
    ]
    return whole + halves, np.concatenate([source[~crosses], np.repeat(source[crosses], 2)])


def _joined(paths: Sequence[Floats]) -> tuple[Floats, Indices]:
    """Return the corners of all faces (n, 3) and where each begins."""
    lengths = np.array([len(path) for path in paths])
    return np.concatenate(paths).astype(np.float64), np.cumsum(lengths) - lengths


def _spatial(xyz: Floats) -> Floats:
    if np.ndim(xyz) != 2 or np.shape(xyz)[1] != 3:
        raise UsageError(f"coordinates of shape {np.shape(xyz)}: expected three columns")
    return xyz
