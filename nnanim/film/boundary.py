"""Boundary: where a network's decision changes at a moment, and whether that line closes."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from nnanim import geometry
from nnanim.errors import SceneError
from nnanim.film.closure import closes
from nnanim.film.spans import PANEL_MARGIN, Spans
from nnanim.network.decision import Decision
from nnanim.network.input_boundary import input_boundary, onto_boundary
from nnanim.types import Floats


@dataclass(frozen=True, eq=False)
class Boundary:
    """The decision boundary of a replayed network; without a `decision` there is none."""

    spans: Spans
    decision: Decision | None

    def lines(self, moment: float, layer: str | None) -> list[Floats]:
        """Return it as lines (m, units) in `layer`, or (m, 2) over the input window.

        Empty without a decision, and for other than two inputs.
        """
        replay, decision = self.spans.replay, self.decision
        if decision is None or len(replay.window) != 2:
            return []
        known = replay.network, replay.state(moment), decision, self._box
        lines = replay.remembered(("boundary", moment), lambda: input_boundary(*known))
        if layer is None:
            return lines

        def image(points: Floats) -> Floats:
            # The middle of a chord is not on the boundary: it is moved there before it is pushed.
            return replay.outputs(layer, onto_boundary(*known, points), moment)

        return self.spans.refined(layer, lines, image)

    def hyperplane(self, moment: float) -> tuple[Floats, float] | None:
        """Return (normal, offset) in the last hidden layer, where one flat boundary is there."""
        replay, decision = self.spans.replay, self.decision
        read_out = replay.network.read_out
        if decision is None or not decision.binary or read_out is None:
            return None
        return decision.hyperplane(read_out, replay.state(moment))

    def closed(self, moment: float) -> bool:
        """Return whether it closes inside the window, that of any class: see `closes`.

        Raises `SceneError` for other than classes over two inputs.
        """
        replay, decision = self.spans.replay, self.decision
        if decision is None or len(replay.window) != 2:
            raise SceneError(
                f"whether a boundary closes is asked of classes over two inputs; this scene has "
                f"{len(replay.window)} inputs and the task {replay.recording.header.task}"
            )
        box, classes = self._box, 1 if decision.binary else replay.network.outputs_width

        def lead(k: int, points: Floats) -> Floats:
            scores = replay.outputs(replay.network.scores, points, moment)
            if decision.binary:
                return decision.margin(scores)
            return np.asarray(scores[:, k] - np.delete(scores, k, axis=1).max(axis=1))

        def any_closes() -> bool:
            return any(closes(partial(lead, k), box) for k in range(classes))

        return replay.remembered(("closed boundary", moment), any_closes)

    @property
    def _box(self) -> Floats:
        return geometry.widen(self.spans.replay.window, PANEL_MARGIN)
