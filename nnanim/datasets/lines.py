"""The lines of a text file, decoded; what cannot be read is said with the line.

Lines are counted as an editor counts them, whether they end in a line feed, a carriage return or
both.
"""

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nnanim.errors import SceneError

_LONGEST_LINE = 2**20  # characters
_PIECE = 2**16  # bytes decoded at once
_SHOWN = 24  # characters of a line around what cannot be read

# Longer marks first: that of UTF-16 begins one of UTF-32.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NO_TEXT = {
    b"PK\x03\x04": "a zip archive, as Excel's own .xlsx is: save the table as CSV UTF-8",
    b"\x1f\x8b": "packed by gzip: unpack it first",
    b"PAR1": "a Parquet file: save the table as CSV UTF-8",
    b"\x93NUMPY": "an array of numpy: load it, and give it to from_arrays",
}


def encoding_of(path: str | Path, file: BinaryIO, given: str | None = None) -> str:
    """Return how a text file is encoded: as `given`, as its byte order mark says, else in UTF-8.

    Raises `SceneError` for an encoding that is none, and for what is no text.
    """
    head = file.read(64)
    file.seek(0)
    marked = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    if given is not None:
        return _known(given)
    kind = next((kind for magic, kind in _NO_TEXT.items() if head.startswith(magic)), None)
    if kind is not None:
        raise SceneError(f"{path} is {kind}")
    if marked is None and b"\0" in head:
        halves = head[::2].count(0), head[1::2].count(0)
        order = "be" if halves[0] > halves[1] else "le"
        raise SceneError(
            f"{path} holds zero bytes and no byte order mark: expected text; if it is UTF-16, "
            f'give encoding="utf-16-{order}"'
        )
    return marked or "utf-8"


def _known(encoding: object) -> str:
    """Return an encoding that there is; of UTF-8, the one that takes off a mark."""
    try:
        if not isinstance(encoding, str):
            raise LookupError("no name")
        name = codecs.lookup(encoding).name
        io.TextIOWrapper(io.BytesIO(), name)
    except (LookupError, ValueError) as error:
        raise SceneError(
            f'encoding={encoding!r:.60}: expected one that Python knows, as "utf-8", "latin-1", '
            '"cp1252" or "utf-16"'
        ) from error
    return "utf-8-sig" if name == "utf-8" else name


def lines_of(path: str | Path, file: BinaryIO, encoding: str) -> Iterator[str]:
    """Give the lines of a file, each ended by a line feed but perhaps the last."""
    text, number = io.TextIOWrapper(file, encoding), 0
    try:
        while line := text.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise SceneError(
                    f"{path}, line {number} is longer than {_LONGEST_LINE} characters: expected a "
                    "table in CSV"
                )
            yield line
    except UnicodeError:
        file.seek(0)
        raise _undecoded(path, file, encoding) from None


def _undecoded(path: str | Path, file: BinaryIO, encoding: str) -> SceneError:
    """Return the error for the first byte of a file that is not of its encoding."""
    inner = codecs.getincrementaldecoder(encoding)()
    decoder = io.IncrementalNewlineDecoder(inner, translate=True)
    breaks, piece = 0, b""
    try:
        while piece := file.read(_PIECE):
            breaks += decoder.decode(piece).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        before, bad = error.object[: error.start], error.object[error.start]
        read = before.decode("latin-1")
        number = breaks + len(re.findall("\r\n|\r|\n", read)) + 1
        told = f"{path}, line {number}: byte 0x{bad:02x} is not {_called(encoding)}: "
        if encoding not in ("utf-8", "utf-8-sig"):
            return SceneError(f"{told}give the encoding that the table was saved in")
        return SceneError(told + _cure(error.object, error.start))
    except UnicodeError as error:
        why = " ".join(str(error).split())
        return SceneError(f"{path} cannot be read as {_called(encoding)}: {why}")
    return SceneError(f"{path} cannot be read as {_called(encoding)}")


def _cure(bytes_read: bytes, start: int) -> str:
    """Return what to do about a byte that is not UTF-8, with how it reads as Latin-1."""
    around = bytes_read[max(0, start - _SHOWN) : start + _SHOWN]
    windows = any(0x80 <= byte < 0xA0 for byte in around)  # has no letters there in Latin-1
    name, called = ("cp1252", "Windows-1252") if windows else ("latin-1", "Latin-1")
    try:
        before = bytes_read[max(0, start - _SHOWN) : start].decode(name)
        after = bytes_read[start : start + _SHOWN].decode(name)
    except UnicodeDecodeError:
        return "save the table as CSV UTF-8, or give its encoding"
    word = re.split(r'[,;|"\s]', before)[-1] + re.split(r'[,;|"\s]', after)[0]
    return (
        f"as {called} it reads {word!r}; if that is right, give encoding={name!r}, else save the "
        "table as CSV UTF-8"
    )


def _called(encoding: str) -> str:
    return encoding.removesuffix("-sig").upper()
