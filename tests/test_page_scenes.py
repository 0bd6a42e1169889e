"""Pages of scenes with views of every kind: small, like the film, and without an error."""

from pathlib import Path
from typing import Any

import pytest

from nnanim.rendering.filming import film_of, renderer_of
from nnanim.rendering.pages import PAGE, page_from
from nnanim.rendering.subject import look_for, timeline_for
from nnanim.scene.files import declared
from tests.browsing import opened, picture_at
from tests.pages import Page
from tests.test_page_browser import nearness

FOLDER = Path(__file__).parent.parent / "scenes"
NAMES = (
    "embedding_surface",
    "jagged_activations_16",
    "polynomial_6",
    "radial_cube",
    "radial_nodes",
    "rings_compare",
    "sine_thresholds",
)
SECONDS = 3.0  # of each, to be soon done
MOST, NEAR = 500_000, 30  # bytes of so long a page, and decibels from the film

pytestmark = [pytest.mark.slow, pytest.mark.pages]


@pytest.mark.usefixtures("shared_cache")
@pytest.mark.parametrize("name", NAMES)
def test_a_scenes_page_looks_like_its_film(browser: Any, tmp_path: Path, name: str) -> None:
    """An empty panel would be 13 to 23 dB from it."""
    scene = declared(FOLDER / f"{name}.py")
    look = look_for(scene, PAGE.size, None, False)
    film = film_of(scene, timeline_for(scene, PAGE, None, SECONDS), look)
    file = tmp_path / "page.html"
    file.write_bytes(page_from(film, look, film.timeline.times).content)
    page, draw = Page.of(file.read_bytes()), renderer_of(film, look)
    times = page.array(page.page["times"]).tolist()

    assert file.stat().st_size <= MOST
    with opened(browser, file, size=(1280, 860), reduced_motion="reduce") as seen:
        for t in (times[len(times) // 3], times[-1]):
            shown, drawn = picture_at(seen, t), draw.frame(t)[..., :3]
            for panel in page.page["panels"][:-1]:
                left, top, wide, high = panel["box"]
                part = slice(top, top + high), slice(left, left + wide)
                assert nearness(shown[part], drawn[part]) >= NEAR
        assert seen.errors == []
        assert len(seen.requests) == 1


@pytest.mark.usefixtures("shared_cache")
def test_a_page_of_two_panels_is_a_fifth_of_a_megabyte() -> None:
    """Player, furniture, poster, data, network and boundary of twelve seconds."""
    scene = declared(FOLDER / "rings_3_2.py")
    look = look_for(scene, PAGE.size, None, False)
    film = film_of(scene, look=look)

    assert len(page_from(film, look, film.timeline.times).content) <= 206_000
