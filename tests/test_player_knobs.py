"""Pickers for what differs between the films of a page, of which it shows one at a time."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nnanim import Comparison, Scene, Timeline, render
from tests.browsing import WAYS, Seen, picture
from tests.hands import address, drag, has_focus, place, still, touched
from tests.recordings import RINGS
from tests.waiting import comes

pytestmark = [pytest.mark.slow, pytest.mark.pages]


def trained(optimizer: str, lr: float) -> Scene:
    """Return a small scene."""
    training = replace(RINGS.training, epochs=2, optimizer=optimizer, lr=lr)
    return replace(RINGS, training=training, timeline=Timeline(seconds=1, fps=10))


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of six films: two optimisers, each at three rates."""
    file = tmp_path_factory.mktemp("several") / "page.html"
    values: dict[str, Any] = {"optimizer": ("adam", "sgd"), "lr": (0.003, 0.03, 0.3)}
    render(Comparison.over(trained, values, shown="one"), file, size=(960, 540), seconds=2)
    return file


def rate(seen: Seen) -> str:
    """Return which rate the slider says."""
    return str(seen.frame.locator(".slider output").inner_text())


@pytest.mark.parametrize("way", WAYS)
def test_keys_pick_one_value_after_the_other(browser: Any, several: Path, way: str) -> None:
    """Of names from a list and of numbers by a slider, which keep the focus meanwhile."""
    with still(browser, several, way) as seen:
        seen.frame.locator(".scrubber").press("End")
        pictures = {picture(seen)}
        for control, keys in (
            (seen.frame.get_by_label("lr"), ("ArrowRight", "ArrowRight", "Home")),
            (seen.frame.get_by_label("optimizer"), ("ArrowDown", "ArrowUp")),
        ):
            control.focus()
            before = picture(seen)
            for key in keys:
                seen.tab.keyboard.press(key)
                assert comes(lambda before=before: picture(seen) != before)  # type: ignore[misc]
                assert has_focus(control)
                pictures.add(before := picture(seen))
        assert rate(seen) == "0.003"
        assert len(pictures) >= 4
        seen.frame.get_by_label("lr").focus()
        seen.tab.keyboard.press("Space")  # which means nothing to a slider
        seen.frame.get_by_role("button", name="Pause").wait_for()
        assert seen.errors == []


@pytest.mark.parametrize("way", WAYS)
def test_a_pointer_picks_what_differs_and_the_address_keeps_it(
    browser: Any, several: Path, way: str
) -> None:
    """One drag goes over all values of a slider; an address leads to a film, and back."""
    with still(browser, several, way) as seen:
        slider, first = seen.frame.get_by_label("lr"), address(seen)
        seen.frame.locator(".scrubber").press("End")
        seen.run("document.activeElement.blur()")  # what a key has reached has a ring around it
        slow = picture(seen)
        seen.tab.mouse.move(*place(slider, 0.02, 0.5))
        seen.tab.mouse.down()
        for share, value in ((0.5, "0.03"), (0.98, "0.3")):
            seen.tab.mouse.move(*place(slider, share, 0.5))
            assert comes(lambda value=value: rate(seen) == value)  # type: ignore[misc]
            assert comes(lambda value=value: f"lr={value}&" in f"{address(seen)}&")  # type: ignore[misc]
        seen.tab.mouse.up()
        assert picture(seen) != slow
        seen.frame.get_by_label("optimizer").select_option(label="sgd")
        assert comes(lambda: "optimizer=sgd&lr=0.3" in address(seen))
        there, shown = address(seen), picture(seen)
        seen.run("location.hash = 't=99&optimizer=adam&lr=0.003'")
        assert comes(lambda: picture(seen) == slow)
        assert rate(seen) == "0.003"
        seen.run(f"location.hash = {there!r}")
        assert comes(lambda: picture(seen) == shown)
        assert rate(seen) == "0.3"
        assert seen.frame.get_by_label("optimizer").input_value() == "sgd"
        assert first != there
        assert seen.errors == []


@pytest.mark.parametrize("way", WAYS)
def test_a_finger_picks_what_differs_on_a_phone(browser: Any, several: Path, way: str) -> None:
    """By tapping a slider, by leading a finger along it, and from a list."""
    with touched(browser, several, way, size=(360, 740)) as seen:
        slider = seen.frame.get_by_label("lr")
        seen.tab.touchscreen.tap(*place(slider, 0.5, 0.5))
        assert comes(lambda: rate(seen) == "0.03")
        drag(seen, *(place(slider, share, 0.5) for share in (0.5, 0.6, 0.7, 0.8, 0.97)))
        assert comes(lambda: rate(seen) == "0.3")
        optimizer = seen.frame.get_by_label("optimizer")
        optimizer.tap()
        optimizer.select_option(label="sgd")
        assert comes(lambda: "optimizer=sgd&lr=0.3" in address(seen))


def test_films_that_differ_in_more_are_picked_by_name(browser: Any, tmp_path: Path) -> None:
    """The picker has a name, too, of which readers with aids are told."""
    made = [trained("adam", 0.03), trained("sgd", 0.3)]
    render(Comparison(made, ("quick", "slow"), shown="one"), tmp_path / "page.html")
    with still(browser, tmp_path / "page.html", "file") as seen:
        before = picture(seen)
        picked = seen.frame.locator("select").first
        assert picked.get_attribute("aria-label") == "training"
        picked.select_option(label="slow")
        assert comes(lambda: picture(seen) != before)
