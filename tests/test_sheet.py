"""The furniture of the sheet: where its texts stand."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nnanim import Film, Scene, Training, datasets, models
from nnanim.drawing.surface import SHIFTS, Box, Placement
from nnanim.marks import Mark, Text
from nnanim.recording.record import untrained
from nnanim.sheet.furniture import draw_panel_furniture, slot_of
from nnanim.sheet.scale import TICK
from nnanim.sheet.sheet import Sheet
from nnanim.themes import THEMES
from nnanim.view import ColorBar, Panel
from nnanim.views import HiddenSpace, InputSpace
from nnanim.words import words_from
from tests.pictures import look
from tests.recordings import rings_film


@dataclass
class Notes:
    """Takes notes of what is drawn, as a canvas whose letters are all as wide as 0.6 of a size."""

    texts: list[tuple[str, float, float]] = field(default_factory=list)  # text, left, right
    boxes: list[Box] = field(default_factory=list)
    bars: list[Box] = field(default_factory=list)

    def rectangle(self, box: Box, rgba: object) -> None:
        """Note a box."""
        del rgba
        self.boxes.append(box)

    def write(self, text: Text) -> None:
        """Note a text, and from where to where it goes."""
        width = self.text_width(text.text, text.size)
        left = float(text.xy[0]) - SHIFTS[text.anchor] * width
        self.texts.append((text.text, left, left + width))

    def draw(self, mark: Mark, place: Placement) -> None:
        """Note where a colour bar is drawn."""
        del mark
        self.bars.append(place.box)

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a text."""
        del bold
        return 0.6 * size * len(text)


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
def test_a_legend_never_runs_into_its_title(
    count: int, letters: int, size: tuple[int, int]
) -> None:
    """It ends where the panel ends; names that do not fit are smaller, then cut, then left out."""
    notes, box = notes_of([letter * letters for letter in "abcdef"[:count]], size)
    (title,) = [right for text, _, right in notes.texts if text == "Input space"]

    shown = legend_in(notes)

    assert len(shown) in (0, count)
    assert all(title < left and right <= box.right + 1 for _, left, right in shown)
    swatches = [drawn.left for drawn in notes.boxes if drawn.top > 0 and drawn.bottom < box.top]
    assert len(swatches) == len(shown)
    assert all(left > title for left in swatches)


@pytest.mark.parametrize(
    ("letters", "shown"), [(3, "aaa"), (24, "aaaaaaaaaaaa…"), (200, "aaaaaaaaaaaa…")]
)
def test_a_legend_shows_as_much_of_its_names_as_it_can(letters: int, shown: str) -> None:
    """Whole where there is room, else all cut to the same length."""
    notes, _ = notes_of([letter * letters for letter in "abc"], (1280, 720))

    names = [text for text, _, _ in legend_in(notes)]

    assert names == [shown.replace("a", letter) for letter in "cba"]


def noted(panel: Panel, box: Box, text: float = 1.0) -> Notes:
    """Return what is drawn around a panel in a box."""
    notes: Any = Notes()
    place = Placement(box, panel.x, panel.y)
    draw_panel_furniture(notes, panel, place, text, THEMES["dark"], False, words_from("en"))
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
    labels = [note for note in notes.texts if note[1] >= bar.right]
    end = box.right + slot_of(WITH_BAR).after * TICK
    assert (bar.top, bar.height) == (box.top, box.height)
    assert box.right < bar.left
    assert 2 <= len(labels) <= 4
    assert {"−1", "1"} <= {text for text, _, _ in labels}
    assert all(right <= end for _, _, right in labels)
    assert any(text == "activation" for text, _, _ in notes.texts) == (side >= 200)


@pytest.mark.parametrize("side", [60, 90, 200, 500])
def test_ticks_of_small_panels_thin_out_until_they_lie_apart(side: int) -> None:
    """Down to its ends."""
    notes = noted(Panel("unit 1", (-10, 10), (-10, 10), y_ticks=False), Box(100, 100, side, side))

    shown = sorted((left, right) for text, left, right in notes.texts if text != "unit 1")
    assert len(shown) == {60: 2, 90: 3, 200: 5, 500: 5}[side]
    assert all(a[1] < b[0] for a, b in pairwise(shown))


def test_a_title_that_is_too_wide_shrinks_then_is_cut() -> None:
    """It does not run into the next panel."""
    title = "a title that has many more letters than room"
    for side in (80, 300):
        notes = noted(Panel(title, (0, 1), (0, 1)), Box(100, 100, side, side))
        shown, _, right = notes.texts[0]
        assert shown.endswith("…")
        assert right <= 100 + side + TICK
    assert noted(Panel(title, (0, 1), (0, 1)), Box(100, 100, 600, 600)).texts[0][0] == title


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
