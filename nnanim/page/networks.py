"""Networks: what a page needs to run a film's network itself; see FORMAT.md."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnanim.film.film import Film
from nnanim.film.spans import PANEL_MARGIN
from nnanim.geometry import widen
from nnanim.kernels import codes
from nnanim.kernels.simplify import simplify
from nnanim.network.stack import Stack
from nnanim.page.arrays import Arrays
from nnanim.page.passages import passage_of
from nnanim.page.sources import Measure, Sources
from nnanim.page.thinning import Rows
from nnanim.page.traced import TracedFilm, is_run
from nnanim.types import Floats

_ROOM = 0.05  # spans beyond the window that a boundary may lie
# Over how many steps a boundary is kept, within how many spans it is simplified, in pieces of how
# many; what several layers stretch one after the other has to be finer.
_COARSE, _FINE = (12_000, 1 / 6000, 1 / 32), (60_000, 1 / 60_000, 1 / 128)
_LARGE = 2**19  # bytes of parameters that are kept as they are


def network_of(
    film: Film,
    moments: Sequence[float],
    sources: Sources,
    *,
    held: Rows | None,
    passing: Sequence[float] = (),
) -> dict[str, Any] | None:
    """Return a film's network, its states at `moments`, and its data, of which rows are `held`.

    Where the page takes space through its layers, `passing` are the film's times in seconds. None
    where the page does not run it.
    """
    stack, arrays = film.network.stack, sources.arrays
    if stack is None or not is_run(film):
        return None
    layers = _layers(stack)
    states, state = _states(film, stack, moments)
    names = [name for name in film.network.hidden if name in stack.rows]
    layered = {layer.name: layer for layer in film.network.layers}
    return {
        "layers": layers,
        "rows": stack.rows,
        "hidden": names,
        "shown": {
            name: {
                "title": film.looked_at(name, "page").title,
                "units": layered[name].units,
                "limits": film.limits(name).tolist(),
            }
            for name in names
        },
        "inputs": film.network.inputs,
        "scores": film.network.scores,
        "parameters": arrays.floats(states)
        if states.nbytes <= _LARGE
        else arrays.spread(states, 16, delta=True),
        "state": arrays.whole(state, delta=True),
        "data": None if held is None else _data(film, held, arrays),
        "decision": _decision(film),
        "lines": _lines(film, arrays),
        "boundary": _boundary(film, moments, sources, _FINE if passing else _COARSE),
        **({"passage": passage_of(film, passing, arrays)} if passing else {}),
    }


def _layers(stack: Stack) -> list[dict[str, Any]]:
    """Return the layers with the places of their parameters in a row of states."""
    beyond = sum(int(np.prod(shape)) for _, shape in stack.places.values())
    found = []
    for row, layer in zip(stack.table, stack.layers, strict=True):
        kind, ins, outs, weight, bias, statistics = map(int, row)
        told = {**layer, "in": ins, "out": outs}
        if kind in (codes.LINEAR, codes.BATCH_NORM):
            told |= {"weight": weight, "bias": bias}
        if kind == codes.BATCH_NORM:
            told |= {"mean": beyond + statistics, "variance": beyond + statistics + outs}
        found.append(told)
    return found


def _states(film: Film, stack: Stack, moments: Sequence[float]) -> tuple[Floats, list[int]]:
    """Return the states that differ (states, numbers), and which of them each moment has."""
    rows: list[Floats] = []
    which: list[int] = []
    for moment in moments:
        parameters, statistics = stack.flat(film.state(moment), np.float32)
        row = np.concatenate([parameters, statistics]) if stack.statistics else parameters
        if not rows or not np.array_equal(rows[-1], row, equal_nan=True):
            rows.append(row)
        which.append(len(rows) - 1)
    return np.stack(rows), which


def _data(film: Film, held: Rows, arrays: Arrays) -> dict[str, Any]:
    inputs = np.asarray(film.data.inputs, np.float32)[held]
    labels = film.labels if film.decision is not None else film.data.labels
    found: dict[str, Any] = {
        "inputs": arrays.spread(inputs, 16),
        "class_names": [str(name) for name in film.header.class_names],
        "axis_names": [str(name) for name in film.header.axis_names],
        "scaling": [list(film.scaling(i)) for i in range(film.network.inputs)],
    }
    if labels is not None:
        found["labels"] = arrays.whole(labels[held])
    if film.decision is None:
        found["targets"] = arrays.floats(film.data.targets[held])
    return found


def _decision(film: Film) -> dict[str, Any] | None:
    decision = film.decision
    if decision is None:
        return None
    level = float(decision.level)
    return {
        "link": decision.link,
        "outputs": decision.outputs,
        "direction": decision.direction.tolist(),
        "level": level if np.isfinite(level) else 1e300 * np.sign(level),
        "low": decision.low,
        "high": decision.high,
    }


def _lines(film: Film, arrays: Arrays) -> dict[str, Any]:
    lines = film.grid_lines
    points = np.concatenate(lines) if lines else np.zeros((0, film.network.inputs))
    return {"points": arrays.floats(points), "lengths": [len(line) for line in lines]}


def _boundary(
    film: Film, moments: Sequence[float], sources: Sources, how: tuple[int, float, float]
) -> dict[str, Any] | None:
    """Return the decision boundary in input space at each moment; None where no view shows it."""
    levels, tolerance, piece = how
    known = film.boundaries if isinstance(film, TracedFilm) else {}
    if film.decision is None or not set(moments) <= set(known):
        return None
    box = widen(film.window, PANEL_MARGIN)
    span = box[:, 1] - box[:, 0]
    measure = Measure(box[:, 0] - _ROOM * span, (1 + 2 * _ROOM) * span / levels)
    lines: dict[int, list[Floats]] = {}
    frames: list[list[Floats]] = []
    frame: list[int] = []
    for moment in moments:
        found = known[moment]
        if not frames or not _equal(found, lines[len(frames) - 1]):
            lines[len(frames)] = found
            frames.append([simplified(line, span, tolerance, piece) for line in found])
        frame.append(len(frames) - 1)
    return sources.ragged(frames, frame, measure)


def simplified(line: Floats, span: Floats, tolerance: float, piece: float) -> Floats:
    """Return a line (m, 2) without the points that it hardly needs.

    What is left is within `tolerance` times the `span` of it, in pieces of no more than `piece`
    times it, as each of its points is pushed through layers that bend it.
    """
    scaled = np.asarray(line, np.float64) / span
    keep = np.zeros(len(line), bool)
    keep[[0, -1]] = True
    steps = np.hypot(*np.diff(scaled, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    keep[1:] |= np.diff(np.floor(along / piece)) > 0
    simplify(scaled, tolerance, keep)
    return np.asarray(line)[keep]


def _equal(one: Sequence[Floats], other: Sequence[Floats]) -> bool:
    return len(one) == len(other) and all(map(np.array_equal, one, other))
