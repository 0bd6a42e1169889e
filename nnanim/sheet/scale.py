"""How large texts and strokes are, in proportion to the sheet."""

from dataclasses import dataclass

TITLE, EPOCH, PANEL_TITLE, SMALL, TICK = 42.0, 36.0, 26.0, 20.0, 18.0  # text at 1080 lines, pixels


@dataclass(frozen=True)
class Scale:
    """How large text and strokes are on a sheet of `size` (width, height).

    In proportion to a sheet 1080 pixels high; below that text and strokes shrink more slowly, so
    that a small GIF can still be read.
    """

    size: tuple[int, int]

    @property
    def text(self) -> float:
        """Factor for text sizes."""
        return self._factor(0.62)

    @property
    def stroke(self) -> float:
        """Factor for widths of lines and sizes of points."""
        return self._factor(0.75)

    @property
    def small(self) -> bool:
        """Whether subtitles and the recipe line would be too small to read."""
        return self._ratio < 0.44

    @property
    def _ratio(self) -> float:
        return min(self.size[1], 0.8 * self.size[0]) / 1080

    def _factor(self, power: float) -> float:
        return self._ratio if self._ratio >= 1 else float(self._ratio**power)
