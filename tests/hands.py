"""A reader's hands on a page: what tests do with its controls, by a pointer and by fingers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browsing import Seen, opened
from tests.waiting import comes

Place = tuple[float, float]


@contextmanager
def still(browser: Any, page: Path, way: str, **more: Any) -> Iterator[Seen]:
    """Give a page that stands at its beginning."""
    with opened(browser, page, way, **more) as seen:
        seen.frame.locator(".scrubber").press("Home")
        assert comes(lambda: epoch(seen) == 0)
        seen.run("document.activeElement.blur()")
        yield seen


@contextmanager
def touched(browser: Any, page: Path, way: str, **more: Any) -> Iterator[Seen]:
    """Give a page on a screen that fingers touch; it stands at its beginning."""
    with opened(browser, page, way, has_touch=True, reduced_motion="reduce", **more) as seen:
        assert comes(lambda: epoch(seen) == 0)
        yield seen
        assert seen.errors == []


def epoch(seen: Seen) -> float:
    """Return the epoch that the scrubber says, NaN before the first picture."""
    return epoch_in(seen.frame)


def epoch_in(frame: Any) -> float:
    """Return the epoch that the scrubber of a frame or a tab says, NaN before the first picture."""
    return float(frame.locator(".scrubber").get_attribute("aria-valuenow") or "nan")


def has_focus(element: Any) -> bool:
    """Return whether keys go to an element."""
    return bool(element.evaluate("(it) => it === document.activeElement"))


def address(seen: Seen) -> str:
    """Return what the address says."""
    return str(seen.run("location.hash"))


def place(element: Any, across: float, down: float) -> Place:
    """Return where on the screen shares of an element's width and height lead."""
    box = element.bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def drag(seen: Seen, *places: Place) -> None:
    """Lay a finger on the first of some places, lead it to the others, and lift it."""
    hand = seen.tab.context.new_cdp_session(seen.tab)
    for i, (x, y) in enumerate(places):
        points = [{"x": x, "y": y}]
        kind = "touchMove" if i else "touchStart"
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    hand.detach()
