"""Blending: the one place that says what a colour laid over a pixel gives.

Pixels are 32-bit words of four bytes red, green, blue, alpha, alpha not multiplied in, as Agg
keeps them. A weight runs from 0, nothing, to 256, the colour itself; it is coverage times alpha.
Everything here is whole numbers, so that a picture is the same on every machine.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

compiled = njit(cache=True, nogil=True, error_model="numpy")

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
