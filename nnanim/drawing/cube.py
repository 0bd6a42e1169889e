"""The cube about what a camera sees: it turns with the camera, and names its axes."""

from dataclasses import replace

import numpy as np

from nnanim.camera import CORNERS, Camera
from nnanim.marks import Lines, Mark, Text
from nnanim.types import Limits

_AWAY = 0.14  # half edges: from an edge to what is written beside it
_INWARD = 0.09  # half edges: from an edge's ends towards its middle
_LETTERS = 24.0  # how large they are
_BASE = 0.04  # half edges: from the middle of a letter down to its base line


def cube(camera: Camera, decimal: str = ".") -> list[Mark]:
    """Return the edges of the camera's box that may lie behind all else, in two coordinates.

    The three edges that meet in the corner nearest to the camera are left out. The names of the
    axes are written beside the lowest edges in front and one upright edge, with what each runs from
    and to at its ends, `decimal` their sign.
    """
    whole = replace(camera, box=Camera.box)
    towards = np.where(camera.eye >= 0, 1.0, -1.0)
    edges = []
    for axis in range(3):
        for corner in CORNERS[CORNERS[:, axis] < 0]:
            others = np.arange(3) != axis
            if (corner[others] != towards[others]).any():
                edges.append(np.stack([corner, np.where(others, corner, 1.0)]))
    flat = [whole.project(edge) for edge in edges]
    marks: list[Mark] = [Lines(flat, "hairline", width=2.0)]
    for axis, name in enumerate(camera.names):
        marks += _named(whole, camera.box[axis], axis, name, decimal)
    return marks


def _named(camera: Camera, limits: Limits, axis: int, name: str, decimal: str) -> list[Mark]:
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
    texts = (*(_limit(value).replace(".", decimal) for value in limits), name)
    away = (_AWAY, _AWAY, 1.6 * _AWAY)
    return [
        Text(at + far * out + down, text, "quiet", _LETTERS, "center")
        for at, far, text in zip(ends, away, texts, strict=True)
        if text
    ]


def _limit(value: float) -> str:
    """Return a limit in two digits, with a minus sign as wide as a plus."""
    return f"{0.0 if abs(value) < 1e-12 else value:.2g}".replace("-", "−")
