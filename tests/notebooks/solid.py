"""Pictures of three coordinates, of notebooks 003 and 004."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from nnanim.marks import Lines, Points, Polygons, Text
from nnanim.view import Panel
from nnanim.views import HiddenSpace3D, HiddenTriples, Surface
from tests.notebooks.shows import Shown, shows

CHOSEN = ((0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3))


def titles(triples: object) -> list[str]:
    """Return how the panels of these triples are called: units are counted from 1."""
    return [", ".join(str(unit + 1) for unit in triple) for triple in triples]  # type: ignore[attr-defined]


def units_in(panels: Sequence[Panel]) -> list[str]:
    """Return which units the titles of cubes name."""
    return [panel.title.partition(":")[0] for panel in panels]


@shows("S4.16")
def three_sigmoid_units_in_the_unit_cube_and_a_plane_between_the_classes(shown: Shown) -> None:
    film, marks = shown.film, shown.at(1)

    assert film.network.widths == (2, 3, 1)
    assert film.bounds("hidden1") == (0.0, 1.0)
    assert [type(view) for view in shown.scene.rows[0]][1] is HiddenSpace3D
    wall = next(i for i, mark in enumerate(marks) if isinstance(mark, Polygons))
    halves = [
        {int(k) for mark in half if isinstance(mark, Points) for k in np.asarray(mark.index)}
        for half in (marks[:wall], marks[wall:])
    ]
    assert sorted(halves, key=min) == [{0}, {1}]  # every point on its class's side
    assert sum(len(mark.xy) for mark in marks if isinstance(mark, Points)) == 2000
    assert {mark.text for mark in marks if isinstance(mark, Text)} >= {"0", "1", "unit 1", "unit 3"}


@shows("S4.17")
def four_chosen_triples_of_five_units(shown: Shown) -> None:
    assert shown.film.network.widths == (2, 5, 1)
    _, view = shown.scene.rows[0]
    assert isinstance(view, HiddenTriples)
    assert tuple(view.triples or ()) == CHOSEN
    assert units_in(shown.panels[1:]) == titles(CHOSEN)
    for marks in shown.marks()[1:]:
        assert sum(len(mark.xy) for mark in marks if isinstance(mark, Points)) == 2000


@shows("S4.18")
def all_ten_triples_of_five_units_with_their_names(shown: Shown) -> None:
    assert shown.film.network.widths == (2, 5, 1)
    assert units_in(shown.panels) == titles(combinations(range(5), 3))
    assert len({panel.x + panel.y for panel in shown.panels}) == 1
    for marks in shown.marks(0.3):
        assert sum(len(mark.xy) for mark in marks if isinstance(mark, Points)) == 2000


@shows("S4.26")
def each_triple_says_whether_it_shows_the_separation(shown: Shown) -> None:
    film = shown.film
    directions = film.state(film.epochs)["hidden1.0.weight"]

    parted = [panel.title.endswith(": separable") for panel in shown.panels]

    # The units' lines surround the disk; three of them close a triangle about it where their
    # normals, all turned outwards, leave no half of the plane free. Then the ring cannot leak in.
    signs = np.where(film.outputs("hidden1", np.zeros((1, 2)), film.epochs)[0] < 0.5, 1.0, -1.0)
    angles = np.arctan2(*(directions * signs[:, None]).T)
    closed = []
    for triple in combinations(range(5), 3):
        turns = np.sort(angles[list(triple)])
        closed.append(bool(np.diff(turns, append=turns[0] + 2 * np.pi).max() < np.pi))
    assert parted == closed
    assert sum(parted) == 5
    case = shown.answer("S4.26")["cases"]["separable triples of ten"]
    assert case["median"] == 5
    assert case["quartiles"] == [5, 5]


@shows("S3.14")
def a_surface_over_the_inputs_with_each_sample_at_its_prediction(shown: Shown) -> None:
    film, marks = shown.film, shown.at(1)

    assert isinstance(shown.scene.rows[0][1], Surface)
    values = [mark.values for mark in marks if isinstance(mark, Polygons)]
    heights = np.concatenate([np.asarray(value) for value in values])
    assert len(heights) >= 50 * 50
    assert 0 <= heights.min() < 0.1
    assert 0.9 < heights.max() <= 1
    colored = [mark for mark in marks if isinstance(mark, Points) and mark.index is not None]
    # The surface hides the others.
    assert 0.4 < sum(len(mark.xy) for mark in colored) / len(film.data.inputs) <= 1
    assert any(isinstance(mark, Lines) and mark.color == "boundary" for mark in marks)
    assert shown.panels[1].color_bar is not None
