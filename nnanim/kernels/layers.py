"""The layers that the training kernel knows, forwards and backwards, in compiled code.

All arrays are reached by pointers. `a` holds what every layer gives: for each unit a run of
`stride` samples, of which the first n are a batch. A layer's inputs begin at `i`, its outputs at
`i + level`. `d` has room for the gradients of the loss with respect to what one layer gives, from
`given` on, and takes, from `taken` on. Lanes beyond the batch hold anything in `a`, zeros in `d`.

A layer is a row of six whole numbers in `table`, the first of them at `row`, and two numbers in
`options`. p are the parameters, g their gradients, s the running statistics.
"""

from collections.abc import Callable
from typing import Any

from numba import njit

from nnanim.kernels.codes import (
    BIAS,
    COLUMNS,
    FAN_IN,
    FAN_OUT,
    KIND,
    SIGMOID,
    SOFTPLUS,
    STATISTICS,
    TANH,
    WEIGHT,
)
from nnanim.kernels.elementary import exp, log
from nnanim.kernels.lanes import (
    LANES,
    absolute,
    choose,
    constant,
    first,
    load,
    one,
    spread,
    sqrt,
    store,
    total,
)

inner: Callable[[Callable[..., Any]], Any] = njit(nogil=True, error_model="numpy", forceinline=True)

Pointer = Any


@inner
def put_total(g: Pointer, at: int, lanes: Any) -> None:
    """Set g[at] to the sum over the lanes, which are samples of one network."""
    g[at] = one(total(lanes))


@inner
def linear_slopes(
    put: Callable[[Pointer, int, Any], None],
    g: Pointer,
    table: Pointer,
    row: int,
    a: Pointer,
    i: int,
    d: Pointer,
    given: int,
    stride: int,
    n: int,
) -> None:
    """Set the gradients of weight and bias: `put` puts what each lane has added up into g."""
    weight, ins, outs = table[row + WEIGHT], table[row + FAN_IN], table[row + FAN_OUT]
    bias = table[row + BIAS]
    for r in range(outs):
        slopes = given + r * stride
        if bias >= 0:
            t = constant(g, 0.0)
            for b in range(0, n, LANES):
                t += load(d, slopes + b)
            put(g, bias + r, t)
        w = weight + r * ins
        c = 0
        while c + 4 <= ins:
            t0 = constant(g, 0.0)
            t1 = t0
            t2 = t0
            t3 = t0
            x = i + c * stride
            for b in range(0, n, LANES):
                e = load(d, slopes + b)
                t0 += e * load(a, x + b)
                t1 += e * load(a, x + stride + b)
                t2 += e * load(a, x + 2 * stride + b)
                t3 += e * load(a, x + 3 * stride + b)
            put(g, w + c, t0)
            put(g, w + c + 1, t1)
            put(g, w + c + 2, t2)
            put(g, w + c + 3, t3)
            c += 4
        while c < ins:
            t = constant(g, 0.0)
            for b in range(0, n, LANES):
                t += load(d, slopes + b) * load(a, i + c * stride + b)
            put(g, w + c, t)
            c += 1


@inner
def linear(
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

    Four at a time, so that a run is read once for four products.
    """
    ins, outs, bias = table[row + FAN_IN], table[row + FAN_OUT], table[row + BIAS]
    in_step, out_step = ins - ins + 1, ins
    if back != 0:
        ins, outs, bias = outs, ins, ins - ins - 1
        in_step, out_step = out_step, in_step
    weight = table[row + WEIGHT]
    r = 0
    while r + 4 <= outs:
        for b in range(0, n, LANES):
            t0 = constant(p, 0.0)
            t1 = t0
            t2 = t0
            t3 = t0
            if bias >= 0:
                t0 = spread(p, bias + r)
                t1 = spread(p, bias + r + 1)
                t2 = spread(p, bias + r + 2)
                t3 = spread(p, bias + r + 3)
            w = weight + r * out_step
            for c in range(ins):
                x = load(source, i + c * stride + b)
                t0 += spread(p, w) * x
                t1 += spread(p, w + out_step) * x
                t2 += spread(p, w + 2 * out_step) * x
                t3 += spread(p, w + 3 * out_step) * x
                w += in_step
            z = j + r * stride + b
            store(target, z, t0)
            store(target, z + stride, t1)
            store(target, z + 2 * stride, t2)
            store(target, z + 3 * stride, t3)
        r += 4
    while r < outs:
        for b in range(0, n, LANES):
            t = constant(p, 0.0)
            if bias >= 0:
                t = spread(p, bias + r)
            w = weight + r * out_step
            for c in range(ins):
                t += spread(p, w) * load(source, i + c * stride + b)
                w += in_step
            store(target, j + r * stride + b, t)
        r += 1


@inner
def batch_norm(
    p: Pointer,
    s: Pointer,
    table: Pointer,
    row: int,
    options: Pointer,
    a: Pointer,
    i: int,
    moments: Pointer,
    level: int,
    stride: int,
    n: int,
) -> None:
    """Set the outputs to the normalised inputs, and move the running statistics in s.

    Mean and 1/sd are kept in `moments`, two numbers for each run of `a`.
    """
    unity, count = constant(p, 1.0), constant(p, float(n))
    option, units = row // COLUMNS * 2, table[row + FAN_OUT]
    epsilon, momentum = spread(options, option), spread(options, option + 1)
    for r in range(units):
        x = i + r * stride
        t = constant(p, 0.0)
        for b in range(0, n, LANES):
            t += first(load(a, x + b), n - b)
        mean = total(t) / count
        t = constant(p, 0.0)
        for b in range(0, n, LANES):
            e = first(load(a, x + b) - mean, n - b)
            t += e * e
        variance = total(t) / count
        inverse = unity / sqrt(variance + epsilon)
        at = x // stride * 2
        moments[at] = one(mean)
        moments[at + 1] = one(inverse)
        at = table[row + STATISTICS] + r
        s[at] = one((unity - momentum) * spread(s, at) + momentum * mean)
        at += units
        variance = variance * count / (count - unity)
        s[at] = one((unity - momentum) * spread(s, at) + momentum * variance)
        shift = constant(p, 0.0)
        if table[row + WEIGHT] >= 0:
            inverse = inverse * spread(p, table[row + WEIGHT] + r)
            shift = spread(p, table[row + BIAS] + r)
        for b in range(0, n, LANES):
            store(a, x + level + b, (load(a, x + b) - mean) * inverse + shift)


@inner
def batch_norm_back(
    p: Pointer,
    g: Pointer,
    table: Pointer,
    row: int,
    a: Pointer,
    i: int,
    d: Pointer,
    given: int,
    taken: int,
    moments: Pointer,
    stride: int,
    n: int,
) -> None:
    """Set the gradients of weight and bias, and d at `taken`, through mean and variance too."""
    count = constant(p, float(n))
    for r in range(table[row + FAN_OUT]):
        run = r * stride
        at = (i + run) // stride * 2
        mean, inverse = spread(moments, at), spread(moments, at + 1)
        t = constant(p, 0.0)
        u = t
        for b in range(run, run + n, LANES):
            e = load(d, given + b)
            t += e
            u += e * (load(a, i + b) - mean)
        shift, slope = total(t), total(u) * inverse
        scale = inverse / count
        if table[row + WEIGHT] >= 0:
            scale = scale * spread(p, table[row + WEIGHT] + r)
            g[table[row + WEIGHT] + r] = one(slope)
            g[table[row + BIAS] + r] = one(shift)
        slope = slope * inverse
        for b in range(run, run + n, LANES):
            e = count * load(d, given + b) - shift - (load(a, i + b) - mean) * slope
            store(d, taken + b, first(scale * e, run + n - b))


@inner
def activation(
    table: Pointer, row: int, options: Pointer, a: Pointer, i: int, level: int, stride: int
) -> None:
    """Set the outputs to the activation of the inputs."""
    zero, unity, two = constant(a, 0.0), constant(a, 1.0), constant(a, 2.0)
    kind, option = table[row + KIND], row // COLUMNS * 2
    beta, threshold = spread(options, option), spread(options, option + 1)
    start, end = i, i + table[row + FAN_OUT] * stride
    if kind == TANH:
        for x in range(start, end, LANES):
            store(a, x + level, unity - two / (exp(two * load(a, x)) + unity))
    elif kind == SIGMOID:
        for x in range(start, end, LANES):
            store(a, x + level, unity / (unity + exp(zero - load(a, x))))
    elif kind == SOFTPLUS:
        for x in range(start, end, LANES):
            e = load(a, x)
            scaled = beta * e
            soft = choose(scaled, zero, scaled, zero)
            soft = (soft + log(unity + exp(zero - absolute(scaled)))) / beta
            store(a, x + level, choose(scaled, threshold, e, soft))
    else:  # one slope above zero, another below
        for x in range(start, end, LANES):
            e = load(a, x)
            store(a, x + level, choose(zero, e, beta * e, e))


@inner
def activation_back(
    table: Pointer,
    row: int,
    options: Pointer,
    a: Pointer,
    i: int,
    level: int,
    d: Pointer,
    given: int,
    taken: int,
    stride: int,
) -> None:
    """Set d at `taken`."""
    zero, unity = constant(a, 0.0), constant(a, 1.0)
    kind, option = table[row + KIND], row // COLUMNS * 2
    beta, threshold = spread(options, option), spread(options, option + 1)
    count = table[row + FAN_OUT] * stride
    if kind == TANH:
        for b in range(0, count, LANES):
            e = load(a, i + level + b)
            store(d, taken + b, load(d, given + b) * (unity - e * e))
    elif kind == SIGMOID:
        for b in range(0, count, LANES):
            e = load(a, i + level + b)
            store(d, taken + b, load(d, given + b) * e * (unity - e))
    elif kind == SOFTPLUS:
        for b in range(0, count, LANES):
            e = beta * load(a, i + b)
            slope = choose(e, threshold, unity, unity / (unity + exp(zero - e)))
            store(d, taken + b, load(d, given + b) * slope)
    else:
        for b in range(0, count, LANES):
            slope = choose(load(a, i + b), zero, unity, beta)
            store(d, taken + b, load(d, given + b) * slope)
