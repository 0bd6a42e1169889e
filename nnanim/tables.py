"""Tables: rows of results as CSV, JSON or Parquet."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from nnanim.errors import UsageError, expect_installed
from nnanim.place import check_place, replacing

Row = dict[str, Any]

_KINDS = (".csv", ".json", ".parquet")


def checked_table(path: Path) -> Path:
    """Return a path that a table can be written to; `UsageError` for one of another kind.

    So it is for .parquet where pyarrow, which writes that, is not installed.
    """
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise UsageError(
            f"a table is a .csv, .json or .parquet, not {path.name!r}: name it results.csv"
        )
    if kind == ".parquet":
        expect_installed("a table as .parquet", "pyarrow")
    check_place(path)
    return path


def write_table(rows: Sequence[Row], path: Path) -> Path:
    """Write a table as .csv, .json or .parquet; what is no number is left empty, or null."""
    write: dict[str, Callable[[Sequence[Row]], bytes]]
    write = {".csv": _as_csv, ".json": _as_json, ".parquet": _as_parquet}
    content = write[checked_table(path).suffix.lower()](rows)
    with replacing(path) as made:
        made.write_bytes(content)
    return path


def plain(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with null for what is no finite number, which JSON cannot say."""
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


def _as_json(rows: Sequence[Row]) -> bytes:
    return f"{json.dumps(plain(rows), indent=2, ensure_ascii=False)}\n".encode()


def _as_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(plain(rows))
    return text.getvalue().encode()


def _as_parquet(rows: Sequence[Row]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    columns = {name: [row[name] for row in plain(rows)] for name in rows[0]}
    content = io.BytesIO()
    parquet.write_table(pyarrow.table({n: _alike(c) for n, c in columns.items()}), content)
    return content.getvalue()


def _alike(column: list[Any]) -> list[Any]:
    """Return a column of one type, of texts where its values are of several."""
    kinds = {type(value) for value in column if value is not None}
    if len(kinds) < 2 or kinds == {int, float}:
        return column
    return [None if value is None else str(value) for value in column]
