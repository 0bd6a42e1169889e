"""Pages: a film as one HTML file that can be touched."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
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
from nnanim.rendering.subject import Subject
from nnanim.scene.comparison import Comparison
from nnanim.sheet.look import Look
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


@dataclass(frozen=True)
class Knobs:
    """What a page picks one of several films by: values by name, and those of each film."""

    values: Mapping[str, Sequence[str]]
    picks: Sequence[tuple[int, ...]]

    def told(self, film: Film) -> list[dict[str, Any]]:
        """Return the knobs as a page holds them; one without values has the films' names."""
        return [
            {"name": name, "values": list(values or film.names)}
            for name, values in self.values.items()
        ]


def knobs_of(subject: Subject) -> Knobs | None:
    """Return by what a page picks one of a comparison's scenes; None where it shows all."""
    if not isinstance(subject, Comparison) or subject.shown != "one":
        return None
    count, varied = len(subject.scenes), subject.varied
    picks = list(product(*(range(len(values)) for values in varied.values())))
    if varied and len(picks) == count:
        return Knobs(varied, picks)
    return Knobs({"": ()}, [(i,) for i in range(count)])


def page_from(
    film: Film,
    look: Look,
    times: Sequence[float],
    knobs: Knobs | None = None,
    **asked: Any,
) -> Made:
    """Return the page of a film whose frames would show `times`; `asked` is what `page_of` takes.

    With `knobs`, it is one of its tiles at a time.
    """
    tiles = [(film, ())] if knobs is None else zip(film.tiles, knobs.picks, strict=True)
    shown = []
    for tile, picked in tiles:
        sheet = sheet_of(traced(tile), look)
        told = Told(provenance(tile.header), alt_text(sheet, times), tuple(picked))
        shown.append(Shown(sheet, times, film.timeline.fps, told))
    return page_of(shown, knobs=[] if knobs is None else knobs.told(film), **asked)


def tell_of(path: Path, film: Film, made: Made, *, data: bool) -> None:
    """Say what a page publishes, and what it had to give up."""
    networks = "the network" if len(film.tiles) == 1 else f"{len(film.tiles)} networks"
    count = sum(len(inputs) for inputs in {id(t.data): t.data.inputs for t in film.tiles}.values())
    some = f"{made.held:,} of {count:,}" if made.held < count else f"{count:,}"
    held = f"{some} samples and {networks}" if data else f"{networks}, no samples"
    leave = "; --no-data leaves the samples out" if data else ""
    _log.info("%s holds %s%s", path.name, held, leave)
    if made.given_up:
        _log.info("%s has %.1f MB, with %s", path.name, len(made.content) / 1e6, made.given_up)


def check_page(asked: dict[str, Any]) -> None:
    """Raise `UsageError` for an option that is of films alone, by its name and what was asked."""
    for name, value in asked.items():
        if value not in (None, False):
            raise UsageError(f"--{name} is for films, not for html: leave it out")
