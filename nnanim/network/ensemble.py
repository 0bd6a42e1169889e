"""Ensemble: several trainings of narrow stacks, which the kernel runs in one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.forward import forward_each
from nnanim.network.course import Course
from nnanim.network.differences import gradient
from nnanim.network.rows import rows_of
from nnanim.types import Floats

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks of as many inputs, each along its own course, seen by what one layer of each gives.

    `layers` are those, of as many units each.
    """

    courses: Sequence[Course]
    layers: Sequence[str]

    def __len__(self) -> int:
        return len(self.courses)

    def at(self, moment: float) -> tuple[Array, Array]:
        """Return all parameters (p,) and all running statistics (s,) at a moment of each course.

        They are those of the networks, one after the other, each mixed as a replay mixes it.
        """
        places = [course.between(moment) for course in self.courses]
        shares = np.array([share for *_, share in places])
        pairs = list(zip(self.courses, places, strict=True))
        found = []
        for name, sizes in zip(("parameters", "statistics"), self._sizes, strict=True):
            before = np.concatenate([getattr(course, name)[i] for course, (i, _, _) in pairs])
            after = np.concatenate([getattr(course, name)[j] for course, (_, j, _) in pairs])
            share = np.repeat(shares, sizes)
            with np.errstate(all="ignore"):  # of a training that diverges
                mixed = ((1 - share) * before + share * after).astype(np.float32)
            found.append(np.where(share > 0, mixed, before))
        return found[0], found[1]

    def outputs(self, state: tuple[Array, Array], inputs: Floats) -> Floats:
        """Return what the layers give (networks, n, units) for the same inputs (n, inputs)."""
        n, k = len(inputs), len(self)
        parts = np.zeros((k, 4), np.int64)
        parts[:, 0], parts[:, 2] = np.arange(k), n
        parts[:, 3] = np.arange(k) * n * self._units
        return self._given(state, inputs, parts, k * n).reshape(k, n, self._units)

    def gradient(
        self,
        state: tuple[Array, Array],
        counts: Sequence[int],
        inputs: Floats,
        weight: Floats,
        step: float,
    ) -> tuple[Floats, Floats]:
        """Return z·weight (n,) of what the layers give and its gradients (n, inputs).

        The first of `counts` (networks,) of the n inputs are those of the first network, and so on.
        As of a narrow network alone, `step` to both sides of each input is asked.
        """
        n, ends = len(inputs), np.cumsum(counts)

        def run(places: Floats) -> Floats:
            ways = len(places)
            parts = np.empty((ways, len(self), 4), np.int64)
            parts[..., 0] = np.arange(len(self))
            parts[..., 2] = n * np.arange(ways)[:, None] + ends
            parts[..., 1] = parts[..., 2] - counts
            parts[..., 3] = parts[..., 1] * self._units
            rows = places.reshape(ways * n, -1)
            return self._given(state, rows, parts.reshape(-1, 4), ways * n).reshape(ways, n, -1)

        return gradient(run, inputs, weight, step)

    def _given(
        self, state: tuple[Array, Array], inputs: Floats, parts: Array, count: int
    ) -> Floats:
        found = np.empty(count * self._units, np.float32)
        forward_each(rows_of(inputs), parts, self._nets, *self._table, *state, found)
        return found

    @cached_property
    def _units(self) -> int:
        first = self.courses[0].stack
        return first.units(first.rows[self.layers[0]])

    @cached_property
    def _sizes(self) -> tuple[list[int], list[int]]:
        """How many parameters and running statistics each has."""
        return (
            [course.parameters.shape[1] for course in self.courses],
            [course.statistics.shape[1] for course in self.courses],
        )

    @cached_property
    def _rows(self) -> list[int]:
        """How many layers of each are run."""
        pairs = zip(self.courses, self.layers, strict=True)
        return [course.stack.rows[layer] + 1 for course, layer in pairs]

    @cached_property
    def _table(self) -> tuple[Array, Array]:
        """The layers of all, one network after another, and their options."""
        pairs = list(zip(self.courses, self._rows, strict=True))
        return (
            np.concatenate([course.stack.table[:rows] for course, rows in pairs]),
            np.concatenate([course.stack.options[:rows] for course, rows in pairs]),
        )

    @cached_property
    def _nets(self) -> Array:
        """What the kernel is told of each network; see `forward_each`."""
        ends = list(accumulate(self._rows))
        firsts = [0, *ends[:-1]]
        begins = [[0, *accumulate(sizes)][:-1] for sizes in self._sizes]
        return np.array([firsts, ends, *begins], np.int64).T.copy()
