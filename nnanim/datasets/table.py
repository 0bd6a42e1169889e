"""A CSV file read by columns; what is wrong with it is said with the line and the column.

The file is read a few thousand cells at a time, so that besides the numbers themselves, and each
different text once, little of it is ever in memory.
"""

import logging
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from nnanim.datasets.cells import complaint, is_no_label, is_nothing, is_sound, number_in
from nnanim.datasets.dialect import Dialect, Record, records
from nnanim.datasets.files import opened
from nnanim.datasets.lines import lines_of
from nnanim.datasets.plain import LARGEST
from nnanim.errors import SceneError

_CELLS = 2**15  # read at once
_MOST_TEXTS = 2**16  # different ones in a column
_MOST_LINES = 5  # of those left out, in a message

_log = logging.getLogger("nnanim")


@dataclass(eq=False)
class Columns:
    """Some columns of a table, of `numbers` and one of text, as far as they have been read.

    Of the `texts` each different one is kept once, with the line in which it stands first.
    """

    dialect: Dialect
    numbers: list[int]  # places of the columns
    text: int | None
    drop: bool  # leave out rows that lack a value; else they are refused
    worded: bool  # whether texts are not all numbers
    rows: int = 0
    lines: tuple[int, int] = (0, 0)  # of the first row and of the last
    left_out: int = 0
    left_out_in: list[int] = field(default_factory=list)
    texts: dict[str, int] = field(default_factory=dict)  # text -> its first line
    _numbers: "array[float]" = field(default_factory=lambda: array("d"))
    _texts: "array[int]" = field(default_factory=lambda: array("i"))
    _places: dict[str, int] = field(default_factory=dict)

    @property
    def table(self) -> NDArray[np.float64]:
        """The numbers (rows, columns)."""
        return np.frombuffer(self._numbers).reshape(self.rows, len(self.numbers))

    @property
    def column(self) -> NDArray[np.int32]:
        """Which of the `texts` each row (rows,) holds."""
        return np.frombuffer(self._texts, np.int32)

    def add(self, batch: Sequence[Record]) -> None:
        """Add some rows."""
        lines = [line for line, _ in batch]
        found = np.empty((len(batch), len(self.numbers)))
        for k, place in enumerate(self.numbers):
            found[:, k] = self._floats(place, [row[place] for _, row in batch], lines)
        kept = ~np.asarray(np.isnan(found).any(axis=1))
        if self.text is not None:
            cells = [row[self.text].strip() for _, row in batch]
            if self.drop:
                lacks = is_no_label if self.worded else is_nothing
                kept = kept & ~np.fromiter(map(lacks, cells), bool, len(cells))
            self._add_texts(cells, lines, kept)
        gone = np.flatnonzero(~kept)
        self.left_out += len(gone)
        self.left_out_in += [lines[i] for i in gone[: _MOST_LINES - len(self.left_out_in)]]
        self._numbers.frombytes(found[kept].tobytes())
        self.rows += len(batch) - len(gone)
        self.lines = self.lines[0] or lines[0], lines[-1]

    def _floats(self, place: int, cells: list[str], lines: list[int]) -> NDArray[np.float64]:
        """Return the numbers (n,) in some cells; NaN where one may hold nothing."""
        found = _quick(cells, self.dialect.decimal)
        if found is not None:
            return found
        read = []
        for line, cell in zip(lines, map(str.strip, cells), strict=True):
            number = number_in(cell, self.dialect.decimal)
            if self.drop and is_nothing(cell):
                number = np.nan
            elif number is None or not is_sound(number):
                at = self.dialect.at(line, place)
                cure = "mend it, or choose other columns"
                raise complaint(at, cell, self.dialect.decimal, cure)
            read.append(number)
        return np.array(read, np.float64)

    def _add_texts(self, cells: list[str], lines: list[int], kept: NDArray[np.bool_]) -> None:
        for line, cell, keep in zip(lines, cells, kept.tolist(), strict=True):
            if not keep:
                continue
            if cell not in self.texts:
                if len(self.texts) == _MOST_TEXTS:
                    raise SceneError(
                        f"{self.dialect.at(line, self.text or 0)}: more than {_MOST_TEXTS:,} "
                        'different values by there: give task="regression" if they are measured'
                    )
                self._places[cell] = len(self.texts)
                self.texts[cell] = line
            self._texts.append(self._places[cell])


def columns_of(dialect: Dialect, numbers: list[int], text: int | None, drop: bool) -> Columns:
    """Return the columns at `numbers`, and the one at `text`, of a CSV file.

    Where what should be texts are plainly measured, they are the last of the numbers. Rows without
    a value in one of them are left out by `drop`, which is said, else refused.
    """
    with opened(dialect.path) as file:
        rows = records(dialect, lines_of(dialect.path, file, dialect.encoding))
        size = max(1, _CELLS // len(dialect.names))
        batch = list(islice(rows, size))
        cells = [] if text is None else [row[text].strip() for _, row in batch]
        told = [number_in(cell, dialect.decimal) for cell in cells if not is_nothing(cell)]
        worded = None in told
        if text is not None and not worded and any(map(_is_fraction, told)):
            numbers, text = [*numbers, text], None
        found = Columns(dialect, numbers, text, drop, worded)
        while batch:
            found.add(batch)
            batch = list(islice(rows, size))
    if found.left_out:
        lines = ", ".join(map(str, found.left_out_in))
        more = " …" if found.left_out > len(found.left_out_in) else ""
        _log.warning(
            "%s: %d of %d rows are left out, for want of values: line%s %s%s",
            dialect.path, found.left_out, found.left_out + found.rows,
            "s" if found.left_out > 1 else "", lines, more,
        )  # fmt: skip
    return found


def _is_fraction(number: float | None) -> bool:
    return number is not None and is_sound(number) and number % 1 != 0


def _quick(cells: list[str], decimal: str) -> NDArray[np.float64] | None:
    """Return the numbers in some cells; None where one of them needs a closer look."""
    joined = "".join(cells)
    if "_" in joined or (decimal == "," and "." in joined):
        return None
    if decimal == ",":
        cells = [cell.replace(",", ".") for cell in cells]
    try:
        found = np.array(list(map(float, cells)))
    except ValueError:
        return None
    return found if (np.abs(found) <= LARGEST).all() else None
