"""Pages of scenes in Firefox: each opens, shows a picture, and tells its console of no error."""

from pathlib import Path

import pytest

from nnanim.rendering.filming import film_of
from nnanim.rendering.pages import PAGE, knobs_of, page_from
from nnanim.rendering.subject import look_for, timeline_for
from nnanim.scene.files import declared
from tests.firefox import COLORS, READY, Firefox

FOLDER = Path(__file__).parent.parent / "scenes"
NAMES = (
    "landscape_surface",
    "line_control",
    "morph_discs",
    "polynomial_3_3",
    "radial_cube",
    "rings_3_2",
)

pytestmark = [pytest.mark.slow, pytest.mark.pages]


@pytest.mark.usefixtures("shared_cache")
@pytest.mark.parametrize("name", NAMES)
def test_firefox_opens_a_scenes_page(fox: Firefox, tmp_path: Path, name: str) -> None:
    """Its canvas has more than a few colours as soon as it has drawn."""
    scene = declared(FOLDER / f"{name}.py")
    look = look_for(scene, PAGE.size, None, False)
    film = film_of(scene, timeline_for(scene, PAGE, None, 1.0), look)
    page = tmp_path / "page.html"
    page.write_bytes(page_from(film, look, film.timeline.times, knobs_of(scene)).content)

    fox.open(page)
    assert fox.comes(f"{READY} && {COLORS} > 50")
    assert fox.errors() == []
