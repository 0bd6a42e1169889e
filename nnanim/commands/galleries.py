"""Galleries: many scenes as a site."""

import json
import os
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

import click

from nnanim.commands.terminal import say
from nnanim.errors import SceneError, UsageError


@click.command()
@click.argument("scenes", type=click.Path(path_type=Path), nargs=-1, required=True,
                metavar="SCENE|FOLDER...")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="The folder of the site; it is made, or brought up to date.")  # fmt: skip
@click.option("--title", default="Networks while they learn", show_default=True,
              help="What the site is called.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def gallery(scenes: tuple[Path, ...], output: Path, title: str, as_json: bool) -> None:
    """Make a site of scenes: a card for each, and a sheet with its film, source and command.

    Each film is a page that can be touched. Only what has changed is made anew; what is of no
    scene any more is taken away.
    """
    from nnanim.gallery.gallery import make_gallery
    from nnanim.rendering.bars import progress_bar
    from nnanim.scene.finding import scene_files

    if output.exists() and not output.is_dir():
        raise UsageError(f"-o {output} is a file: name a folder for the site")
    files = [file for place in scenes for file in scene_files(place)]
    with progress_bar(output.name) as progress, redirect_stdout(sys.stderr):
        cards, wrong = make_gallery(files, output, title, progress)
    index = output / "index.html"
    if as_json:
        say(json.dumps({"path": str(index), "scenes": [asdict(card) for card in cards]}))
    else:
        say(os.fsencode(index))
    if wrong:
        raise SceneError("; ".join(wrong))
