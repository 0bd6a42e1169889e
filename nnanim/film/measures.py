"""Measures: four numbers that say of each layer, epoch by epoch, what it has made of the data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import evenly
from nnanim.film.probes import Probe, probe_of
from nnanim.film.replay import Replay
from nnanim.kernels.products import crossed
from nnanim.network.decision import Decision
from nnanim.types import Floats

MEASURES = ("probe", "margin", "rank", "dead")
SAMPLES, _MOST_EPOCHS = 2_000, 200
_NARROW = 256  # units: of more, threads of BLAS have enough to do
_DEAD = 1e-6  # of the range of a layer's widest unit


@dataclass(frozen=True, eq=False)
class Measures:
    """By measure (layers, epochs), NaN where there is none; at these `epochs`.

    "probe" is the share of samples that a linear probe of the layer tells right, of the test part
    where there is one; "margin" the median of how far samples are beyond the probe's boundary, over
    the root mean square of how far they are from their middle; "rank" the effective rank (Roy and
    Vetterli 2007) of the centred outputs; "dead" the share of units that are the same for all.
    """

    epochs: Floats
    layers: tuple[str, ...]
    values: dict[str, Floats]

    def as_json(self) -> dict[str, Any]:
        """Return them as plain JSON, by layer."""
        layers = {
            layer: {name: numbers(self.values[name][i]) for name in MEASURES}
            for i, layer in enumerate(self.layers)
        }
        return {"epochs": self.epochs.tolist(), "layers": layers}


def measures_of(replay: Replay, decision: Decision | None) -> Measures:
    """Return the measures of all hidden layers, at no more than 201 of the recorded epochs."""
    return replay.once("measures", lambda: _measured(replay, decision))


def _measured(replay: Replay, decision: Decision | None) -> Measures:
    epochs, layers = recorded_ends(replay, _MOST_EPOCHS), replay.network.hidden
    seen = _Samples(replay, decision)
    found = {name: np.full((len(layers), len(epochs)), np.nan) for name in MEASURES}
    probes: dict[str, Probe | None] = {}
    for j, epoch in enumerate(epochs.tolist()):
        given = seen.outputs(epoch)
        for i, layer in enumerate(layers):
            train, test = given[layer]
            if not np.isfinite(train).all():
                continue
            found["rank"][i, j] = effective_rank(train)
            found["dead"][i, j] = dead_share(train)
            probe = None
            if seen.classes > 1:
                probe = probe_of(train, seen.labels, seen.classes, probes.get(layer))
            probes[layer] = probe
            if probe is not None:
                scores = probe.scores(test).argmax(axis=1)
                found["probe"][i, j] = np.mean(scores == seen.test_labels)
                found["margin"][i, j] = _margin(probe, train, seen.labels)
    return Measures(epochs, tuple(layers), found)


def recorded_ends(replay: Replay, most: int) -> Floats:
    """Return the recorded ends of epochs, so many beside the first, else recorded moments."""
    recorded = replay.recording.epochs
    ends = recorded[recorded % 1 == 0]
    if len(ends) < 2:
        ends = recorded
    return np.asarray(ends[evenly(len(ends), most + 1)], np.float64)


class _Samples:
    """The fixed samples of a run that are looked at, and their classes."""

    def __init__(self, replay: Replay, decision: Decision | None) -> None:
        self._replay, data = replay, replay.data
        self._rows = evenly(len(data.inputs), SAMPLES)
        tested = replay.network.runs and decision is not None
        self._tests = evenly(len(data.test_inputs) if tested else 0, SAMPLES)
        labels = data.labels if decision is None else decision.labels(data.targets)
        counted = labels is not None and labels.dtype.kind in "iu"
        every = labels if labels is not None and counted else np.zeros(len(data.inputs), np.int64)
        self.labels = np.asarray(every[self._rows], np.int64)
        self.classes = int(every.max()) + 1 if len(every) else 0
        self.test_labels: NDArray[np.int64] = self.labels
        if len(self._tests) and decision is not None:
            self.test_labels = decision.labels(data.test_targets)[self._tests]

    def outputs(self, moment: float) -> dict[str, tuple[Floats, Floats]]:
        """Return what each hidden layer gives for the training and for the test samples."""
        replay = self._replay
        layers = replay.network.hidden
        if not replay.network.runs:
            every = {name: replay.points(name, moment)[self._rows] for name in layers}
            return {name: (_rows(values), _rows(values)) for name, values in every.items()}
        data, n = replay.data, len(self._rows)
        inputs = data.inputs[self._rows]
        if len(self._tests):
            inputs = np.concatenate([inputs, data.test_inputs[self._tests]])
        given = replay.network.outputs(replay.state(moment), inputs, layers)
        return {
            name: (_rows(v[:n]), _rows(v[n:] if len(v) > n else v)) for name, v in given.items()
        }


def effective_rank(values: Floats) -> float:
    """Return e to the entropy of the shares of the singular values of centred rows (n, units).

    0 where all rows are alike.
    """
    centred = values - values.mean(axis=0)
    if values.shape[1] <= _NARROW:
        product = crossed(centred, np.ones(len(centred)))
    else:
        product = centred.T @ centred if values.shape[1] <= len(values) else centred @ centred.T
    sizes = np.sqrt(np.maximum(np.linalg.eigvalsh(product), 0.0))
    if not sizes.max(initial=0.0) > 0.0:
        return 0.0
    shares = sizes[sizes > 0] / sizes.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def dead_share(values: Floats) -> float:
    """Return the share of units that differ between rows by less than a millionth of the widest."""
    ranges = np.ptp(values, axis=0)
    return float(np.mean(ranges <= _DEAD * ranges.max()))


def _margin(probe: Probe, values: Floats, labels: NDArray[np.int64]) -> float:
    away = values - values.mean(axis=0)
    size = float(np.sqrt((away**2).sum(axis=1).mean()))
    return float(np.median(probe.distances(values, labels))) / size if size > 0 else 0.0


def _rows(values: Floats) -> Floats:
    return np.asarray(values, np.float64)


def numbers(row: Floats) -> list[float | None]:
    """Return a row as JSON has it: six digits, None where there is no number."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in row.tolist()]
