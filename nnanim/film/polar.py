"""Polar paths: from nothing done to what a matrix does, without a collapse on the way.

W = R·P, a turn R and a stretch P along axes that stay (the polar decomposition). The way is
R(u)·((1 − u)·1 + u·P), where R(u) turns in the same planes by u times their angles: the straight
way (1 − u)·1 + u·W would flatten the plane wherever W has a negative eigenvalue. A matrix that is
not square is filled up with zeros; where it so has directions of which nothing is left, these are
turned as little as makes R a turn and no mirror.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnanim.types import Floats

Complex = NDArray[np.complex128]

_NONE = 1e-12  # of the largest singular value: a direction of which nothing is left
_HALF = 1e-6  # radians, of a half turn: its plane is then any
_MIXINGS = (0.7390851, 0.4142136, 1.6180340, 0.1234567)  # of sine and cosine, until they part
_PARTED = 1e-9


@dataclass(frozen=True, eq=False)
class Turn:
    """A rotation that can be made in part: its planes turn by a share of their angles.

    `vectors` (d, d) are its complex eigenvectors as columns, `angles` (d,) in (−π, π] theirs.
    """

    vectors: Complex
    angles: Floats

    def at(self, share: float) -> Floats:
        """Return the rotation (d, d) by a share of its angles: 0 is none, 1 all of it."""
        turned = self.vectors * np.exp(1j * share * self.angles)
        return np.asarray((turned @ self.vectors.conj().T).real)


def turn_of(rotation: Floats) -> Turn:
    """Return what turns as an orthogonal matrix (d, d) of determinant 1 does, and in part."""
    symmetric, skew = (rotation + rotation.T) / 2, (rotation - rotation.T) / 2
    for mixing in _MIXINGS:
        # Both are diagonal in the same vectors, which those of a mixture tell apart.
        _, vectors = np.linalg.eigh(symmetric + mixing * 1j * skew)
        values = np.einsum("ij,ij->j", vectors.conj(), rotation @ vectors)
        if np.abs(rotation @ vectors - vectors * values).max(initial=0.0) < _PARTED:
            break
    angles = np.angle(values)
    halves = np.abs(np.abs(angles) - np.pi) < _HALF
    if halves.any():
        vectors[:, halves] = _half_turns(vectors[:, halves])
        angles[halves] = np.resize([np.pi, -np.pi], halves.sum())
    return Turn(vectors, angles)


def _half_turns(vectors: Complex) -> Complex:
    """Return eigenvectors (d, k) in pairs of a plane each, of what a half turn does to a space."""
    span, sizes, _ = np.linalg.svd(np.concatenate([vectors.real, vectors.imag], axis=1))
    real = span[:, : vectors.shape[1]]
    assert sizes[vectors.shape[1] - 1] > _HALF
    first, second = real[:, ::2], real[:, 1::2]
    # One way round is as good as the other: that of a plane is always the same.
    roots = np.sqrt(np.arange(1, len(vectors) + 1))
    second = second * np.where(
        (roots @ first) * second.sum(axis=0) < (roots @ second) * first.sum(axis=0), -1.0, 1.0
    )
    pairs = np.stack([first - 1j * second, first + 1j * second], axis=2) / np.sqrt(2)
    return np.asarray(pairs.reshape(len(vectors), -1))


class PolarPath:
    """The way from nothing to what `matrix` (m, n) does, in max(m, n) dimensions or `dimensions`.

    Where a square matrix mirrors, so that no way of invertible matrices leads to it, the sheet is
    flat once: it `folds` along the axis of its least stretch. With more dimensions than it has, it
    is turned over through those.
    """

    def __init__(self, matrix: Floats, dimensions: int = 0) -> None:
        rows, columns = matrix.shape
        self.dimensions = max(rows, columns, dimensions)
        self.matrix = np.zeros((self.dimensions, self.dimensions))
        self.matrix[:rows, :columns] = matrix
        left, sizes, right = np.linalg.svd(self.matrix)
        self.rank = int((sizes > _NONE * max(sizes[0], 1e-300)).sum())
        rotation, self.folds = _nearest_turn(left, right, self.rank)
        if self.folds:
            sizes[-1] *= -1.0
        self.rotation = rotation
        self._stretch = (right.T * sizes) @ right

    @cached_property
    def turn(self) -> Turn:
        """The rotation of the way."""
        return turn_of(self.rotation)

    def at(self, share: float) -> Floats:
        """Return the matrix (d, d) when a share of the way is over: nothing at 0, all at 1."""
        if share >= 1:
            return self.matrix
        if share <= 0:
            return np.eye(self.dimensions)
        stretched = (1 - share) * np.eye(self.dimensions) + share * self._stretch
        return np.asarray(self.turn.at(share) @ stretched)


def _nearest_turn(left: Floats, right: Floats, rank: int) -> tuple[Floats, bool]:
    """Return the rotation nearest to none among those that the directions left open allow.

    Where none is left open and left·right mirrors, the last of them is turned round, and True.
    """
    kept = left[:, :rank] @ right[:rank]
    mirrors = np.linalg.det(left @ right) < 0
    if rank == len(left):
        if mirrors:
            kept = kept - 2 * np.outer(left[:, -1], right[-1])
        return kept, bool(mirrors)
    u, _, v = np.linalg.svd(left[:, rank:].T @ right[rank:].T)
    free = left[:, rank:] @ u @ v @ right[rank:]
    if np.linalg.det(kept + free) < 0:  # the least costly of them is turned the other way
        free = free - 2 * np.outer(left[:, rank:] @ u[:, -1], v[-1] @ right[rank:])
    return kept + free, False


def mirrors(matrix: Floats) -> bool:
    """Return whether a square matrix of full rank turns the sheet's other side up."""
    rows, columns = matrix.shape
    return rows == columns and PolarPath(matrix).folds


def best_swap(matrix: Floats) -> tuple[int, int]:
    """Return the two rows of a mirroring matrix (d, d), d > 1, whose swap leaves least to turn."""
    left, _, right = np.linalg.svd(matrix)
    turned = left @ right
    d = len(turned)
    i, j = np.triu_indices(d, 1)
    trace = np.trace(turned) - turned[i, i] - turned[j, j] + turned[j, i] + turned[i, j]
    best = int(trace.argmax())
    return int(i[best]), int(j[best])


def basis_between(first: Floats, second: Floats, share: float) -> Floats:
    """Return the plane (d, 2) a share of the way from one orthonormal basis (d, 2) to another.

    It moves on the geodesic between the planes, each of the principal vectors at its own even
    speed, while the picture turns in its plane by an even angle.
    """
    u, cosines, v = np.linalg.svd(first.T @ second)
    v = v.T
    for part in (u, v):  # both turns, the least cosine takes the sign
        if np.linalg.det(part) < 0:
            part[:, -1] *= -1.0
            cosines[-1] *= -1.0
    from_, to = first @ u, second @ v
    angles = np.arccos(np.clip(cosines, -1.0, 1.0))
    across = to - from_ * np.cos(angles)
    lengths = np.linalg.norm(across, axis=0)
    if lengths[-1] < _HALF and cosines[-1] < 0:  # half a turn, through any direction beside both
        across[:, -1] = np.linalg.svd(from_)[0][:, -1]
        lengths[-1] = 1.0
    across /= np.maximum(lengths, 1e-300)
    moved = from_ * np.cos(share * angles) + across * np.sin(share * angles)
    begin, end = np.arctan2(u[1, 0], u[0, 0]), np.arctan2(v[1, 0], v[0, 0])
    turn = begin + share * ((end - begin + np.pi) % (2 * np.pi) - np.pi)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray(moved @ np.array([[cos, sin], [-sin, cos]]))
