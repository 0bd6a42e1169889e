"""Scenes: listed, begun, copied."""

import json
import logging
import os
import shlex
from collections.abc import Iterable
from pathlib import Path

import click

from nnanim.commands.terminal import say
from nnanim.errors import SceneError, UsageError
from nnanim.texts import printable

_log = logging.getLogger("nnanim")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.command("list")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@_as_json
def list_scenes(folder: Path, as_json: bool) -> None:
    """List the scenes of a folder, of this one if none is named, with their descriptions.

    Their files are read, not run.
    """
    from nnanim.scene.finding import scene_files

    if not folder.exists():
        raise UsageError(
            f"no folder {str(folder)!r}: expected one that holds scenes; "
            "`nnanim new rings` writes a first scene"
        )
    _list(scene_files(folder), as_json)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@_as_json
def examples(names: tuple[str, ...], as_json: bool) -> None:
    """List the scenes that nnanim has, or copy those named into the current folder.

    `nnanim render NAME` makes the film of one without a copy.
    """
    from nnanim.scene.finding import copy_example
    from nnanim.scene.finding import examples as found

    if not names:
        _list(found(), as_json)
    for name in names:
        copy = copy_example(name)
        _next(copy)
        say(json.dumps({"path": str(copy)}) if as_json else os.fsencode(copy))


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a commented starter scene, NAME.py, in scenes/ if there is such a folder."""
    from nnanim.scene.starter import write_starter

    path = write_starter(name)
    _next(path)
    say(os.fsencode(path))


def _next(path: Path) -> None:
    """Say what may come after a scene has been written."""
    _log.info("next: nnanim render %s", shlex.quote(str(path)))


def _list(files: Iterable[Path], as_json: bool) -> None:
    from nnanim.scene.files import listing

    found, broken = [], []
    for file in files:
        try:
            found.append(listing(file))
        except SceneError as error:  # the others are listed all the same
            broken.append(str(error))
    if as_json:
        rows = [{"name": f.name, "path": str(f.path), "description": f.description} for f in found]
        say(json.dumps(rows, indent=2))
    else:
        width = max((len(entry.name) for entry in found), default=0)
        for entry in found:
            say(printable(f"{entry.name:<{width}}  {entry.description}".rstrip()))
    if broken:
        raise SceneError("; ".join(broken))
