"""Survey: a look over a whole run before its film begins, for what stands still in the picture."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, evenly, of_rows
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

    def points(self, layer: str, moment: float) -> Floats:
        """Return the data (n, units) as `layer` sees them."""
        replay = self.replay
        if not replay.large:
            return replay.points(layer, moment)
        if not replay.network.runs:
            return replay.points(layer, moment)[self._rows(len(replay.data.inputs))]
        return replay.known(f"data of {self.count}", self.data.inputs, layer, moment)

    def image(self, layer: str, moment: float) -> Floats:
        """Return the grid's points (m, units) as `layer` sees them, or data in their place."""
        replay = self.replay
        if not replay.large:
            return replay.image(layer, moment)
        if not replay.network.runs:
            return self.points(layer, moment)
        return replay.known(f"grid of {self.count}", self._grid, layer, moment)

    @cached_property
    def _grid(self) -> Floats:
        grid = self.replay.grid_points
        return np.asarray(grid[self._rows(len(grid))])

    def _rows(self, n: int) -> NDArray[np.int64]:
        """Return which of `n` rows are looked at."""
        most = max(_LEAST, int(WORK / (self.replay.cost * len(self.moments))))
        return evenly(n, most)
