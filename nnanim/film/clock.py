"""Clock: film time and training time, of one film or of several side by side."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from nnanim.film.spans import Spans
from nnanim.film.survey import Survey
from nnanim.scene.timeline import ClockFace, Pace, Timeline
from nnanim.types import Floats

# Share of the clock that follows the motion; the rest runs evenly in epochs, so that a training
# that has come to rest still moves on.
_MOTION = 0.7
_MOMENTS = 200  # at which the motion is measured


class Clock:
    """What moment of the longest training is shown at a film time, and when a moment is shown.

    `spans` are those of each film that it serves. On the `face` "epochs" all show the same epoch,
    and one whose training ends sooner waits; on "share" all show the same share of theirs.
    """

    def __init__(
        self, timeline: Timeline, spans: Sequence[Spans], face: ClockFace = "epochs"
    ) -> None:
        self.timeline = timeline
        self.face = face
        self.longest = max(spans, key=lambda each: each.replay.epochs)
        self._surveys = tuple((each, Survey(each.replay, _MOMENTS)) for each in spans)

    def on(self, timeline: Timeline) -> "Clock":
        """Return the clock of the same films with another timeline."""
        return Clock(timeline, [spans for spans, _ in self._surveys], self.face)

    def moment(self, t: float) -> float:
        """Return the time at `t` seconds, in epochs of the longest training."""
        progress, moments = self._pace
        return float(np.interp(self.timeline.progress(t), progress, moments))

    def time_at(self, moment: float) -> float:
        """Return the film time in seconds at which `moment` of the longest training is shown."""
        progress, moments = self._pace
        return self.timeline.time_at(float(np.interp(moment, moments, progress)))

    def stretch(self, epochs: float) -> float:
        """Return how many epochs pass here in one of a training that has `epochs`."""
        return self.longest.replay.epochs / epochs if self.face == "share" and epochs else 1.0

    @cached_property
    def _pace(self) -> tuple[Floats, Floats]:
        """Film progress in [0, 1] and the moment there, both rising."""
        replay = self.longest.replay
        return pace_table(
            self.timeline.pace,
            replay.sampled_moments(_MOMENTS),
            replay.recording.header.steps_per_epoch,
            self._picture,
        )

    def _picture(self, moment: float) -> Floats:
        """Return what moves in the picture; of several films, each of equal weight."""
        if len(self._surveys) == 1:
            return _panel_image(*self._surveys[0], moment)
        parts = []
        for spans, survey in self._surveys:
            epochs = spans.replay.epochs
            image = _panel_image(spans, survey, min(moment / self.stretch(epochs), epochs))
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
