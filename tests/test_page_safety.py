"""Pages that mean harm, or are shown where they may do little: what is text stays text."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nnanim import Scene, Timeline, acts, datasets, models, record, render, views
from tests.browsing import WAYS, opened
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


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that a frame shows."""
    page = tmp_path_factory.mktemp("page") / "page.html"
    render(record(saying("Rings")), page, size=(640, 360), seconds=1)
    return page


# The scripts of a page: what each holds, but of what differs from film to film only that it is.
SCRIPTS = """() => Array.from(document.querySelectorAll('script'), (script) =>
  ['contents', 'arrays'].includes(script.id) ? script.id : script.id + script.text)"""


@pytest.fixture(scope="module")
def scripts(browser: Any, harmless: Path) -> dict[str, list[str]]:
    """The scripts of a page that says nothing hostile, by how it is opened."""
    found = {}
    for way in WAYS:
        with opened(browser, harmless, way, reduced_motion="reduce") as seen:
            found[way] = seen.run(SCRIPTS)
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_in_a_browser(
    browser: Any, tmp_path: Path, scripts: dict[str, list[str]], text: str
) -> None:
    """As title, caption, chapter, class, axis, data set and file name, from a file and a frame."""
    name = text.replace("/", "∕").encode()[:120].decode(errors="ignore")
    page = tmp_path / f"{name}.html"
    render(record(saying(text)), page, size=(960, 540), seconds=1)

    for way in WAYS:
        with opened(browser, page, way, size=(960, 640), reduced_motion="reduce") as seen:
            assert seen.frame.locator("h1").text_content() == " ".join(text.split())
            assert seen.run("window.harmed") is None
            assert seen.run(SCRIPTS) == scripts[way]
            outside = (
                "img, iframe, object, form, base, link, video, details, math, a, body [onload]"
            )
            assert seen.frame.locator(outside).count() == 0
            assert seen.frame.locator("#nnanim").is_visible()
            assert seen.errors == []
            assert len(seen.requests) <= len(WAYS)


# What a page's own policy bars, by the part of it that says so.
BARRED = {
    "fetch('https://example.com')": "connect-src",
    "navigator.sendBeacon('https://example.com', 'a')": "connect-src",
    "meets(new WebSocket('wss://example.com'))": "connect-src",
    "meets(new EventSource('https://example.com'))": "connect-src",
    "meets(Object.assign(new Image(), {src: 'https://example.com/a.png'}))": "img-src",
    "meets(new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))))": "worker-src",
    "eval('1 + 1')": "script-src",
    "new Function('return 1')()": "script-src",
    "WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))": "script-src",
    "import('data:text/javascript,export default 1')": "script-src-elem",
    "put('script', {text: 'window.ran = 1'})": "script-src-elem",
    "put('a', {href: 'javascript:window.ran = 1'}).click()": "script-src-elem",
    "put('button', {}, {onclick: 'window.ran = 1'}).click()": "script-src-attr",
    "put('style', {textContent: 'body {display: none}'})": "style-src-elem",
    "put('link', {rel: 'stylesheet', href: 'https://example.com/a.css'})": "style-src-elem",
    "put('iframe', {src: 'https://example.com'})": "frame-src",
    "put('video', {src: 'https://example.com/a.mp4'})": "media-src",
    "put('object', {data: 'https://example.com'})": "object-src",
    "put('base', {href: 'https://example.com'})": "base-uri",
}
# What a frame bars beside that, by what it says.
SHUT = {
    "top.location = 'https://example.com'": "SecurityError",
    "top.location.replace('https://example.com')": "SecurityError",
    "top.history.back()": "SecurityError",
    "parent.document.title": "SecurityError",
    "document.cookie = 'a=b'": "SecurityError",
    "localStorage.setItem('a', 'b')": "SecurityError",
    "indexedDB.open('a')": "SecurityError",
    "caches.keys()": "SecurityError",
    "navigator.serviceWorker.register('a.js')": "SecurityError",
    "navigator.clipboard.readText()": "NotAllowedError",
    "window.open('https://example.com').name": "TypeError",  # there is no window
}
# Tells which parts of the policy barred a script, or what it met. What the driver runs itself may
# do more, so a timer runs it.
TRIED = """script => new Promise((told) => setTimeout(async () => {
  const barred = new Set();
  document.addEventListener('securitypolicyviolation', (e) => barred.add(e.effectiveDirective));
  const meets = (it) => new Promise((done) => {
    it.onerror = it.onload = it.onopen = it.onmessage = done;
  });
  const put = (name, given, attributes = {}) => {
    const it = Object.assign(document.createElement(name), given);
    for (const [key, value] of Object.entries(attributes)) it.setAttribute(key, value);
    document.body.append(it);
    return it;
  };
  let met = 'nothing';
  try { await (%s) } catch (error) { met = error.name }
  const most = met === 'nothing' ? 100 : 30; // what the policy says comes a little later
  for (let k = 0; k < most && !barred.size && met !== 'SecurityError'; k++) {
    await new Promise((done) => setTimeout(done, 50));
  }
  told(window.ran ? 'ran' : [...barred].join() || met);
}))"""


@pytest.mark.parametrize("way", WAYS)
def test_a_page_cannot_do_more_than_it_needs(browser: Any, harmless: Path, way: str) -> None:
    """Requests, code from text, WebAssembly, workers and frames are refused by its policy."""
    with opened(browser, harmless, way, reduced_motion="reduce") as seen:
        assert {script: seen.run(TRIED % script, None) for script in BARRED} == BARRED


def test_nothing_leaves_the_frame(browser: Any, harmless: Path) -> None:
    """Not even a script in the page reaches another page, or what the reader keeps."""
    with opened(browser, harmless, "frame", reduced_motion="reduce") as seen:
        place = seen.tab.url
        assert {script: seen.run(TRIED % script, None) for script in SHUT} == SHUT
        seen.tab.wait_for_timeout(200)
        assert seen.tab.url == place
        assert len(seen.tab.context.pages) == 1


@pytest.mark.parametrize("way", WAYS)
def test_only_a_click_gives_the_reader_a_file(browser: Any, harmless: Path, way: str) -> None:
    """However keys and wheels are used, nothing is asked for, opened, copied or saved."""
    with opened(browser, harmless, way) as seen:
        left: list[Any] = []
        for event in ("download", "popup", "dialog", "filechooser"):
            seen.tab.on(event, lambda it: left.append(it))
        before = len(seen.requests)
        for key in ("Tab", "Space", "Enter", "ArrowRight", "End", "Escape", "a", "F2") * 3:
            if seen.run("document.activeElement.matches('.save')") and key in ("Space", "Enter"):
                continue
            seen.tab.keyboard.press(key)
        seen.tab.mouse.move(300, 200)
        seen.tab.mouse.wheel(0, 300)
        assert (left, len(seen.requests) - before) == ([], 0)
        seen.frame.get_by_role("button", name="Save the picture").focus()
        with seen.tab.expect_download():
            seen.tab.keyboard.press("Enter")
        assert seen.errors == []
