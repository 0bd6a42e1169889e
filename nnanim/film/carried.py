"""Carried directions: across the boundary of each moment, the others taken along without spin."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnanim.film.film import Film
from nnanim.network.decision import Decision, read_out_parameters
from nnanim.types import Floats

_STANDS = 1e-3  # of the longest normal in a film: a shorter one has no direction
_NONE = 1e-6  # of a direction: what is left of it is none


@dataclass(frozen=True, eq=False)
class Carried:
    """Directions (units, count) at the recorded moments of a film, of which the first are normals.

    A function of the moment alone: between two of them they are turned from the later, as little
    as it takes. Where the normals vanish, the last directions stay.
    """

    film: Film
    moments: Floats
    frames: list[Floats]
    longest: float

    @classmethod
    def over(cls, film: Film, axes: Floats) -> "Carried":
        """Return those that the recorded moments have, carried back from the end.

        There, they are the boundary's own, and what these leave of `axes` (units, count).
        """
        raw = [_normals(film, _state_at(film, i)) for i in range(len(film.replay.recording.epochs))]
        longest = max(float(np.linalg.norm(each, axis=0).max()) for each in raw)
        known = [_upright(each, longest) for each in raw]
        last = next((each for each in known if each is not None), None)
        for i, each in enumerate(known):
            known[i] = last = last if each is None else each
        frames, frame = [], axes
        for each in known[::-1]:
            frame = frame if each is None else _turned(frame, each)
            frames.append(frame)
        return cls(film, film.replay.recording.epochs, frames[::-1], longest)

    def at(self, moment: float) -> Floats:
        """Return the directions at a moment."""
        at = min(int(np.searchsorted(self.moments, moment)), len(self.moments) - 1)
        if moment >= self.moments[at]:
            return self.frames[at]
        normals = _upright(_normals(self.film, self.film.state(moment)), self.longest)
        return self.frames[max(at - 1, 0)] if normals is None else _turned(self.frames[at], normals)


def deciding(decision: Decision, weight: Floats) -> Floats:
    """Return the directions (units, d) that decide, of a read-out's weight (outputs, units)."""
    if decision.binary:
        return np.asarray(decision.direction @ weight)[:, None]
    return np.asarray((weight[1:] - weight[0]).T if decision.exclusive else weight.T)


def _state_at(film: Film, i: int) -> dict[str, Any]:
    """Return the read-out's parameters in a recorded state; those of all layers may be many."""
    assert film.network.read_out is not None
    prefix = f"{film.network.read_out.module}." if film.network.read_out.module else ""
    names = (f"{prefix}weight", f"{prefix}bias")
    return {name: a[i] for name, a in film.replay.recording.states.items() if name in names}


def _normals(film: Film, state: Any) -> Floats:
    """Return the normals (units, d) of the boundary between the classes."""
    assert film.network.read_out is not None
    assert film.decision is not None
    return deciding(film.decision, read_out_parameters(film.network.read_out, state)[0])


def _upright(normals: Floats, longest: float) -> Floats | None:
    """Return directions of length one, upright to each other, that span normals; None for none.

    The first is that of the first normal.
    """
    if np.linalg.norm(normals, axis=0).min() <= _STANDS * longest:
        return None
    found = np.linalg.qr(normals)[0]
    return np.asarray(found * np.sign((found * normals).sum(axis=0)))


def _turned(frame: Floats, normals: Floats) -> Floats:
    """Return a frame (units, count) turned as little as it takes to begin with `normals`."""
    d = normals.shape[1]
    if d > 1:  # they may turn within what they span
        left, _, right = np.linalg.svd(normals.T @ frame[:, :d])
        normals = normals @ left @ right
    rest = frame[:, d:] - normals @ (normals.T @ frame[:, d:])
    if not rest.shape[1]:
        return normals
    left, size, right = np.linalg.svd(rest, full_matrices=False)
    if size.min() < _NONE:  # the normal has come to lie where another was: any other will do
        left = np.linalg.svd(np.eye(len(frame)) - normals @ normals.T)[0][:, : rest.shape[1]]
        return np.concatenate([normals, left], axis=1)
    return np.concatenate([normals, left @ right], axis=1)
