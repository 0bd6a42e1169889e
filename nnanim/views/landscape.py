"""The valley that a training rolls down: the loss in the plane of its own path."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import geometry
from nnanim.camera import Camera
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.film.landscape import Landscape as Plane
from nnanim.film.landscape import landscape_of
from nnanim.marks import HeightField, Image, Lines, Mark, Text
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import ColorBar, Panel
from nnanim.views.edged import edged_boundary, edged_point
from nnanim.views.shared_marks import corner

_SCALE = "viridis"
_LEVELS = 12  # contours
_FALLS = 20.0  # times: a loss that spans more is shown by its logarithm
_FACES = 48  # of the surface, each way
_LIFT = 0.01  # of the heights: the path lies so far above them
_ABOVE = 0.4  # of the heights: so far above them a note stands


@dataclass(frozen=True)
class Landscape(Titled):
    """The loss in the plane of the training's own path, and the path so far.

    The plane is that of the two principal directions of its recorded states; the picture says which
    share of their variance each has, and where the path leaves it is not seen. The loss is that
    over `samples` even samples of the training part, said in the picture, on `side` × `side`
    points; one that spans more than twentyfold stands on a logarithmic scale. BatchNorm takes its
    statistics anew at every point, from these samples. A `surface` turns by `orbit` degrees.
    """

    surface: bool = False
    samples: int = 4_000
    side: int = 100
    orbit: float = 60.0
    azimuth: float = -60.0
    elevation: float = 38.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, least in (("samples", 1), ("side", 2)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise SceneError(f"Landscape({name}={value!r}): expected a whole number >= {least}")

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` where there is no path, or no loss by name."""
        plane, words = self._plane(film), film.words
        low, high, log = _span(plane)
        bar = ColorBar(_SCALE, low, high, film.header.loss, log=log)
        title = words("Landscape of the loss")
        if self.surface:
            camera = self._camera(film)
            return [Panel(title, *camera.limits, color_bar=bar, camera=camera)]
        (x, y) = plane.box.tolist()
        return [
            Panel(
                title,
                tuple(x),
                tuple(y),
                x_ticks=False,
                y_ticks=False,
                color_bar=bar,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the loss, its contours, and the path with the network of now at its end."""
        moment, plane = film.moment(t), self._plane(film)
        low, high, log = _span(plane)
        field = _shown(plane.heights, log, low, high)
        side = len(field)
        now = plane.place(film, moment)[None]
        path = np.concatenate([plane.path[plane.epochs < moment], now])
        if not self.surface:
            (x0, x1), (y0, y1) = geometry.widen(plane.box, 0.5 / (side - 1)).tolist()
            levels = np.linspace(low, high, _LEVELS + 2)[1:-1]
            lines = [c for level in levels for c in geometry.contours(field, plane.box, level)]
            return [
                [
                    Image(field, (x0, x1, y0, y1), _SCALE, low, high),
                    Lines(lines, "ground", width=1.2, alpha=0.5),
                    *edged_boundary([path], 4.0),
                    *edged_point(now, 16.0),
                    *_told(film, plane),
                ]
            ]
        field = field[:: max(1, side // _FACES), :: max(1, side // _FACES)]
        lifted = self._raised(film, plane, path)
        (x0, x1), (y0, y1) = plane.box.tolist()
        # Above the middle: there it stands still, however the surface turns.
        note = np.array([(x0 + x1) / 2, (y0 + y1) / 2, high + _ABOVE * (high - low)])
        return [
            [
                HeightField(field, (x0, x1, y0, y1), _SCALE, low, high),
                *edged_boundary([lifted], 4.0),
                *edged_point(lifted[-1:], 16.0),
                Text(note, _samples(film, plane), "quiet", anchor="center", plate=True),
            ]
        ]

    def strip_figure(self, film: Film, t: float) -> str:  # noqa: ARG002  # it stands still
        """Return each direction's share of the path's variance, for which a surface has no room."""
        if not self.surface:
            return ""
        return film.words(
            "directions {shares}", shares=" + ".join(_shares(film, self._plane(film)))
        )

    def _raised(self, film: Film, plane: Plane, path: Floats) -> Floats:
        """Return a path (n, 2) as it lies on the surface, in steps shorter than its cells."""
        low, high, log = _span(plane)
        known = film.once(("on the landscape", self), lambda: plane.losses(plane.path))
        heights = np.concatenate([known[: len(path) - 1], plane.losses(path[-1:])])
        heights = _shown(heights, log, low, high) + _LIFT * (high - low)
        found: Floats = np.column_stack([path, heights])
        return found

    def _camera(self, film: Film) -> Camera:
        plane = self._plane(film)
        low, high, _ = _span(plane)
        (x, y) = plane.box.tolist()
        box = (tuple(x), tuple(y), (low, high + _LIFT * (high - low)))
        return Camera(self.azimuth, self.elevation, 0.1, box, (), self.orbit)

    def _plane(self, film: Film) -> Plane:
        return landscape_of(film, self.side, self.samples)


def _told(film: Film, plane: Plane) -> list[Mark]:
    """Return what the map says: over how many samples, and each direction's share."""
    words, (x, y) = film.words, plane.box.tolist()
    shares = enumerate(_shares(film, plane), start=1)
    axes = [words("direction {n}: {share}", n=k, share=share) for k, share in shares]
    below = np.array([x[0] + 0.02 * (x[1] - x[0]), y[0] + 0.04 * (y[1] - y[0])])
    return [
        Text(corner(tuple(x), tuple(y)), _samples(film, plane), plate=True),
        Text(below, ", ".join(axes), plate=True),
    ]


def _shares(film: Film, plane: Plane) -> list[str]:
    return [film.words.percent(f"{100 * share:.0f}") for share in plane.shares]


def _samples(film: Film, plane: Plane) -> str:
    return film.words("over {n} samples", n=plane.samples)


def _span(plane: Plane) -> tuple[float, float, bool]:
    """Return what the ends of the scale stand for, and whether these are logarithms."""
    finite = plane.heights[np.isfinite(plane.heights)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    log = low > 0 and high > _FALLS * low
    if log:
        low, high = float(np.log10(low)), float(np.log10(high))
    return low, max(high, low + 1e-6), log


def _shown(losses: Floats, log: bool, low: float, high: float) -> Floats:
    """Return losses as the scale counts them; what is no number is as high as can be."""
    with np.errstate(divide="ignore", invalid="ignore"):
        counted = np.log10(losses) if log else losses
    return np.asarray(np.clip(np.nan_to_num(counted, nan=high, posinf=high, neginf=low), low, high))
