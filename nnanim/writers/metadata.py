"""What a film file tells of where it came from: title, scene, seed, versions; written and read.

Each container has one place for a comment, and the whole goes there as JSON: tags by ffmpeg, a
comment block in GIF, an iTXt chunk in PNG, XMP in WebP.
"""

import html
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nnanim.errors import UsageError
from nnanim.texts import json_in
from nnanim.writers.notes import note_in

_PNG = b"\x89PNG\r\n\x1a\n"
_ABSENT = "is not a film of nnanim: it tells nothing of the scene it came from"
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li '
    'xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title><dc:description><rdf:Alt><rdf:li '
    'xml:lang="x-default">{note}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF>'
    "</x:xmpmeta>"
)


def film_info(path: Path) -> dict[str, Any]:
    """Return what a film or a picture tells of where it came from.

    `path` may be the folder of a PNG film. Raises `UsageError` where it tells nothing.
    """
    file = min(path.glob("*.png"), default=path) if path.is_dir() else path
    if not file.is_file():
        raise UsageError(f"no film {str(path)!r}: expected a file that nnanim has made")
    try:
        told = json_in(note_in(file))
    except ValueError:
        told = None
    versions = told.get("versions") if isinstance(told, dict) else None
    if not isinstance(versions, dict) or "nnanim" not in versions:
        raise UsageError(f"{path} {_ABSENT}")
    return dict(told)


def tags(provenance: Mapping[str, Any]) -> list[str]:
    """Return ffmpeg's arguments that write `provenance` into MP4, MOV and WebM."""
    if not provenance:
        return []
    title = f"title={provenance.get('title', '')}"
    return ["-metadata", title, "-metadata", f"comment={_json(provenance)}"]


def write_in_png(path: Path, provenance: Mapping[str, Any]) -> None:
    """Write `provenance` into a PNG or APNG as an iTXt chunk."""
    if provenance:
        path.write_bytes(with_text(path.read_bytes(), provenance))


def is_png(content: bytes) -> bool:
    """Return whether bytes begin and end as a PNG does."""
    return content.startswith(_PNG) and content[-8:-4] == b"IEND"


def with_text(png: bytes, provenance: Mapping[str, Any]) -> bytes:
    """Return the bytes of a PNG with `provenance` after its header."""
    body = b"iTXtComment\0\0\0\0\0" + _json(provenance).encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = len(_PNG) + 25  # of the header, which comes first
    return png[:end] + chunk + png[end:]


def gif_comment(provenance: Mapping[str, Any]) -> bytes:
    """Return the comment block of a GIF that holds `provenance`; it comes before all others."""
    return b"!\xfe" + gif_blocks(_json(provenance).encode()) if provenance else b""


def gif_blocks(content: bytes) -> bytes:
    """Return `content` cut up as it stands in a GIF: blocks that begin with their length, up to 0.

    None has more than 255 bytes besides.
    """
    parts = (content[i : i + 255] for i in range(0, len(content), 255))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def write_in_webp(path: Path, provenance: Mapping[str, Any], size: tuple[int, int]) -> None:
    """Write `provenance` into a WebP of `size` (width, height) as XMP."""
    if not provenance:
        return
    content = bytearray(path.read_bytes())
    if content[12:16] != b"VP8X":  # a plain picture gets the chunk that says what else there is
        sides = (side - 1 for side in size)
        canvas = b"".join(side.to_bytes(3, "little") for side in sides)
        content[12:12] = b"VP8X" + struct.pack("<II", 10, 0) + canvas
    content[20] |= 0x04  # of what else there is: XMP
    title = html.escape(str(provenance.get("title", "")))
    xmp = _XMP.format(title=title, note=html.escape(_json(provenance))).encode()
    content += b"XMP " + struct.pack("<I", len(xmp)) + xmp + b"\0" * (len(xmp) % 2)
    content[4:8] = struct.pack("<I", len(content) - 8)
    path.write_bytes(content)


def _json(provenance: Mapping[str, Any]) -> str:
    return json.dumps(provenance, ensure_ascii=True, sort_keys=True)


def webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give name and body of each chunk of a WebP file."""
    at = 12
    while at + 8 <= len(content):
        name, size = struct.unpack("<4sI", content[at : at + 8])
        yield name, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
