"""Stills and contact sheets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from nnanim.commands.options import BARE, Asked, Epochs, scene_options
from nnanim.commands.terminal import output_path, report, scene_or_recording, work_on
from nnanim.errors import UsageError


@click.command()
@click.argument("scene", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The picture: .png, or .svg or .pdf with vector marks and real text.  "
              "[default: renders/<scene>.png]")  # fmt: skip
@click.option("--at", type=float, help="When: a share of the film from 0 to 1 (default).")
@click.option("--epoch", type=float, help="When: an epoch of the training.")
@BARE
@scene_options
def still(scene: Path, output: Path | None, asked: Asked, **look: Any) -> None:
    """Make one picture of a scene's film."""
    from nnanim.rendering.stills import still as draw

    _make(draw, "a still", ".png", scene, output, asked, **look)


@click.command()
@click.argument("scene", type=click.Path(path_type=Path))
@click.option("--epochs", type=Epochs(), required=True, help="Which moments, as 0,5,20,100.")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The picture: .png, .svg or .pdf.  "
              "[default: renders/<scene>.sheet.png]")  # fmt: skip
@scene_options
def sheet(scene: Path, output: Path | None, asked: Asked, **look: Any) -> None:
    """Make a contact sheet: a scene's views at several epochs, side by side."""
    from nnanim.rendering.stills import contact

    _make(contact, "a contact sheet", ".sheet.png", scene, output, asked, **look)


def _make(
    draw: Callable[..., Path],
    what: str,
    ending: str,
    scene: Path,
    output: Path | None,
    asked: Asked,
    **look: Any,
) -> None:
    """Make a picture of one scene by `draw`, which takes what is said of its `look`."""
    from nnanim.commands.directions import directions_of
    from nnanim.scene.finding import scene_file

    if scene.is_dir():
        raise UsageError(f"{scene} is a folder: {what} is made of one scene")
    file = scene_file(scene)
    path = output_path(f"{file.stem}{ending}", output)
    drawn = directions_of(**asked.directions)
    with work_on(file) as progress:
        subject = scene_or_recording(file, asked.settings, asked.seed, asked.model, drawn)
        draw(subject, path, **look, cache=not asked.no_cache, progress=progress)
    report(path, {}, asked.opened, asked.as_json)
