"""Sheets: the pages of a gallery, in plain HTML without any script."""

import shlex
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from nnanim import __version__
from nnanim.gallery.cards import Card, files_of
from nnanim.rendering.video import shown_page

_STYLE = "gallery.css"
# A film's page is in a frame of its own, which has a policy of its own.
_POLICY = "script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"


def front_sheet(title: str, cards: Sequence[Card]) -> str:
    """Return the sheet of all cards."""
    shown = "\n".join(_card(card) for card in cards)
    count = f"{len(cards)} film{'s' * (len(cards) != 1)} of networks while they learn."
    return _sheet(
        title,
        count,
        f'<h1>{escape(title)}</h1>\n<p>{count}</p>\n<ul class="cards">\n{shown}\n</ul>',
    )


def film_sheet(title: str, card: Card, source: str, before: Card | None, after: Card | None) -> str:
    """Return the sheet of one film: it can be touched there, and made again."""
    page, _, _ = files_of(card.name)
    name = shlex.quote(f"{card.name}.py")
    commands = f"nnanim render {name}\nnnanim render {name} -o {shlex.quote(card.name)}.html\n"
    film = shown_page(f'src="{quote(page)}"', card.alt, card.size)
    parts = [
        f"<h1>{escape(card.title)}</h1>",
        f"<p>{escape(card.description)}</p>",
        f'<div class="film">{film}</div>',
        "<h2>Make it</h2>",
        _code(escape(commands), "commands"),
        "<h2>The scene</h2>",
        _code(_colored(source), "the scene's source"),
    ]
    neighbours = [
        f'<a href="{quote(files_of(other.name)[-1])}" rel="{way}">{said} {escape(other.title)}</a>'
        for way, said, other in (("prev", "Before:", before), ("next", "Next:", after))
        if other is not None
    ]
    links = ['<a href="index.html">All films</a>', *neighbours]
    return _sheet(f"{card.title} – {title}", card.alt, "\n".join(parts), links)


@cache
def style() -> str:
    """Return the style of all sheets."""
    return Path(__file__).with_name(_STYLE).read_text(encoding="utf-8")


def _card(card: Card) -> str:
    _, poster, sheet = files_of(card.name)
    picture = (
        f'<img src="{quote(poster)}" alt="{escape(card.alt)}" width="640" height="360" '
        'loading="lazy">'
    )
    return (
        f'<li><a href="{quote(sheet)}" aria-label="{escape(card.title)}">{picture}</a>'
        f'<h2><a href="{quote(sheet)}">{escape(card.title)}</a></h2>'
        f"<p>{escape(card.description)}</p></li>"
    )


def _code(inner: str, label: str) -> str:
    """Return code that a keyboard can scroll."""
    return f'<pre tabindex="0" role="region" aria-label="{label}"><code>{inner}</code></pre>'


def _colored(source: str) -> str:
    return str(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)))


def _sheet(title: str, description: str, inner: str, links: Sequence[str] = ()) -> str:
    navigation = f"<header><nav>{' '.join(links)}</nav></header>" if links else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)}</title>
<meta name="description" content="{escape(description)}">
<link rel="stylesheet" href="{_STYLE}">
</head>
<body>
{navigation}
<main>
{inner}
</main>
<footer><p>Made by nnanim {__version__}.</p></footer>
</body>
</html>
"""
