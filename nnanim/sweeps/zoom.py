"""Zoom: the way into a map, from all of it to a point, as windows of its axes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, log2
from typing import Any

from nnanim.errors import UsageError
from nnanim.events import Event
from nnanim.scene.values import Axis
from nnanim.sweeps.given import Given
from nnanim.sweeps.mapped import MapPlan, map_planned

Shares = tuple[float, float]  # of an axis, from 0 to 1: where a window begins and ends

_STEP = 2.0  # from keyframe to keyframe, at most
_TOLD_APART = 1e-14  # of a value: neighbours nearer than that are the same to float64, or nearly
_SLACK = 1e-9


@dataclass(frozen=True)
class Zoom:
    """The way into a map of two axes `x` and `y`, to a point of these, `factor` of them left.

    Raises `UsageError` where the point lies outside, and for a factor that is none.
    """

    x: tuple[str, Axis]
    y: tuple[str, Axis]
    point: tuple[float, float]
    factor: float

    def __post_init__(self) -> None:
        if not 0 < self.factor < 1:
            raise UsageError(
                f"--zoom to a factor of {self.factor:g}: expected the share of the axes that is "
                "left at the end, above 0 and below 1, as 1e-6"
            )
        for (name, axis), value in zip((self.x, self.y), self.point, strict=True):
            if not axis.low <= value <= axis.high:
                raise UsageError(
                    f"--zoom to {name}={value:g}: expected a value on its axis, from "
                    f"{axis.low:g} to {axis.high:g}"
                )

    @property
    def octaves(self) -> float:
        """How often the map doubles on the way."""
        return log2(1 / self.factor)

    @cached_property
    def depths(self) -> list[float]:
        """The octaves at which keyframes stand, at most one apart, both ends among them."""
        count = max(1, ceil(self.octaves / log2(_STEP) - _SLACK))
        return [self.octaves * k / count for k in range(count + 1)]

    def window(self, depth: float) -> tuple[Shares, Shares]:
        """Return what is seen after so many octaves, along x and along y.

        Windows lie inside one another. The point comes from where it is to the middle.
        """
        x, y = (
            _window(axis.share(value), 0.5**depth)
            for (_, axis), value in zip((self.x, self.y), self.point, strict=True)
        )
        return x, y

    def planned(
        self,
        scene: Given,
        size: tuple[int, int],
        settings: Mapping[str, Any] | None = None,
        event: Event | None = None,
    ) -> list[MapPlan]:
        """Return the maps of all keyframes; raises as `map_planned` does.

        `UsageError`, too, where float64 would not tell neighbours of the last from one another.
        """
        for (name, axis), value, count in zip((self.x, self.y), self.point, size, strict=True):
            share, step = axis.share(value), 1 / (count - 1)
            near = axis.at(min(share, 1 - step)), axis.at(min(share, 1 - step) + step)
            apart = abs(near[1] - near[0]) / max(map(abs, near))
            if apart * self.factor < _TOLD_APART:
                raise UsageError(
                    f"--zoom to a factor of {self.factor:g}: neighbours along {name} would be "
                    f"the same to float64; expected at least {_TOLD_APART / apart:.1g}"
                )
        return [self._keyframe(depth, scene, size, settings, event) for depth in self.depths]

    def _keyframe(
        self,
        depth: float,
        scene: Given,
        size: tuple[int, int],
        settings: Mapping[str, Any] | None,
        event: Event | None,
    ) -> MapPlan:
        axes = [
            (name, replace(axis, low=axis.at(low), high=axis.at(high)))
            for (name, axis), (low, high) in zip((self.x, self.y), self.window(depth), strict=True)
        ]
        return map_planned(scene, axes[0], axes[1], size, settings, event)


def zoom_in(text: str, x: tuple[str, Axis], y: tuple[str, Axis]) -> Zoom:
    """Return the zoom that a text says, as 3,10,1e-6: a point of x and y and what is left."""
    try:
        across, up, factor = map(float, text.split(","))
    except ValueError as error:
        raise UsageError(
            f"--zoom {text}: expected a point and a factor, X,Y,FACTOR, as "
            f"{x[1].at(0.5):.3g},{y[1].at(0.5):.3g},1e-6; without --zoom, the map tells a point on "
            "the border"
        ) from error
    return Zoom(x, y, (across, up), factor)


def _window(share: float, width: float) -> Shares:
    """Return a window of that width, in which the point at `share` moves towards the middle.

    As quickly as the windows let it that reach no further than the one before.
    """
    off = 0.5 - share
    power = 1.0 if off == 0 else min(1.0, min(share, 1 - share) / abs(off))
    start = share - width * (0.5 - off * width**power)
    start = min(max(start, 0.0), 1 - width)
    return start, start + width
