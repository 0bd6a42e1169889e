"""Bars: how far a training and its film are, in a terminal or below the cell of a notebook."""

import html
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nnanim.rendering.notebook import Place
from nnanim.texts import printable
from nnanim.threads import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

_PAUSE = 0.1  # seconds between two pictures of a bar in a notebook


@contextmanager
def progress_bar(name: str) -> Iterator[Progress | None]:
    """Give a progress that shows a bar for each stage on stderr, while it is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.text import Text

    with _bars(None, console=Console(stderr=True), transient=True) as bars:
        bars.console.print(Text(printable(name), "bold"))
        yield _progress(bars)


@contextmanager
def progress_in(place: Place) -> Iterator[Progress]:
    """Give a progress that shows a bar for each stage there; in the end the place is empty."""
    from rich.console import Console

    bars = _bars(40, auto_refresh=False, console=Console(force_jupyter=True))
    tell, shown = _progress(bars), -_PAUSE

    def show(stage: str, done: int, total: int) -> None:
        nonlocal shown
        tell(stage, done, total)
        if time.monotonic() - shown >= _PAUSE:
            place.show(bars._repr_mimebundle_([], []))  # type: ignore[misc]  # rich's own
            shown = time.monotonic()

    try:
        with messages_in(place):
            yield show
    finally:
        place.clear()


@contextmanager
def messages_in(place: Place) -> Iterator[None]:
    """Show there what a terminal would be told meanwhile, as that kernels are compiled."""
    log, handler = logging.getLogger("nnanim"), _Messages(place)
    level = log.level
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


class _Messages(logging.Handler):
    """Shows each message in a place; what warns goes to stderr too, and stays."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place

    def emit(self, record: logging.LogRecord) -> None:
        """Show one."""
        message = record.getMessage()
        if record.levelno >= logging.WARNING and not logging.getLogger().handlers:
            sys.stderr.write(f"nnanim: {message}\n")  # as Python itself would
        self._place.show({"text/html": f"<pre>{html.escape(message)}</pre>"})


def _bars(width: int | None, **more: object) -> "Bars":
    from rich import progress

    return progress.Progress(
        progress.TextColumn("{task.description:<10}"),
        progress.BarColumn(bar_width=width),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.fields[rate]}", style="progress.data.speed"),
        progress.TimeRemainingColumn(),
        **more,  # type: ignore[arg-type]  # as its own
    )


def _progress(bars: "Bars") -> Progress:
    """Return what makes a bar of each stage that it hears of.

    What a stage says after a comma, as how many workers are at it, may change.
    """
    tasks = {}

    def show(said: str, done: int, total: int) -> None:
        stage = said.partition(",")[0]
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=total, rate="")
        bars.update(tasks[stage], completed=done, description=said)
        speed = bars.tasks[tasks[stage]].speed
        unit = "steps" if stage == "training" else stage
        bars.update(tasks[stage], rate=f"{speed:,.0f} {unit}/s" if speed else "")

    return show
