"""Render a scene to films or a still: the pipeline as a table of contents."""

import io
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np

from nnanim.errors import UsageError
from nnanim.film.film import Film
from nnanim.recording.header import Header
from nnanim.rendering.extras import write_extras
from nnanim.rendering.filming import filmed, renderer_of
from nnanim.rendering.orders import Order, Plan, plans_for
from nnanim.rendering.subject import Subject
from nnanim.rendering.video import Video
from nnanim.scene.timeline import Timeline
from nnanim.sheet.renderer import Frame, Renderer
from nnanim.threads import Progress
from nnanim.writers.budget import write_within
from nnanim.writers.format import DEFAULTS, Encoding, Shots


def render(
    scene: Subject,
    path: str | Path,
    *,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    seconds: float | None = None,
    format: str | None = None,  # noqa: A002  # the user's word for it
    theme: str | None = None,
    bare: bool = False,
    start: float | None = None,
    stop: float | None = None,
    encoding: Encoding = DEFAULTS,
    max_bytes: int | None = None,
    extras: bool = False,
    cache: bool = True,
    progress: Progress | None = None,
) -> Video:
    """Train what `scene`, a Scene or a Comparison, declares and write its film to `path`.

    The format follows from the suffix or `format`. What is not given comes from the scene, then
    from the format (MP4: 1920 × 1080, 60 a second, 12 seconds; GIF: 640 × 360, 20, 8). `start` and
    `stop` cut the film by epochs. `max_bytes` bounds the file of an MP4, GIF or WebP: quality is
    given up first, then frames a second, then size. `extras` puts a poster, alt text and snippets
    of HTML and Markdown beside it. A recording is drawn without training, and so is a scene whose
    training the user's `cache` holds. All that can be checked is checked before the training.
    `progress` is called with a stage, "training" or "frames", and how many are done of how many.
    """
    look = format, size, fps, seconds, theme, bare
    order = Order(Path(path), *look, start, stop, encoding, max_bytes, extras)
    return render_orders(scene, [order], progress, reuse=cache)[0]


def render_orders(
    scene: Subject,
    orders: Sequence[Order],
    progress: Progress | None = None,
    *,
    reuse: bool = True,
) -> list[Video]:
    """Make several films of one training; they share it, and their furniture where they can.

    With `reuse`, the training is taken from the user's cache where that holds it.
    """
    if not isinstance(scene, Subject):
        raise UsageError(
            f"render takes a Scene, a Comparison or a Recording, not {type(scene).__name__}"
        )
    return rendered(scene, orders, progress, reuse=reuse)[0]


def rendered(
    scene: Subject,
    orders: Sequence[Order],
    progress: Progress | None = None,
    *,
    reuse: bool = True,
) -> tuple[list[Video], Film]:
    """Return what `render_orders` does, and what was filmed."""
    plans = plans_for(scene, orders)
    first, look = plans[0], (plans[0].order.theme, plans[0].order.bare)
    film_on = cache(filmed(scene, first.timeline, first.size, *look, reuse, progress))

    @cache
    def renderer_for(
        timeline: Timeline, size: tuple[int, int], theme: str | None, bare: bool
    ) -> Renderer:
        return renderer_of(film_on(timeline), size=size, theme=theme, bare=bare)

    return [_made(plan, renderer_for, progress) for plan in plans], film_on(first.timeline)


def _made(plan: Plan, renderer_for: Callable[..., Renderer], progress: Progress | None) -> Video:
    order = plan.order

    def shots_of(size: tuple[int, int]) -> Shots:
        renderer = renderer_for(plan.timeline, size, order.theme, order.bare)
        return _shots(renderer, plan.times(renderer.sheet.film), progress)

    shots = shots_of(plan.size)
    if order.max_bytes is None:
        plan.kind.write(plan.path, shots, order.encoding)
    else:
        shots = write_within(
            order.max_bytes, plan.kind, plan.path, shots_of, plan.size, order.encoding
        )
    renderer = renderer_for(plan.timeline, shots.size, order.theme, order.bare)
    film = renderer.sheet.film
    times = plan.times(film)
    poster = partial(png, renderer.frame(max(times)))
    caption, kind = film.header.caption, plan.kind.name
    video = Video(plan.path, shots.size, shots.count, shots.fps, caption, kind, poster)
    if order.extras:
        write_extras(video, renderer.sheet, times)
    return video


def _shots(renderer: Renderer, times: list[float], progress: Progress | None) -> Shots:
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

    rate, header = sheet.film.timeline.fps, sheet.film.header
    even = not (sheet.size[0] % 2 or sheet.size[1] % 2 or sheet.theme.transparent)
    return Shots(
        sheet.size,
        rate,
        count,
        sheet.theme,
        lambda: told(renderer.frames(times)),
        sample,
        provenance(header),
        planes=(lambda: told(renderer.planes(times))) if even else None,
        converted=lambda make: told(renderer.converted(make, times)),
    )


def provenance(header: Header) -> dict[str, Any]:
    """Return what a film's file tells of the training it shows, from a recording's header."""
    source = header.source or {}
    return {
        "title": header.title,
        "caption": header.caption,
        "scene": source.get("sha256"),
        "seed": header.seed,
        "versions": header.versions,
    }


def png(picture: Frame) -> bytes:
    """Return a picture (height, width, 4) as the bytes of a PNG, opaque where it can be."""
    buffer = io.BytesIO()
    opaque = bool((picture[..., 3] == 255).all())
    iio.imwrite(buffer, picture[..., :3] if opaque else picture, extension=".png")
    return buffer.getvalue()
