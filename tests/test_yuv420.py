"""The yuv420p that the encoder is given, against the formula of BT.709 in floating point."""

from itertools import cycle

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim.drawing.raster import Yuv420
from nnanim.marks import Text
from nnanim.themes import THEMES
from tests.pictures import SIZE, converted, empty, placement
from tests.test_raster import ALL


def formula(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return Y, U and V of a picture (height, width, 4), one after the other, not rounded."""
    rgb = pixels[..., :3] / 255
    luma = rgb @ [0.2126, 0.7152, 0.0722]
    height, width = luma.shape
    small = rgb.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3))
    grey = small @ [0.2126, 0.7152, 0.0722]
    blueness, redness = (small[..., 2] - grey) / 1.8556, (small[..., 0] - grey) / 1.5748
    parts = 16 + 219 * luma, 128 + 224 * blueness, 128 + 224 * redness
    return np.concatenate([part.ravel() for part in parts])


@pytest.mark.parametrize("spread", [1, 4])
def test_the_parts_are_those_of_bt709(spread: int) -> None:
    """Within 1 of 255 of the formula, for noise and for flat colours."""
    rng = np.random.default_rng(spread)
    blocks = rng.integers(0, 256, (60, 80, 4), np.uint8)
    pixels = np.repeat(np.repeat(blocks, spread, axis=0), spread, axis=1)

    assert np.abs(converted(pixels) - formula(pixels)).max() <= 1


@pytest.mark.parametrize("level", [0, 1, 128, 254, 255])
def test_grey_has_no_colour(level: int) -> None:
    """Black is 16, white is 235, and no grey is tinged."""
    yuv = converted(np.full((2, 2, 4), level, np.uint8))

    assert yuv[:4] == pytest.approx(16 + 219 * level / 255, abs=0.6)
    assert (yuv[4:] == 128).all()


def test_what_did_not_change_is_not_converted_again() -> None:
    """Used memory shows the whole picture, though only what differs is made anew."""
    theme = THEMES["light"]
    raster, used = empty(theme), cycle([Yuv420(SIZE), Yuv420(SIZE)])
    for mark in (*ALL, None, *ALL[:2]):
        if mark is None:
            raster.clear()
        else:
            raster.draw(mark, placement())
            raster.write(Text((SIZE[0] - 3, 118), "12", size=15, anchor="right"))

        yuv = next(used)
        raster.convert(yuv)
        np.testing.assert_array_equal(yuv.content, converted(raster.pixels))
