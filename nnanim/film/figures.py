"""Figures: how well the network does, at a moment and over the whole run."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnanim.film.replay import Replay
from nnanim.film.survey import Survey
from nnanim.network.decision import Decision
from nnanim.network.losses import LOSSES
from nnanim.network.score import Scorer, loss_value
from nnanim.network.torch_state import one_thread
from nnanim.threads import in_order
from nnanim.types import Floats

_LOOKERS = 4  # threads that look over a run before its film begins


@dataclass(frozen=True, eq=False)
class History:
    """Loss and score (n,) at `moments` (n,) over a whole run."""

    moments: Floats
    loss: Floats
    score: Floats


@dataclass(frozen=True, eq=False)
class Figures:
    """Loss and score of a replayed network whose scores become classes by `decision`."""

    replay: Replay
    decision: Decision | None

    def loss(self, moment: float) -> float:
        """Return the loss over all training data; of a loss without a name, the batch's."""
        return self._loss(self.replay, moment)

    def score(self, moment: float) -> float:
        """Return accuracy, or R² for regression, on the test part where there is one."""
        return self._score(self.replay, self._scorer, moment)

    @cached_property
    def history(self) -> History:
        """Loss and score over the whole run."""
        survey = Survey(self.replay, 240)
        moments, scorer = survey.moments, Scorer(self.replay.network, self.decision, survey.data)

        def look(moment: float) -> tuple[float, float]:
            # Of one pass, while that is remembered.
            return self._loss(survey, moment), self._score(survey, scorer, moment)

        found = np.array(list(in_order(look, moments.tolist(), _LOOKERS)))
        return History(moments, found[:, 0], found[:, 1])

    @cached_property
    def test_losses(self) -> Floats | None:
        """The loss (n,) over the test part at each moment of `history`.

        None where there is no such part, or where the loss has no name.
        """
        survey, header = Survey(self.replay, 240), self.replay.recording.header
        tests = survey.data.test_inputs
        if not len(tests) or header.loss not in LOSSES or not self.replay.network.runs:
            return None

        def look(moment: float) -> float:
            outputs = self.replay.outputs("", tests, moment)
            with one_thread():
                return loss_value(header.loss, outputs, survey.data.test_targets)

        return np.array(list(in_order(look, survey.moments.tolist(), _LOOKERS)))

    def _loss(self, seen: Replay | Survey, moment: float) -> float:
        recording = self.replay.recording
        name = recording.header.loss
        if name not in LOSSES or recording.header.task == "none":
            return float(np.interp(moment, recording.epochs, recording.loss))
        with one_thread():
            return loss_value(name, seen.points("", moment), seen.data.targets)

    def _score(self, seen: Replay | Survey, scorer: Scorer, moment: float) -> float:
        if len(seen.data.test_inputs):
            return scorer.at(self.replay.state(moment))
        return scorer.of(seen.points(scorer.layer, moment))

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.replay.network, self.decision, self.replay.data)
