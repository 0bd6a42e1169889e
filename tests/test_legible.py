"""Every sheet of the repository's scenes can be read: at a desk, on a wall, on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest

from nnanim import Comparison, Film, Timeline, acts
from nnanim.drawing.surface import SHIFTS, Box, Placement
from nnanim.drawing.typesetter import width
from nnanim.film.tiles import film_of_tiles
from nnanim.marks import Mark, Text
from nnanim.recording.record import untrained
from nnanim.rendering.filming import renderer_of, sheet_of
from nnanim.scene.files import declared
from nnanim.scene.finding import scene_files
from nnanim.sheet.contact_sheet import contact_sheet
from nnanim.sheet.look import Look
from nnanim.sheet.sheet import Sheet
from nnanim.themes import LECTURE, THEMES
from nnanim.view import Rows
from nnanim.views import Depth, HiddenSpace, InputSpace, Loss, Network, Weights
from tests.recordings import rings_film

FILES = scene_files(Path(__file__).parent.parent / "scenes")
SIZES = [(1920, 1080), (1080, 1920), (1080, 1080), (640, 360)]
SMALL = [(640, 360), (854, 480), (1080, 1080), (1080, 1920)]
SHOWN: Sequence[Rows] = [
    [[InputSpace()]],
    [[HiddenSpace(), Loss()]],
    [[InputSpace(), HiddenSpace(), Loss()]],
    [[InputSpace(), HiddenSpace("hidden1"), Network()]],
    [[InputSpace(), HiddenSpace(), Loss(), Weights()]],
    [[InputSpace(), HiddenSpace()], [Loss(), Network()]],
    [[Depth()]],
    [[Depth(), InputSpace(), Loss()]],
    [[Depth(), InputSpace(), HiddenSpace(), Loss()]],
]
THROUGH = Timeline(
    12, acts=[acts.Hold(1, "Before"), acts.Train(), acts.Morph(caption="One after the other")]
)
FULL = (
    *("embedding_spectra", "radial_baseline", "radial_relu", "radial_triples"),
    *("embedding_jacobian", "jagged_activations_16"),
)


@dataclass(frozen=True)
class Written:
    """A text, what it covers of the sheet in pixels, and its size."""

    text: str
    box: tuple[float, float, float, float]
    size: float
    bold: bool

    def meets(self, other: "Written") -> bool:
        """Return whether the two share a pixel."""
        (a, b, c, d), (e, f, g, h) = self.box, other.box
        return a < g and e < c and b < h and f < d


@dataclass
class Page:
    """Takes notes of all that is written, as a canvas writes it; draws nothing."""

    font: str
    texts: list[Written] = field(default_factory=list)

    def write(self, text: Text) -> None:
        """Note a text, from the top of its letters to their foot."""
        wide = self.text_width(text.text, text.size, bold=text.bold)
        if not text.text.strip():
            return
        x, base = map(float, text.xy)
        left = x - SHIFTS[text.anchor] * wide
        box = left, base - 0.72 * text.size, left + wide, base + 0.2 * text.size
        self.texts.append(Written(text.text, box, text.size, text.bold))

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a text."""
        return width(text, self.font, size, bold=bold)

    def draw(self, mark: Mark, place: Placement) -> None:
        """Draw nothing."""

    def rectangle(self, box: Box, role: str, alpha: float = 1.0) -> None:
        """Draw nothing."""


@cache
def film_before(file: Path) -> Film:
    """Return a scene's film before any training."""
    made = declared(file)
    if isinstance(made, Comparison):
        return film_of_tiles(made, [untrained(scene) for scene in made.to_train], Timeline())
    return Film(untrained(made))


def page_of(sheet: Sheet, times: Sequence[float]) -> list[list[Written]]:
    """Return all that is written on a sheet at each time."""
    pages = []
    for t in times:
        page: Any = Page(sheet.font)
        sheet.draw_furniture(page)
        sheet.draw_marks(page, t)
        sheet.draw_figures(page, t)
        pages.append(page.texts)
    return pages


def expect_legible(sheet: Sheet, times: Sequence[float]) -> None:
    """Expect that there are texts, and that each can be read."""
    assert all(len(texts) > 3 for texts in page_of(sheet, times))
    expect_apart(sheet, times)


def expect_apart(sheet: Sheet, times: Sequence[float]) -> None:
    """Expect that no two texts meet, none leaves the sheet, none is under its least size."""
    (across, down), scale = sheet.look.size, sheet.scale
    for texts in page_of(sheet, times):
        # A title in bold has a rule of its own.
        assert [text for text in texts if text.size < scale.small and not text.bold] == []
        outside = [
            text
            for text in texts
            if not (text.box[0] >= 0 and text.box[2] <= across and text.box[1] >= 0)
            or text.box[3] > down
        ]
        assert outside == []
        assert [pair for pair in combinations(texts, 2) if pair[0].meets(pair[1])] == []


@pytest.mark.parametrize("bare", [False, True], ids=["", "bare"])
@pytest.mark.parametrize("lecture", [False, True], ids=["", "lecture"])
@pytest.mark.parametrize("size", SMALL, ids=lambda size: f"{size[0]}x{size[1]}")
def test_texts_lie_apart_in_one_panel_to_four(
    size: tuple[int, int], lecture: bool, bare: bool
) -> None:
    """Titles, heads, legends and captions, of films that go through the layers, too."""
    theme = THEMES["dark"].replace(text=LECTURE if lecture else 1.0)  # all have one font
    recording = rings_film().recording
    for rows in SHOWN:
        through = any(isinstance(view, Depth) for view in chain(*rows))
        film = Film(recording, timeline=THROUGH if through else Timeline())
        times = [0.0, 0.6 * film.timeline.seconds, film.timeline.seconds]
        expect_apart(Sheet(film, rows, Look(size, theme, bare)), times)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_sheet_can_be_read(file: Path, size: tuple[int, int]) -> None:
    """At the film's begin, middle and end; a turning cube stands otherwise in each."""
    film = film_before(file)
    sheet = sheet_of(film, Look(size, THEMES["dark"]))

    expect_legible(sheet, [0.0, 0.5 * film.timeline.seconds, film.timeline.seconds])
    assert sheet.layout.strip is not None
    assert sheet.layout.strip.height <= 0.07 * size[1]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1080)], ids=str)
@pytest.mark.parametrize("file", FILES[::4], ids=lambda file: file.stem)
def test_a_sheet_can_be_read_in_a_lecture(file: Path, size: tuple[int, int]) -> None:
    """Texts of 34 pixels have no room where those of 24 had: they are left out, never shrunk."""
    theme = THEMES["light"].replace(text=LECTURE)

    expect_legible(sheet_of(film_before(file), Look(size, theme)), [0.0])


@pytest.mark.parametrize("name", FULL)
def test_a_sheet_that_stood_half_empty_is_filled(name: str) -> None:
    """Its panels take 45 % of it at least."""
    (file,) = [file for file in FILES if file.stem == name]

    layout = renderer_of(film_before(file), Look((1920, 1080), THEMES["dark"])).sheet.layout

    area = sum(box.width * box.height for box in layout.panels)
    assert area >= 0.45 * 1920 * 1080


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_contact_sheet_can_be_read(size: tuple[int, int]) -> None:
    """It has a title, and every epoch once."""
    sheet = contact_sheet(sheet_of(rings_film(), Look(size, THEMES["dark"])), [0, 2.5, 8])

    expect_legible(sheet, [0.0])
    (texts,) = page_of(sheet, [0.0])
    for epoch in ("epoch 0", "epoch 2.5", "epoch 8", "Input space", "Hidden layer 2"):
        assert [text.text for text in texts].count(epoch) == 1
