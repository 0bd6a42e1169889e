"""Pictures: a film's frames as a writer takes them, and what their file tells of them."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image as Pillow

from nnanim.recording.header import Header
from nnanim.rendering.cues import tracks_of
from nnanim.rendering.video import shown_picture
from nnanim.sheet.named_colors import colors_named
from nnanim.sheet.renderer import Renderer
from nnanim.threads import Progress
from nnanim.types import Frame
from nnanim.writers.format import Shots

_LOOKS = 4  # frames at which it is asked which colours views name


@dataclass(frozen=True)
class Still:
    """A picture of a film, as the bytes of a PNG: size (width, height); shows itself in Jupyter."""

    png: bytes = field(repr=False)
    size: tuple[int, int]
    description: str = field(default="", repr=False)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return the picture for a notebook."""
        del include, exclude
        picture = base64.b64encode(self.png).decode()
        source = f"data:image/png;base64,{picture}"
        return {
            "text/html": shown_picture(source, self.description),
            "image/png": picture,
            "text/plain": repr(self),
        }


def shots_of(renderer: Renderer, times: list[float], progress: Progress | None) -> Shots:
    """Return the pictures at `times`, to be written."""
    sheet = renderer.sheet
    count = len(times)

    def told(pictures: Iterator[Frame]) -> Iterator[Frame]:
        for i, picture in enumerate(pictures, start=1):
            yield picture
            if progress is not None:
                progress("frames", i, count)

    def sample(n: int) -> list[Frame]:
        chosen = np.unique(np.linspace(0, count - 1, n).astype(int))
        return list(renderer.frames([times[i] for i in chosen]))

    def named() -> list[str]:
        chosen = np.unique(np.linspace(0, count - 1, _LOOKS).astype(int))
        return colors_named(sheet, [times[i] for i in chosen])

    (width, height), theme = sheet.look.size, sheet.look.theme
    even = not (width % 2 or height % 2 or theme.transparent)
    return Shots(
        (width, height),
        sheet.film.timeline.fps,
        count,
        theme,
        lambda: told(renderer.frames(times)),
        sample,
        provenance(sheet.film.header),
        tracks_of(sheet, times),
        yuv420=(lambda: told(renderer.yuv420(times))) if even else None,
        converted=lambda make: told(renderer.converted(make, times)),
        named=named,
    )


def provenance(header: Header) -> dict[str, Any]:
    """Return what a film's file tells of the training it shows, from a recording's header."""
    source = header.source or {}
    return {
        "title": " ".join(header.title.split()),
        "caption": header.description,
        "scene": source.get("sha256"),
        "seed": header.seed,
        "versions": header.versions,
    }


def png(picture: Frame) -> bytes:
    """Return a picture (height, width, 4) as the bytes of a PNG, opaque where it can be."""
    buffer = io.BytesIO()
    opaque = bool((picture[..., 3] == 255).all())
    shown = picture[..., :3] if opaque else picture
    Pillow.fromarray(np.ascontiguousarray(shown)).save(buffer, "PNG")
    return buffer.getvalue()
