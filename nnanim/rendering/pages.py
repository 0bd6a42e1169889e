"""Pages: a film as one HTML file that can be touched."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnanim.errors import UsageError
from nnanim.film.film import Film
from nnanim.page.contents import Told
from nnanim.page.made import Made, Shown, page_of
from nnanim.page.traced import traced
from nnanim.rendering.extras import alt_text
from nnanim.rendering.filming import sheet_of
from nnanim.rendering.pictures import provenance
from nnanim.sheet.look import Look
from nnanim.threads import Progress
from nnanim.writers.format import Encoding, Format, Shots

_log = logging.getLogger("nnanim")


def _no_writer(*given: Path | Shots | Encoding) -> None:
    raise AssertionError(f"a page is made of marks, not of frames: {given}")


# Named beside the formats of films, with what a page has where nothing else is said.
PAGE = Format(
    "html",
    (1280, 720),
    60.0,
    12.0,
    _no_writer,
    media="text/html",
    qualities=("moments", "fields"),
)


def page_from(
    film: Film,
    look: Look,
    times: Sequence[float],
    *,
    data: bool = True,
    max_bytes: int | None = None,
    progress: Progress | None = None,
) -> Made:
    """Return the page of a film whose frames would show `times`."""
    sheet = sheet_of(traced(film), look)
    told = Told(provenance(film.header), alt_text(sheet, times))
    shown = Shown(sheet, times, film.timeline.fps, told)
    return page_of([shown], data=data, most=max_bytes, progress=progress)


def tell_of(path: Path, film: Film, made: Made, *, data: bool) -> None:
    """Say what a page publishes, and what it had to give up."""
    networks = "the network" if len(film.tiles) == 1 else f"{len(film.tiles)} networks"
    count = sum(len(inputs) for inputs in {id(t.data): t.data.inputs for t in film.tiles}.values())
    held = f"{count:,} samples and {networks}" if data else f"{networks}, no samples"
    leave = "; --no-data leaves the samples out" if data else ""
    _log.info("%s holds %s%s", path.name, held, leave)
    if made.given_up:
        _log.info("%s has %.1f MB, with %s", path.name, len(made.content) / 1e6, made.given_up)


def check_page(asked: dict[str, Any]) -> None:
    """Raise `UsageError` for an option that is of films alone, by its name and what was asked."""
    for name, value in asked.items():
        if value not in (None, False):
            raise UsageError(f"--{name} is for films, not for html: leave it out")
