"""Phase: the share of trainings that succeed, or in which an event happens, over two settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import UsageError, unknown
from nnanim.sweeps.variants import told
from nnanim.tables import Row

_Z = 1.96  # of a normal distribution, for 95 in a hundred


@dataclass(frozen=True, eq=False)
class Phase:
    """How many trainings succeed, by the values `xs` of the setting `x` and `ys` of `y`.

    `counts` and `successes` are (ys, xs). Trainings that fail to run count for nothing. With an
    `event`, those are successes in which it happens.
    """

    x: str
    y: str
    xs: tuple[Any, ...]
    ys: tuple[Any, ...]
    counts: NDArray[np.int64]
    successes: NDArray[np.int64]
    success: float
    score_name: str
    event: str | None = None

    @property
    def share(self) -> NDArray[np.float64]:
        """The share (ys, xs) that succeeds, NaN where nothing was trained."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.successes / np.where(self.counts, self.counts, np.nan))

    @property
    def interval(self) -> NDArray[np.float64]:
        """The ends (2, ys, xs) between which the true share lies with 95 % (Wilson 1927)."""
        n, share = np.where(self.counts, self.counts, np.nan), self.share
        center = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
        return np.stack([center - half, center + half])

    @property
    def each(self) -> tuple[int, int]:
        """The fewest and the most trainings of a cell that has some."""
        found = self.counts[self.counts > 0]
        return (int(found.min()), int(found.max())) if found.size else (0, 0)

    @property
    def widest(self) -> float:
        """How far a cell's true share may at most be from what is shown, with 95 %."""
        low, high = self.interval
        if not np.isfinite(low).any():
            return 0.0
        return float(np.nanmax(np.maximum(high - self.share, self.share - low)))


def check_axes(varied: Mapping[str, Sequence[Any]], x: str | None, y: str | None) -> None:
    """Raise `UsageError` for axes that are none of the varied settings; None is any of them."""
    for name in (x, y):
        if name is not None and name not in varied:
            raise UsageError(unknown("varied setting", name, varied))
    if x is not None and x == y:
        raise UsageError(f"x and y are both {x}: expected two settings, as x={x!r} and another")


def phase_of(
    rows: Sequence[Row],
    varied: Mapping[str, Sequence[Any]],
    x: str,
    y: str,
    success: float,
    event: str | None = None,
) -> Phase:
    """Return the phase of a table over two of its varied settings, all others taken together.

    Of successes, or of an `event` that is a column of it.
    """
    check_axes(varied, x, y)
    xs, ys = (tuple(map(told, varied[name])) for name in (x, y))
    counts = np.zeros((len(ys), len(xs)), np.int64)
    successes = np.zeros_like(counts)
    for row in rows:
        if row["error"] is None:
            cell = ys.index(row[y]), xs.index(row[x])
            counts[cell] += 1
            successes[cell] += bool(row["success"]) if event is None else row[event] is not None
    name = next((row["score_name"] for row in rows if row["score_name"]), "score")
    return Phase(x, y, xs, ys, counts, successes, success, name, event)
