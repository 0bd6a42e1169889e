"""Scored: what a film tells of how well its network does: scores, classes, boundary, loss."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim import geometry
from nnanim.dataset import Arrays, Task
from nnanim.film.boundary import Boundary
from nnanim.film.figures import Figures, History
from nnanim.film.replay import Replay
from nnanim.film.sliced import away_from, places_of
from nnanim.film.spans import Spans
from nnanim.film.together import Member
from nnanim.network.decision import Decision
from nnanim.network.network import Network
from nnanim.network.outputs import outputs_named
from nnanim.network.predictions import Read, reading_of
from nnanim.network.score import decision_for
from nnanim.recording.header import Header
from nnanim.recording.recording import Recording
from nnanim.types import Floats
from nnanim.words import Words


class Scored:
    """Tells of a replay, in spans, what a header says its outputs mean."""

    recording: Recording
    header: Header
    words: Words
    task: Task
    data: Arrays
    network: Network
    window: Floats

    @property
    @abstractmethod
    def replay(self) -> Replay:
        """What gives any layer's outputs at a moment."""

    @property
    @abstractmethod
    def beside(self) -> "Sequence[Scored]":
        """The films of the picture that this one is in, itself among them."""

    @property
    @abstractmethod
    def _spans(self) -> Spans:
        """The spans of its layers."""

    @property
    @abstractmethod
    def _member(self) -> Member | None:
        """Its place among those that are asked together; None where it is asked alone."""

    @abstractmethod
    def limits(self, layer: str, units: Sequence[int] | None = None) -> Floats:
        """Return (low, high) for each of the `units` of `layer`, the same over the whole film."""

    @abstractmethod
    def layer_name(self, layer: str) -> str:
        """Return what a sentence calls a layer."""

    @property
    def inputs(self) -> Sequence[str]:
        """The names of all inputs, also of those that a plane does not show."""
        header = self.recording.header
        count = self.data.inputs[0].size
        return [*header.axis_names, *map(str, range(len(header.axis_names), count))][:count]

    @abstractmethod
    def outputs(self, layer: str, inputs: Floats, moment: float) -> Floats:
        """Return the outputs (n, units) of `layer` for any `inputs` (n, inputs)."""

    @cached_property
    def decision(self) -> Decision | None:
        """How the network's scores become classes; None for regression."""
        targets = self.data.targets
        named = self.header.outputs or outputs_named(self.network, self.header.loss, targets)
        return decision_for(self.task, self.network, named, targets)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The class (n,) that each training sample is of; zeros where there are no classes."""
        if self.decision is None:
            return np.zeros(len(self.data.targets), np.int64)
        return self.decision.labels(self.data.targets)

    @cached_property
    def colors(self) -> NDArray[Any] | None:
        """What colours each training sample (n,), one of `color_names` or a number.

        That is the label it was given, else its class, or in a regression of one output its
        target; None where it has none of these.
        """
        if self.data.labels is not None:
            return self.data.labels
        if self.task == "regression" and self.data.targets.shape[1:] == (1,):
            return self.data.targets[:, 0]
        return None if self.decision is None else self.labels

    @property
    def color_names(self) -> Sequence[str]:
        """The names of what colours the samples; where numbers do, that of the target."""
        if self.data.labels is not None:
            return self.header.label_names
        if self.task == "regression":
            return self.header.axis_names[len(self.window) :]
        return self.header.class_names

    def losses(self, moment: float) -> Floats:
        """Return each training sample's cross-entropy (n,), or its squared error in a regression.

        Raises `SceneError` where nothing is predicted.
        """
        if self.decision is None:
            return np.asarray((self.errors(moment) ** 2).mean(axis=1))
        return np.asarray(-np.log(np.maximum(self.own_probability(moment), 1e-30)))

    def errors(self, moment: float) -> Floats:
        """Return what a regression predicts of each training sample (n, outputs) beyond targets."""
        given = self._read(self.replay.points("", moment))
        return np.asarray(given - self.data.targets, np.float64)

    def own_probability(self, moment: float) -> Floats:
        """Return how probable (n,) each training sample's own class is to the network."""
        assert self.decision is not None
        scores = self.replay.points(self.network.scores, moment)
        probability = self.decision.probability(scores).astype(np.float64)
        if self.decision.binary:
            return np.where(self.labels == 1, probability, 1 - probability)
        return np.asarray(probability[np.arange(len(self.labels)), self.labels])

    @cached_property
    def places(self) -> Floats:
        """Where the training data stand in what is shown of their inputs, (n, window)."""
        return places_of(self.replay)

    @cached_property
    def away(self) -> Floats | None:
        """How far (n,) the training data are from the plane shown, of the furthest, in [0, 1].

        None where all inputs are shown.
        """
        return away_from(self.replay)

    def sampled_moments(self, count: int) -> Floats:
        """Return moments (about `count`,) over the run, evenly spaced and denser at its start."""
        return self.replay.sampled_moments(count)

    @property
    def fineness(self) -> float:
        """The share of the usual cells along a side that its picture has: 1, but for small ones."""
        return self._spans.fineness

    def cells(self, usual: int) -> int:
        """Return how many cells along a side a picture has that has the `usual` where it is large.

        In small multiples it has fewer.
        """
        return self._spans.cells(usual)

    def predictions(self, inputs: Floats, moment: float) -> Floats:
        """Return what a regression predicts (n, outputs) for any `inputs`, in its targets' unit.

        Where the loss takes logits, outputs are read as the probabilities that targets are.
        """
        return self._read(self.outputs("", inputs, moment))

    def scores(self, inputs: Floats, moment: float) -> Floats:
        """Return the read-out's scores (n, outputs) for any `inputs` (n, inputs)."""
        return self.outputs(self.network.scores, inputs, moment)

    def cell_scores(self, box: Floats, side: int, moment: float) -> Floats:
        """Return the read-out's scores (side², outputs) at the middles of `side` cells of a box.

        Small tiles, which are asked for the same, are asked together.
        """
        if self._member is not None:
            return self._member.scores(box, side, moment)
        return self.scores(geometry.cell_middles(box, side), moment)

    def hyperplane(self, moment: float) -> tuple[Floats, float] | None:
        """Return (normal, offset) of the boundary in the last hidden layer, where there is one."""
        return self._boundary.hyperplane(moment)

    def boundary(self, moment: float, layer: str | None = None) -> list[Floats]:
        """Return the decision boundary as lines (m, units) in `layer`, or (m, 2) in input space.

        It is the contour of the score over the input window, pushed through the network up to
        `layer`: exact for any layer and width. Empty for regression and for other than two inputs.
        """
        return self._boundary.lines(moment, layer)

    def settled_boundary(self, moment: float) -> list[Floats]:
        """Return the boundary over the input window as lines (m, 2), as exact as inputs can be."""
        return self._boundary.settled(moment)

    def closed_boundary(self, moment: float) -> bool:
        """Return whether the boundary of any class closes inside the window: see `closes`.

        Raises `SceneError` for other than classes over two inputs.
        """
        return self._boundary.closed(moment)

    def loss(self, moment: float) -> float:
        """Return the loss over all training data; of a loss without a name, the batch's."""
        return self._figures.loss(moment)

    @property
    def score_name(self) -> str:
        """What `score` is; "" where nothing is predicted."""
        if self.task == "none":
            return ""
        return "R²" if self.decision is None else "accuracy"

    def score(self, moment: float) -> float:
        """Return accuracy, or R² for regression, on the test part where there is one."""
        return self._figures.score(moment)

    @property
    def history(self) -> History:
        """Loss and score over the whole run."""
        return self._figures.history

    @property
    def test_losses(self) -> Floats | None:
        """The loss (n,) over the test part at the moments of `history`; None where there is none.

        So it is without a test part, and of a loss that is none of ours.
        """
        return self._figures.test_losses

    @cached_property
    def _boundary(self) -> Boundary:
        return Boundary(self._spans, self.decision, self._member)

    @cached_property
    def _figures(self) -> Figures:
        return Figures(self.replay, self.decision, self._read)

    @cached_property
    def _read(self) -> Read:
        return reading_of(self.task, self.header.outputs, self.data.targets, self.header.loss)
