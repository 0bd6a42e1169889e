"""Reports: whether scenes are right, what a film shows and when, how this machine does."""

import json
import logging
import os
import re
from pathlib import Path
from typing import Any

import click

from nnanim.commands.options import MODEL, NO_CACHE, SEED, SETTINGS
from nnanim.commands.terminal import say, scene_or_recording, work_on
from nnanim.errors import NnanimError, SceneError, UsageError, WriteError
from nnanim.texts import printable

_LINE = re.compile(r"^.*?\.py:(\d+)(?=[:,])")  # where a message says what it is about

_log = logging.getLogger("nnanim")
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.command()
@click.argument("scene", type=click.Path(path_type=Path), metavar="SCENE|FOLDER")
@SEED
@SETTINGS
@_AS_JSON
def check(scene: Path, seed: int | None, settings: tuple[str, ...], as_json: bool) -> None:
    """Say whether a scene, or each of a folder, is right, as far as it shows before training.

    The scene is run, its data and network are made, and one picture is drawn. The path of each
    that is right goes to stdout; with --json all do, and what is wrong as data.
    """
    from nnanim.scene.finding import scene_files

    found = [_checked(file, settings, seed) for file in scene_files(scene)]
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


def _checked(file: Path, settings: tuple[str, ...], seed: int | None) -> dict[str, Any]:
    """Return whether the scene of a file is right; else where, and what is said of that."""
    from nnanim.rendering.filming import check as check_subject

    try:
        with work_on(file):
            check_subject(scene_or_recording(file, settings, seed, None))
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
@MODEL
@NO_CACHE
@SEED
@SETTINGS
@_AS_JSON
def describe(
    scene: Path,
    model: str | None,
    no_cache: bool,
    seed: int | None,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Tell what is seen in a scene's film and when: its panels, acts, events, and how it ends.

    The scene is trained if need be; nothing is drawn.
    """
    from nnanim.rendering.descriptions import description_of, told_of
    from nnanim.rendering.filming import film_of, sheet_of
    from nnanim.scene.finding import scene_file

    if scene.is_dir():
        raise UsageError(f"{scene} is a folder: what is described is one scene")
    file = scene_file(scene)
    with work_on(file) as progress:
        subject = scene_or_recording(file, settings, seed, model)
        film = film_of(subject, cache=not no_cache, progress=progress)
        described = description_of(sheet_of(film))
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
