"""Glyphs: text as masks, to be laid over pixels by the kernel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Glyph:
    """A digit, or several letters drawn as one: their mask (height, width), and the pen's way."""

    mask: NDArray[np.uint8]
    left: int  # from the pen to the mask
    top: int
    advance: int  # of the pen, to the next


Typesetter = Callable[[str, str, float, bool], Sequence[Glyph]]  # text, family, size, bold
