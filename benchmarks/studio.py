"""The studio in headless Chromium: from the change of a knob to the picture, and from a saved file.

    python benchmarks/studio.py [--quick]

The scene is rings: 4,000 points, 60 epochs, widths from 1 to 8. A move turns one of its three
knobs to a value by chance; it takes until the frame of the screen after the one that has drawn.
Then a thousand moves come in bursts, a frame apart, none of which waits for a picture: none may be
of an older setting than one before it, and each is to be of the setting that it says. What the
studio's processes and the page's script hold is taken before and after those, both times at the
settings of the scene and from after a hundred moves: of the script, all values and their arrays
after two collections of garbage, without what Chromium compiles of it, which grows while it finds
out what is often run. "saved": from the
end of writing the scene's file to the picture. Beside that what a notebook's cell takes, which
trains the same network by torch's DataLoader and draws one picture, in a kernel that has all
loaded, and `nnanim still` with another width each time. Needs the groups `dev` and `pages`, and
Linux for the memory. `--quick` makes few of each.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from tests.browsing import chromium
from tests.studios import Running, started, trained

ROOT = Path(__file__).parents[1]
MOVES, MORE, SAVES, RESTARTS = 200, 1000, 20, 3
WARM = 100  # moves before memory is looked at
QUICK = (20, 100, 3, 1)
BURST = 5
WIDTHS = range(1, 9)
PAUSE = 400.0  # milliseconds between a picture and the next move, at most
BROWSERS = ("code", "native")  # what a browser has of a page beside its script's values
LONG = 120_000  # milliseconds that a machine with much else to do may take
SIZE = {"width": 1580, "height": 900}

WATCH = """() => {
  const root = document.getElementById("nnanim");
  const heading = () => root.querySelector("h1").textContent;
  const drawn = () => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))));
  const seen = [];
  const waiting = [];
  new MutationObserver(() => {
    const shown = Number(root.dataset.filmed);
    if (shown !== seen.at(-1)?.[0]) seen.push([shown, heading()]);
    for (let i = waiting.length - 1; i >= 0; i--) {
      if (waiting[i].fits()) waiting.splice(i, 1)[0].done();
    }
  }).observe(root, { attributes: true, subtree: true, childList: true });
  const until = (fits) => new Promise((done) =>
    fits() ? done() : waiting.push({ fits, done }));
  const sliders = [...document.querySelectorAll('.knob input[type="range"]')];
  const before = sliders.map((input) => input.value);
  window.studio = {
    seen,
    home() {
      seen.length = 0;
      sliders.forEach((input, k) => {
        if (input.value === before[k]) return;
        input.value = before[k];
        input.dispatchEvent(new Event("input"));
      });
    },
    turn([name, step]) {
      const input = document.getElementById(
        [...document.querySelectorAll(".knob label")].find((l) => l.title === name).htmlFor);
      if (input.value === String(step)) return false;
      input.value = String(step);
      input.dispatchEvent(new Event("input"));
      return true;
    },
    async move(turn) {
      const begin = performance.now();
      if (!this.turn(turn)) return null;
      const asked = root.dataset.asked;
      await until(() => root.dataset.filmed === asked);
      return (await drawn()) - begin;
    },
    async burst(turns) {
      const asked = [];
      for (const turn of turns) {
        if (this.turn(turn)) {
          const slider = document.querySelector(".knob .value").textContent;
          asked.push([Number(root.dataset.asked), slider]);
        }
        await new Promise(requestAnimationFrame);
      }
      const last = root.dataset.asked;
      await until(() => root.dataset.filmed === last);
      return asked;
    },
    async titled(text) {
      await until(() => heading().includes(text));
      return performance.timeOrigin + (await drawn());
    },
  };
}"""


def scene_in(folder: Path) -> Path:
    """Return a copy of the scene of two rings with sixty epochs."""
    text = (ROOT / "scenes" / "rings.py").read_text()
    assert "epochs=99" in text
    file = folder / "rings.py"
    file.write_text(text.replace("epochs=99", "epochs=60"))
    return file


def some_turn(chance: random.Random) -> tuple[str, int]:
    """Return a knob and a step of its slider."""
    name = chance.choice(["width", "lr", "seed"])
    return name, chance.randrange({"width": 8, "lr": 201, "seed": 100}[name])


def moves(tab: Any, count: int, chance: random.Random) -> list[float]:
    """Return the milliseconds from each move to its picture."""
    found: list[float] = []
    while len(found) < count:
        took = tab.evaluate("(turn) => studio.move(turn)", some_turn(chance))
        if took is not None:
            found.append(took)
        tab.wait_for_timeout(chance.uniform(0, PAUSE))
    return found


def bursts(tab: Any, count: int, chance: random.Random) -> dict[int, str]:
    """Make so many moves, of which few are waited for; return the width that each asked for."""
    asked: dict[int, str] = {}
    while len(asked) < count:
        turns = [some_turn(chance) for _ in range(BURST)]
        asked.update(tab.evaluate("(turns) => studio.burst(turns)", turns))
    return asked


def disorder(tab: Any, asked: dict[int, str]) -> tuple[int, int, int]:
    """Return how many pictures were seen, how many came late, and how many were of another."""
    seen = [(number, title) for number, title in tab.evaluate("studio.seen") if number in asked]
    numbers = [number for number, _ in seen]
    late = sum(b < a for a, b in pairwise(numbers))
    other = sum(f"2 → {asked[number]} → 2 → 1" not in title for number, title in seen)
    return len(seen), late, other


def saves(tab: Any, file: Path, count: int) -> list[float]:
    """Return the milliseconds from saving a scene with another title to its picture."""
    found = []
    text = file.read_text()
    for k in range(count):
        title = f"saved {k + 1} times"
        file.write_text(text.replace("return Scene(", f"return Scene(title={title!r},"))
        saved = 1000 * time.time()
        found.append(tab.evaluate("(title) => studio.titled(title)", title) - saved)
        tab.wait_for_timeout(PAUSE)
    file.write_text(text)
    return found


def held(tab: Any, running: Running) -> dict[str, float]:
    """Return the megabytes that the server, its worker and the page's script hold at rest."""
    tab.evaluate("studio.home()")
    trained(tab, LONG)
    tab.wait_for_timeout(1500)
    workers = [resident(each) for each in running.workers()]
    server = resident(running.process.pid)
    return {"server": server, "worker": max(workers), "page's script": scripted(tab)}


def scripted(tab: Any) -> float:
    """Return the megabytes of the values of a page's script, and of their arrays."""
    reach = tab.context.new_cdp_session(tab)
    for _ in range(2):
        reach.send("HeapProfiler.collectGarbage")
    parts: list[str] = []
    reach.on("HeapProfiler.addHeapSnapshotChunk", lambda told: parts.append(told["chunk"]))
    reach.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    arrays = reach.send("Runtime.getHeapUsage")["backingStorageSize"]
    reach.detach()
    heap = json.loads("".join(parts))
    meta = heap["snapshot"]["meta"]
    nodes = np.array(heap["nodes"]).reshape(-1, len(meta["node_fields"]))
    kinds, sizes = (nodes[:, meta["node_fields"].index(name)] for name in ("type", "self_size"))
    own = [k for k, kind in enumerate(meta["node_types"][0]) if kind not in BROWSERS]
    return float(sizes[np.isin(kinds, own)].sum() + arrays) / 1e6


def without(running: Running, worker: int) -> None:
    """Wait until a studio has a process no more."""
    while worker in running.workers():
        time.sleep(0.01)


def resident(process: int) -> float:
    """Return the megabytes of memory that a process has."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


def of_cell(count: int) -> list[float]:
    """Return the seconds of a notebook's cell that trains and draws."""
    from benchmarks import notebook

    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "film.mp4")
        notebook.main([out, "--frames", "1", "--epochs", "1"])
        return [
            timed(lambda: notebook.main([out, "--frames", "1", "--epochs", "60"]))
            for _ in range(count)
        ]


def of_still(file: Path, count: int) -> list[float]:
    """Return the seconds of `nnanim still` at widths that are not kept."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "nnanim.cli", "still", str(file), "--no-cache"]
        command += ["-r", "1280x720", "-o", str(Path(folder) / "still.png")]
        return [
            timed(partial(subprocess.run, [*command, "--set", f"width={width}"], check=True))
            for width in list(WIDTHS)[:count]
        ]


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def line(name: str, found: str, bound: str = "") -> None:
    """Print a line of the table."""
    print(f"| {name} | {found} | {bound} |", flush=True)


def live(file: Path, counts: tuple[int, int, int, int]) -> None:
    """Print what a studio takes."""
    chance = random.Random(0)
    with chromium() as browser, started(file) as running:
        tab = browser.new_page(viewport=SIZE, reduced_motion="reduce")
        tab.set_default_timeout(LONG)
        tab.goto(running.address)
        tab.wait_for_selector("#nnanim[data-stage=whole]", state="attached")
        tab.evaluate(WATCH)
        moves(tab, 5, chance)
        took = moves(tab, counts[0], chance)
        middle, high = np.percentile(took, [50, 95])
        line(f"a knob's move, median of {len(took)}", f"{middle:.0f} ms", "150 ms")
        line("a knob's move, 95th percentile", f"{high:.0f} ms", "300 ms")
        bursts(tab, WARM, chance)
        before = held(tab, running)
        asked = bursts(tab, counts[1], chance)
        seen, late, other = disorder(tab, asked)
        line(f"pictures of {len(asked)} moves in bursts", f"{seen}")
        line("of an older setting after a newer, of another setting", f"{late}, {other}", "0")
        after = held(tab, running)
        for name, now in after.items():
            grown = 100 * (now / before[name] - 1)
            line(f"memory of the {name} after them", f"{now:.1f} MB, {grown:+.1f} %", "+5 %")
        found = saves(tab, file, counts[2])
        line(f"a saved file, median of {len(found)}", f"{np.median(found):.0f} ms", "500 ms")
        tab.evaluate("(turn) => { studio.turn(turn) }", ["seed", 99])
        tab.wait_for_timeout(20)
        worker = max(running.workers(), key=resident)
        tab.close()
        gone = timed(lambda: without(running, worker))
        line("a closed tab, until its training's process is gone", f"{gone:.1f} s", "2 s")
        running.process.send_signal(signal.SIGINT)
        line("Ctrl-C, until all is gone", f"{timed(running.process.wait):.1f} s", "2 s")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    counts = QUICK if parser.parse_args().quick else (MOVES, MORE, SAVES, RESTARTS)
    line("", "", "bound")
    print("|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        file = scene_in(Path(folder))
        live(file, counts)
        line("a notebook's cell run again", f"{min(of_cell(counts[3])):.1f} s")
        line("nnanim still", f"{min(of_still(file, counts[3])):.1f} s")


if __name__ == "__main__":
    main()
