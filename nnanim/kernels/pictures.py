"""The kernels that put what layers give into the picture whose motion is measured."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nnanim.kernels.codes import COLUMNS, FAN_OUT
from nnanim.kernels.compilation import compiled
from nnanim.kernels.forward import CHUNK, send, state_at

_inner = njit(nogil=True, error_model="numpy")

Array = NDArray[Any]

# How many of each a film has, and where its own begin among those of all.
_SNAPSHOTS, _PARAMETERS, _STATISTICS, _ROWS, _INPUTS, _LAYERS, _PARTS, EPOCHS_AT = range(8)
_PARAMETERS_AT, _STATISTICS_AT, _INPUTS_AT, _LAYERS_AT, _PARTS_AT, FILM = range(8, 14)
_RATIO, _END = range(2)  # of its clock


class Runs(NamedTuple):
    """The trainings of a picture's films, one after another, as the kernels run their networks.

    `films` (films, FILM) say which part of the others is whose, `clocks` (films, 2) how many epochs
    of the picture's are one of its own, and its last epoch. `epochs` to `starts` are what
    `forward_along` takes, flat. `parts` (parts, 2) are the numbers of what layers give that are in
    the picture: from which on, and how many. They are put there by `low` and `gain` (numbers,) and
    by `most` (films, 2), as by `put`.
    """

    films: Array
    clocks: Array
    epochs: Array
    onward: Array
    parameters: Array
    statistics: Array
    inputs: Array
    table: Array
    options: Array
    starts: Array
    parts: Array
    low: Array
    gain: Array
    most: Array


_REALS, _WHOLES, _SINGLES = np.empty(0), np.empty(0, np.int64), np.empty(0, np.float32)
NO_RUNS = Runs(
    np.empty((0, FILM), np.int64),
    np.empty((0, 2)),
    *(_REALS, _WHOLES, _SINGLES, _SINGLES, _SINGLES),
    np.empty((0, COLUMNS), np.int64),
    np.empty((0, 2)),
    *(_WHOLES, np.empty((0, 2), np.int64), _SINGLES, _SINGLES, np.empty((0, 2), np.float32)),
)


@_inner
def _put_in(given: Array, low: Array, gain: Array, most: Array, row: Array) -> None:
    """Do what `put` does, for what is given (n,) at one moment."""
    least, highest, zero = -most[0], most[1], np.float32(0)
    for j in range(len(given)):
        share = (given[j] - low[j]) * gain[j]
        share = share if share == share else zero
        share = share if share > least else least
        row[j] = share if share < highest else highest


@compiled
def put(
    given: Array, low: Array, gain: Array, most: Array, out: Array, first: int, at: int
) -> None:
    """Put what is given (k, n) into rows of `out` from `first`, at the columns from `at`.

    It is (given - low) · gain, of `low` and `gain` (n,), no further below 0 than the first of
    `most` (2,), no further above than the second, and 0 where it is no number; all in float32.
    """
    for i in range(len(given)):
        _put_in(given[i], low, gain, most, out[first + i, at : at + len(low)])


@_inner
def memory_for(runs: Runs) -> Any:
    """Return the memory in which `picture` computes: layers, a state, and what layers give."""
    films, wide = runs.films, 1
    for f in range(len(films)):
        wide = max(wide, films[f, _INPUTS])
    for layer in range(len(runs.table)):
        wide = max(wide, runs.table[layer, FAN_OUT])
    most, numbers, kept = 1, 1, 1
    for f in range(len(films)):
        numbers, kept = max(numbers, films[f, _PARAMETERS]), max(kept, films[f, _STATISTICS])
        first, given = films[f, _LAYERS_AT], 0
        for layer in range(first, first + films[f, _LAYERS]):
            if runs.starts[layer] >= 0:
                given += films[f, _ROWS] * runs.table[layer, FAN_OUT]
        most = max(most, given)
    a, z = np.zeros((wide, CHUNK), np.float32), np.zeros((wide, CHUNK), np.float32)
    state = np.empty(numbers, np.float32), np.empty(kept, np.float32)
    return a, z, state[0], state[1], np.empty(most, np.float32)


@_inner
def picture(moment: float, runs: Runs, memory: Any, out: Array) -> None:
    """Set out (numbers,) to the picture at a moment."""
    a, z, parameters, statistics, found = memory
    column = 0
    for f in range(len(runs.films)):
        film, clock = runs.films[f], runs.clocks[f]
        own = min(moment / clock[_RATIO], clock[_END])
        first, last = film[EPOCHS_AT], film[EPOCHS_AT] + film[_SNAPSHOTS]
        p = _of(runs.parameters, film[_PARAMETERS_AT], film[_SNAPSHOTS], film[_PARAMETERS])
        s = _of(runs.statistics, film[_STATISTICS_AT], film[_SNAPSHOTS], film[_STATISTICS])
        x = _of(runs.inputs, film[_INPUTS_AT], film[_ROWS], film[_INPUTS])
        mixed, running = parameters[: film[_PARAMETERS]], statistics[: film[_STATISTICS]]
        state_at(own, runs.epochs[first:last], runs.onward[first:last], p, s, mixed, running)
        first, last = film[_LAYERS_AT], film[_LAYERS_AT] + film[_LAYERS]
        table, options = runs.table[first:last], runs.options[first:last]
        send(x, table, options, mixed, running, runs.starts[first:last], found, a, z)
        for part in range(film[_PARTS_AT], film[_PARTS_AT] + film[_PARTS]):
            start, count = runs.parts[part]
            low, gain = runs.low[column : column + count], runs.gain[column : column + count]
            row = out[column : column + count]
            _put_in(found[start : start + count], low, gain, runs.most[f], row)
            column += count


@_inner
def _of(flat: Array, at: int, rows: int, each: int) -> Array:
    """Return an array (rows, each) that lies in a flat one."""
    return flat[at : at + rows * each].reshape(rows, each)


@compiled
def pictures(moments: Array, runs: Runs, out: Array) -> None:
    """Set the first rows of out (…, numbers), float32, to the pictures at moments (m,)."""
    memory = memory_for(runs)
    for i in range(len(moments)):
        picture(moments[i], runs, memory, out[i])
