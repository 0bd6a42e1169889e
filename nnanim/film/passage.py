"""Passage: space on its way through the layers of a network, at one moment of the training."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nnanim.camera import Camera
from nnanim.film.basis import principal, principal_of
from nnanim.film.polar import PolarPath, basis_between, best_swap, mirrors
from nnanim.film.replay import Replay
from nnanim.film.stages import INPUT, Stage, Stages, affine_of, place
from nnanim.types import Floats

Mirror = Literal["swap", "turn", "fold"]
MIRRORS: tuple[str, ...] = get_args(Mirror)

Order = NDArray[np.int64]  # in which the units of a layer are drawn
Seen = Mapping[str | None, Floats]  # what each module gives for some inputs, and the inputs

_TURN, _TILT = -70.0, 50.0  # degrees: how three units are looked at, turned and from above
_TILTS = (_TILT, -_TILT)
_LIFT = np.radians(35.0)  # the tilt while a plane is turned over in space
_ROWS = 1000  # of the data, by which a wide layer is turned like the one before


@dataclass(frozen=True, eq=False)
class Step:
    """A stage at a moment: units in the `order` (before, after) in which they are drawn."""

    order: tuple[Order, Order]
    path: PolarPath | None = None
    swapped: tuple[int, int] | None = None  # the units of the layer, from 0

    @property
    def folds(self) -> bool:
        """Whether the sheet is flat once on the way."""
        return self.path is not None and self.path.folds


class Passage:
    """The way of a sheet, a grid or the data, through the stages of a network at a moment.

    A square layer that mirrors the sheet is shown as two units swapped, with what reads them, so
    that what comes behind is mirrored too ("swap"); as a plane turned over in space ("turn"); or
    as a sheet that is flat once ("fold"). Where a layer has no two units to swap, or more than two
    to turn, the next of these is taken.
    """

    def __init__(
        self, replay: Replay, stages: Stages, moment: float, mirror: Mirror = "swap"
    ) -> None:
        self.stages = stages
        self._replay = replay
        self._moment = moment
        self.mirror = mirror

    @cached_property
    def steps(self) -> dict[Stage, Step]:
        """What each stage is at this moment."""
        order = np.arange(self._replay.network.inputs)
        steps: dict[Stage, Step] = {}
        for stage in (stage for own in self.stages for stage in own):
            steps[stage] = step = self._step(stage, order)
            order = step.order[1]
        return steps

    @property
    def order(self) -> Order:
        """The order in which the units of the last layer are drawn."""
        return self.steps[self.stages[-1][-1]].order[1]

    @cached_property
    def _affine(self) -> dict[tuple[int, ...], tuple[Floats, Floats]]:
        stack, state = self._replay.network.stack, self._replay.state(self._moment)
        rows = {stage.rows for own in self.stages for stage in own if stage.rows}
        return {key: affine_of(stack, key, state) for key in rows} if stack is not None else {}

    def _step(self, stage: Stage, order: Order) -> Step:
        if stage.kind == "blend":
            return Step((order, np.arange(self._replay.network.layer(stage.after).units)))
        if stage.kind != "linear":
            return Step((order, order))
        matrix, _ = self._affine[stage.rows]
        after = np.arange(len(matrix))
        drawn = matrix[:, order]
        if not mirrors(drawn):
            return Step((order, after), PolarPath(drawn, 2))
        if self.mirror == "swap" and len(after) > 1:
            i, j = best_swap(drawn)
            after[[i, j]] = after[[j, i]]
            return Step((order, after), PolarPath(drawn[after], 2), (i, j))
        turned = len(after) < 3 and (self.mirror != "fold" or len(after) == 1)
        return Step((order, after), PolarPath(drawn, len(after) + 1 if turned else 2))

    def at(self, depth: float, seen: Seen) -> Floats:
        """Return where (n, dimensions) a sheet is at a depth, of which modules give what is `seen`.

        There are at least two dimensions.
        """
        stage, share = place(self.stages, depth)
        step = self.steps[stage]
        if stage.kind == "shift":
            _, shift = self._affine[stage.rows]
            after = seen[stage.after] - (1 - share) * shift
            return _filled(after[:, step.order[1]], 2)
        before = seen[stage.before][:, step.order[0]]
        if step.path is not None:
            return _filled(before, step.path.dimensions) @ step.path.at(share).T
        after = seen[stage.after][:, step.order[1]]
        wide = max(before.shape[1], after.shape[1], 2)
        return (1 - share) * _filled(before, wide) + share * _filled(after, wide)

    def basis(self, depth: float) -> Floats:
        """Return the plane (dimensions, 2) onto which a sheet is seen at a depth."""
        stage, share = place(self.stages, depth)
        step = self.steps[stage]
        end = self.standing(stage.layer, step.order[1])
        if stage.kind not in ("linear", "blend"):
            return end
        begin = self.standing(stage.layer - 1, step.order[0])
        wide = max(len(begin), len(end))
        if step.path is not None:
            wide = max(wide, step.path.dimensions)
        begin, after = _raised(begin, wide), _raised(end, wide)
        if share <= 0:
            return begin
        if step.path is not None and wide > 3:  # nobody sees its turns: the view turns along
            moved = basis_between(begin, step.path.rotation.T @ after, share)
            return step.path.turn.at(share) @ moved
        moved = basis_between(begin, after, share)
        lifted = wide == 3 and len(self.standing(stage.layer - 1)) == len(end) == 2
        return _lifted(_LIFT * np.sin(np.pi * share)) @ moved if lifted else moved

    def standing(self, layer: int, order: Order | None = None) -> Floats:
        """Return the plane (units, 2) in which layer number `layer` is shown; −1 is the input.

        Of more than three units that is the one in which they differ most, over the whole run,
        turned so that at its end the picture is as much like that of the layer before as can be.
        """
        name = self._name(layer)
        known = self._replay.network
        units = known.inputs if name is INPUT else known.layer(name).units
        if units <= 2:
            return np.eye(2)
        if units == 3:
            facing = self._replay.once(("plane of three", name), lambda: self._facing(layer))
            return np.asarray(facing)
        basis = self._replay.once(("widest plane", name), lambda: self._alike(layer))
        return np.asarray(basis if order is None else basis[order])

    def _facing(self, layer: int) -> Floats:
        """Return how the space of three units (3, 2) is looked at.

        A plane that has become a sheet in it is never seen edge on, on its way, at the film's end.
        """
        stage = self.stages[layer][0] if layer >= 0 else None
        stack, looks = self._replay.network.stack, [Camera(_TURN, _TILT).axes]
        normal = np.array([0.0, 0.0, 1.0])
        if stage is not None and stage.kind == "linear" and stack is not None:
            end = self._replay.state(self._replay.epochs)
            matrix, _ = affine_of(stack, stage.rows, end)
            if matrix.shape == (3, 2):
                turns = [(_TURN + turn, tilt) for turn in range(0, 360, 90) for tilt in _TILTS]
                looks = [Camera(*turn).axes for turn in turns]
                normal = PolarPath(matrix).rotation[:, 2]
        return max(looks, key=lambda look: float(look[:, 2] @ normal))[:, :2]

    def _alike(self, layer: int) -> Floats:
        """Return the widest plane (units, 2) of a layer, turned and mirrored in itself."""
        basis = self._widest(self._name(layer))
        if layer < 0:
            return basis
        ends = [self._given(self._name(i), self._replay.epochs) for i in (layer - 1, layer)]
        before, here = (end - end.mean(axis=0) for end in ends)
        former: Floats = self.standing(layer - 1)
        u, _, v = np.linalg.svd((here @ basis).T @ _filled(before, len(former)) @ former)
        return np.asarray(basis @ (u @ v))

    def _name(self, layer: int) -> str | None:
        return self.stages[layer][-1].after if layer >= 0 else INPUT

    def _given(self, name: str | None, moment: float) -> Floats:
        """Return some of the data (rows, units) as a module gives them."""
        inputs = self._replay.data.inputs
        rows = np.unique(np.linspace(0, len(inputs) - 1, _ROWS).astype(int))
        found = inputs if name is INPUT else self._replay.points(name, moment)
        return np.asarray(found[rows].reshape(len(rows), -1), np.float64)

    def _widest(self, name: str | None) -> Floats:
        """Return the first two principal directions (units, 2) of all that a layer gives."""
        if name is INPUT:
            return principal_of(self._given(INPUT, 0.0)).axes[:, :2]
        return principal(self._replay, self._replay.network.layer(name)).axes[:, :2]

    def names(self) -> frozenset[str]:
        """Return the modules of which it must be known what they give."""
        stages = [stage for own in self.stages for stage in own]
        return frozenset(
            name for stage in stages for name in (stage.before, stage.after) if name is not INPUT
        )

    def pictured(self, depth: float, seen: Seen) -> Floats:
        """Return where (n, 2) a sheet is seen at a depth."""
        with np.errstate(over="ignore", invalid="ignore"):  # of a training that diverged
            return self.at(depth, seen) @ self.basis(depth)


def _filled(points: Floats, dimensions: int) -> Floats:
    """Return points (n, d) in a space of as many dimensions or more, with zeros in the new."""
    missing = max(0, dimensions - points.shape[1])
    return np.pad(points.astype(np.float64), ((0, 0), (0, missing))) if missing else points


def _raised(basis: Floats, dimensions: int) -> Floats:
    return np.pad(basis, ((0, dimensions - len(basis)), (0, 0)))


def _lifted(angle: float) -> Floats:
    """Return a tilt (3, 3) of space about its first axis."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, cos, -sin], [0.0, sin, cos]])
