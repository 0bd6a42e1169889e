"""Spans: how far the units of a layer reach over a whole run, so that a film's limits stand still.

Each is a function of the whole recording, never of a frame.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from nnanim import geometry
from nnanim.errors import SceneError
from nnanim.film.replay import Replay
from nnanim.film.survey import Survey
from nnanim.network.activations import ACTIVATIONS
from nnanim.types import Floats

_LEAST = 1e-3  # share of what units give: half a span that shows no rounding errors
_ROWS = 4000  # of the data that are looked at
_FEWEST = 24  # cells along a side, however small the picture is
_NOTHING = 1e-6  # units that come no further from 0 are dead
PANEL_MARGIN = 0.06  # share of the input window that a panel shows beyond it, at each end


@dataclass(frozen=True, eq=False)
class Spans:
    """The spans of one film's layers; with those `among` whom it is shown, limits hold them all.

    They are those of the run that `replay` shows, or of the one `of` which it shows the means.
    `fineness` is the share of the usual cells along a side that its picture needs: 1, but for small
    ones.
    """

    replay: Replay
    among: Sequence[Replay] = ()
    of: Replay | None = None
    fineness: float = 1.0
    _limits: dict[Hashable, Floats] = field(default_factory=dict, init=False, repr=False)

    def bounds(self, layer: str) -> tuple[float, float] | None:
        """Return what the outputs of `layer` can never leave, where its activation bounds them."""
        return _bounds(self._run, layer)

    def limits(self, layer: str, units: Sequence[int] | None = None) -> Floats:
        """Return (low, high) for each of the `units` of `layer`, left out all, with some room.

        By the activation where it is bounded, else from a high percentile over the whole run,
        one span for all of them so that nothing is stretched. Among others, over all films that
        have such a unit: the layer looked at is compared with theirs, any other by its name.
        """
        known = layer, None if units is None else tuple(units)
        if known not in self._limits:
            self._limits[known] = self._held(layer, units)
        return self._limits[known].copy()

    def _held(self, layer: str, units: Sequence[int] | None) -> Floats:
        asked = range(self._run.network.layer(layer).units) if units is None else units
        held = _limits(self._run, layer, asked)
        for other in self.among:
            name = other.layer if layer == self._run.layer else layer
            count = _units(other, name)
            both = [i for i, unit in enumerate(asked) if unit < count]
            if both:
                theirs = _limits(other, name, [asked[i] for i in both])
                held[both, 0] = np.minimum(held[both, 0], theirs[:, 0])
                held[both, 1] = np.maximum(held[both, 1], theirs[:, 1])
        return held

    def span(self, layer: str) -> tuple[float, float]:
        """Return (low, high) of what the units of `layer` give.

        By the activation where it is bounded, else from high percentiles over the whole run.
        """
        bounds = self.bounds(layer)
        run = self._run
        return bounds or run.once((_reached, layer), lambda: _reached(run, layer))

    def refined(self, layer: str, lines: Sequence[Floats], image: geometry.Curve) -> list[Floats]:
        """Return the images of `lines` in `layer`, with points added where one would see a bend.

        That is where a chord is further from the curve than 1/8000 of the layer's limits, or what
        that is in a small picture.
        """
        if not lines:
            return []
        box = self.limits(layer)
        finest = 8000 * self.fineness
        return geometry.refine(image, lines, float((box[:, 1] - box[:, 0]).max()) / finest)

    def cells(self, usual: int) -> int:
        """Return how many cells along a side a picture needs where a large one has the `usual`."""
        return max(min(usual, _FEWEST), round(usual * self.fineness))

    @property
    def _run(self) -> Replay:
        return self.replay if self.of is None else self.of


def _units(replay: Replay, layer: str) -> int:
    """Return how many units a layer has, none where there is no such layer."""
    try:
        return replay.network.layer(layer).units
    except SceneError:
        return 0


def _bounds(replay: Replay, layer: str) -> tuple[float, float] | None:
    known = ACTIVATIONS.get(replay.network.layer(layer).kind)
    return (known.low, known.high) if known is not None and known.bounded else None


def _limits(replay: Replay, layer: str, units: Sequence[int]) -> Floats:
    """Return the limits (units, 2) of one film alone."""
    bounds = _bounds(replay, layer)
    if bounds is not None:
        return geometry.widen(np.tile(bounds, (len(units), 1)), 0.09)
    reached = replay.once((_percentiles, layer), lambda: _percentiles(replay, layer))
    if reached is None:
        return np.tile([-1.0, 1.0], (len(units), 1))
    low, high = reached[:, list(units)]
    half, size = float((high - low).max()) / 2, float(np.abs([low, high]).max())
    middle, half = (low + high) / 2, 1.0 if size < _NOTHING else max(half, _LEAST * size)
    return geometry.widen(np.stack([middle - half, middle + half], axis=1), 0.06)


def _percentiles(replay: Replay, layer: str) -> Floats | None:
    """Return low and high percentiles (2, units) over the run; None where nothing is finite."""
    survey = Survey(replay, 32)
    each = chain(survey.of_data([layer], _ROWS), survey.of_grid([layer]))
    values = np.concatenate([found[layer] for found in each])
    # What a training that diverges throws beyond all numbers is beyond the panel too.
    finite = np.isfinite(values).all(axis=1)
    values = values if finite.all() else values[finite]
    return _of_columns(values, [0.5, 99.5]) if len(values) else None


def _of_columns(values: Floats, percents: Sequence[float]) -> Floats:
    """Return percentiles (percents, units) of values (n, units), as `np.percentile` gives them.

    That takes twice as long, as it makes 64 bits of them first, and has them lie otherwise.
    """
    columns = np.ascontiguousarray(values.T)
    last = columns.shape[1] - 1
    at = last * np.true_divide(percents, 100)
    before = at.astype(np.int64)
    after = np.minimum(before + 1, last)
    columns.partition(np.unique([before, after]), axis=1)
    low, high = (columns[:, rows].T.astype(np.float64) for rows in (before, after))
    share, span = (at - before)[:, None], high - low
    return np.asarray(np.where(share < 0.5, low + span * share, high - span * (1 - share)))


def _reached(replay: Replay, layer: str) -> tuple[float, float]:
    """Return (low, high) of what units without bounds give."""
    survey = Survey(replay, 32)
    values = np.concatenate([found[layer] for found in survey.of_grid([layer])])
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, [0.5, 99.5]) if len(finite) else (0.0, 1.0)
    least = max(_NOTHING, _LEAST * max(abs(float(low)), abs(float(high))))
    return float(low), float(max(high, low + least))
