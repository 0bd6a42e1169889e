"""Scenes: listed, begun."""

import json
import os
from pathlib import Path

import click

from nnanim.commands.terminal import say
from nnanim.errors import SceneError, UsageError
from nnanim.texts import printable


@click.command(name="list")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("scenes"))
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_scenes(folder: Path, as_json: bool) -> None:
    """List the scenes of a folder with their captions; their files are read, not run."""
    from nnanim.scene.files import listing, scene_files

    if not folder.exists():
        raise UsageError(
            f"no folder {str(folder)!r}: expected one that holds scenes; "
            "`nnanim new rings` writes a first scene"
        )
    found, broken = [], []
    for file in scene_files(folder):
        try:
            found.append(listing(file))
        except SceneError as error:  # the others are listed all the same
            broken.append(str(error))
    if as_json:
        rows = [{"name": f.name, "path": str(f.path), "caption": f.caption} for f in found]
        say(json.dumps(rows, indent=2))
    else:
        width = max((len(entry.name) for entry in found), default=0)
        for entry in found:
            say(printable(f"{entry.name:<{width}}  {entry.caption}".rstrip()))
    if broken:
        raise SceneError("; ".join(broken))


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a commented starter scene, NAME.py, in scenes/ if there is such a folder."""
    from nnanim.scene.starter import write_starter

    say(os.fsencode(write_starter(name)))
