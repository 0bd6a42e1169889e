"""The film of the studio in use, from screenshots.

    python docs/studio_film.py [docs/_static/studio.webp]

A browser is driven as a lecturer would: through the training, to three and four units, to another
rate with a run kept, points painted, a page written. Each picture is taken when the studio has
shown what it was asked for, so that the film is about the same on a slow machine. Needs the groups
`dev` and `pages`.
"""

import io
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.browsing import chromium
from tests.studios import started, trained

ROOT = Path(__file__).parents[1]
FILM = ROOT / "docs" / "_static" / "studio.webp"
SIZE, FILMED = (1280, 720), (960, 540)
FRAME = 80  # milliseconds
QUALITY = 60
SLOW = 300_000  # milliseconds that a machine with much else to do may take
POINTER = """() => {
  const pointer = document.createElement("div");
  const shape = "polygon(0 0, 0 78%, 22% 60%, 36% 96%, 52% 90%, 38% 54%, 68% 54%)";
  Object.assign(pointer.style, {
    position: "fixed", zIndex: 9, width: "22px", height: "26px", pointerEvents: "none",
    background: "white", clipPath: shape, left: "-50px", top: "0px",
  });
  document.body.append(pointer);
  window.pointTo = ([x, y]) =>
    Object.assign(pointer.style, { left: `${x}px`, top: `${y}px` });
}"""
DRAWN = "() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 250))"

Place = tuple[float, float]


class Hand:
    """Moves a pointer over a page, and takes the pictures of a film."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab
        self.at: Place = (1000.0, 650.0)
        self.pictures: list[Image.Image] = []
        self.lasting: list[int] = []  # milliseconds
        tab.evaluate(POINTER)

    def look(self, milliseconds: int = FRAME) -> None:
        """Take a picture that stands for so long, once the studio has shown what was asked."""
        trained(self.tab, SLOW)
        self.tab.evaluate("(at) => pointTo(at)", self.at)
        self.tab.evaluate(DRAWN)
        content = self.tab.screenshot()
        picture = (
            Image.open(io.BytesIO(content)).convert("RGB").resize(FILMED, Image.Resampling.LANCZOS)
        )
        self.pictures.append(picture)
        self.lasting.append(milliseconds)

    def go(self, to: Place, frames: int) -> None:
        """Move to a place, a picture for each of so many steps."""
        from_x, from_y = self.at
        for share in np.linspace(0, 1, frames + 1)[1:]:
            eased = share * share * (3 - 2 * share)
            self.at = from_x + (to[0] - from_x) * eased, from_y + (to[1] - from_y) * eased
            self.tab.mouse.move(*self.at)
            self.look()

    def drag(self, to: Place, frames: int) -> None:
        """Move with the button held."""
        self.tab.mouse.down()
        self.go(to, frames)
        self.tab.mouse.up()
        self.look()

    def press(self, name: str) -> None:
        """Go to a button and press it."""
        button = self.tab.get_by_role("button", name=name, exact=True)
        button.scroll_into_view_if_needed()
        self.go(middle(button), 4)
        button.click()
        self.look(8 * FRAME)

    def turn(self, name: str, shares: list[float], frames: int) -> None:
        """Take hold of a slider and move it to shares of its way, one after the other."""
        box = self.tab.get_by_label(name, exact=True).bounding_box()
        value = self.tab.get_by_label(name, exact=True).evaluate(
            "(input) => (input.value - input.min) / (input.max - input.min)"
        )
        across = [box["x"] + 8 + share * (box["width"] - 16) for share in [value, *shares]]
        height = box["y"] + box["height"] / 2
        self.go((across[0], height), 4)
        self.tab.mouse.down()
        for x in across[1:]:
            self.go((x, height), frames)
            self.look(10 * FRAME)
        self.tab.mouse.up()


def middle(found: Any) -> Place:
    """Return where the middle of something is."""
    box = found.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def inside(found: Any, across: float, down: float) -> Place:
    """Return a place in something, by shares of its sides."""
    box = found.bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


@contextmanager
def studio() -> Iterator[str]:
    """Give the address of a studio of the rings, in a folder that goes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rings.py"
        text = (ROOT / "scenes" / "rings.py").read_text(encoding="utf-8")
        file.write_text(re.sub("rings\\(4_000", "rings(1_500", text), encoding="utf-8")
        with started(file) as running:
            yield running.address


def lecture(tab: Any) -> Hand:
    """Use the studio for about twenty seconds of film."""
    hand = Hand(tab)
    scrubber = tab.locator(".scrubber")
    hand.look(8 * FRAME)
    hand.go(inside(scrubber, 0.02, 0.5), 4)
    hand.drag(inside(scrubber, 0.97, 0.5), 24)
    hand.look(8 * FRAME)
    hand.turn("width", [2 / 7, 3 / 7], 4)
    hand.go(inside(scrubber, 0.97, 0.5), 4)
    hand.drag(inside(scrubber, 0.3, 0.5), 14)
    hand.drag(inside(scrubber, 0.97, 0.5), 12)
    hand.press("Keep this run")
    hand.turn("lr", [0.62], 6)
    hand.press("outer")
    board = tab.locator(".board").first
    hand.go(inside(board, 0.42, 0.44), 4)
    hand.tab.mouse.down()
    for across, down in ((0.58, 0.46), (0.44, 0.5), (0.58, 0.53), (0.46, 0.57)):
        hand.go(inside(board, across, down), 3)
    hand.tab.mouse.up()
    hand.look(20 * FRAME)
    hand.press("Page")
    link = tab.locator(".written a").first
    link.wait_for(timeout=SLOW)
    link.scroll_into_view_if_needed()
    hand.go(middle(link), 4)
    hand.look(25 * FRAME)
    return hand


def main() -> None:
    """Make the film."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else FILM
    with studio() as address, chromium() as browser:
        context = browser.new_context(
            viewport={"width": SIZE[0], "height": SIZE[1]}, reduced_motion="reduce"
        )
        tab = context.new_page()
        tab.set_default_timeout(SLOW)
        tab.goto(address)
        trained(tab, SLOW)
        hand = lecture(tab)
    first, *more = hand.pictures
    first.save(
        out, save_all=True, append_images=more, duration=hand.lasting, loop=0,
        quality=QUALITY, method=6,
    )  # fmt: skip
    seconds = sum(hand.lasting) / 1000
    sys.stderr.write(f"{out}: {seconds:.1f} s, {out.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
