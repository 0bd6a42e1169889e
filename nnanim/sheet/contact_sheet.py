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
    """Views that show one moment, whatever the time; with a label, the first panel says which.

    `tile` is what tells their network from others, where there are several.
    """

    views: Sequence[View]
    t: float
    label: str = ""
    tile: str = ""

    def panels(self, film: Film) -> list[Panel]:
        """Return the views' panels, the moment their title, cameras where they are then."""
        share = self.t / film.timeline.seconds
        return [
            replace(
                panel,
                title=self.label or panel.title,
                block=self.tile or panel.block or panel.title,
                subtitle="",
                camera=panel.camera and panel.camera.at(share),
            )
            for view in self.views
            for panel in panels_of(view, film)
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the marks of the moment."""
        del t
        return [
            marks
            for view in self.views
            for marks in marks_of(view, film, self.t, len(panels_of(view, film)))
        ]


def contact_sheet(sheet: Sheet, epochs: Sequence[float]) -> Sheet:
    """Return a sheet with a row for each view of `sheet` and a column for each epoch.

    Each epoch is named once, over its column. Of several tiles, each has one row, for all its
    views. Raises `UsageError` for an epoch that is not in the film.
    """
    film = sheet.film
    words = film.words
    labels = [words("epoch {n}", n=words.number(f"{epoch:g}")) for epoch in epochs]
    times = [(film.time_at(epoch), text) for epoch, text in zip(epochs, labels, strict=True)]
    groups: dict[int, list[View]] = {}
    for i, view in enumerate(chain(*sheet.rows)):
        groups.setdefault(view.number if isinstance(view, InTile) else i, []).append(view)
    tiles = film.names or [""] * len(groups)
    rows = [
        [At(own, t, "" if i else label, tiles[i]) for t, label in times]
        for i, own in enumerate(groups.values())
    ]
    return replace(sheet, rows=rows, aligned=True, clock=False)
