"""GIF: one palette for the whole film, the theme's colours exact, no dither.

We write it ourselves, on all cores: a frame is what differs from the one before, packed.
"""

from pathlib import Path

from nnanim.errors import UsageError
from nnanim.writers.format import Encoding, Format, Shots

# Delays are whole hundredths of a second, and browsers stretch one hundredth to ten.
_DELAYS = (2, 3, 4, 5, 6, 7, 8, 10, 20, 50, 100)
_COLORS = (256, 128, 64, 40)


def _limits(size: tuple[int, int], fps: float, encoding: Encoding) -> None:
    del size, encoding
    if abs(fps - _nearest_rate(fps)) > 0.05:
        rates = ", ".join(f"{100 / delay:.4g}" for delay in _DELAYS)
        raise UsageError(
            f"a GIF cannot run at {fps:g} frames a second, its delays are whole hundredths: "
            f"use one of {rates}"
        )


def _nearest_rate(fps: float) -> float:
    return min((100 / delay for delay in _DELAYS), key=lambda rate: abs(rate - fps))


def _encode(path: Path, shots: Shots, encoding: Encoding) -> None:
    from nnanim.writers.indexed import write_gif  # numba, which telling of formats needs not

    write_gif(path, shots, _COLORS[encoding.step], endless=encoding.loop != "once")


FORMAT = Format(
    *("gif", (640, 360), 20.0, 8.0, _encode, _limits, _nearest_rate),
    media="image/gif",
    loops=True,
    qualities=tuple(f"{colors} colours" for colors in _COLORS),
)
