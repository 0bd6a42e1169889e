"""What a table's first lines tell of how it is written: encoding, separator, decimals, names.

What is found there is said in one line, unless it is what everyone expects: UTF-8, points, and
names in the first line.
"""

import csv
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nnanim.datasets.cells import has_comma, has_point, has_thousands, is_sound, number_in
from nnanim.datasets.dialect import (
    BLANKS,
    SEPARATORS,
    Dialect,
    Name,
    fits,
    is_whole,
    one_line,
    reader_of,
)
from nnanim.datasets.files import opened
from nnanim.datasets.lines import encoding_of, lines_of
from nnanim.errors import SceneError

_LINES, _LETTERS = 100, 2**18  # looked at, at most about
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)

_log = logging.getLogger("nnanim")


@dataclass(frozen=True)
class Written:
    """What the user says of how a table is written; None where it is to be found."""

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header: bool | None = None

    def __post_init__(self) -> None:
        if self.delimiter is not None and not _parts_cells(self.delimiter):
            raise SceneError(
                f'from_csv(delimiter={self.delimiter!r:.60}): expected one character, as ";", '
                'or " " for any blanks'
            )
        if self.decimal not in (None, ".", ","):
            raise SceneError(f'from_csv(decimal={self.decimal!r:.60}): expected "." or ","')
        if not isinstance(self.header, bool | None):
            raise SceneError(
                f"from_csv(header={self.header!r:.60}): expected True, where a line names the "
                "columns, or False"
            )


def _parts_cells(delimiter: object) -> bool:
    return isinstance(delimiter, str) and len(delimiter) == 1 and delimiter not in '"\r\n'


@dataclass(frozen=True)
class _Head:
    """The first lines of a table without those above it: `begin` lines, one of them a comment."""

    lines: list[str]
    cut: bool  # whether there are more
    begin: int
    separator: str | None  # that a line sep=; names
    comment: str  # the last above the table
    comment_line: int


def dialect_of(path: str | Path, written: Written, wanted: Sequence[Name]) -> Dialect:
    """Return how a table is written of which some columns are `wanted`.

    Raises `SceneError` where that cannot be told.
    """
    with opened(path) as file:
        encoding = encoding_of(path, file, written.encoding)
        head = _head_of(path, lines_of(path, file, encoding))
    delimiter = written.delimiter or head.separator or _delimiter(path, head)
    rows = _rows(head.lines, delimiter, head.cut)
    names, named = _names(path, head, rows, delimiter, written.header, wanted)
    found = Dialect(path, encoding, delimiter, ".", names, named, head.begin)
    found = replace(found, decimal=written.decimal or _decimal(found, rows))
    _tell(found, written)
    return found


def _head_of(path: str | Path, lines: Iterator[str]) -> _Head:
    """Return the first lines of a table; what is above the table are comments and blank lines."""
    read, letters, cut = list[str](), 0, False
    for line in lines:
        read.append(line)
        letters += len(line)
        cut = len(read) == _LINES or letters > _LETTERS
        if cut:
            break
    begin, separator, comment, comment_line = 0, None, "", 0
    if read and (told := _SEPARATOR_LINE.fullmatch(read[0])):
        begin, separator = 1, told[1]
    while begin < len(read) and (not read[begin].strip() or read[begin].startswith("#")):
        begin += 1
        if read[begin - 1].startswith("#"):
            comment, comment_line = read[begin - 1], begin
    if begin == len(read):
        held = f"{begin} lines hold comments alone" if comment else "line 1 is empty"
        raise SceneError(f"{path}, {held}: expected the names of the columns, then rows")
    return _Head(read[begin:], cut, begin, separator, comment, comment_line)


def _rows(lines: Sequence[str], delimiter: str, cut: bool = False) -> list[list[str]]:
    """Return the rows in some lines, without blanks around cells; the last of them may be `cut`."""
    rows = list[list[str]]()
    try:
        for row in reader_of(lines, delimiter, strict=False):
            rows.append([cell.strip() for cell in row])
    except csv.Error:
        pass  # is said with its line when the table is read
    rows = [row for row in rows if any(row)]
    return rows[:-1] if cut and len(rows) > 1 else rows or [[""]]


def _delimiter(path: str | Path, head: _Head) -> str:
    """Return what parts the cells: what parts all lines alike, and into most numbers."""
    numbers = {separator: _numbers(head, separator) for separator in SEPARATORS}
    best, blanks = max(numbers, key=numbers.__getitem__), _numbers(head, BLANKS)
    if best == "," and numbers[","] <= blanks and numbers[","] >= 0:
        # Where blanks may part the cells, and all commas be in numbers, blanks do.
        rows = _rows(head.lines, BLANKS, head.cut)
        if all("," not in cell or _is_number(cell) for row in rows for cell in row):
            if numbers[","] < blanks:
                return BLANKS
            raise SceneError(
                f"{path}: commas may part its cells, as in {head.lines[0].strip()!r:.60}, or be in "
                'its numbers: say which, by delimiter="," or delimiter=" "'
            )
    if numbers[best] >= 0:
        return best
    if blanks >= 0:
        return BLANKS
    unquoted = re.sub(r'"[^"]*"', "", head.lines[0])
    return max(reversed(SEPARATORS), key=unquoted.count)  # of none, a comma


def _numbers(head: _Head, delimiter: str) -> int:
    """Return how many numbers a separator finds; -1 where it does not part all lines alike."""
    rows = _rows(head.lines, delimiter, head.cut)
    width = len(rows[0])
    if width < 2 or not all(fits(row, width) for row in rows):
        return -1
    return sum(_is_number(cell) for row in rows for cell in row)


def _is_number(cell: str) -> bool:
    """Whether a cell is a number, with whatever marks in it."""
    return is_sound(number_in(cell)) or has_comma(cell) or has_thousands(cell)


def _decimal(found: Dialect, rows: list[list[str]]) -> str:
    """Return the decimal mark; a comma only where commas part nothing, and nothing else fits."""
    cells = [cell for row in rows for cell in row]
    commas = [cell for cell in cells if has_comma(cell)]
    if found.delimiter == "," or any(map(has_point, cells)) or all(map(has_thousands, commas)):
        return "."
    return ","


def _names(
    path: str | Path,
    head: _Head,
    rows: list[list[str]],
    delimiter: str,
    header: bool | None,
    wanted: Sequence[Name],
) -> tuple[tuple[str, ...], int]:
    """Return the names of the columns and the line they are in; 0 where there is none."""
    first, line = list(map(one_line, rows[0])), head.begin + 1
    texts = [one_line(name) for name in wanted if isinstance(name, str)]
    number = next(filter(_is_number, first), None)
    if header is None and number is not None:
        comment = list(map(one_line, _rows([head.comment.lstrip("# ")], delimiter)[0]))
        if len(comment) == len(first) and set(texts) <= set(comment):
            return _ended(comment), head.comment_line
        header = _is_header(path, line, first, number, texts, len(texts) < len(wanted))
    if header is not False:
        return _ended(first), line
    width = max(len(_ended(row)) for row in rows)
    return tuple(f"column {i + 1}" for i in range(width)), 0


def _is_header(
    path: str | Path, line: int, cells: list[str], number: str, texts: list[str], numbered: bool
) -> bool:
    """Return whether a line that holds a number names the columns all the same."""
    if any(text in cells and number_in(text) is None for text in texts):
        return True
    if not all(map(is_whole, texts)) or not (texts or numbered):
        raise SceneError(
            f"{path}, line {line} holds no names of columns, as {number!r:.60} is a number: choose "
            f"columns by their numbers, as target={len(cells)}, or say that they are names by "
            "header=True"
        )
    if cells in ([str(i + start) for i in range(len(cells))] for start in (0, 1)):
        raise SceneError(
            f"{path}, line {line} holds {', '.join(cells[:4])} …: say whether these are the names "
            "of the columns, header=True, or the first row, header=False"
        )
    return False


def _ended(cells: list[str]) -> tuple[str, ...]:
    """Return cells, each in one line, without those that are empty at their end."""
    count = max((i for i, cell in enumerate(cells, start=1) if cell), default=1)
    return tuple(map(one_line, cells[:count]))


def _tell(found: Dialect, written: Written) -> None:
    """Say in one line what was found that not everyone expects."""
    told = []
    if written.encoding is None and found.encoding not in ("utf-8", "utf-8-sig"):
        told.append(f"it is {found.encoding.upper()}")
    if written.delimiter is None and found.delimiter == BLANKS:
        told.append("blanks part its cells")
    if written.decimal is None and found.decimal == ",":
        told.append("it has decimal commas")
    if written.header is None and not found.named:
        told.append(f"it names no columns, which are numbered from 1 to {len(found.names)}")
    if written.header is None and 0 < found.named <= found.begin:
        told.append(f"its columns are named in the comment in line {found.named}")
    if told:
        _log.warning("%s is read like this: %s", found.path, "; ".join(told))
