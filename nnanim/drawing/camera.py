"""Projection: a camera that sees three coordinates in two, and the cube that stands about them."""

from dataclasses import dataclass, replace

import numpy as np

from nnanim.errors import UsageError
from nnanim.marks import Lines, Mark, Text
from nnanim.types import Floats

_REACH = float(np.sqrt(3.0))  # from the cube's middle to its corners
_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
_AWAY = 0.14  # half edges: from an edge to what is written beside it
_INWARD = 0.09  # half edges: from an edge's ends towards its middle
_BASE = 0.04  # half edges: from the middle of a letter down to its base line


@dataclass(frozen=True)
class Camera:
    """A camera that looks at the middle of `box`, (low, high) of each axis, as if it were a cube.

    It stands `azimuth` degrees from the first axis towards the second and `elevation` degrees above
    both; the third axis points up. `perspective` is one over its distance in half edges of the
    cube: 0 is orthographic, 0.1 gentle. Pictures have half an edge as their unit.
    """

    azimuth: float = 30.0
    elevation: float = 20.0
    perspective: float = 0.1
    box: tuple[tuple[float, float], ...] = ((-1.0, 1.0),) * 3

    def __post_init__(self) -> None:
        if not 0 <= self.perspective <= 0.4:
            raise UsageError(f"Camera(perspective={self.perspective!r}): expected 0 to 0.4")

    def project(self, xyz: Floats) -> Floats:
        """Return where (n, 2) in the picture points (n, 3) are seen."""
        return self._flat(self._seen(xyz))

    def nearness(self, xyz: Floats) -> Floats:
        """Return how near (n,) points (n, 3) are: 0 at the far end of the cube's sphere, 1 here."""
        return np.asarray(np.clip(0.5 + self._seen(xyz)[:, 2] / (2 * _REACH), 0.0, 1.0))

    @property
    def eye(self) -> Floats:
        """Where the camera stands, in half edges from the cube's middle; far off if it is flat."""
        return np.asarray(self._axes[:, 2]) / max(self.perspective, 1e-6)

    def in_cube(self, xyz: Floats) -> Floats:
        """Return points (n, 3) in half edges from the cube's middle."""
        low, high = np.array(self.box, float).T
        return np.asarray((xyz - (low + high) / 2) * (2 / (high - low)))

    def reach(self) -> tuple[float, float]:
        """Return how far to the side and up the cube reaches in the picture, however it turns."""
        turns = [replace(self, azimuth=a, box=Camera.box) for a in range(0, 90, 5)]
        found = np.abs([camera.project(_CORNERS) for camera in turns]).max(axis=(0, 1))
        return float(found[0]), float(found[1])

    @property
    def _axes(self) -> Floats:
        """The picture's axes as columns: to the right, up, towards the eye."""
        turn, tilt = np.radians([self.azimuth, self.elevation])
        (sin_a, sin_e), (cos_a, cos_e) = np.sin([turn, tilt]), np.cos([turn, tilt])
        right, up = (-sin_a, cos_a, 0.0), (-sin_e * cos_a, -sin_e * sin_a, cos_e)
        return np.array([right, up, (cos_e * cos_a, cos_e * sin_a, sin_e)]).T

    def _seen(self, xyz: Floats) -> Floats:
        low, high = np.array(self.box, float).T
        turned = self._axes * (2 / (high - low))[:, None]
        return np.asarray(np.asarray(xyz, np.float64) @ turned - (low + high) / 2 @ turned)

    def _flat(self, seen: Floats) -> Floats:
        if not self.perspective:
            return seen[:, :2]
        # What lies beside or behind the eye is far outside the picture.
        return np.asarray(seen[:, :2] / np.maximum(1 - self.perspective * seen[:, 2:], 1e-3))


def cube(camera: Camera, names: tuple[str, ...] = (), size: float = 18.0) -> list[Mark]:
    """Return the edges of the camera's box that may lie behind all else, named along three of them.

    The three edges that meet in the corner nearest to the camera are left out. `names` are written
    beside the lowest edges in front and one upright edge, in letters of `size`, with what the axis
    runs from and to at its ends; () leaves all of that out.
    """
    whole = replace(camera, box=Camera.box)
    towards = np.where(camera.eye >= 0, 1.0, -1.0)
    edges = []
    for axis in range(3):
        for corner in _CORNERS[_CORNERS[:, axis] < 0]:
            others = np.arange(3) != axis
            if (corner[others] != towards[others]).any():
                edges.append(np.stack([corner, np.where(others, corner, 1.0)]))
    flat = [whole.project(edge) for edge in edges]
    marks: list[Mark] = [Lines(flat, "hairline", width=2.0)]
    for axis, name in enumerate(names):
        marks += _named(whole, camera.box[axis], axis, name, size)
    return marks


def _named(
    camera: Camera, limits: tuple[float, float], axis: int, name: str, size: float
) -> list[Mark]:
    """Return an axis' name beside the middle of its edge, and its limits beside the edge's ends."""
    towards = np.where(camera.eye >= 0, 1.0, -1.0)
    corner = towards * (1.0, 1.0, -1.0)
    if axis == 2:  # the upright edge at the left of the picture
        sides = np.array([[towards[0], -towards[1], -1.0], [-towards[0], towards[1], -1.0]])
        corner = sides[camera.project(sides)[:, 0].argmin()]
    low, high = corner.copy(), corner.copy()
    low[axis], high[axis] = -1.0, 1.0
    ends = camera.project(np.stack([low, high, (low + high) / 2]))
    along = (ends[1] - ends[0]) / max(float(np.hypot(*(ends[1] - ends[0]))), 1e-9)
    out = np.array([along[1], -along[0]])
    out = out if out @ ends[2] > 0 else -out
    down = np.array([0.0, -_BASE])
    # Apart from what another axis writes at the same corner.
    ends[:2] += _INWARD * np.stack([along, -along])
    texts = (_limit(limits[0]), _limit(limits[1]), name)
    away = (_AWAY, _AWAY, 1.6 * _AWAY)
    return [
        Text(at + far * out + down, text, "quiet", size, "center")
        for at, far, text in zip(ends, away, texts, strict=True)
        if text
    ]


def _limit(value: float) -> str:
    """Return a limit in two digits, with a minus sign as wide as a plus."""
    return f"{0.0 if abs(value) < 1e-12 else value:.2g}".replace("-", "−")
