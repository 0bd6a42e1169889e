"""Folds: the polygons on which a film's network is linear, at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnanim import geometry
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.network.links import STRAIGHT, Link
from nnanim.network.polygons import Folded, Stage, borders, folded
from nnanim.types import Floats

MOST = 256  # breakpoints of all units together: of more, polygons are too many to be seen
_TRIED, _NEAR = 32, 1e-4  # points a side, and how near the chain comes to the network, in its span


@dataclass(frozen=True, eq=False)
class Folds:
    """Cuts a film's window at any moment, stage by stage of its network.

    `ends` say by its name which stage gives a layer, "" which gives the scores.
    """

    film: Film
    stages: Sequence[Stage]
    ends: dict[str, int]

    def at(self, moment: float) -> Folded:
        """Return the polygons at a moment, which fill the window without gap or overlap."""
        return self.film.replay.remembered(("folds", moment), lambda: self._cut(moment))

    def boundary(self, moment: float) -> tuple[Floats, NDArray[np.int64]]:
        """Return the borders between classes, (m, 2, 2), and the polygons (m,) they lie in.

        Exact: on each polygon scores are linear. Empty where no classes are learnt.
        """
        decision = self.film.decision
        if decision is None:
            return np.empty((0, 2, 2)), np.empty(0, np.int64)
        return borders(self.at(moment), decision)

    def outputs(self, points: Floats, moment: float) -> dict[str, Floats]:
        """Return what each layer gives for points (n, 2) of the window, as its stages tell it."""
        state, values = self.film.state(moment), self.film.network.lifted(points)
        given = []
        for stage in self.stages:
            values = stage.of(state, values)
            given.append(values)
        return {name: given[end] for name, end in self.ends.items()}

    def _cut(self, moment: float) -> Folded:
        film, state = self.film, self.film.state(moment)
        lift = np.eye(2, 3)
        if film.plane is not None:
            lift = np.column_stack([*film.plane.directions, film.plane.origin])
        return folded(self.stages, self.ends, state, film.window, lift)


def folds_of(film: Film) -> Folds:
    """Return what cuts a film's window; `SceneError` for a network that has no polygons.

    Its stages must give what it gives itself: they are tried on points of the window.
    """
    return film.once("folds", lambda: _found(film))


def _found(film: Film) -> Folds:
    links, wanted = film.network.links(), (*film.network.hidden, "")
    last = {name: _last(name, links) for name in wanted}
    stages: list[Stage] = []
    ends: dict[str, int] = {}
    shut = True  # the last stage, to what is affine
    for i, link in enumerate(links):
        if link.bend != STRAIGHT:
            if shut:
                stages.append(Stage([]))
            if link.bend is None:
                stages[-1].links.append(link)
            else:
                stages[-1].last = link
            shut = link.bend is not None
        given = [name for name in wanted if last[name] == i]
        shut = shut or bool(given)
        ends |= {name: len(stages) - 1 for name in given}
    found = Folds(film, stages, ends)
    try:
        _expect_few(found)
        unlike = _unlike(found)
    except ValueError:  # of arrays that do not fit each other
        unlike = film.network.scores or "the network"
    if unlike:
        raise SceneError(
            f"Folding follows modules one after the other, and what they give is not what "
            f"{unlike!r} gives: expected nn.Linear, nn.BatchNorm1d and activations as modules, "
            "nn.ReLU() rather than F.relu, each fed by the one before alone; use Jacobian"
        )
    return found


def _last(layer: str, links: Sequence[Link]) -> int:
    """Return the last link in a layer, of all where it is "", -1 where there is none."""
    inside = [i for i, link in enumerate(links) if f"{link.name}.".startswith(f"{layer}.")]
    return len(links) - 1 if not layer else max(inside, default=-1)


def _expect_few(folds: Folds) -> None:
    """Raise `SceneError` where all units together have more than `MOST` breakpoints."""
    state, units, count = folds.film.state(0.0), folds.film.network.inputs, 0
    for stage in folds.stages:
        units = len(stage.affine(state, units)[1])
        count += sum(len(bend.breaks) for bend in stage.last.bends(state, units))
    if count > MOST:
        raise SceneError(
            f"Folding cuts the plane at {count:,} breakpoints of all units: expected {MOST} at "
            "most; take fewer or narrower layers, or use Jacobian"
        )


def _unlike(folds: Folds) -> str:
    """Return the first layer of which the stages do not give what it gives; "" where all do."""
    film = folds.film
    points = geometry.lattice(film.window, _TRIED)
    told = folds.outputs(points, 0.0)
    for name, values in told.items():
        layer = name or film.network.scores
        given = film.outputs(layer, points, 0.0).astype(np.float64)
        span = max(float(np.abs(given).max()), 1e-6)
        if given.shape != values.shape or not np.abs(given - values).max() <= _NEAR * span:
            return layer or "the network"
    return ""
