"""Filmed: the films of one scene or recording, as the command line asks for them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnanim.commands.options import Asked
from nnanim.commands.terminal import scene_or_recording

if TYPE_CHECKING:
    from nnanim.rendering.requests import Request
    from nnanim.rendering.video import Video
    from nnanim.scene.comparison import Way
    from nnanim.sweeps.verdict import Verdict
    from nnanim.threads import Progress

QUALITIES: dict[str, tuple[tuple[int, int], float]] = {
    "l": ((854, 480), 15.0),
    "m": ((1280, 720), 30.0),
    "h": ((1920, 1080), 60.0),
    "p": ((2560, 1440), 60.0),
    "k": ((3840, 2160), 60.0),
}


def filmed(
    file: Path,
    asked: Asked,
    how: dict[str, Any],
    paths: Callable[[str], Sequence[Path]],
    progress: "Progress | None" = None,
) -> "list[Video]":
    """Make the films of a scene or recording, and return them.

    `how` has what is asked of each, with how several are `shown`; `paths` gives where they are to
    be, told the name that one has by itself.
    """
    from nnanim.commands.directions import directions_of
    from nnanim.rendering.films import make_films
    from nnanim.rendering.subject import in_way, usual_format

    told = dict(how)
    way: Way | None = told.pop("shown")
    verdict: Verdict | None = told.pop("pixel")
    drawn = directions_of(**asked.directions)
    subject = in_way(scene_or_recording(file, asked.settings, asked.seed, asked.model, drawn), way)
    name = f"{file.stem}.{told['kind'] or usual_format(subject)}"
    requests = [film_request(path, **told) for path in paths(name)]
    reuse = not asked.no_cache
    if verdict is not None:
        from nnanim.rendering.requests import format_of
        from nnanim.sweeps.verdict import with_verdict

        kind = format_of(requests[0].path, told["kind"])
        subject = with_verdict(subject, verdict, kind, reuse=reuse, progress=progress)
    videos, _ = make_films(subject, requests, progress, reuse=reuse)
    return videos


def film_request(
    path: Path,
    *,
    quality: str | None,
    fps: float | None,
    seconds: float | None,
    kind: str | None,
    codec: str | None,
    chroma: str | None,
    lossless: bool,
    loop: str | None,
    max_bytes: int | None,
    extras: bool,
    clips: bool,
    no_data: bool,
    start: float | None,
    stop: float | None,
    size: tuple[int, int] | None,
    theme: str | None,
    lecture: bool,
    bare: bool,
    captions: str,
) -> "Request":
    """Return the request of a film from what the command line says of it."""
    from nnanim.rendering.requests import Cut, Request, format_of
    from nnanim.writers.format import Encoding

    encoding = Encoding(codec, chroma, lossless, draft=quality == "l", loop=loop)
    if quality is not None:
        size = size or QUALITIES[quality][0]
        made = format_of(path, kind)
        if fps is None and made.name != "html":
            fps = made.nearest_rate(QUALITIES[quality][1])
    return Request(
        path,
        format=kind,
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
        data=not no_data,
    )
