"""Reports: whether scenes are right, what a film shows and when, how this machine does."""

import json
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from nnanim.commands.options import MODEL, NO_CACHE, SEED, SETTINGS, picture_options
from nnanim.commands.terminal import say, scene_or_recording, work_on
from nnanim.errors import NnanimError, SceneError, UsageError, WriteError
from nnanim.texts import printable

_LINE = re.compile(r"^.*?\.py:(\d+)(?=[:,])")  # where a message says what it is about

_log = logging.getLogger("nnanim")
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.command()
@click.argument("scene", type=click.Path(path_type=Path), metavar="SCENE|FOLDER")
@picture_options
@SEED
@SETTINGS
@_AS_JSON
def check(
    scene: Path,
    directions: dict[str, Any],
    seed: int | None,
    settings: tuple[str, ...],
    as_json: bool,
    **look: Any,
) -> None:
    """Say whether a scene, or each of a folder, is right, as far as it shows before training.

    The scene is run, its data and network are made, and one picture is drawn. The path of each
    that is right goes to stdout; with --json all do, and what is wrong as data.
    """
    from nnanim.commands.directions import directions_of
    from nnanim.rendering.filming import check as check_subject
    from nnanim.rendering.filming import usual_look
    from nnanim.scene.finding import scene_files

    drawn = directions_of(**directions)

    def try_out(file: Path) -> None:
        subject = scene_or_recording(file, settings, seed, None, drawn)
        check_subject(subject, usual_look(subject, **look))

    found = [_checked(file, try_out) for file in scene_files(scene)]
    for row in found:
        if not as_json and row["ok"]:
            say(os.fsencode(row["path"]))
    if as_json:
        say(json.dumps(found, indent=2))
    wrong = [row for row in found if not row["ok"]]
    for row in wrong[:-1]:
        _log.error("%s", row["message"])
    if wrong:
        raise SceneError(wrong[-1]["message"])


def _checked(file: Path, try_out: Callable[[Path], None]) -> dict[str, Any]:
    """Return whether the scene of a file is right; else where, and what is said of that."""
    try:
        with work_on(file):
            try_out(file)
    except UsageError:  # the command is wrong, whatever the scene is
        raise
    except NnanimError as error:
        line = _LINE.match(str(error))
        return {
            "path": str(file),
            "ok": False,
            "line": int(line[1]) if line else None,
            "message": str(error),
        }
    return {"path": str(file), "ok": True, "line": None, "message": None}


@click.command()
@click.argument("scene", type=click.Path(path_type=Path), metavar="SCENE|RECORDING")
@picture_options
@MODEL
@NO_CACHE
@SEED
@SETTINGS
@_AS_JSON
def describe(
    scene: Path,
    directions: dict[str, Any],
    model: str | None,
    no_cache: bool,
    seed: int | None,
    settings: tuple[str, ...],
    as_json: bool,
    **look: Any,
) -> None:
    """Tell what is seen in a scene's film and when: its panels, acts, events, and how it ends.

    The scene is trained if need be; nothing is drawn.
    """
    from nnanim.commands.directions import directions_of
    from nnanim.rendering.descriptions import description_of, told_of
    from nnanim.rendering.filming import film_of, sheet_of, usual_look
    from nnanim.scene.finding import scene_file

    if scene.is_dir():
        raise UsageError(f"{scene} is a folder: what is described is one scene")
    file = scene_file(scene)
    drawn = directions_of(**directions)
    with work_on(file) as progress:
        subject = scene_or_recording(file, settings, seed, model, drawn)
        seen = usual_look(subject, **look)
        film = film_of(subject, look=seen, cache=not no_cache, progress=progress)
        described = description_of(sheet_of(film, seen))
    if as_json:
        say(json.dumps(described, indent=2, ensure_ascii=False))
        return
    for what, text in told_of(described):
        say(f"{what:<6} {printable(text)}")


@click.command()
@_AS_JSON
def doctor(as_json: bool) -> None:
    """Tell what of this machine nnanim uses and what is amiss there, to be pasted into a report."""
    from dataclasses import asdict

    from nnanim.doctor import findings

    found = list(findings())
    amiss = [finding for finding in found if finding.amiss]
    if as_json:
        say(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    else:
        width = max(len(finding.what) for finding in found)
        for finding in found:
            advice = f": {finding.amiss}" if finding.amiss else ""
            say(printable(f"{finding.what:<{width}}  {finding.found}{advice}"))
    if amiss:
        raise WriteError(f"amiss: {', '.join(finding.what for finding in amiss)}; see above")
