"""Opens pages in Chromium, from a file or in the sandboxed frame of a notebook."""

import html
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest
from numpy.typing import NDArray

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--force-color-profile=srgb",
    "--disable-dev-shm-usage",
    # A frame in a process of its own begins before the driver has told it of reduced motion.
    "--disable-site-isolation-trials",
]
AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"  # by npm ci
WAYS = ("file", "frame")  # how a page is opened
READY = "#nnanim[data-ready]"


def expect_browser() -> None:
    """Skip a test where there is no browser to test in; one that CI has must be driven."""
    if BROWSER is None:
        pytest.skip("there is no Chromium on this machine")
    if not os.environ.get("CI"):
        pytest.importorskip("playwright", reason="playwright drives it: pip install --group pages")


@dataclass
class Seen:
    """A page in a browser: the frame it is in, what it asked for, and what went wrong."""

    tab: Any
    frame: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def run(self, script: str, *given: Any) -> Any:
        """Return what a script gives that runs in the page."""
        return self.frame.evaluate(script, *given)


def to_mend(run: Callable[[str], Any]) -> list[tuple[str, str]]:
    """Return what axe-core finds to mend in a page, and where; `run` runs a script in it."""
    run(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")  # a script tag is refused
    found = run("() => axe.run()")
    assert len(found["passes"]) > 10
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]]


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a browser without a window."""
    expect_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def framed(page: Path) -> Path:
    """Return a page that shows another in the sandboxed frame of a notebook."""
    place = page.with_name(f"{page.name}.frame.html")
    text = html.escape(page.read_text(encoding="utf-8"))
    place.write_text(
        '<!doctype html><meta charset="utf-8"><style>body{margin:0}iframe{border:0;display:block;'
        "width:100vw;height:100vh}</style>"
        f'<iframe sandbox="allow-scripts allow-downloads" srcdoc="{text}"></iframe>',
        encoding="utf-8",
    )
    return place


@contextmanager
def opened(
    browser: Any, page: Path, way: str = "file", size: tuple[int, int] = (1280, 800), **more: Any
) -> Iterator[Seen]:
    """Give a page that has drawn its first picture."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
    try:
        tab = context.new_page()
        seen = Seen(tab, tab)
        tab.on("request", lambda request: seen.requests.append(request.url))
        tab.on("pageerror", lambda error: seen.errors.append(str(error)))
        tab.on("console", lambda told: seen.errors.extend([told.text] * (told.type == "error")))
        tab.goto((framed(page) if way == "frame" else page).as_uri())
        if way == "frame":
            seen.frame = tab.frames[1]
        seen.frame.wait_for_selector(READY, state="attached", timeout=60_000)
        yield seen
    finally:
        context.close()


def rest(seen: Seen) -> None:
    """Wait until the picture is that of the last thing done, with all of its points."""
    seen.run(
        "() => new Promise((done) => { "
        "const drawn = (next) => requestAnimationFrame(() => requestAnimationFrame(next)); "
        "const look = () => document.getElementById('nnanim').dataset.shown === 'thinned' "
        "? setTimeout(look, 20) : drawn(done); "
        "drawn(look) })"
    )


def picture(seen: Seen) -> bytes:
    """Return what is shown of the film, as a PNG, with the pointer beside it."""
    seen.tab.mouse.move(2, 2)
    rest(seen)
    shot: bytes = seen.frame.locator(".stage").screenshot()
    return shot


def picture_at(seen: Seen, t: float, said: str = "") -> NDArray[np.uint8]:
    """Return the picture (height, width, 3) that a page shows at `t` seconds.

    The address leads there, by that time or by what else is `said` in it.
    """
    seen.run(
        "([said, t]) => new Promise((done) => { location.hash = said; "
        "const look = () => Math.abs(document.getElementById('nnanim').dataset.shown - t) < 1e-3 "
        "? requestAnimationFrame(() => requestAnimationFrame(done)) : setTimeout(look, 20); "
        "setTimeout(look, 50) })",
        [said or f"t={t}", t],
    )
    shot = seen.frame.locator(".stage").screenshot()
    return np.asarray(iio.imread(shot, extension=".png"))[..., :3]
