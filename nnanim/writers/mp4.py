"""MP4: H.264 that plays everywhere, its colours tagged, ready to be streamed."""

from pathlib import Path

from nnanim.errors import UsageError
from nnanim.theme import Theme
from nnanim.writers.ffmpeg import Encoder
from nnanim.writers.format import Format, Shots

_BT709 = (
    "scale=out_color_matrix=bt709:out_range=tv,"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)
_ARGUMENTS = (
    *("-vf", _BT709, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-crf", "18"),
    # The same bytes for any number of threads: no encoder's notes, no version strings.
    *("-bsf:v", "filter_units=remove_types=6", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
    *("-movflags", "+faststart", "-f", "mp4"),
)


def _check(size: tuple[int, int], fps: float, theme: Theme) -> None:
    del fps
    if size[0] % 2 or size[1] % 2:
        even = tuple(side + side % 2 for side in size)
        raise UsageError(
            f"mp4 needs an even width and height, not {size[0]}x{size[1]}: "
            f"use {even[0]}x{even[1]} or --format gif"
        )
    if theme.transparent:
        raise UsageError(
            f"mp4 cannot be transparent as the theme {theme.name!r} is: use --format gif, "
            "or the theme dark, light or paper"
        )


def _write(path: Path, shots: Shots) -> None:
    with Encoder(path, shots, _ARGUMENTS) as encoder:
        for frame in shots.frames():
            encoder.write(frame)


FORMAT = Format("mp4", (1920, 1080), 60.0, 12.0, _check, lambda fps: fps, _write)
