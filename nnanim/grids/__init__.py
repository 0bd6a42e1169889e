"""Grids: which lines of input space a film follows through the layers.

A grid is any frozen value with two methods: `lines(window)` gives the lines, `outline(window)` says
which of them are drawn heavier. It is a matter of the picture: no training hangs on it.

Three more are up to it: `roles(window)` gives the colour of each line, "grid" or "grid2" or of a
class, `faces(window)` says which of them are closed and filled, and `over(dataset)` returns a grid
that hangs on the data.
"""

from nnanim.grids.checkerboard import Checkerboard
from nnanim.grids.curves import Curves
from nnanim.grids.grid import Grid
from nnanim.grids.polar import Polar
from nnanim.grids.square import Square
from nnanim.grids.texture import Texture
from nnanim.grids.triangular import Triangular

__all__ = ["Checkerboard", "Curves", "Grid", "Polar", "Square", "Texture", "Triangular"]


def __dir__() -> list[str]:
    return __all__
