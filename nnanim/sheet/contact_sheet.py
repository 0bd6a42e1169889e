"""Contact sheets: the views of a scene at several moments, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from nnanim.film.film import Film
from nnanim.marks import Mark
from nnanim.sheet.columns import InTile
from nnanim.sheet.sheet import Sheet
from nnanim.view import Panel, View, marks_of, panels_of


@dataclass(frozen=True)
class At:
    """A view that shows one moment, whatever the time; its panels say which."""

    view: View
    t: float
    label: str
    caption: str = ""  # of the tile, where there are several

    def panels(self, film: Film) -> list[Panel]:
        """Return the view's panels, the moment their title, cameras where they are then."""
        share = self.t / film.timeline.seconds
        return [
            replace(
                panel,
                title=self.label,
                subtitle=self.caption or panel.title,
                legend=(),
                camera=panel.camera and panel.camera.at(share),
            )
            for panel in panels_of(self.view, film)
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the marks of the moment."""
        del t
        return marks_of(self.view, film, self.t, len(panels_of(self.view, film)))


def contact_sheet(sheet: Sheet, epochs: Sequence[float]) -> Sheet:
    """Return a sheet with a row for each view of `sheet` and a column for each epoch.

    Of several tiles, each has rows of its own. Raises `UsageError` for an epoch that is not in
    the film.
    """
    film = sheet.film
    words = film.words
    labels = [words("epoch {n}", n=words.number(f"{epoch:g}")) for epoch in epochs]
    times = [(film.time_at(epoch), text) for epoch, text in zip(epochs, labels, strict=True)]
    placed = []
    for view in chain(*sheet.rows):
        caption = film.captions[view.number] if isinstance(view, InTile) else ""
        placed.append([At(view, t, label, caption) for t, label in times])
    return replace(sheet, rows=placed)
