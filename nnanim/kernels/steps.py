"""The steps of the optimisers that the training kernels know, in compiled code.

Their oracles are torch's. Arrays are reached by pointers, as in `layers`.
"""

from typing import Any

from nnanim.kernels.codes import ADAMW, SGD
from nnanim.kernels.lanes import LANES, constant, load_first, sqrt, store_first
from nnanim.kernels.layers import Pointer, inner

Numbers = Any  # a number for each lane


@inner
def update(
    kind: int,
    moved: int,
    low: int,
    high: int,
    p: Pointer,
    g: Pointer,
    velocity: Pointer,
    square: Pointer,
    lr: Numbers,
    size: Numbers,
    root: Numbers,
    decay: Numbers,
    momentum: Numbers,
    keep: Numbers,
    keep_square: Numbers,
    epsilon: Numbers,
) -> None:
    """Take one optimiser step on p[low:high].

    `moved` is 0 without momentum, 1 with it, 2 where it is Nesterov's. `size` and `root` are lr
    and 1 with Adam's corrections of bias, β₁ and β₂ are `keep` and `keep_square`.
    """
    unity, zero = constant(p, 1.0), constant(p, 0.0)
    if kind == SGD:
        for q in range(low, high, LANES):
            old = load_first(p, q, high - q)
            slope = load_first(g, q, high - q) + decay * old
            if moved != 0:
                v = momentum * load_first(velocity, q, high - q) + slope
                store_first(velocity, q, v, high - q)
                slope = slope + momentum * v if moved == 2 else v
            store_first(p, q, old - lr * slope, high - q)
        return
    shrink, coupled = unity, decay
    if kind == ADAMW:
        shrink, coupled = unity - lr * decay, zero
    for q in range(low, high, LANES):
        old = load_first(p, q, high - q)
        slope = load_first(g, q, high - q) + coupled * old
        v = load_first(velocity, q, high - q)
        v += (unity - keep) * (slope - v)
        store_first(velocity, q, v, high - q)
        s = keep_square * load_first(square, q, high - q) + (unity - keep_square) * slope * slope
        store_first(square, q, s, high - q)
        store_first(p, q, shrink * old - size * v / (sqrt(s) * root + epsilon), high - q)
