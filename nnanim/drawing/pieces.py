"""Pieces: marks of three coordinates taken apart, so that what is nearer can be drawn later.

A mark of points comes apart in its points, lines in their segments, polygons in their faces. What
crosses a wall between cells is cut there.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnanim.camera import Camera
from nnanim.drawing.relief import faces_of
from nnanim.geometry import clip_polygon
from nnanim.marks import Cells, HeightField, Lines, Mark, Points, Polygons
from nnanim.types import Floats

Indices = NDArray[np.integer]

FACES, LINES, POINTS = range(3)  # what is drawn first within a slab has the lower number


class Pieces(NamedTuple):
    """A mark in pieces: where each is (n, 3), and the mark of some of them, in two coordinates."""

    middles: Floats
    mark: Callable[[Indices], Mark]
    drawn: int

    def some(self, which: NDArray[np.bool_]) -> "Pieces":
        """Return those that `which` picks."""
        left = np.flatnonzero(which)
        return Pieces(self.middles[left], lambda pieces: self.mark(left[pieces]), self.drawn)


def pieces_of(mark: Mark, camera: Camera, cells: Cells | None) -> Pieces | None:
    """Return the pieces of a mark, cut by `cells`; None where it has none."""
    match mark:
        case Points():
            found = _points(mark, camera)
        case Lines() if any(map(len, mark.paths)):
            found = _segments(mark, camera, cells)
        case Polygons():
            found = _faces(mark, camera, cells)
        case HeightField():
            found = _faces(faces_of(mark), camera, cells)
        case _:
            return None
    return found if len(found.middles) else None


def _points(mark: Points, camera: Camera) -> Pieces:
    finite = np.asarray(np.isfinite(mark.xy).all(axis=1))
    if not finite.all():
        mark = _some_points(mark, mark.xy[finite], finite)
    seen = camera.project(mark.xy)
    return Pieces(mark.xy, lambda pieces: _some_points(mark, seen[pieces], pieces), POINTS)


def _some_points(mark: Points, xy: Floats, which: NDArray[Any]) -> Points:
    """Return those of a mark's points that `which` picks, standing at `xy`."""
    index = None if mark.index is None else mark.index[which]
    values = None if mark.values is None else np.asarray(mark.values)[which]
    return replace(mark, xy=xy, index=index, values=values)


def _segments(mark: Lines, camera: Camera, cells: Cells | None) -> Pieces:
    """Return a line's segments; a piece is the number of the point at which it begins."""
    points: Floats = np.concatenate(mark.paths).astype(np.float64)
    if mark.values is not None:
        points = np.concatenate([points, np.concatenate(mark.values)[:, None]], axis=1)
    goes_on = np.ones(len(points), bool)  # to the next point
    goes_on[np.cumsum([len(path) for path in mark.paths]) - 1] = False
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(points).all(axis=1))
    goes_on &= finite & np.append(finite[1:], False)
    points[~finite] = 0.0
    if cells is not None:
        points, goes_on = _cut(points, goes_on, cells)
    begins = np.flatnonzero(goes_on)
    middles = (points[begins, :3] + points[begins + 1, :3]) / 2
    seen = np.concatenate([camera.project(points[:, :3]), points[:, 3:]], axis=1)

    def some(pieces: Indices) -> Mark:
        chains = _chains(seen, begins[pieces])
        values = None if mark.values is None else [chain[:, 2] for chain in chains]
        return replace(mark, paths=[chain[:, :2] for chain in chains], values=values)

    return Pieces(middles, some, LINES)


def _cut(
    points: Floats, goes_on: NDArray[np.bool_], cells: Cells
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the points of lines with one more wherever a line goes from one cell to another.

    Along a segment each score is linear. Where those of the cells at its ends are equal it is cut;
    if a third is larger there, that cell lies between, and both parts are cut in their turn.
    """
    scores = cells.scores(points[:, :3])
    before = after = scores.argmax(axis=1)  # the cell from which a line comes, into which it goes
    for _ in range(scores.shape[1]):
        crosses = np.flatnonzero(goes_on[:-1] & (after[:-1] != before[1:]))
        own, other = after[crosses], before[crosses + 1]
        lead, lag = (scores[at, own] - scores[at, other] for at in (crosses, crosses + 1))
        cut = (lead > 0) & (lag < 0)
        if not cut.any():
            break
        crosses, own, other = crosses[cut], own[cut], other[cut]
        share = (lead[cut] / (lead[cut] - lag[cut]))[:, None]
        points, scores = (
            np.insert(each, crosses + 1, _along(each, crosses, share), axis=0)
            for each in (points, scores)
        )
        new = crosses + 1 + np.arange(len(crosses))
        best = scores[new].argmax(axis=1)
        rise = scores[new, best] - scores[new, own]
        third = rise > 1e-9 * np.abs(scores[new]).max(axis=1)
        before = np.insert(before, crosses + 1, np.where(third, best, own))
        after = np.insert(after, crosses + 1, np.where(third, best, other))
        goes_on = np.insert(goes_on, crosses + 1, True)
    return points, goes_on


def _along(values: Floats, begins: Indices, share: Floats) -> Floats:
    """Return what is at a `share` of the way from each value to the next."""
    return np.asarray(values[begins] + share * (values[begins + 1] - values[begins]))


def _chains(points: Floats, begins: Indices) -> list[Floats]:
    """Return the segments that begin at the points `begins`, rising, joined where they meet."""
    breaks = np.flatnonzero(np.diff(begins) > 1) + 1
    firsts, lasts = begins[np.append(0, breaks)], begins[np.append(breaks, len(begins)) - 1]
    return [points[i : j + 2] for i, j in zip(firsts.tolist(), lasts.tolist(), strict=True)]


def _faces(mark: Polygons, camera: Camera, cells: Cells | None) -> Pieces:
    paths, source = _whole_faces(mark.paths)
    if cells is not None and len(paths):
        paths, source = _parted(paths, source, cells)
    if not len(paths):
        return Pieces(np.zeros((0, 3)), lambda _: mark, FACES)
    corners, starts = _joined(paths)
    counts = np.diff(starts, append=len(corners))
    middles = np.add.reduceat(corners, starts) / counts[:, None]
    seen = camera.project(corners)
    values = None if mark.values is None else np.asarray(mark.values)[source]
    alike = (counts == counts[0]).all()
    outlines = seen.reshape(len(counts), -1, 2) if alike else np.split(seen, starts[1:])

    def some(pieces: Indices) -> Mark:
        shades = None if values is None else values[pieces]
        paths = (
            outlines[pieces]
            if isinstance(outlines, np.ndarray)
            else [outlines[i] for i in pieces.tolist()]
        )
        return replace(mark, paths=paths, values=shades)

    return Pieces(middles, some, FACES)


def _whole_faces(paths: Sequence[Floats] | Floats) -> tuple[Sequence[Floats] | Floats, Indices]:
    """Return the faces that have an area and only finite corners, and which those are."""
    if isinstance(paths, np.ndarray):
        many = paths if paths.shape[1] > 2 else paths[:0]
        whole = np.flatnonzero(np.isfinite(many).all(axis=(1, 2)))
        return many[whole], whole
    sized = [i for i, path in enumerate(paths) if len(path) > 2]
    if not sized:
        return [], np.zeros(0, np.int64)
    corners, starts = _joined([paths[i] for i in sized])
    finite = np.logical_and.reduceat(np.isfinite(corners).all(axis=1), starts)
    source = np.array(sized)[finite]
    return [paths[i] for i in source.tolist()], source


def _parted(
    paths: Sequence[Floats] | Floats, source: Indices, cells: Cells
) -> tuple[list[Floats], Indices]:
    """Return faces with those that lie in several cells cut at the walls; the source of each."""
    corners, starts = _joined(paths)
    own = cells.scores(corners).argmax(axis=1)
    lowest, highest = np.minimum.reduceat(own, starts), np.maximum.reduceat(own, starts)
    whole = [paths[i] for i in np.flatnonzero(lowest == highest).tolist()]
    found, kept = [], []
    for i in np.flatnonzero(lowest != highest).tolist():
        for k in range(len(cells.bias)):
            part = paths[i]
            for j in range(len(cells.bias)):
                if j != k and len(part):
                    normal = cells.weight[k] - cells.weight[j]
                    part = clip_polygon(part, normal, float(cells.bias[k] - cells.bias[j]))
            if len(part) > 2:
                found.append(part)
                kept.append(source[i])
    return whole + found, np.concatenate([source[lowest == highest], np.array(kept, np.int64)])


def _joined(paths: Sequence[Floats] | Floats) -> tuple[Floats, Indices]:
    """Return the corners of all faces (n, 3) and where each begins."""
    if isinstance(paths, np.ndarray):
        count, corners, _ = paths.shape
        return paths.reshape(-1, 3).astype(np.float64), np.arange(count) * corners
    lengths = np.array([len(path) for path in paths])
    return np.concatenate(paths).astype(np.float64), np.cumsum(lengths) - lengths
