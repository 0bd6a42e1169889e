"""Boundary: where a network's decision changes at a moment, and whether that line closes."""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from nnanim import geometry
from nnanim.errors import SceneError
from nnanim.film.closure import closes
from nnanim.film.spans import PANEL_MARGIN, Spans
from nnanim.film.together import Member
from nnanim.network.decision import Decision
from nnanim.network.input_boundary import SIDE, input_boundary, onto_boundary, settled_on_boundary
from nnanim.types import Floats

_PARTS = 4  # of a chord of the boundary


@dataclass(frozen=True, eq=False)
class Boundary:
    """The decision boundary of a replayed network; without a `decision` there is none.

    That of a `member` of a group is looked for with those of the others.
    """

    spans: Spans
    decision: Decision | None
    member: Member | None = None

    def lines(self, moment: float, layer: str | None) -> list[Floats]:
        """Return it as lines (m, units) in `layer`, or (m, 2) over the input window.

        Empty without a decision, and for other than two inputs.
        """
        replay, decision = self.spans.replay, self.decision
        if decision is None or len(replay.window) != 2:
            return []
        lines = self._over_inputs(decision, moment)
        if layer is None:
            return lines
        known = replay.network, replay.state(moment), decision, self._box

        def image(points: Floats) -> Floats:
            # The middle of a chord is not on the boundary: it is moved there before it is pushed.
            return replay.outputs(layer, onto_boundary(*known, points), moment)

        return self.spans.refined(layer, lines, image)

    def _over_inputs(self, decision: Decision, moment: float) -> list[Floats]:
        box, side, replay = self._box, self.spans.cells(SIDE), self.spans.replay
        if self.member is not None:
            return self.member.boundary(box, side, moment)

        def make() -> list[Floats]:
            return input_boundary(replay.network, replay.state(moment), decision, box, side)

        return replay.remembered(("boundary", moment), make)

    def settled(self, moment: float) -> list[Floats]:
        """Return it over the input window (m, 2), in short steps and as exactly as inputs can be.

        So it is still one line where layers have drawn it out by a thousand.
        """
        replay, decision, lines = self.spans.replay, self.decision, self.lines(moment, None)
        if decision is None or not lines:
            return []

        def make() -> list[Floats]:
            fine = [_in_steps(line, _PARTS) for line in lines]
            known = replay.network, replay.state(moment), decision, self._box
            points = settled_on_boundary(*known, np.concatenate(fine))
            return np.split(points, np.cumsum([len(line) for line in fine[:-1]]))

        return replay.remembered(("settled boundary", moment), make)

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

    @cached_property
    def _box(self) -> Floats:
        return geometry.widen(self.spans.replay.window, PANEL_MARGIN)


def _in_steps(line: Floats, parts: int) -> Floats:
    """Return a line (m, 2) with each chord in so many parts."""
    at = np.linspace(0, len(line) - 1, (len(line) - 1) * parts + 1)
    return np.stack([np.interp(at, np.arange(len(line)), axis) for axis in line.T], axis=1)
