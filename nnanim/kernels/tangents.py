"""The tangent kernel: how what the layers of a stack give changes with its inputs.

Beside each sample go its derivatives along some directions of the inputs, layer after layer, as
`kernels.forward` sends the sample itself: in chunks of one fixed size, with no order of operations
left to the compiler. Its oracle is torch.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nnanim.kernels.codes import (
    BATCH_NORM,
    FAN_IN,
    FAN_OUT,
    KIND,
    LEAKY_RELU,
    LINEAR,
    RELU,
    SIGMOID,
    SOFTPLUS,
    STATISTICS,
    TANH,
    WEIGHT,
)
from nnanim.kernels.compilation import compiled
from nnanim.kernels.elementary import exp
from nnanim.kernels.forward import CHUNK, activation, batch_norm, linear, take

_inner = njit(nogil=True, error_model="numpy")

Array = NDArray[Any]


@_inner
def _linear_slopes(p: Array, row: Array, d: Array, t: Array) -> None:
    """Set t (units, CHUNK) to weight · d."""
    for r in range(row[FAN_OUT]):
        for b in range(CHUNK):
            t[r, b] = np.float32(0)
        for c in range(row[FAN_IN]):
            weight = p[row[WEIGHT] + r * row[FAN_IN] + c]
            for b in range(CHUNK):
                t[r, b] += weight * d[c, b]


@_inner
def _norm_slopes(p: Array, s: Array, row: Array, epsilon: float, slopes: Array) -> None:
    """Set slopes (units, CHUNK) to by what normalising multiplies."""
    for r in range(row[FAN_OUT]):
        gain = np.float32(1 / np.sqrt(s[row[STATISTICS] + row[FAN_OUT] + r] + epsilon))
        if row[WEIGHT] >= 0:
            gain *= p[row[WEIGHT] + r]
        for b in range(CHUNK):
            slopes[r, b] = gain


@_inner
def _activation_slopes(row: Array, option: Array, a: Array, slopes: Array) -> None:
    """Set slopes (units, CHUNK) to the derivative of the activation at a.

    Where it is all but flat, too: those of tanh and sigmoid are no differences of near numbers.
    """
    zero, one = np.float32(0), np.float32(1)
    kind, first, second = row[KIND], np.float32(option[0]), np.float32(option[1])
    for r in range(row[FAN_OUT]):
        if kind == TANH:
            for b in range(CHUNK):
                power = exp(np.float32(2) * a[r, b])
                part = one / (power + one)
                slopes[r, b] = np.float32(4) * (power * part) * part
        elif kind in (RELU, LEAKY_RELU):
            for b in range(CHUNK):
                slopes[r, b] = one if a[r, b] > zero else first
        elif kind == SIGMOID:
            for b in range(CHUNK):
                power = exp(-a[r, b])
                part = one / (power + one)
                slopes[r, b] = power * part * part
        elif kind == SOFTPLUS:
            for b in range(CHUNK):
                scaled = first * a[r, b]
                slopes[r, b] = one if scaled > second else one / (one + exp(-scaled))
        else:
            for b in range(CHUNK):
                slopes[r, b] = one


@_inner
def _give(d: Array, found: Array, at: int, size: int, units: int, n: int) -> None:
    """Write d (directions, units, CHUNK) to `found` from `at` on, each n after the one before."""
    directions = len(d)
    for r in range(units):
        for k in range(directions):
            column, first = d[k, r], at + (r * directions + k) * n
            for b in range(size):
                found[first + b] = column[b]


@compiled
def tangents(
    x: Array,
    directions: Array,
    table: Array,
    options: Array,
    p: Array,
    s: Array,
    starts: Array,
    found: Array,
) -> None:
    """Send float32 samples x (n, inputs) and `directions` (k, inputs) through layers of `table`.

    The derivatives of what row i of the table gives, (units, k, n), are written to `found` from
    `starts[i]` on, where that is not negative. p and s are as `forward` takes them.
    """
    n, count, wanted = len(x), len(directions), 0
    for layer in range(len(table)):
        wanted = layer + 1 if starts[layer] >= 0 else wanted
    widest = max(x.shape[1], table[:, FAN_OUT].max())
    a, z = np.zeros((widest, CHUNK), np.float32), np.zeros((widest, CHUNK), np.float32)
    d, t = np.zeros((count, *a.shape), np.float32), np.zeros((count, *a.shape), np.float32)
    slopes = np.zeros(a.shape, np.float32)
    for first in range(0, n, CHUNK):
        size = min(CHUNK, n - first)
        take(x, first, size, a)
        for k in range(count):
            for c in range(x.shape[1]):
                d[k, c] = directions[k, c]
        for layer in range(wanted):
            row, option = table[layer], options[layer]
            if row[KIND] == LINEAR:
                linear(p, row, a, z)
                for k in range(count):
                    _linear_slopes(p, row, d[k], t[k])
                d, t = t, d
            else:
                if row[KIND] == BATCH_NORM:
                    batch_norm(p, s, row, option[0], a, z)
                    _norm_slopes(p, s, row, option[0], slopes)
                else:
                    activation(row, option, a, z)
                    _activation_slopes(row, option, a, slopes)
                for k in range(count):
                    d[k, : row[FAN_OUT]] *= slopes[: row[FAN_OUT]]
            a, z = z, a
            if starts[layer] >= 0:
                _give(d, found, starts[layer] + first, size, row[FAN_OUT], n)
