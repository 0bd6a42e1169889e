"""A page beside what matplotlib's `to_jshtml`, a Plotly animation and Bokeh make of the same film.

    python benchmarks/page.py [SCENE …] [--frames 240] [--points 4000,40000] [--ways page,bokeh]

All are opened in the system's Chromium, headless, without a GPU, one after the other: the time to
the first picture from the navigation on, how many pictures a second it shows while it is scrubbed,
at most the screen's 60, and the CPU time of the page's main thread for each of them. Needs the
groups `pages` and `benchmarks`; a peer that is not installed is left out, and said to be.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure

from benchmarks.interactive import bokeh_page, plotly_page
from nnanim.film.film import Film
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.rendering.pages import PAGE, page_from
from nnanim.rendering.subject import look_for
from nnanim.scene.addresses import with_values
from nnanim.scene.files import declared
from nnanim.scene.finding import scene_file
from tests.browsing import chromium

SIZE = (1280, 720)
LOOKS = 60  # pictures that are asked for
GOALS = (
    "goals of a page: a tenth of to_jshtml's size, made in 3 s, first picture after 500 ms, 30 "
    "pictures a second at 4,000 points and 15 at 40,000"
)
SEEK = """async (count) => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const begin = performance.now();
  for (let i = 0; i < count; i++) {
    const k = (7 * i) % count;
    ASK
    await painted();
  }
  return count / (performance.now() - begin) * 1000;
}"""
ASK = {
    "page": "location.hash = `t=${(12 * k / count).toFixed(3)}`;",
    "to_jshtml": "const it = document.querySelector('input[type=range]'); "
    "it.value = Math.round(it.max * k / count); it.dispatchEvent(new Event('input')); "
    "await document.querySelector('img').decode();",
    "plotly": "const it = document.querySelector('.js-plotly-plot'); "
    "await Plotly.animate(it, [String(Math.round(FRAMES * k / count))], "
    "{mode: 'immediate', frame: {duration: 0, redraw: false}, transition: {duration: 0}});",
    "bokeh": "const it = Bokeh.documents[0].get_model_by_name('frame'); "
    "it.value = Math.round(FRAMES * k / count);",
}
SHOWN = {
    "page": "#nnanim[data-ready]",
    "to_jshtml": ".anim-state",
    "plotly": ".js-plotly-plot .gl-canvas, .js-plotly-plot .main-svg",
    "bokeh": ".bk-Column, .bk-root, [data-root-id] *",
}
FIRST = """const look = () => document.querySelector(%r)
  ? requestAnimationFrame(() => { window.shownAt = performance.now(); })
  : requestAnimationFrame(look);
look();"""


def made_page(film: Film, frames: int) -> bytes:
    """Return the page of a film, of all its frames."""
    del frames
    look = look_for(film.recording, SIZE, None, False)
    return page_from(film, look, film.timeline.times).content


def made_jshtml(film: Film, frames: int) -> bytes:
    """Return what matplotlib makes of so many of its frames."""
    draw = renderer_of(film, look_for(film.recording, SIZE, None, False))
    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100)
    image = figure.figimage(draw.frame(0.0))
    seconds = film.timeline.seconds

    def update(frame: int) -> list[Any]:
        image.set_data(draw.frame(seconds * frame / (frames - 1)))
        return [image]

    with mpl.rc_context({"animation.embed_limit": 1000.0}):
        animation = FuncAnimation(figure, update, frames, blit=False)
        return str(animation.to_jshtml(fps=round(frames / seconds))).encode()


MAKERS: dict[str, Callable[[Film, int], bytes]] = {
    "page": made_page,
    "to_jshtml": made_jshtml,
    "plotly": plotly_page,
    "bokeh": bokeh_page,
}


def measured(name: str, content: bytes, browser: Any, frames: int) -> tuple[float, float, float]:
    """Return ms to the first picture, pictures a second while scrubbing, and CPU ms of each."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "film.html"
        file.write_bytes(content)
        tab = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1] + 90})
        tab.set_default_timeout(300_000)
        tab.add_init_script(FIRST % SHOWN[name])
        tab.goto(file.as_uri())
        while not (first := tab.evaluate("window.shownAt")):
            tab.wait_for_timeout(50)
        tab.keyboard.press(" ")
        clock = tab.context.new_cdp_session(tab)
        clock.send("Performance.enable", {"timeDomain": "threadTicks"})
        seek = SEEK.replace("ASK", ASK[name]).replace("FRAMES", str(frames - 1))
        tab.evaluate(seek, 6)  # what is compiled on its first use
        before = _busy(clock)
        rate = tab.evaluate(seek, LOOKS)
        busy = _busy(clock) - before
        tab.close()
        return float(first), float(rate), 1000 * busy / LOOKS


def _busy(clock: Any) -> float:
    """Return for how many seconds of CPU time the page's main thread has worked."""
    metrics = {
        each["name"]: each["value"] for each in clock.send("Performance.getMetrics")["metrics"]
    }
    return float(metrics["TaskDuration"])


def main() -> None:
    """Print a line for each scene and each way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scenes", nargs="*", default=["scenes/rings_2_2.py", "scenes/rings_3_2.py"])
    parser.add_argument("--frames", type=int, default=240)
    parser.add_argument("--points", default="4000,40000")
    parser.add_argument("--ways", default=",".join(MAKERS))
    asked = parser.parse_args()
    ways = [way for way in asked.ways.split(",") if way in ("page", "to_jshtml") or find_spec(way)]
    for way in set(asked.ways.split(",")) - set(ways):
        print(f"{way} is left out: it comes with pip install --group benchmarks")
    print(f"{GOALS}; Chromium without a GPU")
    print(
        "| scene | points | | MB | made in s (CPU) | first ms | pictures a s | CPU ms a picture |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with chromium() as browser:
        for name in asked.scenes:
            for points in map(int, asked.points.split(",")):
                file = scene_file(Path(name))
                scene = with_values(declared(file), {"dataset.n": points})
                film = film_of(scene, look=look_for(scene, PAGE.size, None, False))
                for way in ways:
                    begin, cpu = time.perf_counter(), time.process_time()
                    content = MAKERS[way](film, asked.frames)
                    took, cpu = time.perf_counter() - begin, time.process_time() - cpu
                    first, rate, busy = measured(way, content, browser, asked.frames)
                    print(
                        f"| {file.stem} | {points:,} | {way} | {len(content) / 1e6:.2f} | "
                        f"{took:.1f} ({cpu:.1f}) | {first:.0f} | {rate:.0f} | {busy:.1f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
