"""Polygons: those of the input plane on which a network of affine stages and bends is linear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnanim import geometry
from nnanim.geometry import parted
from nnanim.kernels.folding import carried, crossings, fold
from nnanim.network.decision import Decision
from nnanim.network.links import STRAIGHT, Link
from nnanim.types import Floats, State

STILL = Link("", "bend", bend=STRAIGHT)


@dataclass(eq=False)
class Stage:
    """What is affine, one link after the other, then one that bends."""

    links: list[Link]
    last: Link = STILL

    def affine(self, state: State, units: int) -> tuple[Floats, Floats]:
        """Return weight and bias of all links together, which are given so many units."""
        weight, bias = np.eye(units), np.zeros(units)
        for link in self.links:
            own, shift = link.affine(state)
            weight, bias = own @ weight, own @ bias + shift
        return weight, bias

    def of(self, state: State, values: Floats) -> Floats:
        """Return what the stage makes of values (n, units) at a state."""
        weight, bias = self.affine(state, values.shape[1])
        given = values @ weight.T + bias
        bends = self.last.bends(state, given.shape[1])
        return np.stack([bend.of(column) for bend, column in zip(bends, given.T, strict=True)], 1)


@dataclass(frozen=True, eq=False)
class Folded:
    """The polygons of a moment: `corners` (n, 2) of all, and where each `starts` (polygons + 1,).

    `pieces` (polygons, units) say which piece of its activation each unit is on, 0 the lowest, of
    all units whose activation has more than one. `stages` are by layer the columns of `maps`
    (polygons, units of all stages, 3), by which x, y and 1 are multiplied; "" are the scores.
    """

    corners: Floats
    starts: NDArray[np.int64]
    pieces: NDArray[np.int64]
    maps: Floats
    stages: dict[str, slice]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def polygons(self) -> list[Floats]:
        """The corners (m, 2) of each polygon."""
        return self.parted(self.corners)

    def parted(self, values: Floats) -> list[Floats]:
        """Return rows (n, …), one for each corner, polygon by polygon."""
        return parted(values, np.diff(self.starts).tolist())

    def image(self, layer: str) -> Floats:
        """Return where a layer has all corners, (n, units); "" are the scores."""
        return np.asarray(carried(self.corners, self.starts, self.maps_of(layer)))

    def images(self, layer: str, points: Floats, owners: NDArray[np.int64]) -> Floats:
        """Return where a layer has points (m, k, 2) of these polygons (m,): (m, k, units)."""
        maps = self.maps_of(layer)[owners]
        return np.asarray(points @ maps[..., :2].transpose(0, 2, 1) + maps[:, None, :, 2])

    @property
    def slopes(self) -> Floats:
        """How steep the scores are on each polygon (polygons,), by which they may change most."""
        return np.asarray(np.linalg.norm(self.maps_of("")[..., :2], ord=2, axis=(1, 2)))

    def maps_of(self, layer: str) -> Floats:
        """Return the maps (polygons, units, 3) to a layer, by which x, y and 1 are multiplied."""
        return np.ascontiguousarray(self.maps[:, self.stages[layer]])


def folded(
    stages: Sequence[Stage], ends: Mapping[str, int], state: State, window: Floats, lift: Floats
) -> Folded:
    """Return the polygons of a window (2, 2) on which stages are linear at a state.

    `lift` (inputs, 3) takes x, y and 1 of the plane to the inputs; `ends` say by its name which
    stage gives a layer.
    """
    affine, widths = [], [len(lift)]
    for stage in stages:
        affine.append(stage.affine(state, widths[-1]))
        widths.append(len(affine[-1][1]))
    bends = [
        bend
        for stage, units in zip(stages, widths[1:], strict=True)
        for bend in stage.last.bends(state, units)
    ]
    corners, starts, pieces, maps = fold(
        geometry.corners(window),
        np.ascontiguousarray(lift[None], np.float64),
        np.array(widths),
        np.concatenate([weight.ravel() for weight, _ in affine]),
        np.concatenate([bias for _, bias in affine]),
        np.cumsum([0, *(len(bend.rows) for bend in bends)]),
        np.array([row for bend in bends for row in bend.rows], float),
    )
    units = [0, *np.cumsum(widths[1:]).tolist()]
    at = {name: slice(units[end], units[end + 1]) for name, end in ends.items()}
    bent = np.array([len(bend.rows) > 1 for bend in bends], bool)
    return Folded(corners, starts, pieces[:, bent], maps, at)


def borders(folded: Folded, decision: Decision) -> tuple[Floats, NDArray[np.int64]]:
    """Return the borders between classes, (m, 2, 2), and the polygons (m,) they lie in.

    Exact: on each polygon scores are linear.
    """
    scores, maps = folded.image(""), folded.maps_of("")
    if decision.binary:  # class 1 wins where its margin is above 0
        maps = np.stack([np.zeros((len(folded), 3)), decision.direction @ maps], axis=1)
        maps[:, 1, 2] -= decision.level
        margin = decision.margin(scores)
        scores = np.stack([np.zeros(len(margin)), margin], axis=1)
    found = crossings(folded.corners, folded.starts, scores, maps)
    return found[:, :4].reshape(-1, 2, 2), found[:, 4].astype(np.int64)
