"""A reader's hands on a page: its controls by pointer and by keys, from a file and in a frame."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nnanim import Timeline, events, render
from tests.browsing import WAYS, framed, opened, picture, rest
from tests.hands import address, epoch, has_focus, still
from tests.recordings import TOUCHED
from tests.waiting import comes

pytestmark = [pytest.mark.slow, pytest.mark.pages]

SHOWN = "document.getElementById('nnanim').dataset.shown"
# What has the focus: its name, the ring about it, and the colour below that.
FOCUS = """() => {
  const it = document.activeElement;
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(it);
  const ground = getComputedStyle(document.getElementById("nnanim")).backgroundColor;
  return [it.getAttribute("aria-label"), outlineStyle, outlineWidth, outlineColor, ground];
}"""


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with marks of captions, and of an event at which it pauses."""
    file = tmp_path_factory.mktemp("marked") / "page.html"
    event = events.accuracy(0.7)
    training = replace(TOUCHED.training, optimizer="adam")
    timeline = Timeline(seconds=3, pauses={5: "Nearly there", event: "Better than chance"})
    render(replace(TOUCHED, training=training, timeline=timeline), file, size=(1280, 720))
    return file


@pytest.mark.parametrize("way", WAYS)
def test_keys_lead_through_the_film(browser: Any, page: Path, way: str) -> None:
    """End, Home and arrows; space plays and stands still again."""
    with still(browser, page, way) as seen:
        scrubber = seen.frame.locator(".scrubber")
        scrubber.press("End")
        assert comes(lambda: epoch(seen) == 8)
        scrubber.press("ArrowLeft")
        assert comes(lambda: 6 < epoch(seen) < 8)
        scrubber.press("Home")
        assert comes(lambda: epoch(seen) == 0)
        scrubber.press("Shift+ArrowRight")
        assert comes(lambda: 0 < epoch(seen) < 8)
        scrubber.press("Home")
        seen.frame.get_by_role("button", name="Play").wait_for()
        scrubber.press("Space")
        seen.frame.get_by_role("button", name="Pause").wait_for()
        scrubber.press("Space")
        seen.frame.get_by_role("button", name="Play").wait_for()
        assert seen.errors == []


@pytest.mark.parametrize("way", WAYS)
def test_keys_need_no_control_to_have_the_focus(browser: Any, page: Path, way: str) -> None:
    """As soon as the page itself has it: arrows up and down, End, Home, space."""
    with still(browser, page, way) as seen:
        scrubber = seen.frame.locator(".scrubber")
        seen.frame.locator("body").click(position={"x": 2, "y": 2})
        for key, there in (("ArrowUp", (0, 4)), ("End", (7, 9)), ("ArrowDown", (4, 8))):
            seen.tab.keyboard.press(key)
            assert comes(lambda there=there: there[0] < epoch(seen) < there[1])  # type: ignore[misc]
        seen.tab.keyboard.press("Home")
        assert comes(lambda: epoch(seen) == 0)
        seen.tab.keyboard.press("Space")
        seen.frame.get_by_role("button", name="Pause").wait_for()
        seen.tab.keyboard.press("Space")
        seen.frame.get_by_role("button", name="Play").wait_for()
        assert not has_focus(scrubber)


@pytest.mark.parametrize("way", WAYS)
def test_marks_on_the_strip_lead_to_what_they_say(browser: Any, marked: Path, way: str) -> None:
    """A caption's and an event's, by a press; page down and page up go from one to the next."""
    with still(browser, marked, way) as seen:
        scrubber = seen.frame.locator(".scrubber")
        captions, events = (seen.frame.locator(f".notch.{kind}") for kind in ("caption", "event"))
        nearly = captions.and_(seen.frame.get_by_title("Nearly there"))
        nearly.click()
        assert comes(lambda: epoch(seen) == 5)
        events.first.click()
        assert comes(lambda: epoch(seen) != 5)
        happened = epoch(seen)
        assert happened > 0
        assert "0.7" in events.first.get_attribute("title")
        scrubber.press("Home")
        assert comes(lambda: epoch(seen) == 0)
        met = {0.0}
        for _ in range(scrubber.locator(".notch").count() + 1):
            rest(seen)
            before = seen.run(SHOWN)
            scrubber.press("PageDown")
            assert comes(lambda before=before: seen.run(SHOWN) != before or epoch(seen) == 8)  # type: ignore[misc]
            met.add(epoch(seen))
        assert {happened, 5.0, 8.0} <= met
        scrubber.press("PageUp")
        assert comes(lambda: epoch(seen) < 8)
        assert epoch(seen) in met


@pytest.mark.parametrize("way", WAYS)
def test_a_film_runs_as_fast_as_the_reader_asks(browser: Any, page: Path, way: str) -> None:
    """In the same time four times as far as at its own speed, and a pause ends it where it is."""
    with still(browser, page, way) as seen:
        seen.tab.clock.install(time=0)
        seen.tab.clock.pause_at(1000)  # until then it runs beside the machine's own
        gone = []
        for speed in ("0.25 ×", "1 ×"):
            seen.frame.get_by_label("Speed").select_option(label=speed)
            seen.frame.get_by_role("button", name="Play").click()
            seen.tab.clock.run_for(1600)
            seen.frame.get_by_role("button", name="Pause").click()
            seen.tab.clock.run_for(400)
            at = float(seen.run(SHOWN))
            seen.tab.clock.run_for(400)
            assert float(seen.run(SHOWN)) == at
            gone.append(at)
            seen.frame.locator(".scrubber").press("Home")
            seen.tab.clock.run_for(400)
        assert 1.2 < gone[1] < 2
        assert 3 < gone[1] / gone[0] < 5


@pytest.mark.parametrize("way", WAYS)
def test_the_strip_is_the_scrubber(browser: Any, page: Path, way: str) -> None:
    """A press and a drag go to the epoch there, a wheel goes on, a mark says what it is."""
    with still(browser, page, way) as seen:
        box = seen.frame.locator(".scrubber").bounding_box()
        middle = box["y"] + box["height"] / 2
        seen.tab.mouse.move(box["x"] + 0.3 * box["width"], middle)
        seen.tab.mouse.down()
        assert comes(lambda: 1.5 < epoch(seen) < 3.5)
        seen.tab.mouse.move(box["x"] + 0.7 * box["width"], middle)
        seen.tab.mouse.up()
        assert comes(lambda: 4.5 < epoch(seen) < 6.5)
        dragged = epoch(seen)
        seen.tab.mouse.wheel(0, 100)
        assert comes(lambda: epoch(seen) > dragged)
        assert seen.frame.locator(".notch").first.get_attribute("title") == "First half"


@pytest.mark.parametrize("way", WAYS)
def test_a_cube_is_turned_and_set_back(browser: Any, page: Path, way: str) -> None:
    """By dragging, by arrow keys where it has the focus; a double click or Escape sets it back."""
    with still(browser, page, way) as seen:
        cube = seen.frame.locator(".cube")
        filmed = picture(seen)
        box = cube.bounding_box()
        seen.tab.mouse.move(box["x"] + 20, box["y"] + 20)
        seen.tab.mouse.down()
        seen.tab.mouse.move(box["x"] + 120, box["y"] + 60)
        seen.tab.mouse.up()
        dragged = picture(seen)
        cube.press("ArrowLeft")
        turned = picture(seen)
        cube.dblclick(position={"x": 10, "y": 10})
        seen.run("document.activeElement.blur()")
        assert len({filmed, dragged, turned}) == 3
        assert comes(lambda: picture(seen) == filmed)
        for key in ("ArrowUp", "ArrowRight", "Escape"):
            cube.press(key)
        seen.run("document.activeElement.blur()")
        assert comes(lambda: picture(seen) == filmed)


@pytest.mark.parametrize("way", WAYS)
def test_another_layer_and_the_address_that_says_so(browser: Any, page: Path, way: str) -> None:
    """A picker shows another layer and offers its units; the address leads there again."""
    with still(browser, page, way) as seen:
        filmed = picture(seen)
        seen.frame.get_by_label("Layer").last.select_option(label="Hidden layer 1")
        other = picture(seen)
        seen.frame.get_by_label("Unit y").select_option(label="3")
        units = picture(seen)
        assert len({filmed, other, units}) == 3
        assert comes(lambda: "units=1%2C3" in address(seen))
        here = address(seen)
        seen.run("location.hash = 'epoch=8&layer=hidden2'")
        assert comes(lambda: epoch(seen) == 8)
        seen.run(f"location.hash = {here!r}")
        assert comes(lambda: picture(seen) == units)


@pytest.mark.parametrize("way", WAYS)
def test_a_point_says_what_it_is(browser: Any, page: Path, way: str) -> None:
    """Its class, its inputs and what is predicted; a click pins it, Escape lets it go."""
    with still(browser, page, way) as seen:
        filmed = picture(seen)
        box = seen.frame.locator(".pad").last.bounding_box()
        tip = seen.frame.locator(".tip")
        places = [(x, y) for x in range(10, 95, 3) for y in range(10, 95, 9)]
        for x, y in places:
            seen.tab.mouse.move(
                box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100
            )
            if tip.is_visible():
                break
        assert comes(lambda: "prediction" in tip.inner_text())
        assert "inner" in tip.inner_text() or "outer" in tip.inner_text()
        seen.tab.mouse.down()
        seen.tab.mouse.up()
        assert comes(lambda: picture(seen) != filmed)
        assert tip.is_visible()
        seen.tab.keyboard.press("Escape")
        seen.run("document.activeElement.blur()")  # what a key has reached has a ring around it
        assert comes(lambda: picture(seen) == filmed)
        assert not tip.is_visible()


@pytest.mark.parametrize("way", WAYS)
def test_points_are_found_by_keys(browser: Any, page: Path, way: str) -> None:
    """Enter says what the point nearest to the middle is, then the next; Escape lets it go."""
    with still(browser, page, way) as seen:
        tip, pad = seen.frame.locator(".tip"), seen.frame.locator(".pad").last
        said = []
        for key in ("Enter", "Enter", "Shift+Enter"):
            before = tip.inner_text() if tip.is_visible() else ""
            pad.press(key)
            assert comes(lambda before=before: tip.inner_text() not in ("", before))  # type: ignore[misc]
            said.append(tip.inner_text())
        assert said[0] == said[2] != said[1]
        assert "prediction" in said[0]
        pad.press("Escape")
        assert comes(lambda: not tip.is_visible())


@pytest.mark.parametrize("way", WAYS)
def test_no_press_is_lost_as_the_room_changes(browser: Any, page: Path, way: str) -> None:
    """Right after the picture was fitted, before the next frame of the screen, points are found."""
    with still(browser, page, way) as seen:
        seen.run(
            "() => new Promise((done) => { const root = document.getElementById('nnanim');"
            " const narrow = new ResizeObserver(() => { if (root.style.width === '') return;"
            " const [pad] = [...document.querySelectorAll('.pad')].reverse();"
            " pad.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));"
            " narrow.disconnect(); done() });"
            " narrow.observe(root);"
            " setTimeout(() => (root.style.width = `${root.clientWidth - 40}px`), 50) })"
        )
        assert seen.frame.locator(".tip").is_visible()


@pytest.mark.parametrize("way", WAYS)
def test_colours_and_speed_and_a_picture_to_keep(browser: Any, page: Path, way: str) -> None:
    """Another theme is another picture; the picture is saved as a PNG."""
    with still(browser, page, way) as seen:
        dark = picture(seen)
        seen.frame.get_by_role("button", name="Other colours").click()
        assert comes(lambda: picture(seen) != dark)
        seen.frame.get_by_label("Speed").select_option(label="4 ×")
        with seen.tab.expect_download() as waiting:
            seen.frame.get_by_role("button", name="Save the picture").click()
        assert waiting.value.suggested_filename.endswith(".png")
        assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")
        assert seen.errors == []


@pytest.mark.parametrize("way", WAYS)
def test_buttons_and_pickers_answer_keys(browser: Any, page: Path, way: str) -> None:
    """Each that has the focus: Enter and space press, arrow keys pick another."""
    with still(browser, page, way) as seen:
        dark = picture(seen)
        seen.frame.get_by_role("button", name="Other colours").press("Enter")
        assert comes(lambda: picture(seen) != dark)
        light = picture(seen)
        layer = seen.frame.get_by_label("Layer").last
        layer.press("ArrowUp")
        assert comes(lambda: picture(seen) != light)
        assert has_focus(layer)  # so that the next key picks the next
        units = [picture(seen)]
        unit = seen.frame.get_by_label("Unit y")
        for _ in "ab":
            unit.press("ArrowDown" if len(units) == 1 else "ArrowUp")
            assert comes(lambda: picture(seen) != units[-1])
            assert has_focus(unit)
            units.append(picture(seen))
        speed = seen.frame.get_by_label("Speed")
        before = speed.evaluate("(list) => list.selectedIndex")
        speed.press("ArrowDown")
        assert comes(lambda: speed.evaluate("(list) => list.selectedIndex") == before + 1)
        with seen.tab.expect_download() as waiting:
            seen.frame.get_by_role("button", name="Save the picture").press("Space")
        assert waiting.value.suggested_filename.endswith(".png")
        seen.frame.get_by_role("button", name="Play").press("Enter")
        seen.frame.get_by_role("button", name="Pause").press("Space")
        seen.frame.get_by_role("button", name="Play").wait_for()
        assert seen.errors == []


@pytest.mark.parametrize("way", WAYS)
def test_a_page_plays_by_itself_unless_motion_is_not_wanted(
    browser: Any, page: Path, way: str
) -> None:
    """It begins to play; for those who ask for less motion it stands at its beginning."""
    with opened(browser, page, way) as seen:
        assert comes(lambda: epoch(seen) > 0)
    with opened(browser, page, way, reduced_motion="reduce") as seen:
        assert comes(lambda: epoch(seen) == 0)
        seen.tab.wait_for_timeout(700)  # in which nothing is to happen
        assert epoch(seen) == 0
        seen.frame.get_by_role("button", name="Play").click()
        assert comes(lambda: epoch(seen) > 0)


@pytest.mark.parametrize("way", WAYS)
def test_the_address_follows_without_a_step_of_the_way_back(
    browser: Any, page: Path, way: str
) -> None:
    """It tells what is looked at, and the reader's way back leads out of the page at once."""
    with still(browser, page, way) as seen:
        steps = seen.run("history.length")
        for key, said in (("End", "t=2.98"), ("Home", "t=0.00"), ("ArrowRight", "t=0.03")):
            seen.frame.locator(".scrubber").press(key)
            assert comes(lambda said=said: said in address(seen))  # type: ignore[misc]
        seen.frame.get_by_label("Layer").last.select_option(label="Hidden layer 1")
        assert comes(lambda: "layer=hidden1" in address(seen))
        assert seen.run("history.length") == steps
        assert seen.errors == []


def test_a_phone_shows_a_panel_below_the_other(browser: Any, page: Path) -> None:
    """No letter is smaller than 11 pixels there, and nothing is wider than the screen."""
    with still(browser, page, "file", size=(360, 740)) as seen:
        rest(seen)
        tiles = seen.frame.locator(".stage .tile")
        assert tiles.count() == 2
        first, second = (tiles.nth(k).bounding_box() for k in (0, 1))
        assert first["y"] + first["height"] <= second["y"] + 1
        assert seen.run("document.documentElement.scrollWidth") <= 360
        smallest = seen.run(
            "Math.min(...Array.from(document.querySelectorAll('.tile g[aria-label]'), (text) => "
            "text.getBoundingClientRect().height && "
            "new DOMMatrix(getComputedStyle(text.firstChild).transform).a * 500 * "
            "text.ownerSVGElement.getScreenCTM().a || 99))"
        )
        assert smallest >= 10.9


@pytest.mark.parametrize("way", WAYS)
def test_every_control_has_a_name(browser: Any, page: Path, way: str) -> None:
    """What can have the focus says what it is."""
    with still(browser, page, way) as seen:
        nameless = seen.run(
            "Array.from(document.querySelectorAll('button, select, input, [tabindex]'))"
            ".filter((it) => !it.getAttribute('aria-label')).map((it) => it.outerHTML)"
        )
        assert nameless == []


@pytest.mark.parametrize("way", WAYS)
def test_what_has_the_focus_is_seen(browser: Any, page: Path, way: str) -> None:
    """Tab leads through all controls in turn, and each has a ring that stands out."""
    with still(browser, page, way) as seen:
        count = seen.frame.locator("button:visible, select, [tabindex]").count()
        met = set()
        for _ in range(3 * count):
            seen.tab.keyboard.press("Tab")
            name, style, width, color, ground = seen.run(FOCUS)
            if name is None:  # between the last control and the first, the page itself
                continue
            met.add(name)
            assert (style, width) == ("solid", "2px")
            assert color != ground
        assert len(met) >= 8
        for name in ("Play", "speed", "Other colours", "Save the picture", "training"):
            assert name in met


def test_a_frame_that_bars_files_says_why_there_is_none(browser: Any, page: Path) -> None:
    """By pointer and by key; beside a page opened by itself nothing of it is said."""
    shut = page.with_name("shut.html")
    text = framed(page).read_text(encoding="utf-8")
    shut.write_text(text.replace(" allow-downloads", ""), encoding="utf-8")
    with still(browser, page, "file") as seen:
        with seen.tab.expect_download():
            seen.frame.get_by_role("button", name="Save the picture").click()
        assert seen.frame.locator(".notice").last.inner_text() == ""
    context = browser.new_context(reduced_motion="reduce")
    tab = context.new_page()
    saved: list[Any] = []
    tab.on("download", lambda it: saved.append(it))
    tab.goto(shut.as_uri())
    save = tab.frames[1].get_by_role("button", name="Save the picture")
    for press in (save.click, lambda: save.press("Enter")):
        press()
        tab.frames[1].get_by_text("Saved, unless this frame bars downloads").wait_for()
        assert comes(lambda: tab.frames[1].locator("p[role=status]").inner_text() == "")
    assert saved == []
    context.close()
