"""The page of a map: it asks for nothing, and tells of each pixel what films it."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim.errors import UsageError
from nnanim.scene.values import axis_in
from nnanim.scene.written import command
from nnanim.sweeps.map_page import MOST, check_page, map_page
from nnanim.sweeps.map_sheet import sheet_of
from nnanim.sweeps.mapped import Map, map_planned, mapped
from nnanim.sweeps.shown import Coloring
from nnanim.themes import theme_from
from tests.browsing import WAYS, opened, to_mend
from tests.node import SWEEPS, run
from tests.pages import Page
from tests.test_maps import FILE
from tests.waiting import comes

SIZE = (40, 30)
NAME = "it's <b>a map<b> & $(more).py"
TITLE = "</script><img src=x onerror=window.harmed=1>"
ATLAS = f"const {{ Atlas }} = await import({json.dumps((SWEEPS / 'atlas.js').as_uri())});"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene file whose name and title are hard to hold."""
    path = tmp_path_factory.mktemp("map") / NAME
    path.write_text(FILE.replace("dataset=points,", f"dataset=points, title={TITLE!r},"))
    return path


@pytest.fixture(scope="module")
def done(file: Path) -> Map:
    """Its map, on both sides of the border."""
    axes = ("lr1", axis_in("log:0.01:1000")), ("lr2", axis_in("log:0.01:1000"))
    return mapped(map_planned(file, *axes, SIZE, {"training.momentum": "0.1"}))


@pytest.fixture(scope="module")
def page(done: Map, file: Path) -> Path:
    """Its page."""
    path = file.with_suffix(".html")
    sheet = sheet_of(done, Coloring(), theme_from("dark"), TITLE)
    path.write_bytes(map_page(done, sheet, file))
    assert path.read_bytes() == map_page(done, sheet, file)
    return path


def border_of(done: Map) -> tuple[int, int]:
    """Return a pixel (column, row) from the upper left that has neighbours of both kinds."""
    learns = done.converges[::-1]
    row, column = np.argwhere(learns[:, :-1] != learns[:, 1:])[3]
    return int(column), int(row)


def far_from_border(done: Map, learns: bool) -> tuple[int, int]:
    """Return a pixel (column, row) from the upper left whose neighbours are all of its kind."""
    alike = done.converges[::-1] == learns
    around = np.lib.stride_tricks.sliding_window_view(alike, (3, 3)).all(axis=(2, 3))
    row, column = np.argwhere(around)[0]
    return int(column) + 1, int(row) + 1


def films(done: Map, file: Path, at: tuple[int, int], verb: str = "render") -> str:
    """Return the command that films a pixel, counted from the upper left, or opens it."""
    settings = done.plan.pixels.settings(at[0], SIZE[1] - 1 - at[1])
    told = command(file, {"training.momentum": "0.1", **settings}, verb)
    learns = done.converges[SIZE[1] - 1 - at[1], at[0]]
    verdict = f" --pixel {'converges' if learns else 'diverges'}"
    return told + (verdict if verb == "render" else "")


@pytest.mark.slow
def test_a_page_holds_what_each_training_came_to(done: Map, page: Path) -> None:
    """Bit for bit, from the lower left row by row."""
    read = Page.of(page.read_bytes())

    assert read.told["size"] == list(SIZE)
    for name, kept in (("last", "last"), ("finite", "steps")):
        found = read.array(read.told[name]).reshape(SIZE[::-1])
        assert np.array_equal(found, done.kept(kept).astype(np.float64))
    assert (read.array(read.told["converges"]).reshape(SIZE[::-1]) == done.converges).all()


@pytest.mark.slow
def test_what_is_said_of_a_pixel_is_its_own(done: Map, file: Path, page: Path) -> None:
    """Settings, what it came to, and commands that a shell takes apart as they were meant."""
    read = Page.of(page.read_bytes())
    arrays = {name: read.array(read.told[name]).ravel().tolist()
              for name in ("first", "last", "finite", "converges")}  # fmt: skip
    pixels = [(0, 0), (7, 3), border_of(done), far_from_border(done, learns=False)]
    asked = [[i, SIZE[1] - 1 - j] for i, j in pixels]
    code = """
    const { told, arrays, asked } = given;
    const known = new Map(Object.entries(arrays).map(([name, held]) => [told[name], held]));
    const atlas = new Atlas(told, { of: (ref) => known.get(ref) });
    const say = (at) => [atlas.command(at), atlas.settings(at), atlas.sentence(at),
      atlas.onBorder(at), atlas.command(at, "studio")];
    return asked.map(say);
    """
    said = run(ATLAS + code, {"told": read.told, "arrays": arrays, "asked": asked}, file.parent)
    for at, told in zip(pixels, said, strict=True):
        i, j = at[0], SIZE[1] - 1 - at[1]
        films_it, settings, sentence, on_border, opens_it = told
        assert films_it == films(done, file, at)
        assert opens_it == films(done, file, at, "studio")
        assert shlex.split(films_it)[2] == str(file)
        values = [float(line.split(" ")[1]) for line in settings.split("\n")]
        assert values == pytest.approx(list(done.plan.pixels.settings(i, j).values()), rel=1e-5)
        assert sentence.startswith("Converges" if done.converges[j, i] else "Diverges")
        near = done.converges[max(j - 1, 0) : j + 2, max(i - 1, 0) : i + 2]
        assert on_border == (near != done.converges[j, i]).any()
    assert [each[3] for each in said][2:] == [True, False]


@pytest.mark.slow
def test_what_is_said_of_an_event_is_its_epoch(tmp_path: Path) -> None:
    """Or that it never happens; nothing where none is looked for."""
    code = """
    const arrays = { of: (ref) => ref };
    const told = { size: [2, 1], event: "accuracy 0.9", epochs: [12, NaN] };
    const atlas = new Atlas(told, arrays);
    const none = new Atlas({ size: [2, 1], event: "", epochs: null }, arrays);
    return [atlas.moment([0, 0]), atlas.moment([1, 0]), none.moment([0, 0])];
    """

    said = run(ATLAS + code, None, tmp_path)
    assert said == ["accuracy 0.9: in epoch 12.", "accuracy 0.9: never.", ""]


def test_a_page_of_too_many_is_refused() -> None:
    """Before anything is trained."""
    check_page((1024, 1024))
    with pytest.raises(UsageError, match=f"at most {MOST:,}, as -r 1024x1024"):
        check_page((1025, 1024))


@pytest.mark.slow
def test_the_command_makes_a_page(
    tmp_path: Path, nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """But no bare one."""
    path, file = tmp_path / "map.html", tmp_path / "rates.py"
    file.write_text(FILE)
    axes = "--x", "lr1=log:0.01:1000", "--y", "lr2=log:0.01:1000", "-r", "24x20", "-o", path

    code, out, err = nnanim("map", file, *axes, "--bare")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert not path.exists()
    code, out, _ = nnanim("map", file, *axes)
    assert (code, out.strip()) == (0, str(path))
    assert Page.of(path.read_bytes()).told["size"] == [24, 20]


@pytest.mark.slow
@pytest.mark.pages
@pytest.mark.parametrize("way", WAYS)
def test_a_page_asks_for_nothing_and_text_stays_text(browser: Any, page: Path, way: str) -> None:
    """From a file and in a sandboxed frame."""
    with opened(browser, page, way) as seen:
        assert [url for url in seen.requests if not url.startswith(("file:", "about:"))] == []
        assert seen.errors == []
        assert seen.run("() => window.harmed") is None
        assert seen.frame.locator("img").count() == 0
        assert seen.frame.locator("h1").inner_text() == TITLE


def point_at(seen: Any, at: tuple[int, int], *, press: bool = False) -> None:
    """Bring the pointer to the middle of a pixel."""
    box = seen.frame.locator(".map").bounding_box()
    x = box["x"] + (at[0] + 0.5) / SIZE[0] * box["width"]
    y = box["y"] + (at[1] + 0.5) / SIZE[1] * box["height"]
    seen.tab.mouse.move(x, y)
    if press:
        seen.tab.mouse.click(x, y)


def told_of(seen: Any) -> tuple[str, str]:
    """Return which pixel is told of, and the command that films it."""
    pixel: str = seen.run("() => document.getElementById('nnanim').dataset.pixel")
    return pixel, seen.frame.locator(".command").inner_text()


@pytest.mark.slow
@pytest.mark.pages
@pytest.mark.parametrize("way", WAYS)
def test_pointer_and_keys_lead_to_pixels(
    browser: Any, page: Path, done: Map, file: Path, way: str
) -> None:
    """Pointing tells of one, a click holds it, arrows go on from it, Escape lets it go."""
    with opened(browser, page, way) as seen:
        point_at(seen, (5, 6))
        assert comes(lambda: told_of(seen) == ("5,6", films(done, file, (5, 6))))
        border = border_of(done)
        point_at(seen, border, press=True)
        assert comes(lambda: told_of(seen)[0] == f"{border[0]},{border[1]}")
        assert "On the border" in seen.frame.locator(".told").inner_text()
        point_at(seen, (5, 6))
        assert comes(lambda: told_of(seen)[1] == films(done, file, border))

        frame = seen.frame.locator(".atlas")
        for key in ("ArrowRight", "ArrowDown", "Shift+ArrowUp"):
            frame.press(key)
        end = border[0] + 1, max(border[1] + 1 - 10, 0)
        assert told_of(seen) == (f"{end[0]},{end[1]}", films(done, file, end))
        frame.press("Escape")
        point_at(seen, (8, 9))
        assert comes(lambda: told_of(seen)[0] == "8,9")


@pytest.mark.slow
@pytest.mark.pages
def test_the_command_can_be_copied(browser: Any, page: Path, done: Map, file: Path) -> None:
    """Into the clipboard, as it is shown."""
    allowed = ["clipboard-read", "clipboard-write"]
    with opened(browser, page, permissions=allowed) as seen:
        seen.run("location.hash = 'pixel=7,3'")
        assert comes(lambda: told_of(seen)[0] == "7,3")
        seen.frame.get_by_role("button", name="Copy").first.click()
        assert comes(lambda: seen.frame.locator(".copy").first.inner_text() == "Copied")
        assert seen.run("() => navigator.clipboard.readText()") == films(done, file, (7, 3))
        seen.frame.locator(".live button").click()
        assert comes(lambda: seen.frame.locator(".live button").inner_text() == "Copied")
        opens = seen.run("() => navigator.clipboard.readText()")
        assert opens == films(done, file, (7, 3), "studio")


@pytest.mark.slow
@pytest.mark.pages
def test_in_a_frame_the_command_is_at_least_selected(
    browser: Any, page: Path, done: Map, file: Path
) -> None:
    """A frame may not write into the clipboard by itself."""
    with opened(browser, page, "frame") as seen:
        point_at(seen, (7, 3), press=True)
        seen.frame.get_by_role("button", name="Copy").first.click()
        words = ("Copied", "Selected: press Ctrl+C")
        assert comes(lambda: seen.frame.locator(".copy").first.inner_text() in words)
        if seen.frame.locator(".copy").first.inner_text() != "Copied":
            assert seen.run("() => getSelection().toString()") == films(done, file, (7, 3))


@pytest.mark.slow
@pytest.mark.pages
@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
def test_axe_finds_nothing_to_mend_in_a_map(
    browser: Any, page: Path, size: tuple[int, int]
) -> None:
    """Names, roles, order and contrast, on a screen and on a phone."""
    with opened(browser, page, size=size) as seen:
        assert to_mend(seen.run) == []
        wide = seen.run("() => document.documentElement.scrollWidth")
        assert wide <= size[0]


@pytest.mark.slow
@pytest.mark.pages
def test_without_a_script_the_map_is_shown(browser: Any, page: Path) -> None:
    """With its axes and what its shades mean."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert tab.locator("svg .map").is_visible()
    assert tab.get_by_role("img", name="lr1 →").count() == 1
    context.close()
