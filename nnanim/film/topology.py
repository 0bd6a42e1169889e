"""Topology: in how many pieces each class lies in each layer, epoch by epoch, with what holes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnanim.dataset import evenly
from nnanim.errors import SceneError
from nnanim.film.betti import BETTI, FEWEST, betti_numbers, expect_ripser
from nnanim.film.measures import numbers, recorded_ends
from nnanim.film.replay import Replay
from nnanim.network.decision import Decision
from nnanim.types import Floats

SAMPLES, _MOST_EPOCHS = 2_000, 60  # of each class, and at which it is looked at, but for the first


@dataclass(frozen=True, eq=False)
class Topology:
    """By Betti number (classes, layers, epochs), NaN where there is none; at these `epochs`.

    "pieces" is in how many a class lies, "holes" how many loops in it cannot be drawn together. The
    first of the layers, "input", are the data themselves.
    """

    epochs: Floats
    classes: tuple[str, ...]
    layers: tuple[str, ...]
    values: dict[str, Floats]

    def torn(self, name: str, layer: str) -> Floats:
        """Return the epochs at which a class has other numbers in a layer than in the data."""
        k, i = self.classes.index(name), self.layers.index(layer)
        other = [self.values[b][k, i] != self.values[b][k, 0] for b in BETTI]
        known = np.isfinite(self.values["pieces"][k, i] + self.values["pieces"][k, 0])
        return np.asarray(self.epochs[np.any(other, axis=0) & known])

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON, by class and layer."""
        classes = {
            name: {
                layer: {betti: numbers(self.values[betti][k, i]) for betti in BETTI}
                for i, layer in enumerate(self.layers)
            }
            for k, name in enumerate(self.classes)
        }
        return {"epochs": self.epochs.tolist(), "classes": classes}


def topology_of(replay: Replay, decision: Decision | None) -> Topology:
    """Return the Betti numbers of the classes in all hidden layers, at 61 recorded epochs at most.

    Of each class at most `SAMPLES` samples of the training part are looked at, evenly chosen.
    Raises `SceneError` where ripser is not installed, or nothing is classified.
    """
    expect_ripser()
    return replay.once("topology", lambda: _found(replay, decision))


def _found(replay: Replay, decision: Decision | None) -> Topology:
    epochs, hidden = recorded_ends(replay, _MOST_EPOCHS), replay.network.hidden
    if decision is None or not hidden:
        raise SceneError(
            "Betti numbers are of classes in hidden layers, and this training has no "
            f"{'classes' if hidden else 'hidden layer'}: leave Topology out"
        )
    labels = decision.labels(replay.data.targets)
    classes = _named(replay.recording.header.class_names, int(labels.max()) + 1)
    parts = [np.flatnonzero(labels == k) for k in range(len(classes))]
    parts = [part[evenly(len(part), SAMPLES)] for part in parts]
    _expect_many(parts, classes)
    found = {b: np.full((len(parts), 1 + len(hidden), len(epochs)), np.nan) for b in BETTI}
    inputs = replay.data.inputs.reshape(len(labels), -1)
    for k, part in enumerate(parts):
        for betti, number in zip(BETTI, betti_numbers(inputs[part]), strict=True):
            found[betti][k, 0] = number
    rows = np.concatenate(parts)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    for j, epoch in enumerate(epochs.tolist()):
        given = _given(replay, rows, epoch)
        for i, layer in enumerate(hidden):
            for k, points in enumerate(np.split(given[layer], ends)):
                for betti, number in zip(BETTI, betti_numbers(points), strict=True):
                    found[betti][k, 1 + i, j] = number
    return Topology(epochs, classes, ("input", *hidden), found)


def _given(replay: Replay, rows: Any, moment: float) -> dict[str, Floats]:
    """Return what each hidden layer gives for some of the samples."""
    layers = replay.network.hidden
    if not replay.network.runs:
        return {name: replay.points(name, moment)[rows] for name in layers}
    return replay.network.outputs(replay.state(moment), replay.data.inputs[rows], layers)


def _named(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Return the names of so many classes, numbered where they have none."""
    return tuple(names[k] if k < len(names) else f"class {k}" for k in range(count))


def _expect_many(parts: Sequence[Any], classes: Sequence[str]) -> None:
    for part, name in zip(parts, classes, strict=True):
        if len(part) < FEWEST:
            raise SceneError(
                f"Betti numbers need {FEWEST} samples of a class at least, and {name!r} has "
                f"{len(part)}: take a larger n"
            )
