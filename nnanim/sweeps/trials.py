"""Trials: settings that go together, as a table has them that another tool has exported."""

import csv
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from nnanim.errors import UsageError
from nnanim.place import kind_at
from nnanim.scene.addresses import is_address
from nnanim.scene.settings import literal

_LONGEST = 64 * 2**20  # bytes of a table of trials
_MARKS = ("params_", "config.")  # before the settings' names, as of Optuna and W&B
_RUNS = {"Name", "State", "Runtime"}  # columns by which a table of W&B's runs is known
_CONFIG = "config"  # W&B's column of all settings of a run, written as a dict

_log = logging.getLogger("nnanim")


def trials_in(file: Path, keywords: Callable[[], Collection[str]]) -> list[dict[str, Any]]:
    """Return the rows of a CSV file, each the settings of a training; its first line names them.

    A name may begin with "params_" or "config.", as Optuna and W&B export it; where some do, the
    others are no settings. Of a table of W&B's runs, as its page or its API gives it, what is among
    the scene's `keywords` counts, and what is left out is said. Raises `UsageError`.
    """
    rows = _read(file)
    marked = [name for name in rows[0] if name.startswith(_MARKS)]
    if marked:
        found: Sequence[Mapping[str, Any]] = [
            {_setting(name): row[name] for name in marked} for row in rows
        ]
    elif _CONFIG in rows[0] or set(rows[0]) >= _RUNS:
        found = _known(file, [_with_config(file, *line) for line in enumerate(rows, 2)], keywords())
    else:
        found = rows
    for number, row in enumerate(found, start=2):
        empty = next((name for name, value in row.items() if value == ""), None)
        if empty is not None:
            raise UsageError(
                f"{file}, line {number}: {empty} is empty: expected a value in each line; write "
                "there what the scene has, or leave that line out"
            )
    return [dict(row) for row in found]


def _read(file: Path) -> list[dict[str, str]]:
    if kind_at(file) != "a file":
        raise UsageError(f"no file {str(file)!r}: expected a table of trials, .csv")
    if file.stat().st_size > _LONGEST:
        raise UsageError(f"{file} is larger than {_LONGEST >> 20} MB: expected a table of trials")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read as CSV: {error}") from error
    if not rows:
        raise UsageError(f"{file} has no trials: expected a line of names and a line for each")
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise UsageError(f"{file}, line {number}: expected {len(rows[0])} cells, as above it")
    return rows


def _setting(column: str) -> str:
    """Return the setting that a column of an export is."""
    for mark in _MARKS:
        column = column.removeprefix(mark)
    return column


def _with_config(file: Path, number: int, row: Mapping[str, str]) -> dict[str, Any]:
    """Return a run's columns with what its configuration says in their place, where it has one."""
    if _CONFIG not in row:
        return dict(row)
    told = literal(row[_CONFIG])
    if not isinstance(told, dict):
        raise UsageError(
            f"{file}, line {number}: {_CONFIG} is {row[_CONFIG]!r:.80}: expected settings as "
            "{'lr': 0.1, 'width': 3}"
        )
    return {str(name): value for name, value in told.items()}


def _known(
    file: Path, rows: Sequence[Mapping[str, Any]], keywords: Collection[str]
) -> list[dict[str, Any]]:
    """Return of each row what the scene knows; say what is left out."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    kept = [name for name in names if name in keywords or is_address(name)]
    if not kept:
        raise UsageError(
            f"{file} has no column that the scene can be set by: expected {' | '.join(keywords)}"
        )
    others = [name for name in names if name not in kept]
    if others:
        _log.info("%s sets %s; left out: %s", file, ", ".join(kept), ", ".join(others))
    return [{name: row.get(name, "") for name in kept} for row in rows]
