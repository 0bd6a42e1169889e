"""WebP: an animated picture with all colours and soft transparency, far smaller than a GIF."""

from pathlib import Path

import numpy as np

from nnanim.errors import WriteError
from nnanim.writers.ffmpeg import BITEXACT, Encoder
from nnanim.writers.format import Encoding, Format, Shots
from nnanim.writers.metadata import webp_chunks, write_in_webp

_LEAST = 30  # bytes of a WebP of one pixel
_QUALITIES = (90, 80, 70, 55, 40, 25)


def _encode(path: Path, shots: Shots, encoding: Encoding) -> None:
    arguments = ["-c:v", "libwebp_anim", "-pix_fmt", "bgra", *BITEXACT, "-f", "webp"]
    arguments += ["-quality", str(_QUALITIES[encoding.step])]
    arguments += ["-compression_level", "1" if encoding.draft else "4"]
    arguments += ["-loop", "1" if encoding.loop == "once" else "0"]
    # The whole film is one packet to ffmpeg, so it is counted by how long it lasts.
    first, moves = None, False
    with Encoder(path, shots, arguments, count=None) as encoder:
        for frame in shots.frames():
            encoder.write(frame)
            first = frame.copy() if first is None else first
            moves = moves or not np.array_equal(frame, first)
    content = path.read_bytes()
    if content[:4] + content[8:12] != b"RIFFWEBP" or len(content) < _LEAST:
        raise WriteError(f"ffmpeg made a WebP of {len(content)} bytes that is none")
    lasts = webp_duration(content)
    # Where nothing moves, a WebP is one picture, which lasts.
    if moves and abs(lasts - 1000 * shots.count / shots.fps) > 1:
        raise WriteError(f"ffmpeg made a WebP of {lasts} ms out of {shots.count} frames")
    write_in_webp(path, shots.provenance, shots.size)


def webp_duration(content: bytes) -> int:
    """Return how long an animated WebP lasts in milliseconds; a hold is one long frame of it."""
    frames = (body for name, body in webp_chunks(content) if name == b"ANMF")
    return sum(int.from_bytes(body[12:15], "little") for body in frames)


FORMAT = Format(
    *("webp", (640, 360), 20.0, 8.0, _encode),
    encoder="libwebp_anim",
    media="image/webp",
    loops=True,
    qualities=tuple(f"quality {quality}" for quality in _QUALITIES),
)
