"""The furniture of the sheet: where its texts stand."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nnanim import Film, Scene, Training, datasets, models
from nnanim.drawing.surface import SHIFTS, Box, Placement
from nnanim.drawing.typesetter import width
from nnanim.marks import Mark, Points, Text
from nnanim.recording.record import untrained
from nnanim.sheet.blocks import Stand
from nnanim.sheet.furniture import draw_panel_furniture
from nnanim.sheet.heads import Head
from nnanim.sheet.labels import labels
from nnanim.sheet.scale import Scale
from nnanim.sheet.sheet import Sheet
from nnanim.sheet.slots import bar_room
from nnanim.themes import THEMES
from nnanim.view import ColorBar, Panel
from nnanim.views import HiddenSpace, InputSpace
from nnanim.words import words_from
from tests.pictures import look
from tests.recordings import rings_film


@dataclass
class Notes:
    """Takes notes of what is drawn, as a canvas does it."""

    texts: list[tuple[str, float, float]] = field(default_factory=list)  # text, left, right
    boxes: list[Box] = field(default_factory=list)
    bars: list[Box] = field(default_factory=list)
    swatches: list[Box] = field(default_factory=list)

    def rectangle(self, box: Box, role: str, alpha: float = 1.0) -> None:
        """Note a box."""
        del role, alpha
        self.boxes.append(box)

    def write(self, text: Text) -> None:
        """Note a text, and from where to where it goes."""
        wide = self.text_width(text.text, text.size)
        left = float(text.xy[0]) - SHIFTS[text.anchor] * wide
        self.texts.append((text.text, left, left + wide))

    def draw(self, mark: Mark, place: Placement) -> None:
        """Note where a colour bar, or the swatch of a legend, is drawn."""
        (self.swatches if isinstance(mark, Points) else self.bars).append(place.box)

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a text."""
        return width(text, "DejaVu Sans", size, bold=bold)


@dataclass
class Drawn:
    """Takes notes of the marks that are drawn, and where."""

    marks: list[tuple[type[Mark], Placement]] = field(default_factory=list)

    def draw(self, mark: Mark, place: Placement) -> None:
        """Note a mark."""
        self.marks.append((type(mark), place))


def notes_of(names: list[str], size: tuple[int, int]) -> tuple[Notes, Box]:
    """Return what is drawn, and where, for an input space with these classes."""
    inputs = np.random.default_rng(0).uniform(-1, 1, (10 * len(names), 2))
    dataset = datasets.from_arrays(inputs, names * 10, task="classes")
    scene = Scene(
        dataset=dataset,
        model=models.mlp(2, 2, len(names)),
        training=Training(loss="cross_entropy"),
    )
    film = Film(untrained(scene))
    sheet = Sheet(film, [[InputSpace()]], look(size))
    notes: Any = Notes()
    sheet.draw_furniture(notes)
    return notes, sheet.placements[0][0].box


def legend_in(notes: Notes) -> list[tuple[str, float, float]]:
    """Return the texts that are of one letter, repeated or cut: names of classes."""
    return [
        note for note in notes.texts if len(set(note[0]) - {"…"}) == 1 and note[0][0] in "abcdef"
    ]


@pytest.mark.parametrize("size", [(1920, 1080), (640, 360), (400, 700)])
@pytest.mark.parametrize("letters", [3, 12, 24])
@pytest.mark.parametrize("count", [3, 6])
def test_a_legend_is_shown_whatever_the_size(
    count: int, letters: int, size: tuple[int, int]
) -> None:
    """In two lines at most, that end where the panel ends; none of its names is cut.

    The last that have no room are counted; where not even one has room, nothing is.
    """
    notes, box = notes_of([letter * letters for letter in "abcdef"[:count]], size)

    shown = legend_in(notes)

    assert [name for name, _, _ in shown] == [c * letters for c in "abcdef"[: len(shown)]]
    more = [text for text, _, _ in notes.texts if text == f"+{count - len(shown)}"]
    assert len(more) == (0 < len(shown) < count)
    assert shown or letters == 24
    assert len(notes.swatches) == len(shown)
    assert all(right <= box.right + 2 for _, _, right in shown)


def test_a_legend_without_room_beside_its_title_stands_below_it() -> None:
    """In a line of its own, over the panel, or in two: not below a title in two."""
    scale = Scale((1920, 1080))
    entries = (("one of two", "class0", "disc"), ("the other", "class1", "line"))
    head = Head("Input space", entries, "", scale, "DejaVu Sans")

    assert not head.beside(400)
    assert head.beside(800)
    assert head.height(400) - head.height(800) == pytest.approx(head.legend_pitch, abs=1)
    assert head.legend_lines(400) == [list(entries)]
    assert head.height(200) - head.height(400) == pytest.approx(head.legend_pitch, abs=1)
    assert head.legend_lines(200) == [[entry] for entry in entries]
    assert len(head.titles(130)) == 2
    assert head.legend_lines(130) == []


def noted(panel: Panel, box: Box, head: str = "", ticked: bool = True) -> Notes:
    """Return what is drawn around a panel in a box."""
    notes: Any = Notes()
    scale, theme = Scale((1920, 1080)), THEMES["dark"]
    bar = box if panel.color_bar is not None else None
    above = Head(head, (), "", scale, theme.font) if head else None
    stand = Stand(box, above, box.top, box.width, False, ticked, ticked, bar)
    draw_panel_furniture(notes, panel, stand, scale, theme, words_from("en"))
    found: Notes = notes
    return found


WITH_BAR = Panel(
    "unit 1", (-10, 10), (-10, 10), color_bar=ColorBar("viridis", -1.0, 1.0, "activation")
)


@pytest.mark.parametrize("side", [90, 200, 500])
def test_a_colour_bar_stands_beside_its_panel_with_two_to_four_ticks(side: int) -> None:
    """As high as the panel, within the room that the panel asks for."""
    box = Box(100, 100, side, side)
    notes = noted(WITH_BAR, box)

    (bar,) = notes.bars
    texts = [note for note in notes.texts if note[1] >= bar.right]
    end = box.right + bar_room(WITH_BAR.color_bar, Scale((1920, 1080)), "DejaVu Sans")
    assert (bar.top, bar.height) == (box.top, box.height)
    assert box.right < bar.left
    assert 2 <= len(texts) <= 4
    assert {"−1", "1"} <= {text for text, _, _ in texts}
    assert all(right <= end + 10 for _, _, right in texts)


@pytest.mark.parametrize("side", [60, 90, 200, 500])
def test_ticks_of_small_panels_thin_out_until_they_lie_apart(side: int) -> None:
    """Down to its ends."""
    notes = noted(Panel("unit 1", (-10, 10), (-10, 10), y_ticks=False), Box(100, 100, side, side))

    shown = sorted((left, right) for text, left, right in notes.texts if text != "unit 1")
    assert len(shown) == {60: 2, 90: 2, 200: 3, 500: 5}[side]
    assert all(a[1] < b[0] for a, b in pairwise(shown))


@pytest.mark.parametrize(("side", "lines"), [(80, 0), (380, 2), (800, 1)])
def test_a_title_that_is_too_wide_takes_two_lines_or_is_left_out(side: int, lines: int) -> None:
    """It is never made smaller, nor cut, and does not run into the next panel."""
    title = "a title that has more letters than room"
    scale = Scale((1920, 1080))
    head = Head(title, (), "", scale, "DejaVu Sans")

    shown = head.titles(side)

    assert len(shown) == lines
    assert " ".join(shown) == (title if lines else "")
    assert all(width(line, "DejaVu Sans", scale.panel_title) <= side for line in shown)


def texts_in(*texts: Text, side: int = 400) -> list[tuple[str, float, float]]:
    """Return what is written of texts in a panel from (0, 0) to (1, 1), and where it begins."""
    place = Placement(Box(0, 0, side, side), (0.0, 1.0), (0.0, 1.0))
    found = labels(texts, place, Scale((1920, 1080)), "DejaVu Sans")
    return [(label.text.text, label.left, label.base) for label in found]


def test_a_text_that_would_leave_its_panel_is_moved_inside() -> None:
    """As little as that takes; one that has no room there is left out."""
    ((text, left, base),) = texts_in(Text((1.0, 0.0), "at the corner", anchor="center"))

    wide = width(text, "DejaVu Sans", 24)
    assert left + wide == pytest.approx(400)
    assert 390 <= base <= 400
    assert texts_in(Text((0.5, 0.5), "at the corner"), side=60) == []
    assert texts_in(Text((1.5, 0.5), "beyond")) == []


def test_of_texts_that_would_meet_the_first_is_written() -> None:
    """Others have their place."""
    meeting = Text((0.1, 0.5), "first"), Text((0.12, 0.52), "second"), Text((0.1, 0.8), "third")

    assert [text for text, _, _ in texts_in(*meeting)] == ["first", "third"]


def test_a_sheet_tells_the_marks_of_a_time_with_their_panels_and_places() -> None:
    """Every panel of every view, the strip last; drawing them is drawing the sheet's marks."""
    sheet = Sheet(rings_film(), [[InputSpace(), HiddenSpace()]], look((640, 360)))
    t = 1.3

    told = list(sheet.marks(t))

    assert [panel for panel, _, _ in told] == [panel for panels in sheet.panels for panel in panels]
    assert [place for _, place, _ in told] == [place for row in sheet.placements for place in row]
    drawn: Any = Drawn()
    sheet.draw_marks(drawn, t)
    assert [kind for kind, _ in drawn.marks] == [type(mark) for _, _, m in told for mark in m]
    assert {place for _, place in drawn.marks} == {place for _, place, _ in told}
    assert len(told) == 3
