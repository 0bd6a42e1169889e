"""Boxes on the sheet: inside it, apart from each other, and of the shape that panels ask for."""

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nnanim.drawing.surface import Box
from nnanim.sheet.layout import Layout
from nnanim.sheet.layout import lay_out as lay_out_slots
from nnanim.sheet.rows import Slot
from nnanim.sheet.scale import Scale

sides = st.integers(64, 4000)
sizes = st.tuples(sides, sides)
aspects = st.one_of(st.none(), st.just(1.0), st.floats(0.05, 20))
rows_of_panels = st.lists(st.lists(aspects, min_size=1, max_size=6), min_size=1, max_size=6).filter(
    lambda rows: sum(map(len, rows)) <= 6
)


def lay_out(
    size: tuple[int, int], rows: Sequence[Sequence[float | None]], bare: bool = False
) -> Layout:
    """Return the layout of panels of these aspects."""
    return lay_out_slots(size, [[Slot(aspect) for aspect in row] for row in rows], bare)


def apart(one: Box, other: Box) -> bool:
    """Return whether two boxes share no pixel."""
    beside = one.right <= other.left or other.right <= one.left
    return beside or one.bottom <= other.top or other.bottom <= one.top


def boxes(layout: Layout) -> list[Box]:
    """Return all boxes of a layout."""
    return [*layout.panels, *([layout.strip] if layout.strip else [])]


@settings(max_examples=400, deadline=None)
@given(size=sizes, rows=rows_of_panels, bare=st.booleans())
@example(size=(64, 64), rows=[[1.0]] * 6, bare=False)
@example(size=(64, 64), rows=[[1.0] * 6], bare=True)
@example(size=(64, 4000), rows=[[20.0, 0.05, None, None, 20.0, 1.0]], bare=False)
@example(size=(4000, 64), rows=[[0.05], [20.0], [None], [1.0], [1.0], [1.0]], bare=False)
def test_boxes_lie_apart_on_the_sheet(
    size: tuple[int, int], rows: list[list[float | None]], bare: bool
) -> None:
    """At any size, for any panels: each is on the sheet, has a pixel at least, and is its own."""
    layout = lay_out(size, rows, bare)

    assert len(layout.panels) == sum(map(len, rows))
    assert (layout.strip is None) == bare
    for box in boxes(layout):
        assert box.width > 0
        assert box.height > 0
        assert 0 <= box.left < box.right <= size[0]
        assert 0 <= box.top < box.bottom <= size[1]
    assert all(apart(one, other) for one, other in combinations(boxes(layout), 2))


@settings(max_examples=300, deadline=None)
@given(size=sizes, rows=rows_of_panels, bare=st.booleans())
def test_square_panels_are_square(
    size: tuple[int, int], rows: list[list[float | None]], bare: bool
) -> None:
    """Where one unit of x is as long as one of y, it is so to a pixel."""
    layout = lay_out(size, rows, bare)

    for box, aspect in zip(layout.panels, [a for row in rows for a in row], strict=True):
        if aspect == 1.0:
            assert abs(box.width - box.height) <= 1


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (640, 360), (1080, 1080)])
@pytest.mark.parametrize("aspect", [0.5, 1.0, 1.6, 2.5])
def test_a_panel_keeps_its_aspect(size: tuple[int, int], aspect: float) -> None:
    """At sizes that people use, alone or with a neighbour."""
    panels: list[list[list[float | None]]] = [[[aspect]], [[aspect, 1.0]], [[aspect], [None]]]
    for rows in panels:
        box = lay_out(size, rows).panels[0]
        assert box.width / box.height == pytest.approx(aspect, abs=1.5 / box.height)


def test_two_panels_stand_side_by_side_on_a_wide_sheet() -> None:
    """Of the same height, at the same level, flush with the margins."""
    layout = lay_out((1920, 1080), [[1.0, 1.0]])
    left, right = layout.panels

    assert (left.top, left.height) == (right.top, right.height)
    assert left.right < right.left
    assert left.left - layout.left == pytest.approx(layout.right - right.right, abs=2)
    assert left.height > 0.5 * 1080


def test_two_panels_stand_above_each_other_on_a_high_sheet() -> None:
    """A row is split where that makes its panels larger."""
    upper, lower = lay_out((1080, 1920), [[1.0, 1.0]]).panels

    assert upper.bottom < lower.top
    assert upper.left == lower.left


def test_rows_stay_in_the_order_they_are_written() -> None:
    """Panels are numbered along each row, and rows downwards."""
    a, b, c = lay_out((1600, 900), [[1.0, 1.0], [None]]).panels

    assert a.right < b.left
    assert max(a.bottom, b.bottom) < c.top
    assert c.width > b.width


def test_a_free_panel_takes_what_room_is_left() -> None:
    """Beside a square one it is as high, and reaches to the margin."""
    layout = lay_out((1920, 1080), [[1.0, None]])
    square, free = layout.panels

    assert (square.left, free.right) == (layout.left, layout.right)
    assert free.height == square.height
    assert free.width > square.width


def test_a_bare_sheet_gives_its_panels_more_room() -> None:
    """There is neither title nor strip."""
    full, bare = (lay_out((640, 360), [[1.0]], bare=bare).panels[0] for bare in (False, True))

    assert bare.height > full.height


@settings(deadline=None)
@given(size=sizes)
def test_text_shrinks_more_slowly_than_the_sheet(size: tuple[int, int]) -> None:
    """So that a small picture can still be read; on larger ones it grows in proportion."""
    scale, ratio = Scale(size), min(size[1], 0.8 * size[0]) / 1080

    assert scale.text >= scale.stroke >= ratio - 1e-12
    if ratio >= 1:
        assert scale.text == scale.stroke == ratio
    assert scale.small == (ratio < 0.44)


@settings(deadline=None)
@given(size=sizes)
def test_the_lines_of_the_sheet_stand_in_order(size: tuple[int, int]) -> None:
    """Title above panels above strip above hairline above the figures."""
    layout = lay_out(size, [[1.0, 1.0]])
    assert layout.strip is not None

    assert 0 < layout.title < min(box.top for box in layout.panels)
    assert max(box.bottom for box in layout.panels) <= layout.strip.top
    assert layout.strip.bottom <= layout.hairline < layout.footer < size[1]


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (640, 360)])
@pytest.mark.parametrize("count", [8, 16, 20])
def test_many_panels_make_a_grid_of_like_ones(count: int, size: tuple[int, int]) -> None:
    """Of one size, in columns, with smaller texts; a colour bar at the end has its room."""
    row = [Slot(1.0), *[Slot(1.0, before=2.6)] * (count - 2), Slot(1.0, 2.6, after=4.0)]

    layout = lay_out_slots(size, [row])

    lefts = sorted({box.left for box in layout.panels})
    assert len({(box.width, box.height) for box in layout.panels}) == 1
    assert 4 <= len(lefts) <= 10
    assert layout.panels[0].width > 0.055 * size[0]
    assert set(layout.texts) == {layout.texts[0]}
    assert layout.texts[0] <= Scale(size).text
    last = layout.panels[-1]
    assert last.right + 4.0 * 18 * layout.texts[-1] <= layout.right + 1


def test_a_row_takes_the_height_that_another_cannot_use() -> None:
    """Eight squares in a row are small, whatever room they have."""
    layout = lay_out((1920, 1080), [[1.0] * 6, [None]])

    assert layout.panels[-1].height > 1.4 * layout.panels[0].height


def test_a_colour_bar_lies_before_the_next_panel() -> None:
    """Its room is left beside each panel that has one."""
    panels = lay_out_slots((1920, 1080), [[Slot(1.0, after=6.0)] * 2]).panels

    assert panels[1].left - panels[0].right >= (6.0 + 3.6) * 18 - 1
