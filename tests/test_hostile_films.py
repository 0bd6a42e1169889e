"""`nnanim info` on a film that anyone made: an answer or one line, soon, and in little memory."""

import json
import random
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from nnanim.errors import UsageError
from nnanim.themes import THEMES
from nnanim.writers import FORMATS
from nnanim.writers.format import Shots
from nnanim.writers.metadata import film_info, with_text

Nnanim = Callable[..., tuple[int, str, str]]

_SECOND, _MEGABYTES = 5.0, 8e6  # five, so that a busy machine does not count
TOLD = {"title": "T", "versions": {"nnanim": "1"}, "seed": 3}
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s13xI", 13, b"IHDR", 0)
FTYP = b"\0\0\0\x10ftypisom\0\0\0\0"
MANY = 400_000


def box(name: bytes, content: bytes = b"") -> bytes:
    """Return a box of an MP4."""
    return struct.pack(">I", 8 + len(content)) + name + content


def told(note: str) -> bytes:
    """Return a PNG that tells a note."""
    body = b"iTXtComment\0\0\0\0\0" + note.encode()
    return PNG + struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


HOSTILE: dict[str, bytes] = {
    "an SVG that begins to describe itself again and again": b"<?xml?>"
    + b"<dc:description>" * MANY,
    "an SVG full of entities": b"<?xml?><dc:description>" + b"&am" * MANY + b"</dc:description>",
    "a PDF that begins its subject again and again": b"%PDF" + b"/Subject (" * MANY,
    "a PDF whose subject has no end": b"%PDF/Subject (" + b"\\" * MANY,
    "a WebP that begins to describe itself again and again": b"RIFF\0\0\0\0WEBPXMP "
    + struct.pack("<I", 16 * MANY)
    + b"<dc:description>" * MANY,
    "a WebP of empty chunks": b"RIFF\0\0\0\0WEBP" + b"ANMF\0\0\0\0" * MANY,
    "a PNG of empty chunks": PNG + b"\0\0\0\0teXt\0\0\0\0" * MANY,
    "a PNG that is longer than it is": PNG + b"\xff\xff\xff\xffiTXtComment\0\0\0\0\0{",
    "a GIF of pieces of a byte": b"GIF89a" + bytes(7) + b"!\xfe" + b"\1{" * MANY,
    "a GIF that ends early": b"GIF89a\0",
    "an MP4 of empty boxes": FTYP + box(b"free") * MANY,
    "an MP4 of empty films": FTYP + box(b"moov") * MANY,
    "an MP4 of boxes without a size": FTYP + b"\0\0\0\1moov" + bytes(8) + b"\0\0\0\3udta" * MANY,
    "an MP4 of boxes in boxes": FTYP + b"".join(
        struct.pack(">I", 8 * (20_000 - i)) + b"moov" for i in range(20_000)
    ),
    "an MP4 cut within its size": FTYP + b"\0\0\0\1moov\0",
    "a WebM of empty elements": b"\x1aE\xdf\xa3\x80" + b"\xec\x80" * MANY,
    "a WebM of a number without end": b"\x1aE\xdf\xa3" + bytes(9),
    "a WebM of segments of unknown size": b"\x1aE\xdf\xa3\x80" + b"\x18S\x80g\xff" * MANY,
    "JSON nested without end": told("[" * 100_000),
    "objects nested without end": told('{"versions":' * 50_000),
    "JSON nested too deep to print": told('{"versions": {"nnanim": ' + "[" * 40 + "]" * 40 + "}}"),
    "a number of a megabyte": told(f'{{"versions": {{"nnanim": {"9" * 200_000}}}}}'),
    "no number": told('{"versions": {"nnanim": NaN}}'),
    "half a letter": told('{"versions": {"nnanim": "\\ud800"}}'),
    "a playlist of other files": b"#EXTM3U\nconcat:/etc/passwd|/etc/hosts\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_film_is_one_line_at_once(name: str, tmp_path: Path, nnanim: Nnanim) -> None:
    """Within a second on an idle machine, whatever it is made of."""
    path = tmp_path / "evil.film"
    path.write_bytes(HOSTILE[name])

    began = time.perf_counter()
    code, out, err = nnanim("info", path)

    assert time.perf_counter() - began < _SECOND
    assert (code, out) == (2, "")
    assert err == (
        f"nnanim: {path} is not a film of nnanim: it tells nothing of the scene it came from\n"
    )


@pytest.mark.parametrize("versions", ["5", "null", '"nnanim"', '["nnanim"]', "[]", "{}", "true"])
def test_odd_versions_are_not_ours(versions: str, tmp_path: Path) -> None:
    """Whatever kind of JSON stands where they should be."""
    path = tmp_path / "odd.png"
    path.write_bytes(told(f'{{"versions": {versions}}}'))

    with pytest.raises(UsageError, match="is not a film of nnanim"):
        film_info(path)


@pytest.mark.parametrize("note", ["5", "[]", '"nnanim"', "null", ""])
def test_a_note_that_is_no_object_is_not_ours(note: str, tmp_path: Path) -> None:
    """A list of versions, say."""
    path = tmp_path / "odd.png"
    path.write_bytes(told(note))

    with pytest.raises(UsageError, match="is not a film of nnanim"):
        film_info(path)


def test_what_a_film_tells_may_be_of_any_kind(tmp_path: Path, nnanim: Nnanim) -> None:
    """Keys too: they are printed as they came, escaped."""
    path = tmp_path / "odd.png"
    note = {"title": [{"a": None}], "\x1b[1mkey\n": {"b": 1e300}, "versions": {"nnanim": {}}}
    path.write_bytes(told(json.dumps(note)))

    code, out, err = nnanim("info", path)

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "title       [{'a': None}]",
        "\\x1b[1mkey\\n b 1e+300",
        "versions    nnanim {}",
    ]


@pytest.mark.parametrize(
    "start",
    [PNG, FTYP, b"GIF89a", b"RIFF\0\0\0\0WEBP", b"<?xml?>", b"%PDF", b"\x1aE\xdf\xa3\x80", b"?"],
)
def test_a_huge_film_takes_little_memory(start: bytes, tmp_path: Path) -> None:
    """Of four gigabytes no more is read than a note may be long."""
    path = tmp_path / "huge.film"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(2**32)
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(UsageError, match="is not a film of nnanim"):
            film_info(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert time.perf_counter() - began < 3 * _SECOND  # which watching memory takes
    assert peak < _MEGABYTES


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A small film of each format that is one file."""
    folder = tmp_path_factory.mktemp("films")
    frames = [np.full((64, 80, 4), 255 - 60 * i, np.uint8) for i in range(3)]
    shots = Shots(
        (80, 64), 20, 3, THEMES["light"], lambda: iter(frames), lambda n: frames[:n], TOLD
    )
    found = {}
    for name, kind in FORMATS.items():
        if not kind.folder:
            kind.write(folder / f"film.{name}", shots)
            found[name] = (folder / f"film.{name}").read_bytes()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mp4", "mov", "webm", "webp", "apng", "gif"])
def test_a_mutated_film_tells_something_or_nothing(
    name: str, films: dict[str, bytes], tmp_path: Path
) -> None:
    """Three hundred of each format, cut short, with bytes changed, taken out or doubled."""
    content, chance = films[name], random.Random(name)
    path = tmp_path / "mutated"
    slowest = 0.0
    for _ in range(300):
        made = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(made))
            how = chance.randrange(4)
            if how == 0:
                made[at] = chance.randrange(256)
            elif how == 1:
                del made[at : at + chance.randint(1, 64)]
            elif how == 2:
                made[at:at] = made[at : at + chance.randint(1, 64)]
            else:
                made[at : at + 4] = chance.choice([b"\xff" * 4, bytes(4), b"\0\0\0\1"])
        path.write_bytes(made[: chance.choice([len(made), len(made), chance.randrange(12, 4000)])])
        began = time.perf_counter()
        with suppress(UsageError):
            assert isinstance(film_info(path)["versions"], dict)
        slowest = max(slowest, time.perf_counter() - began)

    assert slowest < _SECOND


def test_with_text_is_what_is_read(tmp_path: Path) -> None:
    """The hostile ones above are like our own, but for what they say."""
    path = tmp_path / "own.png"
    path.write_bytes(with_text(PNG, TOLD))

    assert film_info(path) == TOLD
    assert told(json.dumps(TOLD, sort_keys=True)) == path.read_bytes()
