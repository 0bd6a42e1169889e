"""GIF: one palette for the whole film, the theme's colours exact, no dither."""

import heapq
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nnanim.errors import UsageError
from nnanim.theme import Theme
from nnanim.writers.ffmpeg import BITEXACT, Encoder
from nnanim.writers.format import Encoding, Format, Frame, Shots
from nnanim.writers.metadata import write_in_gif

# Delays are whole hundredths of a second, and browsers stretch one hundredth to ten.
_DELAYS = (2, 3, 4, 5, 6, 7, 8, 10, 20, 50, 100)
_COLORS = (256, 128, 64, 40)
_SAMPLES, _REFINEMENTS = 12, 2
_MOST_COLORS = 30_000  # from which a palette is chosen

Floats = NDArray[np.floating]


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
    film_palette(shots.sample(_SAMPLES), shots.theme, _COLORS[encoding.step]).save(palette)
    use = "paletteuse=dither=none:diff_mode=rectangle:alpha_threshold=128"
    arguments = ["-lavfi", use, "-loop", "-1" if encoding.loop == "once" else "0"]
    with Encoder(path, shots, [*arguments, *BITEXACT, "-f", "gif"], inputs=[palette]) as encoder:
        for frame in shots.frames():
            encoder.write(_one_bit(frame) if shots.theme.transparent else frame)
    write_in_gif(path, shots.provenance)


def film_palette(frames: list[Frame], theme: Theme, count: int = 256) -> Image.Image:
    """Return a 16 × 16 picture of `count` colours: the theme's own, the rest of `frames`."""
    exact = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in theme.opaque_colors]
    known = np.array(list(dict.fromkeys(exact)), float)
    colors, weights = _histogram(frames)
    nearest, distance = _nearest(colors, known)
    rest = distance > 0
    room = count - len(known) - int(theme.transparent)
    chosen = known
    if rest.any():
        chosen = np.concatenate([known, _split(colors[rest], weights[rest], room)])
    for _ in range(_REFINEMENTS):
        nearest, _ = _nearest(colors, chosen)
        mass = np.bincount(nearest, weights, len(chosen))
        moved = mass > 0
        moved[: len(known)] = False
        for channel in range(3):
            sums = np.bincount(nearest, weights * colors[:, channel], len(chosen))
            chosen[moved, channel] = sums[moved] / mass[moved]
    table = np.zeros((256, 4), np.uint8)
    table[:] = (*np.rint(chosen[0]).astype(np.uint8), 255)
    table[: len(chosen), :3] = np.rint(chosen)
    if theme.transparent:
        table[255] = 0
    return Image.fromarray(table.reshape(16, 16, 4), "RGBA")


def _histogram(frames: list[Frame]) -> tuple[Floats, Floats]:
    """Return the colours (n, 3) of the opaque pixels and how many there are of each (n,).

    Where they are too many, those that differ in their last bits are one.
    """
    pixels = np.concatenate([frame.reshape(-1, 4) for frame in frames])
    pixels = pixels[pixels[:, 3] > 127].astype(np.uint32)
    if not len(pixels):
        pixels = np.zeros((1, 4), np.uint32)
    codes = pixels[:, 0] << 16 | pixels[:, 1] << 8 | pixels[:, 2]
    found, counts = np.unique(codes, return_counts=True)
    colors = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    which, groups, bits = np.arange(len(found)), len(found), 0
    while groups > _MOST_COLORS:
        bits += 1
        coarse = colors >> bits
        keys = coarse[:, 0] << 16 | coarse[:, 1] << 8 | coarse[:, 2]
        kinds, which = np.unique(keys, return_inverse=True)
        groups = len(kinds)
    mass = np.bincount(which, counts)
    sums = [np.bincount(which, counts * colors[:, channel]) for channel in range(3)]
    return np.stack(sums, axis=1) / mass[:, None], mass.astype(float)


def _split(colors: Floats, weights: Floats, count: int) -> Floats:
    """Return up to `count` colours: the group with most error is cut across its longest axis.

    Orchard and Bouman, Color quantization of images, IEEE Trans. Signal Processing 39 (1991).
    """
    groups = [(-_spread(colors, weights)[0], 0, np.arange(len(colors)))]
    serial = 0  # keeps the order of groups whose error is the same
    while len(groups) < count and groups[0][0] < 0:
        _, _, group = heapq.heappop(groups)
        _, middle, axis = _spread(colors[group], weights[group])
        beyond = ((colors[group] - middle) * axis).sum(axis=1) > 0
        for part in (group[~beyond], group[beyond]):
            serial += 1
            heapq.heappush(groups, (-_spread(colors[part], weights[part])[0], serial, part))
    return np.stack([np.average(colors[g], axis=0, weights=weights[g]) for _, _, g in groups])


def _spread(colors: Floats, weights: Floats) -> tuple[float, Floats, Floats]:
    """Return the squared error about the mean, the mean (3,) and the longest axis (3,)."""
    middle = np.average(colors, axis=0, weights=weights)
    off = colors - middle
    # Not a matrix product: its sums depend on the number of threads.
    variances, axes = np.linalg.eigh(np.einsum("ni,nj->ij", off * weights[:, None], off))
    error = float(np.maximum(variances, 0).sum())
    return (error if len(colors) > 1 else 0.0), middle, axes[:, -1]


def _nearest(colors: Floats, chosen: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return which of `chosen` (k, 3) is nearest to each colour (n, 3), and the distance²."""
    found = np.empty(len(colors), np.intp)
    distance = np.empty(len(colors))
    for start in range(0, len(colors), 4096):
        rows = slice(start, start + 4096)
        red, green, blue = ((colors[rows, None, k] - chosen[:, k]) ** 2 for k in range(3))
        apart = red + green + blue
        found[rows] = apart.argmin(axis=1)
        distance[rows] = apart.min(axis=1)
    return found, distance


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
