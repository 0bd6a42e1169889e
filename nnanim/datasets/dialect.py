"""How a table in CSV is written, and its rows, read that way."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nnanim.datasets.files import shown
from nnanim.errors import SceneError, unknown

BLANKS = " "  # runs of blanks part the cells
# Where two part all lines as well, the first: a comma may be a decimal one.
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "upright bars", ",": "commas"}

Name = str | int  # of a column; a number counts from 1, or from the last by -1
Record = tuple[int, list[str]]  # the line in which it starts, its cells


@dataclass(frozen=True)
class Dialect:
    """How one file is written: `named` is the line of the names, 0 where there is none.

    The first record comes after `begin` lines. Rows have a cell for each of `names`; what they have
    beyond is empty.
    """

    path: str | Path
    encoding: str
    delimiter: str
    decimal: str
    names: tuple[str, ...]
    named: int
    begin: int

    def place_of(self, name: Name) -> int:
        """Return the index of a column; `SceneError` lists the names there are."""
        if isinstance(name, str) and not self.named and is_whole(name):
            name = int(name)
        if isinstance(name, int):
            count = len(self.names)
            if not 1 <= abs(name) <= count:
                raise SceneError(
                    f"{self.path} has no column {name}: expected a number from 1 to {count}, or "
                    "-1 for the last"
                )
            return name - 1 if name > 0 else count + name
        name = one_line(name)
        if self._counts[name] > 1:
            raise SceneError(
                f"{self.path}, line {self.named}: two columns are named {name!r:.60}: name them "
                "apart, or choose columns by their numbers"
            )
        if name not in self._places:
            known = unknown("column", name, shown(filter(None, self.names)))
            raise SceneError(f"{self.path}, line {self.named}: {known}")
        return self._places[name]

    def called(self, place: int) -> str:
        """Return what a column is called in an error."""
        return f"column {self.names[place]!r:.60}" if self.named else f"column {place + 1}"

    def at(self, line: int, place: int) -> str:
        """Return what a cell is called in an error."""
        return f"{self.path}, line {line}, {self.called(place)}"

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(self.names)


def one_line(name: str) -> str:
    """Return a column's name without breaks and runs of blanks."""
    return " ".join(name.split())


def is_whole(text: str) -> bool:
    """Whether a text is a whole number that may name a column."""
    return re.fullmatch(r"-?[0-9]{1,9}", text) is not None


def records(dialect: Dialect, lines: Iterator[str]) -> Iterator[Record]:
    """Give the rows of a table; those that are blank are left out."""
    begin, width = dialect.begin, len(dialect.names)
    for _ in range(begin):
        next(lines, "")
    reader = reader_of(lines, dialect.delimiter)
    start = begin + 1
    try:
        for row in reader:
            line, start = start, begin + reader.line_num + 1
            if line == dialect.named or not any(map(str.strip, row)):
                continue
            if not fits(row, width):
                raise SceneError(_uneven(dialect, line, row))
            yield line, row
    except csv.Error as error:
        at = begin + max(1, reader.line_num)
        raise SceneError(f"{dialect.path}, line {at}: {error}") from error


def reader_of(lines: Iterable[str], delimiter: str, strict: bool = True) -> Any:
    """Return the csv module's reader of lines."""
    if delimiter == BLANKS:
        lines, delimiter = map(_tabbed, lines), "\t"
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def fits(row: list[str], width: int) -> bool:
    """Whether a row has `width` cells, and beyond them nothing."""
    return len(row) == width or (len(row) > width and not any(map(str.strip, row[width:])))


def _tabbed(line: str) -> str:
    """Return a line whose runs of blanks, but in quotes, are one tab."""
    return re.sub(r'("[^"]*")|[ \t]+', lambda found: found[1] or "\t", line.strip()) + "\n"


def _uneven(dialect: Dialect, line: int, row: list[str]) -> str:
    """Return the error for a row that is too long or too short."""
    width, like = len(dialect.names), f"line {dialect.named}" if dialect.named else "the others"
    cells = f"{len(row)} cell{'s' if len(row) > 1 else ''}"
    told = f"{dialect.path}, line {line} has {cells}: expected {width}, as in {like}"
    if row[0].startswith("#"):
        return f"{told}; if it is a comment, remove it"
    for separator, called in SEPARATORS.items():
        if len(row) == 1 and row[0].count(separator) == width - 1:
            own = SEPARATORS.get(dialect.delimiter, repr(dialect.delimiter))
            return f"{told}; it is parted by {called}, not by {own}: part all lines alike"
    return f'{told}; put a cell that holds a separator into "quotes"'
