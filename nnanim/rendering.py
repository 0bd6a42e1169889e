"""Render a scene to a film or a still: the pipeline as a table of contents."""

import base64
import html
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import imageio.v3 as iio
import numpy as np

from nnanim.errors import SceneError, UsageError, unknown
from nnanim.film import Film
from nnanim.marks import Mark
from nnanim.preparation import Progress, prepare
from nnanim.recorder import cached_recording, record_run, untrained
from nnanim.recording import Recording
from nnanim.renderer import Frame, Renderer, renderer_of
from nnanim.scene import Scene, during
from nnanim.theme import theme_named
from nnanim.timeline import Timeline
from nnanim.view import Panel, View
from nnanim.writers import FORMATS
from nnanim.writers.ffmpeg import publish, temporary_beside
from nnanim.writers.format import Format, Shots

_LEAST_SIDE, _LARGEST_SIDE = 64, 7680
_EMBED = 20 * 2**20  # bytes of a film that a notebook takes into itself


@dataclass(frozen=True)
class Video:
    """A film on disk: its path, size (width, height), number of frames; shows itself in Jupyter."""

    path: Path
    size: tuple[int, int]
    frames: int
    fps: float
    caption: str = ""
    poster: bytes = field(default=b"", repr=False)  # PNG of the last frame

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, str | bytes]:
        """Return the film for a notebook, with a poster for viewers that block video."""
        del include, exclude
        kind = "image/gif" if self.path.suffix == ".gif" else "video/mp4"
        content = self.path.read_bytes()
        source = self.path.as_posix()
        if len(content) <= _EMBED:
            source = f"data:{kind};base64,{base64.b64encode(content).decode()}"
        poster = base64.b64encode(self.poster).decode()
        alt = html.escape(self.caption)
        if kind == "image/gif":
            shown = f'<img src="{source}" alt="{alt}" style="max-width:100%">'
        else:
            shown = (
                f'<video src="{source}" poster="data:image/png;base64,{poster}" title="{alt}" '
                'controls loop muted playsinline style="max-width:100%"></video>'
            )
        return {"text/html": shown, "image/png": poster, "text/plain": repr(self)}


def render(
    scene: Scene | Recording,
    path: str | Path,
    *,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    seconds: float | None = None,
    format: str | None = None,  # noqa: A002  # the user's word for it
    theme: str | None = None,
    bare: bool = False,
    cache: bool = True,
    progress: Progress | None = None,
) -> Video:
    """Train what `scene` declares, draw its film and write it to `path`.

    The format follows from the suffix or `format`. What is not given comes from the scene, then
    from the format (MP4: 1920 × 1080, 60 a second, 12 seconds; GIF: 640 × 360, 20, 8). A recording
    is drawn without training, and so is a scene whose training the user's `cache` holds. All that
    can be checked is checked before the training. `progress` is called with a stage, "training" or
    "frames", and how many are done of how many.
    """
    path = Path(path)
    if not isinstance(scene, Scene | Recording):
        raise UsageError(f"render takes a Scene or a Recording, not {type(scene).__name__}")
    kind = format_of(path, format)
    size = checked_size(size or kind.size)
    timeline = timeline_for(scene, kind, fps, seconds)
    kind.check(size, timeline.fps, theme_named(theme or _theme_of(scene)))
    temporary_beside(path).unlink()

    recording = _recorded(scene, timeline, size, theme, bare, cache, progress)
    film = Film(recording, timeline=timeline)
    renderer = renderer_of(film, size=size, theme=theme, bare=bare)
    shots = _shots(renderer, progress)
    kind.write(path, shots)
    caption = str(film.header["caption"])
    poster = _png(renderer.frame(timeline.seconds))
    return Video(path, size, timeline.frames, timeline.fps, caption, poster)


def still(
    scene: Scene | Recording,
    path: str | Path,
    *,
    at: float | None = None,
    epoch: float | None = None,
    size: tuple[int, int] | None = None,
    theme: str | None = None,
    bare: bool = False,
    cache: bool = True,
    progress: Progress | None = None,
) -> Path:
    """Draw one picture, `at` a share of the film in [0, 1] or at an epoch, and write it as PNG."""
    path = Path(path)
    if path.suffix != ".png":
        raise UsageError(f"a still is a .png, not {path.name!r}: name it {path.stem}.png")
    _check_moment(scene, at, epoch)
    size = checked_size(size or FORMATS["mp4"].size)
    timeline = timeline_for(scene, FORMATS["mp4"], None, None)
    temporary_beside(path).unlink()

    recording = _recorded(scene, timeline, size, theme, bare, cache, progress)
    film = Film(recording, timeline=timeline)
    share = 1.0 if at is None else at
    t = share * timeline.seconds if epoch is None else film.time_at(epoch)
    picture = renderer_of(film, size=size, theme=theme, bare=bare).frame(t)
    temporary = temporary_beside(path)
    try:
        temporary.write_bytes(_png(picture))
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def format_of(path: Path, name: str | None) -> Format:
    """Return the format that a path and a name agree on."""
    suffix = path.suffix.lstrip(".").lower()
    if name is not None and name not in FORMATS:
        raise UsageError(unknown("format", name, FORMATS))
    if name is not None and suffix in FORMATS and suffix != name:
        raise UsageError(f"{path.name} asks for {suffix} but --format for {name}: leave one out")
    if name is None and suffix not in FORMATS:
        raise UsageError(
            unknown(f"format of {path.name!r}", path.suffix, [f".{f}" for f in FORMATS])
        )
    return FORMATS[name or suffix]


def checked_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return a size (width, height) that can be drawn."""
    if not all(isinstance(side, int) and _LEAST_SIDE <= side <= _LARGEST_SIDE for side in size):
        raise UsageError(
            f"a size of {size[0]}x{size[1]} cannot be drawn: "
            f"expected {_LEAST_SIDE} to {_LARGEST_SIDE} pixels each way, as 1280x720"
        )
    return size


def timeline_for(
    scene: Scene | Recording, kind: Format, fps: float | None, seconds: float | None
) -> Timeline:
    """Return the clock: what is asked, else the scene's, else the format's."""
    declared = scene.timeline if isinstance(scene, Scene) else None
    timeline = declared or Timeline(seconds=kind.seconds, fps=kind.fps)
    try:
        return replace(
            timeline,
            fps=kind.nearest_rate(timeline.fps) if fps is None else fps,
            seconds=timeline.seconds if seconds is None else seconds,
        )
    except SceneError as error:  # the scene's own timeline is whole: it is what the call asks for
        raise UsageError(str(error)) from error


def _check_moment(scene: Scene | Recording, at: float | None, epoch: float | None) -> None:
    if at is not None and epoch is not None:
        raise UsageError(
            f"at={at:g} and epoch={epoch:g}: a still is taken either at a share of the film or at "
            "an epoch; leave one out"
        )
    if at is not None and not 0 <= at <= 1:
        raise UsageError(f"at={at:g}: expected a share of the film from 0 to 1, as 0.5")
    last = scene.training.epochs if isinstance(scene, Scene) else float(scene.epochs[-1])
    if epoch is not None and not 0 <= epoch <= last:
        raise UsageError(f"epoch={epoch:g}: expected an epoch of the training, from 0 to {last:g}")


def _recorded(
    scene: Scene | Recording,
    timeline: Timeline,
    size: tuple[int, int],
    theme: str | None,
    bare: bool,
    cache: bool,
    progress: Progress | None,
) -> Recording:
    if isinstance(scene, Recording):
        return scene
    # One picture of the untrained network finds what is wrong with views before the training.
    run = prepare(scene)
    first = Film(untrained(scene, run), timeline=timeline)
    for view in (view for row in scene.rows for view in row):
        _check_view(view, first)
    renderer_of(first, size=size, theme=theme, bare=bare).frame(0.0)
    return (
        cached_recording(scene, run, progress)
        if cache
        else record_run(scene, run, progress=progress)
    )


def _check_view(view: View, film: Film) -> None:
    name = type(view).__name__
    with during(f"the view {name}"):
        panels, rows = list(view.panels(film)), list(view.marks(film, 0.0))
    if any(isinstance(row, Mark) for row in rows):
        raise SceneError(
            f"marks(film, t) of the view {name} returns marks: expected a list of marks for each "
            "panel, as [[Points(xy)]]"
        )
    with during(f"the view {name}"):
        marks = [list(row) for row in rows]
    if len(panels) != len(marks):
        raise SceneError(
            f"the view {name} has {len(panels)} panels but marks for {len(marks)}: "
            "expected marks(film, t) to return one list of marks for each panel"
        )
    for panel in panels:
        if not isinstance(panel, Panel):
            raise SceneError(
                f"the view {name} holds {type(panel).__name__} as a panel: expected "
                "Panel(title, x, y) of nnanim.view"
            )
    for mark in (mark for row in marks for mark in row):
        if not isinstance(mark, Mark):
            raise SceneError(
                f"the view {name} holds {type(mark).__name__} as a mark: expected one of "
                'nnanim.marks, as Points(xy, "ink")'
            )


def _shots(renderer: Renderer, progress: Progress | None) -> Shots:
    timeline, sheet = renderer.sheet.film.timeline, renderer.sheet
    count = timeline.frames

    def frames() -> Iterator[Frame]:
        for i, frame in enumerate(renderer.frames(), start=1):
            yield frame
            if progress is not None:
                progress("frames", i, count)

    def sample(n: int) -> list[Frame]:
        return [renderer.frame(float(t)) for t in np.linspace(0, timeline.seconds, n)]

    return Shots(sheet.size, timeline.fps, count, sheet.theme, frames, sample)


def _theme_of(scene: Scene | Recording) -> str:
    if isinstance(scene, Scene):
        return scene.theme
    return scene.scene.theme if scene.scene is not None else "dark"


def _png(picture: Frame) -> bytes:
    buffer = io.BytesIO()
    opaque = bool((picture[..., 3] == 255).all())
    iio.imwrite(buffer, picture[..., :3] if opaque else picture, extension=".png")
    return buffer.getvalue()
