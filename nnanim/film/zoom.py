"""Zoom: how large a sheet is drawn on its way through the layers, so that all of it is seen."""

from collections.abc import Sequence

import numpy as np

from nnanim.film.passage import Passage, Seen
from nnanim.film.replay import Replay
from nnanim.film.stages import INPUT
from nnanim.geometry import eased
from nnanim.types import Floats

WIDE = 1.9  # times as wide as high: the room in which a sheet is drawn
_SHAPE = np.array([WIDE, 1.0])
_LOOKS = 12  # at each stage, for how far the sheet reaches
_ROWS = 1500  # of the data, and of the grid
_ROOM = 1.06
_LEAST = 1e-6
_SOFT = 4.0  # looks over which the zoom changes, standard deviation
_SEEN = 99.7  # per cent of what a layer gives is inside
_MOMENTS = 24


class Zoom:
    """By which factor a picture is drawn at each depth of a passage: the sheet fills its room.

    It changes softly, over a part of a stage, and ends at that of the film's last layer.
    """

    def __init__(self, passage: Passage, seen: Sequence[Seen], end: float) -> None:
        stages = passage.stages
        ends = [np.linspace(i, i + 1, _LOOKS * len(own) + 1) for i, own in enumerate(stages)]
        self._depths = np.unique(np.concatenate(ends))
        reach = np.log([max(_reach(passage, seen, depth), _LEAST) for depth in self._depths])
        soft = _softened(np.maximum(reach, _softened(reach)))
        # The input fills the room, and so does what the last layer gives, as it stands elsewhere.
        begun = 1 - eased(np.clip(self._depths * len(stages[0]), 0.0, 1.0))
        over = eased(np.clip(self._depths - (len(stages) - 1), 0.0, 1.0))
        soft += (reach[0] - soft[0]) * begun + (-np.log(end * _ROOM) - soft[-1]) * over
        self._logs = np.maximum(soft, reach)
        self._logs[-1] = soft[-1]

    def at(self, depth: float) -> float:
        """Return the factor at a depth."""
        return float(np.exp(-np.interp(depth, self._depths, self._logs)) / _ROOM)


def _reach(passage: Passage, seen: Sequence[Seen], depth: float) -> float:
    """Return how far sheets reach from the middle at a depth, as a share of the room."""
    reached = [np.abs(passage.pictured(depth, each) / _SHAPE).max(initial=0.0) for each in seen]
    return float(max(reached, default=0.0))


def standing_zoom(replay: Replay, passage: Passage) -> float:
    """Return the factor for the last layer, the same at all moments of a film."""
    last = len(passage.stages) - 1
    name = passage.stages[last][-1].after

    def make() -> float:
        basis = passage.standing(last)
        rows = _rows(len(replay.data.inputs))
        moments = replay.sampled_moments(_MOMENTS)
        seen = [_flat(replay.points(name, m)[rows], basis) for m in moments]
        seen += [_flat(replay.image(name, m), basis) for m in moments]
        reach = max(float(np.percentile(np.abs(each), _SEEN)) for each in seen)
        return 1 / (_ROOM * max(reach, _LEAST))

    return replay.once(("standing zoom", name), make)


def _flat(points: Floats, basis: Floats) -> Floats:
    return np.asarray(points @ basis[: points.shape[1]] / _SHAPE)


def _rows(count: int) -> Floats:
    return np.unique(np.linspace(0, count - 1, _ROWS).astype(int))


def thinned(sheet: Seen) -> Seen:
    """Return some of a sheet, which reaches about as far."""
    rows = _rows(len(sheet[INPUT]))
    return {name: given[rows] for name, given in sheet.items()}


def _softened(values: Floats) -> Floats:
    """Return values (n,) as means of those about them."""
    width = int(3 * _SOFT)
    weights = np.exp(-0.5 * (np.arange(-width, width + 1) / _SOFT) ** 2)
    padded = np.pad(values, width, mode="edge")
    return np.convolve(padded, weights / weights.sum(), mode="valid")
