"""Pages of all scenes in Firefox: each opens, shows pictures, and tells its console of no error."""

from pathlib import Path

import pytest

from tests.firefox import COLORS, READY, Firefox
from tests.scene_pages import NAMES, page_in

pytestmark = [pytest.mark.slow, pytest.mark.pages]
DRAWN = "document.getElementById('nnanim').dataset.shown"
END = "new KeyboardEvent('keydown', {key: 'End', bubbles: true})"


@pytest.mark.parametrize("name", NAMES)
def test_firefox_opens_a_scenes_page(fox: Firefox, scene_pages: Path, name: str) -> None:
    """Its canvas has more than a few colours at the film's beginning, and at its end."""
    fox.open(page_in(scene_pages, name))
    assert fox.comes(f"{READY} && {COLORS} > 20")
    beginning = fox.run(f"return {DRAWN}")
    fox.run(f"document.querySelector('.scrubber').dispatchEvent({END})")
    assert fox.comes(f"{DRAWN} !== {beginning!r} && {DRAWN} !== 'thinned' && {COLORS} > 20")
    assert fox.errors() == []
