"""Cameras: how a panel sees three coordinates in two."""

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from nnanim.errors import SceneError
from nnanim.mark_checks import expect_number
from nnanim.types import Floats, Limits

CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)

_REACH = float(np.sqrt(3.0))  # from the cube's middle to its corners
_NAMED, _BARE = 0.36, 0.1  # half edges about the cube, with names beside it and without


@dataclass(frozen=True)
class Camera:
    """A camera that looks at the middle of `box`, (low, high) of each axis, as if it were a cube.

    It stands `azimuth` degrees from the first axis towards the second and `elevation` degrees above
    both; the third axis points up. `perspective` is one over its distance in half edges of the
    cube: 0 is orthographic, 0.1 gentle. It turns by `orbit` degrees in a film, half of them before
    it comes to `azimuth`. The `names` of the three axes are written beside the cube, with what each
    runs from and to; without names, neither is. Pictures have half an edge as their unit.
    """

    azimuth: float = 30.0
    elevation: float = 20.0
    perspective: float = 0.1
    box: tuple[Limits, ...] = ((-1.0, 1.0),) * 3
    names: tuple[str, ...] = ()
    orbit: float = 0.0

    def __post_init__(self) -> None:
        for name in ("azimuth", "elevation", "orbit"):
            expect_number(f"Camera({name}", getattr(self, name), -inf, inf)
        expect_number("Camera(perspective", self.perspective, 0.0, 0.4)
        object.__setattr__(self, "box", _box(self.box))
        object.__setattr__(self, "names", tuple(map(str, self.names)))
        if len(self.names) not in (0, 3):
            raise SceneError(f"Camera(names={self.names!r}): expected three, or none")

    def at(self, share: float) -> "Camera":
        """Return this camera as it stands when a `share` of the film, 0 to 1, is over."""
        return replace(self, azimuth=self.azimuth + self.orbit * (share - 0.5), orbit=0.0)

    def project(self, xyz: Floats) -> Floats:
        """Return where (n, 2) in the picture points (n, 3) are seen, but for the orbit."""
        return self._flat(self._seen(xyz))

    def nearness(self, xyz: Floats) -> Floats:
        """Return how near (n,) points (n, 3) are: 0 at the far end of the cube's sphere, 1 here."""
        return np.asarray(np.clip(0.5 + self._seen(xyz)[:, 2] / (2 * _REACH), 0.0, 1.0))

    @property
    def eye(self) -> Floats:
        """Where the camera stands, in half edges from the cube's middle; far off if it is flat."""
        return np.asarray(self.axes[:, 2]) / max(self.perspective, 1e-6)

    def reach(self) -> tuple[float, float]:
        """Return how far to the side and up the cube reaches in the picture, however it turns."""
        turns = [replace(self, azimuth=a, box=Camera.box) for a in range(0, 90, 5)]
        found = np.abs([camera.project(CORNERS) for camera in turns]).max(axis=(0, 1))
        return float(found[0]), float(found[1])

    @property
    def limits(self) -> tuple[Limits, Limits]:
        """The picture's limits, x and y: the cube and what is beside it fit, however it turns."""
        margin = _NAMED if self.names else _BARE
        across, up = (reach + margin for reach in self.reach())
        return (-across, across), (-up, up)

    @property
    def axes(self) -> Floats:
        """The picture's axes (3, 3) as columns: to the right, up, towards the eye."""
        turn, tilt = np.radians([self.azimuth, self.elevation])
        (sin_a, sin_e), (cos_a, cos_e) = np.sin([turn, tilt]), np.cos([turn, tilt])
        right, up = (-sin_a, cos_a, 0.0), (-sin_e * cos_a, -sin_e * sin_a, cos_e)
        return np.array([right, up, (cos_e * cos_a, cos_e * sin_a, sin_e)]).T

    def _seen(self, xyz: Floats) -> Floats:
        low, high = np.array(self.box, float).T
        turned = self.axes * (2 / (high - low))[:, None]
        return np.asarray(np.asarray(xyz, np.float64) @ turned - (low + high) / 2 @ turned)

    def _flat(self, seen: Floats) -> Floats:
        if not self.perspective:
            return seen[:, :2]
        # What lies beside or behind the eye is far outside the picture.
        return np.asarray(seen[:, :2] / np.maximum(1 - self.perspective * seen[:, 2:], 1e-3))


def _box(box: object) -> tuple[Limits, ...]:
    """Return (low, high) of each of three axes as floats."""
    try:
        ends = np.array(box, float)
    except (TypeError, ValueError):
        ends = np.empty(0)
    if (
        ends.shape != (3, 2)
        or not (ends[:, 1] - ends[:, 0] > 0).all()
        or not np.isfinite(ends).all()
    ):
        raise SceneError(
            f"Camera(box={' '.join(repr(box).split())}): expected (low, high) of three axes, as "
            'film.limits("hidden1")[:3]'
        )
    return tuple((low, high) for low, high in ends.tolist())
