"""Films as a browser plays them: from one small scene, in a page, to their ends."""

import json
import shutil
import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest

from nnanim import Film, Timeline, render
from nnanim.themes import theme_from
from tests.recordings import rings_film

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FPS, SECONDS, SIZE = 20, 1.5, (320, 180)
COUNT = round(FPS * SECONDS)

# Plays each film to its end, takes the picture there, and sends home what it saw.
PAGE = """<!doctype html><meta charset="utf-8">
<style>body { background: #777; margin: 8px } video, img { margin: 4px }</style>
<video src="film.mp4" muted></video><video src="film.webm" muted></video>
<img src="film.webp"><img src="film.apng"><img src="film.gif">
<script>
const wait = (it, name) => new Promise((done, fail) => {
  it.addEventListener(name, done, {once: true});
  it.addEventListener('error', () => fail(String(it.error && it.error.message)), {once: true});
});
const pixel = (picture, width, height) => {
  const canvas = new OffscreenCanvas(width, height), to = canvas.getContext('2d');
  to.drawImage(picture, 0, 0);
  return Array.from(to.getImageData(4, 4, 1, 1).data);
};
async function video(name) {
  const it = document.querySelector(`video[src="${name}"]`);
  const ended = wait(it, 'ended');
  await it.play();
  await ended;
  const size = [it.videoWidth, it.videoHeight];
  const frames = it.getVideoPlaybackQuality().totalVideoFrames;
  return {size, duration: it.duration, frames, pixel: pixel(it, ...size)};
}
async function picture(name, type) {
  const it = document.querySelector(`img[src="${name}"]`);
  await it.decode();
  const data = await (await fetch(name)).arrayBuffer();
  const decoder = new ImageDecoder({data, type});
  await decoder.tracks.ready;
  await decoder.completed;
  const count = decoder.tracks.selectedTrack.frameCount;
  let duration = 0, last;
  for (let frameIndex = 0; frameIndex < count; frameIndex++) {
    last = (await decoder.decode({frameIndex})).image;
    duration += last.duration / 1e6;
  }
  const size = [it.naturalWidth, it.naturalHeight];
  const loops = decoder.tracks.selectedTrack.repetitionCount === Infinity;
  return {size, duration, frames: count, loops, pixel: pixel(last, ...size)};
}
async function all() {
  const told = {};
  const tasks = {
    'film.mp4': video, 'film.webm': video,
    'film.webp': n => picture(n, 'image/webp'), 'film.apng': n => picture(n, 'image/png'),
    'film.gif': n => picture(n, 'image/gif'),
  };
  for (const [name, task] of Object.entries(tasks)) {
    try { told[name] = await task(name); } catch (error) { told[name] = {error: String(error)}; }
  }
  await fetch('told', {method: 'POST', body: JSON.stringify(told)});
}
all();
</script>"""


class Page(SimpleHTTPRequestHandler):
    """Serves a folder and takes what its page sends home."""

    def __init__(self, told: "Queue[dict[str, Any]]", *given: Any, **more: Any) -> None:
        self._told = told
        super().__init__(*given, **more)

    def do_POST(self) -> None:
        """Take what was seen."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self._told.put(json.loads(body))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the server's word
        """Say nothing."""


def seen_by_browser(folder: Path) -> dict[str, Any]:
    """Return what the page in `folder` sends home."""
    assert BROWSER is not None
    told: Queue[dict[str, Any]] = Queue()
    page = partial(Page, told, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), page)
    Thread(target=server.serve_forever, daemon=True).start()
    command = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio"]
    command += ["--autoplay-policy=no-user-gesture-required", "--no-first-run"]
    command += [f"--user-data-dir={folder / 'profile'}"]
    address = f"http://127.0.0.1:{server.server_address[1]}/page.html"
    browser = subprocess.Popen(
        [*command, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        return told.get(timeout=90)
    except Empty:
        pytest.fail("the browser told nothing")
    finally:
        browser.kill()
        browser.wait()
        server.shutdown()
        server.server_close()


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine")
@pytest.mark.parametrize("theme", ["light", "transparent"])
def test_a_browser_plays_every_film_to_its_end(theme: str, tmp_path: Path) -> None:
    """Size, length, number of frames, and the colour of the ground there, or none."""
    names = ["webm", "webp", "apng", "gif", *(["mp4"] if theme == "light" else [])]
    for name in names:
        render(
            rings_film().recording,
            tmp_path / f"film.{name}",
            size=SIZE,
            fps=FPS,
            seconds=SECONDS,
            theme=theme,
        )
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")

    told = seen_by_browser(tmp_path)

    film = Film(rings_film().recording, timeline=Timeline(seconds=SECONDS, fps=FPS))
    moments = {film.moment(i / FPS) for i in range(COUNT)}
    ground = [round(255 * channel) for channel in theme_from(theme).rgba("ground")]
    for name in names:
        seen = told[f"film.{name}"]
        assert "error" not in seen, seen
        assert seen["size"] == list(SIZE)
        assert seen["duration"] == pytest.approx(SECONDS, abs=0.002)
        if name != "webp":
            assert COUNT - 1 <= seen["frames"] <= COUNT  # a player may drop one as it starts
        else:
            assert len(moments) <= seen["frames"] <= COUNT  # holds are long frames there
        assert seen.get("loops", True)
        expected = [*ground[:3], 255] if theme == "light" else [0, 0, 0, 0]
        assert max(abs(a - b) for a, b in zip(seen["pixel"], expected, strict=True)) <= 3
