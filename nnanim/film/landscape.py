"""Landscape: the loss over the plane in which a training's states lie most widely apart."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnanim.dataset import evenly
from nnanim.errors import SceneError
from nnanim.film.figures import known_loss
from nnanim.film.film import Film
from nnanim.network.fresh import flat_of, fresh_outputs, parameters_in
from nnanim.network.losses import LOSSES
from nnanim.network.score import loss_value
from nnanim.threads import on_all_cores
from nnanim.types import Floats

_STATES, _NUMBERS = 400, 50_000_000  # recorded states that tell the plane, and numbers in them
_ROOM, _LEAST = 0.35, 0.5  # beyond the path, of its width, and its height, of the same
_COST = 3e10  # parameters by samples by points: of a larger network fewer points are looked at
_ALONE = 500_000  # parameters by samples: a smaller network is asked on one core in less time
_FEWEST = 15  # points a side
_STILL = 1e-12  # of states: a path that is shorter is none


@dataclass(frozen=True, eq=False)
class Landscape:
    """The plane middle + a · directions[0] + b · directions[1] in the space of parameters.

    `path` (states, 2) are the recorded states at `epochs`, `shares` (2,) how much of their variance
    each direction has. The loss over `samples` samples is `heights` (side, side) over `box` (2, 2),
    its ends included.
    """

    middle: Floats
    directions: Floats
    path: Floats
    epochs: Floats
    shares: Floats
    samples: int
    loss: Callable[[Floats], float]
    box: Floats
    heights: Floats
    names: tuple[str, ...]

    def losses(self, points: Floats) -> Floats:
        """Return the loss (n,) at points (n, 2) of the plane."""
        states = self.middle + points @ self.directions
        if self.samples * len(self.middle) < _ALONE:
            return np.array([self.loss(flat) for flat in states])
        return np.array(list(on_all_cores(self.loss, states)))

    def place(self, film: Film, moment: float) -> Floats:
        """Return where (2,) the network of a moment stands, seen straight from before the plane."""
        flat = flat_of(self.names, film.state(moment))
        return np.asarray(self.directions @ (flat - self.middle))


def landscape_of(film: Film, side: int, samples: int) -> Landscape:
    """Return the landscape of a film's training, on at most so many of its samples.

    Raises `SceneError` where its states are one, or its loss has no name.
    """
    return film.once(("landscape", side, samples), lambda: _found(film, side, samples))


def _found(film: Film, side: int, samples: int) -> Landscape:
    film.network.expect_running()
    recording, header = film.recording, film.recording.header
    known = known_loss(header)
    if known not in LOSSES:
        raise SceneError(
            f"Landscape shows a loss by name, and this training's is {header.loss or 'not told'!r}:"
            f" expected one of {', '.join(LOSSES)}"
        )
    if len(recording) < 2 and not header.training.get("epochs"):
        raise SceneError(
            "Landscape lies along the path of a training, and this recording has one state: "
            "expected two at least"
        )
    names = tuple(parameters_in(film.network))
    size = film.network.size
    rows = evenly(len(recording), max(2, min(_STATES, _NUMBERS // max(size, 1))))
    states = np.stack([flat_of(names, recording.state(int(i))) for i in rows])
    middle, directions, shares = _plane(states)
    path = (states - middle) @ directions.T
    some = evenly(len(film.data.inputs), samples)
    inputs, targets = film.data.inputs[some], film.data.targets[some]
    given = fresh_outputs(film.network, inputs)

    def loss(flat: Floats) -> float:
        return loss_value(known, given(flat), targets)

    box = _box(path)
    side = max(_FEWEST, min(side, int((_COST / (max(size, 1) * len(some))) ** 0.5)))
    xs, ys = (np.linspace(low, high, side) for low, high in box)
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    found = Landscape(
        middle, directions, path, recording.epochs[rows], shares, len(some), loss, box,
        np.empty(0), names,
    )  # fmt: skip
    heights = found.losses(points).reshape(side, side)
    return Landscape(**{**vars(found), "heights": heights})


def _plane(states: Floats) -> tuple[Floats, Floats, Floats]:
    """Return middle (p,), directions (2, p) and their shares of the variance (2,) of states (n, p).

    Directions are of length one, the largest entry of each above 0.
    """
    middle = states.mean(axis=0)
    away = states - middle
    sizes, among = np.linalg.eigh(away @ away.T)
    sizes = np.maximum(sizes[::-1], 0.0)
    directions = (among[:, ::-1].T @ away)[:2]
    directions = np.concatenate([directions, np.zeros((2 - len(directions), states.shape[1]))])
    lengths = np.linalg.norm(directions, axis=1)
    still = lengths <= _STILL * max(float(np.abs(states).max()), 1.0)
    directions /= np.where(still, 1.0, lengths)[:, None]
    for k in np.flatnonzero(still):  # any other does, upright to the first
        directions[k] = _upright(directions[:k], states.shape[1])
    largest = np.abs(directions).argmax(axis=1)
    directions *= np.sign(directions[[0, 1], largest])[:, None]
    shares = np.append(sizes, [0.0, 0.0])[:2] / max(float(sizes.sum()), 1e-300)
    return middle, directions, shares


def _upright(others: Floats, size: int) -> Floats:
    """Return a direction (size,) upright to others; zeros where there is none."""
    for axis in np.eye(size, min(size, 3)).T:
        rest = axis - others.T @ (others @ axis)
        if np.linalg.norm(rest) > 0.1:
            return np.asarray(rest / np.linalg.norm(rest))
    return np.zeros(size)


def _box(path: Floats) -> Floats:
    """Return what of the plane is shown, (low, high) along each direction."""
    low, high = path.min(axis=0), path.max(axis=0)
    half = (high - low) / 2 * (1 + 2 * _ROOM)
    half = np.maximum(half, _LEAST * half.max())
    half = np.where(half > 0, half, 1.0)
    middle = (low + high) / 2
    return np.stack([middle - half, middle + half], axis=1)
