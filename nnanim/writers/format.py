"""What a writer is: a film file format, its defaults, what it can, and how it is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import UsageError, unknown
from nnanim.place import replacing
from nnanim.themes import Theme
from nnanim.types import Frame
from nnanim.writers.tracks import Tracks

Yuv420 = NDArray[np.uint8]

CODECS = ("h264", "hevc", "av1")
CHROMAS = ("420", "444")
LOOPS = ("once", "forever", "pingpong")
CHOICES = ("codec", "chroma", "lossless")  # of Encoding, where a format has them


@dataclass(frozen=True)
class Shots:
    """The frames of a film, to be written: `frames()` gives each once, `sample(n)` some of them.

    `yuv420()` gives each frame as the bytes (height · width · 3 / 2,) of BT.709 yuv420p, where that
    is at hand: opaque, of even sides, and half the work for an encoder that wants it.
    `converted(make)` gives the bytes that `make` makes of each frame, on the threads that draw it.
    `named()` gives the colours that views name besides those of the theme, as CSS writes them.
    `provenance` is what the file tells of where it came from: title, scene, seed, versions.
    `tracks` are captions and chapters, for formats that hold them.
    """

    size: tuple[int, int]  # width, height
    fps: float
    count: int
    theme: Theme
    frames: Callable[[], Iterator[Frame]]
    sample: Callable[[int], list[Frame]]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    tracks: Tracks = field(default_factory=Tracks)
    yuv420: Callable[[], Iterator[Yuv420]] | None = None
    converted: Callable[[Callable[[Frame], Yuv420]], Iterator[Yuv420]] | None = None
    named: Callable[[], Sequence[str]] = tuple


@dataclass(frozen=True)
class Encoding:
    """How a film is encoded, where its format leaves a choice; None takes the format's own.

    `codec` ("h264", "hevc", "av1"), `chroma` ("420", "444") and `lossless` are for MP4. `draft`
    encodes in haste. `loop` is "once" or "forever" for formats that loop by themselves, "pingpong"
    (there and back, 2n - 2 frames) for any. `step` counts down the format's `qualities`.
    """

    codec: str | None = None
    chroma: str | None = None
    lossless: bool = False
    draft: bool = False
    loop: str | None = None
    step: int = 0

    def __post_init__(self) -> None:
        for what, came, known in (
            ("codec", self.codec, CODECS),
            ("chroma", self.chroma, CHROMAS),
            ("loop", self.loop, LOOPS),
        ):
            if came is not None and came not in known:
                raise UsageError(unknown(what, came, known))


DEFAULTS = Encoding()


class Bounds(Protocol):
    """Raises `UsageError` for a size, rate or encoding that the format cannot hold."""

    def __call__(self, size: tuple[int, int], fps: float, encoding: Encoding) -> None:
        """Check, before anything is trained."""


@dataclass(frozen=True)
class Format:
    """A film file format: defaults where nothing else is said, and what it can, how it is written.

    `encode` makes the film at a path that is not yet its own. `qualities` names what the format
    can give up to become smaller, best first; a format without them keeps no bound on its size.
    """

    name: str
    size: tuple[int, int]
    fps: float
    seconds: float
    encode: Callable[[Path, Shots, Encoding], None]
    limits: Bounds | None = None
    nearest_rate: Callable[[float], float] = lambda fps: fps  # the rate it can hold, nearest
    encoder: str = ""  # of ffmpeg, where no choice changes it
    media: str = ""  # its type to a page, as "video/mp4"; without one, a page shows the poster
    alpha: bool = True
    loops: bool = False
    folder: bool = False  # a film is a folder of pictures
    choices: tuple[str, ...] = ()  # which of CHOICES it has
    qualities: tuple[str, ...] = ()

    def write(
        self,
        path: Path,
        shots: Shots,
        encoding: Encoding = DEFAULTS,
    ) -> None:
        """Write the film, whole or not at all; `WriteError` where the disk or ffmpeg refuses."""
        with replacing(path, folder=self.folder) as made:
            self.encode(made, shots, encoding)
