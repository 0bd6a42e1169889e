"""Figures: how well the network does, at a moment and over the whole run."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnanim.film.replay import Replay
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
        replay = self.replay
        name = replay.recording.header.loss
        if name not in LOSSES or replay.recording.header.task == "none":
            return float(np.interp(moment, replay.recording.epochs, replay.recording.loss))
        with one_thread():
            return loss_value(name, replay.points("", moment), replay.data.targets)

    def score(self, moment: float) -> float:
        """Return accuracy, or R² for regression, on the test part where there is one."""
        if len(self.replay.data.test_inputs):
            return self._scorer.at(self.replay.state(moment))
        return self._scorer.of(self.replay.points(self._scorer.layer, moment))

    @cached_property
    def history(self) -> History:
        """Loss and score over the whole run."""
        moments = self.replay.sampled_moments(240)

        def look(moment: float) -> tuple[float, float]:
            return self.loss(moment), self.score(moment)  # of one pass, while that is remembered

        found = np.array(list(in_order(look, moments.tolist(), _LOOKERS)))
        return History(moments, found[:, 0], found[:, 1])

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.replay.network, self.decision, self.replay.data)
