"""Results: how well the networks of a comparison end, as a table."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from nnanim.errors import UsageError
from nnanim.film.film import Film
from nnanim.place import check_place, replacing

_KINDS = (".csv", ".json")


def results(film: Film) -> list[dict[str, Any]]:
    """Return for each film in the picture its name, final loss and score; plain JSON.

    `score` is `accuracy` or `R²`, on the test part where there is one; `loss` that of all training
    data. `diverged_at` is the epoch in which a training broke off.
    """
    names = film.names or [" ".join(film.header.title.split())]
    return [
        {
            "name": name,
            "epochs": tile.epochs,
            "seed": tile.header.seed,
            "loss_name": tile.header.loss,
            "loss": tile.loss(tile.epochs),
            "score_name": tile.score_name,
            "score": tile.score(tile.epochs),
            "diverged_at": tile.header.diverged_at,
        }
        for name, tile in zip(names, film.tiles, strict=True)
    ]


def checked_table(path: Path) -> Path:
    """Return a path that a table can be written to; `UsageError` for other than .csv and .json."""
    if path.suffix.lower() not in _KINDS:
        raise UsageError(f"a table is a .csv or .json, not {path.name!r}: name it results.csv")
    check_place(path)
    return path


def write_results(rows: Sequence[dict[str, Any]], path: Path) -> Path:
    """Write a table as .csv or .json; what is no number is left empty, or null."""
    write: Callable[[Sequence[dict[str, Any]]], str]
    write = _as_csv if checked_table(path).suffix.lower() == ".csv" else _as_json
    with replacing(path) as made:
        made.write_text(write(rows), encoding="utf-8", newline="")
    return path


def plain(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with null for what is no finite number, which JSON cannot say."""
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


def _as_json(rows: Sequence[dict[str, Any]]) -> str:
    return json.dumps(plain(rows), indent=2, ensure_ascii=False) + "\n"


def _as_csv(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(plain(rows))
    return text.getvalue()
