"""How large texts and strokes are, in proportion to the sheet."""

from dataclasses import dataclass

TITLE, EPOCH, FIGURES, PANEL_TITLE, SMALL = 42.0, 36.0, 30.0, 28.0, 24.0  # letters at 1080 lines


@dataclass(frozen=True)
class Scale:
    """How large text and strokes are on a sheet of `size` (width, height), in pixels.

    In proportion to a sheet whose shorter side is 1080; below that text and strokes shrink more
    slowly, so that a small GIF can still be read. Texts are `enlarged` times as large as usual.
    """

    size: tuple[int, int]
    enlarged: float = 1.0

    def letters(self, size: float) -> float:
        """Return how large letters are that have `size` at 1080 lines, in whole pixels."""
        return float(max(1, round(size * self.text)))

    @property
    def text(self) -> float:
        """Factor for text sizes."""
        return self.enlarged * self._factor(0.62)

    @property
    def stroke(self) -> float:
        """Factor for widths of lines and sizes of points."""
        return self._factor(0.75)

    @property
    def title(self) -> float:
        """Size of the sheet's title."""
        return self.letters(TITLE)

    @property
    def epoch(self) -> float:
        """Size of the clock."""
        return self.letters(EPOCH)

    @property
    def figures(self) -> float:
        """Size of the figures below the strip."""
        return self.letters(FIGURES)

    @property
    def panel_title(self) -> float:
        """Size of what is written above panels."""
        return self.letters(PANEL_TITLE)

    @property
    def small(self) -> float:
        """Size of all other text; none is smaller."""
        return self.letters(SMALL)

    def _factor(self, power: float) -> float:
        ratio = min(self.size) / 1080
        return ratio if ratio >= 1 else float(ratio**power)
