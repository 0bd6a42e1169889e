"""APNG: an animated PNG, which loses nothing."""

from pathlib import Path

from nnanim.writers.ffmpeg import BITEXACT, Encoder
from nnanim.writers.format import Encoding, Format, Shots
from nnanim.writers.metadata import write_in_png


def _encode(path: Path, shots: Shots, encoding: Encoding) -> None:
    pixels = "rgba" if shots.theme.transparent else "rgb24"
    arguments = ["-c:v", "apng", "-pix_fmt", pixels, *BITEXACT, "-f", "apng"]
    arguments += ["-plays", "1" if encoding.loop == "once" else "0"]
    with Encoder(path, shots, arguments) as encoder:
        for frame in shots.frames():
            encoder.write(frame)
    write_in_png(path, shots.provenance)


FORMAT = Format(
    *("apng", (640, 360), 20.0, 8.0, _encode), encoder="apng", media="image/apng", loops=True
)
