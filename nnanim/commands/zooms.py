"""Zooms: the film that goes into a map, keyframe by keyframe."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnanim.commands.engines import Elsewhere
from nnanim.commands.terminal import work_on
from nnanim.errors import UsageError

if TYPE_CHECKING:
    from nnanim.scene.timeline import Timeline
    from nnanim.scene.values import Axis
    from nnanim.sweeps.shown import Coloring
    from nnanim.sweeps.zoom import Zoom
    from nnanim.writers.format import Format

_log = logging.getLogger("nnanim")

_SIZE = (1280, 720)  # of a film, or what its format takes where that is less


@dataclass(frozen=True)
class FilmAsked:
    """What is asked of the film of a zoom; None is left to its format."""

    zoom: str
    size: tuple[int, int] | None
    fps: float | None
    seconds: float | None
    theme: str
    bare: bool


def film_zoom(
    file: Path,
    path: Path,
    axes: "tuple[tuple[str, Axis], tuple[str, Axis]]",
    settings: Mapping[str, Any],
    coloring: "Coloring",
    asked: FilmAsked,
    elsewhere: Elsewhere,
) -> dict[str, Any]:
    """Train the maps of a zoom's keyframes, write its film, and return what is told of it."""
    from nnanim.place import check_place, make_folder
    from nnanim.rendering.subject import look_of
    from nnanim.scene.written import command
    from nnanim.sweeps.zoom import zoom_in
    from nnanim.sweeps.zoom_film import ZoomFilm, keyframes_of
    from nnanim.writers.checks import check_format

    zoom = zoom_in(asked.zoom, *axes)
    kind = _format_of(path)
    look = look_of(asked.size or min(kind.size, _SIZE), asked.theme, asked.bare)
    clock = _clock(kind, asked)
    check_format(kind, look.size, clock.fps, look.theme)
    check_place(path)
    with work_on(file) as progress, elsewhere.maker() as maker:
        plans = zoom.planned(file, look.size, settings, coloring.event)
        folder = coloring.folder(path, "zoom")
        make_folder(folder)
        done = keyframes_of(plans, folder, coloring.shown, progress, maker)
        film = ZoomFilm(zoom, done.pictures(coloring), look, clock.frames, clock.fps)
        told = {
            "title": f"{file.stem}, a zoom into a map",
            **plans[0].described,
            "by": coloring.by,
            "zoom": [*zoom.point, zoom.factor],
            "hash": done.hash,
        }
        _tell_lost(zoom, done.borders)
        kind.write(path, film.shots(told, progress))
    width, height = look.size
    at = dict(zip((axes[0][0], axes[1][0]), zoom.point, strict=True))
    return {
        "width": width,
        "height": height,
        "frames": film.count,
        "fps": film.fps,
        "keyframes": len(plans),
        "trainings": sum(map(len, plans)),
        "precision": plans[-1].described["precision"],
        "hash": done.hash,
        "command": command(file, {**settings, **at}),
    }


def _tell_lost(zoom: "Zoom", borders: "Sequence[tuple[float, float] | None]") -> None:
    """Say where the border is, if the film ends without one."""
    if borders[-1] is not None:
        return
    seen = [point for point in borders if point is not None]
    near = f"--zoom {seen[-1][0]!r},{seen[-1][1]!r},{zoom.factor:g}" if seen else "other axes"
    _log.warning("the last keyframe has no border, all of it learns or none does: try %s", near)


def tell(told: Mapping[str, Any]) -> None:
    """Say what came of a zoom."""
    _log.info(
        "%(keyframes)d keyframes, %(trainings)d trainings, the last in %(precision)s; their hash "
        "is %(hash)s",
        told,
    )
    _log.info("the point that it goes to: %(command)s", told)


def is_film(path: Path) -> bool:
    """Return whether a name is that of a film in one file."""
    from nnanim.writers import FORMATS

    kind = FORMATS.get(path.suffix[1:].lower())
    return kind is not None and not kind.folder


def _format_of(path: Path) -> "Format":
    from nnanim.writers import FORMATS

    if not is_film(path):
        films = ", ".join(f".{name}" for name, kind in FORMATS.items() if not kind.folder)
        raise UsageError(f"-o {path.name}: --zoom makes a film, {films}")
    return FORMATS[path.suffix[1:].lower()]


def _clock(kind: "Format", asked: FilmAsked) -> "Timeline":
    from nnanim.rendering.subject import retimed
    from nnanim.scene.timeline import Timeline

    rate = kind.fps if asked.fps is None else asked.fps
    seconds = kind.seconds if asked.seconds is None else asked.seconds
    return retimed(Timeline(), rate, seconds, stretched=False)
