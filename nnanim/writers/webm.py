"""WebM: VP9, as browsers like it; with a transparent theme its pixels are transparent."""

from pathlib import Path

from nnanim.writers.ffmpeg import BITEXACT, BT709, Encoder
from nnanim.writers.format import Encoding, Format, Shots
from nnanim.writers.metadata import tags


def _encode(path: Path, shots: Shots, encoding: Encoding) -> None:
    pixels = "yuva420p" if shots.theme.transparent else "yuv420p"
    haste = ["realtime", "-cpu-used", "8"] if encoding.draft else ["good", "-cpu-used", "4"]
    arguments = ["-vf", BT709, "-pix_fmt", pixels, "-c:v", "libvpx-vp9"]
    # Rows on several threads would make the bytes depend on their number.
    arguments += ["-crf", "24", "-b:v", "0", "-deadline", *haste, "-row-mt", "0"]
    if shots.theme.transparent:
        arguments += ["-auto-alt-ref", "0"]  # VP9 keeps transparency without it only
    arguments += [*BITEXACT, *tags(shots.provenance), "-f", "webm"]
    with Encoder(path, shots, arguments) as encoder:
        for frame in shots.frames():
            encoder.write(frame)


FORMAT = Format(
    *("webm", (1920, 1080), 60.0, 12.0, _encode), encoder="libvpx-vp9", media="video/webm"
)
