"""Blending: the one place that says what a colour laid over a pixel gives.

Pixels are 32-bit words of four bytes red, green, blue, alpha, alpha not multiplied in, as Agg
keeps them. A weight runs from 0, nothing, to 256, the colour itself; it is coverage times alpha.
Everything here is whole numbers, so that a picture is the same on every machine.
"""

from typing import Any

import numpy as np
from numba import types
from numba.core.cgutils import ir  # type: ignore[attr-defined]  # llvmlite's, that numba brings
from numba.extending import intrinsic
from numpy.typing import NDArray

from nnanim.kernels.compilation import compiled

Array = NDArray[Any]

Word = np.uint32
_PAIR, _LOW, _HIGH = Word(0x00FF00FF), Word(0xFF), Word(0xFF000000)
_EIGHT, _FULL = Word(8), Word(256)
_HALF_PAIR, _HALF = Word(0x00800080), Word(128)


@compiled
def over_opaque(under: Word, color: Word, weight: Word) -> Word:
    """Return `color` over a pixel that is opaque, red and blue in one multiplication."""
    # Each step is cut to 32 bits: numba would go on with 64, and half as many pixels at once.
    rest = Word(_FULL - weight)
    pair = Word((under & _PAIR) * rest) + Word((color & _PAIR) * weight)
    green = Word(((under >> _EIGHT) & _LOW) * rest) + Word(((color >> _EIGHT) & _LOW) * weight)
    pair, green = Word(pair + _HALF_PAIR) >> _EIGHT, Word(green + _HALF)
    return Word((pair & _PAIR) | (green & Word(0xFF00)) | _HIGH)


def _eight_over(_typing: Any, pixels: Any, at: Any, weights: Any, start: Any, color: Any) -> Any:
    """Give numba's recipe for `over_opaque` on eight neighbouring pixels in one vector.

    Left to itself LLVM takes sixteen or one, and sixteen pixels always straddle two cache lines.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words, bytes_ = ir.VectorType(ir.IntType(32), 8), ir.VectorType(ir.IntType(8), 32)
        channels = ir.VectorType(ir.IntType(16), 32)

        def pointer(which: int, kind: Any) -> Any:
            array = context.make_array(signature.args[which])(context, builder, arguments[which])
            return builder.bitcast(
                builder.gep(array.data, [arguments[which + 1]]), kind.as_pointer()
            )

        def all_of(number: int) -> Any:
            return ir.Constant(channels, [number] * 32)

        def spread(vector: Any, places: list[int]) -> Any:
            return builder.shuffle_vector(
                vector, vector, ir.Constant(ir.VectorType(ir.IntType(32), len(places)), places)
            )

        place = pointer(0, words)
        under = builder.bitcast(builder.load(place, align=4), bytes_)
        eight = builder.load(pointer(2, ir.VectorType(ir.IntType(8), 8)), align=1)
        weight = builder.zext(spread(eight, [k // 4 for k in range(32)]), channels)
        weight = builder.add(weight, builder.lshr(weight, all_of(7)))
        one = builder.insert_element(
            ir.Constant(words, ir.Undefined), arguments[4], ir.IntType(32)(0)
        )
        above = builder.zext(builder.bitcast(spread(one, [0] * 8), bytes_), channels)
        below = builder.mul(builder.zext(under, channels), builder.sub(all_of(256), weight))
        total = builder.add(builder.add(below, builder.mul(above, weight)), all_of(128))
        mixed = builder.trunc(builder.lshr(total, all_of(8)), bytes_)
        opaque = ir.Constant(words, [0xFF000000] * 8)
        builder.store(builder.or_(builder.bitcast(mixed, words), opaque), place, align=4)
        return context.get_dummy_value()

    return types.void(pixels, at, weights, start, color), code


eight_over: Any = intrinsic(_eight_over)


@compiled
def _over_clear(under: Word, color: Word, weight: Word) -> Word:
    """Return `color` over a pixel that is not opaque: colours count by their share of alpha."""
    above, below = weight * _LOW, (_FULL - weight) * (under >> Word(24))
    total = above + below
    if total == Word(0):
        return under
    mixed = ((total + _HALF) >> _EIGHT) << Word(24)
    for shift in (Word(0), Word(8), Word(16)):
        channel = above * ((color >> shift) & _LOW) + below * ((under >> shift) & _LOW)
        mixed |= ((channel + (total >> Word(1))) // total) << shift
    return Word(mixed)


@compiled
def over(under: Word, color: Word, weight: Word) -> Word:
    """Return `color` over any pixel."""
    if under >= _HIGH:
        return over_opaque(under, color, weight)
    return _over_clear(under, color, weight)


@compiled
def lay(pixels: Array, color: Word, weights: Array) -> None:
    """Lay `color` over a row of pixels with a weight in [0, 255] for each.

    255 stands for 256: what is wholly covered takes the colour itself.
    """
    for k in range(len(weights)):
        weight = Word(weights[k])
        if weight > Word(0):
            pixels[k] = over(pixels[k], color, Word(weight + (weight >> Word(7))))


def packed(rgba: Array) -> Array:
    """Return colours (…, 4) of bytes as words (…,)."""
    bytes_ = np.ascontiguousarray(rgba, np.uint8)
    return bytes_.view("<u4")[..., 0]
