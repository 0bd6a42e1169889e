"""Slices: the plane through more than two inputs that a scene shows.

    scene = Scene(…, plane=Slice(0, 3))                        # the others at their median
    scene = Scene(…, plane=Slice("age", "weight", others=(1.7, 0.0)))
    scene = Scene(…, plane=Slice.principal())

It is a matter of the picture: no training hangs on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nnanim.errors import SceneError, unknown
from nnanim.types import Floats, Scaling

__all__ = ["Plane", "Slice"]


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in the space of inputs: `origin` (inputs,) and two `directions` (2, inputs).

    Directions have length one and are upright to each other. `window` (2, 2) is what of it the
    data reach, `names` and `scalings` are those of its axes, `others` says where the others are.
    """

    origin: Floats
    directions: Floats
    window: Floats
    names: tuple[str, ...]
    scalings: tuple[Scaling, ...]
    others: str = ""

    def lifted(self, points: Floats) -> Floats:
        """Return points (n, 2) of the plane as inputs (n, inputs)."""
        return np.asarray(self.origin + points @ self.directions)

    def projected(self, inputs: Floats) -> Floats:
        """Return where (n, 2) inputs (n, inputs) stand, seen straight from before the plane."""
        return np.asarray((inputs - self.origin) @ self.directions.T)

    def distance(self, inputs: Floats) -> Floats:
        """Return how far (n,) inputs are from the plane."""
        away = inputs - self.lifted(self.projected(inputs))
        return np.asarray(np.sqrt((away**2).sum(axis=1)))


class Slicing(Protocol):
    """What a scene's `plane` has; see `Slice`."""

    def through(self, inputs: Floats, names: Sequence[str], scalings: Sequence[Scaling]) -> Plane:
        """Return the plane through inputs (n, inputs) of these names and scalings."""


@dataclass(frozen=True)
class Slice:
    """The plane of two inputs, by number from 0 or by name; the others stay where `others` says.

    That is "median", each at its own, or as many numbers as there are others, in their order and
    in the units of the data.
    """

    first: int | str
    second: int | str
    others: str | tuple[float, ...] = "median"

    @staticmethod
    def principal() -> "Principal":
        """Return the plane of the two principal directions of the data, through their mean."""
        return Principal()

    def through(self, inputs: Floats, names: Sequence[str], scalings: Sequence[Scaling]) -> Plane:
        """Return the plane; `SceneError` for inputs or values that the data have not."""
        _check_inputs(inputs)
        known = [*names, *(f"x{k + 1}" for k in range(len(names), inputs.shape[1]))]
        pair = [self._place(part, known, inputs.shape[1]) for part in (self.first, self.second)]
        if pair[0] == pair[1]:
            raise SceneError(f"{self!r}: expected two different inputs")
        rest = [k for k in range(inputs.shape[1]) if k not in pair]
        origin = np.zeros(inputs.shape[1])
        origin[rest] = self._fixed(inputs[:, rest], [known[k] for k in rest], scalings, rest)
        window = np.stack([inputs[:, pair].min(axis=0), inputs[:, pair].max(axis=0)], axis=1)
        return Plane(
            origin,
            np.eye(inputs.shape[1])[pair],
            _wide(window),
            tuple(known[k] for k in pair),
            tuple(scalings[k] for k in pair),
            "others at their median" if self.others == "median" else "others as given",
        )

    def _place(self, part: object, names: Sequence[str], count: int) -> int:
        if isinstance(part, str):
            if part not in names:
                raise SceneError(unknown("input of Slice", part, names))
            return list(names).index(part)
        if isinstance(part, bool) or not isinstance(part, int) or not 0 <= part < count:
            raise SceneError(f"{self!r}: {part!r} is no input, expected one from 0 to {count - 1}")
        return part

    def _fixed(
        self, data: Floats, names: Sequence[str], scalings: Sequence[Scaling], rest: Sequence[int]
    ) -> Floats:
        """Return the values (others,) at which the other inputs stay."""
        if self.others == "median":
            return np.asarray(np.median(data, axis=0))
        try:
            values = np.array(self.others, float)
        except (TypeError, ValueError):
            values = np.empty(0)
        if values.shape != (len(rest),) or not np.isfinite(values).all():
            raise SceneError(
                f'Slice(others={self.others!r:.80}): expected "median" or {len(rest)} numbers, of '
                f"{', '.join(names):.80}"
            )
        shifts, steps = np.array([scalings[k] for k in rest], float).reshape(-1, 2).T
        placed = (values - shifts) / steps
        beyond = np.flatnonzero((placed < data.min(axis=0)) | (placed > data.max(axis=0)))
        if len(beyond):
            k = int(beyond[0])
            low, high = shifts[k] + steps[k] * np.array([data[:, k].min(), data[:, k].max()])
            raise SceneError(
                f"Slice(others=…) holds {names[k]!r} at {values[k]:g}, where there are no data: "
                f"they run from {low:.4g} to {high:.4g}"
            )
        return np.asarray(placed)


@dataclass(frozen=True)
class Principal:
    """The plane of the two principal directions of the data, through their mean."""

    def through(self, inputs: Floats, names: Sequence[str], scalings: Sequence[Scaling]) -> Plane:
        """Return the plane."""
        del names, scalings
        _check_inputs(inputs)
        values = inputs.astype(np.float64)
        mean = values.mean(axis=0)
        directions = np.linalg.eigh((values - mean).T @ (values - mean))[1][:, ::-1][:, :2].T
        directions = directions.round(9)
        largest = np.abs(directions).argmax(axis=1)
        directions *= np.sign(directions[np.arange(2), largest])[:, None]
        seen = (values - mean) @ directions.T
        window = _wide(np.stack([seen.min(axis=0), seen.max(axis=0)], axis=1))
        blank = ((0.0, 1.0), (0.0, 1.0))
        return Plane(mean, directions, window, ("", ""), blank, "in the plane of most variance")


def _check_inputs(inputs: Floats) -> None:
    if inputs.ndim != 2 or inputs.shape[1] <= 2:
        shape = ", ".join(map(str, ("n", *inputs.shape[1:])))
        raise SceneError(
            f"plane=…: a slice is of rows of more than two inputs, and these are of shape "
            f"({shape}): leave plane= out"
        )


def _wide(window: Floats) -> Floats:
    """Return a window whose ends differ, as limits must."""
    same = window[:, 0] == window[:, 1]
    return np.asarray(np.where(same[:, None], window + np.array([-0.5, 0.5]), window), float)


def __dir__() -> list[str]:
    return __all__
