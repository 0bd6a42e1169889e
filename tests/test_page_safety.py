"""Pages that mean harm, or are shown where they may do little: what is text stays text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nnanim import Scene, Timeline, acts, datasets, models, record, render, views
from tests.browsing import WAYS, chromium, opened
from tests.recordings import RINGS

pytestmark = [pytest.mark.slow, pytest.mark.pages]

RUN = "window.harmed=1"
# What has run in pages that took text for more: elements, attributes, addresses, templates.
HOSTILE = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</SCRIPT ><script>{RUN}</script>",
    f"<!--<script>{RUN}</script>",
    f"--><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</svg><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<img/src=x/onerror={RUN}>",
    f'"><img src=x onerror="{RUN}">',
    f"'><img src=x onerror='{RUN}'>",
    f'" onfocus="{RUN}" autofocus tabindex=0 x="',
    f"' onmouseover='{RUN}' x='",
    f"` onmouseover=`{RUN}`",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><set onbegin={RUN} attributeName=x>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<input autofocus onfocus={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src='javascript:parent.{RUN}'></iframe>",
    f"<object data='javascript:{RUN}'></object>",
    f"<a href='javascript:{RUN}'>press</a>",
    "<base href='https://example.com/'>",
    "<meta http-equiv=refresh content='0;url=https://example.com'>",
    "<link rel=stylesheet href='https://example.com/a.css'>",
    "<form action='https://example.com'><button autofocus>press</button></form>",
    "<style>#nnanim{display:none}</style>",
    "url(javascript:alert(1)) expression(alert(1))",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"${{{RUN}}} {{{{{RUN}}}}} %7B",
    f"\u2028{RUN}\u2029\ufeff<\u200bscript>{RUN}",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all tests here."""
    with chromium() as found:
        yield found


def saying(text: str) -> Scene:
    """Return a scene that says `text` wherever it can say anything."""
    return replace(
        RINGS,
        dataset=datasets.rings(60, class_names=(text, f"{text} 2"), axis_names=(text, f"{text} 2")),
        model=models.mlp(2, 2, 1, output="sigmoid"),
        training=replace(RINGS.training, epochs=1),
        views=[views.InputSpace(), views.HiddenSpace()],
        title=text,
        description=text,
        timeline=Timeline(seconds=1, fps=4, acts=[acts.Train(caption=text, chapter=text)]),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_in_a_browser(browser: Any, tmp_path: Path, text: str) -> None:
    """As title, caption, chapter, class, axis, data set and file name, from a file and a frame."""
    name = text.replace("/", "∕").encode()[:120].decode(errors="ignore")
    page = tmp_path / f"{name}.html"
    render(record(saying(text)), page, size=(960, 540), seconds=1)

    for way in WAYS:
        with opened(browser, page, way, size=(960, 640), reduced_motion="reduce") as seen:
            assert seen.frame.locator("h1").text_content() == " ".join(text.split())
            assert seen.run("window.harmed") is None
            assert seen.frame.locator("script").count() == 3
            outside = "img, iframe, object, form, base, link, video, details, math, a, body [onload]"
            assert seen.frame.locator(outside).count() == 0
            assert seen.frame.locator("#nnanim").is_visible()
            assert seen.errors == []
            assert len(seen.requests) <= len(WAYS)
