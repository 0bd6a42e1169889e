"""Thinning: a page that is to be smaller leaves points out evenly, and says so."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Film, Scene, Timeline, Training, datasets, models, record, render
from nnanim.page.thinning import Thinning
from nnanim.page.traced import traced
from nnanim.rendering.filming import sheet_of
from nnanim.rendering.subject import look_for
from tests.pages import Page, made
from tests.recordings import Normed, rings_film

MANY = Scene(
    dataset=datasets.rings(6000, noise=0.04),
    model=models.mlp(2, 3, 2, 1, output="sigmoid"),
    training=Training(epochs=2, batch_size=100, lr=0.03, seed=3),
    timeline=Timeline(seconds=1, fps=10),
)


@cache
def film_of_many() -> Film:
    """Return a film of six thousand points, of two classes that alternate."""
    return Film(record(MANY), timeline=MANY.timeline)


def test_of_each_class_one_of_so_many_samples_is_left() -> None:
    """Wherever they lie among the others, and in no step that a grid of data could have."""
    film = film_of_many()
    for every in (2, 7):
        (held,) = Thinning([film], every).held
        assert film.colors is not None
        assert np.abs(np.bincount(film.colors[held]) - 3000 / every).max() <= 1
        assert (np.diff(held) > 0).all()
        for k in (0, 1):
            places = np.searchsorted(np.flatnonzero(film.colors == k), held[film.colors[held] == k])
            assert np.array_equal(places // every, np.arange(len(places)))
            assert set(places % every) == set(range(every))


def test_five_hundred_samples_are_left_of_however_many() -> None:
    """A page without points would be no film of them; what has fewer keeps all."""
    thinning = Thinning([film_of_many(), rings_film()], 1000)

    assert thinning.every == [12, 1]
    assert [len(held) for held in thinning.held] == [500, 200]


def test_lines_through_samples_keep_all_of_them() -> None:
    """They would go elsewhere without some."""
    film = traced(film_of_many())
    sheet = sheet_of(film, look_for(film.recording, (640, 360), None, False))
    shown = [marks for _, _, marks in sheet.marks(0.0)]
    points = film.points("hidden2", 0.0)

    assert Thinning(film.tiles, 4, shown).every == [4]
    line = [replace_paths(marks, points) for marks in shown]
    assert Thinning(film.tiles, 4, line).every == [1]


def replace_paths(marks: Any, path: Any) -> list[Any]:
    """Return the marks of a panel, its lines through points in place of what they were."""
    return [replace(mark, paths=[path]) if hasattr(mark, "paths") else mark for mark in marks]


@pytest.mark.slow
def test_what_is_left_of_the_points_is_where_the_film_has_it() -> None:
    """Recipes, classes and labels are those of the same samples; the reader is told of it."""
    film, whole = film_of_many(), len(made(film_of_many()).content)
    small = made(film, most=whole - 10_000)
    page = Page.of(small.content)
    (held,) = Thinning([film], 2).held

    assert small.given_up == "one of 2 moments, one of 2 points"
    assert page.page["thinned"] == "one of 2 points"
    assert small.held == len(held) == page.page["networks"][0]["data"]["inputs"]["shape"][0]
    labels = page.array(page.page["networks"][0]["data"]["labels"])
    assert np.array_equal(labels, film.labels[held])
    times = page.array(page.page["times"]).tolist()
    for panel, layer in zip(page.page["panels"], ("", "hidden2"), strict=False):
        (points,) = (mark for mark in panel["marks"] if mark["kind"] == "points")
        assert np.array_equal(page.source(points["index"], 0), labels)
        for k in (0, len(times) - 1):
            moment = film.moment(times[k])
            own = film.points(layer, moment) if layer else film.data.inputs
            assert np.abs(page.source(points["xy"], k) - own[held]).max() < 1e-3


@pytest.mark.slow
def test_points_that_are_sampled_are_thinned_alike() -> None:
    """Of a network that the page does not run, they are most of it."""
    scene = replace(MANY, model=Normed)
    film = Film(record(scene), timeline=MANY.timeline)
    whole = made(film)
    small = made(film, most=len(whole.content) * 4 // 5)
    panels = Page.of(small.content).page["panels"]
    counts = {
        mark["xy"]["sampled"]["shape"][1]
        for panel in panels
        for mark in panel["marks"]
        if mark["kind"] == "points" and "sampled" in mark["xy"]
    }

    assert whole.held == 6000
    assert small.held == 3000
    assert counts == {3000, 1}  # and the one that stands on the loss


@pytest.mark.slow
def test_render_says_how_many_samples_are_left(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Beside what was given up for it."""
    whole = len(made(film_of_many()).content)
    caplog.set_level("INFO", "nnanim")
    render(
        film_of_many().recording, tmp_path / "page.html", size=(640, 360), max_bytes=whole - 10_000
    )

    told = "; ".join(caplog.messages)
    assert "page.html holds 3,000 of 6,000 samples and the network" in told
    assert told.endswith("one of 2 moments, one of 2 points")
