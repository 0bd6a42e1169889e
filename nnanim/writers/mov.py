"""MOV: ProRes 4444, which editors and Keynote take; transparent where the theme is."""

from pathlib import Path

from nnanim.writers.ffmpeg import BITEXACT, BT709, Encoder
from nnanim.writers.format import Encoding, Format, Shots
from nnanim.writers.metadata import tags


def _encode(path: Path, shots: Shots, encoding: Encoding) -> None:
    del encoding  # the encoder has no haste
    pixels = "yuva444p10le" if shots.theme.transparent else "yuv444p10le"
    arguments = ["-vf", BT709, "-pix_fmt", pixels, "-c:v", "prores_ks", "-profile:v", "4444"]
    arguments += ["-vendor", "apl0", "-alpha_bits", "8" if shots.theme.transparent else "0"]
    arguments += [*BITEXACT, *tags(shots.provenance), "-f", "mov"]
    with Encoder(path, shots, arguments) as encoder:
        for frame in shots.frames():
            encoder.write(frame)


FORMAT = Format(
    *("mov", (1920, 1080), 60.0, 12.0, _encode), encoder="prores_ks", media="video/quicktime"
)
