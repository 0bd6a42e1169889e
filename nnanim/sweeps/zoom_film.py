"""The film of a zoom: its frames, each of two keyframes, in colours that are the same all along."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnanim.drawing.color_maps import color_map
from nnanim.drawing.cuts import cut, lay_over
from nnanim.drawing.raster import Raster, Yuv420
from nnanim.drawing.surface import Box, Placement
from nnanim.drawing.typesetter import glyphs_of, width
from nnanim.marks import Polygons, Text
from nnanim.sheet.look import Look
from nnanim.sweeps.border import border_pixel
from nnanim.sweeps.folder import Folder
from nnanim.sweeps.makers import HERE, Maker
from nnanim.sweeps.mapped import MapPlan, mapped
from nnanim.sweeps.shown import Coloring, Shown
from nnanim.sweeps.zoom import Shares, Zoom
from nnanim.threads import Progress, cores, in_order
from nnanim.types import Frame
from nnanim.writers.format import Shots

T = TypeVar("T")

_RAMP = 0.1  # of the way's time, in which it begins to move, and to stand
_HELD = 1 / 16  # of the film, at either end
_POOLED = 200_000  # numbers of a keyframe that are looked at for its colours
_SEAM = 0.2  # of a side, over which the nearer keyframe comes in at its edges
_SHADE = 0.7  # of what is written, its ground


@dataclass(frozen=True, eq=False)
class Keyframes:
    """What the maps of a zoom's keyframes came to: a number for each pixel, float32, and hashes.

    `borders` are the values of x and y at a pixel on the border near the middle of each; None where
    a keyframe has no border.
    """

    numbers: Sequence[NDArray[np.float32]]
    hashes: Sequence[str]
    borders: Sequence[tuple[float, float] | None] = ()

    @cached_property
    def hash(self) -> str:
        """The SHA-256 of all hashes."""
        return hashlib.sha256("".join(self.hashes).encode()).hexdigest()

    def pictures(self, coloring: Coloring) -> list[Frame]:
        """Return all as pictures (height, width, 3).

        Their shades cover equal areas of all together.
        """
        some = [each.ravel()[:: max(1, each.size // _POOLED)] for each in self.numbers]
        shades = coloring.shades(np.concatenate(some))
        pictures = map(shades.picture, self.numbers)
        return [np.ascontiguousarray(picture[..., :3]) for picture in pictures]


def keyframes_of(
    plans: Sequence[MapPlan],
    folder: Path,
    shown: Shown,
    progress: Progress | None = None,
    maker: Maker = HERE,
) -> Keyframes:
    """Train the keyframes of a zoom, each in a folder of its own, where what is there is taken.

    Of each pixel the number that is `shown` is returned.
    """
    places = [folder / f"{number:02d}" for number in range(len(plans))]
    for plan, place in zip(plans, places, strict=True):
        Folder(place, plan, "map")  # another's is found before the first training
    numbers, hashes, borders = [], [], []
    for number, (plan, place) in enumerate(zip(plans, places, strict=True)):
        done = mapped(plan, place, maker, _part(progress, number, len(plans)))
        numbers.append(shown.numbers(done).astype(np.float32))
        hashes.append(done.hash)
        at = border_pixel(done.converges)
        borders.append(None if at is None else _point(plan, *at))
    return Keyframes(numbers, hashes, borders)


def _point(plan: MapPlan, i: int, j: int) -> tuple[float, float]:
    """Return the values of x and y at a pixel."""
    x, y = plan.pixels.settings(i, j).values()
    return float(x), float(y)


@dataclass(frozen=True, eq=False)
class ZoomFilm:
    """The frames of a zoom over the pictures of its keyframes, each as large as the film."""

    zoom: Zoom
    pictures: Sequence[Frame]
    look: Look
    count: int
    fps: float

    def shots(self, provenance: Mapping[str, Any], progress: Progress | None = None) -> Shots:
        """Return the frames, to be written."""
        size, every = self.look.size, range(self.count)

        def each(make: Callable[[int], T], frames: Sequence[int]) -> Iterator[T]:
            for i, made in enumerate(in_order(make, frames, cores()), start=1):
                yield made
                if progress is not None:
                    progress("frames", i, len(frames))

        def as_yuv(number: int) -> NDArray[np.uint8]:
            yuv = Yuv420(size)
            self._drawn(number).convert(yuv)
            return yuv.content

        def sample(n: int) -> list[Frame]:
            chosen = np.unique(np.linspace(0, self.count - 1, n).astype(int)).tolist()
            return list(map(self.frame, chosen))

        even = not (size[0] % 2 or size[1] % 2)
        return Shots(
            size,
            self.fps,
            self.count,
            self.look.theme,
            lambda: each(self.frame, every),
            sample,
            provenance,
            yuv420=(lambda: each(as_yuv, every)) if even else None,
            converted=lambda make: each(lambda number: make(self.frame(number)), every),
        )

    def frame(self, number: int) -> Frame:
        """Return a frame (height, width, 4)."""
        return self._drawn(number).pixels

    def depth(self, number: int) -> float:
        """Return how many octaves in a frame is: it begins and ends at rest, evenly between."""
        u = np.clip((number / max(1, self.count - 1) - _HELD) / (1 - 2 * _HELD), 0.0, 1.0)
        near = min(u, 1 - u)
        begun = near**2 / (2 * _RAMP) if near < _RAMP else near - _RAMP / 2
        gone = begun / (1 - _RAMP)
        return float(self.zoom.octaves * (gone if u < 0.5 else 1 - gone))

    def _drawn(self, number: int) -> Raster:
        depth = self.depth(number)
        furniture = np.full((*self.look.size[::-1], 4), 255, np.uint8)
        furniture[..., :3] = self._picture(depth)
        look = self.look.theme, self.look.scale.stroke
        raster = Raster(furniture, *look, glyphs_of, color_map)
        if not self.look.bare:
            self._write(raster, depth)
        return raster

    def _write(self, raster: Raster, depth: float) -> None:
        """Write below on the left where the film goes, and how far in it is."""
        small, (across, height) = self.look.scale.small, self.look.size
        text = f"{self._point}  ·  × {_in_two_digits(2**depth):,}"
        wide, high = min(across, round(self._room + 2 * small)), min(height, round(2.2 * small))
        box = Box(0, height - high, wide, high)
        corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
        ground = Polygons([np.array(corners, float)], "ground", _SHADE)
        raster.draw(ground, Placement(box, (0, 1), (0, 1)))
        raster.write(Text((small, height - 0.75 * small), text, size=small))

    @cached_property
    def _point(self) -> str:
        pairs = zip((self.zoom.x, self.zoom.y), self.zoom.point, strict=True)
        return "  ·  ".join(f"{name} {value:.4g}" for (name, _), value in pairs)

    @cached_property
    def _room(self) -> float:
        longest = f"{self._point}  ·  × {_in_two_digits(1 / self.zoom.factor):,}"
        return width(longest, self.look.theme.font, self.look.scale.small)

    def _picture(self, depth: float) -> Frame:
        """Return what is seen so many octaves in, of the keyframe before and the one after."""
        depths = self.zoom.depths
        before = min(int(np.searchsorted(depths, depth, "right")) - 1, len(depths) - 2)
        share = (depth - depths[before]) / (depths[before + 1] - depths[before])
        window = self.zoom.window(depth)
        size = self.look.size
        far = self._resized(before, Box(0, 0, *size), window)
        if share <= 0:
            return far
        box = self._covered(before + 1, window)
        near = self._resized(before + 1, box, window)
        return lay_over(far, near, (box.left, box.top), _weight(box, size, share))

    def _covered(self, number: int, window: tuple[Shares, Shares]) -> Box:
        """Return the pixels of a window that lie wholly in a keyframe."""
        inner = self.zoom.window(self.zoom.depths[number])
        sides = []
        for (low, high), (first, last), count in zip(window, inner, self.look.size, strict=True):
            places = np.linspace(low, high, count)
            inside = np.flatnonzero((places >= first) & (places <= last))
            sides.append((int(inside[0]), int(inside[-1]) + 1))
        (left, right), (bottom, top) = sides
        height = self.look.size[1]
        return Box(left, height - top, right - left, top - bottom)

    def _resized(self, number: int, box: Box, window: tuple[Shares, Shares]) -> Frame:
        """Return what a keyframe shows in some pixels of a window."""
        inner, (wide, high) = self.zoom.window(self.zoom.depths[number]), self.look.size
        left, right = _cells(window[0], inner[0], wide, (box.left, box.right))
        bottom, top = _cells(window[1], inner[1], high, (high - box.bottom, high - box.top))
        edges = left, max(0.0, high - top), right, min(float(high), high - bottom)
        return cut(self.pictures[number], edges, (box.width, box.height))


def _cells(
    window: Shares, inner: Shares, count: int, shown: tuple[int, int]
) -> tuple[float, float]:
    """Return from where to where of a keyframe's cells the pixels of a window are `shown`.

    Each has `count`; the middles of the first and the last stand at the ends.
    """
    step = (window[1] - window[0]) / (count - 1)
    edges = (window[0] + (pixel - 0.5) * step for pixel in shown)
    per = (count - 1) / (inner[1] - inner[0])
    first, last = ((edge - inner[0]) * per + 0.5 for edge in edges)
    return max(0.0, first), min(float(count), last)


def _weight(box: Box, size: tuple[int, int], share: float) -> Frame:
    """Return how much of the nearer keyframe is seen; towards its edges less, while it comes in."""
    across, down = (
        np.clip(_from_edge(length) / max(1e-9, _SEAM * (1 - share) * side), 0, 1)
        for length, side in zip((box.width, box.height), size, strict=True)
    )
    weight = share * np.minimum(down[:, None], across[None])
    return np.asarray(np.rint(255 * weight), np.uint8)


def _from_edge(length: int) -> NDArray[np.float64]:
    at = np.arange(length) + 0.5
    return np.asarray(np.minimum(at, length - at))


def _in_two_digits(number: float) -> int:
    return int(float(f"{number:.2g}"))


def _part(progress: Progress | None, number: int, count: int) -> Progress | None:
    """Return the progress of one keyframe, as a part of all."""
    if progress is None:
        return None
    return partial(_told, progress, number, count)


def _told(progress: Progress, number: int, count: int, stage: str, done: int, total: int) -> None:
    progress(stage, number * total + done, count * total)
