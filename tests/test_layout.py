"""Boxes on the sheet: inside it, apart from each other, and of the shape that panels ask for."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nnanim.drawing.surface import Box
from nnanim.sheet.blocks import Block, Slot
from nnanim.sheet.grid import GridRow, place_grid
from nnanim.sheet.heads import Head
from nnanim.sheet.layout import Layout
from nnanim.sheet.layout import lay_out as lay_out_stands
from nnanim.sheet.rows import place_rows
from nnanim.sheet.scale import Scale
from tests.examples import examples

sides = st.integers(64, 4000)
sizes = st.tuples(sides, sides)
aspects = st.one_of(st.none(), st.just(1.0), st.floats(0.05, 20))
rows_of_panels = st.lists(st.lists(aspects, min_size=1, max_size=6), min_size=1, max_size=6).filter(
    lambda rows: sum(map(len, rows)) <= 6
)


def blocks(size: tuple[int, int], *aspects: float | None, names: int = 0) -> Block:
    """Return a block of panels of these aspects under a title."""
    scale = Scale(size)
    head = Head("Space", (), "", scale, "DejaVu Sans")
    small = round(scale.small)
    slots = tuple(Slot(aspect, 2 * small, round(1.65 * small), small) for aspect in aspects)
    return Block(slots, head, scale, names=names)


def lay_out(
    size: tuple[int, int],
    rows: Sequence[Sequence[float | None]],
    bare: bool = False,
    heights: Sequence[float] = (),
) -> Layout:
    """Return the layout of panels of these aspects."""
    return lay_out_blocks(size, [[blocks(size, a) for a in row] for row in rows], bare, heights)


def lay_out_blocks(
    size: tuple[int, int],
    rows: Sequence[Sequence[Block]],
    bare: bool = False,
    heights: Sequence[float] = (),
) -> Layout:
    """Return the layout of these blocks."""
    scale, shares = Scale(size), heights or [1.0] * len(rows)
    return lay_out_stands(
        scale, lambda box, margin: place_rows(box, rows, shares, scale, margin), bare=bare
    )


def apart(one: Box, other: Box) -> bool:
    """Return whether two boxes share no pixel."""
    beside = one.right <= other.left or other.right <= one.left
    return beside or one.bottom <= other.top or other.bottom <= one.top


def boxes(layout: Layout) -> list[Box]:
    """Return all boxes of a layout."""
    return [*layout.panels, *([layout.strip] if layout.strip else [])]


@settings(max_examples=examples(400), deadline=None)
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


@settings(max_examples=examples(300), deadline=None)
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
@given(size=sizes, enlarged=st.sampled_from([1.0, 1.4]))
def test_text_shrinks_more_slowly_than_the_sheet(size: tuple[int, int], enlarged: float) -> None:
    """So that a small picture can still be read; on larger ones it grows in proportion."""
    scale, ratio = Scale(size, enlarged), min(size) / 1080

    assert scale.text / enlarged >= scale.stroke - 1e-12
    assert scale.stroke >= ratio - 1e-12
    if ratio >= 1:
        assert scale.text == pytest.approx(enlarged * ratio)


@pytest.mark.parametrize(("enlarged", "small", "figures"), [(1.0, 24, 30), (1.4, 34, 42)])
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1080), (1080, 1920)])
def test_at_1080_lines_no_text_is_smaller_than_can_be_read_from_the_back_row(
    size: tuple[int, int], enlarged: float, small: int, figures: int
) -> None:
    """24 pixels and the figures 30; for a lecture 34 and 42."""
    scale = Scale(size, enlarged)

    assert (scale.small, scale.figures) == (small, figures)
    assert min(scale.title, scale.epoch, scale.panel_title) > small


@settings(deadline=None)
@given(size=sizes)
def test_the_lines_of_the_sheet_stand_in_order(size: tuple[int, int]) -> None:
    """Title above panels above strip above hairline above the figures."""
    layout = lay_out(size, [[1.0, 1.0]])
    assert layout.strip is not None

    assert 0 < layout.title < min(box.top for box in layout.panels)
    assert max(box.bottom for box in layout.panels) <= layout.strip.top
    assert layout.strip.bottom <= layout.hairline < layout.footer < size[1]


@settings(deadline=None)
@given(size=sizes)
def test_the_strip_takes_little(size: tuple[int, int]) -> None:
    """At most 7 % of the height, and never all the width: its name stands before it."""
    scale = Scale(size)
    layout = lay_out_stands(
        scale,
        lambda box, margin: place_rows(box, [[blocks(size, 1.0)]], [1.0], scale, margin),
        strip_name=size[0] // 10,
    )

    assert layout.strip is not None
    assert layout.strip.height <= 0.07 * size[1] + 1
    assert layout.strip.left > layout.left


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (640, 360)])
@pytest.mark.parametrize("count", [8, 16, 20])
def test_like_panels_make_a_grid(count: int, size: tuple[int, int]) -> None:
    """Of one size, in columns, under one title."""
    layout = lay_out_blocks(size, [[blocks(size, *[1.0] * count, names=40)]])

    lefts = sorted({box.left for box in layout.panels})
    assert len({(box.width, box.height) for box in layout.panels}) == 1
    assert 4 <= len(lefts) <= 10
    assert layout.panels[0].width > 0.055 * size[0]
    assert [stand.head is not None for stand in layout.stands] == [True] + [False] * (count - 1)


def test_small_panels_of_a_block_give_up_inner_ticks_then_titles() -> None:
    """Four have all, forty neither; titles go after ticks, which the lower left keeps."""
    size = 1920, 1080

    def shown(count: int) -> tuple[int, int]:
        layout = lay_out_blocks(size, [[blocks(size, *[1.0] * count, names=40)]])
        corner = min(layout.stands, key=lambda stand: (stand.box.left, -stand.box.top))
        assert corner.x_ticks
        assert corner.y_ticks
        stands = layout.stands
        return sum(stand.x_ticks for stand in stands), sum(stand.named for stand in stands)

    assert shown(4) == (4, 4)
    assert shown(40) == (1, 0)
    for count in range(4, 40):
        ticks, titles = shown(count)
        assert titles in (0, count)
        assert titles == count or ticks == 1


def test_a_row_takes_the_height_that_another_cannot_use() -> None:
    """Six squares in a row are small, whatever room they have."""
    layout = lay_out((1920, 1080), [[1.0] * 6, [None]])

    assert layout.panels[-1].height > 1.4 * layout.panels[0].height


@pytest.mark.parametrize("heights", [(2.0, 1.0), (1.0, 3.0), (1.0, 1.0)])
def test_heights_are_shares_of_what_rows_want(heights: tuple[float, float]) -> None:
    """After what is around their panels."""
    upper, lower = lay_out((1920, 1080), [[None], [None]], heights=heights).panels

    assert upper.height / lower.height == pytest.approx(heights[0] / heights[1], rel=0.02)


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1080), (1080, 1920), (640, 360)])
@pytest.mark.parametrize("count", [3, 4, 5, 7])
def test_a_row_wraps_to_whichever_count_makes_the_smallest_panel_largest(
    count: int, size: tuple[int, int]
) -> None:
    """No other number of lines makes it more than a tenth larger."""
    found = min(box.height for box in lay_out(size, [[1.0] * count]).panels)

    for across in range(1, count + 1):
        lines = [[1.0] * len(range(i, min(count, i + across))) for i in range(0, count, across)]
        other = lay_out(size, lines).panels
        assert found > 0.9 * min(box.height for box in other)


def grid(size: tuple[int, int], rows: Sequence[float | None], tiles: int) -> dict[object, Box]:
    """Return the boxes of a grid whose rows have panels of these aspects."""
    made = [
        GridRow(block.slots, (block.head,)) for block in (blocks(size, aspect) for aspect in rows)
    ]
    stands = place_grid(Box(100, 80, size[0] - 200, size[1] - 160), made, tiles, Scale(size), 90)
    return {key: stand.box for key, stand in stands.items()}


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (640, 360)])
@pytest.mark.parametrize("tiles", [2, 3, 5, 10])
@pytest.mark.parametrize("rows", [[1.0], [1.0, None], [1.5, 0.8, 1.0]])
def test_the_columns_of_a_grid_are_aligned(
    rows: list[float | None], tiles: int, size: tuple[int, int]
) -> None:
    """A tile's panels begin at one left edge, a row's at one height; none lies over another."""
    found = grid(size, rows, tiles)

    assert len(found) == tiles * len(rows)
    for i in range(tiles):
        assert len({found[i, k, 0].left for k in range(len(rows))}) == 1
    for k in range(len(rows)):
        tops = sorted({found[i, k, 0].top for i in range(tiles)})
        by_column = sorted({found[i, k, 0].left for i in range(tiles)})
        assert len(tops) * len(by_column) >= tiles
    assert all(apart(one, other) for one, other in combinations(found.values(), 2))
    assert all(box.left >= 100 and box.right <= size[0] - 100 + 1 for box in found.values())


def test_a_colour_bar_lies_before_the_next_panel() -> None:
    """Its room is left beside each panel that has one."""
    size = 1920, 1080
    barred = replace(blocks(size, 1.0), after=110)

    panels = lay_out_blocks(size, [[barred, barred]]).panels

    assert panels[1].left - panels[0].right >= 110 + 2 * 24
