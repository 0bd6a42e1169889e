"""Cuts: parts of pictures at another size, and one picture laid over another."""

import numpy as np
from PIL import Image as Pillow

from nnanim.types import Frame

Edges = tuple[float, float, float, float]  # left, top, right, bottom in pixels, with fractions


def cut(picture: Frame, edges: Edges, size: tuple[int, int]) -> Frame:
    """Return what of a picture (height, width, 3) lies in `edges`, as a picture of `size`.

    What is made smaller is averaged, what is made larger is smooth.
    """
    whole = Pillow.fromarray(picture)
    return np.array(whole.resize(size, Pillow.Resampling.BICUBIC, edges))


def lay_over(picture: Frame, other: Frame, corner: tuple[int, int], weight: Frame) -> Frame:
    """Return a picture with another over it, its upper left at `corner` (x, y).

    `weight` (height, width) says how much of it is seen, from 0 to 255.
    """
    below = Pillow.fromarray(picture)
    below.paste(Pillow.fromarray(other), corner, Pillow.fromarray(weight))
    return np.array(below)
