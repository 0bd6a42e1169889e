"""The lane kernel: networks of one architecture trained side by side, each in a lane of its own.

The training kernel computes sixteen samples of one network at once; this one, one sample of sixteen
networks: parameters stand as [parameter][network], activations as [layer, unit, sample][network].
A tiny network on few samples fills no vector otherwise, and nothing is ever added up over lanes.

Its oracle is the training kernel, and through that torch. Arrays are reached by pointers, as in
`layers`; there are `stride` numbers from one unit to the next, of which the first n are in use.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.codes import (
    BIAS,
    COLUMNS,
    CROSS_ENTROPY,
    FAN_IN,
    FAN_OUT,
    KIND,
    LINEAR,
    SGD,
    WEIGHT,
)
from nnanim.kernels.compilation import compiled
from nnanim.kernels.lanes import (
    LANES,
    absolute,
    choose,
    constant,
    load,
    one,
    pointer,
    spread,
    store,
    total,
)
from nnanim.kernels.layers import Pointer, activation, activation_back, inner, linear_slopes
from nnanim.kernels.losses import loss
from nnanim.kernels.steps import update

Array = NDArray[Any]

# What is kept of each network, a row each: the first loss, the last; of the losses as shares of the
# first, none above HIGHEST, the sum, the sum of inverses and the sum over the tail; and how many
# steps gave a finite loss.
FIRST, LAST, SUM, INVERSE, TAIL, STEPS = range(6)
KEPT = 6
HIGHEST, LOWEST = 1e6, 1e-9


@inner
def _fill(
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
    for r in range(rows):
        for b in range(size):
            store(target, r * stride + b * LANES, spread(values, r * n + order[k + b]))


@inner
def _linear(
    p: Pointer,
    table: Pointer,
    row: int,
    back: int,
    source: Pointer,
    i: int,
    target: Pointer,
    j: int,
    stride: int,
    n: int,
) -> None:
    """Set the outputs to weight · inputs + bias, or back: what is taken to weightᵀ · what is given.

    Four by four: sixteen weights are read once for all samples.
    """
    ins, outs, bias = table[row + FAN_IN], table[row + FAN_OUT], table[row + BIAS]
    in_step, out_step = LANES, ins * LANES
    if back != 0:
        ins, outs, bias = outs, ins, ins - ins - 1
        in_step, out_step = out_step, in_step
    weight = table[row + WEIGHT] * LANES
    r = 0
    while r + 4 <= outs:
        z = j + r * stride
        t0 = constant(p, 0.0)
        t1 = t0
        t2 = t0
        t3 = t0
        if bias >= 0:
            at = (bias + r) * LANES
            t0 = load(p, at)
            t1 = load(p, at + LANES)
            t2 = load(p, at + 2 * LANES)
            t3 = load(p, at + 3 * LANES)
        c = ins % 4
        w = weight + r * out_step
        if c > 0 or ins == 0:
            for b in range(0, n, LANES):
                u0 = t0
                u1 = t1
                u2 = t2
                u3 = t3
                v = w
                for k in range(c):
                    x = load(source, i + k * stride + b)
                    u0 += load(p, v) * x
                    u1 += load(p, v + out_step) * x
                    u2 += load(p, v + 2 * out_step) * x
                    u3 += load(p, v + 3 * out_step) * x
                    v += in_step
                store(target, z + b, u0)
                store(target, z + stride + b, u1)
                store(target, z + 2 * stride + b, u2)
                store(target, z + 3 * stride + b, u3)
        while c < ins:
            v = w + c * in_step
            w00 = load(p, v)
            w01 = load(p, v + in_step)
            w02 = load(p, v + 2 * in_step)
            w03 = load(p, v + 3 * in_step)
            v += out_step
            w10 = load(p, v)
            w11 = load(p, v + in_step)
            w12 = load(p, v + 2 * in_step)
            w13 = load(p, v + 3 * in_step)
            v += out_step
            w20 = load(p, v)
            w21 = load(p, v + in_step)
            w22 = load(p, v + 2 * in_step)
            w23 = load(p, v + 3 * in_step)
            v += out_step
            w30 = load(p, v)
            w31 = load(p, v + in_step)
            w32 = load(p, v + 2 * in_step)
            w33 = load(p, v + 3 * in_step)
            x = i + c * stride
            for b in range(0, n, LANES):
                x0 = load(source, x + b)
                x1 = load(source, x + stride + b)
                x2 = load(source, x + 2 * stride + b)
                x3 = load(source, x + 3 * stride + b)
                u0 = t0
                u1 = t1
                u2 = t2
                u3 = t3
                if c > 0:
                    u0 = load(target, z + b)
                    u1 = load(target, z + stride + b)
                    u2 = load(target, z + 2 * stride + b)
                    u3 = load(target, z + 3 * stride + b)
                store(target, z + b, u0 + w00 * x0 + w01 * x1 + w02 * x2 + w03 * x3)
                store(target, z + stride + b, u1 + w10 * x0 + w11 * x1 + w12 * x2 + w13 * x3)
                store(target, z + 2 * stride + b, u2 + w20 * x0 + w21 * x1 + w22 * x2 + w23 * x3)
                store(target, z + 3 * stride + b, u3 + w30 * x0 + w31 * x1 + w32 * x2 + w33 * x3)
            c += 4
        r += 4
    while r < outs:
        t0 = constant(p, 0.0)
        if bias >= 0:
            t0 = load(p, (bias + r) * LANES)
        w = weight + r * out_step
        for b in range(0, n, LANES):
            t = t0
            v = w
            for k in range(ins):
                t += load(p, v) * load(source, i + k * stride + b)
                v += in_step
            store(target, j + r * stride + b, t)
        r += 1


@inner
def _put(g: Pointer, at: int, lanes: Any) -> None:
    """Set the gradient `at` of each network to its lane."""
    store(g, at * LANES, lanes)


@inner
def _step(
    kinds: Pointer,
    h: Pointer,
    segments: Pointer,
    count: int,
    settings: Pointer,
    step: int,
    p: Pointer,
    g: Pointer,
    velocity: Pointer,
    square: Pointer,
) -> None:
    """Take one optimiser step; h: β₁, β₂, ε, settings: decay, momentum, a rate for each segment."""
    first, second = 1.0, 1.0
    if kinds[1] != SGD:
        first = 1.0 / (1.0 - h[0] ** float(step))
        second = 1.0 / math.sqrt(1.0 - h[1] ** float(step))
    for k in range(count):
        lr = load(settings, (k + 2) * LANES)
        update(
            kinds[1],
            kinds[2],
            segments[2 * k] * LANES,
            segments[2 * k + 1] * LANES,
            p,
            g,
            velocity,
            square,
            lr,
            lr * constant(p, first),
            constant(p, second),
            load(settings, 0),
            load(settings, LANES),
            constant(p, h[0]),
            constant(p, h[1]),
            constant(p, h[2]),
        )


@inner
def _keep(kept: Pointer, value: Any, begins: bool, tail: bool) -> Any:
    """Add a step's loss to what is kept; return how many lanes are finite still."""
    zero, unity, infinity = constant(kept, 0.0), constant(kept, 1.0), constant(kept, math.inf)
    highest, lowest = constant(kept, HIGHEST), constant(kept, LOWEST)
    before = load(kept, STEPS * LANES)
    # One that has no loss any more is not asked again.
    living = choose(infinity, absolute(value), load(kept, KEPT * LANES), zero)
    store(kept, KEPT * LANES, living)
    if begins:
        store(kept, FIRST * LANES, value)
    share = value / load(kept, FIRST * LANES)
    share = choose(highest, share, share, highest)
    store(kept, LAST * LANES, choose(living, zero, value, load(kept, LAST * LANES)))
    added = choose(living, zero, share, zero)
    store(kept, SUM * LANES, load(kept, SUM * LANES) + added)
    inverse = choose(living, zero, unity / choose(share, lowest, share, lowest), zero)
    store(kept, INVERSE * LANES, load(kept, INVERSE * LANES) + inverse)
    if tail:
        store(kept, TAIL * LANES, load(kept, TAIL * LANES) + added)
    store(kept, STEPS * LANES, before + living)
    return one(total(living))


@compiled
def train_side_by_side(
    x: Array,
    y: Array,
    orders: Array,
    epochs: int,
    batch: int,
    tail: int,
    table: Array,
    options: Array,
    segments: Array,
    kinds: Array,
    h: Array,
    option: float,
    settings: Array,
    parameters: Array,
    moments: Array,
    kept: Array,
    states: Array,
    work: Array,
    width: int,
    stride: int,
) -> None:
    """Train groups of LANES networks for some epochs, each group until none has a finite loss.

    Inputs x (inputs, n), targets y (outputs, n) and `orders` (epochs, n) are those of all; of the
    orders of a full batch only the first is looked at. `table`, `options` and `segments` (k, 2)
    are as of the training kernel, without BatchNorm. `kinds` = (loss, optimiser, 0 without
    momentum or 1 with it or 2 with Nesterov's), h = (β₁, β₂, ε). `settings` (groups, 2 + k, LANES)
    are decay, momentum and a learning rate for each segment.
    Parameters (groups, p, LANES) are moved in place. `kept` (groups, KEPT + 1, LANES) begins as
    zeros with a last row of ones; the tail are the last `tail` steps. `states` (groups, epochs, p,
    LANES) get the parameters at the end of each epoch; of no epochs they get none. `moments`
    (2, p, LANES) and `work` are room.
    """
    n, length = x.shape[1], orders.shape[1]
    layers, count, trained = table.shape[0], parameters.shape[1], segments.shape[0]
    inputs, outputs = x.shape[0], y.shape[0]
    velocity, square = pointer(moments, 0), pointer(moments, count * LANES)
    rows, numbers, ranges = pointer(table, 0), pointer(options, 0), pointer(segments, 0)
    samples, targets, order = pointer(x, 0), pointer(y, 0), pointer(orders, 0)
    kind, betas = pointer(kinds, 0), pointer(h, 0)
    level = width * stride
    a, d = pointer(work, 0), pointer(work, (layers + 1) * level)
    wanted, g = pointer(work, (layers + 3) * level), pointer(work, (layers + 4) * level)
    steps = epochs * (-(-length // batch))
    # Not as literals: numba would compile functions once for each.
    forth, back = np.int64(0), np.int64(1)
    filled = False
    ends, noted, per = states.shape[1], pointer(states, 0), steps // epochs
    for group in range(parameters.shape[0]):
        p = pointer(parameters, group * count * LANES)
        setting = pointer(settings, group * (trained + 2) * LANES)
        sums = pointer(kept, group * (KEPT + 1) * LANES)
        moments[:] = 0.0
        step, going = 0, True
        while going:
            epoch, start = step // per, step % per * batch
            size = batch if batch < length - start else length - start
            if not filled or batch < n:
                k = epoch * length + start
                _fill(samples, n, order, k, a, inputs, stride, size)
                _fill(targets, n, order, k, wanted, outputs, stride, size)
                filled = True
            size_in_lanes = size * LANES
            for layer in range(layers):
                row, i = layer * COLUMNS, layer * level
                if rows[row + KIND] == LINEAR:
                    _linear(p, rows, row, forth, a, i, a, i + level, stride, size_in_lanes)
                else:
                    activation(rows, row, numbers, a, i, level, stride)
            share = 1.0 / size if kind[0] == CROSS_ENTROPY else 1.0 / (size * outputs)
            end = layers * level
            t = loss(kind[0], option, share, a, end, wanted, d, outputs, stride, size_in_lanes)
            value = t * constant(p, share)
            if _keep(sums, value, step == 0, step >= steps - tail) == 0.0:
                break
            given = forth
            for layer in range(layers - 1, -1, -1):
                row, i, taken = layer * COLUMNS, layer * level, level - given
                if rows[row + KIND] == LINEAR:
                    linear_slopes(_put, g, rows, row, a, i, d, given, stride, size_in_lanes)
                    if layer > 0:
                        _linear(p, rows, row, back, d, given, d, taken, stride, size_in_lanes)
                else:
                    activation_back(rows, row, numbers, a, i, level, d, given, taken, stride)
                given = taken
            step += 1
            _step(kind, betas, ranges, trained, setting, step, p, g, velocity, square)
            if ends > 0 and step % per == 0:
                at = (group * ends + step // per - 1) * count * LANES
                for k in range(0, count * LANES, LANES):
                    store(noted, at + k, load(p, k))
            going = step < steps
