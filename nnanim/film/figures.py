"""Figures: how well the network does, at a moment and over the whole run."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import tee
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.film.replay import Replay
from nnanim.film.survey import Survey
from nnanim.network.decision import Decision
from nnanim.network.losses import LOSSES
from nnanim.network.score import Scorer, loss_value
from nnanim.types import Floats


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
        seen = {"": self.replay.points("", moment)} if self._named else {}
        return self._loss(moment, seen, self.replay.data.targets)

    def score(self, moment: float) -> float:
        """Return accuracy, or R² for regression, on the test part where there is one."""
        if len(self.replay.data.test_inputs):
            return self._scorer.at(self.replay.state(moment))
        return self._scorer.of(self.replay.points(self._scorer.layer, moment))

    @cached_property
    def history(self) -> History:
        """Loss and score over the whole run."""
        survey = Survey(self.replay, 240)
        data, scorer = survey.data, Scorer(self.replay.network, self.decision, survey.data)
        shown = [""] if self._named else []
        if len(data.test_inputs):
            seen, held = survey.of_data(shown), survey.of_tests([scorer.layer])
        else:
            seen, held = tee(survey.of_data(list(dict.fromkeys([*shown, scorer.layer]))))
        loss, score = [], []
        for moment, here, there in zip(survey.moments.tolist(), seen, held, strict=True):
            loss.append(self._loss(moment, here, data.targets))
            score.append(scorer.of(there[scorer.layer]))
        return History(survey.moments, np.array(loss), np.array(score))

    @cached_property
    def test_losses(self) -> Floats | None:
        """The loss (n,) over the test part at each moment of `history`.

        None where there is no such part, or where no loss of ours is the one that was trained by.
        """
        survey, header = Survey(self.replay, 240), self.replay.recording.header
        name = header.loss if header.loss in LOSSES else header.test_loss
        targets = survey.data.test_targets
        if not len(targets) or name not in LOSSES or not self.replay.network.runs:
            return None
        return np.array([loss_value(name, found[""], targets) for found in survey.of_tests([""])])

    @property
    def _named(self) -> bool:
        header = self.replay.recording.header
        return header.loss in LOSSES and header.task != "none"

    def _loss(self, moment: float, seen: Mapping[str, Floats], targets: NDArray[Any]) -> float:
        """Return the loss at a moment, where the network gives the outputs seen[""]."""
        recording = self.replay.recording
        if not self._named:
            return float(np.interp(moment, recording.epochs, recording.loss))
        return loss_value(recording.header.loss, seen[""], targets)

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.replay.network, self.decision, self.replay.data)
