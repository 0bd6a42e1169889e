"""The forward kernel: what the layers of a stack give, for any number of samples.

Its table is that of `kernels.layers`; batch normalisation uses the running statistics. Samples go
through in chunks of one fixed size, and no order of operations is left to the compiler: an answer
depends on its sample alone, and is the same on every machine. Its oracle is torch.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nnanim.kernels.codes import (
    BATCH_NORM,
    BIAS,
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
from nnanim.kernels.elementary import exp, log

CHUNK = 256  # samples; a multiple of what a processor takes at once, so that none is left over

_inner = njit(nogil=True, error_model="numpy")

Array = NDArray[Any]


@_inner
def linear(p: Array, row: Array, a: Array, z: Array) -> None:
    """Set z (units, CHUNK) to weight · a + bias, each the sum in the order of the inputs."""
    units, inputs = row[FAN_OUT], row[FAN_IN]
    paired = units - units % 2 if inputs >= 4 else 0
    for r in range(0, paired, 2):
        _two_units(p, row, r, a, z[r], z[r + 1])
    for r in range(paired, units):
        start = p[row[BIAS] + r] if row[BIAS] >= 0 else np.float32(0)
        for b in range(CHUNK):
            z[r, b] = start
        for c in range(inputs):
            weight = p[row[WEIGHT] + r * inputs + c]
            for b in range(CHUNK):
                z[r, b] += weight * a[c, b]


@_inner
def _two_units(p: Array, row: Array, r: int, a: Array, one: Array, other: Array) -> None:
    """Set the sums of unit r and of the next, four inputs at a time, which are so loaded once."""
    first, inputs = row[WEIGHT] + r * row[FAN_IN], row[FAN_IN]
    second, whole = first + inputs, inputs - inputs % 4
    begin = p[row[BIAS] + r] if row[BIAS] >= 0 else np.float32(0)
    start = p[row[BIAS] + r + 1] if row[BIAS] >= 0 else np.float32(0)
    for b in range(CHUNK):
        one[b] = begin
        other[b] = start
    for c in range(0, whole, 4):
        v0, v1, v2, v3 = p[first + c], p[first + c + 1], p[first + c + 2], p[first + c + 3]
        w0, w1, w2, w3 = p[second + c], p[second + c + 1], p[second + c + 2], p[second + c + 3]
        a0, a1, a2, a3 = a[c], a[c + 1], a[c + 2], a[c + 3]
        for b in range(CHUNK):
            one[b] = (((one[b] + v0 * a0[b]) + v1 * a1[b]) + v2 * a2[b]) + v3 * a3[b]
            other[b] = (((other[b] + w0 * a0[b]) + w1 * a1[b]) + w2 * a2[b]) + w3 * a3[b]
    for c in range(whole, inputs):
        v, w, fed = p[first + c], p[second + c], a[c]
        for b in range(CHUNK):
            one[b] += v * fed[b]
            other[b] += w * fed[b]


@_inner
def batch_norm(p: Array, s: Array, row: Array, epsilon: float, a: Array, z: Array) -> None:
    """Set z to a, normalised by the running mean and variance."""
    for r in range(row[FAN_OUT]):
        mean, variance = s[row[STATISTICS] + r], s[row[STATISTICS] + row[FAN_OUT] + r]
        gain = np.float32(1 / np.sqrt(variance + epsilon))
        shift = np.float32(0)
        if row[WEIGHT] >= 0:
            gain, shift = gain * p[row[WEIGHT] + r], p[row[BIAS] + r]
        for b in range(CHUNK):
            z[r, b] = (a[r, b] - mean) * gain + shift


@_inner
def activation(row: Array, option: Array, a: Array, z: Array) -> None:
    """Set z to the activation of a."""
    zero, one, two = z.dtype.type(0), z.dtype.type(1), z.dtype.type(2)
    kind, first, second = row[KIND], np.float32(option[0]), np.float32(option[1])
    for r in range(row[FAN_OUT]):
        if kind == TANH:
            for b in range(CHUNK):
                z[r, b] = one - two / (exp(two * a[r, b]) + one)
        elif kind in (RELU, LEAKY_RELU):
            for b in range(CHUNK):
                z[r, b] = max(a[r, b], zero) + first * min(a[r, b], zero)
        elif kind == SIGMOID:
            for b in range(CHUNK):
                z[r, b] = one / (one + exp(-a[r, b]))
        elif kind == SOFTPLUS:
            for b in range(CHUNK):
                scaled = first * a[r, b]
                soft = (max(scaled, zero) + log(one + exp(-abs(scaled)))) / first
                z[r, b] = a[r, b] if scaled > second else soft
        else:
            for b in range(CHUNK):
                z[r, b] = a[r, b]


@_inner
def take(x: Array, first: int, size: int, a: Array) -> None:
    """Set a (inputs, size) to samples of x; two inputs, as most often, are vector code."""
    rows = x[first : first + size]  # whose indices are seen to be none from the end
    if x.shape[1] == 2:
        one, other = a[0], a[1]
        for b in range(size):
            one[b] = rows[b, 0]
            other[b] = rows[b, 1]
        return
    for c in range(x.shape[1]):
        for b in range(size):
            a[c, b] = rows[b, c]


@_inner
def _give(a: Array, found: Array, at: int, size: int, units: int) -> None:
    """Write a (units, size) to `found` from `at` on, a sample after the other."""
    rows = found[at : at + size * units].reshape(size, units)
    if units == 2:
        one, other = a[0], a[1]
        for b in range(size):
            rows[b, 0] = one[b]
            rows[b, 1] = other[b]
        return
    for r in range(units):
        row = a[r]
        for b in range(size):
            rows[b, r] = row[b]


@_inner
def send(
    x: Array,
    table: Array,
    options: Array,
    p: Array,
    s: Array,
    starts: Array,
    found: Array,
    a: Array,
    z: Array,
) -> None:
    """Do what `forward` does; a and z (widest, CHUNK) are room."""
    n, wanted = len(x), 0
    for layer in range(len(table)):
        wanted = layer + 1 if starts[layer] >= 0 else wanted
    for first in range(0, n, CHUNK):
        size = min(CHUNK, n - first)
        take(x, first, size, a)
        for layer in range(wanted):
            row, option = table[layer], options[layer]
            if row[KIND] == LINEAR:
                linear(p, row, a, z)
            elif row[KIND] == BATCH_NORM:
                batch_norm(p, s, row, option[0], a, z)
            else:
                activation(row, option, a, z)
            a, z = z, a
            if starts[layer] >= 0:
                units = row[FAN_OUT]
                _give(a, found, starts[layer] + first * units, size, units)


@compiled
def forward(
    x: Array, table: Array, options: Array, p: Array, s: Array, starts: Array, found: Array
) -> None:
    """Send float32 samples x (n, inputs) through the layers of `table`.

    What row i of the table gives, (n, units), is written to `found` from `starts[i]` on, where
    that is not negative. p and s are parameters and running statistics, float32.
    """
    widest = max(x.shape[1], table[:, FAN_OUT].max())
    a, z = np.zeros((widest, CHUNK), np.float32), np.zeros((widest, CHUNK), np.float32)
    send(x, table, options, p, s, starts, found, a, z)


@compiled
def forward_along(
    moments: Array,
    epochs: Array,
    onward: Array,
    x: Array,
    table: Array,
    options: Array,
    p: Array,
    s: Array,
    starts: Array,
    found: Array,
) -> None:
    """Do what `forward` does at each of `moments` (m,), and write it to its row of `found` (m, …).

    p (k, …) and s (k, …) are of the states at `epochs` (k,). Between two they are mixed, from that
    on which the training went on from the first, `onward` (k,).
    """
    widest = max(x.shape[1], table[:, FAN_OUT].max())
    a, z = np.zeros((widest, CHUNK), np.float32), np.zeros((widest, CHUNK), np.float32)
    parameters, statistics = np.empty(p.shape[1], np.float32), np.empty(s.shape[1], np.float32)
    for i in range(len(moments)):
        state_at(moments[i], epochs, onward, p, s, parameters, statistics)
        send(x, table, options, parameters, statistics, starts, found[i], a, z)


@_inner
def state_at(
    moment: float,
    epochs: Array,
    onward: Array,
    p: Array,
    s: Array,
    parameters: Array,
    statistics: Array,
) -> None:
    """Set parameters and statistics to the state at a moment; the others are `forward_along`'s."""
    last = len(epochs) - 1
    at = min(max(int(np.searchsorted(epochs, moment, side="right")) - 1, 0), last)
    begun, after = onward[at], min(at + 1, last)
    if at == last or moment <= epochs[at]:
        parameters[:], statistics[:] = p[begun], s[begun]
    else:
        share = (moment - epochs[at]) / (epochs[after] - epochs[at])
        _mix(p[begun], p[after], share, parameters)
        _mix(s[begun], s[after], share, statistics)


@compiled
def forward_each(
    x: Array,
    parts: Array,
    nets: Array,
    table: Array,
    options: Array,
    p: Array,
    s: Array,
    found: Array,
) -> None:
    """Do what `forward` does for many networks, each of `parts` (m, 4) of samples by one of them.

    A part is (network, from, to, start): samples x[from:to], and where in `found` what the last of
    the network's layers gives for them begins. Of each network, `nets` (k, 4) tells which row of
    the table its layers begin with and end before, and where its parameters and its running
    statistics begin; p and s are those of all.
    """
    widest = max(x.shape[1], table[:, FAN_OUT].max())
    a, z = np.zeros((widest, CHUNK), np.float32), np.zeros((widest, CHUNK), np.float32)
    starts = np.full(len(table), -1)
    for i in range(len(parts)):
        net, low, high, start = parts[i]
        first, last, parameters, statistics = nets[net]
        own = starts[: last - first]
        own[last - first - 1] = start
        layers = table[first:last], options[first:last]
        send(x[low:high], *layers, p[parameters:], s[statistics:], own, found, a, z)
        own[last - first - 1] = -1


@_inner
def _mix(before: Array, after: Array, share: float, mixed: Array) -> None:
    for i in range(len(mixed)):
        mixed[i] = np.float32((1 - share) * before[i] + share * after[i])
