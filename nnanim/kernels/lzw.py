"""GIF's pictures: what differs between two frames, and its pixels packed by LZW.

Welch, A technique for high-performance data compression, Computer 17 (1984), with the codes of
growing width that the GIF89a specification lays down.
"""

import numpy as np

from nnanim.kernels.blend import Array
from nnanim.kernels.compilation import compiled

_LONGEST = 12  # bits of a code
_CODES = 1 << _LONGEST
# Whole numbers are made np.int64 first: with those of other widths numba reckons as floats.
_SLOTS = 8192  # of the table, so that about half are taken when it is full
_SHIFT, _FACTOR = 19, 2654435769  # Knuth's multiplicative hashing, of 32 bits to 13


@compiled
def difference(before: Array, frame: Array, used: Array) -> tuple[int, int, int, int]:
    """Return top, bottom, left and right of the pixels that differ; all 0 where none does.

    Both are (height, width) indices; `used` (256,) becomes 1 for those of `frame` that are new.
    """
    height, width = frame.shape
    top, bottom, left, right = height, 0, width, 0
    for y in range(height):
        first, last = width, -1
        for x in range(width):
            if before[y, x] != frame[y, x]:
                used[frame[y, x]] = 1
                first = min(first, x)
                last = x
        if last >= 0:
            top, bottom = min(top, y), y + 1
            left, right = min(left, first), max(right, last + 1)
    if bottom == 0:
        return 0, 0, 0, 0
    return top, bottom, left, right


@compiled
def vanishes(frame: Array, after: Array, empty: int) -> bool:
    """Return whether any pixel of `frame` is `empty` in the frame `after`, and was not."""
    for y in range(frame.shape[0]):
        for x in range(frame.shape[1]):
            if after[y, x] == empty and frame[y, x] != empty:
                return True
    return False


@compiled
def pack(before: Array, frame: Array, keep: int, bits: int, packed: Array) -> int:
    """Write the LZW codes of `frame` (height, width), and return how many bytes they are.

    The pixels are below 2 ** `bits`, where `bits` is 2 to 8. Those that are as `before` become
    `keep`, which leaves what is there, or stay themselves where that makes a longer match; a
    negative `keep` lets all be themselves. `packed` has room for two bytes a pixel and 16.
    """
    pixels, former = frame.ravel(), before.ravel()
    symbols, kept = np.empty_like(pixels), np.uint8(max(keep, 0))
    for i in range(len(pixels)):
        symbols[i] = kept if keep >= 0 and former[i] == pixels[i] else pixels[i]
    clear, limit = 1 << bits, len(pixels)
    # A slot holds a code, and the code and symbol that it is made of; those numbers are never 0.
    slots = np.zeros(_SLOTS, np.uint32)
    # Runs of one symbol, the most of a film, are not looked up a pixel at a time.
    runs = np.empty((clear, _CODES), np.uint16)  # codes, by symbol and length
    longest = np.ones(clear, np.int64)
    runs[:, 1] = np.arange(clear)
    width, following = bits + 1, clear + 2
    word, filled, count = clear, width, 0  # bits that wait, how many, bytes written
    at, run_end = 0, 0
    while at < limit:
        symbol = int(np.int64(symbols[at]))
        if run_end <= at:
            run_end = at + 1
            while run_end < limit and symbols[run_end] == symbol:
                run_end += 1
        length = min(run_end - at, longest[symbol])
        code = int(np.int64(runs[symbol, length]))
        at += length
        slot = 0
        while at < limit:
            symbol = int(np.int64(symbols[at]))
            slot, found = _find(slots, code << 8 | symbol)
            if found == 0 and symbol == keep:
                _, found = _find(slots, code << 8 | int(np.int64(pixels[at])))
            if found == 0:
                break
            code = found
            at += 1
        word |= code << filled
        filled += width
        while filled >= 8:
            packed[count] = word & 255
            count += 1
            word >>= 8
            filled -= 8
        # Past the end nothing is looked up, but readers reckon with one code more.
        if at < limit:
            slots[slot] = (code << 8 | symbol) << _LONGEST | following
            if runs[symbol, longest[symbol]] == code:
                longest[symbol] += 1
                runs[symbol, longest[symbol]] = following
        width += following == 1 << width and width < _LONGEST
        following += 1
        if following == _CODES:
            word |= clear << filled
            filled += width
            slots[:] = 0
            longest[:] = 1
            width, following = bits + 1, clear + 2
    word |= (clear + 1) << filled
    filled += width
    while filled > 0:
        packed[count] = word & 255
        count += 1
        word >>= 8
        filled -= 8
    return count


@compiled
def _find(slots: Array, key: int) -> tuple[int, int]:
    """Return the slot of a key, and its code, 0 where the slot is free."""
    slot = (key * _FACTOR & 0xFFFFFFFF) >> _SHIFT
    while True:
        held = int(np.int64(slots[slot]))
        if held == 0:
            return slot, 0
        if held >> _LONGEST == key:
            return slot, held & (_CODES - 1)
        slot = (slot + 1) & (_SLOTS - 1)
