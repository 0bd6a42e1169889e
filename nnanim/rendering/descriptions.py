"""Descriptions: what a film shows and when, in words and as plain JSON."""

from collections.abc import Iterator
from typing import Any

from nnanim.errors import UsageError
from nnanim.film.film import Film
from nnanim.film.placed import Placed
from nnanim.rendering.results import results
from nnanim.sheet.sheet import Sheet
from nnanim.tables import plain

_FIGURES = 4  # digits of a figure that is told


def description_of(sheet: Sheet) -> dict[str, Any]:
    """Return what a film shows, as plain JSON.

    `acts` are the stretches of film with the epochs that pass in them, `panels` what stands in the
    picture, `events` what has happened in the training and when the film shows it (None where it
    does not), `results` how the networks end.
    """
    film = sheet.film
    return {
        "title": " ".join(film.header.title.split()),
        "description": film.header.description,
        "seconds": film.timeline.seconds,
        "epochs": film.epochs,
        "layers": list(film.network.hidden),
        "acts": [_act(film, act) for act in film.acts],
        "panels": [
            {"view": type(view).__name__, "title": panel.title, "subtitle": panel.subtitle}
            for view, panels in zip(sheet.views, sheet.panels, strict=True)
            for panel in panels
            if panel.title
        ],
        "events": [_event(film, str(each.event), each.moment) for each in film.events],
        "results": plain(results(film)),
    }


def told_of(description: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the same as (what, text), a line each, for a reader."""
    yield "title", description["title"]
    if description["description"]:
        yield "says", description["description"]
    yield "film", f"{description['seconds']:g} s, {description['epochs']:g} epochs"
    yield "layers", ", ".join(description["layers"])
    for panel in description["panels"]:
        yield "panel", ": ".join(filter(None, (panel["title"], panel["subtitle"])))
    for act in description["acts"]:
        epochs = " to ".join(dict.fromkeys(f"{act[end]:.4g}" for end in ("from", "to")))
        begun = f", chapter {act['chapter']}" if act["chapter"] else ""
        said = f": {act['caption']}" if act["caption"] else ""
        yield "act", f"{act['begin']:.4g} s, {act['act']}, epoch {epochs}{begun}{said}"
    for event in description["events"]:
        seen = "not shown" if event["seconds"] is None else f"at {event['seconds']:.4g} s"
        yield "event", f"{event['event']}, in epoch {event['epoch']:.4g}, {seen}"
    for row in description["results"]:
        figures = [
            f"{row[f'{of}_name']} {row[of]:.{_FIGURES}g}"
            for of in ("loss", "score")
            if row[of] is not None
        ]
        yield "ends", ", ".join([row["name"], *figures])


def _act(film: Film, placed: Placed) -> dict[str, Any]:
    ends = placed.begin, placed.whole
    first, last = (placed.shown(film, t).moment for t in ends)
    return {
        "act": type(placed.act).__name__,
        "begin": placed.begin,
        "end": placed.end,
        "from": first,
        "to": last,
        "caption": placed.act.caption,
        "chapter": placed.act.chapter,
    }


def _event(film: Film, event: str, moment: float) -> dict[str, Any]:
    """Return an event with the film time at which it is seen; None where no act shows it."""
    try:
        seconds: float | None = film.clock.time_at(moment)
    except UsageError:
        seconds = None
    return {"event": event, "epoch": moment, "seconds": seconds}
