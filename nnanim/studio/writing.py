"""Writing: what a studio writes down beside a scene, under names of its own."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from nnanim.errors import UsageError, WriteError
from nnanim.place import disk_says
from nnanim.rendering.films import render
from nnanim.rendering.stills import still
from nnanim.scene.files import SceneFile
from nnanim.scene.written import code_of, command, source
from nnanim.studio.holding import Trainings
from nnanim.studio.painting import AS_DECLARED, Painted, painted, with_painting
from nnanim.studio.shown import Handed
from nnanim.threads import Progress

_ENDINGS = {
    "film": ".mp4",
    "page": ".html",
    "still": ".png",
    "scene": ".py",
    "points": ".csv",
}
_unfinished: set[Path] = set()


def written(
    asked: Mapping[str, Any], scene: SceneFile | Handed, progress: Progress
) -> dict[str, str]:
    """Write down a scene with its knobs as they are asked; return its `path`, or its `text`.

    The kinds are "film", "page", "still", "scene" and "points", the painted ones, each a file
    beside the scene's, and "command", which is only told. Raises `UsageError` for any other, and
    for what painted points cannot be written in.
    """
    kind, knobs, file = str(asked["kind"]), asked["knobs"], scene.path
    painting = asked.get("painting")
    if kind == "points":
        return _points(scene, painted(scene.scene(knobs), painting or AS_DECLARED))
    subject = with_painting(scene.scene(knobs), painting)
    if kind in ("scene", "command"):
        _expect_declared(kind, asked)
    if asked.get("held"):
        raise UsageError("a held network has no film: resume the training from it, or let it go")
    if asked.get("hands"):
        subject = Trainings().film(subject, asked, progress, lambda _: None).recording
    if kind == "command":
        return {"text": _how(scene, knobs)}
    if kind not in _ENDINGS:
        known = " | ".join([*_ENDINGS, "command"])
        raise UsageError(f"{kind!r:.80} is nothing that is written: expected {known}")
    with _new_file(file, _ENDINGS[kind]) as path:
        if kind == "scene":
            path.write_text(_source(scene, knobs), encoding="utf-8")
        elif kind == "still":
            still(subject, path, at=float(asked["share"]), progress=progress)
        else:
            render(subject, path, progress=progress)
    return {"path": str(path)}


def _expect_declared(kind: str, asked: Mapping[str, Any]) -> None:
    """Raise `UsageError` for what was done by hand, which no scene declares."""
    if asked.get("hands"):
        raise UsageError(f"weights turned by hand are in no {kind}: write the film or the page")
    if asked.get("painting") is not None:
        raise UsageError(
            f"painted points are in no {kind}: save them, and load them in the scene by the line "
            "that is shown"
        )


def _how(scene: SceneFile | Handed, knobs: Mapping[str, Any]) -> str:
    """Return what is copied to have a scene with its knobs so: a command, or a notebook's code."""
    return scene.call(knobs) if isinstance(scene, Handed) else command(scene.path, knobs)


def _source(scene: SceneFile | Handed, knobs: Mapping[str, Any]) -> str:
    if isinstance(scene, Handed):
        raise UsageError("a notebook's scene has no file: Command gives its code, for a cell")
    return source(scene, knobs)


def _points(scene: SceneFile | Handed, points: Painted) -> dict[str, str]:
    """Write painted points as CSV; return also the lines that load them in a scene."""
    with _new_file(scene.path, _ENDINGS["points"]) as path:
        path.write_text(points.table(), encoding="utf-8")
    name = code_of(path.name)
    if isinstance(scene, Handed):
        return {"path": str(path), "text": f"dataset={points.line(name)},"}
    line = f"dataset={points.line(f'Path(__file__).with_name({name})')},"
    return {"path": str(path), "text": f"from pathlib import Path\n{line}"}


@contextmanager
def _new_file(file: Path, ending: str) -> Iterator[Path]:
    """Give a path beside a scene's file that nothing had, to be written; if that fails, it goes."""
    path = _taken(file, ending)
    _unfinished.add(path)
    try:
        yield path
    except BaseException:
        give_up()
        raise
    _unfinished.discard(path)


def give_up() -> None:
    """Take away what is half-written."""
    for path in _unfinished.copy():
        with suppress(OSError):
            path.unlink()


def _taken(file: Path, ending: str) -> Path:
    """Make an empty file under the first name that is free; a link is not followed."""
    for number in count(1):
        path = file.parent / f"{file.stem}_{number}{ending}"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            continue
        except OSError as error:
            raise WriteError(f"cannot write {path}: {disk_says(error, path)}") from error
        return path
    raise AssertionError("there is always another number")
