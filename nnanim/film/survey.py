"""Survey: a look over a whole run before its film begins, for what stands still in the picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, evenly, of_rows
from nnanim.film.along import Along
from nnanim.film.replay import WORK, Replay
from nnanim.types import Floats

_LEAST = 64  # rows


@dataclass(frozen=True, eq=False)
class Survey:
    """What a run gives at about `count` moments.

    Of a large network, or of very many samples, these are recorded snapshots, and evenly chosen
    rows stand for the others; how many, the sizes alone say.
    """

    replay: Replay
    count: int

    @cached_property
    def moments(self) -> Floats:
        """The moments, rising from 0 to the last epoch."""
        return self.replay.sampled_moments(self.count)

    @cached_property
    def data(self) -> Arrays:
        """The data that are looked at, with their targets."""
        data = self.replay.data
        if not self.replay.large:
            return data
        train, test = self._rows(len(data.inputs)), self._rows(len(data.test_inputs))
        return of_rows(data, train, test)

    def of_data(self, names: Sequence[str], most: int | None = None) -> Iterator[dict[str, Floats]]:
        """Give by name what layers give (n, units) for the data, or the first of them."""
        if self.replay.network.runs:
            yield from self._along(names, self.data.inputs[:most])
            return
        rows = self._rows(len(self.replay.data.inputs))[:most]
        for moment in self.moments.tolist():
            yield {name: self.replay.points(name, moment)[rows] for name in names}

    def together(self, names: Sequence[str], tests: bool = False) -> Iterator[dict[str, Floats]]:
        """Give by name what layers give (k, n, units) at the next k of the moments.

        For the data, or for the test part, of a network that runs.
        """
        if not self.replay.network.runs:
            for found in self.of_data(names):
                yield {name: array[None] for name, array in found.items()}
            return
        inputs = self.data.test_inputs if tests else self.data.inputs
        yield from Along(self.replay, names, inputs)(self.moments)

    def of_grid(self, names: Sequence[str]) -> Iterator[dict[str, Floats]]:
        """Give by name what layers give for the grid's points, or for data in their place."""
        if self.replay.network.runs:
            yield from self._along(names, self._grid)
        else:
            yield from self.of_data(names)

    def _along(self, names: Sequence[str], inputs: Floats) -> Iterator[dict[str, Floats]]:
        """Give at one of the moments after another what layers give for inputs."""
        if not names:
            yield from ({} for _ in self.moments)
            return
        for found in Along(self.replay, names, inputs)(self.moments):
            for i in range(len(found[names[0]])):
                yield {name: array[i] for name, array in found.items()}

    @cached_property
    def _grid(self) -> Floats:
        grid = self.replay.grid_points
        return np.asarray(grid[self._rows(len(grid))]) if self.replay.large else grid

    def _rows(self, n: int) -> NDArray[np.int64]:
        """Return which of `n` rows are looked at."""
        most = max(_LEAST, int(WORK / (self.replay.cost * len(self.moments))))
        return evenly(n, most)
