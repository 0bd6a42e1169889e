"""Cameras: how a panel sees three coordinates in two."""

from dataclasses import dataclass, replace

import numpy as np

from nnanim.errors import UsageError
from nnanim.types import Floats

_REACH = float(np.sqrt(3.0))  # from the cube's middle to its corners
CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)


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
        found = np.abs([camera.project(CORNERS) for camera in turns]).max(axis=(0, 1))
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
