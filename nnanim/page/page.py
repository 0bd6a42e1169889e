"""The page: player, style and contents in one HTML file that asks for nothing else."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from nnanim.page.arrays import Arrays, deflated
from nnanim.page.contents import Contents

_IMPORT = re.compile(r"^import [^;]*? from \"[./\w]*/(?P<name>\w+)\.js\";$", re.M)
_COMMENT = re.compile(r"(?m:^\s*//[^\n]*$)|/\*\*.*?\*/", re.S)  # what types and people read
_INDENT = re.compile(r"\n\s+")
_EXPORT = re.compile(r"^export ", re.M)
_ENTRY, _OPENER = "start", "opener"  # the module that begins the player, and what runs it
_LAST = re.compile(r"</(?=script|style)|<!--", re.I)  # what would end an element early


def html(contents: Contents, told: Mapping[str, Any], language: str, poster: str = "") -> bytes:
    """Return the page of all contents, `told` as JSON; the same contents give the same bytes.

    `poster` is an element for readers without a script.
    """
    first = told["pages"][0]
    return document(
        (first["title"], first["caption"], language),
        style_of(told["themes"][0]["roles"]),
        [*contents.furniture, poster],
        told,
        contents.arrays,
        bundled(),
    )


def document(
    said: tuple[str, str, str],
    style: str,
    shown: Sequence[str],
    told: Mapping[str, Any],
    arrays: Arrays,
    player: str,
) -> bytes:
    """Return a page that asks for nothing, with what is `shown` where no script runs.

    `said` are its title, its description and its language; `told` and `arrays` are what its
    `player` reads.
    """
    opener = bundled(_OPENER)
    title, described, language = map(escape, said)
    policy = (
        "default-src 'none'; "
        f"script-src '{hash_of(opener)}' '{hash_of(player)}'; style-src '{hash_of(style)}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    note = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return "\n".join([
        "<!doctype html>",
        f'<html lang="{language}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta name="description" content="{described}">',
        '<meta name="generator" content="nnanim">',
        f"<title>{title}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        '<main id="nnanim">',
        *shown,
        "</main>",
        _held("contents", deflated(note.encode())),
        _held("arrays", arrays.packed),
        _held("player", deflated(player.encode())),
        f"<script>{opener}</script>",
        "</body>",
        "</html>",
        "",
    ]).encode()  # fmt: skip


def _held(name: str, packed: str) -> str:
    return f'<script type="application/octet-stream" id="{name}">{packed}</script>'


def bundled(entry: str = _ENTRY, *folders: Traversable) -> str:
    """Return the modules that `entry` needs, it last, as one script without comments.

    They lie in the player's folder, or in others beside it: no two have a name in common.
    """
    order: list[str] = []
    known: dict[str, str] = {}
    places = (*folders, files("nnanim.page").joinpath("player"))

    def visit(name: str) -> None:
        if name not in known:
            place = next(each for each in places if each.joinpath(f"{name}.js").is_file())
            known[name] = place.joinpath(f"{name}.js").read_text(encoding="utf-8")
            for found in _IMPORT.finditer(known[name]):
                visit(found["name"])
            order.append(name)

    visit(entry)
    parts = [_EXPORT.sub("", _IMPORT.sub("", known[name])).strip() for name in order]
    body = _INDENT.sub("\n", _COMMENT.sub("", "\n".join(parts)))
    assert not _LAST.search(body), "the player's source would end its own element"
    return f'"use strict";\n(() => {{\n{body}\n}})();'


def style_of(roles: Mapping[str, str], own: Traversable | None = None) -> str:
    """Return a style, the player's or one's `own`, with a theme's colours by their roles."""
    colors = ";".join(f"--{name}:{color}" for name, color in roles.items())
    style = own or files("nnanim.page").joinpath("player", "player.css")
    rules = _INDENT.sub("\n", style.read_text(encoding="utf-8"))
    return f"#nnanim{{{colors}}}\n{rules}"


def hash_of(text: str) -> str:
    """Return by what a page's policy knows its script or its style."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
