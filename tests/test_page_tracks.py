"""Tracks of a page: marks go on from sample to sample, and lie over each other as in the film."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nnanim.marks import Mark, Polygons, Text
from nnanim.page.tracks import shown, tracks

PLATE = Polygons([np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])], "panel")
ROWS = st.lists(
    st.lists(st.sampled_from(["plate", "ink", "quiet"]), max_size=6), min_size=1, max_size=6
)


def marks(names: Sequence[str]) -> list[Mark]:
    """Return a mark for each name: a plate, or a text of a colour."""
    return [PLATE if name == "plate" else Text((0.0, 0.0), "a", name) for name in names]


@given(ROWS)
def test_marks_of_a_sample_keep_their_order(names: list[list[str]]) -> None:
    """Whatever marks other samples have, of the same looks or of others."""
    rows = [marks(row) for row in names]
    found = tracks(rows)

    for k, row in enumerate(rows):
        assert [track[k] for track in found if track[k] is not None] == row
    for track in found:
        ranges = shown(track) or [[0, len(rows) - 1]]
        there = [k for first, last in ranges for k in range(first, last + 1)]
        assert there == [k for k, mark in enumerate(track) if mark is not None]


def test_marks_that_come_and_go_need_few_tracks() -> None:
    """One that is there at times has its own; the others go on in theirs."""
    found = tracks([marks(row) for row in (["plate", "ink"], ["ink"], ["plate", "ink", "quiet"])])

    assert [[mark is not None for mark in track] for track in found] == [
        [True, False, True],
        [True, True, True],
        [False, False, True],
    ]
