"""Pictured: the pictures of a film, handed on to what draws them."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import UsageError
from nnanim.scene.shows import Shows
from nnanim.scene.timeline import Timeline
from nnanim.themes import Theme


class Pictured(Shows):
    """Has a picture at each time; one asked for without a time is that of the end."""

    timeline: Timeline

    @abstractmethod
    def time_at(self, moment: float) -> float:
        """Return the film time in seconds at which that moment is shown."""

    def frame(
        self,
        t: float | None = None,
        size: tuple[int, int] = (1920, 1080),
        theme: str | Theme | None = None,
        *,
        epoch: float | None = None,
    ) -> NDArray[np.uint8]:
        """Return the picture (height, width, 4) at `t` seconds or at an epoch, RGBA.

        Raises `UsageError` for an epoch that is not in the film, and where both are given.
        """
        from nnanim.rendering.filming import picture_of

        return picture_of(self, self._at(t, epoch), size, theme)  # type: ignore[arg-type]  # a Film

    def still(
        self,
        t: float | None = None,
        size: tuple[int, int] = (1280, 720),
        theme: str | Theme | None = None,
        *,
        epoch: float | None = None,
    ) -> Any:
        """Return the picture at `t` seconds or at an epoch as a `Still`: a notebook shows it.

        Its `png` are the bytes of a file. Raises `UsageError` as `frame` does.
        """
        from nnanim.rendering.filming import still_of

        return still_of(self, self._at(t, epoch), size, theme)  # type: ignore[arg-type]  # a Film

    def _at(self, t: float | None, epoch: float | None) -> float:
        if t is not None and epoch is not None:
            raise UsageError(f"t={t:g} and epoch={epoch:g} say when: leave one out")
        if epoch is not None:
            return self.time_at(epoch)
        return self.timeline.seconds if t is None else t
