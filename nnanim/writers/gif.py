"""GIF: one palette for the whole film, the theme's colours exact, no dither."""

from pathlib import Path

import numpy as np
from PIL import Image

from nnanim.errors import UsageError
from nnanim.theme import Theme
from nnanim.writers.ffmpeg import BITEXACT, Encoder
from nnanim.writers.format import Encoding, Format, Frame, Shots
from nnanim.writers.metadata import write_in_gif

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
    palette = path.with_name("palette.png")
    film_palette(shots.sample(8), shots.theme, _COLORS[encoding.step]).save(palette)
    use = "paletteuse=dither=none:diff_mode=rectangle:alpha_threshold=128"
    arguments = ["-lavfi", use, "-loop", "-1" if encoding.loop == "once" else "0"]
    with Encoder(path, shots, [*arguments, *BITEXACT, "-f", "gif"], inputs=[palette]) as encoder:
        for frame in shots.frames():
            encoder.write(_one_bit(frame) if shots.theme.transparent else frame)
    write_in_gif(path, shots.provenance)


def film_palette(frames: list[Frame], theme: Theme, count: int = 256) -> Image.Image:
    """Return a 16 × 16 picture of `count` colours: the theme's own, the rest of `frames`."""
    exact = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in theme.opaque_colors]
    exact = list(dict.fromkeys(exact))
    room = count - len(exact) - int(theme.transparent)
    pixels = np.concatenate([_seen(frame) for frame in frames])
    known = (pixels[:, None, :] == np.array(exact, np.uint8)[None]).all(axis=2).any(axis=1)
    rest = pixels[~known] if (~known).any() else pixels
    strip = Image.fromarray(rest[None])
    sampled = strip.quantize(room, method=Image.Quantize.MEDIANCUT, kmeans=4).getpalette("RGB")
    colors = np.array(sampled, np.uint8).reshape(-1, 3)[:room]
    table = np.zeros((256, 4), np.uint8)
    table[: len(exact)] = [(*color, 255) for color in exact]
    table[len(exact) : len(exact) + len(colors)] = np.c_[colors, np.full(len(colors), 255)]
    unused = len(exact) + len(colors)
    table[unused:] = table[0]
    if theme.transparent:
        table[255] = 0
    return Image.fromarray(table.reshape(16, 16, 4), "RGBA")


def _seen(frame: Frame) -> Frame:
    """Return the colours (n, 3) of the opaque pixels, one in three."""
    flat = frame.reshape(-1, 4)[::3]
    return np.ascontiguousarray(flat[flat[:, 3] > 127][:, :3])


def _one_bit(frame: Frame) -> Frame:
    """Return the frame with each pixel opaque or empty: a GIF knows nothing between."""
    hard = frame.copy()
    hard[..., 3] = np.where(frame[..., 3] > 127, 255, 0)
    return hard


FORMAT = Format(
    *("gif", (640, 360), 20.0, 8.0, _encode, _limits, _nearest_rate),
    encoder="gif",
    loops=True,
    qualities=tuple(f"{colors} colours" for colors in _COLORS),
)
