"""Look: how a sheet is drawn."""

from dataclasses import dataclass

from nnanim.sheet.scale import Scale
from nnanim.themes import Theme


@dataclass(frozen=True)
class Look:
    """Size (width, height) in pixels, theme, and whether the sheet is bare: panels alone."""

    size: tuple[int, int]
    theme: Theme
    bare: bool = False

    @property
    def scale(self) -> Scale:
        """How large text and strokes are."""
        return Scale(self.size, self.theme.text)
