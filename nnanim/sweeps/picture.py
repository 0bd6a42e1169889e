"""The phase picture: a cell for each pair of values, as full as trainings succeed there."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnanim.drawing.surface import Board, Box
from nnanim.errors import UsageError
from nnanim.marks import Text
from nnanim.place import check_place, replacing
from nnanim.sheet.look import Look
from nnanim.sheet.multiples import thinned
from nnanim.sheet.vector import drawn_by
from nnanim.sweeps.phase import Phase
from nnanim.sweeps.variants import short
from nnanim.themes import Theme, theme_from

SIZE = (1280, 720)
KINDS = (".png", ".svg", ".pdf")

_FULL = "class1"  # the colour of a cell in which all succeed
_INVERTED = 0.75  # of a cell's fullness, from which its text is written in the ground's colour
_GAP = 0.06  # between cells, of their smaller side
_LEAST = 6  # pixels of a cell


@dataclass(frozen=True, eq=False)
class PhaseSheet:
    """A phase as it stands on a sheet."""

    phase: Phase
    look: Look
    title: str

    def __call__(self, board: Board) -> None:
        """Draw title, cells, values and names."""
        look, scale = self.look, self.look.scale
        width, height = look.size
        board.rectangle(Box(0, 0, width, height), "ground")
        small, pad = scale.small, scale.small
        head = pad + scale.title
        room = width - 2 * pad
        sizes = (scale.title, scale.panel_title, small)
        size = next((s for s in sizes if board.text_width(self.title, s) <= room), small)
        board.write(Text((pad, head), self._fitting(board, self.title, size), size=size))
        head += 1.5 * small
        board.write(Text((pad, head), said_of(self.phase), size=small, color="quiet"))
        area = self.area(board)
        self._name(board, area)
        values = list(map(short, self.phase.ys))
        for i, value in enumerate(thinned(values, area.height, 1.4 * small)):
            y = area.bottom - (i + 0.5) * area.height / len(values) + 0.35 * small
            board.write(Text((area.left - 0.5 * pad, y), value, size=small, anchor="right"))
        self._columns(board, area)
        self._cells(board, area)

    def area(self, board: Board) -> Box:
        """Return where the cells are."""
        small, (width, height) = self.look.scale.small, self.look.size
        beside = max(board.text_width(short(value), small) for value in self.phase.ys)
        left = round(2 * small + beside)
        top = round(5.1 * small + self.look.scale.title)
        return Box(left, top, round(width - small) - left, round(height - 3.2 * small) - top)

    def _name(self, board: Board, area: Box) -> None:
        """Write what the axes are: the lower one at its end, the upright one over its top."""
        small, phase = self.look.scale.small, self.phase
        place = (area.left - 0.5 * small, area.top - 0.6 * small)
        board.write(Text(place, f"{phase.y} ↑", size=small, anchor="left"))
        board.write(
            Text(
                (area.right, area.bottom + 2.6 * small), f"{phase.x} →", size=small, anchor="right"
            )
        )

    def _columns(self, board: Board, area: Box) -> None:
        small = self.look.scale.small
        values = list(map(short, self.phase.xs))
        widest = max(board.text_width(value, small) for value in values) + small
        for i, value in enumerate(thinned(values, area.width, widest)):
            x = area.left + (i + 0.5) * area.width / len(values)
            board.write(Text((x, area.bottom + 1.3 * small), value, size=small, anchor="center"))

    def _cells(self, board: Board, area: Box) -> None:
        phase, small = self.phase, self.look.scale.small
        rows, columns = phase.counts.shape
        across, up = area.width / columns, area.height / rows
        gap = _GAP * min(across, up)
        told = across > 3.2 * small and up > 1.3 * small
        ranged = across > 5 * small and up > 2.6 * small
        for (row, column), share in np.ndenumerate(phase.share):
            left, top = area.left + column * across, area.bottom - (row + 1) * up
            corner = round(left + gap), round(top + gap)
            end = round(left + across - gap), round(top + up - gap)
            box = Box(*corner, end[0] - corner[0], end[1] - corner[1])
            board.rectangle(box, "panel")
            if not np.isfinite(share):
                continue
            board.rectangle(box, _FULL, float(share))
            if told:
                at = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
                color = "ground" if share > _INVERTED else "ink"
                self._figure(board, at, row, column, color, ranged)

    def _figure(
        self, board: Board, at: tuple[float, float], row: int, column: int, color: str, ranged: bool
    ) -> None:
        """Write a cell's share, and below it between what the true one lies."""
        small, (x, y) = self.look.scale.small, at
        y += (-0.15 if ranged else 0.35) * small
        share = 100 * self.phase.share[row, column]
        board.write(
            Text((x, y), f"{share:.0f} %", size=small, color=color, anchor="center", bold=True)
        )
        if ranged:
            low, high = self.phase.interval[:, row, column]
            text = f"{100 * low:.0f}–{100 * high:.0f}"
            board.write(Text((x, y + 1.1 * small), text, size=small, color=color, anchor="center"))

    def _fitting(self, board: Board, text: str, size: float) -> str:
        room = self.look.size[0] - 2 * self.look.scale.small
        while len(text) > 1 and board.text_width(text, size) > room:
            text = text.rstrip("…")[:-1].rstrip() + "…"
        return text


def phase_picture(
    phase: Phase, path: Path, title: str, theme: str | Theme = "dark", size: tuple[int, int] = SIZE
) -> Path:
    """Write the picture of a phase as .png, .svg or .pdf; the same phase gives the same bytes.

    Raises `UsageError` for another ending and for more cells than it has room for.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise UsageError(f"a phase picture is a .png, .svg or .pdf, not {path.name!r}")
    check_place(path)
    rows, columns = phase.counts.shape
    if columns * _LEAST > size[0] // 2 or rows * _LEAST > size[1] // 2:
        raise UsageError(
            f"{columns} × {rows} cells have no room in {size[0]}x{size[1]}: give fewer values, or "
            "a larger size"
        )
    look = Look(size, theme_from(theme))
    made = drawn_by(PhaseSheet(phase, look, title), look, kind[1:], {"title": title})
    with replacing(path) as file:
        file.write_bytes(made)
    return path


def said_of(phase: Phase) -> str:
    """Return what a cell shows: of how many trainings, what a success is, how sure that is."""
    low, high = phase.each
    count = f"{low}" if low == high else f"{low} to {high}"
    each = f"{count} training{'s' * (high != 1)} a cell"
    reached = f"share with {phase.score_name} ≥ {phase.success:g}"
    if phase.event is not None:
        reached = f"share in which {phase.event!r} happens"
    return (
        f"{reached}, of {each}; the true share lies within "
        f"{100 * phase.widest:.0f} points, with 95 %"
    )
