"""The page of a phase: what came of each cell's trainings, and what opens one, in one file."""

from importlib.resources import files
from typing import Any

import numpy as np

from nnanim.drawing.letters import Letters
from nnanim.page.arrays import Arrays
from nnanim.page.contents import theme_told
from nnanim.page.furniture import Furniture
from nnanim.page.page import bundled, document, style_of
from nnanim.scene.written import command
from nnanim.sheet.look import Look
from nnanim.sweeps.phase import Phase
from nnanim.sweeps.picture import SIZE, PhaseSheet, said_of
from nnanim.sweeps.sweep import Sweep
from nnanim.sweeps.variants import short
from nnanim.tables import Row
from nnanim.themes import Theme, theme_from

_FORMAT = 1
_MOST = 50  # trainings of a cell that are named


def phase_page(done: Sweep, phase: Phase, theme: str | Theme = "dark") -> bytes:
    """Return the page of a sweep's phase; the same phase gives the same bytes.

    A cell tells its figures, and of each of up to fifty trainings what films and opens it.
    """
    look = Look(SIZE, theme_from(theme))
    told = theme_told(look.theme)
    title, caption = done.title, said_of(phase)
    sheet = PhaseSheet(phase, look, title)
    letters = Letters(look.theme.font)
    board = Furniture(look.size, look.scale.stroke, letters, look.theme, "phase")
    sheet(board)
    area = sheet.area(board)
    rows, columns = phase.counts.shape
    where = np.argwhere(phase.counts > 0)
    begin = where[0][::-1].tolist() if len(where) else [0, 0]
    player = files("nnanim.sweeps").joinpath("player")
    return document(
        (title, caption, "en"),
        style_of(told["roles"], player.joinpath("map.css")),
        [board.svg(f"{title}: {caption}")],
        {
            "format": _FORMAT,
            "title": title,
            "opens": "This films it:" if done.plan.file else "This gives its recording:",
            "columns": columns,
            "rows": rows,
            "begin": begin,
            "box": [area.left, area.top, area.width, area.height],
            "cells": _cells(done, phase),
        },
        Arrays(),
        bundled("phase", player),
    )


def _cells(done: Sweep, phase: Phase) -> list[dict[str, Any]]:
    """Return what is told of each cell, row by row from the lower left."""
    held: dict[tuple[Any, Any], list[Row]] = {}
    for row in done.table:
        held.setdefault((row[phase.y], row[phase.x]), []).append(row)
    low, high = phase.interval
    cells = []
    for (j, y), (i, x) in ((a, b) for a in enumerate(phase.ys) for b in enumerate(phase.xs)):
        own = held.get((y, x), [])
        count, reached = int(phase.counts[j, i]), int(phase.successes[j, i])
        said = ["Nothing was trained here."]
        if count:
            what = "succeed" if phase.event is None else f"have {phase.event!r}"
            said = [
                f"{reached} of {count} {what}: the true share lies between "
                f"{100 * low[j, i]:.0f} and {100 * high[j, i]:.0f} %, with 95 %.",
                *_figures(own),
                *_moments(done, own),
            ]
        cells.append(
            {
                "settings": f"{phase.x} {short(x)}\n{phase.y} {short(y)}",
                "sentences": said,
                "trainings": [_training(done, phase, row) for row in own[:_MOST]],
                "more": f"and {len(own) - _MOST} more" if len(own) > _MOST else "",
            }
        )
    return cells


def _figures(rows: list[Row]) -> list[str]:
    """Return the sentences of a cell's median score and loss, and of what broke off."""
    told = [row for row in rows if row["error"] is None]
    found = []
    for name in ("score", "loss"):
        values = [row[name] for row in told if row[name] is not None and np.isfinite(row[name])]
        if values:
            of = told[0][f"{name}_name"]
            first, middle, last = np.percentile(values, [0, 50, 100])
            found.append(f"Median {of} {middle:.3g}, from {first:.3g} to {last:.3g}.")
    diverged = sum(row["diverged_at"] is not None for row in told)
    failed = len(rows) - len(told)
    found += [f"{diverged} diverge."] if diverged else []
    return found + ([f"{failed} fail."] if failed else [])


def _moments(done: Sweep, rows: list[Row]) -> list[str]:
    """Return a sentence for each event that is looked for and happens in a cell."""
    found = []
    for event in map(str, done.plan.events):
        moments = [row[event] for row in rows if row[event] is not None]
        if moments:
            first, middle, last = np.percentile(moments, [0, 50, 100])
            found.append(f"Median epoch of {event!r} {middle:.3g}, from {first:.3g} to {last:.3g}.")
    return found


def _training(done: Sweep, phase: Phase, row: Row) -> dict[str, str]:
    """Return what is told of one training, and what opens it."""
    number = row["variant"]
    settings = done.settings(number)
    others = [n for n in done.plan.variants.varied if n not in (phase.x, phase.y)]
    name = ", ".join(f"{n} {short(settings[n])}" for n in others) or f"training {number}"
    if row["error"] is not None:
        said = "fails"
    elif row["diverged_at"] is not None:
        said = f"diverges in epoch {row['diverged_at']}"
    else:
        said = f"{row['score_name']} {row['score']:.3g}"
        for event in map(str, done.plan.events):
            said += "" if row[event] is None else f", {event} in epoch {row[event]:.3g}"
    file = done.plan.file
    told = {"said": f"{name}: {said}"}
    if file is None:
        return {**told, "command": f"found.recording({number})"}
    films, opens = (command(file, settings, verb) for verb in ("render", "studio"))
    return {**told, "command": films, "studio": opens}
