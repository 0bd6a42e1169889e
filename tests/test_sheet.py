"""The furniture of the sheet: where its texts stand."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from nnanim import Film, Scene, Training, datasets, models
from nnanim.layout import Box
from nnanim.recorder import untrained
from nnanim.sheet import Sheet
from nnanim.theme import THEMES
from nnanim.views import InputSpace


@dataclass
class Notes:
    """Takes notes of what is drawn, as a canvas whose letters are all as wide as 0.6 of a size."""

    texts: list[tuple[str, float, float]] = field(default_factory=list)  # text, left, right
    boxes: list[Box] = field(default_factory=list)

    def rectangle(self, box: Box, rgba: object) -> None:
        """Note a box."""
        del rgba
        self.boxes.append(box)

    def text(
        self, at: tuple[float, float], text: str, size: float, color: str = "ink", **more: Any
    ) -> None:
        """Note a text, and from where to where it goes."""
        del color
        width = self.text_width(text, size)
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[more.get("anchor", "left")]
        self.texts.append((text, at[0] - shift * width, at[0] + (1 - shift) * width))

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a text."""
        del bold
        return 0.6 * size * len(text)


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
    sheet = Sheet(film, [[InputSpace()]], THEMES["dark"], size)
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
