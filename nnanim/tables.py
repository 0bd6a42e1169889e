"""Tables: rows of results as CSV or JSON."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from nnanim.errors import UsageError
from nnanim.place import check_place, replacing

Row = dict[str, Any]

_KINDS = (".csv", ".json")


def checked_table(path: Path) -> Path:
    """Return a path that a table can be written to; `UsageError` for other than .csv and .json."""
    if path.suffix.lower() not in _KINDS:
        raise UsageError(f"a table is a .csv or .json, not {path.name!r}: name it results.csv")
    check_place(path)
    return path


def write_table(rows: Sequence[Row], path: Path) -> Path:
    """Write a table as .csv or .json; what is no number is left empty, or null."""
    write: Callable[[Sequence[Row]], str]
    write = _as_csv if checked_table(path).suffix.lower() == ".csv" else _as_json
    with replacing(path) as made:
        made.write_text(write(rows), encoding="utf-8", newline="")
    return path


def plain(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with null for what is no finite number, which JSON cannot say."""
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


def _as_json(rows: Sequence[Row]) -> str:
    return json.dumps(plain(rows), indent=2, ensure_ascii=False) + "\n"


def _as_csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(plain(rows))
    return text.getvalue()
