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

compiled = njit(cache=True, nogil=True)

Word = np.uint32
_PAIR, _LOW, _HIGH = Word(0x00FF00FF), Word(0xFF), Word(0xFF000000)
_EIGHT, _FULL = Word(8), Word(256)
_HALF_PAIR, _HALF = Word(0x00800080), Word(128)


@compiled
def over_opaque(under: Word, color: Word, weight: Word) -> Word:
    """Return `color` over a pixel that is opaque, red and blue in one multiplication."""
    rest = _FULL - weight
    pair = ((under & _PAIR) * rest + (color & _PAIR) * weight + _HALF_PAIR) >> _EIGHT
    green = ((under >> _EIGHT) & _LOW) * rest + ((color >> _EIGHT) & _LOW) * weight + _HALF
    return Word((pair & _PAIR) | (green & Word(0xFF00)) | _HIGH)


@compiled
def over(under: Word, color: Word, weight: Word) -> Word:
    """Return `color` over any pixel: alpha is united, colours are mixed by their share of it."""
    alpha = under >> Word(24)
    if alpha == _LOW:
        return over_opaque(under, color, weight)
    above = weight * _LOW
    below = (_FULL - weight) * alpha
    total = above + below
    if total == Word(0):
        return under
    mixed = ((total + _HALF) >> _EIGHT) << Word(24)
    for shift in (Word(0), Word(8), Word(16)):
        channel = above * ((color >> shift) & _LOW) + below * ((under >> shift) & _LOW)
        mixed |= ((channel + (total >> Word(1))) // total) << shift
    return Word(mixed)


@compiled
def lay(pixels: Array, color: Word, weights: Array) -> None:
    """Lay `color` over a row of pixels with a weight in [0, 255] for each.

    255 stands for 256: what is wholly covered takes the colour itself.
    """
    for k in range(len(weights)):
        weight = Word(weights[k])
        if weight > Word(0):
            pixels[k] = over(pixels[k], color, weight + (weight >> Word(7)))


def packed(rgba: Array) -> Array:
    """Return colours (…, 4) of bytes as words (…,)."""
    bytes_ = np.ascontiguousarray(rgba, np.uint8)
    return bytes_.view("<u4")[..., 0]
