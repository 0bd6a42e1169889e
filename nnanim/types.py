"""Types that annotations name."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Limits = tuple[float, float]  # low and high
