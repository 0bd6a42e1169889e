"""Pages in a browser: what they show, what they ask for, what the reader can do."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest
import torch
from torch import nn

from nnanim import Film, Scene, Slice, Timeline, Training, datasets, models, record, render, views
from nnanim.rendering.filming import renderer_of
from nnanim.rendering.pages import page_from
from nnanim.rendering.subject import look_for
from nnanim.scene.files import declared
from tests.browsing import WAYS, framed, opened, picture, picture_at
from tests.pages import Page, made
from tests.pictures import decibels
from tests.recordings import FIT, RINGS, rings_film
from tests.waiting import comes

pytestmark = [pytest.mark.slow, pytest.mark.pages]


@pytest.fixture(scope="module")
def rings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small scene."""
    return written(rings_film(), tmp_path_factory.mktemp("rings"))


@pytest.mark.parametrize("way", ["file", "frame"])
def test_without_a_script_the_end_of_the_film_is_shown(browser: Any, rings: Path, way: str) -> None:
    """Its panels are no longer empty; where the script runs, nothing of that is left."""
    film = rings_film()
    frame = renderer_of(film, look_for(film.recording, (640, 360), None, False)).frame
    text = framed(rings).read_text(encoding="utf-8").replace("allow-scripts allow-downloads", "")
    page = rings.with_name("shut.html")
    page.write_text(text, encoding="utf-8")
    context = browser.new_context(
        viewport={"width": 640, "height": 500}, java_script_enabled=way == "frame"
    )
    tab = context.new_page()
    tab.goto((page if way == "frame" else rings).as_uri())
    shown = iio.imread(tab.screenshot(), extension=".png")[:360, :, :3]
    context.close()
    drawn = frame(film.timeline.seconds)[..., :3]
    for panel in Page.of(rings.read_bytes()).page["panels"][:-1]:
        left, top, wide, high = panel["box"]
        part = slice(top, top + high), slice(left, left + wide)
        empty = np.broadcast_to(drawn[top, left - 3], drawn[part].shape)
        assert decibels(shown[part], drawn[part]) >= decibels(empty, drawn[part]) + 3
    with opened(browser, rings) as seen:
        assert seen.frame.locator(".poster").count() == 0


def written(film: Film, folder: Path, **asked: Any) -> Path:
    """Return a film's page in a folder."""
    page = folder / "page.html"
    page.write_bytes(made(film, **asked).content)
    return page


@pytest.mark.parametrize("way", WAYS)
def test_a_page_asks_for_nothing(browser: Any, rings: Path, way: str) -> None:
    """Opened from a file, or in a frame of a notebook, it makes no request and no error."""
    with opened(browser, rings, way) as seen:
        assert [url for url in seen.requests if not url.startswith(("file:", "about:"))] == []
        assert len(seen.requests) <= 2
        assert seen.errors == []


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_page_looks_like_the_film(browser: Any, tmp_path: Path, name: str) -> None:
    """At three moments its panels are within 35 dB of the film's, and more than empty ones."""
    film = rings_film()
    look = look_for(film.recording, (1280, 720), name, False)
    content = page_from(film, look, film.timeline.times).content
    (tmp_path / "page.html").write_bytes(content)
    page, draw = Page.of(content), renderer_of(film, look)
    times = page.array(page.page["times"]).tolist()

    with opened(browser, tmp_path / "page.html", reduced_motion="reduce") as seen:
        for t in (times[2], times[len(times) // 2], times[-1]):
            shown, drawn = picture_at(seen, t), draw.frame(t)[..., :3]
            assert shown.shape == drawn.shape
            for panel in page.page["panels"][:-1]:
                left, top, wide, high = panel["box"]
                part = slice(top, top + high), slice(left, left + wide)
                assert decibels(shown[part], drawn[part]) >= 35
                assert len(np.unique(shown[part].reshape(-1, 3), axis=0)) > 20


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("epoch", [1, 2])
def test_an_epoch_in_the_address_is_what_the_picture_says(
    browser: Any, rings: Path, epoch: int, way: str
) -> None:
    """Its picture, figures too, is that of the first sample at which the epoch has come."""
    page = Page.of(rings.read_bytes())
    times, moments = (page.array(page.page[name]) for name in ("times", "moments"))
    sample = int(np.argmax(moments >= epoch))
    assert moments[sample] > epoch

    with opened(browser, rings, way, reduced_motion="reduce") as seen:
        t = float(times[sample])
        expected = picture_at(seen, t)
        assert (picture_at(seen, float(times[0])) != expected).any()
        np.testing.assert_array_equal(picture_at(seen, t, f"epoch={epoch}"), expected)


@pytest.mark.parametrize("way", WAYS)
def test_both_knobs_of_the_first_notebook_can_be_moved(
    browser: Any, tmp_path: Path, way: str
) -> None:
    """The activation by its picker, the iterations by the keys of the scrubber."""
    file = Path(__file__).parent.parent / "scenes" / "line_control.py"
    render(declared(file), tmp_path / "page.html", seconds=4)

    with opened(browser, tmp_path / "page.html", way, reduced_motion="reduce") as seen:
        before = picture(seen)
        seen.frame.get_by_label("activation").select_option(label="relu")
        folded = picture(seen)
        seen.frame.locator(".scrubber").press("End")
        trained = picture(seen)
        assert len({before, folded, trained}) == 3
        assert "1401" in seen.frame.locator(".readout").inner_text()
        assert seen.errors == []


class Own(nn.Module):
    """A network that is no stack of known layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(2, 3), nn.Linear(3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return scores."""
        return self.last(torch.sin(self.first(x)))  # type: ignore[no-any-return]


SHORT = Training(epochs=2, batch_size=50, optimizer="adam", lr=0.03, seed=1)
BLOBS = replace(
    RINGS,
    dataset=datasets.blobs(n=300, classes=3),
    model=models.mlp(2, 3, 3),
    training=SHORT,
    timeline=Timeline(seconds=1, fps=10),
)
FILMS = {
    "own module": replace(
        RINGS, model=Own, training=replace(RINGS.training, epochs=2, loss="bce_with_logits")
    ),
    "cells in space": replace(BLOBS, views=[views.HiddenSpace3D()]),
    "surface": replace(
        RINGS, training=replace(RINGS.training, epochs=2), views=[views.Surface(), views.Loss()]
    ),
    "a cube without lines": replace(
        BLOBS, model=models.mlp(2, 4, 3), views=[views.HiddenSpace3D(units=(0, 1, 3), grid=False)]
    ),
    "many classes": replace(
        BLOBS, dataset=datasets.blobs(n=900, classes=300), model=models.mlp(2, 3, 300)
    ),
    "one epoch": replace(RINGS, training=replace(RINGS.training, epochs=1)),
    "diverged": replace(
        FIT, training=replace(FIT.training, optimizer="sgd", lr=1e6, trainer="kernel")
    ),
    "layer after layer": replace(BLOBS, views=[views.Depth()]),
    "a plane of three inputs": Scene(
        dataset=datasets.linked_tori(n=300),
        model=models.mlp(3, 3, 2, 1, output="sigmoid"),
        training=replace(SHORT, loss="bce"),
        plane=Slice(0, 1),
        views=[views.InputSpace(), views.HiddenSpace()],
        timeline=Timeline(seconds=1, fps=10),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_page_of_fewer_points_says_so_and_knows_them(
    browser: Any, tmp_path: Path, way: str
) -> None:
    """What is left has its own inputs and class, in another layer too."""
    scene = replace(RINGS, dataset=datasets.rings(4000, noise=0.02), training=SHORT)
    film = Film(record(scene), timeline=Timeline(seconds=1, fps=10))
    page = written(film, tmp_path, most=len(made(film).content) - 4000)

    with opened(browser, page, way, reduced_motion="reduce") as seen:
        assert seen.frame.get_by_text("one of 2 points").is_visible()
        seen.frame.get_by_label("Layer").last.select_option(label="Hidden layer 1")
        tip, said = seen.frame.locator(".tip"), [""]
        for pad in seen.frame.locator(".pad").all()[:2]:
            for _ in range(3):
                pad.press("Enter")
                assert comes(lambda: tip.inner_text() not in ("", said[-1]))
                said.append(tip.inner_text())
        for name, inputs, told in (text.split("\n")[::2] for text in said[1:]):
            place = [float(part.split(" = ")[1].replace("−", "-")) for part in inputs.split(",")]
            assert name == ("outer" if np.linalg.norm(place) > 0.75 else "inner")
            assert told.startswith("prediction")
        assert seen.errors == []


@pytest.mark.parametrize("name", FILMS)
def test_films_of_every_kind_have_a_page(browser: Any, tmp_path: Path, name: str) -> None:
    """Whatever its network, data and views are, it opens without an error and shows something."""
    page = written(Film(record(FILMS[name])), tmp_path)

    with opened(browser, page, reduced_motion="reduce") as seen:
        shown = picture_at(seen, 0.5)
        assert seen.errors == []
        assert len(np.unique(shown.reshape(-1, 3), axis=0)) > 50
