"""Plates: what stands still in films that follow one another is drawn once."""

from collections.abc import Callable

import numpy as np
import pytest

from nnanim.drawing import plate as plates
from nnanim.drawing.canvas import Canvas
from nnanim.drawing.plate import plate
from nnanim.drawing.surface import Board, Box, Placement
from nnanim.marks import Image, Lines, Text
from nnanim.themes import THEMES
from nnanim.types import Frame

SIZE = (160, 90)
Furniture = Callable[[Board], None]


def furniture(title: str = "title", recipe: str = "lr 0.1", slope: float = 1.0) -> Furniture:
    """Return furniture of a ground, a line, a colour bar and two texts."""
    box = Box(20, 20, 100, 50)
    place = Placement(box, (0.0, 1.0), (0.0, 1.0))

    def draw(board: Board) -> None:
        board.rectangle(Box(0, 0, *SIZE), "ground")
        board.draw(Lines([np.array([[0.0, 0.0], [1.0, slope]])], "grid"), place)
        board.draw(Image(np.eye(4), (0.5, 1.0, 0.5, 1.0)), place)
        board.write(Text((10.0, 15.0), title, size=12.0))
        board.write(Text((150.0, 85.0), recipe, size=10.0, anchor="right"))

    return draw


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Frame, int]]:
    """Return what draws a plate, and says how many steps that took."""
    steps: list[str] = []
    monkeypatch.setattr(plates, "_last", [])
    for name in ("draw", "rectangle", "write"):
        whole = getattr(Canvas, name)

        def counted(*given: object, name: str = name, whole: Callable[..., None] = whole) -> None:
            steps.append(name)
            whole(*given)

        monkeypatch.setattr(Canvas, name, counted)

    def draw(made: Furniture, theme: str = "dark") -> tuple[Frame, int]:
        before = len(steps)
        return plate(SIZE, THEMES[theme], 1.0, made), len(steps) - before

    return draw


def test_another_recipe_is_all_that_is_drawn_anew(drawn: Callable[..., tuple[Frame, int]]) -> None:
    """The picture is that which is drawn whole, to the bit, however many came before."""
    recipes = ["lr 0.1", "lr 0.02", "lr 0.1"]
    found = [drawn(furniture(recipe=recipe)) for recipe in recipes]

    assert [steps for _, steps in found] == [5, 1, 1]
    np.testing.assert_array_equal(found[0][0], found[2][0])
    assert (found[0][0] != found[1][0]).any()
    plates._last.clear()
    np.testing.assert_array_equal(found[1][0], drawn(furniture(recipe="lr 0.02"))[0])


@pytest.mark.parametrize("changed", [{"title": "other"}, {"slope": 0.5}, {"theme": "light"}])
def test_whatever_else_differs_is_drawn_whole(
    changed: dict[str, str], drawn: Callable[..., tuple[Frame, int]]
) -> None:
    """A text, a number of a mark, a theme."""
    theme = changed.get("theme", "dark")
    made = furniture(**{name: value for name, value in changed.items() if name != "theme"})  # type: ignore[arg-type]
    first, _ = drawn(furniture())

    other, steps = drawn(made, theme)

    assert steps == 5
    assert (other != first).any()


def test_a_plate_may_be_written_on(drawn: Callable[..., tuple[Frame, int]]) -> None:
    """What is done with a picture does not come back in the next."""
    first, _ = drawn(furniture())
    before = first.copy()
    first[:] = 0

    np.testing.assert_array_equal(drawn(furniture())[0], before)
