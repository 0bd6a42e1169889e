"""Small multiples: many tiles in one film, in a lattice of the values that tell them apart."""

from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from nnanim import Comparison, Film, Scene, models, views
from nnanim.drawing.surface import Box
from nnanim.errors import SceneError
from nnanim.marks import Image, Lines, Points, Polygons, Text
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.sheet.bands import banded_in
from nnanim.sheet.sheet import Sheet
from nnanim.sheet.strip import Strip, tile_role
from tests.pictures import look
from tests.recordings import RINGS, rings_film

SIZE = (1280, 720)

pytestmark = pytest.mark.slow


def of(width: int, seed: int = 0) -> Scene:
    """Return rings through a first layer of that width."""
    model = models.mlp(2, width, 2, 1, activation="tanh", output="sigmoid")
    return replace(RINGS, model=model).with_seed(seed)


@cache
def lattice() -> Film:
    """Return the film of two widths, each from three seeds."""
    over: dict[str, Any] = {"width": (3, 2), "seed": (0, 1, 2)}
    return film_of(Comparison.over(of, over, shown="tiles", timeline=RINGS.timeline), cache=False)


@cache
def many(count: int) -> Film:
    """Return so many times the same network."""
    parts = [rings_film().recording] * count
    names = [f"width = {k}, lr = 0.1" for k in range(count)]
    return film_of(Comparison(parts, names=names, shown="tiles"))


class Written:
    """A board that keeps the texts that are written on it."""

    def __init__(self) -> None:
        self.texts: list[Text] = []

    def write(self, text: Text) -> None:
        """Keep a text."""
        self.texts.append(text)

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return about how wide it is."""
        del bold
        return 0.6 * size * len(text)

    def rectangle(self, box: Box, role: str, alpha: float = 1.0) -> None:
        """Draw nothing."""

    def draw(self, mark: object, place: object) -> None:
        """Draw nothing."""


def boxes_of(sheet: Sheet) -> list[Box]:
    """Return the boxes of the tiles."""
    return list(sheet.layout.panels)


def test_two_settings_are_rows_and_columns_with_their_values_once() -> None:
    """The first up, the second across; each tile stands where its values meet."""
    sheet = renderer_of(lattice(), look(SIZE)).sheet
    boxes, board = boxes_of(sheet), Written()

    sheet.draw_furniture(board)

    assert [len({box.top for box in boxes}), len({box.left for box in boxes})] == [2, 3]
    assert boxes[0].top == boxes[2].top < boxes[3].top
    said = {text.text: text for text in board.texts}
    assert {"width ↑", "seed →"} <= set(said)
    for value, box in zip("32", boxes[::3], strict=True):
        (text,) = [t for t in board.texts if t.text == value and t.anchor == "right"]
        assert box.top < text.xy[1] < box.bottom
        assert text.xy[0] < box.left
    for value, box in zip("012", boxes[:3], strict=True):
        (text,) = [t for t in board.texts if t.text == value and t.anchor == "center"]
        assert box.left < text.xy[0] < box.right
        assert text.xy[1] > boxes[-1].bottom
    widths = [tile.network.layer("hidden1").units for tile in lattice().tiles]
    assert widths == [3, 3, 3, 2, 2, 2]


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (500, 900)])
@pytest.mark.parametrize("count", [2, 7, 40, 200])
def test_up_to_two_hundred_tiles_stand_apart_on_the_sheet(
    count: int, size: tuple[int, int]
) -> None:
    """Inside it, above the strip, all of one size."""
    sheet = renderer_of(many(count), look(size)).sheet
    boxes, strip = boxes_of(sheet), sheet.layout.strip

    assert len(boxes) == count
    assert len({(box.width, box.height) for box in boxes}) == 1
    assert strip is not None
    for box in boxes:
        assert box.left >= 0
        assert box.right <= size[0]
        assert 0 <= box.top < box.bottom <= strip.top
    for a, b in combinations(boxes, 2):
        assert a.right <= b.left or b.right <= a.left or a.bottom <= b.top or b.bottom <= a.top


def test_tiles_without_a_grid_of_values_stand_each_under_its_own() -> None:
    """What all names have in common is said once."""
    sheet, board = renderer_of(many(7), look(SIZE)).sheet, Written()

    sheet.draw_furniture(board)

    texts = [text.text for text in board.texts]
    assert "width, lr" in texts
    assert [f"{k}, 0.1" in texts for k in range(7)] == [True] * 7


def test_a_small_tile_is_drawn_less_finely() -> None:
    """Fewer cells, thinner lines and smaller points; six and fewer are as fine as one alone."""
    found = {}
    for count in (6, 100):
        view = renderer_of(many(count), look(SIZE)).sheet.views[0]
        (marks,) = view.marks(many(count), 1.0)
        found[count] = {type(mark): mark for mark in marks}

    six, hundred = found[6], found[100]
    image, small = six[Image], hundred[Image]
    assert isinstance(image, Image)
    assert isinstance(small, Image)
    assert (image.field.shape, small.field.shape) == ((160, 160), (40, 40))
    points, few = six[Points], hundred[Points]
    assert isinstance(points, Points)
    assert isinstance(few, Points)
    assert few.size < 0.5 * points.size
    line, thin = six[Lines], hundred[Lines]
    assert isinstance(line, Lines)
    assert isinstance(thin, Lines)
    assert 1.5 < thin.width < line.width


def test_a_small_tile_has_the_same_boundary_as_a_large_one() -> None:
    """Within a hundredth of its window, though it is looked for on fewer cells."""
    large, small = many(6).tiles[0], many(100).tiles[0]
    fine, coarse = (np.concatenate(tile.boundary(8.0)) for tile in (large, small))
    span = float(np.ptp(large.window[0]))

    assert len(coarse) < 0.5 * len(fine)
    away = np.sqrt(((coarse[:, None] - fine[None]) ** 2).sum(axis=-1)).min(axis=1)
    assert away.max() < 0.01 * span


def test_losses_of_small_multiples_are_bands_over_seeds() -> None:
    """One for each width, in the colour that its value has beside the tiles."""
    film = lattice()
    board, sheet = Written(), renderer_of(film, look(SIZE)).sheet
    sheet.draw_furniture(board)

    (marks,) = Strip().marks(film, film.timeline.seconds)

    bands = [mark for mark in marks if isinstance(mark, Polygons)]
    assert [mark.color for mark in bands] == [tile_role(0), tile_role(1)]
    beside = [t.color for t in board.texts if t.text in ("3", "2") and t.anchor == "right"]
    assert beside == [tile_role(0), tile_role(1)]
    for k, (band, line) in enumerate(
        zip(bands, [m for m in marks if isinstance(m, Lines)], strict=True)
    ):
        tiles = film.tiles[3 * k : 3 * k + 3]
        middle = np.median([tile.history.loss[-1] for tile in tiles])
        others = [np.median([t.history.loss[-1] for t in film.tiles[i : i + 3]]) for i in (0, 3)]
        heights = [float(np.asarray(m.paths[0])[-1, 1]) for m in marks if isinstance(m, Lines)]
        assert (middle == max(others)) == (heights[k] == max(heights))
        outline, path = np.asarray(band.paths[0]), np.asarray(line.paths[0])
        low, high = outline[len(path) - 1, 1], outline[len(path), 1]
        assert low <= path[-1, 1] <= high


@cache
def repeated(rows: int, columns: int) -> Film:
    """Return the same network so many times, each tile with three seeds; the third ends best."""
    count = rows * columns
    losses = [[np.geomspace(1, 0.1 * s * (1 if k == 2 else 5), 8) for s in (1, 2, 3)]
              for k in range(count)]  # fmt: skip
    varied = {"width": [str(k) for k in range(rows)], "lr": [str(k) for k in range(columns)]}
    varied = {name: values for name, values in varied.items() if len(values) > 1}
    parts, names = [rings_film().recording] * count, [f"{k}" for k in range(count)]
    return film_of(Comparison(parts, names=names, varied=varied, shown="tiles", repeats=losses))


@pytest.mark.parametrize(
    ("rows", "columns", "groups", "tiles"),
    [
        (1, 3, [0, 1, 2], [None, None, None]),
        (2, 6, [0, 1], [2, 6]),
        (6, 3, [0, 1, 2], [0, 1, 2]),
        (5, 5, [None, 0], [None, 2]),
    ],
)
def test_seeds_without_tiles_have_a_band_for_each_of_few_values_or_one_of_all(
    rows: int, columns: int, groups: list[int | None], tiles: list[int | None]
) -> None:
    """Of the tile that ends best among several; beside one of all there is a grey one over all."""
    film = repeated(rows, columns)
    (marks,) = Strip().marks(film, film.timeline.seconds)

    banded = banded_in(film)

    assert [each.group for each in banded] == groups
    assert [each.tile for each in banded] == tiles
    assert [len(each.curves) for each in banded] == [3 if k is not None else 75 for k in groups]
    assert [mark.color for mark in marks if isinstance(mark, Polygons)] == [
        "quiet" if k is None else tile_role(k) for k in groups
    ]


class Ruled(Written):
    """A board that keeps the colours of its rectangles, too, by the boxes that they touch."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, Box]] = []

    def rectangle(self, box: Box, role: str, alpha: float = 1.0) -> None:
        """Keep a rectangle."""
        del alpha
        self.lines.append((role, box))


def test_the_tile_whose_seeds_a_band_is_over_is_outlined() -> None:
    """In the band's colour; what the bands are stands below the strip."""
    film = repeated(5, 5)
    sheet, board = renderer_of(film, look(SIZE)).sheet, Ruled()

    sheet.draw_furniture(board)

    sides = [box for role, box in board.lines if role == tile_role(0)]
    tile = boxes_of(sheet)[2]
    assert len(sides) == 4
    assert min(side.left for side in sides) < tile.left
    assert max(side.right for side in sides) > tile.right
    assert {s.bottom for s in sides} >= {tile.top, tile.bottom}
    texts = " ".join(text.text for text in board.texts)
    assert "median and quartiles over 3 seeds" in texts


def test_losses_that_are_no_numbers_end_worst() -> None:
    """A tile whose seeds diverge is not the best one, and its band is as high as any."""
    bad, good = [np.array([1.0, np.nan])] * 3, [np.array([1.0, 0.5])] * 3
    parts = [rings_film().recording] * 10
    varied = {"width": list("01"), "lr": list("01234")}
    film = film_of(Comparison(parts, names=list("0123456789"), varied=varied, shown="tiles",
                              repeats=[bad, good, *[bad] * 8]))  # fmt: skip

    banded = banded_in(film)

    assert banded[0].tile == 1
    (marks,) = Strip().marks(film, film.timeline.seconds)
    assert all(np.isfinite(m.paths[0]).all() for m in marks if isinstance(m, Lines | Polygons))


def test_repeats_are_given_for_each_scene_or_for_none() -> None:
    """It says how many came."""
    with pytest.raises(SceneError, match="2 scenes but repeats of 1"):
        Comparison([RINGS, RINGS], shown="tiles", repeats=[[np.ones(3)]])


def test_a_view_of_several_panels_is_no_small_multiple() -> None:
    """It says what is."""
    pair = Comparison([of(2), of(3)], views=[views.Activations()], shown="tiles")
    with pytest.raises(SceneError, match=r"Activations has \d+ panels: small multiples show"):
        renderer_of(film_of(pair, cache=False), look(SIZE))


def test_more_than_two_hundred_tiles_are_refused() -> None:
    """With what shows them."""
    parts = [RINGS] * 201
    with pytest.raises(SceneError, match=r'expected 2 to 200, as .*, or shown="one"'):
        Comparison(parts, shown="tiles")
