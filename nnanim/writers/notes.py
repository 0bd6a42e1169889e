"""Notes: what any film file tells of where it came from, found without reading the whole of it."""

import html
import re
from collections.abc import Callable
from pathlib import Path

from nnanim.writers.containers import Source, along, boxes, elements, png_chunks, riff_chunks

_LONGEST = 2**18  # bytes of a note
_SEGMENT, _TAGS, _TAG, _SIMPLE, _NAME, _STRING = (
    *(0x18538067, 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487),
)  # of a WebM


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
    for part in png_chunks(source, source.whole._replace(start=8)):
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
    for part in riff_chunks(source, source.whole._replace(start=12)):
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
    item = along(source, source.whole, boxes, b"moov", b"udta", b"meta", b"ilst", b"\xa9cmt")
    for part in item:
        return _text(source.read(part.start + 16, part.end))
    for part in along(source, source.whole, boxes, b"moov", b"udta", b"\xa9cmt"):
        return _text(source.read(part.start + 4, part.end))
    return ""


def _of_webm(source: Source) -> str:
    for simple in along(source, source.whole, elements, _SEGMENT, _TAGS, _TAG, _SIMPLE):
        held = {part.name: part for part in elements(source, simple)}
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


def _between(content: bytes, start: bytes, end: bytes) -> bytes:
    """Return what stands between two marks; nothing where one is missing."""
    _, _, behind = content.partition(start)
    inner, closed, _ = behind.partition(end)
    return inner if closed else b""


def _text(content: bytes) -> str:
    return content.decode(errors="replace")
