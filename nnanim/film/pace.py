"""Pace: how training time passes in a film, by how far the picture moves or evenly."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from nnanim.acts import Pace
from nnanim.film.spans import Spans
from nnanim.film.survey import Survey
from nnanim.types import Floats

# Share of the clock that follows the motion; the rest runs evenly in epochs, so that a training
# that has come to rest still moves on.
_MOTION = 0.7
_MOMENTS = 200  # at which the motion is measured


class Paces:
    """Every pace through the trainings of a film, in epochs of the longest.

    `spans` are those of each film in the picture, `stretch(epochs)` how many epochs of the longest
    pass in one of a training that has so many.
    """

    def __init__(self, spans: Sequence[Spans], stretch: Callable[[float], float]) -> None:
        self._replay = max(spans, key=lambda each: each.replay.epochs).replay
        self._surveys = tuple((each, Survey(each.replay, _MOMENTS)) for each in spans)
        self._stretch = stretch
        self._tables: dict[Pace, tuple[Floats, Floats]] = {}

    def moment(self, pace: Pace, start: float, stop: float, share: float) -> float:
        """Return the moment at which a `share` in [0, 1] of the way between two is over."""
        if not 0.0 < share < 1.0:
            return start if share <= 0.0 else stop
        progress, moments = self._table(pace)
        first, last = np.interp([start, stop], moments, progress)
        at = float(np.interp(first + share * (last - first), progress, moments))
        return min(max(at, start), stop)

    def way(self, pace: Pace, moments: Sequence[float]) -> float:
        """Return how far it is from one moment to the next, to the last; the whole run is 1."""
        progress, known = self._table(pace)
        return float(np.abs(np.diff(np.interp(moments, known, progress))).sum())

    def _table(self, pace: Pace) -> tuple[Floats, Floats]:
        """Return film progress in [0, 1] and the moment there, both rising."""
        if pace not in self._tables:
            moments = self._replay.sampled_moments(_MOMENTS)
            steps = self._replay.recording.header.steps_per_epoch
            self._tables[pace] = pace_table(pace, moments, steps, self._picture)
        return self._tables[pace]

    def _picture(self, moment: float) -> Floats:
        """Return what moves in the picture; of several films, each of equal weight."""
        if len(self._surveys) == 1:
            return _panel_image(*self._surveys[0], moment)
        parts = []
        for spans, survey in self._surveys:
            epochs = spans.replay.epochs
            image = _panel_image(spans, survey, min(moment / self._stretch(epochs), epochs))
            # What a training that diverges throws off its panel would count for all the others.
            seen = np.clip(np.nan_to_num(image), -1.0, 2.0)
            parts.append(seen / np.sqrt(len(seen)))
        return np.concatenate(parts)


def pace_table(
    pace: Pace, moments: Floats, steps_per_epoch: int, picture: Callable[[float], Floats]
) -> tuple[Floats, Floats]:
    """Return (progress, moments): how much of the film has passed at each moment, from 0 to 1.

    `moments` (n,) rise from 0 to the last epoch; `picture(moment)` gives the numbers whose change
    is the motion, in units of their panel. "motion" equalises the rms of that change.
    """
    end = float(moments[-1])
    if end == 0.0:
        return np.array([0.0, 1.0]), np.array([0.0, 0.0])
    evenly = moments / end
    if pace == "log":
        progress = np.log1p(moments * steps_per_epoch) / np.log1p(end * steps_per_epoch)
    elif pace == "motion":
        progress = (1 - _MOTION) * evenly + _MOTION * _motion(moments, picture, evenly)
    else:  # steps are epochs times a constant, so both run evenly
        progress = evenly
    return progress, moments


def _motion(moments: Floats, picture: Callable[[float], Floats], still: Floats) -> Floats:
    """Return the distance (n,) that the picture has moved, as a share of the whole way."""
    way = [0.0]
    before = picture(float(moments[0]))
    for earlier, moment in pairwise(moments.tolist()):
        after = picture(moment)
        if moment == np.nextafter(earlier, np.inf):  # the film cuts to another state
            before = after
        with np.errstate(over="ignore", invalid="ignore"):  # of a training that diverges
            moved = float(np.sqrt(np.mean((after - before) ** 2)))
        way.append(way[-1] + (moved if np.isfinite(moved) else 0.0))
        before = after
    return np.array(way) / way[-1] if way[-1] > 0 else still


def _panel_image(spans: Spans, survey: Survey, moment: float) -> Floats:
    """Return what moves in one film, in units of its panel: the images of the grid."""
    replay = spans.replay
    names = [replay.layer] if replay.layer else []
    images = [(survey.image(name, moment), spans.limits(name)) for name in names]
    if replay.recording.header.task == "regression":
        span = np.ptp(replay.data.targets, axis=0) + 1e-12
        images.append((survey.image("", moment), np.stack([0 * span, span], axis=1)))
    if not images:
        images.append((survey.image("", moment), np.array([[0.0, 1.0]])))
    return np.concatenate([(h / (box[:, 1] - box[:, 0])).ravel() for h, box in images])
