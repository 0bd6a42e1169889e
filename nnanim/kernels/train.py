"""The training kernel: any stack of known layers, one compiled function, a block of epochs a call.

What makes it fast: activations stand as [layer, unit, sample], so that every inner loop runs over
the samples of a batch and becomes vector code; parameters are one flat vector; a whole block of
epochs runs without returning to Python. Wide layers take four rows at a time, so that a sum is
loaded and stored once for four products. NaN and infinity keep their meaning (no `nnan`, `ninf`
among the liberties given to the compiler), so divergence is seen where it happens.

Its oracle is torch: the formulas are those of torch's layers, losses and optimisers.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nnanim.kernels.elementary import exp, log

LINEAR, TANH, RELU, LEAKY_RELU, SIGMOID, SOFTPLUS, IDENTITY, BATCH_NORM = range(8)
MSE, BCE, BCE_WITH_LOGITS, CROSS_ENTROPY, RELATIVE_MSE = range(5)
SGD, ADAM, ADAMW = range(3)

# Columns of a layer's row in the table.
KIND, FAN_IN, FAN_OUT, WEIGHT, BIAS, STATISTICS = range(6)

_FAST = {"reassoc", "contract", "arcp", "nsz", "afn"}
_compiled = njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
_strict = njit(cache=True, nogil=True)

Array = NDArray[Any]


@_compiled
def _linear(p: Array, table: Array, layer: int, a: Array, n: int) -> None:
    """Set a[layer + 1] to weight · a[layer] + bias, four inputs at a time."""
    fan_in, fan_out = table[layer, FAN_IN], table[layer, FAN_OUT]
    weight, bias, z = table[layer, WEIGHT], table[layer, BIAS], layer + 1
    for r in range(fan_out):
        w = weight + r * fan_in
        start = p[bias + r] if bias >= 0 else p.dtype.type(0)
        c = fan_in % 4
        if c == 0:
            for b in range(n):
                a[z, r, b] = start
        elif c == 1:
            w0 = p[w]
            for b in range(n):
                a[z, r, b] = start + w0 * a[layer, 0, b]
        elif c == 2:
            w0, w1 = p[w], p[w + 1]
            for b in range(n):
                a[z, r, b] = start + w0 * a[layer, 0, b] + w1 * a[layer, 1, b]
        else:
            w0, w1, w2 = p[w], p[w + 1], p[w + 2]
            for b in range(n):
                a[z, r, b] = start + w0 * a[layer, 0, b] + w1 * a[layer, 1, b] + w2 * a[layer, 2, b]
        while c < fan_in:
            w0, w1, w2, w3 = p[w + c], p[w + c + 1], p[w + c + 2], p[w + c + 3]
            for b in range(n):
                a[z, r, b] += (
                    w0 * a[layer, c, b]
                    + w1 * a[layer, c + 1, b]
                    + w2 * a[layer, c + 2, b]
                    + w3 * a[layer, c + 3, b]
                )
            c += 4


@_compiled
def _linear_parameters_back(
    g: Array, table: Array, layer: int, a: Array, d: Array, here: int, turned: Array, n: int
) -> None:
    """Set the gradients of weight and bias from d[here] = ∂loss/∂z."""
    fan_in, fan_out = table[layer, FAN_IN], table[layer, FAN_OUT]
    weight, bias = table[layer, WEIGHT], table[layer, BIAS]
    if bias >= 0:
        for r in range(fan_out):
            total = g.dtype.type(0)
            for b in range(n):
                total += d[here, r, b]
            g[bias + r] = total
    if fan_in < 16:
        for r in range(fan_out):
            for c in range(fan_in):
                total = g.dtype.type(0)
                for b in range(n):
                    total += d[here, r, b] * a[layer, c, b]
                g[weight + r * fan_in + c] = total
        return
    for c in range(fan_in):
        for b in range(n):
            turned[b, c] = a[layer, c, b]
    for r in range(fan_out):
        out = g[weight + r * fan_in : weight + (r + 1) * fan_in]
        for c in range(fan_in):
            out[c] = g.dtype.type(0)
        b = 0
        while b + 4 <= n:
            d0, d1, d2, d3 = d[here, r, b], d[here, r, b + 1], d[here, r, b + 2], d[here, r, b + 3]
            for c in range(fan_in):
                out[c] += (
                    d0 * turned[b, c]
                    + d1 * turned[b + 1, c]
                    + d2 * turned[b + 2, c]
                    + d3 * turned[b + 3, c]
                )
            b += 4
        while b < n:
            d0 = d[here, r, b]
            for c in range(fan_in):
                out[c] += d0 * turned[b, c]
            b += 1


@_compiled
def _linear_inputs_back(p: Array, table: Array, layer: int, d: Array, here: int, n: int) -> None:
    """Set d[1 - here] = ∂loss/∂a from d[here] = ∂loss/∂z, four outputs at a time."""
    fan_in, fan_out, weight = table[layer, FAN_IN], table[layer, FAN_OUT], table[layer, WEIGHT]
    up = 1 - here
    for c in range(fan_in):
        r = fan_out % 4
        w = weight + c
        if r == 0:
            for b in range(n):
                d[up, c, b] = p.dtype.type(0)
        elif r == 1:
            w0 = p[w]
            for b in range(n):
                d[up, c, b] = w0 * d[here, 0, b]
        elif r == 2:
            w0, w1 = p[w], p[w + fan_in]
            for b in range(n):
                d[up, c, b] = w0 * d[here, 0, b] + w1 * d[here, 1, b]
        else:
            w0, w1, w2 = p[w], p[w + fan_in], p[w + 2 * fan_in]
            for b in range(n):
                d[up, c, b] = w0 * d[here, 0, b] + w1 * d[here, 1, b] + w2 * d[here, 2, b]
        while r < fan_out:
            w0, w1 = p[w + r * fan_in], p[w + (r + 1) * fan_in]
            w2, w3 = p[w + (r + 2) * fan_in], p[w + (r + 3) * fan_in]
            for b in range(n):
                d[up, c, b] += (
                    w0 * d[here, r, b]
                    + w1 * d[here, r + 1, b]
                    + w2 * d[here, r + 2, b]
                    + w3 * d[here, r + 3, b]
                )
            r += 4


@_compiled
def _batch_norm(
    p: Array,
    s: Array,
    table: Array,
    layer: int,
    options: Array,
    a: Array,
    x: Array,
    v: Array,
    n: int,
) -> None:
    """Set a[layer + 1] to the normalised a[layer], and move the running statistics.

    x[layer] keeps it before weight and bias, v[layer] keeps 1/sd.
    """
    one, count, z = p.dtype.type(1), p.dtype.type(n), layer + 1
    units, epsilon, momentum = table[layer, FAN_OUT], options[layer, 0], options[layer, 1]
    for r in range(units):
        mean = p.dtype.type(0)
        for b in range(n):
            mean += a[layer, r, b]
        mean /= count
        variance = p.dtype.type(0)
        for b in range(n):
            variance += (a[layer, r, b] - mean) * (a[layer, r, b] - mean)
        variance /= count
        inverse = one / np.sqrt(variance + epsilon)
        v[layer, r] = inverse
        at = table[layer, STATISTICS] + r
        unbiased = variance * count / (count - one)
        s[at] = (one - momentum) * s[at] + momentum * mean
        s[at + units] = (one - momentum) * s[at + units] + momentum * unbiased
        gain, shift = one, p.dtype.type(0)
        if table[layer, WEIGHT] >= 0:
            gain, shift = p[table[layer, WEIGHT] + r], p[table[layer, BIAS] + r]
        for b in range(n):
            x[layer, r, b] = (a[layer, r, b] - mean) * inverse
            a[z, r, b] = gain * x[layer, r, b] + shift


@_compiled
def _batch_norm_back(
    p: Array, g: Array, table: Array, layer: int, d: Array, here: int, x: Array, v: Array, n: int
) -> None:
    """Set the gradients of weight and bias, and d[1 - here], through mean and variance too."""
    count, up = p.dtype.type(n), 1 - here
    for r in range(table[layer, FAN_OUT]):
        total, slope = p.dtype.type(0), p.dtype.type(0)
        for b in range(n):
            total += d[here, r, b]
            slope += d[here, r, b] * x[layer, r, b]
        gain = p.dtype.type(1)
        if table[layer, WEIGHT] >= 0:
            gain = p[table[layer, WEIGHT] + r]
            g[table[layer, WEIGHT] + r] = slope
            g[table[layer, BIAS] + r] = total
        scale = gain * v[layer, r] / count
        for b in range(n):
            d[up, r, b] = scale * (count * d[here, r, b] - total - x[layer, r, b] * slope)


@_compiled
def _activation(table: Array, layer: int, options: Array, a: Array, n: int) -> None:
    """Set a[layer + 1] to the activation of a[layer]."""
    zero, one, two = a.dtype.type(0), a.dtype.type(1), a.dtype.type(2)
    kind, z = table[layer, KIND], layer + 1
    first, second = options[layer, 0], options[layer, 1]
    for r in range(table[layer, FAN_OUT]):
        if kind == TANH:
            for b in range(n):
                a[z, r, b] = one - two / (exp(two * a[layer, r, b]) + one)
        elif kind in (RELU, LEAKY_RELU):
            for b in range(n):
                a[z, r, b] = max(a[layer, r, b], zero) + first * min(a[layer, r, b], zero)
        elif kind == SIGMOID:
            for b in range(n):
                a[z, r, b] = one / (one + exp(-a[layer, r, b]))
        elif kind == SOFTPLUS:
            for b in range(n):
                scaled = first * a[layer, r, b]
                soft = (max(scaled, zero) + log(one + exp(-abs(scaled)))) / first
                a[z, r, b] = a[layer, r, b] if scaled > second else soft
        else:
            for b in range(n):
                a[z, r, b] = a[layer, r, b]


@_compiled
def _activation_back(
    table: Array, layer: int, options: Array, a: Array, d: Array, here: int, n: int
) -> None:
    """Set d[1 - here] = ∂loss/∂a from d[here] = ∂loss/∂z."""
    zero, one = a.dtype.type(0), a.dtype.type(1)
    kind, z, up = table[layer, KIND], layer + 1, 1 - here
    first, second = options[layer, 0], options[layer, 1]
    for r in range(table[layer, FAN_OUT]):
        if kind == TANH:
            for b in range(n):
                d[up, r, b] = d[here, r, b] * (one - a[z, r, b] * a[z, r, b])
        elif kind in (RELU, LEAKY_RELU):
            for b in range(n):
                d[up, r, b] = d[here, r, b] * (one if a[layer, r, b] > zero else first)
        elif kind == SIGMOID:
            for b in range(n):
                d[up, r, b] = d[here, r, b] * a[z, r, b] * (one - a[z, r, b])
        elif kind == SOFTPLUS:
            for b in range(n):
                scaled = first * a[layer, r, b]
                slope = one if scaled > second else one / (one + exp(-scaled))
                d[up, r, b] = d[here, r, b] * slope
        else:
            for b in range(n):
                d[up, r, b] = d[here, r, b]


@_compiled
def _elementwise_loss(
    kind: int, floor: Any, z: Array, layer: int, y: Array, d: Array, outputs: int, n: int
) -> Any:
    """Set d[0] = ∂loss/∂outputs for outputs z[layer] and targets y, and return the loss."""
    zero, one, two = z.dtype.type(0), z.dtype.type(1), z.dtype.type(2)
    least, tiny, smallest = z.dtype.type(-100), z.dtype.type(1e-12), z.dtype.type(1e-37)
    lowest, share, total = z.dtype.type(floor), one / z.dtype.type(n * outputs), zero
    for r in range(outputs):
        if kind == MSE:
            for b in range(n):
                e = z[layer, r, b] - y[r, b]
                total += e * e
                d[0, r, b] = two * e * share
        elif kind == RELATIVE_MSE:
            for b in range(n):
                weight = one / max(abs(y[r, b]), lowest)
                e = (z[layer, r, b] - y[r, b]) * weight
                total += e * e
                d[0, r, b] = two * e * weight * share
        elif kind == BCE:
            for b in range(n):
                p, q = z[layer, r, b], one - z[layer, r, b]
                # torch bounds each logarithm by -100
                yes = max(log(max(p, smallest)), least) if p > smallest else least
                no = max(log(max(q, smallest)), least) if q > smallest else least
                total -= y[r, b] * yes + (one - y[r, b]) * no
                d[0, r, b] = (p - y[r, b]) / max(p * q, tiny) * share
        else:
            for b in range(n):
                score = z[layer, r, b]
                total += max(score, zero) - score * y[r, b] + log(one + exp(-abs(score)))
                d[0, r, b] = (one / (one + exp(-score)) - y[r, b]) * share
    return total * share


@_compiled
def _cross_entropy(z: Array, layer: int, labels: Array, d: Array, outputs: int, n: int) -> Any:
    """Set d[0] = ∂loss/∂scores for scores z[layer] and class labels (n,), and return the loss."""
    one, total = z.dtype.type(1), z.dtype.type(0)
    share = one / z.dtype.type(n)
    for b in range(n):
        highest = z[layer, 0, b]
        for r in range(1, outputs):
            highest = max(highest, z[layer, r, b])
        norm = z.dtype.type(0)
        for r in range(outputs):
            d[0, r, b] = exp(z[layer, r, b] - highest)
            norm += d[0, r, b]
        total += highest + log(norm) - z[layer, labels[b], b]
        for r in range(outputs):
            d[0, r, b] = d[0, r, b] / norm * share
        d[0, labels[b], b] -= share
    return total * share


@_compiled
def _update(
    kinds: Array, h: Array, step: int, low: int, high: int, p: Array, g: Array, moments: Array
) -> None:
    """Take one optimiser step on p[low:high]; h: lr, decay, momentum, β₁, β₂, ε."""
    # Unsigned: an index that cannot count from the end is checked for nothing.
    start, end = np.uint64(low), np.uint64(high)
    one, zero = p.dtype.type(1), p.dtype.type(0)
    kind, nesterov = kinds[1], kinds[2] == 1
    lr, decay, momentum = p.dtype.type(h[0]), p.dtype.type(h[1]), p.dtype.type(h[2])
    if kind == SGD and momentum == zero:
        for q in range(start, end):
            p[q] -= lr * (g[q] + decay * p[q])
        return
    if kind == SGD:
        for q in range(start, end):
            slope = g[q] + decay * p[q]
            moments[0, q] = momentum * moments[0, q] + slope
            p[q] -= lr * (slope + momentum * moments[0, q] if nesterov else moments[0, q])
        return
    first, second, epsilon = p.dtype.type(h[3]), p.dtype.type(h[4]), p.dtype.type(h[5])
    # Bias corrections in double precision, as torch computes them.
    size = p.dtype.type(h[0] / (1.0 - h[3] ** step))
    root = p.dtype.type(1.0 / np.sqrt(1.0 - h[4] ** step))
    shrink = one - lr * decay if kind == ADAMW else one
    coupled = decay if kind == ADAM else zero
    for q in range(start, end):
        slope = g[q] + coupled * p[q]
        moments[0, q] += (one - first) * (slope - moments[0, q])
        moments[1, q] = second * moments[1, q] + (one - second) * slope * slope
        p[q] = shrink * p[q] - size * moments[0, q] / (np.sqrt(moments[1, q]) * root + epsilon)


@_strict
def _all_finite(p: Array) -> bool:
    """Tell whether every number of p is one."""
    for q in range(p.shape[0]):  # noqa: SIM110  # numba has no generator expressions
        if not np.isfinite(p[q]):
            return False
    return True


@_compiled
def train_block(
    x: Array,
    y: Array,
    labels: Array,
    orders: Array,
    batch: int,
    table: Array,
    options: Array,
    segments: Array,
    kinds: Array,
    h: Array,
    floor: float,
    p: Array,
    s: Array,
    moments: Array,
    work: tuple[Array, ...],
    step: int,
    keep: Array,
    losses: Array,
    kept_p: Array,
    kept_s: Array,
) -> Any:
    """Train for as many epochs as `orders` (epochs, n) has rows; return how many were done.

    Inputs x (inputs, n), targets y (outputs, n) or `labels` (n,). `table` has a row for each layer
    (columns KIND …), `options` its numbers, `segments` (k, 2) the ranges of p that are trained.
    `kinds` = (loss, optimiser, nesterov). p, s (statistics) and `moments` (2, parameters) are moved
    in place. `losses[i]` becomes the batch loss of the i-th step of the block; where `keep[i]`,
    p and s after it go to the next rows of `kept_p` and `kept_s`. Ends at the first epoch after
    which a parameter is not finite.
    """
    a, d, plain, inverse, g, turned, wanted, classes = work
    n, layers, at, kept = x.shape[1], table.shape[0], 0, 0
    outputs = table[layers - 1, FAN_OUT]
    for epoch in range(orders.shape[0]):
        for start in range(0, n, batch):
            size = min(batch, n - start)
            for f in range(x.shape[0]):
                for b in range(size):
                    a[0, f, b] = x[f, orders[epoch, start + b]]
            for layer in range(layers):
                if table[layer, KIND] == LINEAR:
                    _linear(p, table, layer, a, size)
                elif table[layer, KIND] == BATCH_NORM:
                    _batch_norm(p, s, table, layer, options, a, plain, inverse, size)
                else:
                    _activation(table, layer, options, a, size)
            if kinds[0] == CROSS_ENTROPY:
                for b in range(size):
                    classes[b] = labels[orders[epoch, start + b]]
                losses[at] = _cross_entropy(a, layers, classes, d, outputs, size)
            else:
                for r in range(outputs):
                    for b in range(size):
                        wanted[r, b] = y[r, orders[epoch, start + b]]
                losses[at] = _elementwise_loss(kinds[0], floor, a, layers, wanted, d, outputs, size)
            here = 0
            for layer in range(layers - 1, -1, -1):
                if table[layer, KIND] == LINEAR:
                    _linear_parameters_back(g, table, layer, a, d, here, turned, size)
                    if layer > 0:
                        _linear_inputs_back(p, table, layer, d, here, size)
                elif table[layer, KIND] == BATCH_NORM:
                    _batch_norm_back(p, g, table, layer, d, here, plain, inverse, size)
                else:
                    _activation_back(table, layer, options, a, d, here, size)
                here = 1 - here
            step += 1
            for k in range(segments.shape[0]):
                _update(kinds, h, step, segments[k, 0], segments[k, 1], p, g, moments)
            if keep[at]:
                for q in range(p.shape[0]):
                    kept_p[kept, q] = p[q]
                for q in range(s.shape[0]):
                    kept_s[kept, q] = s[q]
                kept += 1
            at += 1
        if not _all_finite(p):
            return epoch + 1
    return orders.shape[0]
