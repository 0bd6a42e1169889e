"""Video: a film on disk, and how a page or a notebook shows it."""

import base64
import html
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from nnanim.rendering import notebook
from nnanim.texts import printable

_CONTROLS = 96  # pixels below a page's picture
_NARROW = "min(600px,160vw)"  # where a phone's width would leave the panels no height
_EMBED = 20 * 2**20  # bytes of a film that a notebook takes into itself


@dataclass(frozen=True, repr=False)
class Video:
    """A film on disk: its path, size (width, height), number of frames; shows itself in Jupyter."""

    path: Path
    size: tuple[int, int]
    frames: int
    fps: float
    description: str = ""
    format: str = "mp4"
    media: str = "video/mp4"  # its type to a page; "" where a page shows the poster
    last: Callable[[], bytes] = field(default=bytes, compare=False)
    clips: "tuple[Video, ...]" = ()  # of its chapters, where those were asked for
    cell: int | None = field(default=None, compare=False)  # of a notebook, which shows it already

    def __repr__(self) -> str:
        (width, height), path = self.size, printable(str(self.path))
        return f"Video({path}: {width}×{height}, {self.frames} frames at {self.fps:g} a second)"

    @cached_property
    def poster(self) -> bytes:
        """The last frame as a PNG; `last` makes it when it is first asked for."""
        return self.last()

    def element(self, source: str, poster: str, alt: str, captions: str = "") -> str:
        """Return the HTML that shows the film at `source`; of a folder, its poster.

        `captions` is where its WebVTT is.
        """
        if self.is_page:
            return shown_page(f'src="{source}"', alt, self.size)
        if self.is_picture or not self.media:
            return shown_picture(source if self.is_picture else poster, alt)
        alt = html.escape(alt)
        track = f'<track kind="captions" src="{captions}">' if captions else ""
        return (
            f'<video src="{source}" poster="{poster}" title="{alt}" aria-label="{alt}" '
            f'controls loop muted playsinline style="max-width:100%">{track}</video>'
        )

    @property
    def is_picture(self) -> bool:
        """Whether a page shows the film as a picture."""
        return self.media.startswith("image/")

    @property
    def is_page(self) -> bool:
        """Whether it is a page, which others show in a frame."""
        return self.media == "text/html"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, str | bytes]:
        """Return the film for a notebook, with a poster for viewers that block video.

        In the cell that shows it already, only what it is.
        """
        del include, exclude
        if self.cell is not None and self.cell == notebook.cell():
            return {"text/plain": repr(self)}
        return self.bundle()

    def bundle(self) -> dict[str, str | bytes]:
        """Return the film, embedded where it is not too large, its poster and what it is."""
        poster = base64.b64encode(self.poster).decode()
        source = poster_source = f"data:image/png;base64,{poster}"
        if self.is_page and self.path.is_file():
            return {
                "text/html": shown_page(inline(self.path), self.description, self.size),
                "image/png": poster,
                "text/plain": repr(self),
            }
        if self.path.is_file() and self.path.stat().st_size <= _EMBED:
            film = base64.b64encode(self.path.read_bytes()).decode()
            source = f"data:{self.media};base64,{film}"
        elif self.path.is_file():
            source = html.escape(self.path.as_posix())
        return {
            "text/html": self.element(source, poster_source, self.description),
            "image/png": poster,
            "text/plain": repr(self),
        }


def inline(page: Path) -> str:
    """Return the attribute of a frame that holds a whole page.

    It is one line: Markdown takes an empty one for the end of what is HTML.
    """
    held = html.escape(page.read_text(encoding="utf-8")).replace("\n", "&#10;")
    return f'srcdoc="{held}"'


def shown_page(source: str, alt: str, size: tuple[int, int]) -> str:
    """Return the HTML of a frame that shows a page and can do nothing else, `source` its `src`."""
    wide, high = size
    return (
        f'<iframe {source} title="{html.escape(alt)}" loading="lazy" '
        'sandbox="allow-scripts allow-downloads" allowfullscreen '
        f'style="border:0;width:100%;max-width:{wide}px;aspect-ratio:{wide}/{high + _CONTROLS};'
        f'min-height:{_NARROW}">'
        "</iframe>"
    )


def shown_picture(source: str, alt: str) -> str:
    """Return the HTML of a picture, no wider than its place."""
    return f'<img src="{source}" alt="{html.escape(alt)}" style="max-width:100%">'
