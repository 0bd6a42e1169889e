"""Betti numbers of points: in how many pieces they lie, and how many holes go through them.

Of many points a few landmarks are looked at, as far from each other as can be; every point is
within the `radius` of one. A hole is a class of loops that is there when landmarks so far apart are
joined and still there when they are joined over more than twice as far: the Vietoris–Rips
persistence of ripser (Bauer 2021) tells. By what is narrower than that, points are not said to
have a hole: it would be one of the sampling.
"""

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError, expect_installed
from nnanim.kernels.landmarks import landmarks, pairs_within
from nnanim.types import Floats

BETTI = ("pieces", "holes")
FEWEST = 60  # points, of which something can be said
_CROWD, _MOST = 6, 333  # points for each landmark, and landmarks
_JOINED, _NEAR = 4.0, 0.25  # radii, or of the size: landmarks so near are of one piece
_SHARE = 0.02  # of the points: of fewer, a piece is none
_WIDE, _LASTING = 3.15, 2.2  # radii at which a hole is still there, and times those of its birth
_REACH = 10.0  # radii that are looked at, and once the size
_PAIRS = 10_000  # landmarks joined at most: in many dimensions all are near each other
_SAME = 1e-6  # of the largest number: points that are so near are one


def expect_ripser() -> None:
    """Raise `SceneError` where what counts holes is not installed."""
    expect_installed("Topology", "ripser", kind=SceneError, else_=", or leave it out")


def betti_numbers(points: Floats) -> tuple[float, float]:
    """Return the pieces and the holes of points (n, d); NaN of too few, or not finite ones."""
    if len(points) < FEWEST or not np.isfinite(points).all():
        return np.nan, np.nan
    rows = np.ascontiguousarray(points, np.float64)
    found, owners, radius = landmarks(rows, min(_MOST, len(rows) // _CROWD))
    radius = max(float(radius), _SAME * float(np.abs(rows).max()))
    size = float(np.sqrt(rows.var(axis=0).sum()))
    reach = max(_REACH * radius, size)
    first, second, lengths = pairs_within(rows[found], reach)
    near = lengths <= max(_JOINED * radius, _NEAR * size)
    pieces = _pieces(first[near], second[near], np.bincount(owners, minlength=len(found)))
    return float(pieces), float(_holes(first, second, lengths, len(found), radius, reach))


def _pieces(first: NDArray[np.int32], second: NDArray[np.int32], held: NDArray[np.int64]) -> int:
    """Return how many pieces hold enough points, of landmarks that hold so many each."""
    names = np.arange(len(held))
    while True:  # each takes the least name near it, until none changes
        before = names.copy()
        np.minimum.at(names, first, before[second])
        np.minimum.at(names, second, before[first])
        names = names[names]
        if (names == before).all():
            return int((np.bincount(names, held) >= _SHARE * held.sum()).sum())


def _holes(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    lengths: Floats,
    count: int,
    radius: float,
    reach: float,
) -> int:
    """Return how many loops of landmarks, joined by such pairs, are wide and last."""
    from ripser import ripser
    from scipy.sparse import coo_matrix

    if len(lengths) > _PAIRS:
        reach = float(np.partition(lengths, _PAIRS)[_PAIRS])
        kept = lengths <= reach
        first, second, lengths = first[kept], second[kept], lengths[kept]
    if not len(lengths):
        return 0
    joined = coo_matrix((lengths, (first, second)), shape=(count, count))
    born, dies = ripser(joined, distance_matrix=True, maxdim=1)["dgms"][1].T
    dies = np.minimum(dies, reach)
    return int(((dies >= _WIDE * radius) & (dies >= _LASTING * born)).sum())
