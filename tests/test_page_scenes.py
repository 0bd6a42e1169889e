"""Pages of all scenes: small, like the film, and without an error."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim.rendering.filming import renderer_of
from tests.browsing import opened, picture_at
from tests.pages import Page, present
from tests.pictures import decibels
from tests.scene_pages import NAMES, filmed, page_in, whole_size_in

MOST = 1_000_000  # bytes of a page that is soon done
LARGEST, MEDIAN = 3_000_000, 250_000  # of pages as long as their films are
# Decibels from the film, where an empty panel has 13 to 23. Fields are drawn between fewer cells.
NEAR, FIELDS_NEAR = 35, 30
pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.timeout(900)]


def kinds(marks: list[dict[str, Any]]) -> set[str]:
    """Return of which kinds marks are, and those in them."""
    return {mark["kind"] for mark in marks}.union(*(kinds(m.get("marks", [])) for m in marks))


def lettered(page: Page, k: int) -> NDArray[np.bool_]:
    """Return where on the sheet letters stand over panels, which a browser draws in its own way."""
    wide, high = page.page["size"]
    found, glyphs = np.zeros((high, wide), bool), page.told["glyphs"]

    def across(text: str, size: float, bold: bool) -> float:
        known: dict[str, list[Any]] = glyphs["bold" if bold else "regular"]
        advances: list[int] = [known[letter][0] for letter in text if letter in known]
        return sum(advances) * size / float(glyphs["em"])

    def cover(x: float, y: float, width: float, size: float) -> None:
        left, top = max(0, int(x) - 2), max(0, int(y - size))
        found[top : int(y + 0.4 * size) + 1, left : int(x + width) + 3] = True

    for mark in page.page["overlay"]:
        if mark["kind"] == "text" and present(mark, k):
            ((x, y),) = page.source(mark["xy"], k)
            text, size, bold = (page.value(mark[name], k) for name in ("text", "size", "bold"))
            cover(x, y, across(text, size, bold), size)
    small = page.page["small"]
    for panel in page.page["panels"]:
        left, top, wide, high = panel["box"]
        x, y = (across(panel["axis"][axis], small, False) for axis in ("x", "y"))
        cover(left + wide - 0.6 * small - x, top + high - 0.6 * small, x, small)
        cover(left + 0.6 * small, top + 1.4 * small, y, small)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_scenes_page_looks_like_its_film(browser: Any, scene_pages: Path, name: str) -> None:
    """Its panels, but for their letters, at three moments, and one at which the film fades.

    Of a page that shows one scene at a time, the first.
    """
    film, look, knobs = filmed(name)
    file = page_in(scene_pages, name)
    page = Page.of(file.read_bytes())
    draw = renderer_of(film if knobs is None else film.tiles[0], look)
    times = page.array(page.page["times"]).tolist()
    fading = [k for k, t in enumerate(times) if film.clock.fade(t) is not None]
    calm = sorted(set(range(len(times))) - set(fading))
    panels = page.page["panels"][: -1 if page.page["strip"] else None]
    shades = any({"image", "heights"} & kinds(panel["marks"]) for panel in panels)
    least = FIELDS_NEAR if shades else NEAR
    found = []

    with opened(browser, file, size=(1280, 860), reduced_motion="reduce") as seen:
        middle = fading[len(fading) // 2 :][:1]
        for k in (calm[len(calm) // 3], calm[2 * len(calm) // 3], calm[-1], *middle):
            shown, drawn = picture_at(seen, times[k]), draw.frame(times[k])[..., :3]
            assert shown.shape == drawn.shape
            plain = ~lettered(page, k)
            for panel in panels:
                left, top, wide, high = panel["box"]
                part = slice(top, top + high), slice(left, left + wide)
                assert plain[part].mean() > 0.4
                near = decibels(shown[part][plain[part]], drawn[part][plain[part]])
                found.append((near, panel["title"], k))
        assert seen.errors == []
        assert len(seen.requests) == 1
    assert min(found)[0] >= least, min(found)
    assert file.stat().st_size <= MOST


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_films_page_has_at_most_three_megabytes(scene_pages: Path, name: str) -> None:
    """With all of its moments."""
    assert whole_size_in(scene_pages, name) <= LARGEST


def test_every_other_page_has_at_most_a_quarter_of_a_megabyte(scene_pages: Path) -> None:
    """Of whole films; one of two panels a fifth of a megabyte."""
    sizes = {name: whole_size_in(scene_pages, name) for name in NAMES}

    assert np.median(list(sizes.values())) <= MEDIAN
    assert sizes["rings_3_2"] <= 200_000
