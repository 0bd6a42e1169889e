"""PNG: pictures as the bytes of files, as small as may be."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow


def png(colors: NDArray[np.uint8], most: int | None = None) -> bytes:
    """Return a picture (height, width, 4) as a PNG; of `most` colours, it is half as large."""
    picture, content = Pillow.fromarray(np.ascontiguousarray(colors)), BytesIO()
    if most is not None:
        half = (max(1, picture.width // 2), max(1, picture.height // 2))
        smaller = picture.convert("RGB").resize(half, Pillow.Resampling.BOX)
        picture = smaller.quantize(most, dither=Pillow.Dither.NONE)
    picture.save(content, "png", optimize=True)
    return content.getvalue()
