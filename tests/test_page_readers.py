"""Pages for readers of every kind: with aids, on paper, without a script, by another browser."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nnanim import render
from tests.browsing import WAYS, framed, opened, rest, to_mend
from tests.firefox import COLORS, READY, Firefox
from tests.recordings import TOUCHED

pytestmark = [pytest.mark.slow, pytest.mark.pages]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
def test_axe_finds_nothing_to_mend(
    browser: Any, page: Path, way: str, size: tuple[int, int]
) -> None:
    """Names, roles, order and contrast, on a screen and on a phone, dark and light."""
    with opened(browser, page, way, size, reduced_motion="reduce") as seen:
        for _ in ("dark", "light"):
            assert to_mend(seen.run) == []
            seen.frame.get_by_role("button", name="Other colours").click()


@pytest.mark.parametrize("way", WAYS)
def test_a_page_prints_its_present_picture(browser: Any, page: Path, way: str) -> None:
    """On one sheet of paper, without what only hands on a screen can use; framed or not."""
    with opened(browser, page, way, reduced_motion="reduce") as seen:
        seen.frame.locator(".scrubber").press("End")
        rest(seen)
        seen.tab.emulate_media(media="print")
        for kind in (".controls", ".head", ".notch"):
            assert not seen.frame.locator(kind).first.is_visible()
        assert seen.frame.locator(".stage canvas").is_visible()
        paper = seen.tab.pdf()
        assert paper.count(b"/Type /Page\n") == 1
        assert b"/Subtype /Image" in paper


def test_a_page_speaks_german_to_readers_of_a_german_film(browser: Any, tmp_path: Path) -> None:
    """Its controls, its epochs and what it says of a point."""
    file = tmp_path / "page.html"
    render(replace(TOUCHED, words="de"), file, size=(1280, 720))
    with opened(browser, file, reduced_motion="reduce") as seen:
        assert seen.run("document.documentElement.lang") == "de"
        assert seen.frame.get_by_role("button", name="Abspielen").count() == 1
        seen.frame.get_by_label("Schicht", exact=True).last.select_option(index=0)
        seen.frame.get_by_label("Einheit x").wait_for()
        told = seen.frame.locator(".scrubber").get_attribute("aria-valuetext")
        assert told.startswith("Epoche 0")
        seen.frame.locator(".pad").last.press("Enter")
        tip = seen.frame.locator(".tip")
        tip.get_by_text("Vorhersage").wait_for()
        assert re.search(r"= −?\d,\d", tip.inner_text())
        assert seen.errors == []


@pytest.mark.parametrize("way", WAYS)
def test_firefox_plays_a_page(fox: Firefox, page: Path, way: str) -> None:
    """Keys lead through it, and its address follows; nothing is amiss in its console."""
    fox.open(framed(page) if way == "frame" else page)
    if way == "frame":
        fox.ask("WebDriver:SwitchToFrame", id=0)
    assert fox.comes(READY)
    steps = fox.run("return history.length")
    fox.run(
        "document.querySelector('.scrubber').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'End', bubbles: true}))"
    )
    assert fox.comes("document.querySelector('.scrubber').ariaValueNow === '8'")
    assert fox.comes("location.hash.startsWith('#t=2.98')")
    assert fox.run("return history.length") == steps
    assert fox.comes(f"{COLORS} > 50")
    assert fox.errors() == []
    fox.run("setTimeout(() => amiss())")
    assert fox.tells("amiss is not defined")
