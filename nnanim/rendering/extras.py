"""Extras: what a page needs beside a film: a poster, an alt text, captions, snippets for pages."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from nnanim.place import replacing
from nnanim.rendering.cues import tracks_of
from nnanim.rendering.video import Video, inline, shown_page
from nnanim.sheet.sheet import Sheet
from nnanim.sheet.strip import Strip
from nnanim.texts import drawable
from nnanim.writers.tracks import web_vtt

_MARKS = re.compile(r"[\\`*_\[\]<>&!|~$]")  # what Markdown would read as more than letters


def write_extras(video: Video, place: Path, sheet: Sheet, times: Sequence[float]) -> list[Path]:
    """Write poster, alt text, HTML and Markdown beside the film's place and return their paths.

    Where something is said in the film, also that, as WebVTT. `times` are the film times of the
    frames it holds.
    """
    alt, said = alt_text(sheet, times), tracks_of(sheet, times).captions
    paths = beside(place)
    film, poster, captions = (
        quote(os.fsencode(path.name)) for path in (place, paths[0], paths[-1])
    )
    contents = (
        video.poster,
        f"{alt}\n".encode(),
        f"{video.element(film, poster, alt, captions if said else '')}\n".encode(),
        f"{_markdown(video, film, poster, alt)}\n".encode(),
        *((web_vtt(said).encode(),) if said else ()),
    )
    written = dict(zip(paths, contents, strict=False))
    if video.is_page:
        written |= dict(zip(beside_page(place), _snippets(video, place, film, alt), strict=True))
    for path, content in written.items():
        with replacing(path) as made:
            made.write_bytes(content)
    return list(written)


def beside(film: Path) -> list[Path]:
    """Return the paths of a film's poster, alt text, HTML, Markdown and captions."""
    ends = (".poster.png", ".txt", ".html", ".md", ".vtt")
    return [film.with_name(f"{film.name}{end}") for end in ends]


def beside_page(page: Path) -> list[Path]:
    """Return the paths of snippets that only pages have: in one file, for Quarto, for reveal."""
    return [page.with_name(f"{page.name}{end}") for end in (".srcdoc.html", ".qmd", ".reveal.html")]


def _snippets(video: Video, place: Path, page: str, alt: str) -> list[bytes]:
    """Return a page in a frame of its own for HTML, and frames of its file for slides."""
    source = f'src="{page}"'
    whole = shown_page(inline(place), alt, video.size)
    quarto = f"```{{=html}}\n{shown_page(source, alt, video.size)}\n```"
    # Slides load what is near by themselves; the frame takes keys only when it has focus.
    slide = shown_page(f"data-{source}", alt, video.size).replace(' loading="lazy"', "")
    reveal = f"<section>\n{slide}\n</section>"
    return [f"{text}\n".encode() for text in (whole, quarto, reveal)]


def alt_text(sheet: Sheet, times: Sequence[float]) -> str:
    """Return what a film shows, for whoever cannot see it: panels, epochs, loss and score."""
    film, words = sheet.film, sheet.film.words
    begun, ended = min(times), max(times)
    first, last = film.moment(begun), film.moment(ended)
    panels = [panel for panels in sheet.panels for panel in panels]
    titles = dict.fromkeys(panel.block or panel.title for panel in panels if panel.title)
    sentences = [" ".join(film.header.title.split()), film.header.description]
    start, end = (words.number(f"{moment:.4g}") for moment in (first, last))
    shown = "An animation of {panels} from epoch {start} to {end}"
    sentences.append(words(shown, panels=words.listed(list(titles)), start=start, end=end))
    if film.names:
        sentences.append(words("Side by side: {names}", names="; ".join(film.names)))
    elif film.network.hidden:
        hidden = ", ".join(film.network.hidden)
        sentences.append(words("Hidden layers: {names}", names=hidden))
    if len(film.header.class_names):
        classes = ", ".join(film.header.class_names)
        sentences.append(words("Classes: {names}", names=classes))
    for when, t in (("At first: {figures}", begun), ("At last: {figures}", ended)):
        below = re.split(r" {2,}", Strip().figures(film, film.moment(t)))
        told = [*(nameplate.text(t) for nameplate in sheet.nameplates), *below]
        figures = ", ".join(" ".join(part.split()) for part in told)
        sentences.append(words(when, figures=figures))
    return drawable(" ".join(f"{text.strip().rstrip('.')}." for text in sentences if text.strip()))


def _markdown(video: Video, film: str, poster: str, alt: str) -> str:
    """Return the film as a picture, or its poster as a link to it."""
    text = _MARKS.sub(r"\\\g<0>", alt)
    return f"![{text}]({film})" if video.is_picture else f"[![{text}]({poster})]({film})"
