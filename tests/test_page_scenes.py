"""Pages of all scenes of the repository: they are made, small, and open without an error."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nnanim.rendering.films import render
from nnanim.scene.files import declared
from nnanim.scene.finding import scene_files
from tests.browsing import chromium, opened

FOLDER = Path(__file__).parent.parent / "scenes"
FILES = scene_files(FOLDER)
MOST, USUAL = 3_000_000, 250_000  # bytes of a page, and of half of them
# Fields that a view computes itself, many panels, or tens of thousands of points.
LARGE: frozenset[str] = frozenset()

pytestmark = [pytest.mark.slow, pytest.mark.pages]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all tests here."""
    with chromium() as found:
        yield found


@pytest.mark.usefixtures("shared_cache")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scene_has_a_page(browser: Any, file: Path, tmp_path: Path) -> None:
    """Of no more than 3 MB, which opens and asks for nothing."""
    page = tmp_path / "page.html"
    render(declared(file), page)

    assert page.stat().st_size <= (MOST if file.stem in LARGE else USUAL)
    with opened(browser, page) as seen:
        assert seen.errors == []
        assert len(seen.requests) == 1


def test_half_of_the_pages_are_small() -> None:
    """At most half of the scenes are among the large."""
    assert len(LARGE) <= len(FILES) / 2
