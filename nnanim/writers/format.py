"""What a writer is: a film file format, its defaults, its limits, and how it is written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nnanim.theme import Theme

Frame = NDArray[np.uint8]


@dataclass(frozen=True)
class Shots:
    """The frames of a film, to be written: `frames()` gives each once, `sample(n)` some of them."""

    size: tuple[int, int]  # width, height
    fps: float
    count: int
    theme: Theme
    frames: Callable[[], Iterator[Frame]]
    sample: Callable[[int], list[Frame]]


class Check(Protocol):
    """Raises `UsageError` for a size, rate or theme that the format cannot hold."""

    def __call__(self, size: tuple[int, int], fps: float, theme: Theme) -> None:
        """Check, before anything is trained."""


@dataclass(frozen=True)
class Format:
    """A film file format: defaults where nothing else is said, and functions to check and write."""

    name: str
    size: tuple[int, int]
    fps: float
    seconds: float
    check: Check
    nearest_rate: Callable[[float], float]  # the frame rate it can hold that is nearest
    write: Callable[[Path, Shots], None]
