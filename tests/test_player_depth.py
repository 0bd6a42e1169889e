"""Depth in the player: space goes through the layers as in the film."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from nnanim import Film, Scene, Timeline, Training, acts, datasets, models, record, views
from nnanim.film.passage import Mirror
from nnanim.film.passing import passing_of
from nnanim.film.polar import PolarPath, basis_between, best_swap
from nnanim.page.arrays import Arrays
from nnanim.page.networks import network_of
from nnanim.page.passages import passage_of
from nnanim.page.sources import Sources
from nnanim.page.thinning import Thinning
from nnanim.rendering.filming import renderer_of
from nnanim.rendering.pages import page_from
from nnanim.rendering.subject import look_for
from nnanim.types import Floats
from tests.browsing import WAYS, Seen, opened, picture, picture_at
from tests.hands import address, drag, place, touched
from tests.node import run
from tests.pages import Page
from tests.pictures import decibels
from tests.waiting import comes

pytestmark = [pytest.mark.slow, pytest.mark.pages]

NEAR = 1e-5  # of what is seen of the sheet
WAYS_TO_MIRROR: tuple[Mirror, ...] = ("swap", "turn", "fold")

SCENE = Scene(
    dataset=datasets.spirals(n=120),
    model=models.mlp(2, 2, 2, 1, activation="tanh"),
    training=Training(epochs=2, batch_size=20, optimizer="adam", lr=0.05, seed=3),
    views=[views.Depth()],
    timeline=Timeline(acts=[acts.Train(seconds=1), acts.Morph(seconds=2)]),
)


def normed() -> nn.Module:
    """Return a stack whose first layer has BatchNorm, and whose second is a ReLU's."""
    return nn.Sequential(
        nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Tanh(), nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)
    )


SCENES = {
    "square": SCENE,
    "wider and narrower": replace(SCENE, model=models.mlp(2, 3, 2, 2, 1, activation="tanh")),
    "wide": replace(SCENE, model=models.mlp(2, 16, 8, 2, 1, activation="relu")),
    "in space": replace(
        SCENE, dataset=datasets.linked_tori(n=120), model=models.mlp(3, 4, 3, 1, activation="tanh")
    ),
    "of one input": replace(
        SCENE, dataset=datasets.line(n=60), model=models.mlp(1, 2, 1, 1, activation="sigmoid")
    ),
    "normed": replace(
        SCENE,
        model=normed,
        training=replace(SCENE.training, loss="bce_with_logits"),
    ),
}

PASSED = """
const { Network } = await load("network.js");
const { Passing } = await load("passing.js");
const units = (rows) => rows[0].map((_, k) => Float32Array.from(rows, (row) => row[k]));
return given.map(({ told, passage, parameters, data, grid, asked }) => {
  const inputs = units(data);
  const run = {
    told: { ...told, lines: { lengths: grid.length ? [grid.length] : [] } },
    network: new Network(told.layers, told.rows),
    samples: () => inputs,
    gridPoints: () => units(grid),
  };
  const state = Float32Array.from(parameters);
  return asked.map(({ mirror, depths }) => {
    const passing = new Passing(run, passage, state, mirror);
    return depths.map((depth) => {
      const zoom = passing.zoom(depth);
      return { zoom, seen: passing.seen(inputs, depth, zoom).map((unit) => [...unit]) };
    });
  });
});
"""


def test_a_page_takes_space_through_the_layers_as_the_film_does(tmp_path: Path) -> None:
    """At any depth, for each way to show what mirrors, to 1e-5 of what is seen."""
    given, films = [], []
    for scene in SCENES.values():
        film = Film(record(scene), timeline=scene.timeline)
        depths = np.linspace(0, len(film.stages), 41).tolist()
        films.append((film, depths))
        asked = [{"mirror": mirror, "depths": depths} for mirror in WAYS_TO_MIRROR]
        given.append({**told_of(film), "asked": asked})
    for ways, (film, depths) in zip(run(PASSED, given, tmp_path), films, strict=True):
        for found, mirror in zip(ways, WAYS_TO_MIRROR, strict=True):
            passing = passing_of(film, film.epochs, mirror)
            for told, depth in zip(found, depths, strict=True):
                zoom = passing.zoom.at(depth)
                points = passing.points(depth, zoom)
                assert told["zoom"] == pytest.approx(zoom, rel=NEAR)
                away = np.abs(np.array(told["seen"]).T - points).max()
                assert away <= NEAR * max(1.0, float(np.ptp(points)))


def told_of(film: Film) -> dict[str, Any]:
    """Return what a page holds of a film's way, and exact inputs in place of a page's steps."""
    arrays = Arrays()
    sources = Sources(arrays, [film], True, Thinning([film]))
    network = network_of(film, [film.epochs], sources, held=None)
    assert network is not None
    stack = film.network.stack
    assert stack is not None
    parameters, statistics = stack.flat(film.state(film.epochs), np.float32)
    lines = np.concatenate(film.grid_lines) if film.grid_lines else np.zeros((0, 2))
    return {
        "told": {key: network[key] for key in ("layers", "rows", "inputs")},
        "passage": passage_of(film, [0.0], arrays),
        "parameters": [*parameters.tolist(), *statistics.tolist()],
        "data": np.asarray(film.data.inputs, np.float32).tolist(),
        "grid": lines.astype(np.float32).tolist(),
    }


PATHS = """
const { PolarPath, basisBetween, bestSwap } = await load("polar.js");
return {
  paths: given.matrices.map((matrix) => {
    const path = new PolarPath(matrix, 2);
    return { folds: path.folds, at: given.shares.map((share) => path.at(share)) };
  }),
  planes: given.planes.map(([first, second]) =>
    given.shares.map((share) => basisBetween(first, second, share))),
  swaps: given.mirrors.map((matrix) => bestSwap(matrix)),
};
"""


def test_polar_paths_are_those_of_the_film(tmp_path: Path) -> None:
    """Of random matrices, square or not, of less than full rank, and of turns by a half."""
    random = np.random.default_rng(0)
    shapes = [(2, 2), (3, 3), (5, 5), (8, 8), (3, 2), (2, 3), (7, 2), (1, 4), (1, 1), (16, 16)]
    matrices = [random.normal(size=shape) for shape in shapes for _ in range(6)]
    matrices += [np.outer([1.0, 2.0], [3.0, -1.0]), np.zeros((2, 2)), np.diag([1.0, 1e-14])]
    halves = [-np.eye(2), np.diag([-1.0, -1.0, 1.0]), -np.eye(4), np.diag([-2.0, -0.5])]
    mirrored = [random.normal(size=(d, d)) for d in (2, 3, 6) for _ in range(5)]
    mirrored = [m if np.linalg.det(m) < 0 else m[::-1] for m in mirrored]
    mirrored = [m for m in mirrored if np.linalg.det(m) < 0]
    shares = [0.0, 0.2, 0.5, 0.9, 1.0]
    planes = [[np.linalg.qr(random.normal(size=(d, 2)))[0] for _ in range(2)] for d in (2, 3, 5, 9)]
    given = {
        "matrices": [m.tolist() for m in [*matrices, *halves]],
        "planes": [[plane.tolist() for plane in pair] for pair in planes[1:]],
        "mirrors": [m.tolist() for m in mirrored],
        "shares": shares,
    }
    found = run(PATHS, given, tmp_path)

    for matrix, told in zip(matrices, found["paths"], strict=False):
        path = PolarPath(matrix, 2)
        assert told["folds"] == path.folds
        for share, at in zip(shares, told["at"], strict=True):
            assert near(at, path.at(share))
    for matrix, told in zip(halves, found["paths"][len(matrices) :], strict=True):
        assert near(told["at"][-1], matrix)
        assert min(np.linalg.det(np.array(at)) for at in told["at"]) > 0.01
    for (first, second), told in zip(planes[1:], found["planes"], strict=True):
        for share, at in zip(shares, told, strict=True):
            assert near(at, basis_between(first, second, share), 1e-6)
    assert mirrored
    assert found["swaps"] == [list(best_swap(matrix)) for matrix in mirrored]


def near(one: Any, other: Floats, share: float = 1e-9) -> bool:
    """Return whether two matrices are the same to a share of the larger.

    Planes that meet in a line have no better: an angle of none has the root of what is rounded.
    """
    return bool(np.abs(np.array(one) - other).max() <= share * max(1.0, np.abs(other).max()))


@pytest.fixture(scope="module")
def film() -> Film:
    """A film of a small net that learns, and then is gone through."""
    return Film(record(SCENE), timeline=SCENE.timeline)


@pytest.fixture(scope="module")
def page(film: Film, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its page."""
    file = tmp_path_factory.mktemp("page") / "page.html"
    look = look_for(film.recording, (1280, 720), None, False)
    file.write_bytes(page_from(film, look, film.timeline.times).content)
    return file


def test_a_morph_is_computed_and_not_sampled(page: Path) -> None:
    """Of grid, data, boundary, ghost and box there are recipes, which say what passes."""
    own = Page.of(page.read_bytes()).page
    recipes = {
        source["recipe"]
        for mark in own["panels"][0]["marks"]
        for source in (mark.get("xy", {}), mark.get("paths", {}))
        if "passed" in source
    }

    assert recipes == {"data", "lines", "boundary", "ghost", "box"}
    assert page.stat().st_size < 150_000


def test_a_morphing_page_looks_like_its_film(browser: Any, film: Film, page: Path) -> None:
    """Between its lines of text, which a browser sets in its own way, once the film has faded."""
    told = Page.of(page.read_bytes())
    times = told.array(told.page["times"]).tolist()
    draw = renderer_of(film, look_for(film.recording, (1280, 720), None, False))
    left, top, wide, high = told.page["panels"][0]["box"]
    part = slice(top + high // 10, top + high * 17 // 20), slice(left, left + wide * 3 // 4)

    with opened(browser, page, size=(1280, 860), reduced_motion="reduce") as seen:
        for t in (times[3], *[t for t in times if t > 1.7][::4]):
            shown, drawn = picture_at(seen, t), draw.frame(t)[..., :3]
            assert decibels(shown[part], drawn[part]) >= 35
        assert seen.errors == []


@pytest.mark.parametrize("way", WAYS)
def test_a_reader_goes_through_the_layers_at_any_moment(browser: Any, page: Path, way: str) -> None:
    """By the slider, with keys and pointer; the address keeps it, and a button gives it back."""
    with opened(browser, page, way, size=(1280, 860), reduced_motion="reduce") as seen:
        slider = seen.frame.get_by_label("Depth")
        back = seen.frame.get_by_role("button", name="As deep as the film")
        before = picture(seen)
        assert not back.is_visible()
        slider.focus()
        slider.press("Home")
        assert comes(lambda: "depth=0.00" in address(seen))
        assert picture(seen) != before
        assert slider.get_attribute("aria-valuetext") == "input"
        for _ in range(3):
            slider.press("ArrowRight")
        assert comes(lambda: "depth=0.06" in address(seen))
        box = slider.bounding_box()
        seen.frame.locator("input[type=range]").click(position={"x": box["width"] / 2, "y": 8})
        assert comes(lambda: "depth=1.0" in address(seen))
        middle = picture(seen)
        seen.frame.locator(".scrubber").press("Home")
        assert comes(lambda: "t=0.00" in address(seen))
        assert picture(seen) != middle  # the same depth of another network
        back.click()
        back.wait_for(state="hidden")
        assert seen.errors == []


@pytest.mark.parametrize("way", WAYS)
def test_a_finger_goes_through_the_layers(browser: Any, page: Path, way: str) -> None:
    """A tap goes to the depth there, a finger that is led on takes it along, on a phone too."""
    for size in ((1280, 860), (360, 740)):
        with touched(browser, page, way, size=size) as seen:
            slider = seen.frame.locator("input[type=range]")
            back = seen.frame.get_by_role("button", name="As deep as the film")
            seen.tab.touchscreen.tap(*place(slider, 0.5, 0.5))
            assert comes(lambda: 0.8 < depth(seen) < 1.2)
            middle = picture(seen)
            drag(seen, *(place(slider, share, 0.5) for share in (0.5, 0.4, 0.3, 0.2, 0.1)))
            assert comes(lambda: depth(seen) < 0.6)
            assert picture(seen) != middle
            back.tap()
            back.wait_for(state="hidden")


@pytest.mark.parametrize("way", WAYS)
def test_the_slider_stays_in_the_hand_that_rests(browser: Any, page: Path, way: str) -> None:
    """The address tells of the depth, in a frame too, and the same drag goes on from there."""
    with opened(browser, page, way, size=(1280, 860), reduced_motion="reduce") as seen:
        slider = seen.frame.locator("input[type=range]")
        seen.tab.mouse.move(*place(slider, 0.25, 0.5))
        seen.tab.mouse.down()
        assert comes(lambda: 0.3 < depth(seen) < 0.7)
        seen.run("() => new Promise((done) => setTimeout(done))")  # what comes of that has come
        seen.tab.mouse.move(*place(slider, 0.75, 0.5))
        seen.tab.mouse.up()
        assert comes(lambda: 1.3 < depth(seen) < 1.7)
        back = seen.frame.get_by_role("button", name="As deep as the film")
        back.press("Enter")
        back.wait_for(state="hidden")


def depth(seen: Seen) -> float:
    """Return how deep the address says that the reader is; none is less than any."""
    return float(address(seen).partition("depth=")[2].partition("&")[0] or -1)
