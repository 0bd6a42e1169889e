"""Notes: what any film file tells of where it came from, found without reading the whole of it.

The file may be anyone's: of a container only so many parts are passed over, each by its length, and
of what they hold no more is read than a note may be long. Nothing is decoded.
"""

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

_LONGEST = 2**18  # bytes of a note
_PARTS = 50_000  # of a file that are passed over
_SEGMENT, _TAGS, _TAG, _SIMPLE, _NAME, _STRING = (
    *(0x18538067, 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487),
)  # of a WebM


class Part(NamedTuple):
    """A part of a container: its name, and where what it holds begins and ends."""

    name: bytes | int
    start: int
    end: int


class Source:
    """A file that is read in places."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._passed = 0
        self.whole = Part(b"", 0, file.seek(0, 2))

    def read(self, start: int, end: int, most: int = _LONGEST) -> bytes:
        """Return what stands there, as far as there is any, of at most so many bytes."""
        self._file.seek(start)
        return self._file.read(min(max(0, end - start), most))

    def number(self, at: int, size: int, order: Literal["big", "little"] = "big") -> int:
        """Return a number of so many bytes; `ValueError` where the file ends before it does."""
        found = self.read(at, at + size)
        if len(found) < size:
            raise ValueError("the file is cut short")
        return int.from_bytes(found, order)

    def part(self, name: bytes | int, start: int, end: int) -> Part:
        """Return a part; `ValueError` where a file has more than anyone needs."""
        self._passed += 1
        if self._passed > _PARTS:
            raise ValueError(f"the file has more than {_PARTS} parts")
        return Part(name, start, min(end, self.whole.end))


Parts = Callable[[Source, Part], Iterator[Part]]


def note_in(path: Path) -> str:
    """Return the note that a film or picture holds; "" where there is none.

    Raises `ValueError` for a file that is cut short, or that has far too many parts.
    """
    with path.open("rb") as file:
        source = Source(file)
        start = source.read(0, 12)
        for magic, read in _READERS:
            if re.match(magic, start, re.DOTALL):
                return read(source)
    return ""


def _of_png(source: Source) -> str:
    for part in _png_chunks(source, source.whole._replace(start=8)):
        if part.name == b"iTXt":
            body = source.read(part.start, part.end)
            if body.startswith(b"Comment\0\0\0\0\0"):
                return _text(body[12:])
    return ""


def _of_gif(source: Source) -> str:
    """Return the comment, which comes before all other blocks, in pieces of up to 255 bytes."""
    flags = source.number(10, 1)
    at = 13 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
    content = source.read(at, source.whole.end, 2 * _LONGEST)
    pieces, at = [], 2
    while content.startswith(b"!\xfe") and at < len(content) and content[at]:
        pieces.append(content[at + 1 : at + 1 + content[at]])
        at += 1 + content[at]
    return _text(b"".join(pieces))


def _of_webp(source: Source) -> str:
    for part in _riff_chunks(source, source.whole._replace(start=12)):
        if part.name == b"XMP ":
            xmp = source.read(part.start, part.end)
            described = _between(xmp, b"<dc:description>", b"</dc:description>")
            _, _, item = _between(described, b"<rdf:li", b"</rdf:li>").partition(b">")
            return html.unescape(_text(item))
    return ""


def _of_svg(source: Source) -> str:
    """Return the description, which stands before all that is drawn."""
    head = source.read(*source.whole[1:])
    return html.unescape(_text(_between(head, b"<dc:description>", b"</dc:description>")))


def _of_pdf(source: Source) -> str:
    """Return the subject, which stands behind all that is drawn."""
    end = source.whole.end
    _, _, behind = source.read(max(0, end - 2 * _LONGEST), end, 2 * _LONGEST).rpartition(
        b"/Subject ("
    )
    found = re.match(rb"[^\\)]*(?:\\.[^\\)]*)*\)", behind, re.DOTALL)
    return re.sub(r"\\(.)", r"\1", _text(found[0][:-1]), flags=re.DOTALL) if found else ""


def _of_mp4(source: Source) -> str:
    """Return the comment of an MP4, which is an item of a list, or of a QuickTime film."""
    item = _along(source, source.whole, _boxes, b"moov", b"udta", b"meta", b"ilst", b"\xa9cmt")
    for part in item:
        return _text(source.read(part.start + 16, part.end))
    for part in _along(source, source.whole, _boxes, b"moov", b"udta", b"\xa9cmt"):
        return _text(source.read(part.start + 4, part.end))
    return ""


def _of_webm(source: Source) -> str:
    for simple in _along(source, source.whole, _elements, _SEGMENT, _TAGS, _TAG, _SIMPLE):
        held = {part.name: part for part in _elements(source, simple)}
        if _NAME in held and _STRING in held:
            name, text = (source.read(*held[kind][1:]) for kind in (_NAME, _STRING))
            if name.strip(b"\0").upper() == b"COMMENT":
                return _text(text)
    return ""


_READERS: tuple[tuple[bytes, Callable[[Source], str]], ...] = (
    (rb"\x89PNG\r\n\x1a\n", _of_png),
    (rb"GIF8[79]a", _of_gif),
    (rb"RIFF....WEBP", _of_webp),
    (rb"<\?xml", _of_svg),
    (rb"%PDF", _of_pdf),
    (rb"....ftyp", _of_mp4),
    (rb"\x1aE\xdf\xa3", _of_webm),
)


def _png_chunks(source: Source, within: Part) -> Iterator[Part]:
    at = within.start
    while at + 12 <= within.end:
        size = source.number(at, 4)
        yield source.part(source.read(at + 4, at + 8), at + 8, at + 8 + size)
        at += size + 12


def _riff_chunks(source: Source, within: Part) -> Iterator[Part]:
    at = within.start
    while at + 8 <= within.end:
        size = source.number(at + 4, 4, "little")
        yield source.part(source.read(at, at + 4), at + 8, at + 8 + size)
        at += 8 + size + size % 2


def _boxes(source: Source, within: Part) -> Iterator[Part]:
    at = within.start + (4 if within.name == b"meta" else 0)  # whose version comes first
    while at + 8 <= within.end:
        size, head = source.number(at, 4), 8
        if size == 1:
            size, head = source.number(at + 8, 8), 16
        end = at + max(size, head) if size else within.end
        yield source.part(source.read(at + 4, at + 8), at + head, end)
        at = end


def _elements(source: Source, within: Part) -> Iterator[Part]:
    at = within.start
    while at < within.end:
        name, behind = _varied(source, at)
        size, start = _varied(source, behind)
        mark = 1 << 7 * (start - behind)  # says how long the number is
        end = within.end if size == 2 * mark - 1 else start + size - mark
        yield source.part(name, start, end)
        at = end


def _varied(source: Source, at: int) -> tuple[int, int]:
    """Return a number whose first bits say how long it is, with them, and where it ends."""
    length = 9 - source.number(at, 1).bit_length()
    if length > 8:
        raise ValueError("the file has a number without a length")
    return source.number(at, length), at + length


def _along(
    source: Source, within: Part, parts: Parts, name: bytes | int, *deeper: bytes | int
) -> Iterator[Part]:
    """Give the parts that a path of names leads to."""
    for part in parts(source, within):
        if part.name == name:
            yield from _along(source, part, parts, *deeper) if deeper else (part,)


def _between(content: bytes, start: bytes, end: bytes) -> bytes:
    """Return what stands between two marks; nothing where one is missing."""
    _, _, behind = content.partition(start)
    inner, closed, _ = behind.partition(end)
    return inner if closed else b""


def _text(content: bytes) -> str:
    return content.decode(errors="replace")
