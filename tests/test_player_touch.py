"""A reader's fingers on a page: what hands do with a pointer, fingers do on a screen."""

from pathlib import Path
from typing import Any

import pytest

from tests.browsing import WAYS, picture
from tests.hands import drag, epoch, place, touched
from tests.waiting import comes

pytestmark = [pytest.mark.slow, pytest.mark.pages]


@pytest.mark.parametrize("way", WAYS)
def test_a_finger_leads_through_the_film(browser: Any, page: Path, way: str) -> None:
    """A tap on the strip goes to the epoch there, and a finger that is led on takes it along."""
    with touched(browser, page, way) as seen:
        scrubber = seen.frame.locator(".scrubber")
        seen.tab.touchscreen.tap(*place(scrubber, 0.3, 0.5))
        assert comes(lambda: 1.5 < epoch(seen) < 3.5)
        drag(seen, *(place(scrubber, share, 0.5) for share in (0.3, 0.5, 0.7)))
        assert comes(lambda: 4.5 < epoch(seen) < 6.5)


@pytest.mark.parametrize("way", WAYS)
def test_a_finger_turns_a_cube(browser: Any, page: Path, way: str) -> None:
    """As it is led, and the page below it stays where it is; two taps set the cube back."""
    with touched(browser, page, way) as seen:
        cube, filmed = seen.frame.locator(".cube"), picture(seen)
        drag(seen, *(place(cube, 0.05 + share, 0.1 + share / 2) for share in (0.0, 0.1, 0.2)))
        assert comes(lambda: picture(seen) != filmed)
        assert seen.run("scrollY") == 0
        for _ in range(2):
            seen.tab.touchscreen.tap(*place(cube, 0.02, 0.02))
        assert comes(lambda: picture(seen) == filmed)


@pytest.mark.parametrize("way", WAYS)
def test_a_tap_says_what_a_point_is(browser: Any, page: Path, way: str) -> None:
    """And shows its way; a tap where there is none lets it go."""
    with touched(browser, page, way) as seen:
        filmed, tip = picture(seen), seen.frame.locator(".tip")
        pad = seen.frame.locator(".pad").last
        tapped = (
            seen.tab.touchscreen.tap(*place(pad, x / 100, y / 100))
            for x in range(10, 95, 3)
            for y in range(10, 95, 9)
        )
        assert any(tip.is_visible() for _ in tapped)
        assert comes(lambda: "prediction" in tip.inner_text())
        assert comes(lambda: picture(seen) != filmed)
        seen.tab.touchscreen.tap(*place(pad, 0.005, 0.005))
        assert comes(lambda: not tip.is_visible())
        assert comes(lambda: picture(seen) == filmed)


@pytest.mark.parametrize("way", WAYS)
def test_buttons_and_pickers_answer_fingers(browser: Any, page: Path, way: str) -> None:
    """A tap presses a button, and opens a picker, of which another is picked."""
    with touched(browser, page, way) as seen:
        dark = picture(seen)
        seen.frame.get_by_role("button", name="Other colours").tap()
        assert comes(lambda: picture(seen) != dark)
        light = picture(seen)
        layer = seen.frame.get_by_label("Layer").last
        layer.tap()
        layer.select_option(label="Hidden layer 1")
        assert comes(lambda: picture(seen) != light)
        with seen.tab.expect_download() as waiting:
            seen.frame.get_by_role("button", name="Save the picture").tap()
        assert waiting.value.suggested_filename.endswith(".png")
        seen.frame.get_by_role("button", name="Play").tap()
        assert comes(lambda: epoch(seen) > 0)
        seen.frame.get_by_role("button", name="Pause").tap()
        seen.frame.get_by_role("button", name="Play").wait_for()
