"""Types that annotations name."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Limits = tuple[float, float]  # low and high
Frame = NDArray[np.uint8]  # a picture of a film (height, width, 4), RGBA
State = dict[str, NDArray[Any]]  # parameters and buffers by torch's names
Scaling = tuple[float, float]  # shift and step: what is at x on an axis is shift + step · x
