"""A CSV file read by columns; what is wrong with it is said with the line and the column.

The file is read a few thousand rows at a time, so that besides the numbers themselves, and each
different text once, little of it is ever in memory.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from nnanim.datasets.files import opened
from nnanim.datasets.targets import LARGEST
from nnanim.errors import SceneError, unknown

_LONGEST_LINE = 2**20  # bytes
_ROWS = 4096  # read at once

Record = tuple[int, list[str]]  # the line in which it starts, its cells


@dataclass(frozen=True, eq=False)
class Columns:
    """Some columns of a table: `numbers` (n, k), the cells of one of text, every row's line."""

    numbers: NDArray[np.float64]
    texts: list[str]
    lines: list[int]


def header_of(path: str | Path) -> list[str]:
    """Return the names of the columns of a CSV file."""
    with opened(path) as file:
        header = _header(_records(path, file))
    if not any(header):
        raise SceneError(f"{path}, line 1 is empty: expected the names of the columns")
    return header


def columns_of(path: str | Path, numbers: list[str], text: str | None = None) -> Columns:
    """Return the columns named in `numbers`, and the one named `text`, of a CSV file."""
    wanted = numbers if text is None else [*numbers, text]
    parts, texts, lines = [np.empty((0, len(numbers)))], list[str](), list[int]()
    known: dict[str, str] = {}
    with opened(path) as file:
        records = _records(path, file)
        header = _header(records)
        places = [place_of(path, header, name) for name in wanted]
        while batch := list(islice(records, _ROWS)):
            at = [line for line, _ in batch]
            cells = [list(map(itemgetter(place), (row for _, row in batch))) for place in places]
            if text is not None:
                texts += [known.setdefault(cell, cell) for cell in map(str.strip, cells.pop())]
            read = [_floats(path, *column, at) for column in zip(numbers, cells, strict=True)]
            parts.append(np.stack(read, axis=1))
            lines += at
    return Columns(np.concatenate(parts), texts, lines)


def number_in(cell: str) -> float | None:
    """Return the number that a cell holds; None where it is text."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def complaint(path: str | Path, name: str, line: int, cell: str, cure: str) -> SceneError:
    """Return the error for a cell that is no number to train on; `cure` is for one of text."""
    if not cell:
        said = "the cell is empty: fill it in, or drop the row"
    elif number_in(cell) is not None:
        said = f"{cell!r:.60} is no number within ±{LARGEST:g}: fill it in, or drop the row"
    elif re.fullmatch(r"[+-]?[0-9]+,[0-9]+", cell):
        said = f"{cell!r:.60} has a decimal comma: write it with a point"
    else:
        said = f"{cell!r:.60} is not a number: {cure}"
    return SceneError(f"{path}, line {line}, column {name!r}: {said}")


def is_sound(number: float | None) -> bool:
    """Whether a number is finite in 32 bits."""
    return number is not None and -LARGEST <= number <= LARGEST


def _floats(path: str | Path, name: str, cells: list[str], lines: list[int]) -> NDArray[np.float64]:
    try:
        found = np.array(list(map(float, cells)))
    except ValueError:
        found = np.array([np.nan])
    if not (np.abs(found) <= LARGEST).all() or "_" in "".join(cells):
        for line, cell in zip(lines, cells, strict=True):
            if not is_sound(number_in(cell)):
                raise complaint(path, name, line, cell.strip(), "mend it, or choose other inputs")
    return found


def _header(records: Iterator[Record]) -> list[str]:
    return [cell.strip() for cell in next(records, (1, []))[1]]


def place_of(path: str | Path, header: list[str], name: str) -> int:
    """Return the index of the column with that name; `SceneError` lists the names there are."""
    if header.count(name) == 1:
        return header.index(name)
    if name in header:
        raise SceneError(f"{path}, line 1: two columns are named {name!r}: name them apart")
    if header and all(number_in(cell) is not None for cell in header):
        raise SceneError(
            f"{path}, line 1 holds numbers, as {header[0]!r:.60}: expected the names of the columns"
        )
    raise SceneError(f"{path}, line 1: {unknown('column', name, filter(None, header[:40]))}")


def _records(path: str | Path, file: BinaryIO) -> Iterator[Record]:
    """Give the header, then every row, which is as long; blank lines are left out."""
    lines = _lines(path, file)
    first = next(lines, "")
    unquoted = re.sub(r'"[^"]*"', "", first)
    delimiter = max(",;\t", key=unquoted.count)
    reader = csv.reader(
        chain([first], lines), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    start, width = 1, 0
    try:
        for row in reader:
            line, start = start, reader.line_num + 1
            if line > 1 and len(row) < 2 and not "".join(row).strip():
                continue
            width = width or len(row)
            if len(row) != width:
                raise SceneError(
                    f"{path}, line {line} has {len(row)} cells: expected {width}, as in line 1; "
                    'put a cell that holds a separator into "quotes"'
                )
            yield line, row
    except csv.Error as error:
        raise SceneError(f"{path}, line {max(1, reader.line_num)}: {error}") from error


def _lines(path: str | Path, file: BinaryIO) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise SceneError(
                f"{path}, line {number} is longer than {_LONGEST_LINE} bytes: expected a table in "
                "CSV"
            )
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise SceneError(
                f"{path}, line {number}: byte 0x{line[error.start]:02x} is not UTF-8: "
                "save the table as CSV UTF-8"
            ) from error
