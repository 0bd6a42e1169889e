"""Gallery: a site of many scenes, of which only what has changed is made anew."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import nnanim
from nnanim.errors import NnanimError, UsageError
from nnanim.gallery.cards import Card, files_of
from nnanim.gallery.sheets import film_sheet, front_sheet, style
from nnanim.place import check_place, replacing
from nnanim.rendering.extras import alt_text
from nnanim.rendering.filming import sheet_of, still_of
from nnanim.rendering.films import make_films
from nnanim.rendering.requests import Request
from nnanim.rendering.subject import Subject
from nnanim.scene.files import blamed_on, declared
from nnanim.scene.reading import code_hash
from nnanim.threads import Progress

_LIST = "gallery.json"  # what is in the site, and of what it was made
_POSTER = (640, 360)
_LARGEST = 64 * 2**20  # bytes of a file beside a scene that is looked at for changes

_log = logging.getLogger("nnanim")


def make_gallery(
    files: Sequence[Path], site: Path, title: str, progress: Progress | None = None
) -> tuple[list[Card], list[str]]:
    """Make a site of scene files in the folder `site`, or bring it up to date.

    What was made of the same files by the same nnanim stays; what is of no scene any more goes.
    Returns the cards, and what is wrong with scenes that have none. Raises `UsageError` where two
    files have one name, `WriteError` where the disk refuses.
    """
    _expect_names(files)
    if not site.exists():
        check_place(site)
        site.mkdir()
    check_place(site / _LIST)
    known = _known(site)
    made = _made_by()
    cards, wrong = [], []
    for i, file in enumerate(files):
        if progress is not None:
            progress("films", i, len(files))
        try:
            cards.append(_card(file, site, known.get(file.stem), made))
        except NnanimError as error:
            wrong.append(str(error))
    if progress is not None:
        progress("films", len(files), len(files))
    sources = {file.stem: file.read_text(encoding="utf-8") for file in files}
    _write(site / "gallery.css", style())
    _write(site / "index.html", front_sheet(title, cards))
    for before, card, after in zip([None, *cards], cards, [*cards[1:], None], strict=False):
        _write(
            site / files_of(card.name)[-1],
            film_sheet(title, card, sources[card.name], before, after),
        )
    listed = json.dumps([asdict(card) for card in cards], indent=2, ensure_ascii=False)
    _write(site / _LIST, f"{listed}\n")
    kept = {name for card in cards for name in files_of(card.name)}
    for gone in {name for scene in known for name in files_of(scene)} - kept:
        (site / gone).unlink(missing_ok=True)
    return cards, wrong


def _card(file: Path, site: Path, known: Card | None, made: str) -> Card:
    """Return the card of a scene; its film is made where none is there of the same files."""
    key = _key(file, made)
    if (
        known is not None
        and known.key == key
        and all((site / name).is_file() for name in files_of(known.name))
    ):
        return known
    with blamed_on(file):
        scene = declared(file)
        _log.info("%s is filmed", file)
        return _filmed(file, scene, site, key)


def _filmed(file: Path, scene: Subject, site: Path, key: str) -> Card:
    """Make a scene's page and picture, and return its card."""
    page, poster, _ = files_of(file.stem)
    (video,), film = make_films(scene, [Request(site / page, format="html")])
    seconds = film.timeline.seconds
    _write(site / poster, still_of(film, seconds, _POSTER, None).png)
    header = film.header
    alt = alt_text(sheet_of(film), [0.0, seconds])
    return Card(file.stem, " ".join(header.title.split()), header.description, alt, video.size, key)


def _key(file: Path, made: str) -> str:
    """Return what a scene's film hangs on: its code, the files beside it, and what made it."""
    digest = sha256(f"{made} {code_hash(file)}".encode())
    for part in sorted(file.parent.iterdir()):
        if part.is_file() and part.suffix != ".py" and part.stat().st_size <= _LARGEST:
            digest.update(part.name.encode(errors="surrogateescape"))
            digest.update(part.read_bytes())
    return digest.hexdigest()


def _made_by() -> str:
    """Return a digest of nnanim itself."""
    root = Path(nnanim.__file__).parent
    sources = [*root.rglob("*.py"), *root.rglob("*.js"), *root.rglob("*.css")]
    inside = [path for path in sorted(sources) if "examples" not in path.relative_to(root).parts]
    return sha256(b"".join(path.read_bytes() for path in inside)).hexdigest()


def _known(site: Path) -> Mapping[str, Card]:
    """Return the cards of a site as it is; none where it has no list, or one of another nnanim."""
    try:
        rows: list[dict[str, Any]] = json.loads((site / _LIST).read_text(encoding="utf-8"))
        cards = [Card(**{**row, "size": tuple(row["size"])}) for row in rows]
        # A list may be anyone's: what it names is not to lead out of the site.
        return {card.name: card for card in cards if Path(card.name).name == card.name}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _expect_names(files: Sequence[Path]) -> None:
    names = [file.stem for file in files]
    for name in names:
        if names.count(name) > 1 or name == "index":
            two = " and ".join(str(file) for file in files if file.stem == name)
            raise UsageError(f"{two}: expected files of different names, none of them index.py")


def _write(path: Path, content: str | bytes) -> None:
    content = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == content:
        return
    with replacing(path) as made:
        made.write_bytes(content)
