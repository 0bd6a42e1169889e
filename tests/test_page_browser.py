"""Pages in a browser: what they show, what they ask for, what the reader can do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nnanim import Film
from tests.browsing import WAYS, chromium, opened
from tests.pages import made
from tests.recordings import rings_film

pytestmark = [pytest.mark.slow, pytest.mark.pages]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all tests here."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def rings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small scene."""
    return written(rings_film(), tmp_path_factory.mktemp("rings"))


def written(film: Film, folder: Path, **asked: Any) -> Path:
    """Return a film's page in a folder."""
    page = folder / "page.html"
    page.write_bytes(made(film, **asked).content)
    return page


@pytest.mark.parametrize("way", WAYS)
def test_a_page_asks_for_nothing(browser: Any, rings: Path, way: str) -> None:
    """Opened from a file, or in a frame of a notebook, it makes no request and no error."""
    with opened(browser, rings, way) as seen:
        assert [url for url in seen.requests if not url.startswith(("file:", "about:"))] == []
        assert len(seen.requests) <= 2
        assert seen.errors == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "script",
    [
        "fetch('https://example.com')",
        "eval('1 + 1')",
        "new Function('return 1')()",
        "WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))",
        "new Promise((done, fail) => { const worker = new Worker(URL.createObjectURL("
        "new Blob(['postMessage(1)']))); worker.onmessage = done; worker.onerror = fail; })",
        "new Promise((done, fail) => { const it = new Image(); it.onload = done; it.onerror = fail;"
        " it.src = 'https://example.com/a.png'; })",
    ],
)
def test_a_page_cannot_do_more_than_it_needs(
    browser: Any, rings: Path, way: str, script: str
) -> None:
    """Requests, code from text, WebAssembly and workers are refused by its policy."""
    with opened(browser, rings, way) as seen:
        # What the driver runs itself may do more, so a timer runs it.
        outcome = seen.run(
            "() => new Promise((told) => setTimeout(async () => { "
            f"try {{ await ({script}); told('done') }} catch (error) {{ told('refused') }} }}))"
        )
        assert outcome == "refused"
