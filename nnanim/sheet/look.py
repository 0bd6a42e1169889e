"""Look: how a sheet is drawn."""

from dataclasses import dataclass

from nnanim.sheet.scale import Scale
from nnanim.themes import Theme

CAPTIONS = ("picture", "file", "none")


@dataclass(frozen=True)
class Look:
    """Size (width, height) in pixels, theme, and whether the sheet is bare: panels alone.

    `captions` says where what the film's acts say is told: in the "picture" and in the files beside
    and inside of it, in the "file" alone, or nowhere, "none".
    """

    size: tuple[int, int]
    theme: Theme
    bare: bool = False
    captions: str = "picture"

    @property
    def scale(self) -> Scale:
        """How large text and strokes are."""
        return Scale(self.size, self.theme.text)
