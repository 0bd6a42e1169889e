"""Figures: how well the network does, at a moment and over the whole run."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnanim.film.along import Along, runs_singly
from nnanim.film.replay import Replay
from nnanim.film.survey import Survey
from nnanim.network.decision import Decision
from nnanim.network.losses import LOSSES
from nnanim.network.predictions import Read
from nnanim.network.score import Scorer, loss_value, loss_values
from nnanim.recording.header import Header
from nnanim.types import Floats


@dataclass(frozen=True, eq=False)
class History:
    """Loss and score (n,) at `moments` (n,) over a whole run."""

    moments: Floats
    loss: Floats
    score: Floats


def known_loss(header: Header) -> str:
    """Return ours that a training's loss is, by its name or as a function; "" where none is."""
    return header.loss if header.loss in LOSSES else header.test_loss


def told_losses(replay: Replay, moments: Floats) -> NDArray[np.float64] | None:
    """Return the loss (n,) over the test part at moments (n,) as a function told it, if one did.

    Where a segment ends on a state that was kept, it is of that one from there on.
    """
    told, epochs = replay.recording.test_loss, replay.recording.epochs
    if told is None or np.isnan(told).all():
        return None
    known = ~np.isnan(told)
    own = np.interp(epochs, epochs[known], told[known])
    before = np.nextafter(replay.cuts, 0.0)
    places = np.concatenate([epochs, before])
    losses = np.concatenate([own[replay.onward], np.interp(before, epochs, own)])
    order = np.argsort(places)
    return np.asarray(np.interp(moments, places[order], losses[order]), np.float64)


@dataclass(frozen=True, eq=False)
class Figures:
    """Loss and score of a replayed network.

    Its scores become classes by `decision`, or its outputs predictions by `read`.
    """

    replay: Replay
    decision: Decision | None
    read: Read

    def loss(self, moment: float) -> float:
        """Return the loss over all training data; of a loss without a name, the batch's."""
        recording = self.replay.recording
        if not self._named:
            return float(np.interp(moment, recording.epochs, recording.loss))
        outputs, targets = self.replay.points("", moment), self.replay.data.targets
        return loss_value(recording.header.loss, outputs, targets)

    def score(self, moment: float) -> float:
        """Return accuracy, or R² for regression, on the test part where there is one."""
        if len(self.replay.data.test_inputs):
            return self._scorer.at(self.replay.state(moment))
        return self._scorer.of(self.replay.points(self._scorer.layer, moment))

    def scores(self, moments: Floats) -> Iterator[float]:
        """Give the score at one of `moments` (n,) after another, to the bit what `score` gives."""
        if runs_singly(self.replay):
            yield from map(self.score, moments.tolist())
            return
        scorer = self._scorer
        for found in Along(self.replay, [scorer.layer], scorer.inputs)(moments):
            yield from scorer.each(found[scorer.layer]).tolist()

    @property
    def history(self) -> History:
        """Loss and score over the whole run."""
        return self.replay.once("history", self._looked_over)

    def _looked_over(self) -> History:
        survey = Survey(self.replay, 240)
        data = survey.data
        scorer = Scorer(self.replay.network, self.decision, data, self.read)
        recording, layer, tests = self.replay.recording, scorer.layer, len(data.test_inputs) > 0
        losses: list[Floats] = []
        scores: list[Floats] = []
        if self._named:  # in one pass with the score, where that is of the same data
            for found in survey.together([""] if tests or not layer else ["", layer]):
                losses.append(loss_values(recording.header.loss, found[""], data.targets))
                scores += [] if tests else [scorer.each(found[layer])]
        if not scores:
            scores = [scorer.each(each[layer]) for each in survey.together([layer], tests)]
        if not losses:
            losses = [np.interp(survey.moments, recording.epochs, recording.loss)]
        return History(survey.moments, np.concatenate(losses), np.concatenate(scores))

    @property
    def test_losses(self) -> Floats | None:
        """The loss (n,) over the test part at each moment of `history`.

        None where there is no such part, or where neither a loss of ours nor a function of the
        scene's or the loop's own tells it.
        """
        return self.replay.once("losses of the test part", self._test_losses)

    def _test_losses(self) -> Floats | None:
        survey, header = Survey(self.replay, 240), self.replay.recording.header
        name = known_loss(header)
        told, targets = told_losses(self.replay, survey.moments), survey.data.test_targets
        if told is not None:
            return told
        if not len(targets) or name not in LOSSES or not self.replay.network.runs:
            return None
        every = survey.together([""], tests=True)
        return np.concatenate([loss_values(name, found[""], targets) for found in every])

    @property
    def _named(self) -> bool:
        header = self.replay.recording.header
        return header.loss in LOSSES and header.task != "none"

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.replay.network, self.decision, self.replay.data, self.read)
