"""A page beside what `to_jshtml` of matplotlib makes of the same film: size, time, speed.

    python benchmarks/page.py [SCENE …] [--frames 240]

Both are opened in the system's Chromium, headless, one after the other: the time to the first
picture, and how many pictures a second can be asked for one by one. Needs the group `pages`.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure

from nnanim.film.film import Film
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.rendering.pages import PAGE, page_from
from nnanim.rendering.subject import look_for
from nnanim.scene.files import declared
from nnanim.scene.finding import scene_file
from tests.browsing import chromium

SIZE = (1280, 720)
LOOKS = 60  # pictures that are asked for
SEEK = """async (count) => {
  const begin = performance.now();
  for (let i = 0; i < count; i++) {
    ASK
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  return count / (performance.now() - begin) * 1000;
}"""
ASK = {
    "page": "location.hash = `t=${(12 * i / count).toFixed(3)}`;",
    "to_jshtml": "const it = document.querySelector('input[type=range]'); "
    "it.value = Math.round(it.max * i / count); it.dispatchEvent(new Event('input'));",
}
SHOWN = {
    "page": "#nnanim[data-ready]",
    "to_jshtml": ".anim-state",
}


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


MAKERS: dict[str, Callable[[Film, int], bytes]] = {"page": made_page, "to_jshtml": made_jshtml}


def measured(name: str, content: bytes, browser: Any) -> tuple[float, float]:
    """Return milliseconds to the first picture, and pictures a second while scrubbing."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "film.html"
        file.write_bytes(content)
        tab = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1] + 90})
        begin = time.perf_counter()
        tab.goto(file.as_uri())
        tab.wait_for_selector(SHOWN[name], state="attached")
        first = 1000 * (time.perf_counter() - begin)
        tab.keyboard.press(" ")
        rate = tab.evaluate(SEEK.replace("ASK", ASK[name]), LOOKS)
        tab.close()
        return first, float(rate)


def main() -> None:
    """Print a line for each scene and each way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scenes", nargs="*", default=["scenes/rings_2_2.py", "scenes/rings_3_2.py"])
    parser.add_argument("--frames", type=int, default=240)
    asked = parser.parse_args()
    print("| scene | | MB | made in s | first picture ms | pictures a second |")
    print("|---|---|---|---|---|---|")
    with chromium() as browser:
        for name in asked.scenes:
            file = scene_file(Path(name))
            scene = declared(file)
            film = film_of(scene, look=look_for(scene, PAGE.size, None, False))
            for way, make in MAKERS.items():
                begin = time.perf_counter()
                content = make(film, asked.frames)
                took = time.perf_counter() - begin
                first, rate = measured(way, content, browser)
                print(
                    f"| {file.stem} | {way} | {len(content) / 1e6:.2f} | {took:.1f} | "
                    f"{first:.0f} | {rate:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
