"""The losses that the training kernels know, with their slopes, in compiled code.

Their oracles are torch's. Arrays are reached by pointers, as in `layers`.
"""

from typing import Any

from nnanim.kernels.codes import BCE, CROSS_ENTROPY, MSE, RELATIVE_MSE
from nnanim.kernels.elementary import exp, log
from nnanim.kernels.lanes import LANES, absolute, choose, constant, first, load, store
from nnanim.kernels.layers import Pointer, inner


@inner
def loss(
    kind: int,
    option: float,
    share: float,
    a: Pointer,
    i: int,
    y: Pointer,
    d: Pointer,
    outputs: int,
    stride: int,
    n: int,
) -> Any:
    """Set d to ∂loss/∂outputs for outputs at `i` in a and targets y, and return each lane's sum.

    Classes stand in y as one row each, 1 where a sample is of that class. The loss is `share` of
    what the n samples add up to.
    """
    zero, unity, two = constant(a, 0.0), constant(a, 1.0), constant(a, 2.0)
    least, tiny, smallest = constant(a, -100.0), constant(a, 1e-12), constant(a, 1e-37)
    lowest, part = constant(a, option), constant(a, share)
    t = zero
    for b in range(0, n, LANES):
        top = load(a, i + b)
        if kind == CROSS_ENTROPY:
            norm = zero
            for r in range(1, outputs):
                z = load(a, i + r * stride + b)
                top = choose(z, top, z, top)
            for r in range(outputs):
                norm += exp(load(a, i + r * stride + b) - top)
            top = top + log(norm)
        for r in range(outputs):
            k = r * stride + b
            z = load(a, i + k)
            w = load(y, k)
            if kind == MSE:
                e = z - w
                value = e * e
                slope = two * e
            elif kind == RELATIVE_MSE:
                weight = absolute(w)
                weight = unity / choose(weight, lowest, weight, lowest)
                e = (z - w) * weight
                value = e * e
                slope = two * e * weight
            elif kind == BCE:
                q = unity - z
                # torch bounds each logarithm by -100
                yes = choose(z, smallest, log(choose(z, smallest, z, smallest)), least)
                no = choose(q, smallest, log(choose(q, smallest, q, smallest)), least)
                value = zero - (w * yes + (unity - w) * no)
                e = z * q
                slope = (z - w) / choose(e, tiny, e, tiny)
            elif kind == CROSS_ENTROPY:
                value = w * (top - z)
                slope = exp(z - top) - w
            else:
                value = choose(z, zero, z, zero) - z * w + log(unity + exp(zero - absolute(z)))
                slope = unity / (unity + exp(zero - z)) - w
            t += first(value, n - b)
            store(d, k, first(slope * part, n - b))
    return t
