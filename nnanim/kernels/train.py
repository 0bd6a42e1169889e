"""The training kernel: any stack of known layers, one compiled function, a block of epochs a call.

What makes it fast: activations stand as [layer, unit, sample], so that sixteen samples are computed
at once; parameters are one flat vector; a whole block of epochs runs without returning to Python.

Its oracle is torch: the formulas are those of torch's layers, losses and optimisers.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.codes import (
    BATCH_NORM,
    COLUMNS,
    CROSS_ENTROPY,
    KIND,
    LINEAR,
    SGD,
)
from nnanim.kernels.compilation import compiled
from nnanim.kernels.lanes import (
    LANES,
    constant,
    gather,
    load_first,
    one,
    pointer,
    store,
    store_first,
    total,
)
from nnanim.kernels.layers import (
    Pointer,
    activation,
    activation_back,
    batch_norm,
    batch_norm_back,
    inner,
    linear,
    linear_slopes,
    put_total,
)
from nnanim.kernels.losses import loss
from nnanim.kernels.steps import update

Array = NDArray[Any]


@inner
def _take(
    values: Pointer,
    n: int,
    order: Pointer,
    k: int,
    target: Pointer,
    rows: int,
    stride: int,
    size: int,
) -> None:
    """Set `rows` runs of the target to the values (rows, n) of the samples order[k : k + size]."""
    whole = size - size % LANES
    for r in range(rows):
        for b in range(0, whole, LANES):
            store(target, r * stride + b, gather(values, r * n, order, k + b))
        for b in range(whole, size):
            target[r * stride + b] = values[r * n + order[k + b]]


@inner
def _update(
    kinds: Pointer,
    h: Pointer,
    rate: float,
    step: int,
    low: int,
    high: int,
    p: Pointer,
    g: Pointer,
    velocity: Pointer,
    square: Pointer,
) -> None:
    """Take one optimiser step on p[low:high]; h: decay, momentum, β₁, β₂, ε."""
    size, root = rate, 1.0
    if kinds[1] != SGD:
        # Bias corrections in double precision, as torch computes them.
        size = rate / (1.0 - h[2] ** float(step))
        root = 1.0 / math.sqrt(1.0 - h[3] ** float(step))
    moved = kinds[2] + 1 if h[1] != 0.0 else 0
    update(
        kinds[1],
        moved,
        low,
        high,
        p,
        g,
        velocity,
        square,
        constant(p, rate),
        constant(p, size),
        constant(p, root),
        constant(p, h[0]),
        constant(p, h[1]),
        constant(p, h[2]),
        constant(p, h[3]),
        constant(p, h[4]),
    )


@inner
def _all_finite(p: Pointer, count: int) -> bool:
    """Tell whether p[:count] are all numbers: what is not one does not leave zero."""
    t = constant(p, 0.0)
    for q in range(0, count, LANES):
        x = load_first(p, q, count - q)
        t += x - x
    return bool(one(total(t)) == 0.0)


@inner
def _copy(source: Pointer, target: Pointer, start: int, count: int) -> None:
    for q in range(0, count, LANES):
        store_first(target, start + q, load_first(source, q, count - q), count - q)


@compiled
def train_block(
    x: Array,
    y: Array,
    orders: Array,
    epochs: int,
    batch: int,
    table: Array,
    options: Array,
    segments: Array,
    rates: Array,
    kinds: Array,
    h: Array,
    option: float,
    parameters: Array,
    statistics: Array,
    moments: Array,
    work: Array,
    width: int,
    stride: int,
    step: int,
    keep: Array,
    losses: Array,
    kept_parameters: Array,
    kept_statistics: Array,
) -> Any:
    """Train for some epochs in the `orders` (epochs, samples); return how many were done.

    They may leave out some of the n samples. Of those of a full batch only the first is looked at,
    as it makes no difference.
    Inputs x (inputs, n), targets y (outputs, n). `table` has a row for each layer (columns
    KIND …), `options` its two numbers, `segments` (k, 2) the ranges of the parameters that are
    trained, each at its of the `rates` (k,). `kinds` = (loss, optimiser, nesterov), `option` the
    loss's number; h = (decay, momentum, β₁, β₂, ε).
    `work` is room for batches of up to `stride` samples and layers of up to `width` units.
    Parameters (p,), statistics (s,) and `moments` (2, p) are moved in place. `losses[i]`
    becomes the batch loss of the i-th step of the block; where `keep[i]`, parameters and
    statistics after it go to the next rows of the kept ones. Ends at the first epoch after
    which a parameter is not finite.
    """
    n, length = x.shape[1], orders.shape[1]
    layers, count = table.shape[0], parameters.shape[0]
    inputs, outputs, at, kept = x.shape[0], y.shape[0], 0, 0
    p, s = pointer(parameters, 0), pointer(statistics, 0)
    velocity, square = pointer(moments, 0), pointer(moments, count)
    rows, numbers, trained = pointer(table, 0), pointer(options, 0), pointer(segments, 0)
    samples, targets, order = pointer(x, 0), pointer(y, 0), pointer(orders, 0)
    kind, setting, rate = pointer(kinds, 0), pointer(h, 0), pointer(rates, 0)
    kept_p, kept_s = pointer(kept_parameters, 0), pointer(kept_statistics, 0)
    level = width * stride
    a, d = pointer(work, 0), pointer(work, (layers + 1) * level)
    wanted, v = pointer(work, (layers + 3) * level), pointer(work, (layers + 4) * level)
    g = pointer(work, (layers + 4) * level + 2 * layers * width)
    # Not as literals: numba would compile functions once for each.
    forth, back = np.int64(0), np.int64(1)
    for epoch in range(epochs):
        for start in range(0, length, batch):
            size = batch if batch < length - start else length - start
            if epoch == 0 or batch < n:
                k = epoch * length + start
                _take(samples, n, order, k, a, inputs, stride, size)
                _take(targets, n, order, k, wanted, outputs, stride, size)
            for layer in range(layers):
                row, i = layer * COLUMNS, layer * level
                if rows[row + KIND] == LINEAR:
                    linear(p, rows, row, forth, a, i, a, i + level, stride, size)
                elif rows[row + KIND] == BATCH_NORM:
                    batch_norm(p, s, rows, row, numbers, a, i, v, level, stride, size)
                else:
                    activation(rows, row, numbers, a, i, level, stride)
            share = 1.0 / size if kind[0] == CROSS_ENTROPY else 1.0 / (size * outputs)
            end = layers * level
            t = loss(kind[0], option, share, a, end, wanted, d, outputs, stride, size)
            losses[at] = one(total(t) * constant(p, share))
            given = forth
            for layer in range(layers - 1, -1, -1):
                row, i, taken = layer * COLUMNS, layer * level, level - given
                if rows[row + KIND] == LINEAR:
                    linear_slopes(put_total, g, rows, row, a, i, d, given, stride, size)
                    if layer > 0:
                        linear(p, rows, row, back, d, given, d, taken, stride, size)
                elif rows[row + KIND] == BATCH_NORM:
                    batch_norm_back(p, g, rows, row, a, i, d, given, taken, v, stride, size)
                else:
                    activation_back(rows, row, numbers, a, i, level, d, given, taken, stride)
                given = taken
            step += 1
            for k in range(0, segments.size, 2):
                low, high = trained[k], trained[k + 1]
                of = rate[k // 2]
                _update(kind, setting, of, step, low, high, p, g, velocity, square)
            if keep[at]:
                _copy(p, kept_p, kept * count, count)
                _copy(s, kept_s, kept * statistics.shape[0], statistics.shape[0])
                kept += 1
            at += 1
        if not _all_finite(p, count):
            return epoch + 1
    return epochs
