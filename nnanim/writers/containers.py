"""Containers: the parts of a film's file, passed over by their lengths; nothing is decoded.

The file may be anyone's, or what an encoder says that it has made: no part is believed to be longer
than the file, and only so many are passed over.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

_LONGEST = 2**18  # bytes that are read at once
_PARTS = 50_000  # of anyone's file that are passed over
_SIZES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz")  # of an MP4's samples
_SEGMENT, _CLUSTER, _BLOCK_GROUP, _SIMPLE_BLOCK = 0x18538067, 0x1F43B675, 0xA0, 0xA3  # of a WebM


class Part(NamedTuple):
    """A part of a container: its name, and where what it holds begins and ends."""

    name: bytes | int
    start: int
    end: int


class Source:
    """A file that is read in places."""

    def __init__(self, file: BinaryIO, parts: int = _PARTS) -> None:
        self._file = file
        self._left = parts
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
        self._left -= 1
        if self._left < 0:
            raise ValueError("the file has too many parts")
        return Part(name, start, min(end, self.whole.end))


Parts = Callable[[Source, Part], Iterator[Part]]


def frames_in(path: Path) -> int:
    """Return how many frames an MP4, MOV, WebM or APNG holds, as its container has it.

    Raises `ValueError` for a file that is none of them, or cut short.
    """
    with path.open("rb") as file:
        source = Source(file, 10**9)
        start = source.read(0, 8)
        if start[4:] == b"ftyp":
            sizes = next(along(source, source.whole, boxes, *_SIZES), None)
            return 0 if sizes is None else source.number(sizes.start + 8, 4)
        if start == b"\x89PNG\r\n\x1a\n":
            chunks = png_chunks(source, source.whole._replace(start=8))
            return next((source.number(c.start, 4) for c in chunks if c.name == b"acTL"), 0)
        if start[:4] == b"\x1aE\xdf\xa3":
            clusters = along(source, source.whole, elements, _SEGMENT, _CLUSTER)
            blocks = (part.name for cluster in clusters for part in elements(source, cluster))
            return sum(name in (_BLOCK_GROUP, _SIMPLE_BLOCK) for name in blocks)
    raise ValueError("it is no film")


def png_chunks(source: Source, within: Part) -> Iterator[Part]:
    """Give the chunks of a PNG."""
    at = within.start
    while at + 12 <= within.end:
        size = source.number(at, 4)
        yield source.part(source.read(at + 4, at + 8), at + 8, at + 8 + size)
        at += size + 12


def riff_chunks(source: Source, within: Part) -> Iterator[Part]:
    """Give the chunks of a WebP."""
    at = within.start
    while at + 8 <= within.end:
        size = source.number(at + 4, 4, "little")
        yield source.part(source.read(at, at + 4), at + 8, at + 8 + size)
        at += 8 + size + size % 2


def boxes(source: Source, within: Part) -> Iterator[Part]:
    """Give the boxes of an MP4 or MOV."""
    at = within.start + (4 if within.name == b"meta" else 0)  # whose version comes first
    while at + 8 <= within.end:
        size, head = source.number(at, 4), 8
        if size == 1:
            size, head = source.number(at + 8, 8), 16
        end = at + max(size, head) if size else within.end
        yield source.part(source.read(at + 4, at + 8), at + head, end)
        at = end


def elements(source: Source, within: Part) -> Iterator[Part]:
    """Give the elements of a WebM."""
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


def along(
    source: Source, within: Part, parts: Parts, name: bytes | int, *deeper: bytes | int
) -> Iterator[Part]:
    """Give the parts that a path of names leads to."""
    for part in parts(source, within):
        if part.name == name:
            yield from along(source, part, parts, *deeper) if deeper else (part,)
