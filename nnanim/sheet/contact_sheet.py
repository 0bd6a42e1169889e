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
    """A view that shows one moment, whatever the time; with a label, its panels say which.

    `tile` is what tells its network from others, where there are several.
    """

    view: View
    t: float
    label: str = ""
    tile: str = ""

    def panels(self, film: Film) -> list[Panel]:
        """Return the view's panels, the moment their title, cameras where they are then."""
        share = self.t / film.timeline.seconds
        return [self._shown(panel, share) for panel in panels_of(self.view, film)]

    def _shown(self, panel: Panel, share: float) -> Panel:
        title = " · ".join(part for part in (self.tile, panel.title) if part)
        camera = panel.camera and panel.camera.at(share)
        if not self.label:
            return replace(panel, title=title, subtitle="", camera=camera)
        return replace(panel, title=self.label, block=title, subtitle="", camera=camera)

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the marks of the moment."""
        del t
        return marks_of(self.view, film, self.t, len(panels_of(self.view, film)))


def contact_sheet(sheet: Sheet, epochs: Sequence[float]) -> Sheet:
    """Return a sheet with a row for each view of `sheet` and a column for each epoch.

    Each epoch is named once, over its column. Of several tiles, each has rows of its own. Raises
    `UsageError` for an epoch that is not in the film.
    """
    film = sheet.film
    words = film.words
    labels = [words("epoch {n}", n=words.number(f"{epoch:g}")) for epoch in epochs]
    times = [(film.time_at(epoch), text) for epoch, text in zip(epochs, labels, strict=True)]
    rows = []
    for i, view in enumerate(chain(*sheet.rows)):
        tile = film.captions[view.number] if isinstance(view, InTile) else ""
        rows.append([At(view, t, "" if i else label, tile) for t, label in times])
    return replace(sheet, rows=rows, aligned=True, clock=False)
