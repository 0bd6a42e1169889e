"""The clock of a film: frame number → film time t → how far the training has got."""

from dataclasses import dataclass
from typing import Literal, get_args

from nnanim.errors import SceneError, unknown

Pace = Literal["motion", "epochs", "steps", "log"]
PACES: tuple[str, ...] = get_args(Pace)


@dataclass(frozen=True)
class Timeline:
    """How long a film lasts and how training time is spread over it.

    `seconds` include the holds, which shrink in proportion where they would take more than half
    the film. `pace` says how training time passes between them: by how far the picture moves
    ("motion"), evenly in epochs or in optimiser steps, or evenly in log(1 + steps) ("log").
    """

    seconds: float = 12.0
    fps: float = 60.0
    pace: Pace = "motion"
    hold_first: float = 0.8  # seconds on the untrained network
    hold_last: float = 2.0  # seconds on the trained one

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("seconds", self.seconds, 0.05, 3600.0),
            ("fps", self.fps, 1.0, 240.0),
            ("hold_first", self.hold_first, 0.0, 3600.0),
            ("hold_last", self.hold_last, 0.0, 3600.0),
        ):
            if not isinstance(value, int | float) or not low <= value <= high:
                raise SceneError(
                    f"Timeline({name}={value!r}): expected a number from {low:g} to {high:g}"
                )
        if self.pace not in PACES:
            raise SceneError(unknown("pace", self.pace, PACES))
        if self.frames < 1:
            raise SceneError(
                f"Timeline(seconds={self.seconds:g}, fps={self.fps:g}) has no frame: "
                "make it longer or the frame rate higher"
            )

    @property
    def frames(self) -> int:
        """The number of frames: round(fps × seconds)."""
        return round(self.fps * self.seconds)

    @property
    def holds(self) -> tuple[float, float]:
        """Seconds of the first and the last hold, together at most half the film."""
        total = self.hold_first + self.hold_last
        shrink = min(1.0, 0.5 * self.seconds / total) if total else 1.0
        return self.hold_first * shrink, self.hold_last * shrink

    def time(self, frame: int) -> float:
        """Return the film time in seconds of a frame, counted from 0."""
        return frame / self.fps

    def progress(self, t: float) -> float:
        """Return how much of the film's training part is over at `t` seconds, in [0, 1]."""
        first, end = self._training
        if t >= end:
            return 1.0
        return 0.0 if t <= first else (t - first) / (end - first)

    def time_at(self, progress: float) -> float:
        """Return the film time at which `progress` in [0, 1] is reached."""
        first, end = self._training
        return first + progress * max(0.0, end - first)

    @property
    def _training(self) -> tuple[float, float]:
        """Film time at which the training begins and ends."""
        first, last = self.holds
        # The last frame begins one frame before the end: without a hold it still shows the end.
        return first, min(self.seconds - last, self.time(self.frames - 1))


ClockFace = Literal["epochs", "share"]  # what scenes side by side have in common at a time
