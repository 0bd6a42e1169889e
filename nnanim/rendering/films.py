"""Films: a subject, and the films that are made of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache as once
from functools import partial
from pathlib import Path

from nnanim.film.film import Film
from nnanim.place import replacing, staying
from nnanim.rendering.clips import Clip, clips_of, folder_of, write_with_clips
from nnanim.rendering.extras import write_extras
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.rendering.flicker import tell_of_flicker
from nnanim.rendering.pages import PAGE, page_from, tell_of
from nnanim.rendering.pictures import png, shots_of
from nnanim.rendering.requests import Cut, Plan, Request, plan_films
from nnanim.rendering.subject import Subject, directed
from nnanim.rendering.video import Video
from nnanim.scene.directions import Views
from nnanim.scene.timeline import Timeline
from nnanim.sheet.look import Look
from nnanim.sheet.renderer import Renderer
from nnanim.themes import Theme
from nnanim.threads import Progress
from nnanim.words import Given
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
    views: Views | None = None,
    layer: str | None = None,
    theme: str | Theme | None = None,
    lecture: bool = False,
    words: Given | None = None,
    bare: bool = False,
    captions: str = "picture",
    start: float | None = None,
    stop: float | None = None,
    encoding: Encoding = DEFAULTS,
    max_bytes: int | None = None,
    extras: bool = False,
    clips: bool = False,
    data: bool = True,
    cache: bool = True,
    progress: Progress | None = None,
) -> Video:
    """Train what `scene`, a Scene or a Comparison, declares and write its film to `path`.

    The format follows from the suffix or `format`. What is not given comes from the scene, then
    from the format (MP4: 1920 × 1080, 60 a second, 12 seconds; GIF: 640 × 360, 20, 8). `views`,
    `layer` and `words` go before its own; for a `lecture`, texts are 1.4 times as large. `captions`
    says where what the acts say goes: in the "picture" and its files, the "file" alone, or "none".
    `start`
    and `stop` cut the film by epochs; `seconds` are those of the part then. `max_bytes` bounds the
    file of an MP4, GIF or WebP: quality is given up first, then frames a second, then size.
    `extras` puts a poster, alt text, snippets of HTML and Markdown, and captions beside it, `clips`
    a film of each chapter into a folder beside it. A page (HTML: 1280 × 720) holds the samples and
    the network that it shows; without `data`, no samples. A
    recording is drawn without training, and so is a scene whose training the user's `cache` holds.
    All that can be checked is checked before the training.
    `progress` is called with a stage, "training" or "frames", and how many are done of how many.
    """
    request = Request(
        Path(path),
        format=format,
        size=size,
        theme=theme,
        lecture=lecture,
        bare=bare,
        captions=captions,
        fps=fps,
        seconds=seconds,
        cut=Cut(start, stop),
        encoding=encoding,
        max_bytes=max_bytes,
        extras=extras,
        clips=clips,
        data=data,
    )
    scene = directed(scene, views=views, layer=layer, words=words)
    videos, _ = make_films(scene, [request], progress, reuse=cache)
    return videos[0]


@staying()
def make_films(
    subject: Subject,
    requests: Sequence[Request],
    progress: Progress | None = None,
    *,
    reuse: bool = True,
) -> tuple[list[Video], Film]:
    """Make the films asked for of one training, and return them with what was filmed.

    They share the training, and their furniture where they can. With `reuse`, the training is
    taken from the user's cache where that holds it.
    """
    plans = plan_films(subject, requests)
    first = plans[0]
    film = film_of(subject, first.timeline, first.look, cache=reuse, progress=progress)
    tell_of_flicker(film)
    film_on = once(lambda timeline: film if timeline == first.timeline else film.on(timeline))
    draw = once(lambda timeline, look: renderer_of(film_on(timeline), look))
    return [_write(plan, draw, progress) for plan in plans], film


def _write(
    plan: Plan, draw: Callable[[Timeline, Look], Renderer], progress: Progress | None
) -> Video:
    """Write one film and what goes beside it."""
    request, kind = plan.request, plan.kind
    renderer = draw(plan.timeline, plan.look)
    times = plan.times(renderer.sheet.film)
    if kind is PAGE:
        return _write_page(plan, renderer, times, progress)

    def shots_in(size: tuple[int, int]) -> Shots:
        return shots_of(draw(plan.timeline, plan.look_of(size)), times, progress)

    def shots_for(clip: Clip) -> Shots:
        return shots_of(renderer, times[clip.first : clip.stop], None)

    shots = shots_of(renderer, times, progress)
    clips: list[Clip] = []
    if request.clips:
        clips = clips_of(renderer.sheet.film, times, plan.place, kind)
        write_with_clips(kind, plan.place, shots, request.encoding, clips, shots_for)
    elif request.max_bytes is None:
        kind.write(plan.place, shots, request.encoding)
    else:
        size, encoding = plan.look.size, request.encoding
        shots = write_within(request.max_bytes, kind, plan.place, shots_in, size, encoding)
        renderer = draw(plan.timeline, plan.look_of(shots.size))
    parts = tuple(
        _video(plan, renderer, shots, clip.place, times[clip.first : clip.stop]) for clip in clips
    )
    return replace(_video(plan, renderer, shots, plan.place, times), clips=parts)


def _write_page(
    plan: Plan, renderer: Renderer, times: list[float], progress: Progress | None
) -> Video:
    """Write the page of a film and what goes beside it."""
    film, request = renderer.sheet.film, plan.request
    asked = {"data": request.data, "most": request.max_bytes, "progress": progress}
    made = page_from(film, plan.look, times, plan.knobs, **asked)
    with replacing(plan.place) as place:
        place.write_bytes(made.content)
    tell_of(plan.path, film, made, data=request.data)
    shots = shots_of(renderer, times, None)
    return _video(plan, renderer, shots, plan.place, times)


def _video(plan: Plan, renderer: Renderer, shots: Shots, place: Path, times: list[float]) -> Video:
    """Return the film, or a clip of it, that was written at a place, and write its extras."""
    whole = place == plan.place
    path = plan.path if whole else folder_of(plan.path) / place.name  # as it was asked for
    poster = partial(png, renderer.frame(max(times)))
    about = renderer.sheet.film.header.description, plan.kind.name, plan.kind.media
    count = shots.count if whole else len(times)
    video = Video(path, shots.size, count, shots.fps, *about, poster)
    if plan.request.extras:
        write_extras(video, place, renderer.sheet, times)
    return video
