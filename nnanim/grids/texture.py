"""Texture: an image that the layers deform."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError
from nnanim.grids.grid import expect_count, faces_over
from nnanim.grids.square import Square
from nnanim.types import Floats

_FINEST = 128  # faces along the longer side


@dataclass(frozen=True)
class Texture:
    """An image laid over the window, `count` faces along its longer side, in greys.

    Colours are the classes', so the image has none. It keeps its shape and lies in the middle; of
    other than two inputs the grid is what `Square` is. Raises `SceneError` for what is no file of
    an image that Pillow reads.
    """

    path: str
    count: int = 64

    def __post_init__(self) -> None:
        expect_count("Texture", "count", self.count, 2, "'photo.png', count=64", _FINEST)
        _ = self._brightness  # a file that is no image is told here

    def lines(self, window: Floats) -> Sequence[Floats]:
        """Return the faces, row by row from the lowest, then the edge of the image."""
        if len(window) != 2:
            return Square().lines(window)
        rows, columns = self._brightness.shape
        span = window[:, 1] - window[:, 0]
        half = np.array([columns, rows]) * float((span / [columns, rows]).min()) / 2
        middle = window.mean(axis=1)
        box = np.stack([middle - half, middle + half], axis=1)
        return [*faces_over(box, rows, columns, 2), faces_over(box, 1, 1, 100)[0]]

    def outline(self, window: Floats) -> Collection[int]:
        """Return the edge."""
        return (self._brightness.size,) if len(window) == 2 else ()

    def faces(self, window: Floats) -> Mapping[int, float | None]:
        """Return the brightness of each face."""
        return dict(enumerate(self._brightness.ravel().tolist())) if len(window) == 2 else {}

    @cached_property
    def _brightness(self) -> Floats:
        """How bright each face is (rows, columns) from 0 to 1, the lowest row first."""
        return np.asarray(_greys(self.path, self.count)[::-1] / 255.0)


def _greys(path: str, count: int) -> NDArray[np.uint8]:
    """Return an image (rows, columns) of 0 to 255, top row first, `count` along its longer side."""
    from PIL import Image  # no grid but this needs it

    try:
        place = Path(path).absolute()
        found = place.is_file()  # a pipe would be waited for
    except (TypeError, ValueError) as error:
        raise SceneError(f"grids.Texture({path!r:.200}): no path of a file: {error}") from error
    if not found:
        raise SceneError(
            f"grids.Texture({path!r:.200}): no file, looked for {place}; a relative path starts at "
            "the working directory"
        )
    try:
        with Image.open(place) as image:
            size = np.array(image.size)
            columns, rows = np.maximum(1, np.rint(size * count / size.max())).astype(int).tolist()
            small = image.convert("RGBA").resize((columns, rows), Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SceneError(
            f"grids.Texture({path!r:.200}): no image that can be read: expected a PNG or JPEG"
        ) from error
    under = Image.new("RGBA", small.size, "black")
    return np.asarray(Image.alpha_composite(under, small).convert("L"))
