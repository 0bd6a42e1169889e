"""YUV 4:2:0: pixels as the encoder wants them, BT.709 yuv420p in the limited range."""

import numpy as np

from nnanim.kernels.blend import Array
from nnanim.kernels.compilation import compiled

_WORD, _WHOLE = np.uint32, np.int32
_PAIR, _LOW, _EIGHT, _SIXTEEN = _WORD(0x00FF00FF), _WORD(0xFF), _WORD(8), _WORD(16)

# ITU-R BT.709-6: Y' = 0.2126 R' + 0.7152 G' + 0.0722 B' in 16…235, Cb and Cr in 16…240, in units
# of 1/65536. Those of a difference add up to nothing, so that greys stay grey.
_Y_RED, _Y_GREEN, _Y_BLUE = _WORD(11966), _WORD(40254), _WORD(4064)
_U_RED, _U_GREEN, _U_BLUE = _WHOLE(-6596), _WHOLE(-22188), _WHOLE(28784)
_V_RED, _V_GREEN, _V_BLUE = _WHOLE(28784), _WHOLE(-26145), _WHOLE(-2639)
_Y_BLACK = _WORD((16 << 16) + (1 << 15))
_GREY, _EIGHTEEN = _WHOLE((128 << 18) + (1 << 17)), _WHOLE(18)  # four pixels are added up


@compiled
def to_yuv420(pixels: Array, box: tuple[int, int, int, int], yuv: Array) -> None:
    """Convert what `box` (left, top, right, bottom) holds of pixels (height, width), both even.

    `yuv` are the bytes (height · width · 3 / 2,) of Y, then of U and V at half the size, whose
    colour is the mean of four pixels. The box is widened to even sides; alpha is left out.
    """
    height, width = pixels.shape
    left, top, right, bottom = box[0] & ~1, box[1] & ~1, (box[2] + 1) & ~1, (box[3] + 1) & ~1
    luma = yuv[: height * width].reshape(height, width)
    chroma = yuv[height * width :].reshape(2, height // 2, width // 2)
    for y in range(top, bottom):
        source, target = pixels[y, left:right], luma[y, left:right]
        for x in range(right - left):
            word = source[x]
            red, green, blue = word & _LOW, (word >> _EIGHT) & _LOW, (word >> _SIXTEEN) & _LOW
            total = _Y_RED * red + _Y_GREEN * green + _Y_BLUE * blue + _Y_BLACK
            target[x] = total >> _SIXTEEN
    for y in range(top // 2, bottom // 2):
        upper, lower = pixels[2 * y, left:right], pixels[2 * y + 1, left:right]
        blueness = chroma[0, y, left // 2 : right // 2]
        redness = chroma[1, y, left // 2 : right // 2]
        for x in range((right - left) // 2):
            a, b, c, d = upper[2 * x], upper[2 * x + 1], lower[2 * x], lower[2 * x + 1]
            pair = (a & _PAIR) + (b & _PAIR) + (c & _PAIR) + (d & _PAIR)
            green = _WHOLE(
                ((a >> _EIGHT) & _LOW)
                + ((b >> _EIGHT) & _LOW)
                + ((c >> _EIGHT) & _LOW)
                + ((d >> _EIGHT) & _LOW)
            )
            red, blue = _WHOLE(pair & _WORD(0xFFFF)), _WHOLE(pair >> _SIXTEEN)
            u = _U_RED * red + _U_GREEN * green + _U_BLUE * blue + _GREY
            v = _V_RED * red + _V_GREEN * green + _V_BLUE * blue + _GREY
            blueness[x] = u >> _EIGHTEEN
            redness[x] = v >> _EIGHTEEN
